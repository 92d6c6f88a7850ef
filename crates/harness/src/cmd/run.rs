//! `tycho run`.

use std::collections::BTreeMap;
use std::io::Write;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::device::DeviceArgs;
use crate::dataset::{Dataset, Home, load};
use crate::refuse;
use crate::report::{self, Results, StudySummary};
use crate::run::{Library, Outcome, Prepared, Queue, Shard, Status, Store, prepare};
use crate::study::{ModelEntry, PlannedTrial, Study, plan};

/// The study that runs without any data: equations and networks on the
/// embedded model data.
const EMBEDDED_STUDY: &str = include_str!("../../../../reports/embedded/study.toml");

/// Fit every trial of a study, record the predictions, write the report
///
/// A trial is one model on one subsample of one data set, for one target. Its
/// record is written the moment it ends, and a trial that is already recorded
/// is skipped: an interrupted run continues where it stopped. A trial that
/// fails is a row with its reason, and the run goes on. Without a study, the
/// embedded one is run, which needs no data.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho run                                              # the embedded study, into ./tycho-report
  tycho run reports/2dmd-low-mos2/study.toml             # into the folder of the study
  tycho run study.toml --out result --model symbolic     # one model only
  tycho run study.toml --shard 2/8                       # one eighth, as on a cluster
  tycho run study.toml --dry-run                         # count the trials, fit none")]
pub struct RunArgs {
    /// The study: a TOML file that says what is compared on which data
    #[arg(value_name = "STUDY.toml")]
    study: Option<PathBuf>,

    /// Folder of the report (else that of the study, else ./tycho-report)
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Only this model; may be given more than once
    #[arg(long, value_name = "NAME")]
    model: Vec<String>,

    /// Only part I of N of the trials; `tycho report` gathers the parts
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,

    /// Trials at a time (else one a core); the records do not depend on it
    #[arg(long, value_name = "N")]
    threads: Option<NonZero<usize>>,

    #[command(flatten)]
    device: DeviceArgs,

    /// Leave times and memory out of the records
    ///
    /// They are all that differs between two runs of one study: without them,
    /// the reports are equal byte for byte.
    #[arg(long)]
    untimed: bool,

    /// Say how many trials there are, and fit none
    #[arg(long)]
    dry_run: bool,
}

/// Runs the verb.
///
/// # Errors
///
/// If the study or its data cannot be read, or records cannot be written.
pub fn run(arguments: &RunArgs, home: &Home, out: &mut dyn Write) -> Result<()> {
    let device = arguments.device.open()?;
    let study = read_study(arguments.study.as_deref())?;
    let folder = report_folder(arguments);
    for name in &arguments.model {
        if !study.models.iter().any(|model| &model.name == name) {
            let names: Vec<&str> = study
                .models
                .iter()
                .map(|model| model.name.as_str())
                .collect();
            refuse!("--model {name}: the study has {}", names.join(", "));
        }
    }
    let dataset = load(&study.dataset, home)?;
    let prepared = prepare(&study, &dataset)?;
    let trials = plan(&study, &dataset, &prepared.splits);
    for (subset, left) in &prepared.crowded {
        let largest = study.largest();
        eprintln!(
            "warning: {subset} leaves {left} structures to learn from, so that subsamples of {largest} overlap much: the intervals are too narrow"
        );
    }
    let store = Store::new(&folder);
    let open = open_trials(arguments, &trials, &store)?;
    if arguments.dry_run {
        writeln!(
            out,
            "{} trials, {} of them to run",
            trials.len(),
            open.len()
        )?;
        return Ok(());
    }
    store.write_study(&study, arguments.study.as_deref())?;
    store.write_splits(&prepared.splits)?;
    if !open.is_empty() {
        let library = Library::new(&dataset, &prepared.samples)?;
        let bar = progress(open.len());
        let queue = Queue {
            library: &library,
            store: &store,
            shared: Some(&home.shared()),
            device: &device,
            threads: threads(arguments),
            untimed: arguments.untimed,
            each: &|outcome| tell(&bar, outcome),
            step: &|planned, step| {
                let trial = &planned.trial;
                bar.set_message(format!("{} {}: {step}", trial.model, trial.n_train));
            },
        };
        queue.run(&open)?;
        bar.finish_and_clear();
    }
    if let Some(shard) = arguments.shard {
        let Shard { index, count } = shard;
        writeln!(
            out,
            "part {index} of {count} is done; `tycho report {}` gathers",
            folder.display()
        )?;
        return Ok(());
    }
    write_report(&study, &dataset, &prepared, &trials, &store, &folder, out)?;
    Ok(())
}

