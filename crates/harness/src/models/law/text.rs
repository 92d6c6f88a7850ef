//! A law as one line.

use symreg::Expr;
use symreg::law::{Known, Law, Rise, Term};

use crate::report::significant;
use crate::run::Equation;

/// Significant digits of constants in functions, and of coefficients.
const DIGITS: usize = 4;

/// The law with the coefficients of every channel.
pub(super) fn equation(law: &Law, unit: &str) -> Equation {
    let terms = || law.terms.iter().map(|term| (term, &law.levels[term.level]));
    let shown = || terms().filter(|(term, _)| term.used() > 0);
    let text = shown().map(|(term, level)| plain(term, level));
    let latex = shown().map(|(term, level)| symbols(term, level));
    let mut columns: Vec<(String, String)> = terms()
        .flat_map(|(_, level)| &level.columns)
        .map(|column| (column.name.clone(), column.unit.clone()))
        .collect();
    columns.sort();
    columns.dedup();
    Equation {
        text: risen(law, &text.collect::<Vec<_>>().join(" + ")),
        latex: risen_latex(law, &latex.collect::<Vec<_>>().join(" + ")),
        unit: unit.to_owned(),
        columns,
    }
}

/// `-T·ln Σ exp(-(g)/T)`, the lowest of the members' sums, or the sum itself.
fn risen(law: &Law, sum: &str) -> String {
    let t = significant(law.temperature, DIGITS);
    match law.rise {
        Rise::Sum => sum.to_owned(),
        Rise::Lowest => format!("-{t} * ln Σ_members exp(-({sum}) / {t})"),
        Rise::Highest => format!("{t} * ln Σ_members exp(({sum}) / {t})"),
        Rise::LowestLevel => format!("-{t} * ln tr exp(-H / {t}), H = {sum}"),
    }
}

fn risen_latex(law: &Law, sum: &str) -> String {
    let t = significant(law.temperature, DIGITS);
    match law.rise {
        Rise::Sum => sum.to_owned(),
        Rise::Lowest => format!(r"-{t} \ln \sum e^{{-\left({sum}\right) / {t}}}"),
        Rise::Highest => format!(r"{t} \ln \sum e^{{\left({sum}\right) / {t}}}"),
        Rise::LowestLevel => format!(r"-{t} \ln \operatorname{{tr}} e^{{-H / {t}}}, H = {sum}"),
    }
}

fn names(level: &Known) -> Vec<&str> {
    level.columns.iter().map(|c| c.name.as_str()).collect()
}

/// `Σpair {V_Mo-V_S /: 1.2, …} * inv(r)^3`
fn plain(term: &Term, level: &Known) -> String {
    let pairs = level.channels.iter().zip(&term.coefficients);
    let told = pairs.filter(|(_, c)| **c != 0.0).map(|(channel, c)| {
        let value = significant(*c, DIGITS);
        if channel.is_empty() {
            value
        } else {
            format!("{channel}: {value}")
        }
    });
    let told = match term.shared() {
        Some(coefficient) => significant(coefficient, DIGITS),
        None => told.collect::<Vec<_>>().join(", "),
    };
    let shape = shape(term);
    if names(level).is_empty() {
        format!("Σ{} {{{told}}}", level.name)
    } else {
        let shape = shape.text(&names(level));
        let shape = level.gather.text(&shape);
        format!("Σ{} {{{told}}} * {shape}", level.name)
    }
}

fn symbols(term: &Term, level: &Known) -> String {
    let sum = format!(r"\sum_{{\text{{{}}}}} a", level.name);
    if names(level).is_empty() {
        sum
    } else {
        let shape = shape(term).latex(&names(level));
        format!(r"{sum} \, {}", level.gather.latex(&shape))
    }
}

fn shape(term: &Term) -> Expr {
    term.shape.rounded(DIGITS)
}
