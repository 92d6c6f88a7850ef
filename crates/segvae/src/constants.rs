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
use symreg::{Machine, Table, constants::fit::Fit};

use crate::{Grammar, settings::Constants};

/// Memory of fits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fitter {
    machine: Machine,
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
            let Some(fit) = Fit::new(code, table, target, &mut self.machine) else {
                continue;
            };
            let fit = fit.improved(table, target, &mut self.machine, settings.iterations);
            if fit.ended {
                return Some(fit.constants().collect());
            }
            if best.as_ref().is_none_or(|best| fit.squares < best.squares) {
                best = Some(fit);
            }
        }
        best.map(|fit| fit.constants().collect())
    }
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
