//! A structure of pymatgen is a sane structure, which is read again as it was written, or a clear error.
#![no_main]

use crystal::pymatgen;
use fuzz::{assert_clear, assert_same, assert_sane};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match pymatgen::read(text) {
        Ok(structure) => {
            assert_sane(&structure);
            assert_same(
                &structure,
                &pymatgen::read(&pymatgen::write(&structure)),
                0.0,
            );
        }
        Err(error) => assert_clear(&error),
    }
});
