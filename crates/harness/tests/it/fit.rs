//! `tycho fit` and `tycho equation` as a user runs them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// `y = 3·exp(-r/2) + 1` at 40 distances, and a column that says nothing.
fn table() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut text = "name,r,z,y\n".to_owned();
    for i in 0..40 {
        let r = 1.0 + f64::from(i) / 8.0;
        let y = 3.0 * (-r / 2.0).exp() + 1.0;
        writeln!(text, "row{i},{r},{},{y}", (i * 7) % 5).unwrap();
    }
    fs::write(folder.path().join("pairs.csv"), text).unwrap();
    folder
}

fn tycho(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tycho"));
    command.current_dir(folder).args(arguments);
    command.output().unwrap()
}

fn says(output: &Output) -> String {
    let streams = [&output.stdout, &output.stderr];
    let texts = streams.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    texts.concat()
}

const FIT: [&str; 4] = ["fit", "pairs.csv", "--target", "y"];

#[test]
fn a_law_is_found_and_taken_home() {
    let folder = table();
    let output = tycho(folder.path(), &FIT);
    let text = says(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("not numbers, left out: name"), "{text}");
    assert!(text.contains("an exact law was found"), "{text}");
    let chosen = text.lines().find(|line| line.starts_with('→')).unwrap();
    assert!(chosen.contains("exp(") && !chosen.contains('z'), "{chosen}");

    let equation = |format: &str| {
        let output = tycho(
            folder.path(),
            &["equation", "pairs.fit.json", "--as", format],
        );
        assert!(output.status.success(), "{}", says(&output));
        says(&output)
    };
    assert!(equation("latex").contains("e^{"), "{}", equation("latex"));
    assert!(equation("python").contains("def formula("));
    let short = tycho(
        folder.path(),
        &["equation", "pairs.fit.json", "--nodes", "5"],
    );
    assert_eq!(says(&short), "1 + 2 / r\n");
    let none = tycho(
        folder.path(),
        &["equation", "pairs.fit.json", "--nodes", "99"],
    );
    assert!(
        says(&none).contains("--nodes: there is 1, 2, "),
        "{}",
        says(&none)
    );
}

#[test]
fn formulas_do_not_depend_on_threads_and_a_search_goes_on() {
    let folder = table();
    let rows = fs::read_to_string(folder.path().join("pairs.csv")).unwrap();
    // noise, so that there is no exact law to stop at
    let (header, lines) = rows.split_once('\n').unwrap();
    let noisy = lines.lines().enumerate().map(|(i, line)| {
        let (rest, y) = line.rsplit_once(',').unwrap();
        let noise = ((i * 7919) % 100) as f64 / 1000.0;
        format!("\n{rest},{}", y.parse::<f64>().unwrap() + noise)
    });
    let noisy = header.to_owned() + &noisy.collect::<String>();
    fs::write(folder.path().join("pairs.csv"), noisy).unwrap();
    let fit = |threads: &str, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tycho"));
        command.current_dir(folder.path()).args(FIT).args(more);
        let output = command.env("RAYON_NUM_THREADS", threads).output().unwrap();
        assert!(output.status.success(), "{}", says(&output));
    };
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    fit("1", &["--evaluations", "20000", "--out", "one.json"]);
    fit("2", &["--evaluations", "20000", "--out", "two.json"]);
    assert_eq!(read("one.json"), read("two.json"));

    fit(
        "2",
        &["--evaluations", "40000", "--out", "two.json", "--resume"],
    );
    let evaluations = |name: &str| {
        let file: serde_json::Value = serde_json::from_str(&read(name)).unwrap();
        file["evaluations"].as_u64().unwrap()
    };
    assert!(evaluations("one.json") >= 20_000);
    assert!(evaluations("two.json") >= 40_000);
}

#[test]
fn operations_weigh_what_the_user_says() {
    let folder = table();
    let lengths = |more: &[&str]| {
        let output = tycho(folder.path(), &[&FIT, more].concat());
        assert!(output.status.success(), "{}", says(&output));
        let text = fs::read_to_string(folder.path().join("pairs.fit.json")).unwrap();
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        let members = file["front"].as_array().unwrap().clone();
        members.into_iter().filter_map(|m| {
            let text = m["text"].as_str().unwrap().to_owned();
            text.contains("exp")
                .then(|| m["complexity"].as_u64().unwrap())
        })
    };
    let usual = lengths(&[]).min().unwrap();
    let heavy = lengths(&["--weights", "exp=12"]).min().unwrap();
    assert!(usual < 12 && heavy > 12, "{usual} {heavy}");
}

#[test]
fn wrong_input_is_one_line_and_exit_code_2() {
    let folder = table();
    fs::write(folder.path().join("gap.csv"), "x,y\n1,2\n2,\n").unwrap();
    let cases: [(&[&str], &str); 8] = [
        (&["fit", "none.csv", "--target", "y"], "none.csv"),
        (
            &["fit", "pairs.csv", "--target", "e"],
            "no column `e` among name, r, z, y",
        ),
        (
            &["fit", "gap.csv", "--target", "y"],
            "gap.csv: line 3: column `y`: expected a finite number",
        ),
        (
            &["fit", "pairs.csv", "--target", "y", "--held-out", "1"],
            "--held-out 1",
        ),
        (
            &["fit", "pairs.csv", "--target", "y", "--resume"],
            "without --resume",
        ),
        (
            &["fit", "pairs.csv", "--target", "y", "--units", "r=furlong"],
            "pairs.csv: unit of `r`",
        ),
        (
            &["fit", "pairs.csv", "--target", "y", "--weights", "sinh=2"],
            "no operation is called `sinh`",
        ),
        (&["equation", "pairs.csv"], "not written by `tycho fit`"),
    ];
    for (arguments, expected) in cases {
        let output = tycho(folder.path(), arguments);
        let text = says(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(text.contains(expected), "{arguments:?}: {text}");
        assert_eq!(text.lines().count(), 1, "{text}");
    }
}
