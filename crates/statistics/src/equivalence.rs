//! Two one-sided tests: are two models as good as equal?

use serde::Serialize;

use crate::{Alternative, Error, PairedT, Repeats, Result, check};

/// The outcome of two one-sided tests.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Equivalence {
    /// Mean and standard error of the differences, or of the logarithms of the
    /// ratios.
    pub difference: PairedT,
    /// The largest difference that is still as good as none, on the same scale.
    pub margin: f64,
    /// p value against "the difference is at or below `-margin`".
    pub p_above_low: f64,
    /// p value against "the difference is at or above `margin`".
    pub p_below_high: f64,
}

impl Equivalence {
    /// The larger of the two p values. If it is below the significance `α`, the
    /// models are equivalent: the interval of level `1 - 2α` lies within the
    /// margins.
    #[must_use]
    pub fn p(&self) -> f64 {
        self.p_above_low.max(self.p_below_high)
    }
}

/// Tests whether the mean difference of pairs is within `± margin`.
///
/// That no difference is found does not say that there is none. Here the burden
/// is turned: a difference as large as the margin is assumed, on either side, and
/// the data have to speak against it.
///
/// Assumes what [`PairedT::new`] does, and a margin that was stated before the
/// data were seen.
///
/// - `differences`: one a pair.
/// - `margin`: in the unit of the differences.
///
/// # Errors
///
/// [`Error::Range`] if the margin is not positive and finite; otherwise as
/// [`PairedT::new`].
///
/// # Examples
///
/// ```
/// use statistics::{Repeats, tost};
/// let differences = [0.1, -0.2, 0.0, 0.2, -0.1];
/// assert!(tost(&differences, 1.0, Repeats::Independent)?.p() < 0.001);
/// assert!(tost(&differences, 0.1, Repeats::Independent)?.p() > 0.05);
/// # Ok::<(), statistics::Error>(())
/// ```
///
/// # Source
///
/// Schuirmann, *J. Pharmacokinet. Biopharm.* **15**, 657 (1987); the
/// standard error of repeats that overlap is that of [`PairedT::new`].
pub fn tost(differences: &[f64], margin: f64, repeats: Repeats) -> Result<Equivalence> {
    if !(margin > 0.0 && margin.is_finite()) {
        return Err(Error::Range {
            what: "the margin",
            expected: "positive and finite",
            value: margin,
        });
    }
    let difference = PairedT::new(differences, repeats)?;
    Ok(Equivalence {
        difference,
        margin,
        p_above_low: difference.p(-margin, Alternative::Greater),
        p_below_high: difference.p(margin, Alternative::Less),
    })
}

/// Tests whether the errors of two models have a ratio between `1/ratio` and
/// `ratio`.
///
/// As [`tost`] on the logarithms of `first / second`, with the margin
/// `ln ratio`. The mean is then of the logarithms, so that the ratio is a
/// geometric mean, in which no seed counts for more because its errors are
/// larger.
///
/// - `first`, `second`: errors in one unit, paired by their place.
/// - `ratio`: above 1, such as 1.1 for "within ten per cent".
///
/// # Errors
///
/// [`Error::Length`] if there are not as many errors of both,
/// [`Error::NotPositive`] if one is not positive, [`Error::Range`] if the ratio
/// is not above 1; otherwise as [`PairedT::new`].
///
/// # Examples
///
/// ```
/// use statistics::{Repeats, tost_ratio};
/// let (first, second) = ([50.0, 61.0, 40.0], [51.0, 60.0, 40.5]);
/// assert!(tost_ratio(&first, &second, 1.1, Repeats::Independent)?.p() < 0.05);
/// # Ok::<(), statistics::Error>(())
/// ```
///
/// # Source
///
/// As [`tost`]; ratios after Hauschke, Steinijans & Pigeot, *Bioequivalence
/// Studies in Drug Development* (2007).
pub fn tost_ratio(
    first: &[f64],
    second: &[f64],
    ratio: f64,
    repeats: Repeats,
) -> Result<Equivalence> {
    check::length("the second model", first.len(), second.len())?;
    check::positive("errors of the first model", first)?;
    check::positive("errors of the second model", second)?;
    if !(ratio > 1.0 && ratio.is_finite()) {
        return Err(Error::Range {
            what: "the largest ratio",
            expected: "above 1 and finite",
            value: ratio,
        });
    }
    let pairs = first.iter().zip(second);
    let logarithms: Vec<f64> = pairs.map(|(a, b)| a.ln() - b.ln()).collect();
    tost(&logarithms, ratio.ln(), repeats)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn margins_without_a_meaning_are_refused() {
        let independent = Repeats::Independent;
        for margin in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(tost(&[0.1, 0.2], margin, independent).is_err());
        }
        assert!(tost_ratio(&[1.0, 2.0], &[1.0, 2.0], 1.0, independent).is_err());
        assert!(tost_ratio(&[1.0, 2.0], &[1.0], 1.1, independent).is_err());
        assert!(tost_ratio(&[1.0, 0.0], &[1.0, 2.0], 1.1, independent).is_err());
    }

    #[test]
    fn a_difference_of_the_margin_is_a_coin_toss() {
        let test = tost(&[0.5, 1.0, 1.5], 1.0, Repeats::Independent).unwrap();
        assert_relative_eq!(test.p(), 0.5, max_relative = 1e-12);
    }

    proptest! {
        /// Equivalent at 5 % is an interval of 90 % within the margins.
        #[test]
        fn is_the_same_as_the_interval(
            differences in prop::collection::vec(-1.0..1.0, 2..15),
            margin in 0.05..2.0,
            test_over_train in 0.0..0.5,
        ) {
            let test = tost(&differences, margin, Repeats::Overlapping { test_over_train }).unwrap();
            // right at the border, rounding decides
            prop_assume!((test.p() - 0.05).abs() > 1e-9);
            let interval = test.difference.interval(0.9).unwrap();
            let within = -margin < interval.low && interval.high < margin;
            prop_assert_eq!(within, test.p() < 0.05);
        }

        /// Neither the unit nor the order of the two models matters.
        #[test]
        fn the_ratio_does_not_see_the_unit(
            pairs in prop::collection::vec((0.5..2.0, 0.5..2.0), 2..12),
            scale in 0.001..1000.0,
        ) {
            let (first, second): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let scaled = |xs: &[f64]| xs.iter().map(|x| x * scale).collect::<Vec<_>>();
            let p = |a: &[f64], b: &[f64]| {
                tost_ratio(a, b, 1.25, Repeats::Independent).unwrap().p()
            };
            let here = p(&first, &second);
            // rounding of logarithms
            assert_relative_eq!(p(&scaled(&first), &scaled(&second)), here, max_relative = 1e-7, epsilon = 1e-9);
            assert_relative_eq!(p(&second, &first), here, max_relative = 1e-9, epsilon = 1e-12);
        }
    }
}
