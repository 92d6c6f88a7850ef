//! Models that are programs: well-behaved ones, and all kinds of others.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::shared::keeps_the_contract;

const HELLO: &str = r#"read -r line; echo '{"type":"hello","protocol":1,"needs":["table"]}'"#;
const FITTED: &str = r#"read -r line; echo '{"type":"fitted","complexity":3}'"#;
const PREDICTED: &str =
    r#"read -r line; echo '{"type":"predicted","values":[1.0,1.0,1.0,1.0,1.0]}'"#;

/// A study of programs, one `[[model]]` each, on five held-out structures.
fn study(wall: &str, models: &[(&str, String)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut text = format!(
        r#"
title = "programs"
dataset = "tb-mos2"
subsets = ["tb_MoS2"]
targets = ["formation_energy_per_site", "homo_lumo_gap"]
[split]
seed = 3
test = 5
train_sizes = [20]
seeds = 1
[budget]
wall = "{wall}"
[[model]]
kind = "mean"
"#
    );
    for (name, script) in models {
        fs::write(folder.path().join(format!("{name}.sh")), script).unwrap();
        let entry = [
            "[[model]]".to_owned(),
            format!("name = \"{name}\""),
            "kind = \"external\"".to_owned(),
            format!("command = [\"sh\", \"{name}.sh\"]\n"),
        ];
        text.push_str(&entry.join("\n"));
    }
    fs::write(folder.path().join("study.toml"), text).unwrap();
    folder
}

fn run(folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tycho"));
    command.env_remove("TYCHO_DATA").current_dir(folder).args([
        "--data",
        "data",
        "run",
        "study.toml",
        "--out",
        "out",
    ]);
    command.output().unwrap()
}

/// Status, reason and hash of the one trial of a model.
fn record(folder: &Path, model: &str) -> (String, String, String) {
    let text = fs::read_to_string(folder.join("out/records.jsonl")).unwrap();
    let records = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let found = records.into_iter().find(|r| r["trial"]["model"] == model);
    let found = found.unwrap_or_else(|| panic!("no record of {model}"));
    let field = |name: &str| found[name].as_str().unwrap().to_owned();
    (field("status"), field("reason"), field("hash"))
}

/// Whether a process with this word in its command line is there.
fn is_running(word: &str) -> bool {
    fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(word)
    })
}

#[test]
fn a_program_that_answers_is_a_model_and_the_others_are_rows() {
    let script = |lines: &[&str]| lines.join("\n");
    let models = [
        ("good", script(&[HELLO, FITTED, PREDICTED])),
        ("garbage", script(&["echo loading weights", "sleep 9"])),
        (
            "short",
            script(&[
                HELLO,
                FITTED,
                r#"read -r line; echo '{"type":"predicted","values":[1.0]}'"#,
            ]),
        ),
        (
            "null",
            script(&[
                HELLO,
                FITTED,
                r#"read -r line; echo '{"type":"predicted","values":[1,null,1,1,1]}'"#,
            ]),
        ),
        (
            "nan",
            script(&[
                HELLO,
                FITTED,
                r#"read -r line; echo '{"type":"predicted","values":[NaN,1,1,1,1]}'"#,
            ]),
        ),
        ("forks", script(&[HELLO, "sleep 86413 &", "exit 0"])),
        (
            "loud",
            script(&[
                HELLO,
                "head -c 5000000 /dev/zero | tr '\\0' 'x' >&2",
                FITTED,
                PREDICTED,
            ]),
        ),
        ("dies", script(&[HELLO, FITTED, "read -r line; exit 3"])),
        (
            "says-why",
            script(&[
                HELLO,
                r#"read -r line; echo '{"type":"error","message":"too few structures"}'"#,
            ]),
        ),
        (
            "old",
            r#"read -r line; echo '{"type":"hello","protocol":7,"needs":[]}'"#.to_owned(),
        ),
        ("eager", script(&[FITTED, "sleep 9"])),
    ];
    let folder = study("1 min", &models);
    let output = run(folder.path());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let row = |model: &str| record(folder.path(), model);
    assert_eq!(row("good").0, "ok", "{errors}");
    assert_eq!(row("loud").0, "ok", "{errors}");
    for (model, status, reason) in [
        ("garbage", "failed", "it answered `loading weights`"),
        ("short", "failed", "it predicted 1 values for 5 structures"),
        ("null", "diverged", "a prediction is not finite"),
        ("nan", "failed", "null stands for them"),
        ("forks", "failed", "it "),
        (
            "dies",
            "failed",
            "it ended without an answer (exit status: 3)",
        ),
        ("says-why", "failed", "too few structures"),
        ("old", "failed", "it speaks version 7 of the protocol"),
        (
            "eager",
            "failed",
            "it answered `fitted` where `hello` was expected",
        ),
    ] {
        let (found, why, _) = row(model);
        assert_eq!(found, status, "{model}: {why}");
        assert!(
            why.starts_with(reason) || why.contains(reason),
            "{model}: {why}"
        );
    }
    assert!(!is_running("86413"), "what the program started is left");
    let log = folder
        .path()
        .join(format!("out/logs/{}.txt", row("loud").2));
    assert_eq!(fs::metadata(log).unwrap().len(), 1 << 20);
    let quiet = folder
        .path()
        .join(format!("out/logs/{}.txt", row("good").2));
    assert!(!quiet.exists());
    keeps_the_contract(&folder.path().join("out"), &[]);
}

