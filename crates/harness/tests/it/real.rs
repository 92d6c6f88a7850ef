//! The whole line on the real data, where they are at hand.

use std::path::Path;
use std::process::Command;

const STUDY: &str = r#"
title = "low-density MoS2"
dataset = "2dmd"
subsets = ["low_MoS2"]
targets = ["formation_energy_per_site", "homo_lumo_gap"]

[split]
seed = 11
test = 5000
train_sizes = [299]
seeds = 2

[[model]]
kind = "kind-median"

[[model]]
kind = "ridge"

[[model]]
kind = "cluster-expansion"

[[model]]
kind = "law"
evaluations = 5000
"#;

fn tycho(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tycho"))
        .current_dir(folder)
        .args(["--data", "data"])
        .args(arguments)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The mean absolute error of a model in a leaderboard, meV.
fn error(board: &str, target: &str, model: &str) -> f64 {
    let mut lines = board
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let place = |name| head.iter().position(|column| *column == name).unwrap();
    let row = lines
        .find(|row| row[place("target")] == target && row[place("model")] == model)
        .unwrap();
    row[place("mae")].parse().unwrap()
}

/// Of all parts together: little of each, for a few trees and epochs.
const COMBINED: &str = r#"
title = "all of 2DMD"
dataset = "2dmd"
subsets = ["combined"]
targets = ["formation_energy_per_site", "homo_lumo_gap"]

[split]
seed = 1
test = 700
train_sizes = [300]
seeds = 2
validation = 0.0

[[model]]
kind = "kind-median"

[[model]]
kind = "catboost"
iterations = 40

[[model]]
kind = "megnet-sparse"
width = 8
epochs = 2
draws = 64
"#;

/// Every part counts as much as another, in what is learnt and in what is reported.
#[test]
fn parts_that_are_learnt_together_count_alike() {
    let Some(shared) = crate::shared::folder() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    std::fs::write(place.join("study.toml"), COMBINED).unwrap();
    let data = shared.join("datasets/2dmd");
    tycho(place, &["data", "import", data.to_str().unwrap()]);
    tycho(place, &["run", "study.toml", "--out", "result"]);
    crate::shared::keeps_the_contract(&place.join("result"), &[]);
    let board = std::fs::read_to_string(place.join("result/leaderboard.csv")).unwrap();
    for model in ["kind-median", "catboost", "megnet-sparse"] {
        let errors = |subset: &str| -> Vec<f64> {
            let rows = board
                .lines()
                .map(|line| line.split(',').collect::<Vec<_>>());
            let rows = rows.filter(|row| row[1].starts_with(subset) && row[4] == model);
            let rows = rows.filter(|row| row[2] == "homo_lumo_gap");
            rows.map(|row| row[8].parse().unwrap()).collect()
        };
        let parts = errors("combined/");
        assert_eq!(parts.len(), 8, "{board}");
        let mean = parts.iter().sum::<f64>() / 8.0;
        assert!(
            (errors("combined")[0] - mean).abs() < 1e-6 * mean,
            "{board}"
        );
    }
    let page = std::fs::read_to_string(place.join("result/index.html")).unwrap();
    // those of parts are not counted again
    assert!(page.contains(" 12 trials"));
}

/// A pair expansion learnt from 299 structures predicts the others better than
/// the best published network, 3.9 meV, trained on most of 2DMD; and two
/// trivial models end where others have measured them to.
#[test]
fn pairs_of_defects_explain_the_formation_energy() {
    let Some(shared) = crate::shared::folder() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    std::fs::write(place.join("study.toml"), STUDY).unwrap();
    let data = shared.join("datasets/2dmd");
    tycho(place, &["data", "import", data.to_str().unwrap()]);
    tycho(place, &["run", "study.toml", "--out", "result"]);
    let board = std::fs::read_to_string(place.join("result/leaderboard.csv")).unwrap();
    let energy = |model| error(&board, "formation_energy_per_site", model);
    let gap = |model| error(&board, "homo_lumo_gap", model);
    // between seeds the error varies by about half a meV
    assert!(energy("cluster-expansion") < 3.9, "{board}");
    assert!(gap("cluster-expansion") < 22.0, "{board}");
    // a few closed functions are as good as a basis of 27 Gaussians a channel
    assert!(energy("law") < 3.9, "{board}");
    assert!(gap("law") < 20.0, "{board}");
    // 36 ± 5 and 39.1 ± 0.6 over other subsamples
    assert!((25.0..60.0).contains(&energy("kind-median")), "{board}");
    assert!((35.0..50.0).contains(&gap("kind-median")), "{board}");
}
