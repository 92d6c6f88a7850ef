//! `tycho train`: trains one network, to keep.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::device::DeviceArgs;
use super::task::{Task, TaskArgs};
use crate::dataset::Home;
use crate::models::{Context, ModelSpec, NetworkFile};
use crate::refuse;
use crate::report::significant;
use crate::run::{Keep, Watch};

/// Train a network, and write it to a folder
///
/// It is trained on so many structures, and scored on the others, which it has not seen.
/// A training that was interrupted goes on when it is called again with the same words.
/// `tycho predict` applies what is in the folder.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho train megnet-sparse 2dmd/low_MoS2 --target homo_lumo_gap --structures 299
  tycho train schnet 2dmd/low_MoS2 --target homo_lumo_gap --set \"readout='difference'\" --out gap
  tycho predict gap my-defects.cif")]
pub struct TrainArgs {
    /// schnet, megnet, megnet-sparse or gemnet
    #[arg(value_name = "NETWORK")]
    network: String,

    #[command(flatten)]
    task: TaskArgs,

    /// A setting, as in a study; may be given many times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,

    #[command(flatten)]
    device: DeviceArgs,

    /// Where the network is written (else SUBSET.NETWORK in this folder)
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
///
/// If there is no such network, there are no such data, or too few.
pub fn run(arguments: &TrainArgs, home: &Home, out: &mut dyn Write) -> Result<()> {
    let spec = spec(&arguments.network, &arguments.settings)?;
    let device = arguments.device.open()?;
    let task = arguments.task.load(home)?;
    let folder = arguments.out.clone().unwrap_or_else(|| {
        PathBuf::from(format!("{}.{}", arguments.task.name(), arguments.network))
    });
    std::fs::create_dir_all(&folder)?;
    let state = folder.join(format!("{}.state", key(&spec, &arguments.task, &task)));
    let keep = Keep::at(None, Some(state.clone()), None);
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
        bar.set_style(style);
    }
    let context = Context {
        seed: arguments.task.seed,
        watch: &Watch::endless(),
        keep: &keep,
        step: &|step| bar.set_message(step.to_owned()),
        device: &device,
    };
    let learnt = (task.property, task.told());
    let source = &arguments.task.source;
    let file = NetworkFile::learn(&spec, source, &task.train(), learnt, &context)?;
    bar.finish_and_clear();
    file.write(&folder)?;
    // there is none after a short training
    let _ = std::fs::remove_file(state);
    let error = task.test_error(|sample| Ok(file.predict(&sample.structure)?.0))?;
    writeln!(
        out,
        "mean absolute error on the other {} structures: {} {}\nnetwork: {}",
        task.test().len(),
        significant(error, 3),
        task.told().report_unit,
        folder.display()
    )?;
    Ok(())
}

/// The network that a study would name like this.
fn spec(network: &str, settings: &[String]) -> Result<ModelSpec> {
    let text = format!("kind = {network:?}\n{}", settings.join("\n"));
    let spec: Result<ModelSpec, _> = toml::from_str(&text);
    match spec {
        Ok(spec) => spec.resolve(),
        Err(error) => refuse!(
            "network `{network}`, {}: {}",
            settings.join(", "),
            error.message()
        ),
    }
}

/// What a training depends on, as a word.
fn key(spec: &ModelSpec, arguments: &TaskArgs, task: &Task) -> String {
    let ids: Vec<&str> = task
        .train()
        .iter()
        .map(|sample| sample.id.as_str())
        .collect();
    let words = format!(
        "{spec:?} {:?} {:?} {ids:?}",
        arguments.seed,
        task.told().key
    );
    blake3::hash(words.as_bytes()).to_hex()[..16].to_owned()
}
