//! Two models over the seeds that both have: what a report's sentence needs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    Alternative, Continuity, Interval, PairedT, Repeats, Result, bca, check, summary::mean,
    wilcoxon,
};

/// Two models over shared seeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Paired {
    /// Number of seeds that both have.
    pub pairs: usize,
    /// Mean of `first - second`, in the unit of the errors: negative if the first
    /// is more accurate.
    pub mean_difference: f64,
    /// `mean(second) / mean(first)`: "the first is 1.8 times more accurate". Its
    /// interval is the bias-corrected and accelerated one over seeds. `None` if an
    /// error is not positive, where a ratio has no meaning.
    pub ratio: Option<Interval>,
    /// Seeds where the first is more accurate.
    pub wins: usize,
    /// Seeds where both err alike.
    pub ties: usize,
    /// Seeds where the second is more accurate.
    pub losses: usize,
    /// Two-sided p value of [`wilcoxon`], which takes seeds as independent.
    pub wilcoxon_p: f64,
    /// Two-sided p value of [`PairedT`], corrected for what the seeds have in
    /// common; `None` with one pair.
    pub t_p: Option<f64>,
}

impl Paired {
    /// Summarises two models.
    ///
    /// - `first`, `second`: errors of the same seeds in the same order, in one
    ///   unit; lower is better. [`shared`] makes them.
    /// - `repeats`: what the seeds have in common.
    /// - `level`: of the interval of the ratio, such as 0.95.
    /// - `name`: what is compared; it decides the draws of the bootstrap.
    ///
    /// # Errors
    ///
    /// [`Error::TooFew`](crate::Error::TooFew) without seeds,
    /// [`Error::Length`](crate::Error::Length) if there are not as many of both,
    /// [`Error::NotFinite`](crate::Error::NotFinite) if an error is not finite,
    /// [`Error::Range`](crate::Error::Range) if the level is not between 0 and 1
    /// or as [`PairedT::new`].
    ///
    /// # Examples
    ///
    /// ```
    /// use statistics::{Paired, Repeats};
    /// let (equation, network) = ([50.0, 60.0, 55.0, 35.0], [90.0, 99.0, 100.0, 71.0]);
    /// let overlapping = Repeats::Overlapping { test_over_train: 0.25 };
    /// let paired = Paired::new(&equation, &network, overlapping, 0.95, "gap/50")?;
    /// let ratio = paired.ratio.expect("all errors are positive");
    /// assert_eq!(ratio.estimate, 1.8);
    /// assert!(ratio.low > 1.0);
    /// assert_eq!((paired.wins, paired.wilcoxon_p), (4, 0.125)); // 2 of 2⁴
    /// # Ok::<(), statistics::Error>(())
    /// ```
    ///
    /// # Source
    ///
    /// Those of [`bca`], [`wilcoxon`] and [`PairedT::new`].
    pub fn new(
        first: &[f64],
        second: &[f64],
        repeats: Repeats,
        level: f64,
        name: &str,
    ) -> Result<Self> {
        check::length("the second model", first.len(), second.len())?;
        check::finite("errors of the first model", first)?;
        check::finite("errors of the second model", second)?;
        check::share("the level", level)?;
        let pairs: Vec<(f64, f64)> = first.iter().copied().zip(second.iter().copied()).collect();
        let differences: Vec<f64> = pairs.iter().map(|(a, b)| a - b).collect();
        let ranked = wilcoxon(&differences, Alternative::TwoSided, Continuity::Corrected)?;
        let t_p = if pairs.len() > 1 {
            let test = PairedT::new(&differences, repeats)?;
            Some(test.p(0.0, Alternative::TwoSided))
        } else {
            None
        };
        let wins = differences.iter().filter(|d| **d < 0.0).count();
        Ok(Self {
            pairs: pairs.len(),
            mean_difference: mean(&differences),
            ratio: ratio(&pairs, level, name)?,
            wins,
            ties: pairs.len() - ranked.count,
            losses: ranked.count - wins,
            wilcoxon_p: ranked.p,
            t_p,
        })
    }
}

