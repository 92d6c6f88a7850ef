//! The vocabulary, and formulas as lists of its tokens.
//!
//! A formula is written in prefix notation: `add mul x1 x1 1` is `x₁·x₁ + 1`. A
//! token is its index in the vocabulary, whose order is that of the published
//! programme: functions, numbers, the constant to be fitted, the marks of
//! begin, end and padding, variables.
//!
//! # Differences between a token list and its [`Expr`]
//!
//! [`Grammar::expr`] gives the formula that a token list *says*: textbook
//! functions, without the guards of [`crate::operator`]. Where no guard is
//! touched, both have equal values up to rounding. Powers with a whole number as
//! exponent become repeated products, other powers of negative numbers are none.

use serde::{Deserialize, Serialize};
use symreg::{Expr, Op};

use crate::{Error, Function, Result};

/// One word of the language.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Token {
    /// A function, or a named constant.
    Function(Function),
    /// A number as it stands.
    Number(f64),
    /// A constant that is fitted.
    Constant,
    /// Begin of a sequence.
    Begin,
    /// End of a sequence.
    End,
    /// Fills sequences up to equal lengths.
    Padding,
    /// A column of the table, counted from 0 and written from 1.
    Column(u32),
}

impl Token {
    /// Number of operands; nothing for the marks, which are no part of a formula.
    #[must_use]
    pub fn arity(self) -> Option<usize> {
        match self {
            Self::Function(function) => Some(function.arity()),
            Self::Number(_) | Self::Constant | Self::Column(_) => Some(0),
            Self::Begin | Self::End | Self::Padding => None,
        }
    }
}

/// What a grammar is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Words {
    /// Functions and named constants.
    pub functions: Vec<Function>,
    /// Numbers that may stand in a formula.
    #[serde(alias = "float_constants")]
    pub numbers: Vec<f64>,
    /// Whether there are constants to be fitted.
    pub constant: bool,
    /// Variables: columns of the table.
    pub columns: u32,
    /// Whether `pi` has the value of `e`, as in the published programme: for
    /// scoring formulas that it has printed.
    pub as_published_pi: bool,
}

impl Default for Words {
    /// The eight functions of Nguyen's problems and the published numbers.
    fn default() -> Self {
        use Function::{Add, Cos, Div, Exp, Log, Mul, Sin, Sub};
        Self {
            functions: vec![Add, Sub, Mul, Div, Sin, Cos, Exp, Log],
            numbers: std::iter::once(-1.0)
                .chain((1..=10).map(f64::from))
                .collect(),
            constant: false,
            columns: 1,
            as_published_pi: false,
        }
    }
}

/// A vocabulary.
///
/// # Examples
///
/// ```
/// # use segvae::{Grammar, grammar::Words};
/// let grammar = Grammar::new(Words::default())?;
/// let tokens = grammar.parse("add mul x1 x1 1")?;
/// assert_eq!(grammar.expr(&tokens, &[])?.to_string(), "x0 * x0 + 1");
/// assert_eq!(grammar.complexity(&tokens), 5);
/// # Ok::<(), segvae::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Grammar {
    words: Words,
    tokens: Vec<Token>,
    /// Operands of each token; nothing for marks.
    arities: Vec<Option<usize>>,
    begin: u8,
}

impl Grammar {
    /// Numbers the words.
    ///
    /// # Errors
    ///
    /// [`Error::Vocabulary`] without columns or with too many words,
    /// [`Error::Setting`] for a number that is none.
    pub fn new(words: Words) -> Result<Self> {
        if let Some(&value) = words.numbers.iter().find(|number| !number.is_finite()) {
            return Err(Error::Setting {
                name: "a number of the grammar",
                expected: "finite",
                value,
            });
        }
        let mut tokens: Vec<Token> = words
            .functions
            .iter()
            .copied()
            .map(Token::Function)
            .collect();
        tokens.extend(words.numbers.iter().copied().map(Token::Number));
        tokens.extend(words.constant.then_some(Token::Constant));
        let begin = tokens.len();
        tokens.extend([Token::Begin, Token::End, Token::Padding]);
        tokens.extend((0..words.columns).map(Token::Column));
        let arities = tokens.iter().map(|token| token.arity()).collect();
        match u8::try_from(tokens.len()) {
            Ok(_) if words.columns > 0 => Ok(Self {
                begin: u8::try_from(begin).unwrap_or(u8::MAX),
                words,
                tokens,
                arities,
            }),
            _ => Err(Error::Vocabulary {
                tokens: tokens.len(),
            }),
        }
    }

