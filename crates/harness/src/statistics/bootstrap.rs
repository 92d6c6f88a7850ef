//! Percentile intervals from resampled seeds.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::mean;

/// How often the seeds are drawn again.
pub const RESAMPLES: usize = 2000;

/// Share of the resampled means below and above the interval.
const TAIL: f64 = 0.025;

/// A mean and the interval that 95 % of its resampled values lie in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end, never above `mean`.
    pub low: f64,
    /// The mean of the values as they are.
    pub mean: f64,
    /// Upper end, never below `mean`.
    pub high: f64,
}

/// The bootstrap percentile interval of a mean over seeds.
///
/// The values are drawn again with replacement [`RESAMPLES`] times; the ends
/// are the 2.5 and 97.5 percentiles of the means. With one value the interval
/// has no width: it claims nothing, and figures then draw none. The percentiles
/// of a skewed sample can miss its mean; the interval is widened to hold it.
///
/// - `values`: one a seed.
/// - `name`: what the values belong to. The same name and values give the same
///   interval on every machine, whatever else is computed before.
///
/// # Panics
///
/// If there are no values or one is not finite.
///
/// # Examples
///
/// ```
/// use harness::statistics::mean_interval;
/// let interval = mean_interval(&[4.0, 5.0, 6.0], "low_MoS2/ridge/50");
/// assert_eq!(interval.mean, 5.0);
/// assert!(4.0 <= interval.low && interval.low < 5.0);
/// ```
///
/// # Source
///
/// Efron & Tibshirani, *An Introduction to the Bootstrap* (1993), chapter 13.
#[must_use]
pub fn mean_interval(values: &[f64], name: &str) -> Interval {
    let center = mean(values);
    let mut random = ChaCha8Rng::from_seed(*blake3::hash(name.as_bytes()).as_bytes());
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| resampled_mean(values, &mut random))
        .collect();
    means.sort_by(f64::total_cmp);
    Interval {
        low: percentile(&means, TAIL).min(center),
        mean: center,
        high: percentile(&means, 1.0 - TAIL).max(center),
    }
}

fn resampled_mean(values: &[f64], random: &mut ChaCha8Rng) -> f64 {
    let count = values.len();
    let sum: f64 = (0..count)
        .map(|_| values[random.random_range(0..count)])
        .sum();
    sum / count as f64
}

/// A percentile of sorted values, linear between them.
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor();
    // at most the last index, since a share is at most 1
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let index = below as usize;
    let above = (index + 1).min(sorted.len() - 1);
    sorted[index] + (place - below) * (sorted[above] - sorted[index])
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn percentiles_by_hand() {
        assert_relative_eq!(percentile(&[0.0, 1.0, 3.0], 0.5), 1.0);
        assert_relative_eq!(percentile(&[0.0, 1.0, 3.0], 0.75), 2.0);
        assert_relative_eq!(percentile(&[0.0, 1.0, 3.0], 1.0), 3.0);
    }

    #[test]
    fn one_seed_claims_nothing() {
        let interval = mean_interval(&[2.0], "a");
        assert_eq!((interval.low, interval.high), (2.0, 2.0));
    }

    /// The interval of many normal-like values is close to mean ± 1.96 σ/√N.
    #[test]
    fn agrees_with_the_normal_interval_of_many_values() {
        let values: Vec<f64> = (0..400).map(|i| f64::from(i * 37 % 400)).collect();
        let half = 1.96 * super::super::standard_deviation(&values).unwrap() / 20.0;
        let interval = mean_interval(&values, "many");
        // 2000 resamples place a percentile to about 5 % of the width
        assert_relative_eq!(interval.high - interval.mean, half, max_relative = 0.1);
        assert_relative_eq!(interval.mean - interval.low, half, max_relative = 0.1);
    }

    proptest! {
        /// The interval holds its mean and stays within the values, and is the
        /// same when it is made again.
        #[test]
        fn holds_its_mean(values in prop::collection::vec(-1e3..1e3, 1..12)) {
            let interval = mean_interval(&values, "row");
            prop_assert!(interval.low <= interval.mean && interval.mean <= interval.high);
            let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
            prop_assert!(interval.low >= smallest - 1e-9);
            prop_assert_eq!(interval, mean_interval(&values, "row"));
        }
    }
}