/// Gathers what is recorded, writes the report and says where it is.
///
/// # Errors
///
/// If records cannot be read or the report cannot be written.
pub(super) fn write_report(
    study: &Study,
    dataset: &Dataset,
    prepared: &Prepared<'_>,
    trials: &[PlannedTrial<'_>],
    store: &Store,
    folder: &Path,
    out: &mut dyn Write,
) -> Result<Results> {
    let results = store.fold(trials)?;
    let summary = StudySummary {
        title: study.title.clone(),
        dataset: study.dataset.clone(),
        subsets: study.subsets.clone(),
        targets: study.targets.clone(),
        train_sizes: study.split.train_sizes.clone(),
        seeds: usize::try_from(study.split.seeds)?,
        n_test: study.split.test,
        command: "tycho run study.toml".to_owned(),
        planned: planned_seeds(study),
        pools: prepared.pools.clone(),
    };
    report::write(folder, &results, dataset, &summary)?;
    let ok = results
        .records
        .iter()
        .filter(|record| record.status == Status::Ok)
        .count();
    writeln!(out, "{ok} of {} trials went well", trials.len())?;
    if results.records.len() < trials.len() {
        let missing = trials.len() - results.records.len();
        writeln!(out, "{missing} trials have not run: `tycho run` continues")?;
    }
    writeln!(out, "report: {}", folder.join("index.html").display())?;
    Ok(results)
}

/// How many subsamples of each size every model is to learn from.
fn planned_seeds(study: &Study) -> BTreeMap<String, usize> {
    let seeds = |model: &ModelEntry| model.seeds.unwrap_or(study.split.seeds);
    let count = |model: &ModelEntry| usize::try_from(seeds(model)).unwrap_or(usize::MAX);
    study
        .models
        .iter()
        .map(|model| (model.name.clone(), count(model)))
        .collect()
}

/// Reads a study file, or the embedded study.
pub(super) fn read_study(path: Option<&Path>) -> Result<Study> {
    match path {
        None => Study::parse(EMBEDDED_STUDY).context("the embedded study"),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| {
                crate::error::UserError::new(format!("{}: {error}", path.display()))
            })?;
            Study::parse(&text).with_context(|| path.display().to_string())
        }
    }
}

fn report_folder(arguments: &RunArgs) -> PathBuf {
    match (&arguments.out, &arguments.study) {
        (Some(folder), _) => folder.clone(),
        (None, None) => PathBuf::from("tycho-report"),
        (None, Some(study)) => match study.parent() {
            Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
            Some(folder) => folder.to_owned(),
            None => PathBuf::from("."),
        },
    }
}

/// The trials that this call is asked for and that have no record yet, slow
/// ones first.
fn open_trials<'a, 'b>(
    arguments: &RunArgs,
    trials: &'a [PlannedTrial<'b>],
    store: &Store,
) -> Result<Vec<&'a PlannedTrial<'b>>> {
    let done = store.records()?;
    let asked = |name: &String| arguments.model.is_empty() || arguments.model.contains(name);
    let mut open: Vec<&PlannedTrial<'_>> = trials
        .iter()
        .enumerate()
        .filter(|(position, _)| arguments.shard.is_none_or(|shard| shard.holds(*position)))
        .map(|(_, planned)| planned)
        .filter(|planned| asked(&planned.model.name) && !done.contains_key(&planned.hash))
        .collect();
    open.sort_by_key(|planned| {
        let slow = planned.model.spec.is_slow();
        std::cmp::Reverse((slow, planned.trial.n_train))
    });
    Ok(open)
}

fn threads(arguments: &RunArgs) -> usize {
    let cores = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    arguments.threads.unwrap_or(cores).get()
}

/// Hidden when the error stream is not a terminal.
fn progress(trials: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{pos}/{len} trials {wide_bar} {elapsed} {msg}");
    let bar = ProgressBar::new(trials as u64);
    bar.set_style(style.expect("the template is fixed"));
    bar.enable_steady_tick(std::time::Duration::from_millis(500));
    bar
}

fn tell(bar: &ProgressBar, outcome: &Outcome) {
    let record = &outcome.record;
    bar.inc(1);
    bar.set_message(format!("{} {}", record.trial.model, record.trial.n_train));
    if record.status != Status::Ok {
        let what = format!(
            "{} on {} structures, {}, seed {}: {}",
            record.trial.model,
            record.trial.n_train,
            record.trial.target,
            record.trial.seed,
            record.reason
        );
        bar.suspend(|| eprintln!("failed: {what}"));
    }
}
