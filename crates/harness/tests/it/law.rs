//! `tycho law`, `explain` and `predict`, and studies that learn from other structures too, as
//! a user runs them.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output};

use flate2::read::GzDecoder;
use harness::dataset::{Sample, load_embedded};

use crate::run::says;

pub(crate) fn tycho(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tycho"));
    command
        .env_remove("TYCHO_DATA")
        .current_dir(folder)
        .args(["--data", "data"])
        .args(arguments);
    command.output().unwrap()
}

/// The first structures of the embedded data, as CIF files, and their names.
pub(crate) fn structures(folder: &Path, count: usize) -> Vec<String> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/tb-mos2");
    let packed = fs::File::open(data.join("initial.tar.gz")).unwrap();
    let mut archive = tar::Archive::new(GzDecoder::new(packed));
    let mut names = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        if path.extension().is_some_and(|ending| ending == "cif") && names.len() < count {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            fs::write(folder.join(&name), text).unwrap();
            names.push(name);
        }
    }
    names
}

#[test]
fn a_law_is_learnt_explained_and_applied_to_structure_files() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let learn = [
        "law",
        "tb-mos2/tb_MoS2",
        "--target",
        "homo_lumo_gap",
        "--structures",
        "150",
        "--resamples",
        "2",
    ];
    let learnt = tycho(folder, &learn);
    assert!(learnt.status.success(), "{}", says(&learnt));
    let text = says(&learnt);
    assert!(text.contains("on the other 450 structures"), "{text}");
    let explained = says(&tycho(folder, &["explain", "tb_MoS2.law.json"]));
    assert!(text.starts_with(&explained), "{explained}\n{text}");
    assert!(
        explained.contains("V_Mo") && explained.contains('±'),
        "{explained}"
    );

    let equation = |words: &[&str]| {
        let all = [&["equation", "tb_MoS2.law.json"], words].concat();
        tycho(folder, &all)
    };
    let whole = says(&equation(&[]));
    assert!(whole.contains("Σ") && whole.contains("V_Mo"), "{whole}");
    let latex = says(&equation(&["--format", "latex"]));
    assert!(
        latex.contains(r"\ln \sum_{m}") && latex.contains(r"V\_Mo & $"),
        "{latex}"
    );
    // what has no sums says so, with the functions that there are
    let asked = equation(&["--as", "c99"]);
    assert_eq!(asked.status.code(), Some(2));
    let told = says(&asked);
    assert!(
        told.contains("text, latex, sympy or python, not as c99"),
        "{told}"
    );
    assert_eq!(told.lines().count(), 1, "{told}");
    let (_, channels) = told.split_once("there is ").unwrap();
    let channel = channels
        .split(", ")
        .find(|name| name.contains("neighbour"))
        .unwrap();
    let python = says(&equation(&[
        "--channel",
        channel.trim_end(),
        "--as",
        "python",
    ]));
    assert!(python.contains("def formula(r"), "{python}");

    let drawn = ["explain", "tb_MoS2.law.json", "--figure", "functions"];
    assert!(tycho(folder, &drawn).status.success());
    let numbers = fs::read_to_string(folder.join("functions.csv")).unwrap();
    assert!(numbers.starts_with("function,angstrom,value,low,high"));
    assert!(numbers.contains("neighbour: "), "{numbers}");
    for ending in ["svg", "pdf", "png"] {
        assert!(folder.join("functions").with_extension(ending).is_file());
    }

    let names = structures(folder, 3);
    let mut predict = vec!["predict", "tb_MoS2.law.json"];
    predict.extend(names.iter().map(String::as_str));
    let predicted = tycho(folder, &predict);
    assert!(predicted.status.success(), "{}", says(&predicted));
    let lines: Vec<String> = says(&predicted).lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    exports_agree(folder, "tb_MoS2.law.json", &names);
    for (line, name) in lines.iter().zip(&names) {
        let value = value(line);
        assert!(
            line.starts_with(name) && (-0.5..2.5).contains(&value),
            "{line}"
        );
    }
}

