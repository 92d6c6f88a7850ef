//! Time per structure of each family of structural features.
//!
//! ```sh
//! cargo run --release -p crystal --example descriptor_speed -- FOLDER [MOST] [layer]
//! ```
//!
//! reads up to `MOST` (300) CIFs of a folder; with `layer` they are not periodic
//! along the third vector.

#![allow(clippy::print_stdout, reason = "that is what it is for")]

use std::time::Instant;

use crystal::{Family, StructuralDescriptor, Structure, structural_features};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("give a folder of CIFs")?;
    let most = arguments.next().map_or(Ok(300), |most| most.parse())?;
    let across = arguments.next().as_deref() != Some("layer");
    let mut paths: Vec<_> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "cif"));
    paths.sort();
    // spread over the folder, whose files are often sorted by kind
    let step = paths.len().div_ceil(most).max(1);
    let mut structures: Vec<Structure> = Vec::new();
    for path in paths.iter().step_by(step) {
        let structure = crystal::cif::read(&std::fs::read_to_string(path)?)?;
        structures.push(structure.with_periodic([true, true, across]));
    }
    let all: Vec<&Structure> = structures.iter().collect();
    println!("{} structures", all.len());
    for family in Family::ALL {
        let start = Instant::now();
        let table = structural_features(&[family], &all)?;
        let taken = start.elapsed().as_secs_f64() * 1e3 / all.len() as f64;
        let kept = StructuralDescriptor::of_table(&[family], &table);
        let (width, kept) = (table.width(), kept.columns().len());
        println!("{family:12} {taken:8.3} ms a structure, {kept:4} of {width:4} columns vary");
    }
    let start = Instant::now();
    structural_features(&Family::ALL, &all)?;
    let taken = start.elapsed().as_secs_f64() * 1e3 / all.len() as f64;
    println!("{:12} {taken:8.3} ms a structure", "together");
    Ok(())
}
