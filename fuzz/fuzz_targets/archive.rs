//! An archive is listed and read, or refused in one line; nothing is written.
#![no_main]

use std::fs;

use harness::dataset::source::Source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    fs::write(&path, bytes).unwrap();
    match Source::open(&path) {
        Ok(source) => {
            for path in source.paths() {
                assert!(!path.split('/').any(|part| part == ".."), "{path}");
                assert!(!path.starts_with('/'), "{path}");
                assert!(source.read(path).is_ok());
                let _ = source.text(path);
            }
        }
        Err(error) => fuzz::assert_refusal(&error),
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 1);
});
