//! The networks: `SchNet`, `MEGNet` and `GemNet` on the full supercell, MEGNet on the graph
//! of the defects alone.

mod ensemble;
mod file;
mod offset;
mod pretraining;
mod settings;

use std::sync::Arc;

use anyhow::Result;
use crystal::{CrystalGraph, Reference, Structure};
use gnn::{NetworkConfig, Samples, Trained, Trainer};
use serde::{Deserialize, Serialize};

use super::{Context, Input, Model, Part, Regressor, Training};
use crate::dataset::Property;
use crate::refuse;
pub use file::NetworkFile;
use offset::{Composition, Offset};
pub(super) use settings::NetworkSettings;
use settings::OffsetName;

/// Which network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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

/// A network that can be fitted.
#[derive(Debug, Clone)]
pub(super) struct NetworkRegressor {
    pub(super) architecture: Architecture,
    pub(super) settings: NetworkSettings,
}

impl Regressor for NetworkRegressor {
    fn fit(&self, training: &Training<'_>, context: &Context<'_>) -> Result<Box<dyn Model>> {
        Ok(Box::new(self.learn(training, context)?))
    }
}

impl NetworkRegressor {
    fn learn(&self, training: &Training<'_>, context: &Context<'_>) -> Result<Network> {
        let (config, recipe) = self.settings.build(self.architecture)?;
        let per_defect = training.property.per_defect;
        let across_vacuum = self.settings.across_vacuum.unwrap_or(false);
        let builder = GraphBuilder::new(self.architecture, &config, per_defect, across_vacuum);
        let (mut fit, mut validation) = if self.settings.validate.unwrap_or(true) {
            (training.fit.clone(), training.validation.clone())
        } else {
            (training.all(), Part::default())
        };
        let offset = if self.has_offset(training.property) {
            let all: Vec<Composition> = fit.inputs.iter().map(Composition::of).collect();
            Some(Offset::fit(&all, &fit.targets, context.watch)?)
        } else {
            None
        };
        for part in [&mut fit, &mut validation] {
            shift(&mut part.targets, offset.as_ref(), &part.inputs, -1.0);
        }
        let graphs = [&fit, &validation].map(|part| builder.graphs(&part.inputs));
        let [fit_graphs, validation_graphs] = graphs;
        let (fit_graphs, validation_graphs) = (fit_graphs?, validation_graphs?);
        let samples = Samples {
            graphs: &fit_graphs,
            targets: &fit.targets,
        };
        let held_out = Samples {
            graphs: &validation_graphs,
            targets: &validation.targets,
        };
        let Context { seed, device, .. } = context;
        let mut first = Trainer::new(&config, &recipe, samples, Some(held_out), *seed, device)?;
        if let Some(weights) = &fit.weights {
            first = first.weighted(weights)?;
        }
        if let Some(epochs) = self.settings.pretraining_epochs {
            let earlier = pretraining::trained(self, epochs, training.property, context)?;
            first = first.starting_from(&earlier)?;
        }
        let networks = self.settings.networks.unwrap_or(1);
        Ok(Network {
            builder,
            offset,
            members: ensemble::train(first, networks, recipe.epochs, context)?,
        })
    }
}

impl NetworkRegressor {
    fn has_offset(&self, property: &Property) -> bool {
        match self.settings.offset {
            Some(OffsetName::Composition) => true,
            Some(OffsetName::Additive) => property.per_defect,
            None => false,
        }
    }
}

