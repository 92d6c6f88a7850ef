//! Formulas for other programs.
//!
//! [`export()`] writes a formula in one of the [`Format`]s. [`Format::Prefix`] and
//! [`Format::Json`] are read again by [`from_prefix`] and [`from_json`] (as is
//! [`Format::Text`], by [`Expr::parse`]); the languages are for running elsewhere
//! and are complete: a function or script with the imports that it needs, whose
//! arguments are the columns that occur, in the order of the table.
//!
//! Constants keep every digit, but for LaTeX, which is for reading. Values agree
//! with those of [`Expr::evaluate`] wherever that has one, up to the rounding of
//! the mathematical libraries; where it has none (a real power of a negative
//! base) another language may have its own opinion.
//!
//! [`export_law()`] writes a whole law, whose columns are those of tables: of sites,
//! pairs and triples.
//!
//! # Names
//!
//! Columns may have any name, such as `d(Mo-S)`; in a language it becomes an
//! identifier, `d_Mo_S`, different from all others and from every word of the
//! language. A comment says which is which.

mod identifiers;
mod json;
mod languages;
mod law;
mod operations;
mod prefix;

use std::fmt;

pub use json::{JsonError, from_json};
pub use law::export_law;
pub use prefix::from_prefix;

use crate::Expr;

/// What a formula can be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Plain text, as [`Expr::parse`] reads it.
    Text,
    /// LaTeX, constants rounded.
    Latex,
    /// A Python script that makes a `SymPy` expression named `formula`.
    Sympy,
    /// A Python function of `NumPy` arrays.
    Python,
    /// A function of C99.
    C99,
    /// A function of Rust.
    Rust,
    /// Tokens, operations before their operands, as [`from_prefix`] reads them.
    Prefix,
    /// Names and postfix code, as [`from_json`] reads them.
    Json,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 8] = [
        Self::Text,
        Self::Latex,
        Self::Sympy,
        Self::Python,
        Self::C99,
        Self::Rust,
        Self::Prefix,
        Self::Json,
    ];

    /// The format of a name.
    ///
    /// # Examples
    ///
    /// ```
    /// use symreg::export::Format;
    /// assert_eq!(Format::named("latex"), Some(Format::Latex));
    /// assert_eq!(Format::named("word"), None);
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Name of the format, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Latex => "latex",
            Self::Sympy => "sympy",
            Self::Python => "python",
            Self::C99 => "c99",
            Self::Rust => "rust",
            Self::Prefix => "prefix",
            Self::Json => "json",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Writes a formula.
///
/// - `names`: of all columns of the table.
///
/// # Panics
///
/// If there are fewer names than [`Expr::columns`].
///
/// # Examples
///
/// ```
/// use symreg::{Expr, export::{Format, export}};
/// let names = ["d(Mo-S)"];
/// let law = Expr::parse("4.1 * exp(-`d(Mo-S)` / 3)", &names)?;
/// assert_eq!(export(&law, &names, Format::Prefix), "mul 4.1 exp div neg `d(Mo-S)` 3");
/// assert!(export(&law, &names, Format::Rust).ends_with(
///     "pub fn formula(d_Mo_S: f64) -> f64 {\n    4.1 * f64::exp(-d_Mo_S / 3.0)\n}\n"
/// ));
/// # Ok::<(), symreg::Error>(())
/// ```
#[must_use]
pub fn export(expr: &Expr, names: &[&str], format: Format) -> String {
    match format {
        Format::Text => expr.text(names),
        Format::Latex => expr.latex(names),
        Format::Sympy => languages::sympy(expr, names),
        Format::Python => languages::python(expr, names),
        Format::C99 => languages::c99(expr, names),
        Format::Rust => languages::rust(expr, names),
        Format::Prefix => prefix::write(expr, names),
        Format::Json => json::write(expr, names),
    }
}
