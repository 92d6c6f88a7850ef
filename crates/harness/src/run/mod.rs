//! Running trials, and what is left of them: the records.

mod execute;
mod keep;
mod prepare;
mod queue;
mod record;
mod store;
mod watch;

pub use execute::{Library, Outcome, Step, execute};
pub use keep::Keep;
pub(crate) use keep::locked;
pub(crate) use prepare::ids_by_part;
pub use prepare::{Prepared, prepare};
pub use queue::{Queue, Shard};
pub use record::{Candidate, Equation, FrontPoint, Machine, RunRecord, Seconds, Status, Trial};
pub use store::Store;
pub use watch::Watch;
