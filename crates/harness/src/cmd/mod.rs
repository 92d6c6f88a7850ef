//! One file a verb.

pub mod data;
pub mod equation;
pub mod fit;
mod interrupt;
pub mod report;
pub mod run;
pub mod status;
