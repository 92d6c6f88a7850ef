//! A POSCAR is a sane structure, which is read again as it was written, or a clear error.
#![no_main]

use crystal::poscar;
use fuzz::{assert_clear, assert_same, assert_sane};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match poscar::read(text) {
        Ok(structure) => {
            assert_sane(&structure);
            assert_same(
                &structure,
                &poscar::read(&poscar::write(&structure, "again")),
                0.0,
            );
        }
        Err(error) => assert_clear(&error),
    }
});
