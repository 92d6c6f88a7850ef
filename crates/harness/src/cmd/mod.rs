//! One file a verb.

pub mod data;
pub mod report;
pub mod run;
pub mod status;
