//! A description of a data set is usable, or refused in one line.
#![no_main]

use harness::dataset::Description;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Description::parse("dataset.toml", text) {
        Ok(description) => {
            for property in description.properties() {
                assert!(property.report_factor > 0.0 && property.report_factor.is_finite());
                assert!(!property.key.contains(['/', '\\', '\0']));
            }
        }
        Err(error) => fuzz::assert_refusal(&error),
    }
});
