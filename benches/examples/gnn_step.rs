//! Times training steps of a network, one for every line on the standard input.
//!
//! ```text
//! gnn_step schnet|megnet|gemnet full|relaxed|defects
//! ```
//!
//! A step is that of a training ([`Trainer`]) whose epochs have one step: a batch of
//! all graphs, forward, the mean squared error, the way back, and Adam. The sizes of
//! the batch are printed first, then the seconds of each step; so
//! `scripts/gnn_step.py` can alternate with another program.
//!
//! Cases are those of `cases.rs`.
#![expect(clippy::print_stdout, reason = "an example prints")]

#[path = "../cases.rs"]
mod cases;

use std::io::BufRead;
use std::time::Instant;

use candle_core::DType;
use gnn::{Batch, Device, FlatGraph, Samples, Trainer};

use cases::{Failure, config, graphs, recipe, targets};

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
    let targets = targets(graphs.len());
    let samples = Samples {
        graphs: &graphs,
        targets: &targets,
    };
    let recipe = recipe(graphs.len());
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
    // Made when the first step is asked for, so that its memory counts as that of steps.
    let mut trainer = None;
    for line in std::io::stdin().lock().lines() {
        line?;
        let trainer = match &mut trainer {
            Some(trainer) => trainer,
            none => none.insert(Trainer::new(
                &config,
                &recipe,
                samples,
                None,
                1,
                &Device::Cpu,
            )?),
        };
        let start = Instant::now();
        let epoch = trainer.epoch()?.ok_or("all epochs are over")?;
        println!("{:.6} {}", start.elapsed().as_secs_f64(), epoch.loss);
    }
    Ok(())
}
