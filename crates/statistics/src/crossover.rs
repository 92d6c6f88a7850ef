//! From which size on one model is better than another.

use serde::Serialize;

use crate::{
    Result, check,
    learning_curve::{CURVE_RESAMPLES, means, seeds},
    percentile::expanded,
    resample,
};

/// Where the first model overtakes the second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub enum Outcome {
    /// The first is better at every measured size.
    AlwaysBetter,
    /// The first is not better at the largest measured size: within the measured
    /// sizes it does not overtake, or is itself overtaken.
    NeverWithin,
    /// The first is better from a size between two measured ones on.
    At {
        /// The size.
        size: f64,
        /// Lower end of its interval; `None` if below the smallest measured size.
        low: Option<f64>,
        /// Upper end of its interval; `None` if above the largest measured size.
        high: Option<f64>,
    },
}

/// Where the first model overtakes the second, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Crossover {
    /// By the mean errors of all seeds.
    pub outcome: Outcome,
    /// How often the better model changes from one measured size to the next;
    /// more than once is a sign of noise.
    pub changes: usize,
    /// Share of draws in which the first is better at every measured size.
    pub always: f64,
    /// Share of draws in which it is not better at the largest.
    pub never: f64,
}

/// The size from which on the first model is better than the second, by the
/// errors that were measured.
///
/// The logarithm of the ratio of mean errors is taken as linear in `ln n` between
/// measured sizes; the last place where it turns negative is the crossover. Its
/// interval is from seeds drawn with replacement, the same for both models and
/// all sizes, as those of [`LearningCurve::fit`](crate::LearningCurve::fit).
///
/// Nothing is assumed of the curves, and nothing is said beyond the measured
/// sizes: for that see [`extrapolated_crossover`](crate::extrapolated_crossover).
///
/// - `sizes`: `(K,)`, structures to train on, rising, at least one.
/// - `first`, `second`: `(K, S)`, one row a size, one column a seed; the same
///   seeds in the same order.
/// - `name`: what is compared; it decides the draws.
///
/// # Errors
///
/// [`Error::TooFew`](crate::Error::TooFew) without sizes or seeds,
/// [`Error::Order`](crate::Error::Order) if the sizes do not rise,
/// [`Error::Length`](crate::Error::Length) if the tables have different shapes,
/// [`Error::NotPositive`](crate::Error::NotPositive) if an error is not positive,
/// [`Error::Range`](crate::Error::Range) if the level is not between 0 and 1.
///
/// # Examples
///
/// ```
/// use statistics::{Outcome, crossover};
/// let network = [vec![4.0, 4.0], vec![2.0, 2.0], vec![0.5, 0.5]];
/// let equation = [vec![1.0, 1.0], vec![1.0, 1.0], vec![1.0, 1.0]];
/// let found = crossover(&[25.0, 100.0, 400.0], &network, &equation, 0.95, "a")?;
/// let Outcome::At { size, .. } = found.outcome else { panic!("it overtakes") };
/// assert!((size - 200.0).abs() < 1e-9); // half way in logarithms
/// # Ok::<(), statistics::Error>(())
/// ```
///
/// # Source
///
/// The bootstrap of Efron & Tibshirani (1993), chapter 13; the name is of
/// learning-curve studies such as Perlich, Provost & Simonoff, *J. Mach. Learn.
/// Res.* **4**, 211 (2003).
pub fn crossover(
    sizes: &[f64],
    first: &[Vec<f64>],
    second: &[Vec<f64>],
    level: f64,
    name: &str,
) -> Result<Crossover> {
    check::enough("sizes", sizes.len(), 1)?;
    check::rising(sizes)?;
    check::share("the level", level)?;
    let count = seeds(sizes, first)?;
    check::length(
        "the seeds of the second model",
        count,
        seeds(sizes, second)?,
    )?;
    let place_of = |places: &[usize]| {
        let logarithms = ratios(first, second, places);
        place(sizes, &logarithms)
    };
    let every: Vec<usize> = (0..count).collect();
    let mut random = resample::named(name);
    let drawn: Vec<f64> = (0..CURVE_RESAMPLES)
        .map(|_| place_of(&resample::places(count, &mut random)))
        .collect();
    let share_of = |end: f64| {
        let there = drawn.iter().filter(|place| place.total_cmp(&end).is_eq());
        there.count() as f64 / drawn.len() as f64
    };
    Ok(Crossover {
        outcome: outcome(place_of(&every), &drawn, level, count),
        changes: changes(&ratios(first, second, &every)),
        always: share_of(f64::NEG_INFINITY),
        never: share_of(f64::INFINITY),
    })
}

fn outcome(size: f64, drawn: &[f64], level: f64, seeds: usize) -> Outcome {
    if size.is_finite() {
        let (low, high) = expanded(drawn.to_vec(), level, seeds);
        Outcome::At {
            size,
            low: low.is_finite().then_some(low.min(size)),
            high: high.is_finite().then_some(high.max(size)),
        }
    } else if size < 0.0 {
        Outcome::AlwaysBetter
    } else {
        Outcome::NeverWithin
    }
}

