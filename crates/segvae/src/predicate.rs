//! What a formula must look like, as data.
//!
//! The published programme takes any function of the token list; all that its
//! authors used are of these kinds, and data can be stored with a result.

use serde::{Deserialize, Serialize};
use symreg::units::Dimensions;

use crate::{Grammar, Result, dimension, grammar::meanings};

/// Conditions that a formula must meet; none by default.
///
/// Tokens are given as words, such as `exp` or `x1`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Predicate {
    /// None of the second words anywhere below one of the first.
    pub forbidden_nesting: Vec<Nesting>,
    /// Words that must occur.
    pub required: Vec<String>,
    /// Words that must occur below every one of some functions.
    pub required_inside: Vec<Inside>,
    /// The word that must be the root.
    pub root: Option<String>,
    /// Whether exponents must be without variables.
    pub constant_exponents: bool,
}

/// Words not to be found below others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nesting {
    /// The functions above.
    pub outer: Vec<String>,
    /// The words that may not occur below.
    pub inner: Vec<String>,
}

/// A word to be found below every one of some functions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inside {
    /// The word.
    pub word: String,
    /// The functions.
    pub functions: Vec<String>,
}

impl Predicate {
    /// No functions of a list below functions of the same list.
    #[must_use]
    pub fn without_nested(functions: &[&str]) -> Self {
        let words: Vec<String> = functions.iter().map(|&word| word.to_owned()).collect();
        Self {
            forbidden_nesting: vec![Nesting {
                outer: words.clone(),
                inner: words,
            }],
            ..Self::default()
        }
    }

    /// The predicate in terms of the grammar's tokens. Words that the grammar
    /// lacks, but others have, are ignored where they are forbidden.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Word`] for a required word that the grammar lacks, and for one
    /// that no grammar has.
    pub fn compile(&self, grammar: &Grammar) -> Result<Compiled> {
        let known = |words: &[String]| -> Result<Set> {
            let tokens = words.iter().filter_map(|word| match grammar.word(word) {
                Err(_) if meanings(word).next().is_some() => None,
                token => Some(token),
            });
            Ok(Set::new(tokens.collect::<Result<Vec<u8>>>()?))
        };
        let required = |word: &String| grammar.word(word);
        let nesting = self
            .forbidden_nesting
            .iter()
            .map(|n| Ok((known(&n.outer)?, known(&n.inner)?)));
        let inside = self
            .required_inside
            .iter()
            .map(|i| Ok((required(&i.word)?, known(&i.functions)?)));
        let columns =
            (1..=grammar.words().columns).filter_map(|i| grammar.word(&format!("x{i}")).ok());
        Ok(Compiled {
            nesting: nesting.collect::<Result<_>>()?,
            required: self.required.iter().map(required).collect::<Result<_>>()?,
            inside: inside.collect::<Result<_>>()?,
            root: self.root.as_ref().map(required).transpose()?,
            power: grammar.word("pow").ok().filter(|_| self.constant_exponents),
            columns: Set::new(columns),
            units: None,
        })
    }
}

/// A set of tokens.
#[derive(Debug, Clone, Copy)]
struct Set([bool; 256]);

impl Set {
    fn new(tokens: impl IntoIterator<Item = u8>) -> Self {
        let mut set = [false; 256];
        for token in tokens {
            set[usize::from(token)] = true;
        }
        Self(set)
    }

    fn has(&self, token: u8) -> bool {
        self.0[usize::from(token)]
    }
}

/// A predicate that speaks the tokens of a grammar.
#[derive(Debug, Clone)]
pub struct Compiled {
    nesting: Vec<(Set, Set)>,
    required: Vec<u8>,
    inside: Vec<(u8, Set)>,
    root: Option<u8>,
    power: Option<u8>,
    columns: Set,
    pub(crate) units: Option<Dimensions>,
}

impl Compiled {
    /// Whether the formula meets all conditions.
    ///
    /// # Panics
    ///
    /// If the tokens are no formula of the grammar.
    #[must_use]
    pub fn holds(&self, grammar: &Grammar, tokens: &[u8]) -> bool {
        let fits = |units| dimension::fits(units, grammar, tokens);
        self.has_form(grammar, tokens) && self.units.as_ref().is_none_or(fits)
    }

