//! A unit is printed as text that is read as the same unit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use symreg::Unit;

fuzz_target!(|text: &str| {
    if let Ok(unit) = text.parse::<Unit>() {
        // in another order, its parts may be too large or too small on the way
        if let Ok(again) = unit.to_string().parse::<Unit>() {
            assert!(again.is_same_as(&unit));
            assert_eq!(again.symbols(), unit.symbols());
        }
    }
});
