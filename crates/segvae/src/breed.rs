//! New formulas from good ones: a subtree exchanged for a random one, or for one
//! of another formula.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::{Grammar, library::random_formula};

/// Most tokens of a random subtree.
const SUBTREE: usize = 5;

/// One child of a random parent; it may be longer than either.
///
/// # Panics
///
/// If there are no parents, or they are no formulas.
pub(crate) fn child(grammar: &Grammar, parents: &[Vec<u8>], random: &mut ChaCha8Rng) -> Vec<u8> {
    let parent = &parents[random.random_range(0..parents.len())];
    let (start, end) = subtree(grammar, parent, random);
    let insert = if random.random_bool(0.5) {
        random_formula(grammar, SUBTREE, random)
    } else {
        let other = &parents[random.random_range(0..parents.len())];
        let (start, end) = subtree(grammar, other, random);
        other[start..end].to_vec()
    };
    [&parent[..start], &insert, &parent[end..]].concat()
}

fn subtree(grammar: &Grammar, formula: &[u8], random: &mut ChaCha8Rng) -> (usize, usize) {
    let start = random.random_range(0..formula.len());
    (start, grammar.subtree_ends(formula)[start])
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::grammar::Words;

    #[test]
    fn children_are_formulas() {
        let grammar = Grammar::new(Words::default()).unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let parents: Vec<Vec<u8>> = ["add x1 sin mul 2 x1", "x1"]
            .iter()
            .map(|t| grammar.parse(t).unwrap())
            .collect();
        let children: Vec<Vec<u8>> = (0..200)
            .map(|_| child(&grammar, &parents, &mut random))
            .collect();
        assert!(children.iter().all(|c| grammar.is_formula(c)));
        assert!(children.iter().filter(|c| !parents.contains(c)).count() > 100);
    }
}
