//! Correlations between structures.
//!
//! With `r² = Σ_k (x_k − x'_k)²/ℓ_k²` over the columns,
//!
//! ```text
//! Matérn, ν = 5/2   k = s²·(1 + √5·r + 5r²/3)·exp(−√5·r)
//! squared           k = s²·exp(−r²/2)
//! ```
//!
//! # Source
//!
//! Rasmussen & Williams, *Gaussian Processes for Machine Learning* (2006), chapter 4.

use serde::{Deserialize, Serialize};

/// How fast a correlation falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Matérn's with ν = 5/2: functions with two derivatives.
    Matern,
    /// The squared exponential: functions with all derivatives.
    Rbf,
}

impl Shape {
    /// The correlation at a squared distance `r²`, and its `−∂k/∂(r²/2)`.
    pub(super) fn value(self, square: f64) -> (f64, f64) {
        match self {
            Self::Rbf => {
                let value = (-0.5 * square).exp();
                (value, value)
            }
            Self::Matern => {
                let r = (5.0 * square).sqrt();
                let decay = (-r).exp();
                let value = (1.0 + r + r * r / 3.0) * decay;
                (value, 5.0 / 3.0 * (1.0 + r) * decay)
            }
        }
    }
}
