//! Wilcoxon's signed-rank test.

use serde::Serialize;

use crate::{Result, check, distribution::normal_below, midranks, ranks::tie_term};

/// Up to this many differences the distribution is exact.
pub const EXACT_UP_TO: usize = 50;

/// What a test holds against "there is no difference".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Alternative {
    /// There is a difference of either sign.
    TwoSided,
    /// Differences tend to be positive.
    Greater,
    /// Differences tend to be negative.
    Less,
}

/// Whether the normal approximation allows for the steps of the statistic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Continuity {
    /// The statistic is moved half a step to its mean.
    Corrected,
    /// The statistic is taken as it is.
    Plain,
}

/// The outcome of a signed-rank test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SignedRank {
    /// Differences that are not zero.
    pub count: usize,
    /// Sum of the ranks of the positive differences, `W⁺`.
    pub positive: f64,
    /// Sum of the ranks of the negative differences, `W⁻`.
    pub negative: f64,
    /// Probability of such a sum, or one further off, if there is no difference.
    pub p: f64,
    /// Whether `p` is exact; otherwise it is the normal approximation.
    pub exact: bool,
}

/// Tests whether differences of pairs are symmetric about zero.
///
/// Differences of zero are dropped, the others are ranked by their size, and the
/// ranks of the positive ones are summed to `W⁺`. Under no difference each sign
/// is a coin toss. The distribution of `W⁺` over all tosses is counted out for
/// at most [`EXACT_UP_TO`] differences if none is zero and no two have the same
/// size. Otherwise `W⁺` is taken as normal with the mean `N(N + 1)/4` and the
/// variance `(N(N + 1)(2N + 1) - ½Σ(t³ - t)) / 24`, the sum being over groups of
/// `t` equal sizes. If all differences are zero, `p` is 1.
///
/// Assumes pairs that are independent and differences that are symmetric about
/// their median. Repeats on overlapping subsamples are not independent: see
/// [`PairedT`](crate::PairedT).
///
/// - `differences`: one a pair, in any unit.
/// - `continuity`: used by the approximation only.
///
/// # Errors
///
/// [`Error::TooFew`](crate::Error::TooFew) without differences,
/// [`Error::NotFinite`](crate::Error::NotFinite) if one is not finite.
///
/// # Examples
///
/// ```
/// use statistics::{Alternative, Continuity, wilcoxon};
/// let test = wilcoxon(&[0.3, 0.1, 0.4, 0.2], Alternative::Greater, Continuity::Plain)?;
/// assert_eq!(test.positive, 10.0);
/// assert_eq!(test.p, 1.0 / 16.0); // one of 2⁴ choices of signs
/// # Ok::<(), statistics::Error>(())
/// ```
///
/// # Source
///
/// Wilcoxon, *Biometrics Bulletin* **1**, 80 (1945); ties after Pratt & Gibbons,
/// *Concepts of Nonparametric Theory* (1981), chapter 3. Conventions are those
/// of `scipy.stats.wilcoxon` with `zero_method="wilcox"`, but that the
/// correction for continuity never moves the statistic beyond its mean.
pub fn wilcoxon(
    differences: &[f64],
    alternative: Alternative,
    continuity: Continuity,
) -> Result<SignedRank> {
    check::enough("differences", differences.len(), 1)?;
    check::finite("differences", differences)?;
    let kept: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    let sizes: Vec<f64> = kept.iter().map(|d| d.abs()).collect();
    let ranks = midranks(&sizes)?;
    let sum_of = |sign: f64| -> f64 {
        let signed = kept.iter().zip(&ranks).filter(|(d, _)| *d * sign > 0.0);
        signed.map(|(_, rank)| rank).sum()
    };
    let (positive, negative) = (sum_of(1.0), sum_of(-1.0));
    let ties = tie_term(&sizes);
    let exact = kept.len() == differences.len() && kept.len() <= EXACT_UP_TO && ties == 0.0;
    let p = if kept.is_empty() {
        1.0
    } else if exact {
        exact_p(kept.len(), positive, alternative)
    } else {
        approximate_p(kept.len(), positive, ties, alternative, continuity)
    };
    Ok(SignedRank {
        count: kept.len(),
        positive,
        negative,
        p,
        exact,
    })
}

