//! An estimate and how far it can be trusted.

use serde::Serialize;

/// An estimate, its standard error and the ends of its confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Lower end, never above `estimate`.
    pub low: f64,
    /// The estimate from the values as they are.
    pub estimate: f64,
    /// Upper end, never below `estimate`.
    pub high: f64,
    /// Standard deviation of the estimate.
    pub standard_error: f64,
}

impl Interval {
    /// Whether a value lies in the interval, ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// An interval of no width, which claims nothing about its error.
    pub(crate) fn point(estimate: f64) -> Self {
        Self {
            low: estimate,
            estimate,
            high: estimate,
            standard_error: 0.0,
        }
    }
}
