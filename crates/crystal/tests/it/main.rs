//! Tests of the crate from outside, one program for all of them.

// `allow-unwrap-in-tests` does not reach the helpers of an integration test
#![allow(clippy::unwrap_used)]

mod formats;
mod geometry;
mod hostile;
mod round_trip;
mod structural;
