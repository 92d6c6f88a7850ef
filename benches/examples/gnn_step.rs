//! Times training steps of a network, one for every line on the standard input.
//!
//! ```text
//! gnn_step schnet|megnet|gemnet full|relaxed|defects
//! ```
//!
//! A step is that of a training ([`Trainer`]) whose epochs have one step: a batch of
//! all graphs, forward, the mean squared error, the way back, and Adam. The sizes of the batch are printed first, then the seconds of each step; so
//! `scripts/gnn_step.py` can alternate with another program.
//!
//! - `full`: 16 supercells of MoS2, 8 × 8, with three defects each, 5 Å.
//! - `relaxed`: the same with atoms moved by up to 0.05 Å, so that no two distances
//!   are equal.
//! - `defects`: 64 graphs of 3 to 25 vacancies of such a cell; 20 Å, or for
//!   `gemnet` 10 Å.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::io::BufRead;
use std::time::Instant;

use candle_core::DType;
use crystal::{CrystalGraph, DefectCluster, Lattice, Site, Structure};
use gnn::{
    Batch, Device, FlatGraph, GemNetConfig, MegNetConfig, NetworkConfig, Recipe, Samples,
    SchNetConfig, Schedule, Species, Trainer,
};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [network, case] = arguments.as_slice() else {
        return Err("expected a network and a case".into());
    };
    let config = config(network, case != "defects")?;
    let graphs = graphs(case, config.cutoff())?;
    let flat: Vec<FlatGraph> = graphs
        .iter()
        .map(|graph| FlatGraph::new(graph, config.edge_geometry()))
        .collect();
    let targets: Vec<f64> = (0..graphs.len()).map(|i| (i as f64).sin()).collect();
    let samples = Samples {
        graphs: &graphs,
        targets: &targets,
    };
    let recipe = Recipe {
        epochs: 1_000_000,
        batch_size: graphs.len(),
        learning_rate: 1e-4,
        schedule: Schedule::Constant,
        clip_norm: None,
        ..Recipe::default()
    };
    let mut trainer = Trainer::new(&config, &recipe, samples, None, 1, &Device::Cpu)?;
    let start = Instant::now();
    let batch = Batch::new(&flat.iter().collect::<Vec<_>>());
    println!(
        "nodes {} edges {} shapes {} parameters {} batch {:.6}",
        batch.nodes(),
        batch.edges(),
        batch.shapes(),
        config.build(1, DType::F32)?.parameters().count(),
        start.elapsed().as_secs_f64()
    );
    for line in std::io::stdin().lock().lines() {
        line?;
        let start = Instant::now();
        let epoch = trainer.epoch()?.ok_or("all epochs are over")?;
        println!("{:.6} {}", start.elapsed().as_secs_f64(), epoch.loss);
    }
    Ok(())
}

fn config(network: &str, is_full: bool) -> Result<NetworkConfig, Failure> {
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

fn graphs(case: &str, cutoff: f64) -> Result<Vec<CrystalGraph>, Failure> {
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
