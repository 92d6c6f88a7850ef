//! Formulas that were found are read, or refused in one line, and each that is of its
//! columns is printed and read again.
#![no_main]

use std::fs;

use harness::formula::FormulaFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("formulas.json");
    fs::write(&path, bytes).unwrap();
    match FormulaFile::read(&path) {
        Ok(file) => {
            let _ = file.chosen();
            for member in &file.front {
                if let Ok(expr) = file.expr(member) {
                    let _ = expr.latex(&file.names());
                }
            }
            file.write(&path).unwrap();
            assert!(FormulaFile::read(&path).is_ok());
        }
        Err(error) => fuzz::assert_refusal(&error),
    }
});
