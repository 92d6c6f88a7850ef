//! Tables on disk: predictions as parquet, numbers as CSV.
//!
//! This is the only place that knows polars; its build is long, and nothing
//! else waits for it. polars is used eagerly: its lazy engine would bring a
//! whole network stack.

mod csv;
mod predictions;
mod scores;

pub use csv::{Column, csv};
pub use predictions::{PredictionPrecision, read_predictions, write_predictions};
pub use scores::{TrialScore, read_learning_curve};
