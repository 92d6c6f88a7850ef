//! Ranks that share themselves out among equal values.

use crate::{Result, check};

/// The ranks of values, from 1 for the smallest; equal values share the mean of
/// their places.
///
/// The sum is `N(N + 1)/2`, with ties or without. Values are equal only if they
/// are the same number: a difference in the last digit is a difference.
///
/// # Errors
///
/// [`Error::NotFinite`](crate::Error::NotFinite) if a value is not finite.
///
/// # Examples
///
/// ```
/// use statistics::midranks;
/// assert_eq!(midranks(&[0.5, 9.0, 0.5, 2.0])?, [1.5, 4.0, 1.5, 3.0]);
/// # Ok::<(), statistics::Error>(())
/// ```
///
/// # Source
///
/// Kendall, *Biometrika* **33**, 239 (1945).
pub fn midranks(values: &[f64]) -> Result<Vec<f64>> {
    check::finite("values to rank", values)?;
    let order = order(values);
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for group in order.chunk_by(|a, b| same(values[*a], values[*b])) {
        // the mean of the places before + 1 … before + length
        let rank = before as f64 + (group.len() + 1) as f64 / 2.0;
        for place in group {
            ranks[*place] = rank;
        }
        before += group.len();
    }
    Ok(ranks)
}

/// `Σ(t³ - t)` over groups of `t` equal values: 0 without ties, `N³ - N` if all
/// are equal. The variance of rank statistics shrinks with it.
pub(crate) fn tie_term(values: &[f64]) -> f64 {
    order(values)
        .chunk_by(|a, b| same(values[*a], values[*b]))
        .map(|group| {
            let size = group.len() as f64;
            size * size * size - size
        })
        .sum()
}

/// Places of the values in rising order.
fn order(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    order
}

/// Equal as numbers, so that both zeros are one.
#[allow(clippy::float_cmp)]
fn same(a: f64, b: f64) -> bool {
    a == b
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn by_hand() {
        assert_eq!(midranks(&[3.0, 1.0, 2.0]).unwrap(), [3.0, 1.0, 2.0]);
        assert_eq!(midranks(&[7.0, 7.0, 7.0]).unwrap(), [2.0, 2.0, 2.0]);
        assert_eq!(midranks(&[0.0, -0.0, 1.0]).unwrap(), [1.5, 1.5, 3.0]);
        assert_eq!(midranks(&[]).unwrap(), [0.0; 0]);
        assert!(midranks(&[1.0, f64::NAN]).is_err());
    }

    #[test]
    fn ties_by_hand() {
        assert_eq!(tie_term(&[1.0, 2.0, 3.0]), 0.0);
        assert_eq!(tie_term(&[1.0, 2.0, 2.0, 1.0, 1.0]), 24.0 + 6.0);
    }

    proptest! {
        /// The definition: a rank is one more than the values below and half of
        /// the others that are equal.
        #[test]
        fn agrees_with_counting(values in prop::collection::vec((0..6_i32).prop_map(f64::from), 0..20)) {
            let count = |keep: &dyn Fn(f64) -> bool| values.iter().filter(|v| keep(**v)).count() as f64;
            for (rank, value) in midranks(&values).unwrap().into_iter().zip(&values) {
                let (below, equal) = (count(&|v| v < *value), count(&|v| v == *value));
                prop_assert_eq!(rank, 1.0 + below + (equal - 1.0) / 2.0);
            }
        }
    }
}
