//! One trial, from a plan to a record.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use anyhow::{Result, anyhow};
use crystal::DefectCluster;

use crate::dataset::{Dataset, Sample, is_combined, weights_of_parts};
use crate::memory::most_held;
use crate::models::{Context, Input, Memo, Model, ModelSpec, Part, Training};
use crate::run::record::SCHEMA;
use crate::run::{Keep, RunRecord, Seconds, Status, Watch};
use crate::study::{PlannedTrial, is_validation};

/// The structures of a data set by id, with their defects.
#[derive(Debug)]
pub struct Library<'a> {
    dataset: &'a Dataset,
    entries: HashMap<&'a str, Entry<'a>>,
}

#[derive(Debug)]
struct Entry<'a> {
    sample: &'a Sample,
    defects: Option<DefectCluster>,
    memo: Memo,
}

impl<'a> Library<'a> {
    /// Finds the defects of the given samples.
    ///
    /// # Errors
    ///
    /// If a structure is not a supercell of its host.
    pub fn new(dataset: &'a Dataset, samples: &[&'a Sample]) -> Result<Self> {
        let mut entries = HashMap::with_capacity(samples.len());
        for &sample in samples {
            let defects = sample.defects()?;
            entries.insert(
                sample.id.as_str(),
                Entry {
                    sample,
                    defects,
                    memo: Memo::default(),
                },
            );
        }
        Ok(Self { dataset, entries })
    }

    fn input(&self, id: &str) -> Input<'_> {
        let entry = &self.entries[id];
        Input {
            structure: &entry.sample.structure,
            defects: entry.defects.as_ref(),
            memo: Some(&entry.memo),
        }
    }

    /// A weight for each of these ids, so that parts of the data set count alike.
    fn weights(&self, ids: &[&String]) -> Vec<f64> {
        let part = |id: &&String| &*self.entries[id.as_str()].sample.subset;
        weights_of_parts(&ids.iter().map(part).collect::<Vec<_>>())
    }

    /// The structures with these ids, and their targets.
    fn part<'b>(
        &self,
        ids: impl Iterator<Item = (&'b String, Option<f64>)>,
        property: usize,
    ) -> Part<'_> {
        let mut part = Part::default();
        for (id, weight) in ids {
            if let Some(weight) = weight {
                part.weights.get_or_insert_default().push(weight);
            }
            let target = self.entries[id.as_str()].sample.targets[property];
            part.inputs.push(self.input(id));
            part.targets
                .push(target.expect("splits hold ids with all targets"));
        }
        part
    }
}

/// A record and, if the trial went well, its predictions: one a test id.
#[derive(Debug)]
pub struct Outcome {
    /// How it went.
    pub record: RunRecord,
    /// In the property's unit; empty if it did not go well.
    pub predicted: Vec<f64>,
}

/// A model and what it says of the test structures.
type Fitted = (Box<dyn Model>, Vec<f64>, Cost);

/// What it took.
struct Cost {
    seconds: Seconds,
    memory_mib: Option<f64>,
}

/// Is told what a fit does, such as `epoch 3 of 100`.
pub type Step<'a> = dyn Fn(&str) + Sync + 'a;

/// Runs one trial. Whatever goes wrong in it becomes its record.
///
/// # Panics
///
/// Never: the hash of a plan is hexadecimal.
#[must_use]
pub fn execute(
    planned: &PlannedTrial<'_>,
    library: &Library<'_>,
    keep: &Keep,
    device: &gnn::Device,
    step: &Step<'_>,
) -> Outcome {
    let watch = Watch::start(planned.wall);
    let result = catch_unwind(AssertUnwindSafe(|| {
        let seed = u64::from_str_radix(&planned.hash[..16], 16).expect("a hash is hexadecimal");
        let context = Context {
            seed,
            watch: &watch,
            keep,
            step,
            device,
        };
        fit_and_predict(planned, library, &context)
    }))
    .unwrap_or_else(|panic| Err(anyhow!("panic: {}", panic_message(&*panic))));
    let cut_short = watch.has_cut_short();
    let mut record = RunRecord {
        schema: SCHEMA,
        hash: planned.hash.clone(),
        trial: planned.trial.clone(),
        status: Status::Ok,
        reason: String::new(),
        wall: planned.wall_text.clone(),
        cut_short,
        seconds: None,
        peak_memory_mib: peak_memory_mib(),
        fit_memory_mib: None,
        complexity: None,
        equation: None,
        front: Vec::new(),
        candidates: Vec::new(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        machine: None,
    };
    let mut predicted = Vec::new();
    match result {
        Ok((model, values, cost)) => {
            record.seconds = Some(cost.seconds);
            record.fit_memory_mib = cost.memory_mib;
            record.complexity = model.complexity();
            record.equation = model.equation();
            record.front = model.front();
            record.candidates = model.candidates();
            if values.iter().all(|value| value.is_finite()) {
                predicted = values;
            } else {
                record.status = Status::Diverged;
                "a prediction is not finite".clone_into(&mut record.reason);
            }
        }
        Err(error) => {
            record.status = failure(&error, cut_short);
            record.reason = format!("{error:#}");
        }
    }
    Outcome { record, predicted }
}

fn fit_and_predict(
    planned: &PlannedTrial<'_>,
    library: &Library<'_>,
    context: &Context<'_>,
) -> Result<Fitted> {
    let property = library
        .dataset
        .property(&planned.trial.target)
        .expect("a study's targets are checked when it is planned");
    let share = planned.validation;
    let train = planned.train();
    let weights = is_combined(&planned.trial.subset).then(|| library.weights(&train));
    let part = |validation: bool| {
        let ids = train.iter().enumerate();
        let chosen = ids.filter(move |(i, _)| is_validation(*i, share) == validation);
        let chosen = chosen.map(|(i, &id)| (id, weights.as_ref().map(|all| all[i])));
        library.part(chosen, property)
    };
    let training = Training {
        fit: part(false),
        validation: part(true),
        property: &library.dataset.properties[property],
    };
    let start = Instant::now();
    let regressor = planned.model.spec.regressor();
    let (model, memory) = most_held(|| regressor.fit(&training, context));
    let model = model?;
    let fit = (context.keep.earlier() + start.elapsed()).as_secs_f64();
    let inputs: Vec<Input<'_>> = planned.test().iter().map(|id| library.input(id)).collect();
    let start = Instant::now();
    let predicted = model.predict(&inputs)?;
    let predict = start.elapsed().as_secs_f64();
    let cost = Cost {
        seconds: Seconds { fit, predict },
        memory_mib: memory
            .filter(|_| !matches!(planned.model.spec, ModelSpec::External(_)))
            .map(|bytes| bytes as f64 / f64::from(1 << 20)),
    };
    Ok((model, predicted, cost))
}

fn failure(error: &anyhow::Error, cut_short: bool) -> Status {
    match error.downcast_ref::<gnn::Error>() {
        Some(gnn::Error::Diverged { .. } | gnn::Error::PredictionNotFinite { .. }) => {
            Status::Diverged
        }
        _ if cut_short => Status::Timeout,
        _ => Status::Failed,
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

/// Highest memory use of this process so far, where the system tells.
fn peak_memory_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some((kib / 1024.0).round())
}
