//! A law that is accepted can be printed and applied.
#![no_main]

use std::fs;
use std::sync::LazyLock;

use crystal::Structure;
use harness::models::LawFile;
use libfuzzer_sys::fuzz_target;

/// A cell of boron nitride with a vacancy.
static STRUCTURE: LazyLock<Structure> = LazyLock::new(|| {
    let text = "x\n1\n5 0 0\n-2.5 4.330127 0\n0 0 20\nB N\n4 3\nDirect\n\
        0.1666667 0.3333333 0.5\n0.6666667 0.3333333 0.5\n0.1666667 0.8333333 0.5\n\
        0.6666667 0.8333333 0.5\n0.3333333 0.1666667 0.5\n0.8333333 0.1666667 0.5\n\
        0.3333333 0.6666667 0.5\n";
    crystal::poscar::read(text).unwrap()
});

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("law.json");
    fs::write(&path, bytes).unwrap();
    if let Ok(law) = LawFile::read(&path) {
        let _ = law.text();
        let _ = law.predict(&STRUCTURE);
        law.write(&path).unwrap();
        assert!(LawFile::read(&path).is_ok());
    }
});
