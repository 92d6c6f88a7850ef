//! `tycho fit`: formulas for any table.

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use symreg::settings::Units;
use symreg::units::Constants;
use symreg::{Ended, Op, Rule, Settings, State};

use super::interrupt::Interrupt;
use crate::error::UserError;
use crate::files;
use crate::formula::{Fit, FormulaFile, Found, Problem, Wanted, fit};
use crate::refuse;
use crate::report::significant;

/// Find formulas that explain a column of a table by the others
///
/// The search keeps the best formula of every length; an arrow marks the one
/// that the rule chooses. Errors are also given on rows that are held out, which
/// no fit has seen. No formula has a pole or another gap anywhere between the
/// rows. Equal arguments give equal formulas, whatever the number of threads.
/// Interrupted with Ctrl-C, it writes what it has; `--resume` goes on from
/// there.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho fit pairs.csv --target energy
  tycho fit pairs.csv --target energy --features r,q --units r=Å,energy=eV
  tycho fit pairs.csv --target energy --operators add,sub,mul,div,exp
  tycho fit pairs.csv --target energy --evaluations 5000000 --resume
  tycho equation pairs.fit.json --as latex      # then take it home")]
pub struct FitArgs {
    /// The table: comma-separated values below a line of names
    #[arg(value_name = "DATA.csv")]
    data: PathBuf,

    /// Column that is to be explained
    #[arg(long, value_name = "NAME")]
    target: String,

    /// Columns that may explain it (else all others that hold numbers)
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    features: Vec<String>,

    /// Units of columns, as `r=Å,energy=eV`; the others are pure numbers
    #[arg(long, value_name = "NAME=UNIT", value_delimiter = ',', value_parser = unit)]
    units: Vec<(String, String)>,

    /// Which units fitted constants may carry, where any units are given
    #[arg(long, value_name = "RULE", default_value = "coefficients")]
    constants: UnitRule,

    /// What formulas are made of, besides columns and constants
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = operation)]
    operators: Vec<Op>,

    /// What nodes count for in the length of a formula, as `exp=3,const=1`; where not
    /// given 1, but 2 for functions and fitted constants
    #[arg(long, value_name = "NAME=N", value_delimiter = ',', value_parser = weight)]
    weights: Vec<(String, usize)>,

    /// Work: passes of one formula over all rows
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    evaluations: u64,

    /// Longest time in seconds: a guard, after which formulas depend on the machine
    #[arg(long, value_name = "S")]
    seconds: Option<f64>,

    /// Largest length of a formula
    #[arg(long, value_name = "N", default_value_t = 50)]
    max_complexity: usize,

    /// Share of the rows that is held out
    #[arg(long, value_name = "SHARE", default_value_t = 0.2)]
    held_out: f64,

    /// The rule that chooses *the* formula
    #[arg(long, value_name = "RULE", default_value = "description-length")]
    choose: Choice,

    /// Start of the random numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Where the formulas are written (else DATA.fit.json in this folder)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Go on from where the last search of this table ended
    #[arg(long)]
    resume: bool,
}

/// The rules of units, as they are typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum UnitRule {
    /// Any, anywhere
    Free,
    /// Any as a factor, that of the target as a term, none elsewhere
    Coefficients,
    /// None: all are plain numbers
    Dimensionless,
}

/// The rules of choice, as they are typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Choice {
    /// The shortest description of formula and residual
    DescriptionLength,
    /// The simplest within one standard error of the best on the rows held out
    Validation,
    /// Where the front bends
    Knee,
    /// The smallest error, whatever the length
    Best,
}

/// Significant digits of the constants in the table.
const SHORT: usize = 5;

/// Runs the verb.
///
/// # Errors
///
/// If the table cannot be read or searched, or the formulas cannot be written.
pub fn run(arguments: &FitArgs, out: &mut dyn Write) -> Result<()> {
    let how = how(arguments)?;
    let wanted = Wanted {
        target: arguments.target.clone(),
        features: arguments.features.clone(),
        units: arguments.units.clone(),
    };
    let problem = Problem::read(&arguments.data, &wanted)?;
    let place = place(arguments);
    let kept = place.with_extension("state.json");
    let earlier = if arguments.resume {
        Some(read_state(&kept)?)
    } else {
        None
    };
    let data = arguments.data.display().to_string();
    let Found { file, state, ended } = watched(arguments, |watch| {
        fit(&problem, &how, &data, earlier, watch)
    })?;
    files::write(&kept, &serde_json::to_vec(&state)?)?;
    file.write(&place)?;
    if !problem.skipped.is_empty() {
        eprintln!("not numbers, left out: {}", problem.skipped.join(", "));
    }
    print(&file, out)?;
    say(ended, &file, arguments.evaluations);
    writeln!(out, "formulas: {}", place.display())?;
    Ok(())
}

