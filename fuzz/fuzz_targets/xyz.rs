//! Frames of an extended XYZ file are sane structures, which are read again as they
//! were written, or there is a clear error.
#![no_main]

use crystal::xyz;
use fuzz::{assert_clear, assert_same, assert_sane, at_the_border};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match xyz::read(text) {
        Ok(frames) => {
            for frame in frames {
                assert_sane(&frame.structure);
                let again = xyz::read(&xyz::write(&frame.structure, &frame.info));
                if let Err(error) = &again
                    && at_the_border(error)
                {
                    continue;
                }
                let [again] = <[_; 1]>::try_from(again.unwrap()).unwrap();
                assert_eq!(again.info, frame.info);
                assert_same(&frame.structure, &Ok(again.structure), 1e-6);
            }
        }
        Err(error) => assert_clear(&error),
    }
});
