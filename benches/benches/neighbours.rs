//! Neighbours within a cutoff: 192 atoms of a layer in vacuum.

use criterion::{Criterion, criterion_group, criterion_main};
use crystal::{CrystalGraph, Lattice, Result, Site, Structure, neighbors};
use std::hint::black_box;

/// A layer of 8 × 8 unit cells.
fn layer() -> Result<Structure> {
    let lattice = Lattice::from_parameters([3.1903, 3.1903, 14.879], [90.0, 90.0, 120.0])?;
    let places = [
        ("Mo", [1.0 / 3.0, 2.0 / 3.0, 0.25]),
        ("S", [2.0 / 3.0, 1.0 / 3.0, 0.1448]),
        ("S", [2.0 / 3.0, 1.0 / 3.0, 0.3552]),
    ];
    let mut sites = Vec::new();
    for (symbol, fractional) in places {
        sites.push(Site {
            element: symbol.parse()?,
            fractional,
        });
    }
    Ok(Structure::new(lattice, sites)?.supercell([8, 8, 1]))
}

fn bench(criterion: &mut Criterion) {
    let bulk = layer().expect("the cell is right");
    let layer = bulk.clone().with_periodic([true, true, false]);
    for (name, structure) in [("three axes", &bulk), ("two axes", &layer)] {
        let mut group = criterion.benchmark_group(format!("MoS2 8x8, periodic along {name}"));
        for cutoff in [5.0, 10.0] {
            group.bench_function(format!("neighbours to {cutoff} Å"), |b| {
                b.iter(|| neighbors(black_box(structure), black_box(cutoff)));
            });
        }
        group.bench_function("graph to 5 Å", |b| {
            b.iter(|| CrystalGraph::of_structure(black_box(structure), black_box(5.0)));
        });
        group.finish();
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