/// Counts the choices of signs. Their number, at most 2⁵⁰, and every sum of them
/// is a whole number that `f64` holds exactly.
fn exact_p(count: usize, positive: f64, alternative: Alternative) -> f64 {
    let ways = ways(count);
    let total: f64 = ways.iter().sum();
    let sum_where = |keep: &dyn Fn(f64) -> bool| -> f64 {
        let kept = ways.iter().enumerate().filter(|(w, _)| keep(*w as f64));
        kept.map(|(_, ways)| ways).sum::<f64>() / total
    };
    let below = sum_where(&|w| w <= positive);
    let above = sum_where(&|w| w >= positive);
    match alternative {
        Alternative::TwoSided => (2.0 * below.min(above)).min(1.0),
        Alternative::Greater => above,
        Alternative::Less => below,
    }
}

/// How many subsets of the ranks `1 … count` have the sum 0, 1, 2, ….
fn ways(count: usize) -> Vec<f64> {
    let mut ways = vec![0.0; count * (count + 1) / 2 + 1];
    ways[0] = 1.0;
    for rank in 1..=count {
        for sum in (rank..ways.len()).rev() {
            ways[sum] += ways[sum - rank];
        }
    }
    ways
}

fn approximate_p(
    count: usize,
    positive: f64,
    ties: f64,
    alternative: Alternative,
    continuity: Continuity,
) -> f64 {
    let n = count as f64;
    let variance = (n * (n + 1.0) * (2.0 * n + 1.0) - 0.5 * ties) / 24.0;
    let off = positive - n * (n + 1.0) / 4.0;
    let half = match continuity {
        Continuity::Corrected => 0.5,
        Continuity::Plain => 0.0,
    };
    let deviation = variance.sqrt();
    match alternative {
        Alternative::TwoSided => {
            let z = (off.abs() - half).max(0.0) / deviation;
            2.0 * normal_below(-z)
        }
        Alternative::Greater => normal_below((half - off) / deviation),
        Alternative::Less => normal_below((off + half) / deviation),
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn ways_by_hand() {
        // {}, {1}, {2}, {1,2} and {3}, {1,3}, {2,3}, {1,2,3}
        assert_eq!(ways(3), [1.0, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0]);
        assert_eq!(ways(50).iter().sum::<f64>(), 2_f64.powi(50));
    }

    #[test]
    fn no_difference_at_all_is_no_evidence() {
        for alternative in [Alternative::TwoSided, Alternative::Less] {
            let test = wilcoxon(&[0.0, 0.0], alternative, Continuity::Corrected).unwrap();
            assert_eq!((test.count, test.p), (0, 1.0));
        }
    }

    #[test]
    fn a_tie_or_a_zero_makes_it_approximate() {
        let p = |d: &[f64]| wilcoxon(d, Alternative::TwoSided, Continuity::Plain).unwrap();
        assert!(p(&[1.0, 2.0, -3.0]).exact);
        assert!(!p(&[1.0, 2.0, -2.0]).exact);
        assert!(!p(&[1.0, 2.0, 0.0]).exact);
    }

    /// With many differences, the approximation has to come close to the count.
    #[test]
    fn the_approximation_approaches_the_count() {
        for positive in [450.0, 500.0, 638.0, 850.0] {
            let exact = exact_p(50, positive, Alternative::TwoSided);
            let close = approximate_p(
                50,
                positive,
                0.0,
                Alternative::TwoSided,
                Continuity::Corrected,
            );
            // the Edgeworth term of order 1/N that is left out, relative to the
            // tail, is largest far out
            assert_relative_eq!(exact, close, max_relative = 0.05);
        }
    }
}
