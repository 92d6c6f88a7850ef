//! Scores of one trial, and what a handful of seeds says about them.
//!
//! [`Score`] compares predictions with targets. A model is scored once a seed;
//! [`mean_interval`] says how well the few seeds pin down their mean. Whether one
//! model is better than another is a matter of the crate `statistics`.
//!
//! # Invariants
//!
//! 1. `NaN` never leaves this module: functions panic on values that are not
//!    finite and on nothing to score, since both are mistakes of the caller.
//! 2. The bootstrap depends on the values and a name alone, never on the order
//!    in which rows are made.

mod bootstrap;
mod score;
mod summary;

pub(crate) use bootstrap::percentile;
pub use bootstrap::{Interval, RESAMPLES, mean_interval};
pub use score::{Score, mean_absolute_error};
pub use summary::{mean, median, standard_deviation};
