//! Bootstrap intervals, corrected for bias and for skewness.

use crate::{
    Interval, Result, check,
    distribution::{normal_below, normal_quantile},
    percentile::percentile,
    resample,
    summary::{deviation, mean},
};

/// How often the values are drawn again.
pub const RESAMPLES: usize = 9999;

/// Statistics closer than this share of the range of all draws are equal.
const ROUNDING: f64 = 1e-9;

/// The bias-corrected and accelerated bootstrap interval of a mean.
///
/// As [`bca`], with the mean as the statistic.
///
/// # Errors
///
/// As [`bca`].
///
/// # Examples
///
/// ```
/// use statistics::bca_mean;
/// let interval = bca_mean(&[4.0, 5.0, 6.0, 9.0], 0.95, "low_MoS2/ridge/50")?;
/// assert_eq!(interval.estimate, 6.0);
/// // the sample leans to the right, and so does the interval
/// assert!(interval.high - 6.0 > 6.0 - interval.low);
/// # Ok::<(), statistics::Error>(())
/// ```
///
/// # Source
///
/// As [`bca`].
pub fn bca_mean(values: &[f64], level: f64, name: &str) -> Result<Interval> {
    check::finite("values", values)?;
    bca(values, mean, level, name)
}

/// The bias-corrected and accelerated bootstrap interval of a statistic.
///
/// The items are drawn again with replacement [`RESAMPLES`] times. The ends are
/// the percentiles `Φ(z₀ + (z₀ + z) / (1 - a (z₀ + z)))` of the statistics of the
/// draws, where `z` is the normal quantile of `(1 ∓ level)/2`, `z₀` that of the
/// share of draws below the estimate (half of those equal to it), and
/// `a = Σd³ / (6 (Σd²)^(3/2))` with `d = t̄ - tᵢ`, `tᵢ` being the statistic without
/// item `i`. The percentiles of an estimate without bias or skew are unchanged.
///
/// Assumes items that are independent and a statistic that changes smoothly with
/// them. With ten items, expect an interval of 95 % to hold the truth about nine
/// times in ten. One item, or a statistic that is the same in every draw, gives an
/// interval of no width, which claims nothing. An interval that misses its own
/// estimate, as strong bias can make it, is widened to hold it.
///
/// - `items`: one a seed; what is drawn together, such as a pair, is one item.
/// - `statistic`: of at least one item.
/// - `level`: share of intervals that hold the truth, such as 0.95.
/// - `name`: what the items belong to. The same name and items give the same
///   interval on every machine.
///
/// # Errors
///
/// [`Error::TooFew`](crate::Error::TooFew) without items, [`Error::Range`](crate::Error::Range) if the level is not between
/// 0 and 1, [`Error::NotFinite`](crate::Error::NotFinite) if the statistic of a draw, or of all items but
/// one, is not finite.
///
/// # Examples
///
/// ```
/// use statistics::bca;
/// let pairs = [(2.0, 1.0), (3.0, 1.0), (2.0, 2.0), (5.0, 2.0)];
/// let ratio = |drawn: &[(f64, f64)]| {
///     drawn.iter().map(|p| p.0).sum::<f64>() / drawn.iter().map(|p| p.1).sum::<f64>()
/// };
/// let interval = bca(&pairs, ratio, 0.95, "first/second")?;
/// assert_eq!(interval.estimate, 2.0);
/// assert!(1.0 <= interval.low && interval.high <= 3.0);
/// # Ok::<(), statistics::Error>(())
/// ```
///
/// # Source
///
/// Efron, *J. Am. Stat. Assoc.* **82**, 171 (1987); Efron & Tibshirani, *An
/// Introduction to the Bootstrap* (1993), section 14.3.
pub fn bca<T: Clone>(
    items: &[T],
    statistic: impl Fn(&[T]) -> f64,
    level: f64,
    name: &str,
) -> Result<Interval> {
    check::enough("items", items.len(), 1)?;
    check::share("the level", level)?;
    let estimate = statistic(items);
    check::finite("statistics", &[estimate])?;
    if items.len() == 1 {
        return Ok(Interval::point(estimate));
    }
    let drawn = drawn(items, &statistic, name)?;
    if drawn.first() == drawn.last() {
        return Ok(Interval::point(estimate));
    }
    let bias = bias(&drawn, estimate);
    let acceleration = acceleration(items, &statistic)?;
    let end = |tail: f64| percentile(&drawn, shifted(normal_quantile(tail), bias, acceleration));
    Ok(Interval {
        low: end(0.5 * (1.0 - level)).min(estimate),
        estimate,
        high: end(0.5 * (1.0 + level)).max(estimate),
        standard_error: deviation(&drawn),
    })
}

/// The statistics of all draws, sorted.
fn drawn<T: Clone>(items: &[T], statistic: impl Fn(&[T]) -> f64, name: &str) -> Result<Vec<f64>> {
    let mut random = resample::named(name);
    let mut draw = || {
        let places = resample::places(items.len(), &mut random);
        let drawn: Vec<T> = places.into_iter().map(|i| items[i].clone()).collect();
        statistic(&drawn)
    };
    let mut drawn: Vec<f64> = (0..RESAMPLES).map(|_| draw()).collect();
    check::finite("statistics of draws", &drawn)?;
    drawn.sort_by(f64::total_cmp);
    Ok(drawn)
}

