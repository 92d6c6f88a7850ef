//! Laws as a whole, for other programs and for papers.
//!
//! A law is a function of tables: of sites, of pairs, of triples. In a language, each of
//! its levels is a function of one row, and `formula` adds rows up, or takes the extreme
//! of members.

mod latex;
mod python;
mod sympy;

use super::{Format, identifiers::identifiers};
use crate::{
    Column,
    law::{Known, Law, Term},
};

/// Writes a whole law.
///
/// - [`Format::Python`]: `formula(tables, divisor)`, with one function a level beside it.
///   `tables` holds, by the name of a level, rows `(channel, columns …)`; where the value
///   is an extreme of members, rows `(member, channel, columns …)`. Of a level whose items are
///   gathered, a row is a group, and each of its columns a list.
/// - [`Format::Sympy`]: the same as `formula`, an expression with sums over the rows of
///   indexed symbols, with `coefficients` by symbol and a function `value(tables, divisor)`
///   that puts the numbers in.
/// - [`Format::Latex`]: the sums, and a table of coefficients for each level. It is for
///   reading: numbers are rounded, and where the law stays at a border is left out.
/// - `target`: what the law predicts.
/// - returns: nothing in the other formats, in which one function of a law can be written
///   ([`Law::function`]) but no sum over tables.
///
/// As with [`Law::predict`], rows of channels that the law does not know add nothing, and
/// columns, functions and their sums are held at the borders of what the law has seen.
#[must_use]
pub fn export_law(law: &Law, target: &Column, format: Format) -> Option<String> {
    match format {
        Format::Latex => Some(latex::write(law, target)),
        Format::Sympy => Some(sympy::write(law, target)),
        Format::Python => Some(python::write(law, target)),
        Format::Text | Format::C99 | Format::Rust | Format::Prefix | Format::Json => None,
    }
}

/// A level as it is written.
struct Written<'a> {
    known: &'a Known,
    /// Identifier of the level.
    name: String,
    /// Those that are not left out.
    terms: Vec<&'a Term>,
}

/// All levels.
///
/// - `taken`: words that are no identifiers of levels.
fn levels<'a>(law: &'a Law, taken: &[&str]) -> Vec<Written<'a>> {
    let names = (0_u32..).zip(law.levels.iter().map(|known| &*known.name));
    let names = identifiers(names, taken).into_iter();
    let all = law.levels.iter().zip(names).enumerate();
    all.map(|(index, (known, name))| {
        let terms = law.terms.iter();
        let own = terms.filter(|term| term.level == index && term.used() > 0);
        Written {
            known,
            name,
            terms: own.collect(),
        }
    })
    .collect()
}

impl<'a> Written<'a> {
    /// The channels that something is added in, each with a coefficient a term.
    fn channels(&self) -> Vec<(&'a str, Vec<f64>)> {
        let channels = self.known.channels.iter().enumerate();
        let all = channels.map(|(index, channel)| {
            let own = self.terms.iter().map(|term| term.coefficients[index]);
            (channel.as_str(), own.collect::<Vec<f64>>())
        });
        all.filter(|(_, own)| own.iter().any(|a| *a != 0.0))
            .collect()
    }

    /// The same, followed by the least and most that all may add up to, where they are
    /// held.
    fn rows(&self) -> Vec<(&'a str, Vec<f64>)> {
        let mut rows = self.channels();
        for (channel, own) in &mut rows {
            let bounds = self.known.bounds_of(channel);
            own.extend(bounds.iter().flat_map(|bounds| [bounds.low, bounds.high]));
        }
        rows
    }

    /// Whether what the functions add up to is held within bounds.
    fn is_held(&self) -> bool {
        !self.known.bounds.is_empty()
    }

    /// The columns, as `r in Å`; empty where there are none.
    fn units(&self) -> String {
        let one = |column: &Column| match column.unit.as_str() {
            "" => column.name.clone(),
            unit => format!("{} in {unit}", column.name),
        };
        let all: Vec<String> = self.known.columns.iter().map(one).collect();
        all.join(", ")
    }

    /// A comment on what a row is, on one line.
    fn comment(&self) -> String {
        let units = self.units();
        let of = if units.is_empty() {
            String::new()
        } else {
            format!("; {units}")
        };
        let gathered = self.known.gather.word();
        let gathered = gathered.map_or_else(String::new, |word| format!("; {word} of a group"));
        let line = format!("{}{of}{gathered}", self.known.name);
        line.replace(char::is_control, " ")
    }
}

/// A name and unit, on one line.
fn told(target: &Column) -> String {
    let line = match target.unit.as_str() {
        "" => target.name.clone(),
        unit => format!("{} in {unit}", target.name),
    };
    line.replace(char::is_control, " ")
}