    /// What the grammar is made of.
    #[must_use]
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// The vocabulary.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Number of words, marks included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Never: there are marks and a column.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The mark of begin; end and padding follow it.
    #[must_use]
    pub fn begin(&self) -> u8 {
        self.begin
    }

    /// The mark of the end.
    #[must_use]
    pub fn end(&self) -> u8 {
        self.begin + 1
    }

    /// The mark that fills up.
    #[must_use]
    pub fn padding(&self) -> u8 {
        self.begin + 2
    }

    /// Meaning of a token.
    ///
    /// # Panics
    ///
    /// If it is not one of this grammar.
    #[must_use]
    pub fn token(&self, token: u8) -> Token {
        self.tokens[usize::from(token)]
    }

    /// The index of a token, if the grammar has it.
    #[must_use]
    pub fn index(&self, token: Token) -> Option<u8> {
        let place = self.tokens.iter().position(|&known| known == token)?;
        u8::try_from(place).ok()
    }

    /// The value of a function under this grammar: that of `pi` is its choice.
    #[must_use]
    pub fn named_constant(&self, function: Function) -> f64 {
        match function {
            Function::Pi if self.words.as_published_pi => Function::E.value(0.0, 0.0),
            other => other.value(0.0, 0.0),
        }
    }

    /// Reads one word.
    ///
    /// # Errors
    ///
    /// [`Error::Word`] if the grammar lacks it.
    pub fn word(&self, word: &str) -> Result<u8> {
        meanings(word)
            .find_map(|token| self.index(token))
            .ok_or_else(|| Error::Word {
                word: word.to_owned(),
            })
    }

    /// Reads a formula.
    ///
    /// # Errors
    ///
    /// [`Error::Word`] or [`Error::Malformed`].
    pub fn parse(&self, text: &str) -> Result<Vec<u8>> {
        let tokens: Vec<u8> = text
            .split_whitespace()
            .map(|word| self.word(word))
            .collect::<Result<_>>()?;
        self.check(&tokens)?;
        Ok(tokens)
    }