/// Adds the offset of each structure so many times.
fn shift(values: &mut [f64], offset: Option<&Offset>, inputs: &[Input<'_>], times: f64) {
    if let Some(offset) = offset {
        for (value, input) in values.iter_mut().zip(inputs) {
            *value += times * offset.of(&Composition::of(input));
        }
    }
}

/// Turns structures into graphs.
#[derive(Debug, Clone, Copy)]
struct GraphBuilder {
    cutoff: f64,
    nodes: Nodes,
}

/// What becomes a node.
#[derive(Debug, Clone, Copy)]
enum Nodes {
    /// Every atom.
    Atoms,
    /// Every atom, compared with the supercell without defects.
    ComparedAtoms {
        /// Whether the property is a total divided by the number of defects.
        per_defect: bool,
    },
    Defects {
        /// Whether images along all vectors are seen.
        across_vacuum: bool,
    },
}

impl GraphBuilder {
    fn new(
        architecture: Architecture,
        config: &NetworkConfig,
        per_defect: bool,
        across_vacuum: bool,
    ) -> Self {
        let nodes = if architecture == Architecture::Defects {
            Nodes::Defects { across_vacuum }
        } else if config.compares() {
            Nodes::ComparedAtoms { per_defect }
        } else {
            Nodes::Atoms
        };
        Self {
            cutoff: config.cutoff(),
            nodes,
        }
    }

    fn graphs(self, inputs: &[Input<'_>]) -> Result<Vec<CrystalGraph>> {
        let mut known = Vec::new();
        let graph = |input: &Input<'_>| match self.nodes {
            Nodes::Atoms => {
                let snapped = input.defects.map(|found| found.snapped(input.structure));
                let structure = snapped.as_ref().unwrap_or(input.structure);
                Ok(CrystalGraph::of_structure(structure, self.cutoff)?)
            }
            Nodes::ComparedAtoms { per_defect } => self.compared(input, per_defect, &mut known),
            Nodes::Defects { across_vacuum } => {
                let cluster = input.cluster()?;
                let along = if across_vacuum {
                    [true; 3]
                } else {
                    cluster.periodic()
                };
                Ok(CrystalGraph::of_defects(cluster, self.cutoff, along)?)
            }
        };
        inputs.iter().map(graph).collect()
    }

    /// Compared with the supercell without its defects, which structures of one host share.
    ///
    /// - `known`: supercells without defects so far.
    fn compared(
        self,
        input: &Input<'_>,
        per_defect: bool,
        known: &mut Vec<Pristine>,
    ) -> Result<CrystalGraph> {
        let Some(cluster) = input.defects else {
            refuse!(
                "readout: expected a data set that names its host crystal ([host] in dataset.toml), without which there is no `difference`; else choose `sum`, `mean` or `max`, or leave it out"
            )
        };
        let structure = input.structure;
        let graph = CrystalGraph::of_structure(&cluster.aligned(structure), self.cutoff)?;
        let pristine = cluster.pristine().with_periodic(structure.periodic());
        let host = if let Some((_, host)) = known.iter().find(|(known, _)| *known == pristine) {
            host.clone()
        } else {
            let host = Arc::new(CrystalGraph::of_structure(&pristine, self.cutoff)?);
            known.push((pristine, host.clone()));
            host
        };
        let defects = cluster.defects().len().max(1);
        Ok(graph.less(Reference {
            graph: host,
            divisor: if per_defect { defects as f64 } else { 1.0 },
        }))
    }
}

/// A supercell without defects, and its graph.
type Pristine = (Structure, Arc<CrystalGraph>);

#[derive(Debug)]
struct Network {
    builder: GraphBuilder,
    offset: Option<Offset>,
    members: Vec<Trained>,
}

/// Graphs in memory at a time.
const CHUNK: usize = 64;

impl Model for Network {
    fn predict(&self, inputs: &[Input<'_>]) -> Result<Vec<f64>> {
        let mut predicted = Vec::with_capacity(inputs.len());
        for chunk in inputs.chunks(CHUNK) {
            let graphs = self.builder.graphs(chunk)?;
            let mut mean = vec![0.0; chunk.len()];
            for member in &self.members {
                for (mean, value) in mean.iter_mut().zip(member.predict(&graphs)?) {
                    *mean += value / self.members.len() as f64;
                }
            }
            shift(&mut mean, self.offset.as_ref(), chunk, 1.0);
            predicted.extend(mean);
        }
        Ok(predicted)
    }

    fn complexity(&self) -> Option<usize> {
        Some(self.members.iter().map(Trained::parameter_count).sum())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Mutex;

    use crystal::DefectCluster;

    use super::*;
    use crate::dataset::{Dataset, Home, Sample, load};
    use crate::run::{Keep, Watch};

    /// Two networks that learn everything but the composition, in a few epochs.
    fn quick() -> NetworkRegressor {
        NetworkRegressor {
            architecture: Architecture::Defects,
            settings: NetworkSettings {
                width: Some(8),
                blocks: Some(1),
                epochs: Some(4),
                networks: Some(2),
                average: Some(0.9),
                validate: Some(false),
                offset: Some(OffsetName::Composition),
                ..NetworkSettings::default()
            },
        }
    }

    /// What a fit to 30 structures says of its steps, and of 40 structures.
    fn fit(
        regressor: &NetworkRegressor,
        dataset: &Dataset,
        keep: &Keep,
    ) -> (Vec<String>, Vec<f64>) {
        let samples = &dataset.samples[..40];
        let clusters: Vec<DefectCluster> = samples
            .iter()
            .map(|sample| {
                let host = sample.host.as_ref().unwrap();
                DefectCluster::find(&sample.structure, &host.unit_cell, host.repeats).unwrap()
            })
            .collect();
        let inputs: Vec<Input<'_>> = samples
            .iter()
            .zip(&clusters)
            .map(|(sample, cluster)| Input::new(&sample.structure, Some(cluster)))
            .collect();
        let part = |places: std::ops::Range<usize>| Part {
            inputs: inputs[places.clone()].to_vec(),
            targets: samples[places]
                .iter()
                .map(|s| s.targets[0].unwrap())
                .collect(),
            weights: None,
        };
        let training = Training {
            fit: part(0..25),
            validation: part(25..30),
            property: &dataset.properties[0],
        };
        let steps = Mutex::new(Vec::new());
        let context = Context {
            seed: 5,
            watch: &Watch::endless(),
            keep,
            step: &|step| steps.lock().unwrap().push(step.to_owned()),
            device: &gnn::Device::Cpu,
        };
        let model = regressor.fit(&training, &context).unwrap();
        let predicted = model.predict(&inputs).unwrap();
        (steps.into_inner().unwrap(), predicted)
    }

    #[test]
    fn a_fit_goes_on_from_the_state_it_saved() {
        let dataset = load("tb-mos2", &Home::at("nowhere")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let (steps, whole) = fit(&quick(), &dataset, &Keep::nothing());
        assert_eq!(steps.last().unwrap(), "epoch 4 of 4");
        let keep = Keep::often(None, Some(state.clone()));
        assert_eq!(fit(&quick(), &dataset, &keep).1, whole);
        let (steps, again) = fit(&quick(), &dataset, &keep);
        assert_eq!((steps, again), (Vec::new(), whole.clone()));
        // half a state is none
        let bytes = std::fs::read(&state).unwrap();
        std::fs::write(&state, &bytes[..bytes.len() / 2]).unwrap();
        let keep = Keep::at(None, Some(state), None);
        assert_eq!(fit(&quick(), &dataset, &keep).1, whole);
    }

    #[test]
    fn a_difference_needs_a_host() {
        let dataset = load("tb-mos2", &Home::at("nowhere")).unwrap();
        let inputs = [Input::new(&dataset.samples[0].structure, None)];
        let graphs = |readout: gnn::Readout| {
            let settings = NetworkSettings {
                readout: Some(readout),
                ..NetworkSettings::default()
            };
            let (config, _) = settings.build(Architecture::SchNet).unwrap();
            GraphBuilder::new(Architecture::SchNet, &config, true, false).graphs(&inputs)
        };
        assert_eq!(graphs(gnn::Readout::Sum).unwrap().len(), 1);
        let error = graphs(gnn::Readout::Difference).unwrap_err();
        assert!(error.to_string().starts_with("readout: expected"));
    }

    /// Coordinates of six digits make many lengths of a few.
    #[test]
    fn rounded_structures_have_the_lengths_of_their_host() {
        let dataset = load("tb-mos2", &Home::at("nowhere")).unwrap();
        let sample = &dataset.samples[0];
        let cluster = sample.defects().unwrap().unwrap();
        let mut sites = sample.structure.sites().to_vec();
        for site in &mut sites {
            site.fractional = site.fractional.map(|x| (x * 1e6).round() / 1e6);
        }
        let rounded = Structure::new(*sample.structure.lattice(), sites)
            .unwrap()
            .with_periodic(sample.structure.periodic());
        let config = NetworkConfig::SchNet(gnn::SchNetConfig::small());
        let builder = GraphBuilder::new(Architecture::SchNet, &config, true, false);
        let lengths = |structure: &Structure, cluster: Option<&DefectCluster>| {
            let graph = builder.graphs(&[Input::new(structure, cluster)]).unwrap();
            let bonds = graph[0].edges().map(|(_, _, bond)| bond.length);
            let lengths: BTreeSet<String> = bonds.map(|length| format!("{length:.6}")).collect();
            lengths
        };
        let host = lengths(&cluster.pristine(), None);
        assert!(lengths(&rounded, Some(&cluster)).is_subset(&host));
        assert!(lengths(&rounded, None).len() > 2 * host.len());
    }

    #[test]
    fn defects_see_images_across_the_vacuum_if_told() {
        let dataset = load("tb-mos2", &Home::at("nowhere")).unwrap();
        let cell = |sample: &&Sample| sample.defects().unwrap().unwrap().defects().len() == 3;
        let sample = dataset.samples.iter().find(cell).unwrap();
        let cluster = sample.defects().unwrap().unwrap();
        let inputs = [Input::new(&sample.structure, Some(&cluster))];
        let edges = |across_vacuum| {
            let settings = NetworkSettings {
                cutoff_angstrom: Some(30.0),
                ..NetworkSettings::default()
            };
            let (config, _) = settings.build(Architecture::Defects).unwrap();
            let builder = GraphBuilder::new(Architecture::Defects, &config, true, across_vacuum);
            builder.graphs(&inputs).unwrap()[0].edge_count()
        };
        assert!(edges(true) > edges(false));
    }

    #[test]
    fn every_switch_changes_what_is_predicted() {
        let dataset = load("tb-mos2", &Home::at("nowhere")).unwrap();
        let predicted = |change: fn(&mut NetworkSettings)| {
            let mut regressor = quick();
            change(&mut regressor.settings);
            fit(&regressor, &dataset, &Keep::nothing()).1
        };
        let mut all = vec![predicted(|_| ())];
        let changes: [fn(&mut NetworkSettings); 7] = [
            |s| s.networks = None,
            |s| s.average = None,
            |s| s.validate = None,
            |s| s.offset = None,
            |s| s.decay = Some(0.5),
            |s| s.schedule = Some(settings::ScheduleName::OneCycle),
            |s| s.pretraining_epochs = Some(1),
        ];
        for change in changes {
            let values = predicted(change);
            assert!(!all.contains(&values));
            all.push(values);
        }
    }
}
