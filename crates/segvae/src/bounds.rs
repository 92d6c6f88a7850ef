//! What a formula's values cannot leave while the variables stay in a box.
//!
//! The published search draws ten thousand random points for every formula and
//! refuses it if one value is not a number or out of range. Where interval
//! arithmetic proves that no point can be such, none need be drawn: the
//! outcome is the same.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use crate::{
    Function, Grammar,
    grammar::Token,
    operator::{CEILING, DIVISOR_FLOOR, LOG_FLOOR, safe_exp},
};

/// Part of a bound by which it is moved outward, against rounding.
const SLACK: f64 = 1e-12;

/// Lowest and highest values, none of which is missing; nothing if that cannot
/// be shown.
///
/// - `ranges`: of every variable.
///
/// # Panics
///
/// If the tokens are no formula, or a range or constant is lacking.
#[must_use]
pub fn bounds(
    grammar: &Grammar,
    tokens: &[u8],
    constants: &[f64],
    ranges: &[(f64, f64)],
) -> Option<(f64, f64)> {
    let mut stack: [(f64, f64); 256] = [(0.0, 0.0); 256];
    let mut constants = constants.iter().rev();
    let mut depth = 0;
    if tokens.len() > stack.len() {
        return None;
    }
    for &token in tokens.iter().rev() {
        let range = match grammar.token(token) {
            Token::Number(value) => (value, value),
            Token::Constant => {
                let value = *constants.next().expect("a constant for every token");
                (value, value)
            }
            Token::Column(index) => ranges[index as usize],
            Token::Function(function) => {
                depth -= function.arity();
                let (a, b) = match function.arity() {
                    2 => (stack[depth + 1], stack[depth]),
                    1 => (stack[depth], (0.0, 0.0)),
                    _ => {
                        let value = grammar.named_constant(function);
                        ((value, value), (value, value))
                    }
                };
                apply(function, a, b)?
            }
            Token::Begin | Token::End | Token::Padding => panic!("a formula has no marks"),
        };
        stack[depth] = widened(range)?;
        depth += 1;
    }
    Some(stack[0])
}

fn widened((low, high): (f64, f64)) -> Option<(f64, f64)> {
    let range = (low - SLACK * low.abs(), high + SLACK * high.abs());
    (range.0.is_finite() && range.1.is_finite()).then_some(range)
}

fn apply(function: Function, a: (f64, f64), b: (f64, f64)) -> Option<(f64, f64)> {
    let range = match function {
        Function::Add => (a.0 + b.0, a.1 + b.1),
        Function::Sub => (a.0 - b.1, a.1 - b.0),
        Function::Mul => hull([a.0 * b.0, a.0 * b.1, a.1 * b.0, a.1 * b.1]),
        Function::Div => {
            let safe = b.0 > DIVISOR_FLOOR || b.1 < -DIVISOR_FLOOR;
            return safe.then(|| hull([a.0 / b.0, a.0 / b.1, a.1 / b.0, a.1 / b.1]));
        }
        Function::Sin => cosine((a.0 - FRAC_PI_2, a.1 - FRAC_PI_2)),
        Function::Cos => cosine(a),
        Function::Log => return (a.0 > LOG_FLOOR).then(|| (a.0.ln(), a.1.ln())),
        Function::Sqrt => return (a.0 > 0.0).then(|| (a.0.sqrt(), a.1.sqrt())),
        Function::Exp => (safe_exp(a.0), safe_exp(a.1)),
        Function::Square => square(a),
        Function::Pow if a.0 > LOG_FLOOR => {
            let (low, high) = (a.0.ln(), a.1.ln());
            let exponent = hull([b.0 * low, b.0 * high, b.1 * low, b.1 * high]);
            (safe_exp(exponent.0), safe_exp(exponent.1))
        }
        // Its exponential lets nothing through that is not a number.
        Function::Pow => (-CEILING, CEILING),
        Function::E | Function::Pi | Function::Half => a,
    };
    Some(range)
}

/// Ends and turning points; a billionth more on either side, for the rounding of
/// angles of up to a million.
fn cosine((low, high): (f64, f64)) -> (f64, f64) {
    if low.abs().max(high.abs()) > 1e6 {
        return (-1.0, 1.0);
    }
    // Whether a multiple of 2π, moved by an angle, lies between.
    let passes =
        |angle: f64| ((high - angle) / TAU + 1e-9).floor() >= ((low - angle) / TAU - 1e-9).ceil();
    let (begin, end) = (low.cos(), high.cos());
    let least = if passes(PI) {
        -1.0
    } else {
        begin.min(end) - 1e-9
    };
    let most = if passes(0.0) {
        1.0
    } else {
        begin.max(end) + 1e-9
    };
    (least.max(-1.0), most.min(1.0))
}

fn square((low, high): (f64, f64)) -> (f64, f64) {
    let ends = hull([low * low, high * high, low * low, high * high]);
    let touches_zero = low <= LOG_FLOOR && high >= -LOG_FLOOR;
    if touches_zero {
        (0.0, CEILING)
    } else {
        (ends.0.min(CEILING), ends.1.min(CEILING))
    }
}

fn hull(values: [f64; 4]) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values {
        if value.is_nan() {
            return (f64::NAN, f64::NAN);
        }
        low = low.min(value);
        high = high.max(value);
    }
    (low, high)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use symreg::{Column, Table};

    use super::*;
    use crate::{evaluate::Evaluator, grammar::Words, library::random_formula};

    fn grammar() -> Grammar {
        Grammar::new(Words {
            functions: Function::ALL.to_vec(),
            ..Words::default()
        })
        .unwrap()
    }

    #[test]
    fn by_hand() {
        let grammar = grammar();
        let of = |text: &str| bounds(&grammar, &grammar.parse(text).unwrap(), &[], &[(-1.0, 2.0)]);
        let (low, high) = of("sub 1 mul 2 x1").unwrap();
        assert!((-3.0 - 1e-9..=-3.0).contains(&low) && (3.0..3.0 + 1e-9).contains(&high));
        let (low, high) = of("cos x1").unwrap();
        assert!((low - 2.0_f64.cos()).abs() < 1e-8 && (1.0..1.0 + 1e-9).contains(&high));
        let (low, high) = of("sin x1").unwrap();
        assert!((low + 1.0_f64.sin()).abs() < 1e-8 && (1.0..1.0 + 1e-9).contains(&high));
        assert_eq!(of("log x1"), None);
        assert_eq!(of("div 1 x1"), None);
        assert_eq!(of("pow2 x1").map(|b| b.1 >= CEILING), Some(true));
    }

    /// Of thousands of random formulas, on a grid of points.
    #[test]
    fn no_value_leaves_the_bounds() {
        let grammar = grammar();
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let points: Vec<f64> = (0..=400).map(|i| -1.0 + 0.0075 * f64::from(i)).collect();
        let table = Table::new(vec![(Column::new("x", ""), points)]).unwrap();
        let (mut evaluator, mut values) = (Evaluator::default(), vec![0.0; 401]);
        let mut proven = 0;
        for _ in 0..5000 {
            let tokens = random_formula(&grammar, 15, &mut random);
            if let Some((low, high)) = bounds(&grammar, &tokens, &[], &[(-1.0, 2.0)]) {
                proven += 1;
                evaluator.values(&grammar, &tokens, &[], &table, &mut values);
                assert!(
                    values.iter().all(|v| (low..=high).contains(v)),
                    "{}",
                    grammar.text(&tokens)
                );
            }
        }
        assert!(proven > 2500, "{proven}");
    }
}
