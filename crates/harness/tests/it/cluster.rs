//! Parts of a study, on other processes and machines, and one report of them.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::run::{assert_same, says, study, tycho};

const STUDY: &str = r#"
title = "a study in parts"
dataset = "tb-mos2"
subsets = ["tb_MoS2"]
targets = ["formation_energy_per_site"]

[split]
seed = 3
test = 40
train_sizes = [10, 20]
seeds = 2

[[model]]
kind = "mean"

[[model]]
kind = "ridge"
"#;

fn call(place: &Path, words: &[&str]) -> Output {
    tycho(place).args(words).output().unwrap()
}

fn run(place: &Path, out: &str, shard: &[&str]) {
    let words = [&["run", "study.toml", "--untimed", "--out", out], shard].concat();
    let output = call(place, &words);
    assert!(output.status.success(), "{}", says(&output));
}

#[test]
fn parts_on_several_machines_are_merged_to_the_same_bytes() {
    let folder = study(STUDY);
    let place = folder.path();
    run(place, "whole", &[]);
    run(place, "a", &["--shard", "1/2"]);
    run(place, "b", &["--shard", "2/2"]);
    let output = call(place, &["merge", "merged", "a"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        says(&output).contains("missing: mean tb_MoS2"),
        "{}",
        says(&output)
    );
    assert!(says(&output).contains("4 of 8 trials are missing"));
    let output = call(place, &["merge", "merged", "b", "a"]);
    assert!(output.status.success(), "{}", says(&output));
    assert!(says(&output).contains("b: 4 trials added"));
    assert!(says(&output).contains("a: 0 trials added"));
    assert_same(place, "whole", "merged");
}

#[test]
fn what_does_not_belong_together_is_not_merged() {
    let folder = study(STUDY);
    let place = folder.path();
    run(place, "a", &[]);
    fs::write(
        place.join("study.toml"),
        STUDY.replace("test = 40", "test = 30"),
    )
    .unwrap();
    run(place, "other", &[]);
    let output = call(place, &["merge", "a", "other"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        says(&output).contains("other data or another split"),
        "{}",
        says(&output)
    );

    // of the same study, but of data that were another
    fs::create_dir_all(place.join("c")).unwrap();
    for name in ["study.toml", "records.jsonl", "predictions.parquet"] {
        fs::copy(place.join("a").join(name), place.join("c").join(name)).unwrap();
    }
    let records = place.join("c/records.jsonl");
    let text = fs::read_to_string(&records).unwrap();
    let start = text.find("\"dataset_hash\":\"").unwrap() + 16;
    let hash = &text[start..start + 12];
    fs::write(&records, text.replace(hash, "000000000000")).unwrap();
    let output = call(place, &["merge", "a", "c"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        says(&output).contains("is of other data"),
        "{}",
        says(&output)
    );
}

#[test]
fn a_study_in_processes_of_its_own_is_the_same_study() {
    let folder = study(STUDY);
    let place = folder.path();
    run(place, "whole", &[]);
    let submit = ["submit", "--engine", "local", "study.toml", "--untimed"];
    let how = ["--out", "parts", "--tasks", "3", "--at-once", "2"];
    let output = call(place, &[&submit[..], &how].concat());
    assert!(output.status.success(), "{}", says(&output));
    let manifest = fs::read_to_string(place.join("parts/manifest.jsonl")).unwrap();
    assert_eq!(manifest.lines().count(), 8);
    assert!(manifest.lines().all(|line| line.contains("\"task\":")));
    fs::remove_file(place.join("parts/manifest.jsonl")).unwrap();
    fs::remove_dir(place.join("parts/logs")).unwrap();
    assert_same(place, "whole", "parts");
    let output = call(place, &[&submit[..], &how].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(says(&output).contains("all 8 trials are recorded"));
}

/// A stand-in for `sbatch` runs the array's tasks at once, but for one, which it loses.
#[cfg(unix)]
#[test]
fn slurm_is_given_an_array_and_a_job_that_merges_after_it() {
    use std::os::unix::fs::PermissionsExt;

    let folder = study(STUDY);
    let place = folder.path();
    let sbatch = place.join("sbatch");
    let script = r#"#!/bin/bash
script="${@: -1}"
case "$*" in
*afterany:7*) bash "$script" >merge.txt 2>&1; echo "$?" >merge.code; echo 8 ;;
*) for task in 1 3; do SLURM_ARRAY_TASK_ID=$task bash "$script" >/dev/null; done; echo 7 ;;
esac
"#;
    fs::write(&sbatch, script).unwrap();
    fs::set_permissions(&sbatch, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    let output = tycho(place)
        .env("PATH", format!("{}:{path}", place.display()))
        .args([
            "submit",
            "--engine",
            "slurm",
            "study.toml",
            "--out",
            "r",
            "--tasks",
            "3",
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", says(&output));
    assert!(says(&output).contains("submitted as job 7; job 8 merges after it"));
    // the lost task's trials are named, and the job that merges fails
    let merged = fs::read_to_string(place.join("merge.txt")).unwrap();
    assert!(merged.contains("3 of 8 trials are missing"), "{merged}");
    assert_eq!(fs::read_to_string(place.join("merge.code")).unwrap(), "1\n");
}

#[test]
fn a_report_that_was_changed_by_hand_is_found_out() {
    let folder = study(STUDY);
    let place = folder.path();
    run(place, "r", &[]);
    let verify = ["report", "r", "--verify"];
    let output = call(place, &verify);
    assert!(output.status.success(), "{}", says(&output));
    let board = place.join("r/leaderboard.csv");
    let text = fs::read_to_string(&board).unwrap();
    fs::write(&board, text.replacen("ridge", "Ridge", 1)).unwrap();
    let output = call(place, &verify);
    assert_eq!(output.status.code(), Some(1));
    assert!(says(&output).contains("leaderboard.csv: is not what the records give"));
    fs::write(&board, text).unwrap();
    let records = place.join("r/records.jsonl");
    let text = fs::read_to_string(&records).unwrap();
    fs::write(
        &records,
        text.replacen("\"n_train\":10", "\"n_train\":11", 1),
    )
    .unwrap();
    let output = call(place, &verify);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        says(&output).contains("is not the hash of its trial"),
        "{}",
        says(&output)
    );
}

#[test]
fn a_trial_run_again_gives_the_same_bits_or_says_that_it_does_not() {
    let folder = study(STUDY);
    let place = folder.path();
    run(place, "r", &["--shard", "1/1"]);
    let mut trials = fs::read_dir(place.join("r/trials")).unwrap();
    let single = trials.find_map(|entry| {
        let path = entry.unwrap().path();
        path.extension()
            .is_some_and(|ending| ending == "f64")
            .then_some(path)
    });
    let single = single.unwrap();
    let hash = single.file_stem().unwrap().to_string_lossy().into_owned();
    let output = call(place, &["rerun", "r", &hash[..8]]);
    assert!(output.status.success(), "{}", says(&output));
    assert!(says(&output).contains("the same 40 predictions, bit for bit"));
    let mut bytes = fs::read(&single).unwrap();
    bytes[0] ^= 1;
    fs::write(&single, bytes).unwrap();
    let output = call(place, &["rerun", "r", &hash]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        says(&output).contains("1 of 40 predictions differ"),
        "{}",
        says(&output)
    );
    let output = call(place, &["rerun", "r", "not-a-hash"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_model_that_became_worse_fails_the_comparison() {
    let folder = study(STUDY);
    let place = folder.path();
    run(place, "before", &[]);
    run(place, "after", &[]);
    let compare = ["compare", "before", "after"];
    let output = call(place, &compare);
    assert!(output.status.success(), "{}", says(&output));
    assert!(
        says(&output).contains("none of 4 rows is worse"),
        "{}",
        says(&output)
    );
    let curve = place.join("after/learning_curve.csv");
    let text = fs::read_to_string(&curve).unwrap();
    // all errors of ridge three times as large
    let worse: Vec<String> = text
        .lines()
        .map(|line| {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            if cells[4] == "ridge" {
                cells[8] = (3.0 * cells[8].parse::<f64>().unwrap()).to_string();
            }
            cells.join(",")
        })
        .collect();
    fs::write(&curve, worse.join("\n")).unwrap();
    let output = call(place, &compare);
    assert_eq!(output.status.code(), Some(1));
    assert!(says(&output).contains("WORSE"), "{}", says(&output));
    assert!(
        says(&output).contains("2 of 4 rows are worse"),
        "{}",
        says(&output)
    );
    let output = call(place, &["compare", "after", "before"]);
    assert!(output.status.success(), "{}", says(&output));
    assert!(says(&output).contains("better"), "{}", says(&output));

    // other subsamples cannot be paired
    fs::write(
        place.join("study.toml"),
        STUDY.replace("seed = 3", "seed = 4"),
    )
    .unwrap();
    run(place, "other", &[]);
    let output = call(place, &["compare", "before", "other"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        says(&output).contains("other structures"),
        "{}",
        says(&output)
    );
}

#[test]
fn shells_and_manuals_know_every_verb() {
    let folder = study(STUDY);
    let place = folder.path();
    let output = call(place, &["man", "pages"]);
    assert!(output.status.success(), "{}", says(&output));
    let page = fs::read_to_string(place.join("pages/tycho-run.1")).unwrap();
    assert!(page.contains("shard"), "{page}");
    for shell in ["bash", "zsh", "fish"] {
        let output = call(place, &["completions", shell]);
        assert!(says(&output).contains("rerun"), "{shell}");
    }
}
