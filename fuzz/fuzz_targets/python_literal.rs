//! A literal of Python is read or refused in one line.
#![no_main]

use harness::dataset::literal::Literal;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Literal::parse(text) {
        Ok(value) => {
            let _ = (value.list(), value.text(), value.bool(), value.count());
            let _ = value.get("type");
        }
        Err(error) => fuzz::assert_refusal(&error),
    }
});
