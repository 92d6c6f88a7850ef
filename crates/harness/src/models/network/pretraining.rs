//! Weights from model data: a network learns the embedded tight-binding structures first,
//! once for all trials that start from it.

use std::sync::Arc;

use anyhow::Result;
use crystal::DefectCluster;
use gnn::{Description, Trained};

use super::NetworkRegressor;
use super::settings::{NetworkSettings, ScheduleName};
use crate::dataset::{Dataset, Property, load_embedded};
use crate::models::shelf::Shelf;
use crate::models::{Context, Input, Part, Training};
use crate::refuse;
use crate::run::Keep;

/// Structures with defects, solved by tight binding.
const MODEL_DATA: &str = "tb-mos2";

static KNOWN: Shelf<Arc<Trained>> = Shelf::new();

/// The network of a regressor, trained on every structure of the model data in one cycle.
///
/// It depends on the settings and the property, not on the trial.
///
/// # Errors
///
/// If the model data do not have the property, or time is over before it is trained.
pub(super) fn trained(
    regressor: &NetworkRegressor,
    epochs: usize,
    property: &Property,
    context: &Context<'_>,
) -> Result<Arc<Trained>> {
    let pretraining = NetworkRegressor {
        architecture: regressor.architecture,
        settings: NetworkSettings {
            epochs: Some(epochs),
            schedule: Some(ScheduleName::OneCycle),
            networks: None,
            validate: Some(false),
            draws: None,
            pretraining_epochs: None,
            ..regressor.settings.clone()
        },
    };
    let dataset = load_embedded(MODEL_DATA)?.dataset;
    let words = format!(
        "{} {:?} {} {}",
        env!("CARGO_PKG_VERSION"),
        pretraining.architecture,
        property.key,
        toml::to_string(&pretraining.settings)?
    );
    let seed = number_of(&words);
    let key = number_of(&format!("{words} {}", dataset.content_hash));
    let path = context
        .keep
        .shared(&format!("pretrained-{key:016x}.network"));
    KNOWN.take(key, path.as_deref(), read, || {
        let trained = train(&pretraining, seed, &dataset, property, context)?;
        let bytes = written(&trained)?;
        Ok((Arc::new(trained), bytes))
    })
}

/// The first bytes of a hash.
fn number_of(words: &str) -> u64 {
    let hash = blake3::hash(words.as_bytes());
    let (first, _) = hash
        .as_bytes()
        .split_first_chunk()
        .unwrap_or((&[0; 8], &[]));
    u64::from_le_bytes(*first)
}

fn train(
    regressor: &NetworkRegressor,
    seed: u64,
    dataset: &Dataset,
    property: &Property,
    context: &Context<'_>,
) -> Result<Trained> {
    let Some(place) = dataset.property(&property.key) else {
        refuse!(
            "pretraining_epochs: the model data have no {}; leave it out",
            property.key
        );
    };
    let samples = dataset.samples.iter();
    let known = samples.filter_map(|sample| Some((sample, sample.targets[place]?)));
    let known: Vec<_> = known.collect();
    let clusters = known.iter().map(|(sample, _)| sample.defects());
    let clusters: Vec<Option<DefectCluster>> = clusters.collect::<Result<_>>()?;
    let inputs = known.iter().zip(&clusters);
    let inputs =
        inputs.map(|((sample, _), cluster)| Input::new(&sample.structure, cluster.as_ref()));
    let training = Training {
        fit: Part {
            inputs: inputs.collect(),
            targets: known.iter().map(|(_, target)| *target).collect(),
            weights: None,
        },
        validation: Part::default(),
        property: &dataset.properties[place],
    };
    let context = Context {
        seed,
        watch: context.watch,
        keep: &Keep::nothing(),
        step: &|step| (context.step)(&format!("model data, {step}")),
        device: context.device,
    };
    let mut members = regressor.learn(&training, &context)?.members;
    match members.pop() {
        Some(trained) if !context.watch.has_cut_short() => Ok(trained),
        _ => refuse!("time was over before the network had learnt the model data"),
    }
}

/// The length of the description, the description, the weights.
fn written(trained: &Trained) -> Result<Vec<u8>> {
    let description = toml::to_string(&trained.description())?;
    let mut bytes = (description.len() as u64).to_le_bytes().to_vec();
    bytes.extend(description.as_bytes());
    bytes.extend(trained.weights()?);
    Ok(bytes)
}

fn read(bytes: &[u8]) -> Option<Arc<Trained>> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (description, weights) = rest.split_at_checked(length)?;
    let description: Description = toml::from_str(std::str::from_utf8(description).ok()?).ok()?;
    Trained::load(&description, weights).ok().map(Arc::new)
}
