//! What a study may say of a network and its training.

use anyhow::Result;
use gnn::{
    GemNetConfig, MegNetConfig, NetworkConfig, Optimizer, Pooling, Readout, Recipe, SchNetConfig,
    Schedule, State,
};
use serde::{Deserialize, Serialize};

use super::Architecture;
use crate::models::spec::within;
use crate::refuse;

/// Settings of a network and its training: a preset, and what to change of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkSettings {
    /// `small` (the default); `tuned`, the same network (`GemNet` with one block) trained, and
    /// on the full supercell read out, as is best for few structures; or one of the
    /// published settings: `published` for `MEGNet` and `GemNet`, `published-energy` and
    /// `published-gap` for `SchNet`, `published-energy-eos` and `published-gap-eos` for sparse
    /// MEGNet, and the same in fewer epochs, `hour-energy` and `hour-gap`.
    ///
    /// `published` of `SchNet` are the defaults of PyTorch Geometric with our training, and with
    /// periodic images, which the published settings do not have.
    /// `published-energy` and `published-gap` of sparse MEGNet are without the shells of edges,
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
    /// Parts of a step that are computed side by side, each on a thread of its own, in a
    /// trial that is to use more than one core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<usize>,
    /// Step size to begin with.
    pub learning_rate: Option<f64>,
    /// Epochs without a better validation error after which training ends; the
    /// published settings have none.
    pub patience: Option<usize>,
    /// How the step size changes; else as in the preset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleName>,
    /// Decay of the weights towards zero (`AdamW`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay: Option<f64>,
    /// A gradient that is longer is shortened to this length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,
    /// Structures an epoch sees, drawn with replacement in proportion to their weights;
    /// if not given, each once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draws: Option<usize>,
    /// Predictions are made by a moving average of the weights with this decay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average: Option<f64>,
    /// Networks with different random numbers, whose mean predicts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub networks: Option<usize>,
    /// Whether a validation part is held out, to end early and to take the best
    /// epoch (the default); else all is learnt from, and the last epoch counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validate: Option<bool>,
    /// What is subtracted before a network learns the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<OffsetName>,
    /// How what atoms, or defects, say becomes what the structure has: `mean`, `sum`, `max` or
    /// `difference`, the sum less that of the supercell without defects, for which the host
    /// must be known; else as in the preset, in `MEGNet` by attention (Set2Set).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readout: Option<Readout>,
    /// Whether defects are joined with images along all three vectors, also across the vacuum
    /// beside a layer, as in the published graphs of defects; else along those in which the
    /// structure is periodic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub across_vacuum: Option<bool>,
    /// Passes over the embedded model data (tight binding, no DFT) from which a network
    /// starts; if not given, its weights start at random.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pretraining_epochs: Option<usize>,
}

/// How the step size changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScheduleName {
    /// Not at all.
    Constant,
    /// Halved when the training error stays for 15 epochs.
    Plateau,
    /// Up for three tenths of the steps, then down to nearly nothing.
    OneCycle,
}

/// What is subtracted before a network learns the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OffsetName {
    /// A linear function of which defects (or, where no host crystal is known,
    /// elements) there are, and a constant for each kind that was seen twice.
    Composition,
    /// The same for a property that is divided by the number of defects, as an
    /// energy; nothing for others: a gap is no sum.
    Additive,
}

