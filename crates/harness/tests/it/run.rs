//! `tycho run` as a user runs it: the program, on the embedded data.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::shared::keeps_the_contract;

/// Quick models, a search and a network, on few structures.
const STUDY: &str = r#"
title = "a quick study"
dataset = "tb-mos2"
subsets = ["tb_MoS2"]
targets = ["formation_energy_per_site", "homo_lumo_gap"]

[split]
seed = 3
test = 60
train_sizes = [10, 20]
seeds = 2

[[model]]
kind = "mean"

[[model]]
kind = "kind-median"

[[model]]
kind = "ridge"

[[model]]
kind = "cluster-expansion"

[[model]]
kind = "symbolic"
evaluations = 2000

[[model]]
kind = "segvae"
epochs = 2
n_formulas_to_sample = 50
bred = 20
neighbours = 20
train_size = 200
n_pretrain_steps = 1
hidden_dim = 8
latent_dim = 4
max_len = 9

[[model]]
kind = "segvae-faithful"
descriptor = "pairs"
epochs = 2
n_formulas_to_sample = 50
train_size = 200
n_pretrain_steps = 1
hidden_dim = 8
latent_dim = 4
max_len = 9

[[model]]
kind = "catboost"
iterations = 20

[[model]]
kind = "gaussian-process"
steps = 3

[[model]]
kind = "megnet-sparse"
width = 8
epochs = 3
networks = 2
average = 0.9
"#;

const TRIALS: usize = 2 * 10 * 2 * 2;

/// The program, with nothing of the surroundings' data or threads.
pub(crate) fn tycho(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tycho"));
    command
        .env_remove("TYCHO_DATA")
        .env_remove("RAYON_NUM_THREADS")
        .env_remove("CANDLE_NUM_THREADS")
        .current_dir(folder)
        .args(["--data", "data"]);
    command
}

fn run(folder: &Path, out: &str, more: &[&str]) -> Output {
    let mut command = tycho(folder);
    let output = command
        .args(["run", "study.toml", "--untimed", "--out", out])
        .args(more)
        .output();
    output.unwrap()
}

pub(crate) fn study(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("study.toml"), text).unwrap();
    folder
}

pub(crate) fn says(output: &Output) -> String {
    let streams = [&output.stdout, &output.stderr];
    streams
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .concat()
}

/// Every file below a folder, with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(place) = open.pop() {
        for entry in std::fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Asserts that two report folders hold the same bytes, the folder's own name
/// apart.
pub(crate) fn assert_same(folder: &Path, first: &str, second: &str) {
    let (a, b) = (files(&folder.join(first)), files(&folder.join(second)));
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, bytes) in &a {
        let renamed = String::from_utf8_lossy(&b[name]).replace(second, first);
        assert!(
            bytes == &b[name] || String::from_utf8_lossy(bytes) == renamed,
            "{name} differs between {first} and {second}"
        );
    }
}

#[test]
fn threads_shards_and_a_kill_make_no_difference() {
    let folder = study(STUDY);
    let place = folder.path();
    let output = run(place, "whole", &["--threads", "1"]);
    assert!(output.status.success(), "{}", says(&output));
    assert!(says(&output).contains(&format!("{TRIALS} of {TRIALS} trials went well")));
    assert_eq!(
        files(&place.join("whole/trials")).len(),
        0,
        "trials are folded"
    );

    run(place, "twin0", &["--threads", "2"]);
    assert_same(place, "whole", "twin0");

    for shard in ["1/3", "3/3", "2/3"] {
        assert!(run(place, "shard", &["--shard", shard]).status.success());
    }
    let output = tycho(place).args(["report", "shard"]).output().unwrap();
    assert!(output.status.success(), "{}", says(&output));
    assert_same(place, "whole", "shard");

    kill_in_the_middle(place, "death");
    assert!(run(place, "death", &[]).status.success());
    assert_same(place, "whole", "death");
}

/// Starts a run and kills it without warning once some trials are there.
fn kill_in_the_middle(place: &Path, out: &str) {
    let mut command = tycho(place);
    command.args([
        "run",
        "study.toml",
        "--untimed",
        "--threads",
        "1",
        "--out",
        out,
    ]);
    let mut child = command.spawn().unwrap();
    let patience = Instant::now();
    let trials = place.join(out).join("trials");
    let done = || std::fs::read_dir(&trials).map_or(0, Iterator::count);
    while done() < 8 && patience.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        !place.join(out).join("index.html").exists(),
        "killed too late to test anything"
    );
    assert!(done() >= 8);
}

