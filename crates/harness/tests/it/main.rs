//! Whole-program tests.

mod report;
mod report_study;
