//! x
mod files;
mod results;
pub use files::write_with;
pub use results::{Results, StudySummary, TrialPredictions};