#[test]
fn the_report_is_made_again_byte_for_byte() {
    let folder = study(STUDY);
    let place = folder.path();
    assert!(run(place, "result", &[]).status.success());
    copy(&place.join("result"), &place.join("before"));
    for made in ["figures", "tables"] {
        std::fs::remove_dir_all(place.join("result").join(made)).unwrap();
    }
    for made in ["index.html", "leaderboard.csv", "learning_curve.csv"] {
        std::fs::remove_file(place.join("result").join(made)).unwrap();
    }
    assert!(
        tycho(place)
            .args(["report", "result"])
            .output()
            .unwrap()
            .status
            .success()
    );
    assert_same(place, "result", "before");
    keeps_the_contract(&place.join("result"), &[]);
}

fn copy(from: &Path, to: &Path) {
    for (name, bytes) in files(from) {
        let path = to.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

#[test]
fn a_published_copy_is_small_and_can_be_run_again() {
    let folder = study(STUDY);
    let place = folder.path();
    assert!(run(place, "result", &[]).status.success());
    let publish = ["report", "result", "--publish", "copy"];
    let output = tycho(place).args(publish).output().unwrap();
    assert!(output.status.success(), "{}", says(&output));
    let (whole, copy) = (files(&place.join("result")), files(&place.join("copy")));
    let lost: Vec<&String> = whole
        .keys()
        .filter(|name| !copy.contains_key(*name))
        .collect();
    let targets = ["formation_energy_per_site", "homo_lumo_gap"];
    let parity = targets.map(|target| format!("figures/parity-{target}.csv"));
    assert_eq!(
        lost,
        [".lock", &parity[0], &parity[1], "predictions.parquet"]
    );

    let output = tycho(place).args(["report", "copy"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        says(&output).contains("no trial of this study with predictions"),
        "{}",
        says(&output)
    );

    assert!(run(place, "copy", &[]).status.success());
    std::fs::remove_file(place.join("copy/predictions-sample.parquet")).unwrap();
    assert_same(place, "result", "copy");
}

#[test]
fn one_model_can_be_run_first_and_the_rest_later() {
    let folder = study(STUDY);
    let place = folder.path();
    let output = run(place, "result", &["--model", "mean"]);
    assert!(
        says(&output).contains(&format!("{} trials have not run", TRIALS - 8)),
        "{}",
        says(&output)
    );
    let status = tycho(place).args(["status", "result"]).output().unwrap();
    assert!(says(&status).contains("mean                       8       8       0       0"));
    let output = run(place, "result", &[]);
    assert!(says(&output).contains(&format!("{TRIALS} of {TRIALS} trials went well")));
}

#[test]
fn a_trial_that_cannot_be_fitted_is_a_row_with_its_reason() {
    // two evaluations of the clock: a guard that no network can meet
    let text = STUDY.replace(
        "[[model]]\nkind = \"mean\"",
        "[budget]\nwall = \"0.001 s\"\n\n[[model]]\nkind = \"mean\"",
    );
    let text = text.replace("epochs = 3", "epochs = 3\nlearning_rate = 1000");
    let folder = study(&text);
    let output = run(folder.path(), "result", &[]);
    assert!(output.status.success(), "{}", says(&output));
    assert!(
        says(&output).contains("failed: megnet-sparse on 10 structures"),
        "{}",
        says(&output)
    );
    let board = std::fs::read_to_string(folder.path().join("result/leaderboard.csv")).unwrap();
    let row = board
        .lines()
        .find(|line| line.contains("megnet-sparse,10,"))
        .unwrap();
    assert!(row.contains("megnet-sparse,10,0,2,,"), "{row}");
}

/// What is learnt once is never lost: neither by a study with fewer models, nor
/// by one of another guard, nor by a report.
#[test]
fn records_with_times_say_where_they_were_taken() {
    let folder = study(STUDY);
    let place = folder.path();
    let words = ["run", "study.toml", "--model", "mean", "--threads", "2"];
    let timed = tycho(place).args(words).args(["--out", "timed"]).output();
    assert!(timed.unwrap().status.success());
    assert!(run(place, "untimed", &["--model", "mean"]).status.success());
    let machines = |out: &str| -> Vec<serde_json::Value> {
        let path = place.join(out).join("records.jsonl");
        let text = std::fs::read_to_string(path).unwrap();
        let records = text.lines().map(|line| serde_json::from_str(line).unwrap());
        records
            .map(|record: serde_json::Value| record["machine"].clone())
            .collect()
    };
    assert!(machines("untimed").iter().all(serde_json::Value::is_null));
    for machine in machines("timed") {
        assert_eq!(machine["threads"], 2);
        assert!(!machine["cpu"].as_str().unwrap().is_empty());
    }
}

#[test]
fn records_outlive_a_change_of_the_study() {
    let folder = study(STUDY);
    let place = folder.path();
    let quick = ["--model", "mean", "--model", "ridge"];
    assert!(run(place, "result", &quick).status.success());
    let lines = || {
        let text = std::fs::read_to_string(place.join("result/records.jsonl")).unwrap();
        text.lines().count()
    };
    assert_eq!(lines(), 16);
    let changed = STUDY.replace("[[model]]\nkind = \"ridge\"\n", "").replacen(
        "[[model]]",
        "[budget]\nwall = \"9 min\"\n\n[[model]]",
        1,
    );
    std::fs::write(place.join("study.toml"), changed).unwrap();
    let output = run(place, "result", &["--model", "mean"]);
    assert!(
        says(&output).contains(&format!("8 of {} trials went well", TRIALS - 8)),
        "{}",
        says(&output)
    );
    assert_eq!(lines(), 16, "the other study's trials stay");

    let other = STUDY.replace("seed = 3", "seed = 4");
    std::fs::write(place.join("study.toml"), other).unwrap();
    let output = run(place, "result", &quick);
    assert_eq!(output.status.code(), Some(2));
    assert!(says(&output).contains("another split"), "{}", says(&output));
    assert_eq!(lines(), 16);
}

#[test]
fn two_runs_in_one_folder_share_the_work() {
    let folder = study(STUDY);
    let place = folder.path();
    assert!(run(place, "alone", &[]).status.success());
    let start = |shard: &str| {
        let mut command = tycho(place);
        command.args(["run", "study.toml", "--untimed", "--out", "both"]);
        command.args(["--threads", "1", "--shard", shard]);
        command.spawn().unwrap()
    };
    let (mut first, mut second) = (start("1/2"), start("2/2"));
    assert!(first.wait().unwrap().success());
    assert!(second.wait().unwrap().success());
    assert!(run(place, "both", &[]).status.success());
    assert_same(place, "alone", "both");
}

#[test]
fn wrong_input_is_one_line_and_exit_code_2() {
    let cases = [
        (
            "kind = \"mean\"",
            "kind = \"meen\"",
            "unknown variant `meen`",
        ),
        (
            "evaluations = 2000",
            "evaluation = 2000",
            "unknown field `evaluation`",
        ),
        (
            "test = 60",
            "test = 6000",
            "lower split.test or split.train_sizes",
        ),
        ("dataset = \"tb-mos2\"", "dataset = \"tb-mos3\"", "tb-mos3"),
        (
            "\"homo_lumo_gap\"",
            "\"gap\"",
            "target `gap`: data set tb-mos2 has",
        ),
        (
            "\"tb_MoS2\"",
            "\"tb_MoS3\"",
            "subset `tb_MoS3`: data set tb-mos2 has tb_MoS2",
        ),
        (
            "width = 8",
            "preset = \"huge\"",
            "preset `huge`: expected `small`",
        ),
        (
            "kind = \"ridge\"",
            "kind = \"mean\"",
            "two models are named `mean`",
        ),
        ("seeds = 2", "seeds = 0", "must be positive"),
        ("train_sizes = [10, 20]", "train_sizes = [10, 10]", "twice"),
        (
            "kind = \"mean\"",
            "kind = \"mean\"\nfoo = 1",
            "unknown field `foo`",
        ),
        (
            "kind = \"cluster-expansion\"",
            "kind = \"cluster-expansion\"\nstep_angstrom = 0.0",
            "step_angstrom",
        ),
        (
            "kind = \"cluster-expansion\"",
            "kind = \"cluster-expansion\"\ncutoff_angstrom = 1e9",
            "cutoff_angstrom",
        ),
        ("test = 60", "test = 60\nvalidation = 1.5", "validation"),
    ];
    for (from, to, expected) in cases {
        let folder = study(&STUDY.replacen(from, to, 1));
        let output = run(folder.path(), "result", &[]);
        let text = says(&output);
        assert_eq!(output.status.code(), Some(2), "{to}: {text}");
        assert!(text.contains(expected), "{to}: {text}");
        assert_eq!(text.lines().count(), 1, "{to}: {text}");
        assert!(!folder.path().join("result/records.jsonl").exists());
    }
}
