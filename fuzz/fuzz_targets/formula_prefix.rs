//! Tokens of a formula are printed as tokens that are read as the same formula.
#![no_main]

use libfuzzer_sys::fuzz_target;
use symreg::{Format, export};

const NAMES: [&str; 3] = ["x", "add", "d(Mo–S) `1`, Å"];

fuzz_target!(|text: &str| {
    if let Ok(expr) = export::from_prefix(text, &NAMES) {
        let again = export(&expr, &NAMES, Format::Prefix);
        assert_eq!(export::from_prefix(&again, &NAMES), Ok(expr));
    }
});
