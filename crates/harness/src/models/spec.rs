//! Which models there are, by their names in studies.

use serde::{Deserialize, Serialize};

use super::Regressor;
use super::best_of::BestOfSettings;
use super::catboost::{CatBoost, CatBoostSettings};
use super::cluster_expansion::ClusterExpansionSettings;
use super::external::ExternalSettings;
use super::gaussian_process::GaussianProcessSettings;
use super::kind_median::KindMedian;
use super::law::LawModelSettings;
use super::mean::Mean;
use super::network::{Architecture, NetworkRegressor, NetworkSettings};
use super::ridge::RidgeSettings;
use super::segvae::{Mode, SegvaeModelSettings, SegvaeRegressor};
use super::symbolic::SymbolicSettings;

/// The settings of a model that has none.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

/// A model and its settings: the `kind` and the other keys of a `[[model]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ModelSpec {
    /// The mean of the training targets.
    Mean(NoSettings),
    /// The median of those of the same kind of defect complex.
    KindMedian(NoSettings),
    /// Ridge regression on descriptors.
    Ridge(RidgeSettings),
    /// Sums over defects and pairs of defects.
    ClusterExpansion(ClusterExpansionSettings),
    /// Closed functions that add up over defects, pairs and triples, found by search.
    Law(LawModelSettings),
    /// A formula over descriptors, found by search.
    Symbolic(SymbolicSettings),
    /// A formula proposed by an autoencoder, with all that we know to do better.
    Segvae(SegvaeModelSettings),
    /// The same as published.
    SegvaeFaithful(SegvaeModelSettings),
    /// Boosted symmetric trees on descriptors.
    #[serde(rename = "catboost")]
    CatBoost(CatBoostSettings),
    /// A Gaussian process on descriptors.
    GaussianProcess(GaussianProcessSettings),
    /// SchNet on the full supercell.
    #[serde(rename = "schnet")]
    SchNet(NetworkSettings),
    /// MEGNet on the full supercell.
    #[serde(rename = "megnet")]
    MegNet(NetworkSettings),
    /// MEGNet on the graph of the defects alone.
    #[serde(rename = "megnet-sparse")]
    MegNetSparse(NetworkSettings),
    /// GemNet-T on the full supercell.
    #[serde(rename = "gemnet")]
    GemNet(NetworkSettings),
    /// A program of the user's own.
    External(ExternalSettings),
    /// The best of several models on structures that they did not learn.
    BestOf(BestOfSettings),
}

impl ModelSpec {
    /// The names of all kinds, in the order of the tables.
    pub const KINDS: [&'static str; 16] = [
        "mean",
        "kind-median",
        "ridge",
        "cluster-expansion",
        "law",
        "symbolic",
        "segvae",
        "segvae-faithful",
        "catboost",
        "gaussian-process",
        "schnet",
        "megnet",
        "megnet-sparse",
        "gemnet",
        "external",
        "best-of",
    ];

    /// The same with every preset written out and every setting checked.
    ///
    /// # Errors
    ///
    /// If a setting cannot be: a length that is not positive, no epoch.
    pub(crate) fn resolve(self) -> anyhow::Result<Self> {
        Ok(match self {
            Self::SchNet(settings) => Self::SchNet(settings.resolve(Architecture::SchNet)?),
            Self::MegNet(settings) => Self::MegNet(settings.resolve(Architecture::MegNet)?),
            Self::GemNet(settings) => Self::GemNet(settings.resolve(Architecture::GemNet)?),
            Self::MegNetSparse(settings) => {
                Self::MegNetSparse(settings.resolve(Architecture::Defects)?)
            }
            Self::Ridge(settings) => Self::Ridge(settings.checked()?),
            Self::ClusterExpansion(settings) => Self::ClusterExpansion(settings.checked()?),
            Self::Law(settings) => Self::Law(settings.checked()?),
            Self::Symbolic(settings) => Self::Symbolic(settings.checked()?),
            Self::Segvae(settings) => Self::Segvae(settings.resolve(Mode::Better)?),
            Self::SegvaeFaithful(settings) => {
                Self::SegvaeFaithful(settings.resolve(Mode::Faithful)?)
            }
            Self::External(settings) => Self::External(settings.checked()?),
            Self::BestOf(settings) => Self::BestOf(settings.resolve()?),
            Self::CatBoost(settings) => {
                settings.boost.check().or_else(refused)?;
                Self::CatBoost(settings)
            }
            Self::GaussianProcess(settings) => Self::GaussianProcess(settings.checked()?),
            none @ (Self::Mean(_) | Self::KindMedian(_)) => none,
        })
    }