    /// Writes tokens as words.
    ///
    /// # Panics
    ///
    /// If a token is not one of this grammar.
    #[must_use]
    pub fn text(&self, tokens: &[u8]) -> String {
        let word = |&token: &u8| match self.token(token) {
            Token::Function(function) => function.name().to_owned(),
            Token::Number(value) => value.to_string(),
            Token::Constant => "const".to_owned(),
            Token::Begin => "<begin>".to_owned(),
            Token::End => "<end>".to_owned(),
            Token::Padding => "<padding>".to_owned(),
            Token::Column(index) => format!("x{}", index + 1),
        };
        tokens.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    /// Whether the tokens are one whole formula.
    #[must_use]
    pub fn is_formula(&self, tokens: &[u8]) -> bool {
        self.check(tokens).is_ok()
    }

    /// Refuses tokens that are not one whole formula: read from the right, every
    /// token takes its operands from a stack, and one value must be left.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`].
    pub fn check(&self, tokens: &[u8]) -> Result<()> {
        let mut depth = 0_usize;
        for &token in tokens.iter().rev() {
            let arity = self.arities.get(usize::from(token)).copied().flatten();
            depth = arity
                .and_then(|arity| depth.checked_sub(arity))
                .ok_or(Error::Malformed { depth: 0 })?
                + 1;
        }
        if depth == 1 {
            Ok(())
        } else {
            Err(Error::Malformed { depth })
        }
    }

    /// Sum over all tokens by the published table.
    #[must_use]
    pub fn complexity(&self, tokens: &[u8]) -> usize {
        let share = |&token: &u8| match self.token(token) {
            Token::Function(function) => function.complexity(),
            _ => 1,
        };
        tokens.iter().map(share).sum()
    }

    /// Number of operands; none for marks.
    pub(crate) fn arity(&self, token: u8) -> usize {
        self.arities[usize::from(token)].unwrap_or(0)
    }

    /// Number of `const` tokens.
    #[must_use]
    pub fn constants(&self, tokens: &[u8]) -> usize {
        let is_constant = |&&token: &&u8| self.token(token) == Token::Constant;
        tokens.iter().filter(is_constant).count()
    }

    /// End (exclusive) of the subtree that begins at each position.
    ///
    /// # Panics
    ///
    /// If the tokens are not a formula.
    #[must_use]
    pub fn subtree_ends(&self, tokens: &[u8]) -> Vec<usize> {
        let mut ends = vec![0; tokens.len()];
        for start in (0..tokens.len()).rev() {
            let arity = self.arities[usize::from(tokens[start])].expect("a formula has no marks");
            ends[start] = (0..arity).fold(start + 1, |end, _| ends[end]);
        }
        ends
    }

    /// The formula that the tokens say.
    ///
    /// - `constants`: one for each `const` token, from left to right.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`], [`Error::Constants`], or [`Error::Formula`] if a
    /// constant is not finite.
    pub fn expr(&self, tokens: &[u8], constants: &[f64]) -> Result<Expr> {
        self.check(tokens)?;
        let expected = self.constants(tokens);
        if expected != constants.len() {
            return Err(Error::Constants {
                expected,
                found: constants.len(),
            });
        }
        let mut constants = constants.iter().rev();
        let mut stack: Vec<Vec<Op>> = Vec::new();
        for &token in tokens.iter().rev() {
            let code = match self.token(token) {
                Token::Number(value) => vec![number(value)],
                Token::Constant => constants
                    .next()
                    .map(|&value| Op::Const(value))
                    .into_iter()
                    .collect(),
                Token::Column(index) => vec![Op::Column(index)],
                Token::Function(function) => {
                    let operands = stack.split_off(stack.len() - function.arity());
                    self.apply(function, operands)
                }
                Token::Begin | Token::End | Token::Padding => {
                    return Err(Error::Malformed { depth: 0 });
                }
            };
            stack.push(code);
        }
        Ok(Expr::new(stack.concat())?)
    }

    /// - `operands`: the last one first, as they lie on the stack.
    fn apply(&self, function: Function, operands: Vec<Vec<Op>>) -> Vec<Op> {
        let euler = [Op::Integer(1), Op::Exp];
        let op = match function {
            Function::Add => Op::Add,
            Function::Sub => Op::Sub,
            Function::Mul => Op::Mul,
            Function::Div => Op::Div,
            Function::Sin => Op::Sin,
            Function::Cos => Op::Cos,
            Function::Log => Op::Log,
            Function::Sqrt => Op::Sqrt,
            Function::Exp => Op::Exp,
            Function::Square => Op::Square,
            Function::Pow => match operands[0][..] {
                [Op::Integer(n)] if Op::power(n.into()).is_some() => {
                    let power = Op::power(n.into());
                    return operands[1].iter().copied().chain(power).collect();
                }
                _ => Op::Pow,
            },
            Function::E => return euler.to_vec(),
            Function::Pi if self.words.as_published_pi => return euler.to_vec(),
            Function::Pi => return vec![Op::Pi],
            Function::Half => return vec![Op::Integer(1), Op::Integer(2), Op::Div],
        };
        operands.into_iter().rev().flatten().chain([op]).collect()
    }

    /// The tokens of a formula and the values of its `const` tokens; nothing if
    /// the grammar lacks a word for a part of it.
    ///
    /// Numbers that the grammar has not become `const`, if there is one.
    #[must_use]
    pub fn tokens_of(&self, expr: &Expr) -> Option<(Vec<u8>, Vec<f64>)> {
        let mut stack: Vec<(Vec<u8>, Vec<f64>)> = Vec::new();
        for &op in expr.code() {
            let operands = stack.split_off(stack.len() - op.arity());
            let (head, tail) = self.spelled(op)?;
            let constants: Vec<f64> = match op {
                Op::Const(value) if self.word_of(value).is_none() => vec![value],
                Op::Integer(value) if self.word_of(value.into()).is_none() => vec![value.into()],
                _ => operands
                    .iter()
                    .flat_map(|(_, c)| c.iter().copied())
                    .collect(),
            };
            let operands = operands.into_iter().flat_map(|(tokens, _)| tokens);
            stack.push((
                head.into_iter().chain(operands).chain(tail).collect(),
                constants,
            ));
        }
        stack.pop()
    }

    fn word_of(&self, value: f64) -> Option<u8> {
        self.index(Token::Number(value))
    }

    /// The words before and after the operands.
    fn spelled(&self, op: Op) -> Option<(Vec<u8>, Vec<u8>)> {
        let plain = |function| Some((vec![self.index(Token::Function(function))?], vec![]));
        let number = |value| {
            let word = self.word_of(value).or_else(|| self.index(Token::Constant));
            Some((vec![word?], vec![]))
        };
        let power = |exponent| {
            let word = self.word_of(exponent)?;
            Some((
                vec![self.index(Token::Function(Function::Pow))?],
                vec![word],
            ))
        };
        match op {
            Op::Const(value) => number(value),
            Op::Integer(value) => number(value.into()),
            Op::Pi => plain(Function::Pi),
            Op::Column(index) => Some((vec![self.index(Token::Column(index))?], vec![])),
            Op::Add => plain(Function::Add),
            Op::Sub => plain(Function::Sub),
            Op::Mul => plain(Function::Mul),
            Op::Div => plain(Function::Div),
            Op::Square => plain(Function::Square).or_else(|| power(2.0)),
            Op::Sqrt => plain(Function::Sqrt),
            Op::Exp => plain(Function::Exp),
            Op::Log => plain(Function::Log),
            Op::Sin => plain(Function::Sin),
            Op::Cos => plain(Function::Cos),
            Op::Pow => plain(Function::Pow),
            Op::Cube => power(3.0),
            Op::Powi(n) => power(n.into()),
            Op::Neg => {
                let product = self.index(Token::Function(Function::Mul))?;
                Some((vec![product, self.word_of(-1.0)?], vec![]))
            }
            Op::Inv => {
                let quotient = self.index(Token::Function(Function::Div))?;
                Some((vec![quotient, self.word_of(1.0)?], vec![]))
            }
            Op::Cbrt | Op::Tanh | Op::Abs | Op::Min | Op::Max => None,
        }
    }
}

/// What a word may be in any grammar: `0.5` is a function without operands, or a number.
pub(crate) fn meanings(word: &str) -> impl Iterator<Item = Token> + use<'_> {
    let column = || {
        let index: u32 = word.strip_prefix('x')?.parse().ok()?;
        index.checked_sub(1).map(Token::Column)
    };
    let named = Function::named(word).map(Token::Function);
    let constant = (word == "const").then_some(Token::Constant);
    let number = word.parse().ok().map(Token::Number);
    [named, constant, number, column()].into_iter().flatten()
}

