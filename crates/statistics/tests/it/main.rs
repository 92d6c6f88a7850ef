//! The crate from the outside.

mod coverage;
mod golden;
mod laws;
