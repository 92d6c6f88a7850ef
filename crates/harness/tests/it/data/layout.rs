//! The layout of 2DMD, however it is packed.

use std::fmt::Write;
use std::fs;

use approx::assert_relative_eq;
use harness::dataset::{Dataset, read_path, verify};

use super::synthetic::{HIGH, HIGH_ROWS, LOW, LOW_ROWS, tar_gz, texts, unit_cell, write, zip};

#[test]
fn a_set_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), |_| ());
    let imported = read_path(folder.path(), None).unwrap();
    let data = &imported.dataset;
    assert_eq!(data.name, "2dmd");
    assert_eq!(data.about.licence, "CC-BY-4.0");
    let ids: Vec<&str> = data.samples.iter().map(|sample| &*sample.id).collect();
    assert_eq!(ids, ["aa01", "aa02", "aa03", "MoS2_Mo9Se1S17_b"]);
    assert_eq!(data.select("low_MoS2/X1").len(), 2);
    assert_eq!(data.select("high_MoS2").len(), 1);

    let sample = &data.samples[2];
    assert_eq!(sample.structure.formula(), "S17 Se1 Mo8");
    assert_eq!(sample.structure.periodic(), [true, true, false]);
    let host = sample.host.as_ref().unwrap();
    assert_eq!((host.name.as_str(), host.repeats), ("MoS2", [3, 3, 1]));
    assert_eq!(host.unit_cell.formula(), unit_cell().formula());

    // -84 + 100 - 10 (Mo removed) + (-4 + 3.5) (S against Se), over two sites
    let energy = sample.targets[data.property("formation_energy_per_site").unwrap()];
    assert_relative_eq!(energy.unwrap(), 5.5 / 2.0);
    let gap = sample.targets[data.property("homo_lumo_gap").unwrap()];
    assert_relative_eq!(gap.unwrap(), 0.25);
    let property = &data.properties[0];
    assert_relative_eq!(property.report_factor, 1000.0);
    assert!(property.per_defect);
}

fn same(a: &Dataset, b: &Dataset) {
    assert_eq!(a.content_hash, b.content_hash);
    assert_eq!(a.samples.len(), b.samples.len());
}

#[test]
fn a_folder_a_zip_and_a_tar_gz_hold_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("set");
    write(&root, |_| ());
    let read = |name: &str| read_path(&folder.path().join(name), None).unwrap().dataset;
    // no ending: the format is told by the first bytes
    fs::write(folder.path().join("a"), zip(&root)).unwrap();
    fs::write(folder.path().join("b"), tar_gz(&root)).unwrap();
    let whole = read("set");
    same(&whole, &read("a"));
    same(&whole, &read("b"));
}

#[test]
fn a_folder_of_one_subset_is_a_set_too() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), |_| ());
    let subsets = |path: &str| {
        let read = read_path(&folder.path().join(path), None).unwrap();
        let names = read.dataset.samples.iter().map(|s| s.subset.to_string());
        names.collect::<Vec<_>>()
    };
    assert_eq!(subsets(LOW), ["low_MoS2"; 3]);
    assert_eq!(subsets("low_density_defects"), ["low_MoS2"; 3]);
    assert_eq!(subsets(HIGH), ["high_MoS2"]);
}

#[test]
fn the_hash_sees_every_target_and_every_coordinate() {
    let hash = |change: fn(&mut harness::dataset::twodmd::Texts)| {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), change);
        read_path(folder.path(), None).unwrap().dataset.content_hash
    };
    let whole = hash(|_| ());
    assert_eq!(whole, hash(|_| ()));
    let gap = hash(|texts| texts.targets = texts.targets.replace(",1.25\n", ",1.26\n"));
    let place = hash(|texts| {
        let cif = &mut texts.structures[0].1;
        *cif = cif.replacen(" 0.5", " 0.501", 1);
    });
    assert_ne!(gap, whole);
    assert_ne!(place, whole);
}

#[test]
fn a_structure_without_a_row_is_left_out_with_a_note() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), |texts| {
        let cif = texts.structures[0].1.clone();
        texts.structures.push(("zz99".into(), cif));
    });
    let imported = read_path(folder.path(), None).unwrap();
    assert_eq!(imported.dataset.samples.len(), 4);
    assert_eq!(
        imported.notes,
        [format!(
            "{LOW}/initial.tar.gz: `zz99.cif` has no row in {LOW}/targets.csv.gz: left out"
        )]
    );
}

