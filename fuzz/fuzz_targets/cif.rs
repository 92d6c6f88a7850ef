//! A CIF is a sane structure, which is read again as it was written, or a clear error.
#![no_main]

use crystal::cif;
use fuzz::{assert_clear, assert_same, assert_sane};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match cif::read(text) {
        Ok(structure) => {
            assert_sane(&structure);
            assert_same(
                &structure,
                &cif::read(&cif::write(&structure, "again")),
                1e-6,
            );
        }
        Err(error) => assert_clear(&error),
    }
});
