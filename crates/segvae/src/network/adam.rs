//! Adam on one list of numbers.
//!
//! ```text
//! m ← β₁ m + (1 - β₁) g      v ← β₂ v + (1 - β₂) g²
//! θ ← θ - η (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε)
//! ```
//!
//! with `ε = 10⁻⁸`. Kingma & Ba, arXiv:1412.6980.

use pulp::Arch;
use serde::{Deserialize, Serialize};

const EPSILON: f32 = 1e-8;

/// The optimizer's memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adam {
    pub(super) first: Vec<f32>,
    pub(super) second: Vec<f32>,
    pub(super) steps: i32,
}

impl Adam {
    /// A memory of nothing.
    #[must_use]
    pub fn new(parameters: usize) -> Self {
        Self {
            first: vec![0.0; parameters],
            second: vec![0.0; parameters],
            steps: 0,
        }
    }

    /// Moves the parameters by one step.
    ///
    /// - `parameters`, `gradient`: equally long.
    /// - `betas`: `β₁` and `β₂`.
    #[expect(clippy::cast_possible_truncation, reason = "the parameters are f32")]
    pub fn step(&mut self, parameters: &mut [f32], gradient: &[f32], rate: f64, betas: (f64, f64)) {
        self.steps += 1;
        let (beta_1, beta_2) = (betas.0 as f32, betas.1 as f32);
        let first = (rate / (1.0 - betas.0.powi(self.steps))) as f32;
        let second = (1.0 / (1.0 - betas.1.powi(self.steps))) as f32;
        let moments = self.first.iter_mut().zip(&mut self.second);
        Arch::new().dispatch(|| {
            for ((theta, (m, v)), g) in parameters.iter_mut().zip(moments).zip(gradient) {
                *m = beta_1 * *m + (1.0 - beta_1) * g;
                *v = beta_2 * *v + (1.0 - beta_2) * g * g;
                *theta -= first * *m / ((*v * second).sqrt() + EPSILON);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_is_the_rate_along_the_sign() {
        let mut adam = Adam::new(2);
        let mut x = [1.0, 1.0];
        adam.step(&mut x, &[3.0, -4.0], 0.1, (0.5, 0.999));
        approx::assert_relative_eq!(x[0], 0.9, epsilon = 1e-6);
        approx::assert_relative_eq!(x[1], 1.1, epsilon = 1e-6);
    }

    /// Second step with gradient 0: m = 0.25·3·… by hand.
    #[test]
    fn the_second_step_by_hand() {
        let mut adam = Adam::new(1);
        let mut x = [0.0];
        adam.step(&mut x, &[2.0], 0.1, (0.5, 0.999));
        adam.step(&mut x, &[0.0], 0.1, (0.5, 0.999));
        // m = 0.5, m̂ = 0.5/0.75; v = 0.999·0.004, v̂ = v/(1 - 0.999²)
        let m = 0.5 / 0.75;
        let v: f64 = 0.999 * 0.004 / (1.0 - 0.999 * 0.999);
        let expected = -0.1 - 0.1 * m / v.sqrt();
        approx::assert_relative_eq!(f64::from(x[0]), expected, max_relative = 1e-4);
    }
}
