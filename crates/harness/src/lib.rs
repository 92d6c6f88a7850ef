//! Data sets, studies, trials, records and reports: the line from a crystal
//! structure to a figure.
//!
//! ```text
//! dataset ─▶ study::Split ─▶ run::Trial ─▶ models::Regressor ─▶ models::Model ─▶ run::RunRecord
//!                           report, figure, table ◀─ statistics ◀──────────────────┘
//! ```
//!
//! The records are the narrow waist: whatever comes after them can be thrown
//! away and made again by `tycho report`.
//!
//! # Where to start
//!
//! [`dataset::Dataset`] is what is learnt from, [`run::RunRecord`] is what is
//! left of a trial.

pub mod cli;
pub mod cmd;
pub mod dataset;
pub mod error;
pub mod figure;
mod files;
pub mod formula;
pub mod memory;
pub mod models;
pub mod report;
pub mod run;
pub mod statistics;
pub mod study;
pub mod table;