/// The number of a line of `tycho predict`.
fn value(line: &str) -> f64 {
    let (_, value) = line.split_once(" = ").unwrap();
    value.split(' ').next().unwrap().parse().unwrap()
}

/// Runs the law as Python and as `SymPy` on its tables, and compares with `tycho predict`.
fn exports_agree(folder: &Path, law: &str, structures: &[String]) {
    let structures: Vec<&str> = structures.iter().map(String::as_str).collect();
    let predict = |more: &[&str]| {
        says(&tycho(
            folder,
            &[&["predict", law], &structures[..], more].concat(),
        ))
    };
    fs::write(folder.join("tables.jsonl"), predict(&["--tables"])).unwrap();
    let expected: Vec<f64> = predict(&[]).lines().map(value).collect();
    let python = std::env::var("TYCHO_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    for (format, module, function) in [("python", "numpy", "formula"), ("sympy", "sympy", "value")]
    {
        let imported = Command::new(&python)
            .args(["-c", &format!("import {module}")])
            .output();
        if !imported.is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: `{python}` has no {module}; TYCHO_PYTHON may name one that has");
            continue;
        }
        let script = says(&tycho(folder, &["equation", law, "--as", format]));
        let driver = format!(
            "{script}\nimport json\nfor line in open('tables.jsonl'):\n    \
             print(float({function}(**json.loads(line))))\n"
        );
        fs::write(folder.join("driver.py"), driver).unwrap();
        let ran = Command::new(&python)
            .current_dir(folder)
            .arg("driver.py")
            .output();
        let printed = says(&ran.unwrap());
        let found: Vec<f64> = printed
            .lines()
            .map(|line| line.parse().expect(line))
            .collect();
        assert_eq!(found.len(), expected.len(), "{printed}");
        for (found, expected) in found.iter().zip(&expected) {
            // what is printed has six digits
            let near = (found - expected).abs() <= 1e-5 * expected.abs();
            assert!(near, "{format}: {found}, not {expected}");
        }
    }
}

#[test]
fn a_law_of_a_total_is_the_same_in_other_languages() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    learn_energies(folder, "e.json", &[]);
    // of one, two and three defects
    let names = structures(folder, 600);
    let some: Vec<String> = names.into_iter().step_by(60).collect();
    exports_agree(folder, "e.json", &some);
    let latex = says(&tycho(folder, &["equation", "e.json", "--as", "latex"]));
    assert!(
        latex.contains(r"N \, \text{formation\_energy\_per\_site} &="),
        "{latex}"
    );
}

#[test]
fn a_law_of_what_neighbours_do_together_is_the_same_in_other_languages() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    learn_energies(folder, "e.json", &["--neighbourhood", "soft-min"]);
    let explained = says(&tycho(folder, &["explain", "e.json"]));
    assert!(
        explained.contains("Σ neighbourhood: softmin("),
        "{explained}"
    );
    let names = structures(folder, 600);
    let some: Vec<String> = names.into_iter().step_by(100).collect();
    exports_agree(folder, "e.json", &some);
    let unknown = tycho(
        folder,
        &[
            "law",
            "tb-mos2/tb_MoS2",
            "--target",
            "homo_lumo_gap",
            "--neighbourhood",
            "loudest",
        ],
    );
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        says(&unknown).contains("soft-min or norm"),
        "{}",
        says(&unknown)
    );
}

fn learn_energies(folder: &Path, out: &str, more: &[&str]) {
    let words = "law tb-mos2/tb_MoS2 --target formation_energy_per_site --structures 60 --out";
    let words: Vec<&str> = words.split(' ').chain([out]).collect();
    let learnt = tycho(folder, &[&words, more].concat());
    assert!(learnt.status.success(), "{}", says(&learnt));
}

