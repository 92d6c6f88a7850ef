use std::io::{Cursor, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::EntryType;
use zip::write::SimpleFileOptions;

use super::*;

const SMALL: Limits = Limits {
    file: 1000,
    together: 2500,
    files: 20,
};

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        archive
            .start_file(*path, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A header with its path as it stands; the ways of `tar` to set one refuse what is
/// tested here.
fn header(path: &str, kind: EntryType, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header
}

fn tar_gz(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, kind, bytes) in entries {
        let header = header(path, *kind, bytes.len() as u64);
        archive.append(&header, *bytes).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

fn unzipped(files: &[(&str, &[u8])]) -> Result<Vec<String>, String> {
    let files = unzip("a.zip", Cursor::new(zip(files)), SMALL);
    files
        .map(|files| files.into_keys().collect())
        .map_err(|error| error.to_string())
}

fn untarred(entries: &[(&str, EntryType, &[u8])]) -> Result<Vec<String>, String> {
    let files = untar("a.tar.gz", &*tar_gz(entries), SMALL);
    files
        .map(|files| files.into_keys().collect())
        .map_err(|error| error.to_string())
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let zeros = vec![0; 1_000_000];
    assert_eq!(
        unzipped(&[("x", &zeros)]).unwrap_err(),
        "a.zip: x: expected at most 1000 bytes, unpacked"
    );
    assert_eq!(
        untarred(&[("x", EntryType::Regular, &zeros)]).unwrap_err(),
        "a.tar.gz: x: expected at most 1000 bytes, unpacked"
    );
    let endless = read_whole("t.csv.gz", io::repeat(0), 1000).unwrap_err();
    assert_eq!(
        endless.to_string(),
        "t.csv.gz: expected at most 1000 bytes, unpacked"
    );
}

#[test]
fn a_zip_that_lies_about_its_length_is_refused() {
    let mut bytes = zip(&[("x", &vec![0; 1_000_000])]);
    let length = 1_000_000_u32.to_le_bytes();
    let places: Vec<usize> = (0..bytes.len() - 4)
        .filter(|&at| bytes[at..at + 4] == length)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    assert!(unzip("a.zip", Cursor::new(bytes), SMALL).is_err());
}

#[test]
fn many_files_are_as_bad_as_a_large_one() {
    let bytes = [0; 900];
    let three = ["a", "b", "c"];
    let zipped = three.map(|name| (name, &bytes[..]));
    assert_eq!(
        unzipped(&zipped).unwrap_err(),
        "a.zip: c: expected at most 700 bytes, unpacked"
    );
    let tarred = three.map(|name| (name, EntryType::Regular, &bytes[..]));
    assert_eq!(
        untarred(&tarred).unwrap_err(),
        "a.tar.gz: expected at most 2500 bytes, unpacked"
    );
    let names: Vec<String> = (0..21).map(|index| format!("f{index}")).collect();
    let zipped: Vec<(&str, &[u8])> = names.iter().map(|name| (&name[..], &b""[..])).collect();
    assert_eq!(
        unzipped(&zipped).unwrap_err(),
        "a.zip: expected at most 20 files"
    );
    let tarred: Vec<_> = names
        .iter()
        .map(|name| (&name[..], EntryType::Directory, &b""[..]))
        .collect();
    assert_eq!(
        untarred(&tarred).unwrap_err(),
        "a.tar.gz: expected at most 20 files"
    );
}

#[test]
fn a_header_that_never_ends_is_refused() {
    let name = vec![b'n'; 3_000_000];
    for kind in [EntryType::GNULongName, EntryType::XHeader] {
        let refused = untarred(&[
            ("././@LongLink", kind, &name),
            ("x", EntryType::Regular, b""),
        ]);
        let refused = refused.unwrap_err();
        assert!(refused.contains("a header of more than 1 MiB"), "{refused}");
    }
}

#[test]
fn a_path_that_leads_out_is_refused() {
    for path in ["../x", "/etc/x", "a/../../x", "./../x", "..\\x"] {
        let expected = format!("expected paths inside of the archive, found `{path}`");
        let refused = unzipped(&[("ok", b""), (path, b"bad")]).unwrap_err();
        assert_eq!(refused, format!("a.zip: {expected}"));
        let refused = untarred(&[(path, EntryType::Regular, b"bad")]).unwrap_err();
        assert_eq!(refused, format!("a.tar.gz: {expected}"));
    }
    let refused = unzipped(&[("a\u{1b}[2J", b"")]).unwrap_err();
    assert!(refused.ends_with("found `a\\u{1b}[2J`"), "{refused}");
    assert_eq!(
        untarred(&[("./a/..b", EntryType::Regular, b"good")]).unwrap(),
        ["a/..b"]
    );
}

/// What a target of `fuzz/` found: the reader of tars quotes a header as it stands.
#[test]
fn a_broken_header_is_quoted_safely() {
    let mut header = header("x", EntryType::Regular, 0);
    header.as_old_mut().cksum = *b"K\x03\x04e\0\0\0\0";
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    archive.append(&header, &b""[..]).unwrap();
    let packed = archive.into_inner().unwrap().finish().unwrap();
    let refused = untar("a.tar.gz", &*packed, SMALL).unwrap_err().to_string();
    assert!(refused.contains("K\\u{3}\\u{4}e"), "{refused}");
}

#[test]
fn links_in_an_archive_are_passed_over() {
    let links = [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Char,
        EntryType::Fifo,
    ];
    for kind in links {
        let mut link = header("secret", kind, 0);
        link.set_link_name("/etc/passwd").unwrap();
        link.set_cksum();
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        archive.append(&link, &b""[..]).unwrap();
        archive
            .append(&header("secret/x", EntryType::Regular, 1), &b"y"[..])
            .unwrap();
        let packed = archive.into_inner().unwrap().finish().unwrap();
        let files = untar("a.tar.gz", &*packed, SMALL).unwrap();
        assert_eq!(files.into_keys().collect::<Vec<_>>(), ["secret/x"]);
    }
}

#[cfg(unix)]
#[test]
fn a_device_in_a_folder_is_not_read_and_a_circle_ends() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    symlink("/dev/zero", folder.path().join("zeros")).unwrap();
    symlink(folder.path(), folder.path().join("self")).unwrap();
    fs::write(folder.path().join("t.csv"), "a\n").unwrap();
    let source = Source::open(folder.path()).unwrap();
    assert!(source.paths().iter().all(|path| path.ends_with("t.csv")));
    assert_eq!(source.paths().len(), 9);
}
