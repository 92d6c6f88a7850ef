//! p values of many tests, adjusted for their number.
//!
//! An adjusted p value is compared with the significance as one of a single test
//! would be. Which adjustment depends on what must be rare: any false find at all
//! ([`holm`], always better than [`bonferroni`]), or a large share of false ones
//! among those found ([`benjamini_hochberg`]).

use crate::{Error, Result};

/// Bonferroni's adjustment, `min(1, m p)` of `m` tests.
///
/// Bounds the probability of any false find, whatever the tests have in common.
///
/// # Errors
///
/// [`Error::Range`] if a p value is not in `[0, 1]`.
///
/// # Examples
///
/// ```
/// use statistics::bonferroni;
/// assert_eq!(bonferroni(&[0.25, 0.125])?, [0.5, 0.25]);
/// # Ok::<(), statistics::Error>(())
/// ```
///
/// # Source
///
/// Dunn, *J. Am. Stat. Assoc.* **56**, 52 (1961).
pub fn bonferroni(p: &[f64]) -> Result<Vec<f64>> {
    check(p)?;
    let tests = p.len() as f64;
    Ok(p.iter().map(|p| (tests * p).min(1.0)).collect())
}

/// Holm's adjustment: the smallest p value times `m`, the next times `m - 1` and
/// so on, none below the one before it, at most 1.
///
/// Bounds the probability of any false find, whatever the tests have in common.
///
/// # Errors
///
/// [`Error::Range`] if a p value is not in `[0, 1]`.
///
/// # Examples
///
/// ```
/// use statistics::holm;
/// assert_eq!(holm(&[0.25, 0.125, 0.75])?, [0.5, 0.375, 0.75]);
/// # Ok::<(), statistics::Error>(())
/// ```
///
/// # Source
///
/// Holm, *Scand. J. Stat.* **6**, 65 (1979).
pub fn holm(p: &[f64]) -> Result<Vec<f64>> {
    check(p)?;
    let mut adjusted = vec![0.0; p.len()];
    let mut largest = 0.0_f64;
    for (place, test) in rising(p).into_iter().enumerate() {
        let left = (p.len() - place) as f64;
        largest = largest.max((left * p[test]).min(1.0));
        adjusted[test] = largest;
    }
    Ok(adjusted)
}

/// Benjamini and Hochberg's adjustment: the `i`-th smallest p value times `m/i`,
/// none above the one after it.
///
/// Bounds the expected share of false finds among the finds. Assumes tests that
/// are independent or positively dependent.
///
/// # Errors
///
/// [`Error::Range`] if a p value is not in `[0, 1]`.
///
/// # Examples
///
/// ```
/// use statistics::benjamini_hochberg;
/// assert_eq!(benjamini_hochberg(&[0.5, 0.125])?, [0.5, 0.25]);
/// # Ok::<(), statistics::Error>(())
/// ```
///
/// # Source
///
/// Benjamini & Hochberg, *J. R. Stat. Soc. B* **57**, 289 (1995).
pub fn benjamini_hochberg(p: &[f64]) -> Result<Vec<f64>> {
    check(p)?;
    let tests = p.len() as f64;
    let mut adjusted = vec![0.0; p.len()];
    let mut smallest = 1.0_f64;
    for (place, test) in rising(p).into_iter().enumerate().rev() {
        smallest = smallest.min(p[test] * (tests / (place + 1) as f64));
        adjusted[test] = smallest;
    }
    Ok(adjusted)
}

/// Places of the p values in rising order.
fn rising(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    order
}

fn check(p: &[f64]) -> Result<()> {
    match p.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        Some(value) => Err(Error::Range {
            what: "a p value",
            expected: "between 0 and 1",
            value: *value,
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_probability_is_refused() {
        for p in [f64::NAN, -0.1, 1.5] {
            assert!(holm(&[0.5, p]).is_err());
            assert!(bonferroni(&[0.5, p]).is_err());
            assert!(benjamini_hochberg(&[0.5, p]).is_err());
        }
        assert_eq!(holm(&[]), Ok(Vec::new()));
    }

    proptest! {
        /// Never below the p value, in the same order, and Holm's between
        /// Benjamini–Hochberg's and Bonferroni's.
        #[test]
        fn adjusted_values_keep_their_order(p in prop::collection::vec(0.0..=1.0, 1..20)) {
            let bonferroni = bonferroni(&p).unwrap();
            let holm = holm(&p).unwrap();
            let found = benjamini_hochberg(&p).unwrap();
            for i in 0..p.len() {
                // rounding of a product
                prop_assert!(p[i] <= found[i] * (1.0 + 1e-15));
                prop_assert!(found[i] <= holm[i] * (1.0 + 1e-15));
                prop_assert!(holm[i] <= bonferroni[i] * (1.0 + 1e-15));
                for j in 0..p.len() {
                    prop_assert!(p[i] > p[j] || (holm[i] <= holm[j] && found[i] <= found[j]));
                }
            }
        }
    }
}
