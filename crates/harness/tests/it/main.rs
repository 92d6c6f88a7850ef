//! Tests over the whole crate, in one binary.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests are tests, which the lint does not know"
)]

mod cluster;
mod data;
mod docs;
mod external;
mod fit;
mod law;
mod page;
mod paper;
mod real;
mod report;
mod report_study;
mod run;
mod shared;
mod storage;
mod train;
