//! A folder with a data set is read, checked, kept and loaded again, or refused in one
//! line.
//!
//! The input is the texts of its files, each after a line `==> path`.
#![no_main]

use std::fs;

use harness::dataset::{cache, read_path, verify};
use libfuzzer_sys::fuzz_target;

/// Files that the input may fill.
const NAMES: [&str; 6] = [
    "dataset.toml",
    "t.csv",
    "s.xyz",
    "s.json",
    "cif/a.cif",
    "POSCAR_a",
];

fuzz_target!(|text: &str| {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("set");
    fs::create_dir_all(root.join("cif")).unwrap();
    for part in text.split("==> ").skip(1) {
        let (name, content) = part.split_once('\n').unwrap_or((part, ""));
        if NAMES.contains(&name) {
            fs::write(root.join(name), content).unwrap();
        }
    }
    let imported = match read_path(&root, Some("mine")) {
        Ok(imported) => imported,
        Err(error) => return fuzz::assert_refusal(&error),
    };
    for verdict in verify::verify(&imported) {
        let _ = verdict.print();
    }
    let kept = folder.path().join("data.tycho");
    cache::write(&kept, &imported).unwrap();
    let again = cache::read(&kept).unwrap();
    assert_eq!(again.dataset.content_hash, imported.dataset.content_hash);
    assert_eq!(again.dataset.samples.len(), imported.dataset.samples.len());
});