/// `ln(first / second)` of mean errors at every size: negative where the first is
/// better.
fn ratios(first: &[Vec<f64>], second: &[Vec<f64>], places: &[usize]) -> Vec<f64> {
    let pairs = means(first, places).into_iter().zip(means(second, places));
    pairs.map(|(a, b)| (a / b).ln()).collect()
}

/// The size where the ratios turn negative for good; `-∞` if they always are, `∞`
/// if the last is not.
fn place(sizes: &[f64], ratios: &[f64]) -> f64 {
    match ratios.iter().rposition(|ratio| *ratio >= 0.0) {
        None => f64::NEG_INFINITY,
        Some(last) if last + 1 == ratios.len() => f64::INFINITY,
        Some(last) => {
            let share = ratios[last] / (ratios[last] - ratios[last + 1]);
            sizes[last] * (sizes[last + 1] / sizes[last]).powf(share)
        }
    }
}

fn changes(ratios: &[f64]) -> usize {
    let better: Vec<bool> = ratios.iter().map(|ratio| *ratio < 0.0).collect();
    better.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    const SIZES: [f64; 4] = [25.0, 50.0, 100.0, 200.0];

    fn rows(errors: [f64; 4], luck: &[f64]) -> Vec<Vec<f64>> {
        let row = |e: f64| luck.iter().map(|l| e * l).collect();
        errors.map(row).to_vec()
    }

    fn between(first: &[Vec<f64>], second: &[Vec<f64>]) -> Crossover {
        crossover(&SIZES, first, second, 0.95, "pair").unwrap()
    }

    #[test]
    fn the_three_outcomes() {
        let flat = rows([2.0; 4], &[1.0, 1.1]);
        let better = rows([1.9; 4], &[1.0, 1.1]);
        let found = between(&better, &flat);
        assert_eq!((found.outcome, found.always), (Outcome::AlwaysBetter, 1.0));
        let found = between(&flat, &better);
        assert_eq!((found.outcome, found.never), (Outcome::NeverWithin, 1.0));
        let found = between(&rows([4.0, 4.0, 2.0, 1.0], &[1.0, 1.1]), &flat);
        // equal at 100, better from there on
        let Outcome::At { size, low, high } = found.outcome else {
            panic!("it overtakes, found {found:?}");
        };
        assert_relative_eq!(size, 100.0, max_relative = 1e-12);
        assert_eq!((found.changes, found.always, found.never), (1, 0.0, 0.0));
        // luck that both share does not move the place
        assert_relative_eq!(low.unwrap(), 100.0, max_relative = 1e-6);
        assert_relative_eq!(high.unwrap(), 100.0, max_relative = 1e-6);
    }

    #[test]
    fn being_overtaken_is_not_overtaking() {
        let flat = rows([2.0; 4], &[1.0]);
        let worse = rows([1.0, 1.0, 3.0, 3.0], &[1.0]);
        let found = between(&worse, &flat);
        assert_eq!((found.outcome, found.changes), (Outcome::NeverWithin, 1));
    }

    #[test]
    fn the_last_of_several_changes_counts() {
        let flat = rows([2.0; 4], &[1.0]);
        let found = between(&rows([1.0, 4.0, 1.0, 1.0], &[1.0]), &flat);
        assert_eq!(found.changes, 2);
        let Outcome::At { size, .. } = found.outcome else {
            panic!("it overtakes, found {found:?}");
        };
        assert_relative_eq!(size, 5000_f64.sqrt(), max_relative = 1e-12);
    }

    #[test]
    fn seeds_that_disagree_open_the_interval() {
        let flat = rows([2.0; 4], &[1.0, 1.0]);
        let mut first = rows([4.0, 4.0, 3.0, 1.0], &[1.0, 1.0]);
        for row in &mut first {
            row[1] = 1.0; // one is always better
        }
        first[3][0] = 2.9; // and one never, while their mean is
        let found = between(&first, &flat);
        assert!(matches!(
            found.outcome,
            Outcome::At {
                low: None,
                high: None,
                ..
            }
        ));
        // a quarter of the draws has only the one seed, a quarter the other
        assert!((0.2..0.3).contains(&found.always) && (0.2..0.3).contains(&found.never));
    }

    #[test]
    fn tables_that_do_not_pair_are_refused() {
        let one = rows([2.0; 4], &[1.0]);
        let two = rows([2.0; 4], &[1.0, 1.1]);
        assert!(crossover(&SIZES, &one, &two, 0.95, "pair").is_err());
        assert!(crossover(&SIZES[..3], &one, &one, 0.95, "pair").is_err());
        assert!(crossover(&[], &[], &[], 0.95, "pair").is_err());
        assert!(crossover(&SIZES, &one, &one, 0.0, "pair").is_err());
    }
}
