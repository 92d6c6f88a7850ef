//! Broken inputs: one clear line each, exit code 2, and nothing written.

use std::fs;
use std::path::Path;

use harness::dataset::twodmd::Texts;
use harness::dataset::{Home, import};
use harness::error::exit_code;

use super::synthetic::{LOW, write, zip};

/// What an import of this path says.
fn refused(path: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path());
    let error = import(path, None, &home).unwrap_err();
    assert_eq!(exit_code(&error), 2);
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    let line = format!("{error:#}");
    assert!(!line.contains('\n'), "{line}");
    line.replace(LOW, "LOW")
        .replace(&path.display().to_string(), "PATH")
}

/// What an import of the small set says after a change of its files.
fn changed(change: impl FnOnce(&mut Texts)) -> String {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), change);
    refused(folder.path())
}

#[test]
fn tables() {
    assert_eq!(
        changed(|t| t.targets = t
            .targets
            .replace("aa01,d-X1,2.5,2.5,", "aa01,d-X1,2.5,nan,")),
        "LOW/targets.csv.gz: line 2: column `formation_energy_per_site`: expected a finite number, found `nan`"
    );
    assert_eq!(
        changed(|t| t.targets = t.targets.replace("aa02,", "aa01,")),
        "LOW/targets.csv.gz: line 3: column `_id`: expected an id that line 2 does not have, found `aa01`"
    );
    assert_eq!(
        changed(|t| t.targets = t.targets.replace(",1.25\n", "\n")),
        "LOW/targets.csv.gz: line 2: expected 5 fields as in the header, found 4"
    );
    assert_eq!(
        changed(|t| t.targets = t.targets.replace("homo_lumo_gap_min", "bandgap")),
        "LOW/targets.csv.gz: line 1: no column `homo_lumo_gap_min` or `homo_lumo_gap` among _id, descriptor_id, formation_energy, formation_energy_per_site, bandgap"
    );
    assert_eq!(
        changed(|t| t.targets = t.targets.replace("aa03,d-V4", "aa03,d-V5")),
        "LOW/targets.csv.gz: line 4: column `descriptor_id`: `d-V5` is not in LOW/descriptors.csv"
    );
    assert_eq!(
        changed(|t| t.defects = t.defects.replace("aa03", "aa04")),
        "LOW/defects.csv.gz: line 4: column `_id`: `aa04` is not in LOW/targets.csv.gz"
    );
    assert_eq!(
        changed(|t| t.descriptors = t.descriptors.replace("'vacancy'", "'hole'")),
        "LOW/descriptors.csv: line 2: column `defects`: expected a list of defects, found `[{'type': 'hole', 'element': 'S'}]`"
    );
    assert_eq!(
        changed(|t| t.elements = t.elements.replace("Se,", "Xx,")),
        "LOW/elements.csv: line 4: column `element`: expected a chemical element, found `Xx`"
    );
}

#[test]
fn an_empty_target_is_none() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), |t| {
        t.targets = t.targets.replace(",1.25\n", ",\n");
    });
    let data = harness::dataset::read_path(folder.path(), None).unwrap();
    assert_eq!(data.dataset.samples[0].targets, [Some(2.5), None]);
}

#[test]
fn structures() {
    assert_eq!(
        changed(|t| drop(t.structures.remove(0))),
        "LOW/initial.tar.gz: no `aa01.cif`, but LOW/targets.csv.gz has it in line 2"
    );
    assert_eq!(
        changed(|t| t.structures.push(t.structures[1].clone())),
        "LOW/initial.tar.gz: `aa02.cif` stands there twice"
    );
    assert_eq!(
        changed(|t| {
            let cif = &mut t.structures[2].1;
            *cif = cif.replace("Se", "Zz");
        }),
        "LOW/initial.tar.gz: aa03.cif: line 31: `Zz` is not a chemical element"
    );
    assert_eq!(
        changed(|t| t.unit_cells.clear()),
        "PATH: no file `LOW/unit_cells/MoS2.cif`"
    );
    assert_eq!(
        changed(|t| {
            t.targets = t.targets.replace("aa03", "MoS2_Mo9Se1S17_b");
            t.defects = t.defects.replace("aa03", "MoS2_Mo9Se1S17_b");
            t.structures[2].0 = "MoS2_Mo9Se1S17_b".into();
        }),
        "2dmd: `MoS2_Mo9Se1S17_b` in high_MoS2 has the id of another structure"
    );
}

#[test]
fn archives() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("set");
    write(&root, |_| ());
    let inner = root.join(LOW).join("initial.tar.gz");
    let whole = fs::read(&inner).unwrap();
    fs::write(&inner, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(
        refused(&root),
        "LOW/initial.tar.gz: aa01.cif: the archive is damaged (incomplete deflate stream)"
    );
    fs::write(&inner, &whole).unwrap();

    let file = folder.path().join("set.zip");
    let whole = zip(&root);
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(
        refused(&file),
        "PATH: the archive is damaged (invalid Zip archive: Could not find EOCD)"
    );
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    fs::write(&file, &flipped).unwrap();
    assert!(refused(&file).contains("the archive is damaged"));

    fs::write(&file, "<html>please log in</html>").unwrap();
    assert_eq!(
        refused(&file),
        "PATH: expected a folder, a .zip or a .tar.gz"
    );
    assert_eq!(
        refused(&folder.path().join("nothing")),
        "PATH: No such file or directory (os error 2)"
    );
    fs::create_dir(folder.path().join("empty")).unwrap();
    assert_eq!(
        refused(&folder.path().join("empty")),
        "PATH: expected a dataset.toml, or folders with targets.csv.gz and initial.tar.gz as in 2DMD"
    );
}