/// Searches with a bar of progress, until Ctrl-C.
fn watched(
    arguments: &FitArgs,
    search: impl FnOnce(&mut dyn FnMut(&State) -> ControlFlow<()>) -> Result<Found>,
) -> Result<Found> {
    let bar = progress(arguments.evaluations);
    let stop = Interrupt::watch();
    let found = search(&mut |state| {
        let best = state.front().best();
        bar.set_position(state.evaluations());
        bar.set_message(format!(
            "error {} with {} nodes",
            significant(best.error, 3),
            best.complexity
        ));
        if stop.is_wanted() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    bar.finish_and_clear();
    found
}

fn how(arguments: &FitArgs) -> Result<Fit> {
    if !(0.0..1.0).contains(&arguments.held_out) {
        refuse!(
            "--held-out {}: expected a share from 0 to below 1",
            arguments.held_out
        );
    }
    let mut settings = Settings::default();
    settings.search.evaluations = arguments.evaluations;
    settings.search.max_complexity = arguments.max_complexity;
    settings.search.seconds = arguments.seconds;
    if !arguments.operators.is_empty() {
        settings.operators.used.clone_from(&arguments.operators);
    }
    settings.operators.weights = arguments.weights.iter().cloned().collect();
    settings.units = units(arguments);
    settings
        .check()
        .map_err(|error| UserError::new(error.to_string()))?;
    Ok(Fit {
        settings,
        held_out: arguments.held_out,
        rule: match arguments.choose {
            Choice::DescriptionLength => Rule::DescriptionLength,
            Choice::Validation => Rule::Validation,
            Choice::Knee => Rule::Knee,
            Choice::Best => Rule::Best,
        },
        seed: arguments.seed,
    })
}

/// What formulas must keep, if any units are given.
fn units(arguments: &FitArgs) -> Option<Units> {
    let unit = |(name, unit): &(String, String)| (*name == arguments.target).then(|| unit.clone());
    let target = arguments.units.iter().find_map(unit).unwrap_or_default();
    (!arguments.units.is_empty()).then_some(Units {
        target,
        constants: match arguments.constants {
            UnitRule::Free => Constants::Free,
            UnitRule::Coefficients => Constants::Coefficients,
            UnitRule::Dimensionless => Constants::Dimensionless,
        },
    })
}

fn read_state(path: &Path) -> Result<State> {
    let name = path.display();
    let text = fs::read_to_string(path).map_err(|error| {
        UserError::new(format!(
            "{name}: {error}; without --resume a search begins anew"
        ))
    })?;
    serde_json::from_str(&text)
        .map_err(|error| UserError::new(format!("{name}: not a state of this tycho: {error}")))
}

fn unit(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, unit)) if !name.is_empty() => Ok((name.to_owned(), unit.to_owned())),
        _ => Err("expected NAME=UNIT".to_owned()),
    }
}

fn weight(text: &str) -> Result<(String, usize), String> {
    let parts = text.split_once('=');
    let parsed = parts.and_then(|(name, weight)| Some((name.to_owned(), weight.parse().ok()?)));
    parsed.ok_or_else(|| "expected NAME=N with a whole number N".to_owned())
}

fn operation(name: &str) -> Result<Op, String> {
    let names = Op::NAMED.map(Op::name).join(", ");
    Op::named(name).ok_or_else(|| format!("expected one of {names}"))
}

fn place(arguments: &FitArgs) -> PathBuf {
    let stem = arguments.data.file_stem().unwrap_or_default();
    let own = || format!("{}.fit.json", stem.to_string_lossy()).into();
    arguments.out.clone().unwrap_or_else(own)
}

/// Hidden when the error stream is not a terminal.
fn progress(evaluations: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{percent}% {wide_bar} {elapsed} {msg}");
    let bar = ProgressBar::new(evaluations);
    bar.set_style(style.expect("the template is fixed"));
    bar
}

/// Says what a reader of the table would not expect.
fn say(ended: Ended, file: &FormulaFile, budget: u64) {
    let done = file.evaluations;
    match ended {
        Ended::Budget => {}
        Ended::Exact => eprintln!("an exact law was found after {done} evaluations"),
        Ended::CutShort => {
            eprintln!(
                "warning: out of time after {done} of {budget} evaluations; --resume goes on"
            );
        }
        Ended::Stopped => {
            eprintln!("warning: stopped after {done} of {budget} evaluations; --resume goes on");
        }
    }
}

/// Three digits, in powers of ten where the number is very small or large.
fn brief(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-4..1e6).contains(&size) {
        significant(value, 3)
    } else {
        format!("{value:.2e}")
    }
}

/// The front as a table, the chosen formula marked and once more below it, with
/// the standard errors of its constants.
fn print(file: &FormulaFile, out: &mut dyn Write) -> Result<()> {
    let target = &file.target;
    let unit = if target.unit.is_empty() {
        String::new()
    } else {
        format!(" in {}", target.unit)
    };
    writeln!(
        out,
        "mean absolute error{unit} on {} rows that were fitted and {} that were held out; length in nats",
        file.rows_fitted, file.rows_held_out
    )?;
    writeln!(
        out,
        "  {:>5} {:>10} {:>10} {:>8}  {}",
        "nodes", "fitted", "held out", "length", target.name
    )?;
    let names = file.names();
    for member in &file.front {
        let or_dash = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
        writeln!(
            out,
            "{} {:>5} {:>10} {:>10} {:>8}  {}",
            if member.chosen { '→' } else { ' ' },
            member.complexity,
            brief(member.train_mae),
            or_dash(member.held_out_mae.map(brief)),
            or_dash(member.description_length.map(brief)),
            file.expr(member)?.rounded(SHORT).text(&names)
        )?;
    }
    let chosen = file.chosen()?;
    let text = chosen.with_errors.as_ref().unwrap_or(&chosen.text);
    writeln!(out, "\n{} = {text}", target.name)?;
    Ok(())
}
