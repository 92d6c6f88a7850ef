//! A user's own data, in every format.

use std::fs;
use std::path::{Path, PathBuf};

use approx::assert_relative_eq;
use crystal::{cif, poscar, pymatgen, xyz};
use harness::dataset::{Imported, read_path, verify};

use super::synthetic::{LOW_ROWS, tar_gz, unit_cell};

const HEAD: &str = r#"title = "My crystals"
licence = "CC0-1.0"
citation = "unpublished"
table = "targets.csv"
id = "name"
"#;

const TARGET: &str = r#"
[[target]]
key = "gap"
column = "e_gap"
unit = "eV"
report_unit = "meV"
label = "band gap"
"#;

const TABLE: &str = "name,e_gap,group\naa01,1.25,a\naa02,,b\naa03,0.25,a\n";

/// A folder with a description and files.
fn folder(more: &str, table: &str, files: &[(&str, String)]) -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("mine").tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("dataset.toml", &format!("{HEAD}{more}{TARGET}"));
    write("targets.csv", table);
    for (path, text) in files {
        write(path, text);
    }
    folder
}

fn cifs() -> Vec<(&'static str, String)> {
    let names = ["cif/aa01.cif", "cif/aa02.cif", "cif/aa03.cif"];
    let texts = LOW_ROWS
        .iter()
        .map(|row| cif::write(&row.structure(), row.id));
    names.into_iter().zip(texts).collect()
}

fn read(path: &Path) -> Imported {
    read_path(path, Some("mine")).unwrap()
}

fn refused(more: &str, table: &str, files: &[(&str, String)]) -> String {
    let folder = folder(more, table, files);
    let error = read_path(folder.path(), Some("mine")).unwrap_err();
    assert_eq!(harness::error::exit_code(&error), 2);
    format!("{error:#}").replace(&folder.path().display().to_string(), "PATH")
}

#[test]
fn cifs_with_a_table() {
    let folder = folder("structures = \"cif/*.cif\"\n", TABLE, &cifs());
    let data = read(folder.path()).dataset;
    assert_eq!(data.name, "mine");
    assert_eq!(data.about.title, "My crystals");
    assert_eq!(data.samples.len(), 3);
    assert_eq!(data.select("all").len(), 3);
    assert_eq!(data.samples[1].targets, [None]);
    assert_eq!(data.samples[0].structure.periodic(), [true; 3]);
    assert_relative_eq!(data.properties[0].report_factor, 1000.0);
}

#[test]
fn subsets_kinds_and_a_host() {
    let more = "structures = \"cif/*.cif\"\nsubset = \"group\"\nkind = \"group\"\n\
        periodic = [true, true, false]\n[host]\nunit_cell = \"unit.vasp\"\nrepeats = [3, 3, 1]\nname = \"MoS2\"\n";
    let mut files = cifs();
    files.push(("unit.vasp", poscar::write(&unit_cell(), "MoS2")));
    let folder = folder(more, TABLE, &files);
    let imported = read(folder.path());
    let data = &imported.dataset;
    let order: Vec<&str> = data.samples.iter().map(|sample| &*sample.id).collect();
    assert_eq!(order, ["aa01", "aa03", "aa02"]);
    assert_eq!(data.select("a/a").len(), 2);
    assert_eq!(data.samples[0].structure.periodic(), [true, true, false]);
    assert_eq!(data.samples[0].host.as_ref().unwrap().name, "MoS2");
    for verdict in verify::verify(&imported) {
        assert_eq!(verdict.errors(), 0, "{}", verdict.print());
        assert!(verdict.print().contains("supercells of their host"));
    }
}

/// Elements and positions, whatever the order of sites.
fn places(imported: &Imported) -> Vec<Vec<String>> {
    let samples = imported.dataset.samples.iter();
    samples
        .map(|sample| {
            let structure = &sample.structure;
            let sites = structure.sites().iter().enumerate().map(|(index, site)| {
                // formats round to eight decimals at least
                let [x, y, z] = structure.position(index).map(|x| (x * 1e5).round() + 0.0);
                format!("{} {x} {y} {z}", site.element)
            });
            let mut sites: Vec<String> = sites.collect();
            sites.sort();
            sites
        })
        .collect()
}

