//! `tycho report --paper`: what it writes, and whether it can be set.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::tycho;

/// Signs that mean something to LaTeX and Typst, in a title and in names.
const STUDY: &str = r#"
title = "50 % of $5 & #1: a_b [c] <d> {e} ~f^2 @g *h* `i` \\j"
dataset = "tb-mos2"
subsets = ["tb_MoS2"]
targets = ["formation_energy_per_site", "homo_lumo_gap"]

[split]
seed = 3
test = 20
train_sizes = [10, 20]
seeds = 3

[[model]]
kind = "mean"

[[model]]
kind = "ridge"
name = "ridge_#1 & 50 % $"

[[model]]
kind = "ridge"
name = "ridge-tuned"
penalties = [0.1, 1.0]

[[model]]
kind = "symbolic"
evaluations = 2000
"#;

const FILES: [&str; 3] = ["paper.tex", "paper.typ", "references.bib"];

/// The folder of a small study, with its paper.
fn reported(folder: &Path) {
    fs::write(folder.join("study.toml"), STUDY).unwrap();
    succeeds(folder, &["run", "study.toml", "--out", "out", "--untimed"]);
    succeeds(folder, &["report", "out", "--paper"]);
}

fn succeeds(folder: &Path, arguments: &[&str]) {
    let output = tycho(folder).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
}

/// The files of the paper of a report.
fn papers(report: &Path) -> Vec<String> {
    let read = |name: &&str| fs::read_to_string(report.join("paper").join(name)).unwrap();
    FILES.iter().map(read).collect()
}

/// What stands between each pair of brackets behind a word.
fn arguments(text: &str, open: &str, close: char) -> BTreeSet<String> {
    let parts = text.split(open).skip(1);
    let inner = parts.filter_map(|part| Some(part.split_once(close)?.0.to_owned()));
    inner.collect()
}

#[test]
fn a_paper_is_whole_and_the_same_again() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    reported(folder);
    let first = papers(&folder.join("out"));
    let [latex, typst, references] = &first[..] else {
        panic!("three files were read");
    };

    let paper = folder.join("out/paper");
    let pictures = latex.split("\\includegraphics").skip(1);
    let pictures: Vec<&str> = pictures
        .filter_map(|part| Some(part.split_once(']')?.1.split_once('}')?.0))
        .collect();
    assert!(pictures.len() >= 2, "{latex}");
    for picture in &pictures {
        assert!(paper.join(picture.trim_start_matches('{')).is_file());
    }
    for picture in arguments(typst, "image(\"", '"') {
        assert!(paper.join(picture).is_file());
    }
    assert_eq!(arguments(typst, "image(\"", '"').len(), pictures.len());

    let cited = arguments(latex, "\\cite{", '}');
    let cited: BTreeSet<&str> = cited.iter().flat_map(|keys| keys.split(',')).collect();
    let known = arguments(references, "@", ',');
    let known: BTreeSet<&str> = known
        .iter()
        .map(|entry| entry.split_once('{').unwrap().1)
        .collect();
    assert!(cited.len() >= 2);
    assert_eq!(cited, known);
    let of_typst = arguments(typst, "#cite(label(\"", '"');
    assert_eq!(
        of_typst.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        known
    );

    let bare = latex.replace("\\{", "").replace("\\}", "");
    assert_eq!(bare.matches('{').count(), bare.matches('}').count());
    assert!(latex.contains(r"50~\% of \$5 \& \#1: a\_b"), "{latex}");
    assert!(
        latex.contains(r"ridge\_\allowbreak{}\#1 \& 50~\% \$"),
        "{latex}"
    );
    assert!(
        typst.contains(r"50~% of \$5 & \#1: a\_b \[c\] \<d\>"),
        "{typst}"
    );
    assert!(latex.contains("\\heading{Equations}"));

    succeeds(folder, &["report", "out", "--paper"]);
    assert_eq!(papers(&folder.join("out")), first);
    set(&paper);
}

#[test]
fn a_published_copy_needs_no_predictions() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    reported(folder);
    succeeds(folder, &["report", "out", "--paper", "--publish", "copy"]);
    let copy = folder.join("copy");
    let first = papers(&copy);
    fs::remove_dir_all(copy.join("paper")).unwrap();
    succeeds(folder, &["report", "copy", "--paper"]);
    // how many structures a subset has the data alone know
    let counted = first[0].split_once(" structures). Of each").unwrap().0;
    let (_, count) = counted.rsplit_once(" (").unwrap();
    let uncounted = first
        .iter()
        .map(|text| text.replace(&format!(" ({count} structures)"), ""));
    assert_eq!(papers(&copy), uncounted.collect::<Vec<_>>());
}

/// Sets a paper with the programs that are here.
fn set(paper: &Path) {
    if Command::new("pdflatex").arg("--version").output().is_err() {
        eprintln!("skipped: no LaTeX");
    } else {
        for (program, argument) in [
            ("pdflatex", "-interaction=nonstopmode"),
            ("bibtex", "-terse"),
            ("pdflatex", "-interaction=nonstopmode"),
        ] {
            runs(
                Command::new(program)
                    .args([argument, "paper"])
                    .current_dir(paper),
            );
        }
        let log = fs::read(paper.join("paper.log")).unwrap();
        let log = String::from_utf8_lossy(&log).replace('\n', "");
        let pages = log.split_once("Output written on paper.pdf (").unwrap().1;
        let pages: usize = pages.split_once(' ').unwrap().0.parse().unwrap();
        assert!(pages <= 2, "{pages} pages");
    }
    if Command::new("typst").arg("--version").output().is_err() {
        eprintln!("skipped: no Typst");
    } else {
        let report = paper.parent().unwrap();
        let arguments = ["compile", "--root", ".", "paper/paper.typ"];
        runs(Command::new("typst").args(arguments).current_dir(report));
    }
}

fn runs(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}\n{errors}");
}
