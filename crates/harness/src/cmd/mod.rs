//! One file a verb.

pub mod data;
pub mod equation;
pub mod explain;
pub mod fit;
mod interrupt;
pub mod law;
pub mod predict;
pub mod report;
pub mod run;
pub mod status;
