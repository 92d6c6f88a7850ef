//! Records of a folder are read, or refused in one line, and taking them up elsewhere
//! writes there and nowhere else.
#![no_main]

use std::fs;

use harness::run::Store;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let folder = tempfile::tempdir().unwrap();
    let [theirs, ours] = ["theirs", "ours"].map(|name| folder.path().join(name));
    fs::create_dir(&theirs).unwrap();
    fs::write(theirs.join("records.jsonl"), text).unwrap();
    let store = Store::new(&theirs);
    match store.every_record() {
        Ok(_) => {
            if let Err(error) = Store::new(&ours).absorb(&store, "d474") {
                fuzz::assert_refusal(&error);
            }
        }
        Err(error) => fuzz::assert_refusal(&error),
    }
    let outside = folder.path().read_dir().unwrap().flatten();
    let mut outside = outside.map(|entry| entry.path());
    assert!(outside.all(|path| path == theirs || path == ours));
});
