//! A law as a module of Python.

use std::fmt::Write as _;

use super::{Written, levels, told};
use crate::{
    Column,
    export::{
        identifiers::identifiers,
        languages::quoted,
        operations::{Language, write as expression},
    },
    law::{Gather, Law, Rise, Term},
};

/// [`Gather::SoftMin`].
const SOFT_MIN: &str = "\
def soft_min(f):
    f = np.atleast_1d(f)
    t = 0.1 * np.max(np.abs(f))
    return -t * np.logaddexp.reduce(-f / t) if t > 0.0 else t


";

pub(super) fn write(law: &Law, target: &Column) -> String {
    let levels = levels(law, &["tables", "divisor", "levels", "soft_min"]);
    let functions: String = levels.iter().map(function).collect();
    let softened = levels
        .iter()
        .any(|level| level.known.gather == Gather::SoftMin);
    let functions = if softened {
        format!("{SOFT_MIN}{functions}")
    } else {
        functions
    };
    let names = levels
        .iter()
        .map(|level| format!("{}: {}", quoted(&level.known.name), level.name));
    let names: Vec<String> = names.collect();
    format!(
        "import numpy as np\n\n\n{functions}def formula(tables, divisor=1.0):\n    \
         # {}\n    levels = {{{}}}\n{}",
        told(target),
        names.join(", "),
        risen(law)
    )
}

/// The value from the rows of all tables.
fn risen(law: &Law) -> String {
    let sign = match law.rise {
        Rise::Sum => {
            return "    # tables: by name of a level, rows (channel, columns ...)\n    \
                    rows = [levels[name](*row) for name in tables for row in tables[name]]\n    \
                    return sum(rows) / divisor\n"
                .to_owned();
        }
        Rise::LowestLevel => {
            return format!(
                "    # tables: by name of a level, rows ([row, column] of a matrix, channel, columns ...)\n    \
                 entries = [\n        \
                 (place, levels[name](*row)) for name in tables for place, *row in tables[name]\n    \
                 ]\n    \
                 size = 1 + max(max(place) for place, _ in entries)\n    \
                 matrix = np.zeros((size, size))\n    \
                 for (i, j), value in entries:\n        \
                 matrix[i, j] += value\n        \
                 if i != j:\n            \
                 matrix[j, i] += value\n    \
                 t = {:?}\n    \
                 return -t * np.logaddexp.reduce(-np.linalg.eigvalsh(matrix) / t) / divisor\n",
                law.temperature
            );
        }
        Rise::Lowest => "-",
        Rise::Highest => "",
    };
    format!(
        "    # tables: by name of a level, rows (member, channel, columns ...)\n    \
         members = {{}}\n    \
         for name in tables:\n        \
         for member, *row in tables[name]:\n            \
         members[member] = members.get(member, 0.0) + levels[name](*row)\n    \
         t = {:?}\n    \
         g = np.array(list(members.values()))\n    \
         return {sign}t * np.logaddexp.reduce({sign}g / t) / divisor\n",
        law.temperature
    )
}

/// What a row of one level adds.
fn function(level: &Written) -> String {
    let columns = &level.known.columns;
    let numbered = (0_u32..).zip(columns.iter().map(|column| &*column.name));
    let names = identifiers(
        numbered,
        &["channel", "coefficients", "least", "most", "effect"],
    );
    let mut text = format!("def {}(channel", level.name);
    for name in &names {
        let _ = write!(text, ", {name}");
    }
    let _ = writeln!(text, "):\n    # {}", level.comment());
    if level.terms.is_empty() {
        text.push_str("    return 0.0\n\n\n");
        return text;
    }
    let (all, count) = if level.is_held() {
        ("*coefficients, least, most", level.terms.len() + 2)
    } else {
        ("coefficients", level.terms.len())
    };
    let _ = writeln!(text, "    {all} = {{");
    for (channel, own) in level.rows() {
        let _ = writeln!(text, "        {}: {own:?},", quoted(channel));
    }
    let nothing = vec![0.0; count];
    let _ = writeln!(text, "    }}.get(channel, {nothing:?})");
    for (name, side) in names.iter().zip(level.known.domain.sides()) {
        let (low, high) = (bound(side.low), bound(side.high));
        let _ = writeln!(text, "    {name} = np.clip({name}, {low}, {high})");
    }
    let terms = level.terms.iter().enumerate();
    let terms: Vec<String> = terms
        .map(|(index, term)| {
            let shape = held(term, level.known.gather, &names);
            format!("coefficients[{index}] * {shape}")
        })
        .collect();
    let sum = terms.join("\n        + ");
    let _ = if level.is_held() {
        write!(
            text,
            "    effect = (\n        {sum}\n    )\n    return np.clip(effect, least, most)\n\n\n"
        )
    } else {
        write!(text, "    return (\n        {sum}\n    )\n\n\n")
    };
    text
}

/// A function within its range.
fn held(term: &Term, gather: Gather, names: &[String]) -> String {
    let name = |column: u32| names[column as usize].clone();
    let shape = expression(&term.shape, Language::Python, &name);
    let shape = match gather {
        Gather::Sum => shape,
        Gather::Mean => format!("np.mean({shape})"),
        Gather::Min => format!("np.min({shape})"),
        Gather::Max => format!("np.max({shape})"),
        Gather::SoftMin => format!("soft_min({shape})"),
        Gather::Norm => format!("np.sqrt(np.sum(np.square({shape})))"),
    };
    let (low, high) = (bound(term.range.low), bound(term.range.high));
    format!("np.clip({shape}, {low}, {high})")
}

fn bound(value: f64) -> String {
    if value.is_finite() {
        format!("{value:?}")
    } else {
        format!("{}np.inf", if value < 0.0 { "-" } else { "" })
    }
}
