//! `tycho equation`: a found formula, to take home.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use symreg::Expr;
use symreg::export::{Format, export};

use crate::error::UserError;
use crate::formula::FormulaFile;
use crate::models::LawFile;
use crate::refuse;
use crate::report::validation_error;
use crate::run::{RunRecord, Store};

/// Print a found formula for the program or paper it is needed in
///
/// RUN is what `tycho fit` or `tycho law` has written, or the folder of a study. A law
/// adds functions of sites, pairs and triples up. It is printed as a whole as text or
/// LaTeX, or as `python` or `sympy` code that takes the tables of `tycho predict --tables`;
/// --channel prints one of its functions, in any language. Of a study, the equation is that
/// of the largest training size, and of the subsample whose equation was best on its own
/// validation structures, unless asked for others.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho equation pairs.fit.json --as latex
  tycho equation pairs.fit.json --nodes 9 --as python
  tycho equation low_MoS2.law.json --as python > low_MoS2.py
  tycho equation low_MoS2.law.json --channel 'pair: V_Mo-V_S /' --as python
  tycho equation reports/2dmd-low-mos2 --target homo_lumo_gap --as sympy")]
pub struct EquationArgs {
    /// File of `tycho fit` or `tycho law`, or folder of a study
    #[arg(value_name = "RUN")]
    run: PathBuf,

    /// The language
    #[arg(long = "as", visible_alias = "format", value_name = "FORMAT", default_value = "text", value_parser = format)]
    format: Format,

    /// The formula with this many nodes (else the chosen one)
    #[arg(long, value_name = "N")]
    nodes: Option<usize>,

    /// Of a law: the function of one kind of sites, pairs or triples
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,

    /// Of a study: the target
    #[arg(long, value_name = "KEY")]
    target: Option<String>,

    /// Of a study: the model
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    /// Of a study: the subset
    #[arg(long, value_name = "NAME")]
    subset: Option<String>,

    /// Of a study: the number of structures that were learnt from
    #[arg(long, value_name = "N")]
    n_train: Option<usize>,

