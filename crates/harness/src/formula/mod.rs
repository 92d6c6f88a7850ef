//! Formulas for any table of numbers, without crystals and studies.
//!
//! [`Problem`] is a user's table, [`fit`] searches it, [`FormulaFile`] is what
//! is left of the search.

mod file;
mod fit;
mod problem;

pub use file::{FormulaFile, Member, Quantity};
pub use fit::{Fit, Found, fit};
pub use problem::{Problem, Wanted};
