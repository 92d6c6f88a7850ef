//! A training step of every network, on full supercells, relaxed ones and graphs of defects.
//!
//! Against PyTorch: `scripts/gnn_step.py`.

#[path = "../cases.rs"]
mod cases;

use criterion::{Criterion, criterion_group, criterion_main};
use gnn::{Device, Samples, Trainer};

use cases::{Failure, config, graphs, recipe, targets};

fn step(criterion: &mut Criterion, network: &str, case: &str) -> Result<(), Failure> {
    let config = config(network, case != "defects")?;
    let graphs = graphs(case, config.cutoff())?;
    let samples = Samples {
        graphs: &graphs,
        targets: &targets(graphs.len()),
    };
    let recipe = recipe(graphs.len());
    let mut trainer = Trainer::new(&config, &recipe, samples, None, 1, &Device::Cpu)?;
    let mut group = criterion.benchmark_group(format!("step of {network}"));
    group.sample_size(10).bench_function(case, |bencher| {
        bencher.iter(|| trainer.epoch().expect("the loss is finite"));
    });
    group.finish();
    Ok(())
}

fn bench(criterion: &mut Criterion) {
    for network in ["schnet", "megnet", "gemnet"] {
        for case in ["full", "relaxed", "defects"] {
            step(criterion, network, case).expect("the case can be made");
        }
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
