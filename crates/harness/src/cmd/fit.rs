//! `tycho fit`: formulas for any table.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use symreg::{Op, Progress, Settings};

use crate::error::UserError;
use crate::formula::{Fit, FormulaFile, Problem, Wanted, fit};
use crate::refuse;
use crate::report::significant;

/// Find formulas that explain a column of a table by the others
///
/// The search keeps the best formula of every length. Part of the rows is held
/// out: it judges the formulas, and chooses the one that is marked with an
/// arrow, the shortest whose error is within one standard error of the best.
/// No formula has a pole or another gap anywhere between the rows. Equal
/// arguments give equal formulas.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho fit pairs.csv --target energy
  tycho fit pairs.csv --target energy --features r,q --units r=Å,energy=eV
  tycho fit pairs.csv --target energy --operators add,sub,mul,div,exp --evaluations 1000000
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

    /// What formulas are made of, besides columns and constants
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = operation)]
    operators: Vec<Op>,

    /// Work: passes of one formula over all rows
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    evaluations: u64,

    /// Longest time, in seconds: a guard, after which formulas depend on the machine
    #[arg(long, value_name = "S")]
    seconds: Option<f64>,

    /// Largest number of nodes of a formula
    #[arg(long, value_name = "N", default_value_t = 40)]
    max_complexity: usize,

    /// Share of the rows that is held out
    #[arg(long, value_name = "SHARE", default_value_t = 0.2)]
    held_out: f64,

    /// Start of the random numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Where the formulas are written (else DATA.fit.json in this folder)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

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
    if !problem.skipped.is_empty() {
        eprintln!("not numbers, left out: {}", problem.skipped.join(", "));
    }
    let bar = progress(arguments.evaluations);
    let deadline = deadline(arguments.seconds)?;
    let data = arguments.data.display().to_string();
    let mut late = false;
    let file = fit(&problem, &how, &data, &mut |progress| {
        show(&bar, progress);
        late = deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if late {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    bar.finish_and_clear();
    if late {
        eprintln!(
            "warning: stopped by the clock after {} of {} evaluations",
            file.evaluations, arguments.evaluations
        );
    }
    print(&file, out)?;
    let place = place(arguments);
    file.write(&place)?;
    writeln!(out, "formulas: {}", place.display())?;
    Ok(())
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
    if !arguments.operators.is_empty() {
        settings.operators.used.clone_from(&arguments.operators);
    }
    settings
        .check()
        .map_err(|error| UserError::new(error.to_string()))?;
    Ok(Fit {
        settings,
        held_out: arguments.held_out,
        seed: arguments.seed,
    })
}

fn deadline(seconds: Option<f64>) -> Result<Option<Instant>> {
    let Some(seconds) = seconds else {
        return Ok(None);
    };
    let Ok(longest) = Duration::try_from_secs_f64(seconds) else {
        refuse!("--seconds {seconds}: expected a time above 0");
    };
    Ok(Instant::now().checked_add(longest))
}

fn unit(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, unit)) if !name.is_empty() => Ok((name.to_owned(), unit.to_owned())),
        _ => Err("expected NAME=UNIT".to_owned()),
    }
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

fn show(bar: &ProgressBar, progress: &Progress<'_>) {
    let best = progress.front.best();
    bar.set_position(progress.evaluations);
    bar.set_message(format!(
        "error {} with {} nodes",
        significant(best.error, 3),
        best.complexity
    ));
}

/// The front as a table, the chosen one marked.
fn print(file: &FormulaFile, out: &mut dyn Write) -> Result<()> {
    let unit = match file.target.unit.as_str() {
        "" => String::new(),
        unit => format!(" in {unit}"),
    };
    writeln!(
        out,
        "mean absolute error{unit} on {} rows that were fitted and {} that were held out",
        file.rows_fitted, file.rows_held_out
    )?;
    writeln!(
        out,
        "  {:>5} {:>10} {:>10}  {}",
        "nodes", "fitted", "held out", file.target.name
    )?;
    for member in &file.front {
        let mark = if member.chosen { '→' } else { ' ' };
        let held_out = member
            .held_out_mae
            .map_or("–".to_owned(), |mae| significant(mae, 3));
        writeln!(
            out,
            "{mark} {:>5} {:>10} {held_out:>10}  {}",
            member.complexity,
            significant(member.train_mae, 3),
            member.text
        )?;
    }
    Ok(())
}