    fn has_form(&self, grammar: &Grammar, tokens: &[u8]) -> bool {
        let at_once = self.required.iter().all(|word| tokens.contains(word))
            && self.root.is_none_or(|root| tokens[0] == root);
        if !at_once {
            return false;
        }
        if self.nesting.is_empty() && self.inside.is_empty() && self.power.is_none() {
            return true;
        }
        let ends = grammar.subtree_ends(tokens);
        tokens.iter().enumerate().all(|(at, &token)| {
            let below = &tokens[at + 1..ends[at]];
            let forbidden = |(outer, inner): &(Set, Set)| {
                outer.has(token) && below.iter().any(|&t| inner.has(t))
            };
            let lacking =
                |(word, functions): &(u8, Set)| functions.has(token) && !below.contains(word);
            let variable = self.power == Some(token) && {
                let exponent = &tokens[ends[at + 1]..ends[at]];
                exponent.iter().any(|&t| self.columns.has(t))
            };
            !variable && !self.nesting.iter().any(forbidden) && !self.inside.iter().any(lacking)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Function, grammar::Words};

    fn holds(predicate: &Predicate, text: &str) -> bool {
        let grammar = Grammar::new(Words {
            functions: Function::ALL.to_vec(),
            columns: 2,
            ..Words::default()
        })
        .unwrap();
        let tokens = grammar.parse(text).unwrap();
        predicate
            .compile(&grammar)
            .unwrap()
            .holds(&grammar, &tokens)
    }

    #[test]
    fn nested_functions_are_found_at_any_depth_but_not_beside() {
        let predicate = Predicate::without_nested(&["sin", "cos", "pow"]);
        assert!(!holds(&predicate, "sin add 1 mul x1 cos x1"));
        assert!(holds(&predicate, "mul sin x1 cos x1"));
        assert!(holds(&predicate, "exp sin x1"));
    }

    #[test]
    fn required_words() {
        let predicate = Predicate {
            required: vec!["exp".to_owned(), "x2".to_owned()],
            ..Predicate::default()
        };
        assert!(holds(&predicate, "mul x2 exp x1"));
        assert!(!holds(&predicate, "mul x1 exp x1"));
    }

    #[test]
    fn a_variable_inside_of_every_function() {
        let predicate = Predicate {
            required_inside: vec![Inside {
                word: "x1".to_owned(),
                functions: vec!["exp".to_owned(), "cos".to_owned()],
            }],
            ..Predicate::default()
        };
        assert!(holds(&predicate, "mul exp x1 cos add 1 x1"));
        assert!(!holds(&predicate, "mul exp x1 cos 1"));
        assert!(holds(&predicate, "x2"));
    }

    #[test]
    fn roots_and_exponents() {
        let predicate = Predicate {
            root: Some("add".to_owned()),
            constant_exponents: true,
            ..Predicate::default()
        };
        assert!(holds(&predicate, "add 1 pow x1 add 1 2"));
        assert!(!holds(&predicate, "add 1 pow 2 x1"));
        assert!(!holds(&predicate, "pow x1 2"));
    }

    #[test]
    fn words_that_a_formula_cannot_have_are_errors() {
        let grammar = Grammar::new(Words::default()).unwrap();
        let predicate = Predicate {
            root: Some("sqrt".to_owned()),
            ..Predicate::default()
        };
        assert!(predicate.compile(&grammar).is_err());
        // To forbid what the grammar lacks is no error, unless no grammar has it.
        for (word, is_word) in [("sqrt", true), ("x7", true), ("0.5", true), ("sine", false)] {
            let forbidden = Predicate::without_nested(&[word]).compile(&grammar);
            assert_eq!(forbidden.is_ok(), is_word, "{word}");
            let inside = Predicate {
                required_inside: vec![Inside {
                    word: "x1".to_owned(),
                    functions: vec![word.to_owned()],
                }],
                ..Predicate::default()
            };
            assert_eq!(inside.compile(&grammar).is_ok(), is_word, "{word}");
        }
    }
}
