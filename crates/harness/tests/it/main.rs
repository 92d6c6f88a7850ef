//! Tests over the whole crate, in one binary.

// `allow-unwrap-in-tests` does not reach the helpers of an integration test
#![allow(clippy::unwrap_used)]

mod data;
mod report;
mod report_study;
mod run;
