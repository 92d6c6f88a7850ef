//! A study is written as a study that is the same, or refused in one line.
#![no_main]

use harness::study::Study;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Study::parse(text) {
        Ok(study) => {
            assert_eq!(Study::parse(&study.to_toml()).unwrap(), study);
            assert!(study.largest() > 0 || study.source.is_some());
        }
        Err(error) => fuzz::assert_refusal(&error),
    }
});
