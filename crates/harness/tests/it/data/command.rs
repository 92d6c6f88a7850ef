//! `tycho data`, as it is typed.

use clap::{CommandFactory, Parser, Subcommand};
use harness::cmd::data::{DataArgs, run};
use harness::dataset::Home;
use harness::error::exit_code;

use super::synthetic::write;

#[derive(Parser)]
#[command(name = "tycho")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Data(DataArgs),
}

/// Types a command; returns what it wrote and how it ended.
fn typed(home: &Home, line: &[&str]) -> (String, anyhow::Result<()>) {
    let words = ["tycho", "data"].iter().chain(line);
    let Verb::Data(args) = Cli::try_parse_from(words).unwrap().verb;
    let mut out = Vec::new();
    let result = run(args, home, &mut out);
    (String::from_utf8(out).unwrap(), result)
}

#[test]
fn import_list_info_verify() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path().join("home"));
    let set = folder.path().join("set");
    write(&set, |_| ());
    let set = set.display().to_string();
    let hide = |text: String| text.replace(&folder.path().display().to_string(), "PATH");

    let (said, result) = typed(&home, &["import", &set, "--name", "mine"]);
    result.unwrap();
    insta::assert_snapshot!(hide(said), @r"
    mine: 4 structures imported into PATH/home/mine/data.tycho
    licence: CC-BY-4.0
    please cite: Huang et al., npj 2D Mater. Appl. 7, 6 (2023); Kazeev et al., npj Comput. Mater. 9, 113 (2023)
    ");
    let (said, result) = typed(&home, &["list"]);
    result.unwrap();
    let listed = hide(said);
    assert!(
        listed.contains("mine              4 structures  CC-BY-4.0    2DMD: "),
        "{listed}"
    );
    assert!(
        listed.contains("2dmd         not here: tycho data fetch 2dmd"),
        "{listed}"
    );
    let (said, result) = typed(&home, &["info", "mine"]);
    result.unwrap();
    insta::assert_snapshot!(said, @r"
    mine: 2DMD: point defects in two-dimensional materials, by density functional theory
    licence: CC-BY-4.0
    please cite: Huang et al., npj 2D Mater. Appl. 7, 6 (2023); Kazeev et al., npj Comput. Mater. 9, 113 (2023)
    content: 503b71fb7819fc7baa797a77f2b75b82c25104475761e0a1d6979ad3974f8754

    subset       structures  kinds      atoms  host
    low_MoS2              3      2         26  MoS2 3x3x1
    high_MoS2             1      1         27  MoS2 3x3x1

    property                     unit      known      least       most  label
    formation_energy_per_site    eV            4     0.5000     2.7500  formation energy per defect site (errors in meV)
    homo_lumo_gap                eV            4     0.2500     1.7500  HOMO-LUMO gap (errors in meV)
    ");
    let (said, result) = typed(&home, &["verify", "mine"]);
    result.unwrap();
    assert!(said.ends_with("0 errors, 0 warnings\n"), "{said}");
}

#[test]
fn bibtex_alone_is_printed_without_the_data() {
    let (said, result) = typed(&Home::at("/nowhere"), &["info", "2dmd", "--bibtex"]);
    result.unwrap();
    assert!(said.starts_with("@article{huang2023unveiling,"));
    assert!(said.contains("@article{kazeev2023sparse,"));
    assert!(said.ends_with("}\n"));
}

#[test]
fn verify_fails_on_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path().join("home"));
    let set = folder.path().join("set");
    write(&set, |texts| {
        texts.defects = texts.defects.replace("-93.5", "-93.4");
    });
    typed(&home, &["import", &set.display().to_string()])
        .1
        .unwrap();
    let (said, result) = typed(&home, &["verify"]);
    let error = result.unwrap_err();
    assert_eq!(exit_code(&error), 1);
    assert!(said.contains("error: aa01 (S17 Mo9): 2.500000 eV given, 2.600000 eV computed"));
    assert!(said.contains("ERROR"));
}

#[test]
fn model_data_are_the_same_for_the_same_seed_and_say_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path().join("home"));
    let make = |name: &str, seed: &str| {
        let out = folder.path().join(name).display().to_string();
        let line = [
            "generate", "tb-mos2", "-n", "3", "--seed", seed, "--out", &out,
        ];
        let (said, result) = typed(&home, &line);
        result.unwrap();
        assert!(said.contains("model data, not DFT"));
        let read = harness::dataset::read_path(&folder.path().join(name), None).unwrap();
        assert_eq!(read.dataset.about.notice, "model data, not DFT");
        assert_eq!(&*read.dataset.samples[0].subset, "tb_MoS2");
        for verdict in harness::dataset::verify::verify(&read) {
            assert_eq!(verdict.errors(), 0, "{}", verdict.print());
        }
        read.dataset.content_hash
    };
    let first = make("a", "1");
    assert_eq!(first, make("b", "1"));
    let (_, result) = typed(&home, &["generate", "tb-ws2", "--out", "x"]);
    assert_eq!(
        result.unwrap_err().to_string(),
        "no model `tb-ws2`; there is tb-mos2"
    );
}

/// The committed set is what the model gives today: a small draw from the same
/// seed is a part of it.
#[test]
fn the_embedded_set_is_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path().join("home"));
    let out = folder.path().join("few");
    let path = out.display().to_string();
    let line = [
        "generate", "tb-mos2", "-n", "6", "--seed", "1", "--out", &path,
    ];
    typed(&home, &line).1.unwrap();
    let few = harness::dataset::read_path(&out, None).unwrap().dataset;
    let embedded = harness::dataset::load("tb-mos2", &home).unwrap();
    assert_eq!(embedded.samples.len(), 600);
    assert_eq!(embedded.about.notice, "model data, not DFT");
    for sample in &few.samples {
        let same = embedded.samples.iter().find(|s| s.id == sample.id).unwrap();
        assert_eq!(same.structure, sample.structure);
        for (a, b) in same.targets.iter().zip(&sample.targets) {
            // the last digits of an eigenvalue differ from machine to machine
            approx::assert_relative_eq!(a.unwrap(), b.unwrap(), epsilon = 1e-6);
        }
    }
}

#[test]
fn the_long_help_has_the_paragraph_and_the_examples() {
    let mut cli = Cli::command();
    let data = cli.find_subcommand_mut("data").unwrap();
    let long = data.render_long_help().to_string();
    assert!(long.contains("each in a compact file that loads in a moment"));
    for (verb, phrase) in [
        ("list", "One line each"),
        ("fetch", "There is no published checksum"),
        ("import", "Nothing is kept if"),
        ("info", "Subsets with their sizes"),
        ("verify", "a label that disagrees with its structure"),
        ("generate", "Model data, not DFT"),
    ] {
        let help = data
            .find_subcommand_mut(verb)
            .unwrap()
            .render_long_help()
            .to_string()
            .replace('\n', " ");
        assert!(help.contains(phrase), "{verb}: {help}");
        assert!(help.contains("Examples:"), "{verb}");
    }
}
