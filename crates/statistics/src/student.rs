//! Paired t tests, with and without the correction for overlapping subsamples.

use serde::Serialize;

use crate::{
    Alternative, Error, Interval, Result, check,
    distribution::{student_above, student_quantile},
};

/// What the pairs have in common.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub enum Repeats {
    /// Nothing: every pair is from data of its own.
    Independent,
    /// Structures: the pairs are from repeated random splits of one data set.
    Overlapping {
        /// Structures in the test part over those in the training part, `n₂/n₁`.
        test_over_train: f64,
    },
    /// Structures: the pairs are from random subsamples of one pool, tested on
    /// others that are always the same.
    Subsamples {
        /// Structures in a subsample over those in the pool.
        share: f64,
    },
}

/// Student's t of the mean difference of pairs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PairedT {
    /// Number of pairs, `J`.
    pub count: usize,
    /// Mean difference, in the unit of the differences.
    pub mean: f64,
    /// Standard error of the mean, in the same unit.
    pub standard_error: f64,
    /// Degrees of freedom, `J - 1`.
    pub freedom: f64,
}

impl PairedT {
    /// The t of differences, one a pair.
    ///
    /// The squared standard error is `(1/J + ρ/(1 - ρ)) s²` with the sample
    /// variance `s²` and the correlation `ρ` of two repeats. Repeats on one data
    /// set share structures: with `ρ = 0` the standard error would fall to nothing
    /// with more and more repeats although there are no more data.
    ///
    /// - Independent pairs have `ρ = 0`.
    /// - For random splits Nadeau and Bengio take the share of the test part,
    ///   `ρ = n₂/(n₁ + n₂)`, so that `n₂/n₁` is added to `1/J`.
    /// - With a test part that is always the same, two subsamples have on average
    ///   the `share` of their structures in common. This takes the place of `ρ`:
    ///   exact for errors that move in proportion to a mean over the subsample, and
    ///   cautious for those that move with its square. It is their reasoning, but
    ///   not in their paper. Here `n₂/n₁` would be wrong: with 1000 structures to
    ///   test on and 50 to train on, nothing would ever differ.
    ///
    /// What is concluded then holds for other data of the kind, not for more
    /// repeats on these.
    ///
    /// Assumes differences that are about normal.
    ///
    /// - `differences`: `(J,)`, one a pair.
    ///
    /// # Errors
    ///
    /// [`Error::TooFew`] with less than two differences, [`Error::NotFinite`] if
    /// one is not finite, [`Error::Range`] if `test_over_train` is negative or
    /// not finite, or if `share` is not between 0 and 1.
    ///
    /// # Examples
    ///
    /// ```
    /// use statistics::{Alternative, PairedT, Repeats};
    /// let differences = [0.5, 0.3, 0.4, 0.2, 0.6];
    /// let plain = PairedT::new(&differences, Repeats::Independent)?;
    /// let overlapping = Repeats::Overlapping { test_over_train: 0.25 };
    /// let corrected = PairedT::new(&differences, overlapping)?;
    /// // √((1/5 + 1/4) / (1/5)) = 1.5
    /// assert!((corrected.standard_error / plain.standard_error - 1.5).abs() < 1e-12);
    /// assert!(corrected.p(0.0, Alternative::TwoSided) > plain.p(0.0, Alternative::TwoSided));
    /// # Ok::<(), statistics::Error>(())
    /// ```
    ///
    /// # Source
    ///
    /// Student, *Biometrika* **6**, 1 (1908); Nadeau & Bengio, *Mach. Learn.*
    /// **52**, 239 (2003), section 3.
    pub fn new(differences: &[f64], repeats: Repeats) -> Result<Self> {
        check::enough("differences", differences.len(), 2)?;
        check::finite("differences", differences)?;
        let count = differences.len() as f64;
        let factor = 1.0 / count + repeats.surplus()?;
        let mean = differences.iter().sum::<f64>() / count;
        let squares: f64 = differences.iter().map(|d| (d - mean) * (d - mean)).sum();
        Ok(Self {
            count: differences.len(),
            mean,
            standard_error: (factor * squares / (count - 1.0)).sqrt(),
            freedom: count - 1.0,
        })
    }

    /// `(mean - hypothesis) / standard_error`; infinite for differences that are
    /// all the same, and 0 if they are the hypothesis.
    #[must_use]
    pub fn t(&self, hypothesis: f64) -> f64 {
        let off = self.mean - hypothesis;
        if off == 0.0 {
            0.0
        } else {
            off / self.standard_error
        }
    }

