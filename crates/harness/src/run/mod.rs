//! Running trials, and what is left of them: the records.

mod execute;
mod prepare;
mod queue;
mod record;
mod store;
mod watch;

pub use execute::{Library, Outcome, execute};
pub use prepare::{Prepared, prepare};
pub use queue::{Shard, run_queue};
pub use record::{Equation, FrontPoint, RunRecord, Seconds, Status, Trial};
pub use store::Store;
pub use watch::Watch;
