//! What a search has seen already, in bounded memory.
//!
//! A table with one place for each hash: a newer key takes the place of an older
//! one. Forgetting costs a second look, never a wrong answer, and the outcome
//! depends on the keys alone, so that a search that was saved goes on as if it
//! had not been.

use serde::{Deserialize, Serialize};

/// Places of a table, a power of two.
const PLACES: usize = 1 << 15;

/// A forgetful map from hashes to small numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<(u64, u32)>", into = "Vec<(u64, u32)>")]
pub(crate) struct Memory {
    places: Vec<(u64, u32)>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            places: vec![(0, 0); PLACES],
        }
    }
}

impl Memory {
    fn place(key: u64) -> usize {
        // The upper bits of an FNV hash are mixed best.
        let mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 49;
        usize::try_from(mixed).expect("fifteen bits fit") & (PLACES - 1)
    }

    /// The number kept for a key; nothing if it was never set or is forgotten.
    pub(crate) fn get(&self, key: u64) -> Option<u32> {
        let (kept, value) = self.places[Self::place(key)];
        (kept == key && value > 0).then(|| value - 1)
    }

    /// Keeps a number for a key.
    pub(crate) fn set(&mut self, key: u64, value: u32) {
        self.places[Self::place(key)] = (key, value + 1);
    }
}

impl From<Vec<(u64, u32)>> for Memory {
    fn from(kept: Vec<(u64, u32)>) -> Self {
        let mut memory = Self::default();
        for (key, value) in kept {
            memory.places[Self::place(key)] = (key, value);
        }
        memory
    }
}

impl From<Memory> for Vec<(u64, u32)> {
    fn from(memory: Memory) -> Self {
        let used = memory.places.into_iter();
        used.filter(|(_, value)| *value > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_is_found_again_also_after_saving() {
        let mut memory = Memory::default();
        memory.set(17, 0);
        memory.set(u64::MAX, 5);
        assert_eq!(memory.get(17), Some(0));
        assert_eq!(memory.get(18), None);
        let text = serde_json::to_string(&memory).unwrap();
        assert_eq!(serde_json::from_str::<Memory>(&text).unwrap(), memory);
    }
}
