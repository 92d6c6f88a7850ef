//! `tycho compare`: has anything become worse?

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use statistics::{Paired, Repeats, shared};

use crate::refuse;
use crate::report::significant;
use crate::run::{RunRecord, Store};
use crate::table::{TrialScore, read_learning_curve};

/// Compare two report folders, trial by trial, and fail if the second is worse
///
/// Models are compared at every size at which both folders have them, over the
/// seeds of both, which must have got the same structures. Only
/// `learning_curve.csv` and `records.jsonl` are read, so that published copies can be
/// compared without the data. A row is worse if its error is larger by more than
/// the tolerance and the interval of the ratio says so too, or if trials that went
/// well before do so no more. Exit code 1 if any row is worse.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tycho compare reports/2dmd-low-mos2 result
  tycho compare before after --tolerance 0     # any rise that is sure")]
pub struct CompareArgs {
    /// The folder that is taken as it is
    #[arg(value_name = "BEFORE")]
    before: PathBuf,

    /// The folder that must not be worse
    #[arg(value_name = "AFTER")]
    after: PathBuf,

    /// Rise of an error that is let pass, as a share of it
    #[arg(long, value_name = "SHARE", default_value = "0.02")]
    tolerance: f64,
}

/// Level of intervals.
const LEVEL: f64 = 0.95;

/// What a row is about: subset, target, model, size.
type Key = (String, String, String, usize);

/// The seeds of a row.
#[derive(Debug, Default)]
struct Side {
    errors: BTreeMap<u64, f64>,
    splits: BTreeMap<u64, String>,
}

/// How a row has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Same,
    Better,
    Worse,
}

/// Runs the verb.
///
/// # Errors
///
/// If a folder cannot be read, nothing can be compared, or anything is worse.
pub fn run(arguments: &CompareArgs, out: &mut dyn Write) -> Result<()> {
    if !(0.0..f64::INFINITY).contains(&arguments.tolerance) {
        refuse!("--tolerance {}: must be at least 0", arguments.tolerance);
    }
    let before = sides(&arguments.before)?;
    let after = sides(&arguments.after)?;
    writeln!(
        out,
        "{:<14} {:<26} {:<20} {:>6} {:>9} {:>9}  after/before",
        "subset", "target", "model", "n", "before", "after"
    )?;
    let (mut rows, mut worse) = (0, 0);
    for (key, first) in &before {
        let Some(second) = after.get(key) else {
            continue;
        };
        rows += 1;
        let verdict = row(key, (first, second), arguments.tolerance, out)?;
        worse += usize::from(verdict == Verdict::Worse);
    }
    let lost = before
        .keys()
        .filter(|key| !after.contains_key(*key))
        .count();
    if rows == 0 {
        refuse!(
            "{} and {} have no row in common",
            arguments.before.display(),
            arguments.after.display()
        );
    }
    if lost > 0 {
        writeln!(
            out,
            "{lost} rows are in {} only",
            arguments.before.display()
        )?;
    }
    if worse > 0 {
        bail!("{worse} of {rows} rows are worse");
    }
    writeln!(out, "none of {rows} rows is worse")?;
    Ok(())
}

/// Prints a row and judges it.
fn row(
    key: &Key,
    (before, after): (&Side, &Side),
    tolerance: f64,
    out: &mut dyn Write,
) -> Result<Verdict> {
    let (subset, target, model, size) = key;
    let name = format!("{subset}/{target}/{model}/{size}");
    let differ = |seed: &u64| before.splits.get(seed) != after.splits.get(seed);
    let both = before
        .errors
        .keys()
        .filter(|seed| after.errors.contains_key(seed));
    if let Some(seed) = both.copied().find(differ) {
        refuse!("{name}, seed {seed}: the two folders have other structures for it");
    }
    let (first, second) = shared(&before.errors, &after.errors);
    let lost = before
        .errors
        .keys()
        .any(|seed| !after.errors.contains_key(seed));
    if first.is_empty() {
        writeln!(
            out,
            "{subset:<14} {target:<26} {model:<20} {size:>6} no trial in common"
        )?;
        return Ok(if lost { Verdict::Worse } else { Verdict::Same });
    }
    // the second over the first: above 1 is worse
    let paired = Paired::new(&second, &first, Repeats::Independent, LEVEL, &name)?;
    let mean = |errors: &[f64]| errors.iter().sum::<f64>() / errors.len() as f64;
    let (old, new) = (mean(&first), mean(&second));
    let verdict = if lost {
        Verdict::Worse
    } else {
        judge(old, new, &paired, tolerance)
    };
    let interval = paired.ratio.map_or_else(String::new, |ratio| {
        let invert = |value: f64| significant(1.0 / value, 3);
        format!(
            "{} [{}, {}]",
            invert(ratio.estimate),
            invert(ratio.high),
            invert(ratio.low)
        )
    });
    let word = match verdict {
        Verdict::Same => "",
        Verdict::Better => " better",
        Verdict::Worse if lost => " trials are lost",
        Verdict::Worse => " WORSE",
    };
    writeln!(
        out,
        "{subset:<14} {target:<26} {model:<20} {size:>6} {:>9} {:>9}  {interval}{word}",
        significant(old, 3),
        significant(new, 3)
    )?;
    Ok(verdict)
}

fn judge(old: f64, new: f64, paired: &Paired, tolerance: f64) -> Verdict {
    // the interval of before/after
    let (low, high) = paired
        .ratio
        .map_or((1.0, 1.0), |ratio| (ratio.low, ratio.high));
    if new > old * (1.0 + tolerance) && high < 1.0 {
        Verdict::Worse
    } else if new < old && low > 1.0 {
        Verdict::Better
    } else {
        Verdict::Same
    }
}

/// The rows of a folder, with the splits of their seeds.
fn sides(folder: &Path) -> Result<BTreeMap<Key, Side>> {
    let scores = read_learning_curve(&folder.join("learning_curve.csv"))?;
    let mut sides: BTreeMap<Key, Side> = BTreeMap::new();
    for score in scores {
        let TrialScore {
            subset,
            target,
            model,
            n_train,
            seed,
            mae,
        } = score;
        let side = sides.entry((subset, target, model, n_train)).or_default();
        side.errors.extend(mae.map(|mae| (seed, mae)));
    }
    for record in Store::new(folder).every_record()?.into_values() {
        let RunRecord { trial, .. } = record;
        let key = (trial.subset, trial.target, trial.model, trial.n_train);
        if let Some(side) = sides.get_mut(&key) {
            side.splits.insert(trial.seed, trial.split_hash);
        }
    }
    Ok(sides)
}
