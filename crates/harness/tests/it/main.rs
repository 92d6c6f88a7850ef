//! Whole-crate tests.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests are tests, which the lint does not know"
)]

mod data;
