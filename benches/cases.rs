//! What training steps of networks are timed on.
//!
//! - `full`: 16 supercells of MoS2, 8 × 8, with three defects each, 5 Å.
//! - `relaxed`: the same with atoms moved by up to 0.05 Å, so that no two distances
//!   are equal.
//! - `defects`: 64 graphs of 3 to 25 vacancies of such a cell; 20 Å, or for
//!   `gemnet` 10 Å.

use crystal::{CrystalGraph, DefectCluster, Lattice, Site, Structure};
use gnn::{GemNetConfig, MegNetConfig, NetworkConfig, Recipe, SchNetConfig, Schedule, Species};

pub(crate) type Failure = Box<dyn std::error::Error>;

/// A training in which every epoch is one step.
pub(crate) fn recipe(graphs: usize) -> Recipe {
    Recipe {
        epochs: 1_000_000,
        batch_size: graphs,
        learning_rate: 1e-4,
        schedule: Schedule::Constant,
        clip_norm: None,
        ..Recipe::default()
    }
}

/// Targets of so many graphs.
pub(crate) fn targets(graphs: usize) -> Vec<f64> {
    (0..graphs).map(|i| (i as f64).sin()).collect()
}

/// The network of a case.
pub(crate) fn config(network: &str, is_full: bool) -> Result<NetworkConfig, Failure> {
    let cutoff = match (network, is_full) {
        (_, true) => 5.0,
        ("gemnet", false) => 10.0,
        (_, false) => 20.0,
    };
    Ok(match network {
        "schnet" => NetworkConfig::SchNet(SchNetConfig {
            cutoff,
            ..SchNetConfig::small()
        }),
        "megnet" => NetworkConfig::MegNet(MegNetConfig {
            cutoff,
            species: Species::Embedded(16),
            ..MegNetConfig::small()
        }),
        "gemnet" => NetworkConfig::GemNet(GemNetConfig {
            cutoff,
            ..GemNetConfig::small()
        }),
        other => return Err(format!("no network `{other}`").into()),
    })
}

/// A layer of MoS2, a = 3.19 Å, c = 20 Å.
fn layer() -> Result<Structure, Failure> {
    let lattice = Lattice::from_parameters([3.19, 3.19, 20.0], [90.0, 90.0, 120.0])?;
    let third = 1.0 / 3.0;
    let site = |symbol: &str, fractional| -> Result<Site, Failure> {
        Ok(Site {
            element: symbol.parse()?,
            fractional,
        })
    };
    let sites = vec![
        site("Mo", [third, 2.0 * third, 0.5])?,
        site("S", [2.0 * third, third, 0.578])?,
        site("S", [2.0 * third, third, 0.422])?,
    ];
    Ok(Structure::new(lattice, sites)?)
}

/// The graphs of a case.
pub(crate) fn graphs(case: &str, cutoff: f64) -> Result<Vec<CrystalGraph>, Failure> {
    let (layer, is_full) = (layer()?, case != "defects");
    let grown = layer.supercell([8, 8, 1]);
    let count = grown.sites().len();
    let graph = |index: usize| -> Result<CrystalGraph, Failure> {
        let missing = if is_full { 3 } else { 3 + index % 23 };
        // 37 and 192 have no common divisor: all different
        let missing: Vec<usize> = (0..missing)
            .map(|k| (37 * k + 11 * index + k * k % 5 * 12) % count)
            .collect();
        let sites = grown.sites().iter().enumerate();
        let kept = sites.filter(|(site, _)| !missing.contains(site));
        let amplitude = if case == "relaxed" { 2e-3 } else { 0.0 };
        let kept = kept.map(|(site, at)| moved(*at, site, index, amplitude));
        let kept: Vec<Site> = kept.collect();
        let damaged = Structure::new(*grown.lattice(), kept)?;
        if is_full {
            return Ok(CrystalGraph::of_structure(&damaged, cutoff)?);
        }
        let cluster = DefectCluster::find(&damaged, &layer, [8, 8, 1])?;
        Ok(CrystalGraph::of_defects(&cluster, cutoff, [true; 3])?)
    };
    (0..if is_full { 16 } else { 64 }).map(graph).collect()
}

/// A site moved along each vector by so much of it at most.
fn moved(site: Site, number: usize, structure: usize, amplitude: f64) -> Site {
    let phases = [
        7 * number + structure,
        11 * number + 2 * structure,
        13 * number + 3 * structure,
    ];
    let step = phases.map(|phase| amplitude * (phase as f64).sin());
    Site {
        fractional: std::array::from_fn(|axis| site.fractional[axis] + step[axis]),
        ..site
    }
}
