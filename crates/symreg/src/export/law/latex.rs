//! A law as it stands in a paper, and its coefficients.

use std::fmt::Write as _;

use super::{Written, levels};
use crate::{
    Column, Op,
    law::{Gather, Law, Rise, Term},
    print::latex_number,
};

pub(super) fn write(law: &Law, target: &Column) -> String {
    let all = levels(law, &[]);
    let shown: Vec<&Written> = all.iter().filter(|level| !level.terms.is_empty()).collect();
    let mut number = 0;
    let mut sums = Vec::new();
    let mut tables = String::new();
    for level in shown {
        let first = number + 1;
        number += level.terms.len();
        sums.push(sum(level, first));
        tables.push_str(&table(level, first, &target.unit));
    }
    let sums = if sums.is_empty() {
        "0".to_owned()
    } else {
        sums.join("\n    + ")
    };
    let name = escaped(&target.name);
    format!(
        "% needs amsmath\n\\begin{{align*}}\n{}\\end{{align*}}\n{tables}",
        match law.rise {
            Rise::Sum => format!("  N \\, \\text{{{name}}} &= {sums}\n"),
            Rise::Lowest => extreme(law, &name, "-", &sums),
            Rise::Highest => extreme(law, &name, "", &sums),
            Rise::LowestLevel => level(law, &name, &sums),
        }
    )
}

fn extreme(law: &Law, name: &str, sign: &str, sums: &str) -> String {
    let t = latex_number(law.temperature);
    format!(
        "  \\text{{{name}}} &= {sign}T \\ln \\sum_{{m}} e^{{{sign}g_{{m}} / T}}, \
         \\qquad T = {t} \\\\\n  g_{{m}} &= {sums}\n"
    )
}

fn level(law: &Law, name: &str, sums: &str) -> String {
    let t = latex_number(law.temperature);
    format!(
        "  \\text{{{name}}} &= -T \\ln \\operatorname{{tr}} e^{{-H / T}}, \\qquad T = {t} \\\\\n  \
         H_{{ij}} &= {sums}\n"
    )
}

/// The sum over one level.
fn sum(level: &Written, first: usize) -> String {
    let columns = level.known.columns.iter();
    let names: Vec<&str> = columns.map(|column| column.name.as_str()).collect();
    let terms = (first..).zip(&level.terms);
    let terms: Vec<String> = terms
        .map(|(number, term)| product(number, term, level.known.gather, &names))
        .collect();
    let name = escaped(&level.known.name);
    let all = terms.join(" + ");
    if terms.len() > 1 {
        format!("\\sum_{{\\text{{{name}}}}} \\left( {all} \\right)")
    } else {
        format!("\\sum_{{\\text{{{name}}}}} {all}")
    }
}

fn product(number: usize, term: &Term, gather: Gather, names: &[&str]) -> String {
    let shape = term.shape.latex(names);
    if !gather.is_sum() {
        return format!("a_{{{number}}} \\, {}", gather.latex(&shape));
    }
    match term.shape.code() {
        [Op::Integer(1)] => format!("a_{{{number}}}"),
        [.., Op::Add | Op::Sub | Op::Neg] => format!("a_{{{number}}} \\left( {shape} \\right)"),
        _ => format!("a_{{{number}}} \\, {shape}"),
    }
}

/// The coefficients of one level, a row for each channel.
fn table(level: &Written, first: usize, unit: &str) -> String {
    let count = level.terms.len();
    let units = level.units();
    let comma = if units.is_empty() { "" } else { ", " };
    let mut text = format!(
        "\n% {}\n\\begin{{tabular}}{{l{}}}\n  {}",
        level.comment(),
        "r".repeat(count),
        escaped(&format!("{}{comma}{units}", level.known.name)),
    );
    let unit = match unit {
        "" => String::new(),
        unit => format!(" / {}", escaped(unit)),
    };
    for number in first..first + count {
        let _ = write!(text, " & $a_{{{number}}}${unit}");
    }
    text.push_str(" \\\\\n  \\hline\n");
    for (channel, own) in level.channels() {
        let _ = write!(text, "  {}", escaped(channel));
        for a in own {
            let _ = write!(text, " & ${}$", latex_number(a));
        }
        text.push_str(" \\\\\n");
    }
    text.push_str("\\end{tabular}\n");
    text
}

