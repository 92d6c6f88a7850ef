//! The number of threads must not change a result.
//!
//! candle reads it from the environment when it first computes, so that each
//! count needs a process of its own: this binary again, with one test.

use std::ops::ControlFlow;
use std::process::Command;

use gnn::{Recipe, Samples, train};

use crate::crystals::{graphs, shaken, with_vacancies};
use crate::networks;

/// Before the numbers on the child's standard error.
const MARK: &str = "predicted bits:";

#[test]
#[ignore = "run by the test below, once for each number of threads"]
fn child() {
    // no two lengths are equal: 6,700 edges have rows of their own, and tensors more
    // numbers than the 65,536 from which candle divides its work
    let structures = [with_vacancies(8, &[3]), with_vacancies(8, &[70, 150])];
    let structures = structures.map(|structure| shaken(&structure, 0.05));
    let graphs = graphs(&structures, 5.0);
    let samples = Samples {
        graphs: &graphs,
        targets: &[1.0, 2.0],
    };
    let recipe = Recipe {
        epochs: 1,
        ..Recipe::default()
    };
    for config in networks() {
        let mut go_on = |_: &_| ControlFlow::Continue(());
        let trained = train(&config, &recipe, samples, None, 1, &mut go_on).unwrap();
        let bits = trained
            .predict(&graphs)
            .unwrap()
            .into_iter()
            .map(f64::to_bits);
        eprintln!("{MARK} {:?}", bits.collect::<Vec<_>>());
    }
}

#[test]
fn one_and_two_threads_give_equal_bits() {
    let run = |threads: &str| {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "threads::child", "--nocapture"])
            .env("RAYON_NUM_THREADS", threads)
            .env("CANDLE_NUM_THREADS", threads)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        let lines = text.lines().filter(|line| line.contains(MARK));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let one = run("1");
    assert_eq!(one.len(), networks().len());
    assert_eq!(one, run("2"));
}
