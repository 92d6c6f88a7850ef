//! Losses, their derivatives and their best constants.

use crate::settings::Loss;

/// Residuals of the absolute losses count as zero below this.
const ZERO_RESIDUAL: f64 = 1e-6;

impl Loss {
    /// `g`, the negative derivative of the loss by the prediction.
    ///
    /// That of the squared error is `t - a`, without the factor 2 and the root.
    #[must_use]
    pub fn gradient(self, target: f64, prediction: f64) -> f64 {
        let residual = target - prediction;
        match self {
            Self::Rmse => residual,
            Self::Mae => pinball(residual, 0.5),
            Self::Quantile { alpha } => pinball(residual, alpha),
            Self::Huber { delta } => residual.clamp(-delta, delta),
        }
    }

    /// `h`, the negative second derivative of the loss by the prediction.
    #[must_use]
    pub fn curvature(self, target: f64, prediction: f64) -> f64 {
        match self {
            Self::Rmse => -1.0,
            Self::Huber { delta } if (target - prediction).abs() < delta => -1.0,
            Self::Mae | Self::Quantile { .. } | Self::Huber { .. } => 0.0,
        }
    }

    /// The loss of predictions.
    ///
    /// - `targets`, `predictions`, `weights`: `(n,)`.
    /// - returns: a weighted mean, in the unit of the target (squared for
    ///   `Huber`); the root of it for `RMSE`.
    ///
    /// # Panics
    ///
    /// If the lengths differ.
    #[must_use]
    pub fn mean(self, targets: &[f64], predictions: &[f64], weights: &[f64]) -> f64 {
        assert!(
            targets.len() == predictions.len() && targets.len() == weights.len(),
            "a loss needs a prediction and a weight for every target"
        );
        let rows = targets.iter().zip(predictions).zip(weights);
        let sum: f64 = rows.map(|((t, a), w)| w * self.of_residual(t - a)).sum();
        let mean = sum / weights.iter().sum::<f64>();
        if self == Self::Rmse {
            mean.sqrt()
        } else {
            mean
        }
    }

    fn of_residual(self, residual: f64) -> f64 {
        let size = residual.abs();
        match self {
            Self::Rmse => residual * residual,
            Self::Mae => size,
            Self::Quantile { alpha } if residual > 0.0 => alpha * size,
            Self::Quantile { alpha } => (1.0 - alpha) * size,
            Self::Huber { delta } if size < delta => 0.5 * residual * residual,
            Self::Huber { delta } => delta * (size - 0.5 * delta),
        }
    }

    /// The constant of the least loss: the mean for `RMSE` (and for `Huber`, of
    /// which it is only near), a quantile for the others.
    pub(crate) fn best_constant(self, values: &[f64], weights: &[f64]) -> f64 {
        let alpha = match self {
            Self::Rmse | Self::Huber { .. } => {
                let sum: f64 = values.iter().zip(weights).map(|(v, w)| v * w).sum();
                return sum / weights.iter().sum::<f64>();
            }
            Self::Mae => 0.5,
            Self::Quantile { alpha } => alpha,
        };
        let mut pairs: Vec<(f64, f64)> = values
            .iter()
            .copied()
            .zip(weights.iter().copied())
            .collect();
        quantile(&mut pairs, alpha)
    }

    /// `α` of the losses that are quantiles.
    pub(crate) fn alpha(self) -> Option<f64> {
        match self {
            Self::Mae => Some(0.5),
            Self::Quantile { alpha } => Some(alpha),
            Self::Rmse | Self::Huber { .. } => None,
        }
    }
}

fn pinball(residual: f64, alpha: f64) -> f64 {
    if residual.abs() < ZERO_RESIDUAL {
        0.0
    } else if residual > 0.0 {
        alpha
    } else {
        alpha - 1.0
    }
}

/// The weighted quantile of `(value, weight)` pairs; 0 of none.
///
/// It is the first value at which the running weight reaches `α` of all of it,
/// moved down or up by the width of a zero residual, as `CatBoost` does.
pub(crate) fn quantile(pairs: &mut [(f64, f64)], alpha: f64) -> f64 {
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let need = alpha * pairs.iter().map(|pair| pair.1).sum::<f64>();
    let mut running = 0.0;
    let reached = |&&(_, weight): &&(f64, f64)| {
        running += weight;
        running >= need - f64::EPSILON
    };
    let Some(&(value, _)) = pairs.iter().find(reached).or(pairs.last()) else {
        return 0.0;
    };
    let weight = |pairs: &[(f64, f64)]| pairs.iter().map(|pair| pair.1).sum::<f64>();
    let below = pairs.partition_point(|pair| pair.0 < value);
    let upto = pairs.partition_point(|pair| pair.0 <= value);
    let (less, equal) = (weight(&pairs[..below]), weight(&pairs[below..upto]));
    if less + alpha * equal >= need - f64::EPSILON {
        value - ZERO_RESIDUAL
    } else {
        value + ZERO_RESIDUAL
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn gradients_are_slopes_of_the_loss() {
        let step = 1e-6;
        for loss in [
            Loss::Quantile { alpha: 0.3 },
            Loss::Huber { delta: 1.0 },
            Loss::Huber { delta: 0.1 },
        ] {
            for residual in [-0.7, 0.4] {
                let at = |a: f64| loss.mean(&[residual], &[a], &[1.0]);
                let slope = (at(-step) - at(step)) / (2.0 * step);
                // Central differences are exact for lines and parabolas.
                assert_relative_eq!(loss.gradient(residual, 0.0), slope, epsilon = 1e-8);
            }
        }
    }

    #[test]
    fn a_quantile_by_hand() {
        let mut pairs = [(3.0, 1.0), (1.0, 1.0), (2.0, 1.0), (4.0, 1.0)];
        // 1 + 0.3 of the weights lie at 2 or below, 1.2 are needed: just below 2.
        assert_relative_eq!(quantile(&mut pairs, 0.3), 2.0 - 1e-6);
        assert_relative_eq!(quantile(&mut [(5.0, 2.0)], 0.5), 5.0 - 1e-6);
        assert_relative_eq!(quantile(&mut [], 0.5), 0.0);
    }

    #[test]
    fn the_loss_by_hand() {
        let rmse = Loss::Rmse.mean(&[1.0, 2.0], &[1.0, 0.0], &[1.0, 3.0]);
        assert_relative_eq!(rmse, 3.0_f64.sqrt());
    }
}