/// For text, not for mathematics.
fn escaped(text: &str) -> String {
    let one = |c: char| match c {
        '_' | '&' | '%' | '#' | '$' | '{' | '}' => format!("\\{c}"),
        '^' | '~' => format!("\\{c}{{}}"),
        '\\' => "\\textbackslash{}".to_owned(),
        c if c.is_control() => " ".to_owned(),
        c => c.to_string(),
    };
    text.chars().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Expr, FeatureBox, Interval, Table, law::Known};

    fn law(rise: Rise) -> Law {
        let level = |name: &str, column: Option<&str>, channels: [&str; 2]| {
            let columns = column.map(|name| Column::new(name, "Å"));
            let values = columns
                .iter()
                .cloned()
                .map(|column| (column, vec![2.0, 9.0]));
            let table = Table::new(values.collect()).unwrap();
            Known {
                name: name.to_owned(),
                domain: FeatureBox::around(&table, 0.0),
                columns: columns.into_iter().collect(),
                gather: Gather::Sum,
                channels: channels.map(str::to_owned).to_vec(),
                bounds: Vec::new(),
            }
        };
        let term = |level, shape: &str, coefficients: [f64; 2]| Term {
            level,
            shape: Expr::parse(shape, &["r"]).unwrap(),
            range: Interval {
                low: -1.0,
                high: 1.0,
            },
            coefficients: coefficients.to_vec(),
            errors: vec![0.0; 2],
        };
        Law {
            levels: vec![
                level("site", None, ["V_Mo", "V_S"]),
                level("pair", Some("r"), ["V_Mo-V_S /", "V_S-V_S ="]),
                level("unused", None, ["a", "b"]),
            ],
            terms: vec![
                term(0, "1", [1.5, 0.25]),
                term(1, "1/r", [-2.0, 0.0]),
                term(1, "exp(-r) + 1", [0.0, 0.0]),
                term(1, "exp(-r) - 0.5", [1e-7, 0.0]),
                term(2, "1", [0.0, 0.0]),
            ],
            rise,
            temperature: 0.0625,
            noise: 0.0,
        }
    }

    #[test]
    fn a_total_by_hand() {
        assert_eq!(
            write(&law(Rise::Sum), &Column::new("energy_per_site", "eV")),
            r"% needs amsmath
\begin{align*}
  N \, \text{energy\_per\_site} &= \sum_{\text{site}} a_{1}
    + \sum_{\text{pair}} \left( a_{2} \, \frac{1}{r} + a_{3} \left( e^{-r} - 0.5 \right) \right)
\end{align*}

% site
\begin{tabular}{lr}
  site & $a_{1}$ / eV \\
  \hline
  V\_Mo & $1.5$ \\
  V\_S & $0.25$ \\
\end{tabular}

% pair; r in Å
\begin{tabular}{lrr}
  pair, r in Å & $a_{2}$ / eV & $a_{3}$ / eV \\
  \hline
  V\_Mo-V\_S / & $-2$ & $1 \times 10^{-7}$ \\
\end{tabular}
"
        );
    }

    #[test]
    fn an_extreme_is_one_of_members() {
        let low = write(&law(Rise::Lowest), &Column::new("gap", ""));
        let expected = r"\text{gap} &= -T \ln \sum_{m} e^{-g_{m} / T}, \qquad T = 0.0625 \\";
        assert!(low.contains(expected), "{low}");
        assert!(low.contains(r"  site & $a_{1}$ \\"), "{low}");
        let high = write(&law(Rise::Highest), &Column::new("gap", ""));
        assert!(high.contains(r"&= T \ln \sum_{m} e^{g_{m} / T}"), "{high}");
    }
}