impl NetworkSettings {
    /// The same with the preset written out.
    ///
    /// # Errors
    ///
    /// If there is no such preset.
    pub(in crate::models) fn resolve(self, architecture: Architecture) -> Result<Self> {
        let settings = self.filled(architecture);
        let (config, recipe) = settings.build(architecture)?;
        within("cutoff_angstrom", config.cutoff(), 50.0)?;
        within("epochs", recipe.epochs as f64, 1e6)?;
        within("batch_size", recipe.batch_size as f64, 1e6)?;
        within("draws", recipe.draws.unwrap_or(1) as f64, 1e9)?;
        within("learning_rate", recipe.learning_rate, 1e3)?;
        if let Err(error) = recipe.check() {
            refuse!("{error}");
        }
        within(
            "pretraining_epochs",
            settings.pretraining_epochs.unwrap_or(1) as f64,
            1e6,
        )?;
        within("networks", settings.networks.unwrap_or(1) as f64, 100.0)?;
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
            preset: Some(settings.preset.unwrap_or_else(|| "small".to_owned())),
            cutoff_angstrom: Some(config.cutoff()),
            width: Some(width),
            blocks: Some(blocks),
            gaussians: Some(gaussians),
            epochs: Some(recipe.epochs),
            batch_size: Some(recipe.batch_size),
            learning_rate: Some(recipe.learning_rate),
            patience: recipe.patience,
            ..settings
        })
    }

    /// A preset that is another with a training of its own, in the words of that one.
    ///
    /// `tuned` is as it was chosen most often in subsamples of low-density MoS2 and `WSe2`, of what
    /// needs no model data (`SchNet` with 8 Å as often, in twice the time; `GemNet` in MoS2 alone);
    /// `hour-energy` and `hour-gap` learn all of 2DMD within an hour of one core, with
    /// `draws` as published.
    fn filled(self, architecture: Architecture) -> Self {
        let cycle = |preset: &str, learning_rate| Self {
            preset: Some(preset.to_owned()),
            learning_rate: Some(learning_rate),
            schedule: Some(ScheduleName::OneCycle),
            ..Self::default()
        };
        let tuned = |learning_rate, readout| Self {
            validate: Some(false),
            offset: Some(OffsetName::Composition),
            readout,
            ..cycle("small", learning_rate)
        };
        let meant = match (architecture, self.preset.as_deref()) {
            (Architecture::GemNet, Some("tuned")) => Self {
                blocks: Some(1),
                epochs: Some(100),
                batch_size: Some(8),
                ..tuned(0.001, Some(Readout::Difference))
            },
            (Architecture::SchNet, Some("tuned")) => tuned(0.003, Some(Readout::Difference)),
            (Architecture::MegNet, Some("tuned")) => Self {
                clip_norm: Some(1.0),
                ..tuned(0.001, Some(Readout::Difference))
            },
            (Architecture::Defects, Some("tuned")) => tuned(0.003, None),
            (Architecture::Defects, Some("hour-energy")) => Self {
                cutoff_angstrom: Some(12.0),
                epochs: Some(250),
                ..cycle("published-energy-eos", 0.001)
            },
            (Architecture::Defects, Some("hour-gap")) => Self {
                epochs: Some(25),
                ..cycle("published-gap-eos", 0.002)
            },
            _ => return self,
        };
        Self {
            preset: meant.preset,
            cutoff_angstrom: self.cutoff_angstrom.or(meant.cutoff_angstrom),
            blocks: self.blocks.or(meant.blocks),
            epochs: self.epochs.or(meant.epochs),
            batch_size: self.batch_size.or(meant.batch_size),
            learning_rate: self.learning_rate.or(meant.learning_rate),
            schedule: self.schedule.or(meant.schedule),
            clip_norm: self.clip_norm.or(meant.clip_norm),
            validate: self.validate.or(meant.validate),
            offset: self.offset.or(meant.offset),
            readout: self.readout.or(meant.readout),
            ..self
        }
    }

    /// The preset, changed as the settings say.
    pub(super) fn build(&self, architecture: Architecture) -> Result<(NetworkConfig, Recipe)> {
        let name = self.preset.as_deref().unwrap_or("small");
        if self.across_vacuum.is_some() && architecture != Architecture::Defects {
            refuse!("across_vacuum: only megnet-sparse has a choice");
        }
        let (mut config, mut recipe) = preset(architecture, name)?;
        match &mut config {
            NetworkConfig::MegNet(config) => {
                set(&mut config.cutoff, self.cutoff_angstrom);
                set(&mut config.width, self.width);
                set(&mut config.blocks, self.blocks);
                set(&mut config.gaussians, self.gaussians);
                let compares = self.readout == Some(Readout::Difference);
                if compares && architecture == Architecture::Defects {
                    refuse!(
                        "readout: the graph of megnet-sparse has defects alone, and nothing to compare them with; expected `sum`, `mean` or `max`"
                    );
                }
                config.readout = self.readout.or(config.readout);
            }
            NetworkConfig::SchNet(config) => {
                set(&mut config.cutoff, self.cutoff_angstrom);
                set(&mut config.readout, self.readout);
                // filters follow a width that is not the preset's, which may have fewer
                let filters = self.width.filter(|&width| width != config.width);
                set(&mut config.filters, filters);
                set(&mut config.width, self.width);
                set(&mut config.blocks, self.blocks);
                set(&mut config.gaussians, self.gaussians);
            }
            NetworkConfig::GemNet(config) => {
                set(&mut config.cutoff, self.cutoff_angstrom);
                set(&mut config.readout, self.readout);
                set(&mut config.atom, self.width);
                set(&mut config.edge, self.width);
                set(&mut config.blocks, self.blocks);
                set(&mut config.radial, self.gaussians);
            }
        }
        set(&mut recipe.epochs, self.epochs);
        set(&mut recipe.batch_size, self.batch_size);
        set(&mut recipe.parts, self.parts);
        set(&mut recipe.learning_rate, self.learning_rate);
        recipe.patience = self.patience.or(recipe.patience);
        recipe.average = self.average.or(recipe.average);
        recipe.clip_norm = self.clip_norm.or(recipe.clip_norm);
        recipe.draws = self.draws;
        if let Some(decay) = self.decay {
            recipe.optimizer = Optimizer::AdamW { decay };
        }
        if let Some(schedule) = self.schedule {
            recipe.schedule = schedule.of();
        }
        Ok((config, recipe))
    }
}

