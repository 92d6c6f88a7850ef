//! A model of boosted trees that is accepted predicts, and is read again as it was
//! written.
#![no_main]

use boost::Model;
use libfuzzer_sys::fuzz_target;

/// Values of every column.
const VALUES: [f64; 4] = [f64::NEG_INFINITY, -1.0, 0.5, 1e300];

fuzz_target!(|bytes: &[u8]| {
    if let Ok(model) = serde_json::from_slice::<Model>(bytes) {
        let columns = vec![VALUES.to_vec(); model.borders().len()];
        assert!(model.predict(&columns).is_ok());
        let again = serde_json::to_vec(&model).unwrap();
        assert_eq!(serde_json::from_slice::<Model>(&again).unwrap(), model);
    }
});
