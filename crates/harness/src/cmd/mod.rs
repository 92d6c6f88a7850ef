//! One file a verb.

pub mod compare;
pub mod data;
mod device;
pub mod equation;
pub mod explain;
pub mod fit;
mod interrupt;
pub mod law;
pub mod merge;
pub mod predict;
pub mod report;
pub mod rerun;
pub mod run;
pub mod shell;
pub mod status;
pub mod submit;
mod task;
pub mod train;
mod verify;
