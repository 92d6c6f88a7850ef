//! Data sets that someone made to do harm: one clear line each, and nothing written.

use std::fs;
use std::path::Path;

use harness::dataset::csv::Table;
use harness::dataset::literal::Literal;
use harness::dataset::{Description, Home, import};
use harness::error::exit_code;
use harness::run::Store;
use harness::study::Study;

use super::synthetic::{LOW, archive, write};

/// What an import of this path says.
fn refused(path: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path());
    let error = import(path, None, &home).unwrap_err();
    assert_eq!(exit_code(&error), 2);
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    let line = format!("{error:#}");
    assert!(!line.contains(char::is_control), "{line:?}");
    line.replace(LOW, "LOW")
        .replace(&path.display().to_string(), "PATH")
}

#[test]
fn a_path_that_leads_out_of_an_archive_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("set.zip");
    let mut bytes = archive(|_| ());
    // of one length, so that the archive stays whole
    let (from, to) = (
        b"2d-materials-point-defects/low",
        b"../materials-point-defects/low",
    );
    let places: Vec<usize> = (0..bytes.len() - from.len())
        .filter(|&at| bytes[at..].starts_with(from))
        .collect();
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    fs::write(&file, &bytes).unwrap();
    let line = refused(&file);
    assert!(
        line.starts_with("PATH: expected paths inside of the archive, found `../materials"),
        "{line}"
    );
    assert_eq!(folder.path().read_dir().unwrap().count(), 1);
}

#[test]
fn bytes_that_are_no_text_are_refused_by_file() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), |_| ());
    let table = folder.path().join(LOW).join("elements.csv");
    let plain = fs::read(&table).unwrap();
    fs::write(&table, [&plain[..], b"\xff\xfe,1\n"].concat()).unwrap();
    assert_eq!(
        refused(folder.path()),
        "LOW/elements.csv: expected text in UTF-8"
    );
}

#[test]
fn a_supercell_that_is_said_to_be_enormous_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), |t| {
        t.descriptors = t
            .descriptors
            .replace("(3, 3, 1)", "(4000000000, 4000000000, 4000000000)");
    });
    let line = refused(folder.path());
    assert!(
        line.contains("column `cell`: expected three counts from 1 to 1000, found `(4000000000,"),
        "{line}"
    );
}

#[test]
fn brackets_are_not_followed_into_the_depth() {
    for nested in ["[", "(", "{", "{'a': [", "[{1: "] {
        assert!(Literal::parse(&nested.repeat(1_000_000)).is_err());
    }
    for nested in ["a = [", "a = {b = ", "a.", "[a.", "[[a."] {
        let deep = nested.repeat(200_000);
        assert!(Study::parse(&deep).is_err());
        assert!(Description::parse("d", &deep).is_err());
    }
    let folder = tempfile::tempdir().unwrap();
    for nested in ["[", "{\"trial\":", "{\"trial\":{\"settings\":["] {
        fs::write(
            folder.path().join("records.jsonl"),
            nested.repeat(1_000_000),
        )
        .unwrap();
        assert!(Store::new(folder.path()).every_record().is_err());
    }
}

/// A trial that failed, and so has no predictions.
const RECORD: &str = r#"{"schema":1,"hash":"HASH","trial":{"dataset":"d","dataset_hash":"d474",
"subset":"s","target":"t","model":"m","settings":{},"n_train":1,"n_test":1,"seed":0,
"split_hash":"5711"},"status":"failed","reason":"","wall":"1 h","cut_short":false,
"seconds":null,"peak_memory_mib":null,"complexity":null,"equation":null,"version":"0"}"#;

#[test]
fn a_record_whose_hash_is_a_path_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let [theirs, ours] = ["theirs", "ours"].map(|name| folder.path().join(name));
    for odd in ["../../x", "/tmp/x", "", ".", "a\\u0000b"] {
        fs::create_dir_all(theirs.join("trials")).unwrap();
        fs::write(
            theirs.join("trials/x.json"),
            RECORD.replacen("HASH", odd, 1),
        )
        .unwrap();
        let error = Store::new(&ours)
            .absorb(&Store::new(&theirs), "d474")
            .unwrap_err();
        assert_eq!(exit_code(&error), 2);
        let error = error.to_string();
        assert!(
            error.contains("expected a hash that can name a file"),
            "{error}"
        );
        assert!(!ours.exists());
    }
    fs::write(theirs.join("trials/x.json"), RECORD).unwrap();
    let count = Store::new(&ours).absorb(&Store::new(&theirs), "d474");
    assert_eq!(count.unwrap(), 1);
}

#[test]
fn a_quote_that_never_closes_costs_no_time() {
    let text = format!("a,b\n{}", "\"x\",\"y\n".repeat(200_000));
    assert!(Table::parse("t.csv", &text).is_err());
    let quotes = "\"\"".repeat(1_000_000);
    assert!(Table::parse("t.csv", &format!("a,b\n\"{quotes}\",1\n")).is_ok());
}

/// What the fuzz targets found: names from a file in a message, as they stood.
#[test]
fn what_is_quoted_is_printed_safely() {
    let study = "title = 't'\ndataset = 'd'\nsubsets = ['s']\ntargets = ['t']\n\
        split = { seed = 1, test = 1, train_sizes = [1], seeds = 1 }\n\
        [[model]]\nkind = \"mea\\t''\\u001bn\"\n";
    let error = format!("{:#}", Study::parse(study).unwrap_err());
    assert!(error.contains("mea\\t''\\u{1b}n"), "{error}");
    assert!(!error.contains(char::is_control), "{error:?}");
    let folder = tempfile::tempdir().unwrap();
    let description = "title = 't'\nlicence = 'CC0-1.0'\ncitation = 'c'\nid = 'a'\n\
        structures = 's.xyz'\ntable = \"t\\nsv\"\n\
        [[target]]\nkey = 'e'\ncolumn = 'e'\nunit = 'eV'\n";
    let set = folder.path().join("set");
    fs::create_dir(&set).unwrap();
    fs::write(set.join("dataset.toml"), description).unwrap();
    assert_eq!(refused(&set), "PATH: no file `t\\nsv`");
}
