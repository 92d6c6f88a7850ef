//! `tycho explain`: what a law says, term by term.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use symreg::law::Rise;

use crate::figure::{Rendered, functions, render};
use crate::files;
use crate::models::LawFile;
use crate::refuse;
use crate::report::significant;

/// Say what is in a law: how it was found, and every term with its standard error
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho explain low_MoS2.law.json
  tycho explain low_MoS2.law.json --figure functions")]
pub struct ExplainArgs {
    /// File of `tycho law`
    #[arg(value_name = "LAW")]
    law: PathBuf,

    /// Draw what pairs add over their distance: STEM.svg, .pdf, .png and the numbers, .csv
    #[arg(long, value_name = "STEM")]
    figure: Option<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
///
/// If the file is no law.
pub fn run(arguments: &ExplainArgs, out: &mut dyn Write) -> Result<()> {
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
        let shape = term.shape.rounded(4).text(&names);
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
