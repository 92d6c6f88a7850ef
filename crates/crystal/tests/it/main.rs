//! Tests of the crate from outside, one program for all of them.

mod formats;
mod hostile;
mod round_trip;