fn ratio(pairs: &[(f64, f64)], level: f64, name: &str) -> Result<Option<Interval>> {
    if pairs.iter().any(|(a, b)| *a <= 0.0 || *b <= 0.0) {
        return Ok(None);
    }
    let of_sums = |pairs: &[(f64, f64)]| {
        let first: f64 = pairs.iter().map(|pair| pair.0).sum();
        let second: f64 = pairs.iter().map(|pair| pair.1).sum();
        second / first
    };
    bca(pairs, of_sums, level, name).map(Some)
}

/// The errors of two models at the seeds that both have, in order of the seed.
///
/// # Examples
///
/// ```
/// use std::collections::BTreeMap;
/// let first = BTreeMap::from([(1, 0.5), (2, 0.6), (4, 0.7)]);
/// let second = BTreeMap::from([(2, 0.9), (3, 0.8), (4, 0.7)]);
/// assert_eq!(statistics::shared(&first, &second), (vec![0.6, 0.7], vec![0.9, 0.7]));
/// ```
#[must_use]
pub fn shared(first: &BTreeMap<u64, f64>, second: &BTreeMap<u64, f64>) -> (Vec<f64>, Vec<f64>) {
    let pairs = first
        .iter()
        .filter_map(|(seed, a)| Some((*a, *second.get(seed)?)));
    pairs.unzip()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    fn paired(first: &[f64], second: &[f64]) -> Paired {
        let overlapping = Repeats::Overlapping {
            test_over_train: 0.25,
        };
        Paired::new(first, second, overlapping, 0.95, "pair").unwrap()
    }

    #[test]
    fn a_model_does_not_differ_from_itself() {
        let same = paired(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]);
        assert_eq!((same.wins, same.ties, same.losses), (0, 3, 0));
        assert_eq!((same.wilcoxon_p, same.t_p), (1.0, Some(1.0)));
        assert_eq!(same.ratio, Some(Interval::point(1.0)));
    }

    #[test]
    fn one_seed_is_no_evidence() {
        let one = paired(&[1.0], &[2.0]);
        assert_eq!((one.pairs, one.wilcoxon_p, one.t_p), (1, 1.0, None));
        assert_eq!(one.ratio, Some(Interval::point(2.0)));
    }

    #[test]
    fn without_positive_errors_there_is_no_ratio() {
        let exact = paired(&[0.0, 1.0], &[1.0, 2.0]);
        assert_eq!((exact.ratio, exact.wins), (None, 2));
    }

    #[test]
    fn what_does_not_pair_is_refused() {
        let new = |a: &[f64], b: &[f64]| Paired::new(a, b, Repeats::Independent, 0.95, "no");
        assert!(new(&[], &[]).is_err());
        assert!(new(&[1.0], &[1.0, 2.0]).is_err());
        assert!(new(&[1.0, 2.0], &[1.0, f64::NAN]).is_err());
        assert!(Paired::new(&[1.0], &[0.0], Repeats::Independent, 2.0, "no").is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// Exchanging the models mirrors all; neither the order of the seeds nor
        /// the unit moves a p value.
        #[test]
        fn mirrored_and_reordered(
            pairs in prop::collection::vec((0.5..5.0, 0.5..5.0), 2..12),
            turn in 0..12_usize,
        ) {
            let (first, second): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
            let (here, there) = (paired(&first, &second), paired(&second, &first));
            prop_assert_eq!((here.wins, here.losses), (there.losses, there.wins));
            assert_relative_eq!(here.mean_difference, -there.mean_difference);
            assert_relative_eq!(here.wilcoxon_p, there.wilcoxon_p, max_relative = 1e-12);
            let product = here.ratio.unwrap().estimate * there.ratio.unwrap().estimate;
            assert_relative_eq!(product, 1.0, max_relative = 1e-12);

            let mut moved = pairs.clone();
            moved.rotate_left(turn % pairs.len());
            // by a power of two, so that ties stay ties
            let scaled = moved.into_iter().map(|(a, b)| (8.0 * a, 8.0 * b));
            let (first, second): (Vec<f64>, Vec<f64>) = scaled.unzip();
            let moved = paired(&first, &second);
            assert_relative_eq!(moved.wilcoxon_p, here.wilcoxon_p, max_relative = 1e-12);
            // rounding of a sum in another order
            assert_relative_eq!(moved.t_p.unwrap(), here.t_p.unwrap(), max_relative = 1e-8);
        }
    }
}
