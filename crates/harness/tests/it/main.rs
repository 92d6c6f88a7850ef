//! Tests over the whole crate, in one binary.

mod data;
mod report;
mod report_study;
