//! New formulas from good ones: a subtree exchanged for a random one, or for one
//! of another formula; or all that are one step away.

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

/// All formulas one step away: a token exchanged for another with as many operands,
/// a subtree for a leaf or for its own operand, or a subtree made the operand of a
/// function, whose other operand is a leaf.
///
/// - `formula`: one of the grammar.
pub(crate) fn one_step_away(grammar: &Grammar, formula: &[u8]) -> Vec<Vec<u8>> {
    let words = ByArity::of(grammar);
    let ends = grammar.subtree_ends(formula);
    let mut steps = Vec::new();
    for (start, &end) in ends.iter().enumerate() {
        let subtree = &formula[start..end];
        let mut put = |inside: &[&[u8]]| {
            steps.push([&formula[..start], &inside.concat(), &formula[end..]].concat());
        };
        let arity = grammar.arity(subtree[0]);
        for &other in words.with_arity(arity) {
            if other != subtree[0] {
                put(&[&[other], &subtree[1..]]);
            }
        }
        if arity > 0 {
            words.leaves.iter().for_each(|&leaf| put(&[&[leaf]]));
            let first = ends[start + 1];
            put(&[&formula[start + 1..first]]);
            if arity == 2 {
                put(&[&formula[first..end]]);
            }
        }
        words.unary.iter().for_each(|&f| put(&[&[f], subtree]));
        for &function in &words.binary {
            for &leaf in &words.leaves {
                put(&[&[function, leaf], subtree]);
                put(&[&[function], subtree, &[leaf]]);
            }
        }
    }
    steps
}

/// The tokens that formulas are made of, by the number of their operands.
struct ByArity {
    leaves: Vec<u8>,
    unary: Vec<u8>,
    binary: Vec<u8>,
}

impl ByArity {
    fn of(grammar: &Grammar) -> Self {
        let with = |arity| -> Vec<u8> {
            let tokens = (0..=u8::MAX).take(grammar.len());
            let chosen = tokens.filter(|&token| grammar.token(token).arity() == Some(arity));
            chosen.collect()
        };
        Self {
            leaves: with(0),
            unary: with(1),
            binary: with(2),
        }
    }

    fn with_arity(&self, arity: usize) -> &[u8] {
        match arity {
            0 => &self.leaves,
            1 => &self.unary,
            _ => &self.binary,
        }
    }
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

    #[test]
    fn all_formulas_one_step_away_are_formulas_and_a_law_is_two_steps_off() {
        let grammar = Grammar::new(Words::default()).unwrap();
        let from = |text: &str| grammar.parse(text).unwrap();
        let steps = one_step_away(&grammar, &from("add x1 sin x1"));
        assert!(steps.iter().all(|step| grammar.is_formula(step)));
        for step in [
            "mul x1 sin x1",
            "add 2 sin x1",
            "add x1 cos x1",
            "add x1 x1",
            "x1",
            "sin x1",
            "exp add x1 sin x1",
            "add x1 sin mul 2 x1",
            "add x1 sin mul x1 2",
            "div 3 add x1 sin x1",
        ] {
            assert!(steps.contains(&from(step)), "{step}");
        }
        let law = from("sub x1 sin mul 2 x1");
        assert!(!steps.contains(&law));
        assert!(
            steps
                .iter()
                .any(|step| one_step_away(&grammar, step).contains(&law))
        );
    }
}
