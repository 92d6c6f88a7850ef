//! The networks: `SchNet`, `MEGNet` and `GemNet` on the full supercell, MEGNet on the graph
//! of the defects alone.

use anyhow::Result;
use crystal::CrystalGraph;
use gnn::{
    GemNetConfig, MegNetConfig, NetworkConfig, Pooling, Recipe, Samples, SchNetConfig, State,
    Trained,
};
use serde::{Deserialize, Serialize};

use super::spec::within;
use super::{Context, Input, Model, Regressor, Training};
use crate::refuse;

/// Which network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Architecture {
    /// SchNet on the full supercell.
    SchNet,
    /// MEGNet on the full supercell.
    MegNet,
    /// GemNet-T on the full supercell.
    GemNet,
    /// MEGNet on the graph of the defects.
    Defects,
}

/// Settings of a network and its training: a preset, and what to change of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkSettings {
    /// `small` (the default), or one of the published settings: `published` for
    /// `SchNet`, `MEGNet` and `GemNet`, `published-energy-eos` and `published-gap-eos` for
    /// sparse MEGNet.
    ///
    /// `published-energy` and `published-gap` are the latter two without the shells of edges,
    /// as these names have meant since before there were shells: recorded trials bear them,
    /// and are to give the same numbers when run again.
    pub preset: Option<String>,
    /// Atoms, or defects, farther apart than this are not joined, Å.
    pub cutoff_angstrom: Option<f64>,
    /// Features of an atom.
    pub width: Option<usize>,
    /// Number of blocks, or interactions.
    pub blocks: Option<usize>,
    /// Number of Gaussians of the distance.
    pub gaussians: Option<usize>,
    /// Most passes over the training part.
    pub epochs: Option<usize>,
    /// Structures in one step.
    pub batch_size: Option<usize>,
    /// Step size to begin with.
    pub learning_rate: Option<f64>,
    /// Epochs without a better validation error after which training ends; the
    /// published settings have none.
    pub patience: Option<usize>,
}

impl NetworkSettings {
    /// The same with the preset written out.
    ///
    /// # Errors
    ///
    /// If there is no such preset.
    pub(super) fn resolve(self, architecture: Architecture) -> Result<Self> {
        let (config, recipe) = self.build(architecture)?;
        within("cutoff_angstrom", config.cutoff(), 50.0)?;
        within("epochs", recipe.epochs as f64, 1e6)?;
        within("batch_size", recipe.batch_size as f64, 1e6)?;
        within("learning_rate", recipe.learning_rate, 1e3)?;
        let (width, blocks, gaussians) = match &config {
            NetworkConfig::MegNet(config) => (config.width, config.blocks, config.gaussians),
            NetworkConfig::SchNet(config) => (config.width, config.blocks, config.gaussians),
            NetworkConfig::GemNet(config) => (config.edge, config.blocks, config.radial),
        };
        within("width", width as f64, 4096.0)?;
        within("blocks", blocks as f64, 100.0)?;
        within("gaussians", gaussians as f64, 1000.0)?;
        if !width.is_multiple_of(2) {
            refuse!("width: expected an even number, found {width}");
        }
        Ok(Self {
            preset: Some(self.preset.unwrap_or_else(|| "small".to_owned())),
            cutoff_angstrom: Some(config.cutoff()),
            width: Some(width),
            blocks: Some(blocks),
            gaussians: Some(gaussians),
            epochs: Some(recipe.epochs),
            batch_size: Some(recipe.batch_size),
            learning_rate: Some(recipe.learning_rate),
            patience: recipe.patience,
        })
    }

    /// The preset, changed as the settings say.
    fn build(&self, architecture: Architecture) -> Result<(NetworkConfig, Recipe)> {
        let name = self.preset.as_deref().unwrap_or("small");
        let (mut config, mut recipe) = preset(architecture, name)?;
        match &mut config {
            NetworkConfig::MegNet(config) => {
                set(&mut config.cutoff, self.cutoff_angstrom);
                set(&mut config.width, self.width);
                set(&mut config.blocks, self.blocks);
                set(&mut config.gaussians, self.gaussians);
            }
            NetworkConfig::SchNet(config) => {
                set(&mut config.cutoff, self.cutoff_angstrom);
                set(&mut config.width, self.width);
                set(&mut config.filters, self.width);
                set(&mut config.blocks, self.blocks);
                set(&mut config.gaussians, self.gaussians);
            }
            NetworkConfig::GemNet(config) => {
                set(&mut config.cutoff, self.cutoff_angstrom);
                set(&mut config.atom, self.width);
                set(&mut config.edge, self.width);
                set(&mut config.blocks, self.blocks);
                set(&mut config.radial, self.gaussians);
            }
        }
        set(&mut recipe.epochs, self.epochs);
        set(&mut recipe.batch_size, self.batch_size);
        set(&mut recipe.learning_rate, self.learning_rate);
        recipe.patience = self.patience.or(recipe.patience);
        Ok((config, recipe))
    }
}

fn set<T: Copy>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

