//! The constants of a formula as it is written: fit, uncertainty, rounding.
//!
//! [`crate::objective`] reads a formula as a sum and solves its outer constants
//! anew, which is what a search wants. Here a formula is taken at its word: the
//! fitted constants ([`crate::Op::Const`]) are all alike, and integers and π stay
//! what they are.

pub mod fit;
pub(crate) mod snap;
pub mod uncertainty;