#[expect(clippy::cast_possible_truncation, reason = "compared afterwards")]
fn number(value: f64) -> Op {
    let whole = value as i32;
    if f64::from(whole).to_bits() == value.to_bits() {
        Op::Integer(whole)
    } else {
        Op::Const(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grammar() -> Grammar {
        Grammar::new(Words {
            functions: Function::ALL.to_vec(),
            constant: true,
            columns: 2,
            ..Words::default()
        })
        .unwrap()
    }

    #[test]
    fn token_lists_are_formulas_and_formulas_token_lists() {
        let grammar = grammar();
        for (text, said, complexity) in [
            ("sub x1 div x2 3", "x0 - x1 / 3", 6),
            ("pow x1 3", "x0^3", 6),
            ("pow x1 x2", "pow(x0, x1)", 6),
            ("mul pi pow2 cos x2", "pi * cos(x1)^2", 9),
            ("mul const add x1 const", "2.5 * (x0 + 1.5)", 5),
        ] {
            let tokens = grammar.parse(text).unwrap();
            let constants = [2.5, 1.5][..grammar.constants(&tokens)].to_vec();
            let expr = grammar.expr(&tokens, &constants).unwrap();
            assert_eq!(expr.to_string(), said);
            assert_eq!(grammar.complexity(&tokens), complexity);
            assert_eq!(grammar.tokens_of(&expr), Some((tokens.clone(), constants)));
            assert_eq!(grammar.text(&tokens), text);
        }
    }

    #[test]
    fn what_is_no_formula_is_refused() {
        let grammar = grammar();
        assert_eq!(grammar.parse("add x1"), Err(Error::Malformed { depth: 0 }));
        assert_eq!(grammar.parse("x1 x2"), Err(Error::Malformed { depth: 2 }));
        assert!(matches!(grammar.parse("tanh x1"), Err(Error::Word { .. })));
        assert!(!grammar.is_formula(&[grammar.begin()]));
        assert!(!grammar.is_formula(&[]));
        assert!(grammar.expr(&grammar.parse("const").unwrap(), &[]).is_err());
        assert!(
            Grammar::new(Words {
                columns: 0,
                ..Words::default()
            })
            .is_err()
        );
    }

    #[test]
    fn the_published_pi_is_e() {
        let words = Words {
            as_published_pi: true,
            ..grammar().words().clone()
        };
        let published = Grammar::new(words).unwrap();
        assert_eq!(published.named_constant(Function::Pi), std::f64::consts::E);
        assert_eq!(grammar().named_constant(Function::Pi), std::f64::consts::PI);
        let tokens = published.parse("pi").unwrap();
        assert_eq!(published.expr(&tokens, &[]).unwrap().to_string(), "exp(1)");
    }

    #[test]
    fn subtrees_end_where_their_operands_do() {
        let grammar = grammar();
        let tokens = grammar.parse("add mul x1 sin x2 1").unwrap();
        assert_eq!(grammar.subtree_ends(&tokens), [6, 5, 3, 5, 5, 6]);
    }
}
