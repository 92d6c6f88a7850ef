//! How far predictions are from their targets.

/// The scores of one trial.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Score {
    /// Mean absolute error, in the unit of the values.
    pub mae: f64,
    /// Root of the mean square error, in the same unit.
    pub rmse: f64,
    /// Coefficient of determination, at most 1.
    pub r2: f64,
}

impl Score {
    /// All scores of predictions `ŷ` against targets `y`, in that order, where the
    /// error of a structure counts `w` times:
    ///
    /// ```text
    /// mae = Σ w|y - ŷ| / Σ w    rmse = √(Σ w(y - ŷ)² / Σ w)
    /// r2  = 1 - Σ w(y - ŷ)² / Σ w(y - ȳ)²
    /// ```
    ///
    /// Where all targets are equal `r2` says nothing: then it is 1 if every prediction
    /// is exact, and 0 otherwise.
    ///
    /// - `targets`, `predicted`: `(N,)`, one value a structure, in one unit.
    /// - `weights`: `(N,)`, above zero.
    ///
    /// # Panics
    ///
    /// As [`mean_absolute_error`].
    #[must_use]
    pub fn new(targets: &[f64], predicted: &[f64], weights: &[f64]) -> Self {
        check(targets, predicted);
        let sum = |values: &mut dyn Iterator<Item = f64>| -> f64 {
            values.zip(weights).map(|(value, w)| w * value).sum()
        };
        let count: f64 = weights.iter().sum();
        let center = sum(&mut targets.iter().copied()) / count;
        let residual = sum(&mut errors(targets, predicted).map(|e| e * e));
        let total = sum(&mut targets.iter().map(|y| (y - center) * (y - center)));
        Self {
            mae: sum(&mut errors(targets, predicted).map(f64::abs)) / count,
            rmse: (residual / count).sqrt(),
            r2: explained(residual, total),
        }
    }

    /// The same scores with errors in another unit, `factor` of it in one of
    /// this.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self {
            mae: self.mae * factor,
            rmse: self.rmse * factor,
            r2: self.r2,
        }
    }
}

/// The mean absolute error `Σ|yᵢ - ŷᵢ| / N`.
///
/// # Panics
///
/// If there is no target to score, if there are more or fewer predictions than
/// targets, or if a value is not finite.
///
/// # Examples
///
/// ```
/// use harness::statistics::mean_absolute_error;
/// assert_eq!(mean_absolute_error(&[1.0, -2.0], &[1.5, -1.0]), 0.75);
/// ```
#[must_use]
pub fn mean_absolute_error(targets: &[f64], predicted: &[f64]) -> f64 {
    check(targets, predicted);
    let sum: f64 = errors(targets, predicted).map(f64::abs).sum();
    sum / targets.len() as f64
}

/// What is not left over.
fn explained(residual: f64, total: f64) -> f64 {
    if residual == 0.0 {
        1.0
    } else if total == 0.0 {
        0.0
    } else {
        1.0 - residual / total
    }
}

fn errors(targets: &[f64], predicted: &[f64]) -> impl Iterator<Item = f64> {
    targets.iter().zip(predicted).map(|(y, p)| p - y)
}

fn check(targets: &[f64], predicted: &[f64]) {
    assert!(!targets.is_empty(), "no target to score");
    assert_eq!(
        targets.len(),
        predicted.len(),
        "one prediction a target is needed"
    );
    assert!(
        targets.iter().chain(predicted).all(|x| x.is_finite()),
        "targets and predictions must be finite"
    );
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    fn even(targets: &[f64], predicted: &[f64]) -> Score {
        Score::new(targets, predicted, &vec![1.0; targets.len()])
    }

    #[test]
    fn by_hand() {
        let score = even(&[1.0, 2.0, 3.0, 6.0], &[1.0, 3.0, 3.0, 4.0]);
        assert_relative_eq!(score.mae, 0.75);
        assert_relative_eq!(score.rmse, 1.25_f64.sqrt());
        assert_relative_eq!(score.r2, 1.0 - 5.0 / 14.0);
        assert_relative_eq!(score.scaled(1000.0).mae, 750.0);
        let alone = mean_absolute_error(&[1.0, 2.0, 3.0, 6.0], &[1.0, 3.0, 3.0, 4.0]);
        assert_relative_eq!(alone, 0.75);
    }

    #[test]
    fn a_structure_that_counts_twice_is_there_twice() {
        let twice = even(&[1.0, 2.0, 2.0, 6.0], &[1.0, 3.0, 3.0, 4.0]);
        let weighted = Score::new(&[1.0, 2.0, 6.0], &[1.0, 3.0, 4.0], &[1.0, 2.0, 1.0]);
        assert_relative_eq!(weighted.mae, twice.mae);
        assert_relative_eq!(weighted.rmse, twice.rmse);
        assert_relative_eq!(weighted.r2, twice.r2);
    }

    #[test]
    #[should_panic(expected = "no target to score")]
    fn nothing_to_score_is_a_bug() {
        let _ = mean_absolute_error(&[], &[]);
    }

    #[test]
    #[should_panic(expected = "must be finite")]
    fn a_prediction_that_is_not_a_number_is_a_bug() {
        let _ = even(&[1.0], &[f64::NAN]);
    }

    #[test]
    fn equal_targets_have_no_ratio() {
        assert_relative_eq!(even(&[2.0, 2.0], &[2.0, 2.0]).r2, 1.0);
        assert_relative_eq!(even(&[2.0, 2.0], &[2.0, 2.5]).r2, 0.0);
    }

    proptest! {
        /// A shift of the energy zero moves truth and prediction alike, so it
        /// must not move a score.
        #[test]
        fn no_score_sees_the_energy_zero(
            pairs in prop::collection::vec((-10.0..10.0, -10.0..10.0), 2..50),
            zero in -100.0..100.0,
        ) {
            let (truth, predicted): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let shift = |ys: &[f64]| ys.iter().map(|y| y + zero).collect::<Vec<_>>();
            let there = even(&shift(&truth), &shift(&predicted));
            let here = even(&truth, &predicted);
            // rounding at values of about 100
            assert_relative_eq!(there.mae, here.mae, epsilon = 1e-10);
            assert_relative_eq!(there.rmse, here.rmse, epsilon = 1e-10);
            assert_relative_eq!(there.r2, here.r2, epsilon = 1e-6, max_relative = 1e-6);
            prop_assert!(here.rmse >= here.mae * (1.0 - 1e-12));
        }
    }
}
