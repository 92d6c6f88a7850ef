//! Symbolic regression: the formulas that explain columns of numbers best, for
//! every length a formula may have.
//!
//! [`search()`] turns a [`Table`] and a target into a [`ParetoFront`]; a [`Rule`]
//! picks *the* formula: the one of the shortest description ([`mdl`]), or the one
//! that does best on data that the search has not seen ([`select()`]).
//!
//! # Why so
//!
//! - A formula is `c₀ + Σ cₖ·fₖ(x)`. The search looks for the shapes `fₖ`; the
//!   outer constants follow in closed form ([`objective`]), so that no
//!   evaluation is spent on scales.
//! - A formula is accepted only when interval arithmetic shows that it has
//!   no pole and no domain error anywhere in the box of the features
//!   ([`interval`]): what fits 300 rows must not explode at row 301.
//! - Some islands of the search look at the logarithm, inverse or square of the
//!   target, others for formulas without fitted constants; there is one front
//!   for all.
//! - Work is counted in evaluations, never in seconds: the same seed gives the
//!   same front at any number of threads, and after any number of stops
//!   ([`Search`], [`State`]).
//!
//! # Where to start
//!
//! [`op`] is the one place of an operation, [`expr`] what formulas are made
//! of, [`mod@search`] the loop, [`propose`] the seam for new ways to invent
//! formulas, [`constants`] what is known of fitted numbers.
//!
//! What comes after the search: [`mod@simplify`] shortens a formula,
//! [`mod@equivalent`] compares two, [`units`] says whether one makes sense, and
//! [`mod@export`] takes it to other programs.
//!
//! # Examples
//!
//! ```
//! use std::ops::ControlFlow;
//! use symreg::{Column, Settings, Table, search};
//!
//! let x: Vec<f64> = (0..30).map(|i| f64::from(i) / 10.0).collect();
//! let y: Vec<f64> = x.iter().map(|x| 3.0 * x * x - 1.0).collect();
//! let table = Table::new(vec![(Column::new("x", "Å"), x)])?;
//!
//! let mut settings = Settings::default();
//! settings.search.evaluations = 5_000;
//! let front = search(&table, &y, &settings, 1, &mut |_| ControlFlow::Continue(()))?;
//! assert!(front.best().error < 1e-9);
//! # Ok::<(), symreg::Error>(())
//! ```

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::float_cmp,
        reason = "a test fails by panicking, and equal floats are what it asks for"
    )
)]

pub mod canonical;
pub mod constants;
pub mod equivalent;
pub mod error;
pub mod evaluate;
pub mod export;
pub mod expr;
mod finish;
pub mod front;
pub mod genetic;
pub mod interval;
mod island;
pub mod kernels;
pub mod law;
pub mod least_squares;
mod link;
pub mod mdl;
mod memory;
mod normal;
pub mod objective;
pub mod op;
pub mod parse;
pub mod print;
mod probe;
pub mod propose;
mod reach;
pub mod robust;
pub mod search;
pub mod select;
pub mod settings;
pub mod simplify;
pub mod state;
pub mod table;
mod terms;
pub mod units;
pub mod variation;
mod view;

#[cfg(test)]
mod arbitrary;

pub use canonical::Canonical;
pub use equivalent::{Equivalence, equivalent, same_skeleton};
pub use error::{Error, Result};
pub use evaluate::Machine;
pub use export::{Format, export, export_law};
pub use expr::Expr;
pub use front::{Candidate, ParetoFront};
pub use interval::{FeatureBox, Interval};
pub use kernels::Level;
pub use objective::Objective;
pub use op::Op;
pub use propose::Proposer;
pub use search::{Ended, Progress, Search, search, search_with};
pub use select::{Rule, select};
pub use settings::Settings;
pub use simplify::simplify;
pub use state::State;
pub use table::{Column, Table};
pub use units::{Dimensions, Unit, UnitError};