impl ScheduleName {
    fn of(self) -> Schedule {
        match self {
            Self::Constant => Schedule::Constant,
            Self::Plateau => Recipe::default().schedule,
            Self::OneCycle => Schedule::OneCycle { warm_up: 0.3 },
        }
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
        (SchNet, "published-energy") => (
            NetworkConfig::SchNet(SchNetConfig::published_energy()),
            Recipe::published_schnet_energy(),
        ),
        (SchNet, "published-gap") => (
            NetworkConfig::SchNet(SchNetConfig::published_gap()),
            Recipe::published_schnet_gap(),
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
        (SchNet, _) => {
            refuse!(
                "preset `{name}`: expected `small`, `tuned`, `published-energy`, `published-gap`, or \
                 `published` for the defaults of PyTorch Geometric"
            )
        }
        (MegNet | GemNet, _) => {
            refuse!("preset `{name}`: expected `small`, `tuned` or `published`")
        }
        (Defects, _) => {
            refuse!(
                "preset `{name}`: expected `small`, `tuned`, `published-energy-eos`, `published-gap-eos`, \
                 `hour-energy`, `hour-gap`, or without shells `published-energy` or `published-gap`"
            )
        }
    })
}

fn without_shells(mut config: MegNetConfig) -> NetworkConfig {
    config.shells = false;
    NetworkConfig::MegNet(config)
}

