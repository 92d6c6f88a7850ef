//! Where a column may be split.
//!
//! A column is known to the trees only as *bins*: how many of at most 254
//! borders a value exceeds. The borders lie midway between neighbouring values
//! and are chosen once, before the first tree, by the greedy maximisation of
//! the sum of the logarithms of the bins' counts (`GreedyLogSum` of `CatBoost`):
//! many bins, none of them nearly empty.
//!
//! # Invariants
//!
//! 1. Borders rise strictly; values and borders are compared in single
//!    precision.
//! 2. A value that is not a number lies below all others: where the column has
//!    one, the first border is the lowest finite number, and counts.

use crate::heap::{Heap, Key};

/// Keeps the logarithm of an empty bin finite.
const EPSILON: f64 = 1e-8;

/// Chooses the borders of a column.
///
/// The sorted values start as one bin. As long as there are fewer than
/// `border_count` borders, the bin is split whose split raises `Σ ln nᵢ`
/// most, where `nᵢ` are the counts of the bins; a bin is split at its median,
/// below or above the values equal to it, whichever is better.
///
/// - `values`: of the rows; infinite ones do not matter for the borders.
/// - returns: rising, at most `border_count`.
///
/// # Examples
///
/// ```
/// let borders = boost::select_borders(&[1.0, 2.0, 2.0, 4.0], 254);
/// assert_eq!(borders, [1.5, 3.0]);
/// ```
///
/// # Source
///
/// `GreedyLogSum` of `CatBoost` (Prokhorenkova et al. 2018,
/// arXiv:1706.09516), whose borders these are, to the last bit.
#[must_use]
pub fn select_borders(values: &[f64], border_count: usize) -> Vec<f32> {
    let missing = values.iter().any(|value| value.is_nan());
    let mut sorted: Vec<f32> = values.iter().map(|&value| single(value)).collect();
    sorted.retain(|value| value.is_finite());
    sorted.sort_unstable_by(f32::total_cmp);
    let room = border_count.saturating_sub(usize::from(missing));
    let mut borders = greedy(&sorted, room);
    if missing && border_count > 0 {
        borders.insert(0, f32::MIN);
    }
    borders
}

/// The bin of a value: how many borders it exceeds.
///
/// A value that is not a number exceeds none.
#[must_use]
pub(crate) fn bin(borders: &[f32], value: f64) -> u8 {
    let value = single(value);
    let below = borders.partition_point(|&border| value > border);
    u8::try_from(below).unwrap_or(u8::MAX)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "columns are compared in single precision"
)]
fn single(value: f64) -> f32 {
    value as f32
}

/// A bin of sorted values, `start..end`, and its best split.
#[derive(Debug, Clone, Copy)]
struct Bin {
    start: usize,
    end: usize,
    split: usize,
    gain: f64,
}

impl Key for Bin {
    fn key(&self) -> f64 {
        self.gain
    }
}

impl Bin {
    fn new(sorted: &[f32], start: usize, end: usize) -> Self {
        let middle = start + (end - start) / 2;
        let median = sorted[middle];
        let below = start + sorted[start..middle].partition_point(|&value| value < median);
        let above = middle + sorted[middle..end].partition_point(|&value| value <= median);
        let (low, high) = (gain(start, below, end), gain(start, above, end));
        let (split, gain) = if low >= high {
            (below, low)
        } else {
            (above, high)
        };
        Self {
            start,
            end,
            split,
            gain,
        }
    }

    fn splits(&self) -> bool {
        self.split != self.start && self.split != self.end
    }
}

/// `ln n₁ + ln n₂ - ln(n₁ + n₂)` of a bin split at a position.
fn gain(start: usize, split: usize, end: usize) -> f64 {
    if split == start || split == end {
        return f64::NEG_INFINITY;
    }
    let log = |count: usize| (count as f64 + EPSILON).ln();
    log(split - start) + log(end - split) - log(end - start)
}

fn greedy(sorted: &[f32], border_count: usize) -> Vec<f32> {
    if sorted.is_empty() {
        return Vec::new();
    }
    let mut bins = Heap::default();
    bins.push(Bin::new(sorted, 0, sorted.len()));
    while bins.len() <= border_count {
        let Some(top) = bins.pop_if(Bin::splits) else {
            break;
        };
        bins.push(Bin::new(sorted, top.start, top.split));
        bins.push(Bin::new(sorted, top.split, top.end));
    }
    let starts = bins.iter().map(|bin| bin.start).filter(|&start| start > 0);
    let mut borders: Vec<f32> = starts
        .map(|start| midway(sorted[start - 1], sorted[start]))
        .collect();
    borders.sort_unstable_by(f32::total_cmp);
    borders.dedup();
    borders
}

/// The middle of two neighbours, without a negative zero.
fn midway(below: f32, above: f32) -> f32 {
    0.5 * below + 0.5 * above + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_have_a_border_between_any_two() {
        let borders = select_borders(&[3.0, 1.0, 2.0, 2.0], 254);
        assert_eq!(borders, [1.5, 2.5]);
        assert!(select_borders(&[1.0, 1.0], 254).is_empty());
        assert!(select_borders(&[], 254).is_empty());
    }

    #[test]
    fn one_border_is_at_the_median() {
        // Four equal values at the median: split above them, 5 against 2.
        let values = [1.0, 2.0, 2.0, 2.0, 2.0, 3.0, 4.0];
        assert_eq!(select_borders(&values, 1), [2.5]);
    }

    #[test]
    fn what_is_not_a_number_has_the_lowest_bin() {
        let borders = select_borders(&[f64::NAN, 1.0, 2.0], 2);
        assert_eq!(borders, [f32::MIN, 1.5]);
        assert_eq!(bin(&borders, f64::NAN), 0);
        assert_eq!(bin(&borders, 1.5), 1);
        assert_eq!(bin(&borders, f64::INFINITY), 2);
    }
}
