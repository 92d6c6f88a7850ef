//! The file that an import leaves, with the right checksum over any content, is a data
//! set that can be checked, or refused in one line.
#![no_main]

use std::fs;

use harness::dataset::{cache, verify};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.tycho");
    let mut file = b"TYCHODAT".to_vec();
    file.extend(1_u32.to_le_bytes());
    file.extend((body.len() as u64).to_le_bytes());
    file.extend(blake3::hash(body).as_bytes());
    file.extend(body);
    fs::write(&path, file).unwrap();
    match cache::read(&path) {
        Ok(imported) => {
            for verdict in verify::verify(&imported) {
                let _ = verdict.print();
            }
            cache::write(&path, &imported).unwrap();
            let again = cache::read(&path).unwrap();
            assert_eq!(again.evidence, imported.evidence);
            assert_eq!(again.dataset.properties, imported.dataset.properties);
        }
        Err(error) => fuzz::assert_refusal(&error),
    }
});
