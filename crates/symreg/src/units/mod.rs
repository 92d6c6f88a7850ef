//! Units of columns, and what they allow a formula to be.
//!
//! `exp(d)` of a length is not a number that anyone could look up, and a sum of
//! a length and an energy is none at all. [`Dimensions`] finds such formulas: one
//! at a time [with a message](Dimensions::check), by [number of
//! violations](Dimensions::violations) for a penalty, or [cheaply](Dimensions::fits)
//! for a search that prunes.
//!
//! # Constants
//!
//! A fitted constant may carry any unit, and that is the trouble: `exp(c·d)` is
//! sound whatever `d` is. Where all constants are free they absorb every unit that
//! stands in the way, and the check refuses little; [`Constants`] says how much
//! of this is allowed. A constant of nature is best given as a column of one
//! value: it then has a name and a unit, and is never fitted.
//!
//! # Sizes
//!
//! Numbers in `eV` and in `meV` measure the same and may still not be added.
//! Units therefore have a size besides their dimension, and sums, functions
//! and targets ask for both.
//!
//! # Where to start
//!
//! `rule.rs` is the one place that says what each operation asks of its operands;
//! `known.rs` lists the units.

mod check;
mod error;
mod exponent;
mod known;
mod parse;
mod rule;
mod unit;

use check::{Given, Kind, Mismatch, walk};
pub use error::UnitError;
pub use exponent::Exponent;
pub use rule::Rule;
pub use unit::Unit;
use unit::{Measure, Quantity};

use crate::{Column, Expr, Op};

/// Which units fitted constants may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Constants {
    /// Any, anywhere: the soft rule. What it still refuses has no constant
    /// near that could mend it.
    #[default]
    Free,
    /// Any where a constant multiplies or divides, and that of the target where
    /// it is a term of the outermost sum; elsewhere they are plain numbers.
    Coefficients,
    /// None: all are plain numbers, but for those that were
    /// [declared](Dimensions::with_constant).
    Dimensionless,
}

/// The units of columns and target, and the rule for constants.
///
/// # Examples
///
/// ```
/// use symreg::units::{Constants, Dimensions};
/// use symreg::{Column, Expr};
///
/// let columns = [Column::new("d", "Å"), Column::new("r", "Å")];
/// let units = Dimensions::new(&columns, "eV", Constants::Coefficients)?;
/// let formula = |text| Expr::parse(text, &["d", "r"]).unwrap();
///
/// assert!(units.check(&formula("4.1 * exp(-d / r)")).is_ok());
/// let error = units.check(&formula("4.1 * exp(-d)")).unwrap_err();
/// assert_eq!(error.to_string(), "exp needs a dimensionless argument, got Å");
/// # Ok::<(), symreg::units::UnitError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Dimensions {
    constants: Constants,
    written: Given<Unit>,
    cheap: Given<Measure>,
}

impl Dimensions {
    /// Parses the units of the columns and of the target.
    ///
    /// # Errors
    ///
    /// [`UnitError::Column`] with the name, or `target`.
    pub fn new(columns: &[Column], target: &str, constants: Constants) -> Result<Self, UnitError> {
        let unit = |name: &str, text: &str| {
            text.parse().map_err(|source| UnitError::Column {
                name: name.to_owned(),
                source: Box::new(source),
            })
        };
        let columns = columns.iter().map(|c| unit(&c.name, &c.unit));
        let written = Given::<Unit> {
            columns: columns.collect::<Result<_, _>>()?,
            target: unit("target", target)?,
            declared: Vec::new(),
        };
        let cheap = written.cheap();
        Ok(Self {
            constants,
            written,
            cheap,
        })
    }

    /// Declares that constants of exactly this value have this unit, whatever
    /// the rule for the others.
    #[must_use]
    pub fn with_constant(mut self, value: f64, unit: Unit) -> Self {
        self.written.declared.push((value, unit));
        self.cheap = self.written.cheap();
        self
    }

    /// Unit of the target.
    #[must_use]
    pub fn target(&self) -> &Unit {
        &self.written.target
    }

    /// The unit of a formula, if every operation has what it needs and the
    /// result is in the unit of the target.
    ///
    /// Where constants leave the unit open it is that of the target.
    ///
    /// # Errors
    ///
    /// The first violation in postfix order; [`UnitError::MissingColumn`] for a
    /// column without a unit.
    pub fn check(&self, expr: &Expr) -> Result<Unit, UnitError> {
        let mut first = None;
        let kind = walk(
            expr.code(),
            &self.written,
            self.constants,
            &mut |mismatch| {
                first = Some(mismatch);
                false
            },
        );
        match (kind, first) {
            (Some(Kind::Known(unit)), None) => Ok(unit),
            (Some(_), None) => Ok(self.written.target.clone()),
            (_, Some(mismatch)) => Err(mismatch.into()),
            (None, None) => Err(Mismatch::Range.into()),
        }
    }

    /// Number of operations without what they need, one more if the result is
    /// not in the unit of the target.
    ///
    /// A function without a plain argument still gives a plain number, a sum of
    /// two units any, so that one fault is counted once.
    #[must_use]
    pub fn violations(&self, code: &[Op]) -> usize {
        let mut violations = 0;
        walk(code, &self.cheap, self.constants, &mut |_| {
            violations += 1;
            true
        });
        violations
    }

    /// Whether a formula has no violation.
    ///
    /// - `code`: that of an [`Expr`]; any other code does not fit.
    #[must_use]
    pub fn fits(&self, code: &[Op]) -> bool {
        walk(code, &self.cheap, self.constants, &mut |_| false).is_some()
    }

    /// Whether some coefficient before a formula makes it fit: for the shapes
    /// `f` of `c₀ + Σ cₖ·fₖ(x)`, whose constants are found later.
    ///
    /// - `code`: that of an [`Expr`]; any other code does not fit.
    #[must_use]
    pub fn fits_scaled(&self, code: &[Op]) -> bool {
        match self.constants {
            Constants::Free | Constants::Coefficients => {
                let mut only_result = true;
                walk(code, &self.cheap, self.constants, &mut |mismatch| {
                    only_result &= matches!(mismatch, Mismatch::Target { .. });
                    only_result
                });
                only_result
            }
            Constants::Dimensionless => self.fits(code),
        }
    }
}

#[cfg(test)]
mod tests;
