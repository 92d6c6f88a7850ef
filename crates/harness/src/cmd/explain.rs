//! `tycho explain`: what a law says, term by term.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use symreg::law::Rise;

use crate::dataset::{Home, load};
use crate::figure::{Rendered, functions, render};
use crate::files;
use crate::models::{ExactTerm, ExactTerms, LawFile};
use crate::refuse;
use crate::report::significant;

/// Channels that are shown.
const SHOWN: usize = 12;

/// Say what is in a law: how it was found, and every term with its standard error
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho explain low_MoS2.law.json
  tycho explain low_MoS2.law.json --figure functions
  tycho explain low_MoS2.law.json --exact terms.csv")]
pub struct ExplainArgs {
    /// File of `tycho law`
    #[arg(value_name = "LAW")]
    law: PathBuf,

    /// Draw what pairs add over their distance: STEM.svg, .pdf, .png and the numbers, .csv
    #[arg(long, value_name = "STEM")]
    figure: Option<PathBuf>,

    /// Compare the terms of pairs and triples with those of the data, by inclusion and
    /// exclusion over all complexes of up to three defects, one a row
    #[arg(long, value_name = "FILE.csv")]
    exact: Option<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
///
/// If the file is no law.
pub fn run(arguments: &ExplainArgs, home: &Home, out: &mut dyn Write) -> Result<()> {
    let file = LawFile::read(&arguments.law)?;
    print(&file, out)?;
    if let Some(stem) = &arguments.figure {
        let all = file.functions()?;
        if all.is_empty() {
            refuse!("the law has no function of the distance of a pair, there is nothing to draw");
        }
        let figure = functions::figure(&all, &file.target, &file.unit);
        let pictures = render(std::slice::from_ref(&figure))?;
        for Rendered { pdf, png } in &pictures {
            files::write(&stem.with_extension("pdf"), pdf)?;
            files::write(&stem.with_extension("png"), png)?;
        }
        files::write(&stem.with_extension("csv"), figure.csv.as_bytes())?;
        files::write(&stem.with_extension("svg"), figure.svg.as_bytes())?;
        writeln!(
            out,
            "\n{}\n{}",
            figure.caption,
            stem.with_extension("svg").display()
        )?;
    }
    if let Some(path) = &arguments.exact {
        let (name, _) = file.data.split_once('/').unwrap_or((&file.data, ""));
        let terms = file.exact(&load(name, home)?)?;
        files::write(path, rows(&terms, &file.unit).as_bytes())?;
        compare(&terms, &file, out)?;
        writeln!(out, "\n{}", path.display())?;
    }
    Ok(())
}

/// One term a row, as CSV.
fn rows(terms: &ExactTerms, unit: &str) -> String {
    let head =
        format!("id,channel,a_angstrom,b_angstrom,c_angstrom,data_{unit},law_{unit},learnt\n");
    let row = |term: &ExactTerm| {
        let side = |index: usize| term.sides.get(index).map_or(String::new(), f64::to_string);
        let ExactTerm {
            id,
            channel,
            learnt,
            ..
        } = term;
        let sides = [0, 1, 2].map(side).join(",");
        let (exact, law) = (significant(term.exact, 5), significant(term.law, 5));
        format!("{id},{channel},{sides},{exact},{law},{learnt}\n")
    };
    let all = terms.pairs.iter().chain(&terms.triples);
    [head].into_iter().chain(all.map(row)).collect()
}

/// Writes how large terms are, and how far those of the law are from them, in all and by
/// channel, the largest first.
fn compare(terms: &ExactTerms, file: &LawFile, out: &mut dyn Write) -> Result<()> {
    let (unit, host) = (&file.unit, significant(terms.host, 3));
    writeln!(
        out,
        "\nthe same terms in the data, by inclusion and exclusion ({unit}; host alone {host}): number, mean size, that in the law, mean difference"
    )?;
    for (name, all) in [("pairs", &terms.pairs), ("triples", &terms.triples)] {
        let mut channels: BTreeMap<&str, Vec<&ExactTerm>> = BTreeMap::new();
        for term in all {
            channels.entry(&term.channel).or_default().push(term);
        }
        let mut channels: Vec<_> = channels.into_iter().collect();
        channels.sort_by(|a, b| sum(&b.1, |t| t.exact).total_cmp(&sum(&a.1, |t| t.exact)));
        let unseen: Vec<&ExactTerm> = all.iter().filter(|term| !term.learnt).collect();
        line(out, name, &all.iter().collect::<Vec<_>>())?;
        line(out, &format!("{name}, not learnt from"), &unseen)?;
        for (channel, terms) in channels.iter().take(SHOWN) {
            line(out, &format!("  {channel}"), terms)?;
        }
    }
    Ok(())
}

fn sum(terms: &[&ExactTerm], of: impl Fn(&ExactTerm) -> f64) -> f64 {
    terms.iter().map(|term| of(term).abs()).sum()
}

fn line(out: &mut dyn Write, name: &str, terms: &[&ExactTerm]) -> Result<()> {
    let mean = |of: fn(&ExactTerm) -> f64| {
        let mean = sum(terms, of) / terms.len().max(1) as f64;
        significant(mean, 3)
    };
    let (exact, law) = (mean(|t| t.exact), mean(|t| t.law));
    let apart = mean(|t| t.exact - t.law);
    let count = terms.len();
    writeln!(
        out,
        "  {name:<28} {count:>6} {exact:>10} {law:>10} {apart:>10}"
    )?;
    Ok(())
}

/// Writes stages and terms.
pub(super) fn print(file: &LawFile, out: &mut dyn Write) -> Result<()> {
    let LawFile {
        target, unit, law, ..
    } = file;
    writeln!(
        out,
        "{target} in {unit}, learnt from {} structures of {}; what is left: {} {unit}",
        file.learnt_from.len(),
        file.data,
        significant(law.noise, 3)
    )?;
    writeln!(out, "\nhow it was found (error on what it was fitted to)")?;
    for stage in &file.stages {
        writeln!(
            out,
            "  {:<28} {:>9} {unit} {:>8.1} nats  {}",
            stage.level,
            significant(stage.error, 3),
            stage.gain,
            stage.shape
        )?;
    }
    for term in law.terms.iter().filter(|term| term.used() > 0) {
        let level = &law.levels[term.level];
        let names: Vec<&str> = level.columns.iter().map(|c| c.name.as_str()).collect();
        let units: Vec<String> = level
            .columns
            .iter()
            .map(|c| format!("{} in {}", c.name, c.unit))
            .collect();
        let shape = level.gather.text(&term.shape.rounded(4).text(&names));
        writeln!(out, "\nΣ {}: {shape}   {}", level.name, units.join(", "))?;
        let all = level
            .channels
            .iter()
            .zip(&term.coefficients)
            .zip(&term.errors);
        for ((channel, a), error) in all.filter(|((_, a), _)| **a != 0.0) {
            let (a, error) = (significant(*a, 4), significant(*error, 2));
            writeln!(out, "  {channel:<28} {a:>12} ± {error}")?;
        }
    }
    let lowest = match law.rise {
        Rise::Sum => None,
        Rise::Lowest | Rise::Highest => Some("lowest of host and sites"),
        Rise::LowestLevel => Some("lowest level of host, sites and what couples them"),
    };
    if let Some(lowest) = lowest {
        let t = significant(law.temperature, 3);
        writeln!(out, "\nthe {lowest}, rounded off over {t} {unit}")?;
    }
    Ok(())
}
