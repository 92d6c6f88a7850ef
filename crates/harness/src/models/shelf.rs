//! What a fit makes once for all trials that need it: in the memory of this process, and
//! in a file for others.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::Result;

use crate::files;
use crate::run::locked;

/// Things of one sort by a key that says all that they depend on.
#[derive(Debug)]
pub(super) struct Shelf<T> {
    known: Mutex<BTreeMap<u64, Slot<T>>>,
}

/// One thing, once it is there.
type Slot<T> = Arc<Mutex<Option<T>>>;

impl<T: Clone> Shelf<T> {
    pub(super) const fn new() -> Self {
        Self {
            known: Mutex::new(BTreeMap::new()),
        }
    }

    /// The thing of a key: from this process, else from its file, else made now. Trials
    /// that need the same wait for the one that makes it.
    ///
    /// - `read`: the thing as it lies in the file; what is damaged, or of another version,
    ///   is as good as none.
    /// - `make`: the thing, and the bytes of its file.
    ///
    /// # Errors
    ///
    /// Those of `make`, or if the file cannot be written.
    pub(super) fn take(
        &self,
        key: u64,
        path: Option<&Path>,
        read: impl Fn(&[u8]) -> Option<T>,
        make: impl FnOnce() -> Result<(T, Vec<u8>)>,
    ) -> Result<T> {
        let slot = locked(&self.known).entry(key).or_default().clone();
        let mut slot = locked(&slot);
        if let Some(known) = &*slot {
            return Ok(known.clone());
        }
        let file = path.and_then(|path| std::fs::read(path).ok());
        let thing = if let Some(known) = file.as_deref().and_then(read) {
            known
        } else {
            let (thing, bytes) = make()?;
            if let Some(path) = path {
                files::write(path, &bytes)?;
            }
            thing
        };
        *slot = Some(thing.clone());
        Ok(thing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_made_once_and_read_by_the_next_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("thing");
        let read = |bytes: &[u8]| std::str::from_utf8(bytes).ok()?.parse::<u32>().ok();
        let make = || Ok((7, b"7".to_vec()));
        let never = || panic!("it was made before");
        let shelf = Shelf::new();
        assert_eq!(shelf.take(1, Some(&path), read, make).unwrap(), 7);
        assert_eq!(shelf.take(1, Some(&path), read, never).unwrap(), 7);
        let next = Shelf::new();
        assert_eq!(next.take(1, Some(&path), read, never).unwrap(), 7);
        std::fs::write(&path, "damaged").unwrap();
        let third = Shelf::new();
        assert_eq!(third.take(1, Some(&path), read, make).unwrap(), 7);
        assert_eq!(std::fs::read(&path).unwrap(), b"7");
    }
}