    /// Of a study: the subsample
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

/// A formula and the names of its columns.
type Named = (Expr, Vec<String>);

/// Runs the verb.
///
/// # Errors
///
/// If there is no such formula.
pub fn run(arguments: &EquationArgs, out: &mut dyn Write) -> Result<()> {
    let (expr, names) = if arguments.run.is_dir() {
        of_study(arguments)?
    } else if let Ok(law) = LawFile::read(&arguments.run) {
        let Some(channel) = &arguments.channel else {
            let whole = whole_law(arguments, &law)?;
            return Ok(writeln!(out, "{}", whole.trim_end())?);
        };
        of_law(arguments, &law, channel)?
    } else {
        of_file(arguments)?
    };
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let text = export(&expr, &names, arguments.format);
    writeln!(out, "{}", text.trim_end())?;
    Ok(())
}

fn format(name: &str) -> Result<Format, String> {
    let names = Format::ALL.map(Format::name).join(", ");
    Format::named(name).ok_or_else(|| format!("expected one of {names}"))
}

/// All sums of a law.
fn whole_law(arguments: &EquationArgs, law: &LawFile) -> Result<String> {
    match law.export(arguments.format) {
        Some(whole) => Ok(whole),
        None => refuse!(
            "{}: a whole law can be written as text, latex, sympy or python, not as {}; \
             say with --channel which of its functions: there is {}",
            arguments.run.display(),
            arguments.format,
            channels(law).join(", ")
        ),
    }
}

fn channels(law: &LawFile) -> Vec<String> {
    law.formulas().into_iter().map(|(name, ..)| name).collect()
}

/// One function of a law.
fn of_law(arguments: &EquationArgs, law: &LawFile, channel: &str) -> Result<Named> {
    let mut formulas = law.formulas().into_iter();
    let found = formulas.find(|(name, ..)| name == channel);
    let (_, formula, columns) =
        found.ok_or_else(|| none(&arguments.run, "--channel", &channels(law)))?;
    Ok((formula, columns))
}

fn of_file(arguments: &EquationArgs) -> Result<Named> {
    let path = &arguments.run;
    let file = FormulaFile::read(path)?;
    let member = match arguments.nodes {
        None => file.chosen()?,
        Some(nodes) => {
            let there: Vec<usize> = file.front.iter().map(|member| member.complexity).collect();
            let member = file.front.iter().find(|member| member.complexity == nodes);
            member.ok_or_else(|| none(path, "--nodes", &there))?
        }
    };
    let names = file.columns.iter().map(|column| column.name.clone());
    Ok((file.expr(member)?, names.collect()))
}

fn none(path: &Path, option: &str, there: &[impl ToString]) -> anyhow::Error {
    let there: Vec<String> = there.iter().map(ToString::to_string).collect();
    UserError::new(format!(
        "{}: {option}: there is {}",
        path.display(),
        there.join(", ")
    ))
}

fn of_study(arguments: &EquationArgs) -> Result<Named> {
    let folder = arguments.run.display();
    if let Some(nodes) = arguments.nodes {
        refuse!(
            "--nodes {nodes}: {folder} is a study, which keeps only the chosen formulas exactly"
        );
    }
    let records = Store::new(&arguments.run).every_record()?;
    let mut with_equation: Vec<&RunRecord> = records
        .values()
        .filter(|record| record.equation.is_some())
        .collect();
    let trial = |record: &RunRecord| record.trial.clone();
    keep(
        &mut with_equation,
        "--target",
        arguments.target.as_ref(),
        |r| trial(r).target,
    )?;
    keep(
        &mut with_equation,
        "--model",
        arguments.model.as_ref(),
        |r| trial(r).model,
    )?;
    keep(
        &mut with_equation,
        "--subset",
        arguments.subset.as_ref(),
        |r| trial(r).subset,
    )?;
    let largest = with_equation
        .iter()
        .map(|record| record.trial.n_train)
        .max();
    let size = arguments.n_train.or(largest);
    keep(&mut with_equation, "--n-train", size.as_ref(), |r| {
        r.trial.n_train
    })?;
    with_equation.sort_by_key(|record| record.trial.seed);
    if arguments.seed.is_some() {
        keep(&mut with_equation, "--seed", arguments.seed.as_ref(), |r| {
            r.trial.seed
        })?;
    }
    let best = with_equation
        .into_iter()
        .min_by(|a, b| validation_error(a).total_cmp(&validation_error(b)));
    let equation = best.and_then(|record| record.equation.clone());
    let equation =
        equation.ok_or_else(|| UserError::new(format!("{folder}: no equation in its records")))?;
    let names: Vec<String> = equation.columns.into_iter().map(|(name, _)| name).collect();
    let given: Vec<&str> = names.iter().map(String::as_str).collect();
    let expr = Expr::parse(&equation.text, &given)
        .map_err(|error| UserError::new(format!("{folder}: `{}`: {error}", equation.text)))?;
    Ok((expr, names))
}

/// Keeps the records in which something is as wanted; where nothing is wanted,
/// all must agree in it.
fn keep<T: PartialEq + Ord + Clone + ToString>(
    records: &mut Vec<&RunRecord>,
    option: &str,
    wanted: Option<&T>,
    of: impl Fn(&RunRecord) -> T,
) -> Result<()> {
    let there: BTreeSet<T> = records.iter().map(|record| of(record)).collect();
    let list = || {
        let there: Vec<String> = there.iter().map(ToString::to_string).collect();
        there.join(", ")
    };
    match wanted {
        None if there.len() > 1 => refuse!("{option}: say which of {}", list()),
        Some(wanted) if !there.contains(wanted) => {
            refuse!("{option} {}: there is {}", wanted.to_string(), list())
        }
        Some(wanted) => records.retain(|record| of(record) == *wanted),
        None => {}
    }
    Ok(())
}
