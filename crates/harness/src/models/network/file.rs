//! A trained network as a folder: `config.toml`, which says what it is and what
//! it was learnt from, and `weights-1.safetensors`, one file a member.

use std::path::Path;

use anyhow::{Context as _, Result};
use crystal::{DefectCluster, Structure};
use gnn::{Description, Trained};
use serde::{Deserialize, Serialize};

use super::{Architecture, GraphBuilder, Network, Nodes, Offset};
use crate::dataset::{Property, Sample, is_combined, weights_of_parts};
use crate::error::UserError;
use crate::files;
use crate::models::hosts::Hosts;
use crate::models::{Context, Input, Model as _, ModelSpec, Part, Training};
use crate::refuse;
use crate::study::is_validation;

/// Version of the layout of the folder.
const SCHEMA: u32 = 2;

/// Share of the structures that is held out to end early, as in studies.
const VALIDATION: f64 = 0.1;

/// A network that was trained on structures of a data set.
#[derive(Debug)]
pub struct NetworkFile {
    config: Config,
    network: Network,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    schema: u32,
    /// As `2dmd/low_MoS2`.
    data: String,
    /// Key of the property.
    target: String,
    unit: String,
    architecture: Architecture,
    /// Along which vectors structures repeat.
    periodic: [bool; 3],
    /// Ids.
    learnt_from: Vec<String>,
    /// Whether the property is a total divided by the number of defects, for networks that
    /// compare a structure with its host.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    per_defect: bool,
    /// Whether defects see images along all vectors.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    across_vacuum: bool,
    offset: Option<Offset>,
    hosts: Hosts,
    members: Vec<Description>,
}

impl NetworkFile {
    /// Trains a network on samples.
    ///
    /// - `source`: what they are, as `2dmd/low_MoS2`.
    /// - `property`: index of the target, which all samples have, and what it is.
    ///
    /// # Errors
    ///
    /// If the model is no network, or cannot be trained on these.
    pub fn learn(
        spec: &ModelSpec,
        source: &str,
        samples: &[&Sample],
        (property, told): (usize, &Property),
        context: &Context<'_>,
    ) -> Result<Self> {
        let Some(regressor) = spec.network() else {
            refuse!("expected a network: schnet, megnet, megnet-sparse or gemnet");
        };
        let clusters = samples.iter().map(|sample| sample.defects());
        let clusters = clusters.collect::<Result<Vec<_>>>()?;
        let parts: Vec<&str> = samples.iter().map(|sample| &*sample.subset).collect();
        let subset = source.split_once('/').map_or(source, |(_, subset)| subset);
        let weights = is_combined(subset).then(|| weights_of_parts(&parts));
        let part = |validation: bool| {
            let mut part = Part::default();
            for (i, (sample, cluster)) in samples.iter().zip(&clusters).enumerate() {
                if is_validation(i, VALIDATION) == validation {
                    part.inputs
                        .push(Input::new(&sample.structure, cluster.as_ref()));
                    part.targets
                        .push(sample.targets[property].unwrap_or(f64::NAN));
                    if let Some(weights) = &weights {
                        part.weights.get_or_insert_default().push(weights[i]);
                    }
                }
            }
            part
        };
        let training = Training {
            fit: part(false),
            validation: part(true),
            property: told,
        };
        let network = regressor.learn(&training, context)?;
        let config = Config {
            schema: SCHEMA,
            data: source.to_owned(),
            target: told.key.clone(),
            unit: told.unit.clone(),
            architecture: regressor.architecture,
            periodic: samples
                .first()
                .map_or([true; 3], |s| s.structure.periodic()),
            learnt_from: samples.iter().map(|sample| sample.id.clone()).collect(),
            offset: network.offset.clone(),
            per_defect: matches!(
                network.builder.nodes,
                Nodes::ComparedAtoms { per_defect: true }
            ),
            across_vacuum: matches!(
                network.builder.nodes,
                Nodes::Defects {
                    across_vacuum: true
                }
            ),
            hosts: Hosts::of(samples),
            members: network.members.iter().map(Trained::description).collect(),
        };
        Ok(Self { config, network })
    }

    /// Writes the folder; `config.toml`, which makes it one, at last.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        for (place, member) in self.network.members.iter().enumerate() {
            files::write(&folder.join(weights(place)), &member.weights()?)?;
        }
        let text = toml::to_string(&self.config)?;
        files::write(&folder.join("config.toml"), text.as_bytes())
    }

    /// Reads a folder.
    ///
    /// # Errors
    ///
    /// [`UserError`] if it is not one of `tycho train`.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("config.toml");
        let told = |what: String| {
            let path = path.display();
            UserError::new(format!("{path}: {what}; make one with `tycho train`"))
        };
        let text = std::fs::read_to_string(&path).map_err(|error| told(error.to_string()))?;
        let config: Config =
            toml::from_str(&text).map_err(|error| told(format!("expected a network: {error}")))?;
        if config.schema != SCHEMA {
            return Err(told("written by another version".to_owned()));
        }
        let mut members = Vec::new();
        for (place, description) in config.members.iter().enumerate() {
            let path = folder.join(weights(place));
            let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
            let member = Trained::load(description, &bytes);
            members.push(member.with_context(|| path.display().to_string())?);
        }
        let Some(first) = members.first() else {
            return Err(told("no members".to_owned()));
        };
        let network = Network {
            builder: GraphBuilder::new(
                config.architecture,
                first.config(),
                config.per_defect,
                config.across_vacuum,
            ),
            offset: config.offset.clone(),
            members,
        };
        Ok(Self { config, network })
    }

    /// Key of the property, and its unit.
    #[must_use]
    pub fn target(&self) -> (&str, &str) {
        (&self.config.target, &self.config.unit)
    }

    /// What the network says of a structure, and the complex that it is; nothing,
    /// if the network knows no crystal without defects.
    ///
    /// # Errors
    ///
    /// [`UserError`] if the structure is no supercell of a host that the network
    /// knows; what the network refuses.
    pub fn predict(&self, structure: &Structure) -> Result<(f64, Option<String>)> {
        let hosts = &self.config.hosts;
        let cluster = if hosts.is_empty() {
            None
        } else {
            Some(hosts.defects(structure)?)
        };
        let structure = structure.clone().with_periodic(self.config.periodic);
        let input = Input::new(&structure, cluster.as_ref());
        let value = self.network.predict(&[input])?[0];
        Ok((value, cluster.as_ref().map(DefectCluster::kind)))
    }
}

fn weights(place: usize) -> String {
    format!("weights-{}.safetensors", place + 1)
}
