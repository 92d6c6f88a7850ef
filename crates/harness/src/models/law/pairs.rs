//! What functions of a pair may depend on.

use crystal::{DefectCluster, LayerShells, Pair};
use symreg::Column;

use super::PairColumn;

/// How far beyond the cutoff shells are known, as a factor: the lattice of a structure
/// may differ from that of its host by 0.1 %.
const REACH: f64 = 1.01;

/// Smallest difference of angles, rad.
const PER_RADIAN: f64 = 1e3;

impl PairColumn {
    pub(super) fn column(self) -> Column {
        match self {
            Self::Shell => Column::new("shell", ""),
            Self::Parity => Column::new("parity", ""),
            Self::Angle => Column::new("angle", "rad"),
        }
    }
}

/// Values of the wanted columns in one structure.
pub(super) struct PairValues<'a> {
    cluster: &'a DefectCluster,
    wanted: &'a [PairColumn],
    /// None where they are not wanted.
    shells: Option<LayerShells>,
}

impl<'a> PairValues<'a> {
    pub(super) fn new(cluster: &'a DefectCluster, wanted: &'a [PairColumn], cutoff: f64) -> Self {
        let counts = |column: &PairColumn| *column != PairColumn::Angle;
        let has_shells = wanted.iter().any(counts);
        let shells = has_shells.then(|| LayerShells::new(cluster.unit_cell(), REACH * cutoff));
        Self {
            cluster,
            wanted,
            shells: shells.and_then(Result::ok),
        }
    }

    /// `(wanted,)`
    pub(super) fn of(&self, pair: &Pair) -> Vec<f64> {
        let shells = self.shells.as_ref();
        let shell = shells.and_then(|shells| self.cluster.shell(pair, shells));
        let number = shell.map_or(0, |shell| shell + 1);
        let value = |column: &PairColumn| match column {
            PairColumn::Shell => number as f64,
            PairColumn::Parity => (number % 2) as f64,
            PairColumn::Angle => (self.cluster.direction(pair) * PER_RADIAN).round() / PER_RADIAN,
        };
        self.wanted.iter().map(value).collect()
    }
}
