//! Random formulas, from which the network first learns the grammar.
//!
//! Tokens are drawn until the formula closes: every function, variable and the
//! constant with equal probability, and with the same probability a number, which
//! is then one of all numbers. What has not closed in time is thrown away.
//!
//! The published programme sorts the formulas and cuts off the last ones, so that
//! those that begin with `sub` or a variable are rarer than they should be; here
//! they are kept in the order in which they were drawn.

use std::collections::HashSet;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::{Error, Grammar, Result, predicate::Compiled};

/// Formulas that are tried for each that is asked for, before giving up.
const PATIENCE: usize = 10_000;

/// A random formula of at most so many tokens.
///
/// # Panics
///
/// If no token fits into the length.
#[must_use]
pub fn random_formula(grammar: &Grammar, max_len: usize, random: &mut ChaCha8Rng) -> Vec<u8> {
    assert!(max_len > 0, "a formula has a token");
    let words = grammar.words();
    let functions = words.functions.len();
    let numbers = words.numbers.len();
    let own = functions + words.columns as usize + usize::from(words.constant);
    let choices = own + usize::from(numbers > 0);
    let after_numbers = functions + numbers;
    let draw = |random: &mut ChaCha8Rng| -> usize {
        let choice = random.random_range(0..choices);
        match choice {
            choice if choice < functions => choice,
            choice if choice == own => functions + random.random_range(0..numbers),
            choice if words.constant && choice == functions => after_numbers,
            choice => {
                let column = choice - functions - usize::from(words.constant);
                after_numbers + usize::from(words.constant) + 3 + column
            }
        }
    };
    loop {
        let (mut tokens, mut missing) = (Vec::with_capacity(max_len), 1_usize);
        while missing > 0 && tokens.len() + missing <= max_len {
            let token = u8::try_from(draw(random)).expect("a vocabulary has fewer than 256 tokens");
            missing = missing - 1 + grammar.arity(token);
            tokens.push(token);
        }
        if missing == 0 {
            return tokens;
        }
    }
}

/// So many different random formulas that meet a predicate.
///
/// # Errors
///
/// [`Error::Barren`] if too few of the random formulas meet it.
pub fn library(
    grammar: &Grammar,
    predicate: &Compiled,
    size: usize,
    max_len: usize,
    random: &mut ChaCha8Rng,
) -> Result<Vec<Vec<u8>>> {
    let mut seen = HashSet::with_capacity(size);
    let mut formulas = Vec::with_capacity(size);
    let patience = PATIENCE * size.max(1);
    for _ in 0..patience {
        if formulas.len() == size {
            break;
        }
        let tokens = random_formula(grammar, max_len, random);
        if predicate.holds(grammar, &tokens) && seen.insert(tokens.clone()) {
            formulas.push(tokens);
        }
    }
    if formulas.len() == size {
        Ok(formulas)
    } else {
        Err(Error::Barren {
            tried: patience,
            found: formulas.len(),
            expected: size,
        })
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::{Function, Predicate, grammar::Words};

    #[test]
    fn formulas_are_whole_short_different_and_as_asked() {
        let grammar = Grammar::new(Words::default()).unwrap();
        let predicate = Predicate::without_nested(&["sin", "cos"])
            .compile(&grammar)
            .unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let formulas = library(&grammar, &predicate, 2000, 12, &mut random).unwrap();
        assert!(
            formulas
                .iter()
                .all(|f| grammar.is_formula(f) && f.len() <= 12)
        );
        assert!(formulas.iter().all(|f| predicate.holds(&grammar, f)));
        assert_eq!(formulas.iter().collect::<HashSet<_>>().len(), 2000);
        assert!(formulas.iter().any(|f| f.len() == 12));
    }

    /// Four of seven choices are leaves, and one of these is any number: of formulas of one
    /// token a quarter each is `x1`, `x2`, `const` and a number.
    #[test]
    fn leaves_are_equally_likely_and_numbers_share_one_place() {
        let grammar = Grammar::new(Words {
            functions: vec![Function::Add, Function::Sin, Function::Mul],
            constant: true,
            columns: 2,
            ..Words::default()
        })
        .unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let mut counts = vec![0_i32; grammar.len()];
        for _ in 0..4000 {
            counts[usize::from(random_formula(&grammar, 1, &mut random)[0])] += 1;
        }
        let numbers: i32 = counts[3..14].iter().sum();
        // standard deviation 27
        for count in [counts[14], counts[18], counts[19], numbers] {
            assert!((count - 1000).abs() < 110, "{counts:?}");
        }
        assert_eq!(counts[..3], [0; 3]);
        assert_eq!(counts[15..18], [0; 3]);
    }

    #[test]
    fn too_few_formulas_are_an_error() {
        let grammar = Grammar::new(Words::default()).unwrap();
        let all = Predicate::default().compile(&grammar).unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(3);
        // twelve leaves
        let found = library(&grammar, &all, 13, 1, &mut random);
        assert!(matches!(found, Err(Error::Barren { found: 12, .. })));
    }
}
