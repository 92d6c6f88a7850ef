//! Fitting the `const` tokens of a formula as it is written.
//!
//! The published programme minimises the mean squared error by a quasi-Newton
//! method (BFGS) from constants in `(0.1, 1)`, and starts anew, up to five times,
//! until one run comes to its end. Starts and restarts are the same here; the method
//! is Levenberg and Marquardt's, which knows that the error is a sum of squares.
//! Derivatives are those of the textbook functions: at the guards of the safe ones
//! there are none.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use symreg::{Machine, Op, Table, least_squares::solve};

use crate::{Grammar, settings::Constants};

/// Relative improvement of the sum of squares at which a fit has come to its end.
const CONVERGED: f64 = 1e-12;

/// Where a start has come to.
struct Fit {
    constants: Vec<f64>,
    /// Sum of squared errors.
    squares: f64,
    /// Whether no step was left that helps.
    ended: bool,
}

/// Memory of fits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fitter {
    machine: Machine,
    values: Vec<f64>,
    jacobian: Vec<f64>,
}

impl Fitter {
    /// Constants for which the formula is close to the target: where the first start
    /// ends that comes to its end, or else where the best start is after all steps;
    /// nothing if the formula has no derivatives at any start.
    ///
    /// - `seed`: of the random starts.
    pub(crate) fn fit(
        &mut self,
        grammar: &Grammar,
        tokens: &[u8],
        (table, target): (&Table, &[f64]),
        settings: &Constants,
        seed: u64,
    ) -> Option<Vec<f64>> {
        let count = grammar.constants(tokens);
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut best: Option<Fit> = None;
        for _ in 0..settings.starts {
            let start: Vec<f64> = (0..count).map(|_| random.random_range(0.1..1.0)).collect();
            let code = grammar.expr(tokens, &start).ok()?.code().to_vec();
            let Some(fit) = self.descend(code, table, target, settings.iterations) else {
                continue;
            };
            if fit.ended {
                return Some(fit.constants);
            }
            if best.as_ref().is_none_or(|best| fit.squares < best.squares) {
                best = Some(fit);
            }
        }
        best.map(|fit| fit.constants)
    }

    fn descend(
        &mut self,
        mut code: Vec<Op>,
        table: &Table,
        target: &[f64],
        steps: usize,
    ) -> Option<Fit> {
        let mut squares = self.squares(&code, table, target)?;
        let mut damping = 1e-3;
        let mut ended = false;
        for _ in 0..steps {
            let before = squares;
            let (normal, slope) = self.normal_equations(&code, target);
            let mut better = false;
            for _ in 0..8 {
                let Some(next) = moved(&code, &normal, &slope, damping) else {
                    damping *= 10.0;
                    continue;
                };
                match self.squares(&next, table, target) {
                    Some(sum) if sum < squares => {
                        (code, squares, better) = (next, sum, true);
                        damping = (damping * 0.1).max(1e-12);
                        break;
                    }
                    _ => damping *= 10.0,
                }
            }
            ended = !better || before - squares <= CONVERGED * before;
            if ended {
                break;
            }
        }
        Some(Fit {
            constants: constants(&code),
            squares,
            ended,
        })
    }

    /// Sum of squared errors; nothing where a value or derivative is not finite.
    fn squares(&mut self, code: &[Op], table: &Table, target: &[f64]) -> Option<f64> {
        let (rows, count) = (target.len(), constants(code).len());
        self.values.resize(rows, 0.0);
        self.jacobian.resize(rows * count, 0.0);
        self.machine
            .derivatives(code, table, &mut self.values, &mut self.jacobian);
        let errors = self
            .values
            .iter()
            .zip(target)
            .map(|(v, y)| (v - y) * (v - y));
        let sum: f64 = errors.sum();
        (sum.is_finite() && self.jacobian.iter().all(|d| d.is_finite())).then_some(sum)
    }

    /// `JᵀJ` and `Jᵀr`.
    fn normal_equations(&self, code: &[Op], target: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (rows, count) = (target.len(), constants(code).len());
        let column = |k: usize| &self.jacobian[k * rows..(k + 1) * rows];
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let residual: Vec<f64> = target
            .iter()
            .zip(&self.values)
            .map(|(y, v)| y - v)
            .collect();
        let normal = (0..count * count).map(|i| dot(column(i / count), column(i % count)));
        let slope = (0..count).map(|k| dot(column(k), &residual));
        (normal.collect(), slope.collect())
    }
}

fn constants(code: &[Op]) -> Vec<f64> {
    let value = |op: &Op| match *op {
        Op::Const(value) => Some(value),
        _ => None,
    };
    code.iter().filter_map(value).collect()
}

/// The code after one damped step.
fn moved(code: &[Op], normal: &[f64], slope: &[f64], damping: f64) -> Option<Vec<Op>> {
    let count = slope.len();
    let mut damped = normal.to_vec();
    for k in 0..count {
        damped[k * count + k] = damped[k * count + k] * (1.0 + damping) + f64::MIN_POSITIVE;
    }
    let step = solve(damped, slope.to_vec())?;
    let mut step = step.into_iter();
    let code = code.iter().map(|&op| match op {
        Op::Const(value) => Op::Const(value + step.next().unwrap_or(0.0)),
        other => other,
    });
    let code: Vec<Op> = code.collect();
    constants(&code)
        .iter()
        .all(|c| c.is_finite())
        .then_some(code)
}

#[cfg(test)]
mod tests {
    use symreg::Column;

    use super::*;
    use crate::grammar::Words;

    /// Constants of `text` for `law`, by fits of so many steps from so many starts.
    fn fitted(text: &str, law: fn(f64) -> f64, (starts, iterations): (usize, usize)) -> Vec<f64> {
        let grammar = Grammar::new(Words {
            constant: true,
            ..Words::default()
        })
        .unwrap();
        let x: Vec<f64> = (0..20).map(|i| 0.1 * f64::from(i)).collect();
        let y: Vec<f64> = x.iter().map(|&x| law(x)).collect();
        let table = Table::new(vec![(Column::new("x", ""), x)]).unwrap();
        let settings = Constants {
            starts,
            iterations,
            ..Constants::default()
        };
        let tokens = grammar.parse(text).unwrap();
        let fitted = Fitter::default().fit(&grammar, &tokens, (&table, &y), &settings, 1);
        fitted.unwrap()
    }

    #[test]
    fn of_starts_that_do_not_come_to_an_end_the_best_counts() {
        let off = |starts| (fitted("sin mul const x1", |x| (2.5 * x).sin(), starts)[0] - 2.5).abs();
        // one step from each of so many starts
        let offs = [off((1, 1)), off((5, 1)), off((40, 1))];
        assert!(offs[2] < offs[0] && offs[1] <= offs[0], "{offs:?}");
        // the first start ends where others would end elsewhere
        assert_eq!(off((1, 500)), off((5, 500)));
    }

    #[test]
    fn constants_are_found_in_their_places() {
        let law = |x: f64| 0.7 - (0.3 * x).exp();
        let fitted = fitted("sub const exp mul x1 const", law, (5, 50));
        approx::assert_relative_eq!(fitted[0], 0.7, max_relative = 1e-6);
        approx::assert_relative_eq!(fitted[1], 0.3, max_relative = 1e-6);
    }
}