#[test]
fn a_program_that_never_answers_is_killed_when_its_time_is_over() {
    let models = [("silent", "sleep 86414 & sleep 86415".to_owned())];
    let folder = study("1 s", &models);
    let output = run(folder.path());
    assert!(output.status.success());
    let (status, reason, _) = record(folder.path(), "silent");
    assert_eq!(
        (status.as_str(), reason.as_str()),
        ("timeout", "it did not answer in time")
    );
    assert!(!is_running("86414") && !is_running("86415"));
}

/// Twenty lines, without the helper: the mean of all targets.
const MEAN: &str = r#"
import csv, json, sys

def targets(part):
    with open(part["table"]) as file:
        return [float(row["target"]) for row in csv.DictReader(file)]

mean = 0.0
for line in sys.stdin:
    question = json.loads(line)
    if question["type"] == "hello":
        answer = {"type": "hello", "protocol": 1, "needs": ["table"]}
    elif question["type"] == "fit":
        known = targets(question["training"]) + targets(question["validation"])
        mean = sum(known) / len(known)
        answer = {"type": "fitted", "complexity": 1}
    else:
        count = question["structures"]["count"]
        answer = {"type": "predicted", "values": [mean] * count}
    print(json.dumps(answer), flush=True)
"#;

/// With the helper, from structures and their targets.
const HELPED: &str = r#"
from tycho_model import serve

def fit(training, validation, request):
    print("a line for the log")
    assert request["unit"] == "eV" and request["options"] == {"power": 2}
    frames = list(training.frames())
    assert len(frames) == training.count and len(frames[0]["symbols"]) > 10
    known = training.targets + validation.targets
    mean = sum(known) / len(known)
    return lambda structures: [mean for _ in structures.frames()]

serve(fit, needs=("structures",))
"#;

#[test]
fn a_script_of_the_user_joins_a_study() {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: no python3");
        return;
    }
    let folder = study("1 min", &[]);
    let place = folder.path();
    let helper = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../adapters/tycho_model.py");
    fs::copy(helper, place.join("tycho_model.py")).unwrap();
    fs::write(place.join("mine.py"), MEAN).unwrap();
    fs::write(place.join("helped.py"), HELPED).unwrap();
    let mut text = fs::read_to_string(place.join("study.toml")).unwrap();
    text.push_str(
        r#"
[[model]]
name = "mine"
kind = "external"
command = ["python3", "mine.py"]
[[model]]
name = "helped"
kind = "external"
command = ["python3", "helped.py"]
[model.options]
power = 2
"#,
    );
    fs::write(place.join("study.toml"), text).unwrap();
    let output = run(place);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let board = fs::read_to_string(place.join("out/leaderboard.csv")).unwrap();
    let error = |model: &str| -> f64 {
        let row = board
            .lines()
            .find(|line| line.split(',').nth(4) == Some(model));
        row.unwrap_or_else(|| panic!("{board}"))
            .split(',')
            .nth(8)
            .unwrap()
            .parse()
            .unwrap()
    };
    assert!((error("mine") - error("mean")).abs() < 1e-6, "{board}");
    assert!((error("helped") - error("mean")).abs() < 1e-6, "{board}");
    let (_, _, hash) = record(place, "helped");
    let log = fs::read_to_string(place.join(format!("out/logs/{hash}.txt"))).unwrap();
    assert_eq!(log, "a line for the log\n");
    keeps_the_contract(&place.join("out"), &[]);
}