#[test]
fn a_law_that_chooses_what_is_shared_is_drawn_and_applied() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    learn_energies(
        folder,
        "e.json",
        &["--sharing", "--mirrors", "--triple-angles"],
    );
    let names: Vec<String> = structures(folder, 600).into_iter().step_by(100).collect();
    exports_agree(folder, "e.json", &names);
    let drawn = tycho(folder, &["explain", "e.json", "--figure", "functions"]);
    assert!(drawn.status.success(), "{}", says(&drawn));
    let text = fs::read_to_string(folder.join("e.json")).unwrap();
    assert!(text.contains("electronegativity"), "a property of pairs");
}

/// What two vacancies of one layer add, next to each other, by hand.
#[test]
fn terms_of_a_law_stand_beside_those_of_the_data() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    learn_energies(folder, "e.json", &[]);
    let compared = tycho(folder, &["explain", "e.json", "--exact", "terms.csv"]);
    let text = says(&compared);
    assert!(text.contains("V_Mo-V_S-V_S"), "{text}");
    let rows = fs::read_to_string(folder.join("terms.csv")).unwrap();
    let rows: Vec<Vec<&str>> = rows.lines().map(|row| row.split(',').collect()).collect();
    let number = |text: &str| text.parse::<f64>().unwrap();
    let near = rows.iter().filter(|row| row[1] == "V_S-V_S =");
    let near = near
        .min_by(|a, b| number(a[2]).total_cmp(&number(b[2])))
        .unwrap();
    let data = load_embedded("tb-mos2").unwrap().dataset;
    let energy = data.property("formation_energy_per_site").unwrap();
    let total = |of: &dyn Fn(&Sample) -> bool| {
        let all: Vec<&Sample> = data.samples.iter().filter(|sample| of(sample)).collect();
        let sizes = all
            .iter()
            .map(|s| s.defects().unwrap().unwrap().defects().len());
        let totals = all
            .iter()
            .zip(sizes)
            .map(|(s, n)| s.targets[energy].unwrap() * n as f64);
        totals.sum::<f64>() / all.len() as f64
    };
    let alone = total(&|sample| {
        let cluster = sample.defects().unwrap().unwrap();
        let labels: Vec<String> = cluster
            .defects()
            .iter()
            .map(crystal::Defect::label)
            .collect();
        labels == ["V_S"]
    });
    // the model has no energy of the host alone
    let expected = total(&|sample| sample.id == near[0]) - 2.0 * alone;
    assert!(
        (number(near[5]) - expected).abs() < 1e-3,
        "{near:?}, not {expected}"
    );
    let apart = (number(near[6]) - expected).abs();
    assert!(apart < 0.3 * expected.abs(), "{near:?}");
    assert!(rows.iter().all(|row| row.len() == 8), "eight columns");
    let triples = rows.iter().filter(|row| row[1].starts_with("V_Mo-V_S-V_S"));
    assert!(triples.count() > 50);

    let learn = "law tb-mos2/tb_MoS2 --target homo_lumo_gap --structures 60 --out gap.json";
    let learnt = tycho(folder, &learn.split(' ').collect::<Vec<_>>());
    assert!(learnt.status.success(), "{}", says(&learnt));
    let refused = tycho(folder, &["explain", "gap.json", "--exact", "none.csv"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        says(&refused).contains("no sum that has terms"),
        "{}",
        says(&refused)
    );
    assert!(!folder.join("none.csv").exists());
}

