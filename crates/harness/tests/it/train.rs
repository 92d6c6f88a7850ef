//! `tycho train` and `predict`, as a user runs them.

use std::fs;
use std::path::Path;

use crate::law::{structures, tycho};
use crate::run::says;

const TARGET: [&str; 4] = ["--target", "homo_lumo_gap", "--structures", "60"];

/// Trains for few epochs what the words say; what was said, which must be
/// success.
fn train(folder: &Path, words: &[&str]) -> String {
    let short = ["--set", "epochs=3", "--set", "width=8", "--set", "blocks=1"];
    let all = [&["train"], words, &TARGET, &short].concat();
    let trained = tycho(folder, &all);
    assert!(trained.status.success(), "{}", says(&trained));
    says(&trained)
}

/// The numbers of `tycho predict`.
fn predicted(folder: &Path, model: &str, files: &[String]) -> Vec<f64> {
    let mut words = vec!["predict", model];
    words.extend(files.iter().map(String::as_str));
    let said = tycho(folder, &words);
    assert!(said.status.success(), "{}", says(&said));
    let numbers = says(&said);
    let numbers = numbers.lines().map(|line| {
        let (_, number) = line.rsplit_once("homo_lumo_gap = ").unwrap();
        number.trim_end_matches(" eV").parse().unwrap()
    });
    numbers.collect()
}

#[test]
fn networks_are_trained_kept_and_applied_to_structure_files() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let files = structures(folder, 3);
    let sparse = ["megnet-sparse", "tb-mos2/tb_MoS2"];
    let said = train(folder, &sparse);
    assert!(said.contains("on the other 540 structures"), "{said}");
    assert!(said.contains("network: tb_MoS2.megnet-sparse"), "{said}");
    let numbers = predicted(folder, "tb_MoS2.megnet-sparse", &files);
    assert!(
        numbers.iter().all(|gap| (-2.0..4.0).contains(gap)),
        "{numbers:?}"
    );
    // the same words, the same network
    train(folder, &[&sparse[..], &["--out", "again"]].concat());
    assert_eq!(predicted(folder, "again", &files), numbers);
    let left = fs::read_dir(folder.join("again")).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");

    let several = ["--set", "networks=2", "--set", "offset='composition'"];
    let full = ["schnet", "tb-mos2/tb_MoS2", "--out", "full"];
    train(folder, &[&full[..], &several].concat());
    assert!(folder.join("full/weights-2.safetensors").exists());
    assert_ne!(predicted(folder, "full", &files), numbers);
}

#[test]
fn a_network_that_is_told_the_host_is_told_it_again_when_it_predicts() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let files = structures(folder, 3);
    let settings = ["readout='difference'", "networks=2", "offset='composition'"];
    let settings = settings.map(|setting| ["--set", setting]).concat();
    let words = ["schnet", "tb-mos2/tb_MoS2", "--out", "less"];
    train(folder, &[&words[..], &settings].concat());
    let numbers = predicted(folder, "less", &files);
    let path = folder.join("less/config.toml");
    let config = fs::read_to_string(&path).unwrap();
    assert_eq!(config.matches("\"difference\"").count(), 2, "{config}");
    fs::write(&path, config.replace("\"difference\"", "\"sum\"")).unwrap();
    let apart = || {
        let others = predicted(folder, "less", &files);
        let apart = numbers.iter().zip(&others).map(|(a, b)| (a - b).abs());
        apart.fold(0.0, f64::max)
    };
    assert!(apart() > 0.1);
    // a gap is no total; told that it is one, complexes of several defects get another
    fs::write(&path, format!("per_defect = true\n{config}")).unwrap();
    assert!(apart() > 1e-3);
    fs::write(&path, config).unwrap();
    assert!(apart() < 1e-9);
}

#[test]
fn a_network_remembers_how_its_graphs_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let kept = |network, settings| {
        let target = [
            "--target",
            "formation_energy_per_site",
            "--structures",
            "40",
        ];
        let words = ["train", network, "tb-mos2/tb_MoS2", "--out", "kept"];
        let set = ["--set", "epochs=1", "--set", "width=8", "--set", settings];
        let trained = tycho(folder.path(), &[&words[..], &target, &set].concat());
        assert!(trained.status.success(), "{}", says(&trained));
        fs::read_to_string(folder.path().join("kept/config.toml")).unwrap()
    };
    assert!(kept("schnet", "readout='difference'").contains("per_defect = true\n"));
    assert!(!kept("schnet", "readout='sum'").contains("per_defect"));
    assert!(kept("megnet", "readout='difference'").contains("per_defect = true\n"));
    assert!(kept("megnet-sparse", "readout='sum'").contains("readout = \"sum\"\n"));
    let images = "across_vacuum = true\n";
    assert!(kept("megnet-sparse", "across_vacuum=true").contains(images));
    assert!(!kept("megnet-sparse", "across_vacuum=false").contains(images));
}

#[test]
fn what_is_no_network_and_no_setting_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let refused = |words: &[&str]| {
        let said = tycho(folder, words);
        assert_eq!(said.status.code(), Some(2), "{}", says(&said));
        let text = says(&said);
        assert_eq!(text.trim_end().lines().count(), 1, "{text}");
        text
    };
    let train = |network, setting| {
        let words = ["train", network, "tb-mos2/tb_MoS2", "--set", setting];
        refused(&[&words[..], &TARGET].concat())
    };
    assert!(train("graphnet", "epochs=3").contains("graphnet"));
    assert!(train("ridge", "penalties=[1.0]").contains("expected a network"));
    assert!(train("schnet", "depth=3").contains("depth"));
    assert!(train("schnet", "readout='median'").contains("median"));
    assert!(train("megnet-sparse", "readout='difference'").contains("defects alone"));
    assert!(train("schnet", "across_vacuum=true").contains("only megnet-sparse"));
    assert!(train("schnet", "epochs=0").contains("epochs: expected a number above 0"));
    fs::create_dir(folder.join("empty")).unwrap();
    fs::write(folder.join("POSCAR"), "").unwrap();
    let text = refused(&["predict", "empty", "POSCAR"]);
    assert!(
        text.contains("config.toml") && text.contains("tycho train"),
        "{text}"
    );
}