#[test]
fn every_format_says_the_same() {
    let rows: Vec<_> = LOW_ROWS
        .iter()
        .map(|row| (row.id, row.structure()))
        .collect();
    let from_cif = read(folder("structures = \"cif/*.cif\"\n", TABLE, &cifs()).path());

    let names = ["p/aa01.vasp", "p/aa02.vasp", "p/aa03.vasp"];
    let texts = rows
        .iter()
        .map(|(id, structure)| poscar::write(structure, id));
    let files: Vec<_> = names.into_iter().zip(texts).collect();
    let from_poscar = read(folder("structures = \"p/*.vasp\"\n", TABLE, &files).path());
    assert_eq!(places(&from_poscar), places(&from_cif));

    let frames: Vec<String> = rows
        .iter()
        .map(|(id, structure)| {
            let info = [("id".to_owned(), (*id).to_owned())].into();
            xyz::write(structure, &info)
        })
        .collect();
    let files = [("all.xyz", frames.concat())];
    let from_xyz = read(folder("structures = \"all.xyz\"\n", TABLE, &files).path());
    assert_eq!(places(&from_xyz), places(&from_cif));

    let entries: Vec<String> = rows
        .iter()
        .map(|(id, structure)| format!("{id:?}: {}", pymatgen::write(structure)))
        .collect();
    let files = [("all.json", format!("{{{}}}", entries.join(",")))];
    let from_object = read(folder("structures = \"all.json\"\n", TABLE, &files).path());
    assert_eq!(places(&from_object), places(&from_cif));

    let entries: Vec<String> = rows
        .iter()
        .map(|(id, structure)| {
            format!(
                "{{\"id\": {id:?}, \"structure\": {}}}",
                pymatgen::write(structure)
            )
        })
        .collect();
    let files = [("all.json", format!("[{}]", entries.join(",")))];
    let from_list = read(folder("structures = \"all.json\"\n", TABLE, &files).path());
    assert_eq!(places(&from_list), places(&from_cif));

    let packed = folder("structures = \"all.tar.gz\"\n", TABLE, &cifs());
    let bytes = tar_gz(&packed.path().join("cif"));
    fs::write(packed.path().join("all.tar.gz"), bytes).unwrap();
    assert_eq!(places(&read(packed.path())), places(&from_cif));
}

#[test]
fn the_name_is_that_of_the_folder() {
    let folder = folder("structures = \"cif/*.cif\"\n", TABLE, &cifs());
    let inner: PathBuf = folder.path().join("my-crystals");
    fs::create_dir(&inner).unwrap();
    for name in ["dataset.toml", "targets.csv", "cif"] {
        fs::rename(folder.path().join(name), inner.join(name)).unwrap();
    }
    assert_eq!(read_path(&inner, None).unwrap().dataset.name, "my-crystals");
    // the outermost description counts, wherever it is
    let outer = read_path(folder.path(), None).unwrap();
    assert_eq!(outer.dataset.name, "my-crystals");
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    let structures = "structures = \"cif/*.cif\"\n";
    assert_eq!(
        refused(structures, TABLE, &cifs()[..2]),
        "targets.csv: line 4: no structure `aa03` in cif/*.cif"
    );
    let mut more = cifs();
    more.push(("cif/zz.cif", more[0].1.clone()));
    assert_eq!(
        refused(structures, TABLE, &more),
        "cif/*.cif: structure `zz` has no row in targets.csv (1 such)"
    );
    assert_eq!(
        refused(structures, &TABLE.replace("aa02", "aa01"), &cifs()),
        "targets.csv: line 3: column `name`: expected an id that line 2 does not have, found `aa01`"
    );
    assert_eq!(
        refused(structures, &TABLE.replace("0.25", "NaN"), &cifs()),
        "targets.csv: line 4: column `e_gap`: expected a finite number, found `NaN`"
    );
    assert_eq!(
        refused(structures, &TABLE.replace("e_gap", "gap"), &cifs()),
        "targets.csv: line 1: no column `e_gap` among name, gap, group"
    );
    assert_eq!(
        refused("structures = \"cifs/*.cif\"\n", TABLE, &cifs()),
        "cifs/*.cif: no such file"
    );
    assert_eq!(
        refused("structures = \"cif/*/*.cif\"\n", TABLE, &cifs()),
        "cif/*/*.cif: expected one `*`, in the name of the file"
    );
    assert_eq!(
        refused("", TABLE, &cifs()),
        "dataset.toml: expected `structures`"
    );
    let mut broken = cifs();
    broken[1].1 = "data_x\n".into();
    assert_eq!(
        refused(structures, TABLE, &broken),
        "cif/aa02.cif: line 2: expected a loop with `_atom_site_fract_x`, `_y` and `_z`, but the text ended"
    );
    assert_eq!(
        refused(
            "structures = \"all.xyz\"\n",
            TABLE,
            &[("all.xyz", "1\n\nC 0 0 0\n".into())]
        ),
        "all.xyz: line 2: expected `Lattice=\"ax ay az bx by bz cx cy cz\"` (a molecule needs a box), found ``"
    );
    assert_eq!(
        refused(
            "structures = \"all.json\"\n",
            TABLE,
            &[("all.json", "[{}]".into())]
        ),
        "all.json: entry 1: expected an `id`"
    );
}