fn preset(architecture: Architecture, name: &str) -> Result<(NetworkConfig, Recipe)> {
    use Architecture::{Defects, GemNet, MegNet, SchNet};
    Ok(match (architecture, name) {
        (SchNet, "small") => (
            NetworkConfig::SchNet(SchNetConfig::small()),
            Recipe::default(),
        ),
        (SchNet, "published") => (
            NetworkConfig::SchNet(SchNetConfig::published()),
            Recipe::default(),
        ),
        (MegNet, "small") => (
            NetworkConfig::MegNet(MegNetConfig::small()),
            Recipe::default(),
        ),
        (MegNet, "published") => (
            NetworkConfig::MegNet(MegNetConfig::published_full()),
            Recipe::published_full(),
        ),
        (GemNet, "small") => (
            NetworkConfig::GemNet(GemNetConfig::small()),
            Recipe::default(),
        ),
        (GemNet, "published") => (
            NetworkConfig::GemNet(GemNetConfig::published()),
            Recipe::published_gemnet(),
        ),
        (Defects, "small") => (NetworkConfig::MegNet(small_sparse()), Recipe::default()),
        (Defects, "published-energy") => (
            without_shells(MegNetConfig::published_sparse_energy()),
            Recipe::published_sparse_energy(),
        ),
        (Defects, "published-energy-eos") => (
            NetworkConfig::MegNet(MegNetConfig::published_sparse_energy()),
            Recipe::published_sparse_energy(),
        ),
        (Defects, "published-gap") => (
            without_shells(MegNetConfig::published_sparse_gap()),
            Recipe::published_sparse_gap(),
        ),
        (Defects, "published-gap-eos") => (
            NetworkConfig::MegNet(MegNetConfig::published_sparse_gap()),
            Recipe::published_sparse_gap(),
        ),
        (SchNet | MegNet | GemNet, _) => {
            refuse!("preset `{name}`: expected `small` or `published`")
        }
        (Defects, _) => {
            refuse!(
                "preset `{name}`: expected `small`, `published-energy-eos`, `published-gap-eos`, or \
                 without shells `published-energy` or `published-gap`"
            )
        }
    })
}

fn without_shells(config: MegNetConfig) -> NetworkConfig {
    NetworkConfig::MegNet(MegNetConfig {
        shells: false,
        ..config
    })
}

/// For few clusters of few defects: sums keep their number, means would not.
fn small_sparse() -> MegNetConfig {
    MegNetConfig {
        cutoff: 12.0,
        node_pooling: Pooling::Sum,
        ..MegNetConfig::small()
    }
}

/// A network that can be fitted.
#[derive(Debug, Clone)]
pub(super) struct NetworkRegressor {
    pub(super) architecture: Architecture,
    pub(super) settings: NetworkSettings,
}

impl Regressor for NetworkRegressor {
    fn fit(&self, training: &Training<'_>, context: &Context<'_>) -> Result<Box<dyn Model>> {
        let (mut config, recipe) = self.settings.build(self.architecture)?;
        if let (Architecture::Defects, NetworkConfig::MegNet(config)) =
            (self.architecture, &mut config)
        {
            config.state = State::Host(host(&training.fit.inputs)?);
        }
        let builder = GraphBuilder {
            sparse: self.architecture == Architecture::Defects,
            cutoff: config.cutoff(),
        };
        let fit = builder.graphs(&training.fit.inputs)?;
        let validation = builder.graphs(&training.validation.inputs)?;
        let trained = gnn::train(
            &config,
            &recipe,
            Samples {
                graphs: &fit,
                targets: &training.fit.targets,
            },
            Some(Samples {
                graphs: &validation,
                targets: &training.validation.targets,
            }),
            context.seed,
            &mut |_| context.watch.flow(),
        )?;
        Ok(Box::new(Network { builder, trained }))
    }
}

/// The lowest and highest atomic number of the host crystal.
fn host(inputs: &[Input<'_>]) -> Result<[u8; 2]> {
    let Some(input) = inputs.first() else {
        return Ok([0, 0]);
    };
    let elements = input.cluster()?.host();
    let numbers = elements.iter().map(|element| element.atomic_number());
    let least = numbers.clone().min().unwrap_or(0);
    Ok([least, numbers.max().unwrap_or(0)])
}

/// Turns structures into graphs.
#[derive(Debug, Clone, Copy)]
struct GraphBuilder {
    sparse: bool,
    cutoff: f64,
}

impl GraphBuilder {
    fn graphs(self, inputs: &[Input<'_>]) -> Result<Vec<CrystalGraph>> {
        let graph = |input: &Input<'_>| -> Result<CrystalGraph> {
            if !self.sparse {
                return Ok(CrystalGraph::of_structure(input.structure, self.cutoff)?);
            }
            let cluster = input.cluster()?;
            Ok(CrystalGraph::of_defects(
                cluster,
                self.cutoff,
                cluster.periodic(),
            )?)
        };
        inputs.iter().map(graph).collect()
    }
}

struct Network {
    builder: GraphBuilder,
    trained: Trained,
}

/// Graphs in memory at a time.
const CHUNK: usize = 64;

impl Model for Network {
    fn predict(&self, inputs: &[Input<'_>]) -> Result<Vec<f64>> {
        let mut predicted = Vec::with_capacity(inputs.len());
        for chunk in inputs.chunks(CHUNK) {
            predicted.extend(self.trained.predict(&self.builder.graphs(chunk)?)?);
        }
        Ok(predicted)
    }

    fn complexity(&self) -> Option<usize> {
        Some(self.trained.parameter_count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded trials bear the short names.
    #[test]
    fn presets_have_shells_only_where_their_name_says_so() {
        for short in ["published-energy", "published-gap"] {
            for (name, shells) in [(short.to_owned(), false), (format!("{short}-eos"), true)] {
                let (config, _) = preset(Architecture::Defects, &name).unwrap();
                let NetworkConfig::MegNet(config) = config else {
                    panic!("`{name}` is no MEGNet");
                };
                assert_eq!(config.shells, shells, "{name}");
            }
        }
    }
}
