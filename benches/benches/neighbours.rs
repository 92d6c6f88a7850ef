//! Neighbours within a cutoff.
fn main() {}
