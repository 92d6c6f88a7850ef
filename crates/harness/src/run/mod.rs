//! Running trials, and what is left of them: the records.

mod record;

pub use record::{Equation, FrontPoint, RunRecord, Seconds, Status, Trial};
