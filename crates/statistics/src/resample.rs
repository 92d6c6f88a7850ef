//! Random draws that depend on a name, not on the order of the work.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The random numbers that belong to a name: the same on every machine, whatever
/// else is computed before.
pub(crate) fn named(name: &str) -> ChaCha8Rng {
    ChaCha8Rng::from_seed(*blake3::hash(name.as_bytes()).as_bytes())
}

/// As many places as there are, drawn with replacement.
pub(crate) fn places(count: usize, random: &mut ChaCha8Rng) -> Vec<usize> {
    (0..count).map(|_| random.random_range(0..count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_seed() {
        let draw = |name| places(20, &mut named(name));
        assert_eq!(draw("ridge"), draw("ridge"));
        assert_ne!(draw("ridge"), draw("megnet"));
        assert!(draw("ridge").iter().all(|place| *place < 20));
    }
}
