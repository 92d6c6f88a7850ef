//! Which models there are, by their names in studies.

use serde::{Deserialize, Serialize};

use super::Regressor;
use super::cluster_expansion::ClusterExpansionSettings;
use super::kind_median::KindMedian;
use super::mean::Mean;
use super::network::{Architecture, NetworkRegressor, NetworkSettings};
use super::ridge::RidgeSettings;
use super::symbolic::SymbolicSettings;

/// A model and its settings: the `kind` and the other keys of a `[[model]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ModelSpec {
    /// The mean of the training targets.
    Mean {},
    /// The median of those of the same kind of defect complex.
    KindMedian {},
    /// Ridge regression on descriptors.
    Ridge(RidgeSettings),
    /// Sums over defects and pairs of defects.
    ClusterExpansion(ClusterExpansionSettings),
    /// A formula over descriptors, found by search.
    Symbolic(SymbolicSettings),
    /// SchNet on the full supercell.
    #[serde(rename = "schnet")]
    SchNet(NetworkSettings),
    /// MEGNet on the full supercell.
    #[serde(rename = "megnet")]
    MegNet(NetworkSettings),
    /// MEGNet on the graph of the defects alone.
    #[serde(rename = "megnet-sparse")]
    MegNetSparse(NetworkSettings),
}

impl ModelSpec {
    /// The names of all kinds, in the order of the tables.
    pub const KINDS: [&'static str; 8] = [
        "mean",
        "kind-median",
        "ridge",
        "cluster-expansion",
        "symbolic",
        "schnet",
        "megnet",
        "megnet-sparse",
    ];

    /// The same with every preset written out.
    ///
    /// # Errors
    ///
    /// If a setting cannot be.
    pub(crate) fn resolve(self) -> anyhow::Result<Self> {
        Ok(match self {
            Self::SchNet(settings) => Self::SchNet(settings.resolve(Architecture::SchNet)?),
            Self::MegNet(settings) => Self::MegNet(settings.resolve(Architecture::MegNet)?),
            Self::MegNetSparse(settings) => {
                Self::MegNetSparse(settings.resolve(Architecture::Defects)?)
            }
            other @ (Self::Mean {}
            | Self::KindMedian {}
            | Self::Ridge(_)
            | Self::ClusterExpansion(_)
            | Self::Symbolic(_)) => other,
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
            Self::Mean {} => Box::new(Mean),
            Self::KindMedian {} => Box::new(KindMedian),
            Self::Ridge(settings) => Box::new(settings.clone()),
            Self::ClusterExpansion(settings) => Box::new(settings.clone()),
            Self::Symbolic(settings) => Box::new(settings.clone()),
            Self::SchNet(settings) => network(Architecture::SchNet, settings),
            Self::MegNet(settings) => network(Architecture::MegNet, settings),
            Self::MegNetSparse(settings) => network(Architecture::Defects, settings),
        }
    }

    /// Whether a fit takes long: such trials are started first.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        match self {
            Self::SchNet(_) | Self::MegNet(_) | Self::MegNetSparse(_) | Self::Symbolic(_) => true,
            Self::Mean {} | Self::KindMedian {} | Self::Ridge(_) | Self::ClusterExpansion(_) => {
                false
            }
        }
    }
}

fn network(architecture: Architecture, settings: &NetworkSettings) -> Box<dyn Regressor> {
    Box::new(NetworkRegressor {
        architecture,
        settings: settings.clone(),
    })
}