    /// Probability of such a t, or one further off, if the true difference is
    /// the `hypothesis`, 0 for "there is none".
    #[must_use]
    pub fn p(&self, hypothesis: f64, alternative: Alternative) -> f64 {
        let t = self.t(hypothesis);
        match alternative {
            Alternative::TwoSided => 2.0 * student_above(t.abs(), self.freedom),
            Alternative::Greater => student_above(t, self.freedom),
            Alternative::Less => student_above(-t, self.freedom),
        }
    }

    /// The interval `mean ± t standard_error` that holds the true difference
    /// with the probability `level`.
    ///
    /// # Errors
    ///
    /// [`Error::Range`] if the level is not between 0 and 1.
    pub fn interval(&self, level: f64) -> Result<Interval> {
        check::share("the level", level)?;
        let half = student_quantile(0.5 * (1.0 - level), self.freedom) * self.standard_error;
        Ok(Interval {
            low: self.mean - half,
            estimate: self.mean,
            high: self.mean + half,
            standard_error: self.standard_error,
        })
    }
}

impl Repeats {
    /// `ρ/(1 - ρ)`, what is added to `1/J`.
    fn surplus(self) -> Result<f64> {
        match self {
            Self::Independent => Ok(0.0),
            Self::Overlapping { test_over_train } => {
                if test_over_train >= 0.0 && test_over_train.is_finite() {
                    Ok(test_over_train)
                } else {
                    Err(Error::Range {
                        what: "the size of the test part over that of the training part",
                        expected: "finite and at least 0",
                        value: test_over_train,
                    })
                }
            }
            Self::Subsamples { share } => {
                check::share("the share of the pool in a subsample", share)?;
                Ok(share / (1.0 - share))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn by_hand() {
        let test = PairedT::new(&[1.0, 2.0, 3.0], Repeats::Independent).unwrap();
        assert_relative_eq!(test.t(0.0), 2.0 * 3_f64.sqrt(), max_relative = 1e-15);
        // two degrees of freedom: the tail is (1 - t/√(2 + t²))/2
        let t = 12_f64.sqrt();
        let tail = 0.5 * (1.0 - t / 14_f64.sqrt());
        assert_relative_eq!(
            test.p(0.0, Alternative::Greater),
            tail,
            max_relative = 1e-12
        );
        assert_relative_eq!(
            test.p(0.0, Alternative::Less),
            1.0 - tail,
            max_relative = 1e-12
        );
    }

    #[test]
    fn the_same_difference_everywhere() {
        let none = PairedT::new(&[0.0; 4], Repeats::Independent).unwrap();
        assert_eq!(none.p(0.0, Alternative::TwoSided), 1.0);
        let some = PairedT::new(&[0.5; 4], Repeats::Independent).unwrap();
        assert_eq!(some.p(0.0, Alternative::TwoSided), 0.0);
        assert_eq!(some.p(0.0, Alternative::Less), 1.0);
    }

    #[test]
    fn splits_in_halves_are_subsamples_of_half() {
        let error = |repeats| {
            PairedT::new(&[1.0, 2.0, 4.0], repeats)
                .unwrap()
                .standard_error
        };
        let halves = Repeats::Overlapping {
            test_over_train: 1.0,
        };
        assert_relative_eq!(error(halves), error(Repeats::Subsamples { share: 0.5 }));
    }

    #[test]
    fn what_cannot_be_tested_is_refused() {
        let overlapping = |test_over_train| Repeats::Overlapping { test_over_train };
        assert!(PairedT::new(&[1.0], Repeats::Independent).is_err());
        assert!(PairedT::new(&[1.0, f64::NAN], Repeats::Independent).is_err());
        assert!(PairedT::new(&[1.0, 2.0], overlapping(-1.0)).is_err());
        assert!(PairedT::new(&[1.0, 2.0], overlapping(f64::NAN)).is_err());
        // all subsamples are the pool, and there is one repeat only
        assert!(PairedT::new(&[1.0, 2.0], Repeats::Subsamples { share: 1.0 }).is_err());
    }

    proptest! {
        /// A test at 5 % and an interval of 95 % are the same statement.
        #[test]
        fn the_interval_holds_zero_if_nothing_is_found(
            differences in prop::collection::vec(-1.0..2.0, 2..15),
            test_over_train in 0.0..1.0,
        ) {
            let overlapping = Repeats::Overlapping { test_over_train };
            let test = PairedT::new(&differences, overlapping).unwrap();
            let p = test.p(0.0, Alternative::TwoSided);
            // right at the border, rounding decides
            prop_assume!((p - 0.05).abs() > 1e-9);
            prop_assert_eq!(test.interval(0.95).unwrap().contains(0.0), p > 0.05);
        }
    }
}
