//! Whole-crate tests.

mod data;