#[test]
fn a_law_of_shells_and_directions_is_kept_drawn_and_applied() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    learn_energies(folder, "e.json", &["--pair-columns", "shell,parity,angle"]);
    let names: Vec<String> = structures(folder, 600).into_iter().step_by(100).collect();
    exports_agree(folder, "e.json", &names);
    let tables = says(&tycho(
        folder,
        &["predict", "e.json", &names[5], "--tables"],
    ));
    let tables: serde_json::Value = serde_json::from_str(&tables).unwrap();
    let pair = &tables["tables"]["pair"][0];
    assert_eq!(pair.as_array().unwrap().len(), 5, "{pair}");
    let drawn = tycho(folder, &["explain", "e.json", "--figure", "functions"]);
    assert!(drawn.status.success(), "{}", says(&drawn));
    assert!(folder.join("functions.svg").is_file());

    // as many other columns as distances, or it is no law
    let text = fs::read_to_string(folder.join("e.json")).unwrap();
    let mut broken: serde_json::Value = serde_json::from_str(&text).unwrap();
    let all = broken["beside"].as_array_mut().unwrap();
    let channels = all.iter_mut().find(|level| level[0].is_array()).unwrap();
    channels[0][0].as_array_mut().unwrap().pop();
    fs::write(folder.join("e.json"), broken.to_string()).unwrap();
    let refused = tycho(folder, &["explain", "e.json"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        says(&refused).contains("not as many other columns"),
        "{}",
        says(&refused)
    );
}

#[test]
fn what_cannot_be_is_refused_in_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("no.json"), "{}").unwrap();
    fs::write(folder.join("study.toml"), study("[0, 10]", "")).unwrap();
    let cases: [(&[&str], &str); 5] = [
        (
            &["law", "tb-mos2", "--target", "x"],
            "expected DATASET/SUBSET",
        ),
        (
            &["law", "tb-mos2/tb_MoS2", "--target", "x"],
            "has formation_energy_per_site",
        ),
        (
            &[
                "law",
                "tb-mos2/tb_MoS2",
                "--target",
                "homo_lumo_gap",
                "--structures",
                "600",
            ],
            "1 to 599 can be learnt from",
        ),
        (&["explain", "no.json"], "no.json: expected a law"),
        (&["run", "study.toml"], "but with a [source]"),
    ];
    for (arguments, expected) in cases {
        let output = tycho(folder, arguments);
        let text = says(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
}

fn study(sizes: &str, source: &str) -> String {
    format!(
        r#"
title = "from small complexes to large ones"
dataset = "tb-mos2"
subsets = ["tb_MoS2/V3+V5+V6+S3+S5+S6"]
targets = ["formation_energy_per_site"]

[split]
seed = 3
test = 60
train_sizes = {sizes}
seeds = 2
{source}
[[model]]
kind = "cluster-expansion"

[[model]]
kind = "kind-median"
"#
    )
}

/// What pairs cost is learnt from complexes of two, and known of those of three.
#[test]
fn a_study_learns_from_its_source_too() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let small = r#"
[source]
subsets = ["tb_MoS2/V1+X1+X3+S1+V2+V4+S2+S4+X2+X4+X5"]
"#;
    let errors =
        [("without", "[10]", ""), ("with", "[0, 10]", small)].map(|(name, sizes, source)| {
            fs::write(folder.join("study.toml"), study(sizes, source)).unwrap();
            let output = tycho(folder, &["run", "study.toml", "--out", name]);
            assert!(output.status.success(), "{}", says(&output));
            let board = fs::read_to_string(folder.join(name).join("leaderboard.csv")).unwrap();
            let error = |n: &str| -> Option<f64> {
                let row = board.lines().find(|line| {
                    let cells: Vec<&str> = line.split(',').collect();
                    cells[4] == "cluster-expansion" && cells[5] == n
                });
                row.and_then(|row| row.split(',').nth(8)?.parse().ok())
            };
            (error("0"), error("10"))
        });
    let [(none, without), (from_small, with)] = errors;
    assert_eq!(none, None);
    let (without, with, from_small) = (without.unwrap(), with.unwrap(), from_small.unwrap());
    assert!(from_small < 0.5 * without, "{from_small} {without}");
    assert!(with < 0.5 * without, "{with} {without}");
}