#[test]
fn energies_that_fit_together_are_found_right() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), |_| ());
    let verdicts = verify::verify(&read_path(folder.path(), None).unwrap());
    for verdict in &verdicts {
        assert_eq!(
            (verdict.errors(), verdict.warnings()),
            (0, 0),
            "{verdict:?}"
        );
    }
    insta::assert_snapshot!(verdicts[0].print(), @r"
    low_MoS2: 3 structures
      ok      ids are unique                                   3
      ok      formation energy from total energies             3  no difference
      ok      formation energy per defect site                 3  no difference
      ok      gap: the smallest over spin channels             3  no difference
      ok      defects as labelled                              3  all agree
      ok      supercells of their host                         3  up to 2 defects
      ok      atoms are at least 2.37 Å apart                  3  shortest distance 2.3798 Å
              V4   Se_S+V_Mo            1
              X1   V_S                  2
    ");
}

/// The first fault that is found in a set with something changed.
fn fault(change: impl FnOnce(&mut harness::dataset::twodmd::Texts)) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), change);
    let verdicts = verify::verify(&read_path(folder.path(), None).unwrap());
    let checks = verdicts.iter().flat_map(|verdict| &verdict.checks);
    let faults: Vec<(String, String)> = checks
        .flat_map(|check| {
            let warnings = check.warnings.iter().map(|line| ("warning", line));
            let errors = check.errors.iter().map(|line| ("error", line));
            errors.chain(warnings)
        })
        .map(|(what, line)| (what.to_owned(), line.clone()))
        .collect();
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults[0].clone()
}

#[test]
fn what_does_not_fit_is_an_error_and_a_wrong_label_a_warning() {
    let energy = fault(|texts| {
        texts.targets = texts.targets.replace("aa01,d-X1,2.5,", "aa01,d-X1,2.51,");
    });
    assert_eq!(energy.0, "error");
    assert_eq!(
        energy.1,
        "aa01 (S17 Mo9): 2.510000 eV given, 2.500000 eV computed"
    );
    let gap = fault(|texts| texts.targets = texts.targets.replace(",1.5\n", ",1.4\n"));
    assert_eq!(
        gap.1,
        "aa02 (S17 Mo9): 1.400000 eV given, 1.500000 eV computed"
    );
    // a vacancy of Mo and Se for S, told as Se for Mo and a vacancy of S
    let label = fault(|texts| {
        texts.descriptors = texts
            .descriptors
            .replace("'vacancy', 'element': 'Mo'", "'vacancy', 'element': 'S'")
            .replace("'from': 'S', 'to': 'Se'", "'from': 'Mo', 'to': 'Se'");
    });
    assert_eq!(label.0, "warning");
    assert_eq!(
        label.1,
        "aa03 (S17 Se1 Mo8): labelled 1 S→vacancy, 1 Mo→Se, but the structure has 1 S→Se, 1 Mo→vacancy"
    );
}

#[test]
fn a_spin_channel_with_the_smaller_gap_decides() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), |low| {
        low.defects = "_id,energy,homo_majority,lumo_majority,homo_minority,lumo_minority\n".into();
        for row in &LOW_ROWS {
            let [homo, lumo] = row.levels;
            // the other channel is wider, and lies between the levels of this one
            let _ = writeln!(
                low.defects,
                "{},{},{},9,{homo},{lumo}",
                row.id,
                row.energy,
                homo + 0.1
            );
        }
    });
    let imported = read_path(folder.path(), None).unwrap();
    assert_eq!(
        imported.evidence[0].rows[0].channels,
        [[-0.9, 9.0], [-1.0, 0.25]]
    );
    let verdicts = verify::verify(&imported);
    assert_eq!(
        verdicts.iter().map(verify::Verdict::errors).sum::<usize>(),
        0
    );
}

#[test]
fn what_is_written_is_the_same_bytes_every_time() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = |name: &str| {
        let path = folder.path().join(name);
        harness::dataset::twodmd::write(&path, &texts(&HIGH_ROWS)).unwrap();
        zip(&path)
    };
    assert_eq!(bytes("a"), bytes("b"));
    let again = harness::dataset::twodmd::write(&folder.path().join("a"), &texts(&HIGH_ROWS));
    assert!(
        again
            .unwrap_err()
            .to_string()
            .ends_with("a: expected a new or an empty folder")
    );
}
