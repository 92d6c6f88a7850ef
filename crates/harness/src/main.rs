//! The `tycho` command line.
fn main() {}