    /// The settings as they stand in a record.
    ///
    /// # Panics
    ///
    /// Never: settings are plain values.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("settings are plain values")
    }

    /// Something that can be fitted.
    #[must_use]
    pub fn regressor(&self) -> Box<dyn Regressor> {
        match self {
            Self::Mean(_) => Box::new(Mean),
            Self::KindMedian(_) => Box::new(KindMedian),
            Self::Ridge(settings) => Box::new(settings.clone()),
            Self::ClusterExpansion(settings) => Box::new(settings.clone()),
            Self::Law(settings) => Box::new(settings.clone()),
            Self::Symbolic(settings) => Box::new(settings.clone()),
            Self::Segvae(settings) => segvae(Mode::Better, settings),
            Self::SegvaeFaithful(settings) => segvae(Mode::Faithful, settings),
            Self::CatBoost(settings) => Box::new(CatBoost {
                settings: settings.clone(),
            }),
            Self::GaussianProcess(settings) => Box::new(settings.clone()),
            Self::SchNet(settings) => Box::new(network(Architecture::SchNet, settings)),
            Self::MegNet(settings) => Box::new(network(Architecture::MegNet, settings)),
            Self::MegNetSparse(settings) => Box::new(network(Architecture::Defects, settings)),
            Self::GemNet(settings) => Box::new(network(Architecture::GemNet, settings)),
            Self::External(settings) => Box::new(settings.clone()),
            Self::BestOf(settings) => Box::new(settings.clone()),
        }
    }

    /// The network, if it is one.
    pub(super) fn network(&self) -> Option<NetworkRegressor> {
        match self {
            Self::SchNet(settings) => Some(network(Architecture::SchNet, settings)),
            Self::MegNet(settings) => Some(network(Architecture::MegNet, settings)),
            Self::MegNetSparse(settings) => Some(network(Architecture::Defects, settings)),
            Self::GemNet(settings) => Some(network(Architecture::GemNet, settings)),
            _ => None,
        }
    }

    /// Whether a fit takes long: such trials are started first.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        match self {
            Self::SchNet(_)
            | Self::MegNet(_)
            | Self::MegNetSparse(_)
            | Self::GemNet(_)
            | Self::Symbolic(_)
            | Self::Segvae(_)
            | Self::SegvaeFaithful(_)
            | Self::GaussianProcess(_)
            | Self::External(_)
            | Self::Law(_) => true,
            Self::Mean(_)
            | Self::KindMedian(_)
            | Self::Ridge(_)
            | Self::CatBoost(_)
            | Self::ClusterExpansion(_) => false,
            Self::BestOf(settings) => settings.candidates.values().any(Self::is_slow),
        }
    }
}

fn network(architecture: Architecture, settings: &NetworkSettings) -> NetworkRegressor {
    NetworkRegressor {
        architecture,
        settings: settings.clone(),
    }
}

fn segvae(mode: Mode, settings: &SegvaeModelSettings) -> Box<dyn Regressor> {
    Box::new(SegvaeRegressor {
        mode,
        settings: settings.clone(),
    })
}

/// What a crate says of settings is for the user to mend.
///
/// # Errors
///
/// Always.
pub(super) fn refused<T>(error: impl std::fmt::Display) -> anyhow::Result<T> {
    crate::refuse!("{error}")
}

/// Refuses a setting that is not above zero or above what can be computed.
///
/// # Errors
///
/// With the name of the setting, what is allowed and what was found.
pub(super) fn within(name: &str, value: f64, most: f64) -> anyhow::Result<()> {
    if value > 0.0 && value <= most {
        return Ok(());
    }
    crate::refuse!("{name}: expected a number above 0 and up to {most}, found {value}")
}
