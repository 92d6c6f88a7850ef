//! Studies: what is compared with what, on which data.
//!
//! A study is a TOML file. [`Study::parse`] turns it into values and checks
//! everything that can be checked without the data; [`plan`] lays out its
//! trials.

mod plan;
mod settings;
mod split;

pub use plan::{PlannedTrial, plan, trial_hash};
pub use settings::{Budget, ModelEntry, Source, SplitSettings, Study};
pub use split::{Split, is_validation};