/// For few clusters of few defects: sums keep their number, means would not.
fn small_sparse() -> MegNetConfig {
    MegNetConfig {
        cutoff: 12.0,
        state: State::Elements,
        node_pooling: Pooling::Sum,
        ..MegNetConfig::small()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_refused_by_name() {
        let refused = |change: fn(&mut NetworkSettings)| {
            let mut settings = NetworkSettings::default();
            change(&mut settings);
            let error = settings.resolve(Architecture::SchNet).unwrap_err();
            error.to_string()
        };
        let networks = refused(|s| s.networks = Some(0));
        assert_eq!(
            networks,
            "networks: expected a number above 0 and up to 100, found 0"
        );
        let average = refused(|s| s.average = Some(1.0));
        assert_eq!(
            average,
            "the decay of the average must be between 0 and 1, got 1"
        );
        let decay = refused(|s| s.decay = Some(-1.0));
        assert_eq!(
            decay,
            "the weight decay must be at least 0 and finite, got -1"
        );
    }

    #[test]
    fn only_what_sees_all_atoms_is_compared() {
        let settings = NetworkSettings {
            readout: Some(Readout::Difference),
            ..NetworkSettings::default()
        };
        for full in [
            Architecture::SchNet,
            Architecture::MegNet,
            Architecture::GemNet,
        ] {
            let (network, _) = settings.build(full).unwrap();
            assert!(network.compares());
        }
        let error = settings.resolve(Architecture::Defects).unwrap_err();
        assert!(error.to_string().starts_with("readout: the graph of"));
    }

    #[test]
    fn switches_that_are_not_set_are_not_written() {
        let settings = NetworkSettings::default();
        let resolved = settings.resolve(Architecture::MegNet).unwrap();
        let text = toml::to_string(&resolved).unwrap();
        assert!(text.ends_with("patience = 60\n"), "{text}");
    }

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

    /// As in reports/2dmd-combined-hour.
    #[test]
    fn an_hour_is_the_published_network_in_one_short_cycle() {
        for (name, published, epochs, cutoff) in [
            ("hour-energy", "published-energy-eos", 250, 12.0),
            ("hour-gap", "published-gap-eos", 25, 13.0),
        ] {
            let with = |preset: &str| NetworkSettings {
                preset: Some(preset.to_owned()),
                ..NetworkSettings::default()
            };
            let hour = with(name).resolve(Architecture::Defects).unwrap();
            let whole = with(published).resolve(Architecture::Defects).unwrap();
            assert_eq!(hour.preset.as_deref(), Some(published));
            assert_eq!(hour.epochs, Some(epochs));
            assert_eq!(hour.cutoff_angstrom, Some(cutoff));
            assert_eq!(hour.schedule, Some(ScheduleName::OneCycle));
            assert_eq!(
                (hour.width, hour.blocks, hour.batch_size),
                (whole.width, whole.blocks, whole.batch_size)
            );
            let other = with(name).resolve(Architecture::SchNet).unwrap_err();
            assert!(other.to_string().starts_with(&format!("preset `{name}`")));
        }
    }

    #[test]
    fn tuned_is_written_out_and_yields_to_what_is_set() {
        let settings = NetworkSettings {
            preset: Some("tuned".to_owned()),
            networks: Some(1),
            ..NetworkSettings::default()
        };
        let resolved = settings.clone().resolve(Architecture::Defects).unwrap();
        assert_eq!(resolved.preset.as_deref(), Some("small"));
        assert_eq!(
            (resolved.networks, resolved.validate, resolved.offset),
            (Some(1), Some(false), Some(OffsetName::Composition))
        );
        assert_eq!(resolved.readout, None);
        assert_eq!(
            resolved.clone().resolve(Architecture::Defects).unwrap(),
            resolved
        );
        let readout = |readout| {
            let settings = NetworkSettings {
                readout,
                ..settings.clone()
            };
            settings.resolve(Architecture::SchNet).unwrap().readout
        };
        let megnet = settings.clone().resolve(Architecture::MegNet).unwrap();
        assert_eq!(
            (megnet.clip_norm, megnet.readout),
            (Some(1.0), Some(Readout::Difference))
        );
        let gemnet = settings.clone().resolve(Architecture::GemNet).unwrap();
        assert_eq!((gemnet.blocks, gemnet.batch_size), (Some(1), Some(8)));
        assert_eq!(readout(None), Some(Readout::Difference));
        assert_eq!(readout(Some(Readout::Sum)), Some(Readout::Sum));
    }
}