/// `z₀`. The share is kept off 0 and 1, which some statistics of few items reach,
/// by half a draw. Draws of the same items in another order differ from the
/// estimate by rounding only, and count as equal to it.
fn bias(sorted: &[f64], estimate: f64) -> f64 {
    let rounding = ROUNDING * (sorted[sorted.len() - 1] - sorted[0]);
    let below = sorted.partition_point(|value| *value < estimate - rounding);
    let up_to = sorted.partition_point(|value| *value <= estimate + rounding);
    let count = sorted.len() as f64;
    let share = 0.5 * (below + up_to) as f64 / count;
    normal_quantile(share.clamp(0.5 / count, 1.0 - 0.5 / count))
}

/// `a`, from leaving out one item at a time.
fn acceleration<T: Clone>(items: &[T], statistic: impl Fn(&[T]) -> f64) -> Result<f64> {
    let without = |i: usize| [&items[..i], &items[i + 1..]].concat();
    let left: Vec<f64> = (0..items.len()).map(|i| statistic(&without(i))).collect();
    check::finite("statistics without one item", &left)?;
    let center = mean(&left);
    let sum_of = |power| -> f64 { left.iter().map(|t| (center - t).powi(power)).sum() };
    let spread = sum_of(2).powf(1.5);
    Ok(if spread > 0.0 {
        sum_of(3) / (6.0 * spread)
    } else {
        0.0
    })
}

/// The share of draws below the end that a normal quantile stands for.
fn shifted(quantile: f64, bias: f64, acceleration: f64) -> f64 {
    let moved = bias + quantile;
    let scale = 1.0 - acceleration * moved;
    if scale > 0.0 {
        normal_below(bias + moved / scale)
    } else {
        // past the pole, where the end has already gone to infinity
        f64::from(u8::from(moved > 0.0))
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;
    use crate::Error;

    #[test]
    fn nothing_varies_nothing_is_claimed() {
        assert_eq!(bca_mean(&[2.0], 0.95, "one"), Ok(Interval::point(2.0)));
        let same = bca_mean(&[0.1; 7], 0.95, "same").unwrap();
        assert_eq!((same.low, same.high), (same.estimate, same.estimate));
        assert!(bca_mean(&[], 0.95, "none").is_err());
        assert!(bca_mean(&[1.0, f64::NAN], 0.95, "none").is_err());
        assert!(bca_mean(&[1.0, 2.0], 1.0, "sure").is_err());
    }

    #[test]
    fn without_bias_and_acceleration_percentiles_stay() {
        assert_relative_eq!(
            shifted(normal_quantile(0.1), 0.0, 0.0),
            0.1,
            max_relative = 1e-12
        );
    }

    /// Five values with deviations -2, -1, 0, 1, 2 from the mean and then one of
    /// them moved: by hand, leaving `x` out moves the mean by `(x̄ - x)/(n - 1)`.
    #[test]
    fn acceleration_by_hand() {
        let flat = acceleration(&[1.0, 2.0, 3.0, 4.0, 5.0], mean).unwrap();
        assert_relative_eq!(flat, 0.0, epsilon = 1e-15);
        // deviations 1, 1, -2 over 2, with the sign of x - x̄: 2,-1,-1 → (8-2)/(6·6^1.5)
        let skewed = acceleration(&[5.0, 2.0, 2.0], mean).unwrap();
        assert_relative_eq!(skewed, 1.0 / 6_f64.powf(1.5), max_relative = 1e-12);
    }

    #[test]
    fn past_the_pole_the_end_is_the_last_draw() {
        assert_eq!(shifted(2.0, 0.0, 0.6), 1.0);
        assert_eq!(shifted(-2.0, 0.0, -0.6), 0.0);
    }

    #[test]
    fn an_infinite_statistic_is_refused() {
        let inverse = |values: &[f64]| 1.0 / mean(values);
        let refused = bca(&[0.0, 1.0, 2.0], inverse, 0.95, "inverse");
        assert!(matches!(refused, Err(Error::NotFinite { .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// The interval holds its estimate, stays within the values, and is the
        /// same when it is made again; a higher level gives a wider one.
        #[test]
        fn holds_its_mean(values in prop::collection::vec(-1e3..1e3, 1..12)) {
            let interval = bca_mean(&values, 0.9, "row").unwrap();
            let wide = bca_mean(&values, 0.99, "row").unwrap();
            prop_assert!(interval.contains(interval.estimate));
            prop_assert!(wide.low <= interval.low && interval.high <= wide.high);
            let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
            prop_assert!(wide.low >= smallest - 1e-9);
            prop_assert_eq!(interval, bca_mean(&values, 0.9, "row").unwrap());
        }

        /// Of a mean in another unit and with another zero, the interval is the
        /// same.
        #[test]
        fn does_not_see_the_unit(
            values in prop::collection::vec(-10.0..10.0, 2..12),
            scale in 0.1..100.0,
            zero in -10.0..10.0,
        ) {
            let here = bca_mean(&values, 0.95, "row").unwrap();
            let moved: Vec<f64> = values.iter().map(|x| scale * x + zero).collect();
            let there = bca_mean(&moved, 0.95, "row").unwrap();
            // rounding, and 9999 places that a percentile can fall between
            let loose = 1e-6 * there.standard_error + 1e-9;
            assert_relative_eq!(there.low, scale * here.low + zero, epsilon = loose);
            assert_relative_eq!(there.high, scale * here.high + zero, epsilon = loose);
        }
    }
}
