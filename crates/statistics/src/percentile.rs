//! Percentiles of sorted values, and of draws of few items.

use crate::distribution::{normal_below, student_quantile};

/// A percentile, linear between the two values that it falls between.
///
/// # Panics
///
/// If there are no values.
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let place = place(sorted, share);
    let below = sorted[index(place.floor())];
    let above = sorted[index(place.ceil())];
    below + (place - place.floor()) * (above - below)
}

/// The interval of a level from the values of draws of some items, outwards to the
/// next value; values may be infinite.
///
/// Draws of few items spread too little, by `√((N - 1)/N)`, and their percentiles
/// are those of a normal distribution where Student's is wider. The tail is made
/// `Φ(-t √(N/(N - 1)))`, which for a mean makes up for both (Hesterberg, *Am.
/// Stat.* **69**, 371 (2015)).
pub(crate) fn expanded(mut values: Vec<f64>, level: f64, items: usize) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    let tail = expanded_tail(0.5 * (1.0 - level), items);
    (
        percentile_below(&values, tail),
        percentile_above(&values, 1.0 - tail),
    )
}

fn expanded_tail(tail: f64, items: usize) -> f64 {
    if items < 2 {
        return tail;
    }
    let (count, freedom) = (items as f64, (items - 1) as f64);
    normal_below(-student_quantile(tail, freedom) * (count / freedom).sqrt())
}

/// The value at or next below a percentile; values may be infinite.
fn percentile_below(sorted: &[f64], share: f64) -> f64 {
    sorted[index(place(sorted, share).floor())]
}

/// The value at or next above a percentile; values may be infinite.
fn percentile_above(sorted: &[f64], share: f64) -> f64 {
    sorted[index(place(sorted, share).ceil())]
}

fn place(sorted: &[f64], share: f64) -> f64 {
    assert!(!sorted.is_empty(), "a percentile of no values");
    share.clamp(0.0, 1.0) * (sorted.len() - 1) as f64
}

/// A whole number between 0 and the last place, as an index.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn index(place: f64) -> usize {
    place as usize
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// For ten items and 95 %, t is 2.262 in any table, times √(10/9): a share of
    /// 0.0086 of a normal distribution is beyond.
    #[test]
    fn few_items_have_smaller_tails() {
        assert_relative_eq!(expanded_tail(0.025, 10), 0.0086, epsilon = 5e-5);
        // no correction is left for many
        assert_relative_eq!(expanded_tail(0.025, 100_000), 0.025, max_relative = 1e-3);
        let values: Vec<f64> = (0..=1000).rev().map(f64::from).collect();
        assert_eq!(expanded(values, 0.95, 10), (8.0, 992.0));
    }

    #[test]
    fn by_hand() {
        assert_relative_eq!(percentile(&[0.0, 1.0, 3.0], 0.5), 1.0);
        assert_relative_eq!(percentile(&[0.0, 1.0, 3.0], 0.75), 2.0);
        assert_relative_eq!(percentile(&[0.0, 1.0, 3.0], 1.0), 3.0);
        let unbounded = [f64::NEG_INFINITY, 1.0, f64::INFINITY];
        assert_eq!(percentile_below(&unbounded, 0.4), f64::NEG_INFINITY);
        assert_eq!(percentile_above(&unbounded, 0.4), 1.0);
        assert_eq!(percentile_above(&unbounded, 0.6), f64::INFINITY);
    }
}
