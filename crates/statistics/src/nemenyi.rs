//! Nemenyi's comparison of all models with all others, after Friedman's test.

use serde::Serialize;

use crate::{Friedman, Result, studentized_range_p, studentized_range_quantile};

/// Which models the data sets tell apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Nemenyi {
    /// Models differ if their average ranks are at least this far apart.
    pub critical_difference: f64,
    /// Groups of two or more models of which no two differ, as large as they can
    /// be, from the best on. Models are named by their column, in order of rank.
    /// Groups overlap, and a model in none differs from all others.
    pub groups: Vec<Vec<usize>>,
    /// `p` of every pair of models, corrected for their number; the diagonal
    /// is 1.
    pub p: Vec<Vec<f64>>,
}

/// Compares all pairs of models by their average ranks.
///
/// With `N` data sets and `k` models, the critical difference is
/// `CD = q / √2 · √(k (k + 1) / (6 N))`, where `q` is exceeded by the studentized
/// range of `k` groups with the probability `significance`. A group is a bar of
/// the critical-difference diagram.
///
/// Assumes what [`friedman`](crate::friedman()) does, and is read only after that
/// has found a difference. It is conservative, the more so with many models: to
/// compare one model with the others, pairwise tests and [`holm`](crate::holm)
/// find more. Ties are not corrected for, which is conservative too.
///
/// # Errors
///
/// [`Error::Range`](crate::Error::Range) if the significance is not between 0
/// and 1, [`Error::TooFew`](crate::Error::TooFew) with less than two models.
///
/// # Examples
///
/// ```
/// use statistics::{friedman, nemenyi};
/// let errors: Vec<Vec<f64>> = (0..10).map(|_| vec![1.0, 2.0, 3.0]).collect();
/// let compared = nemenyi(&friedman(&errors)?, 0.05)?;
/// assert!((compared.critical_difference - 1.048).abs() < 5e-4); // as printed
/// assert_eq!(compared.groups, [[0, 1], [1, 2]]);
/// # Ok::<(), statistics::Error>(())
/// ```
///
/// # Source
///
/// Nemenyi, *Distribution-free multiple comparisons*, thesis, Princeton (1963);
/// Demšar, *J. Mach. Learn. Res.* **7**, 1 (2006), sections 3.2.2 and 3.2.4.
pub fn nemenyi(friedman: &Friedman, significance: f64) -> Result<Nemenyi> {
    let ranks = &friedman.average_ranks;
    let (n, k) = (friedman.blocks as f64, ranks.len() as f64);
    // the standard error of a difference of average ranks, over √2
    let unit = (k * (k + 1.0) / (12.0 * n)).sqrt();
    let critical_difference = studentized_range_quantile(significance, ranks.len())? * unit;
    let p_of = |a: &f64, b: &f64| studentized_range_p((a - b).abs() / unit, ranks.len());
    let row = |a| ranks.iter().map(|b| p_of(a, b)).collect();
    Ok(Nemenyi {
        critical_difference,
        groups: groups(ranks, critical_difference),
        p: ranks.iter().map(row).collect::<Result<_>>()?,
    })
}

/// The largest groups of ranks that are less than `critical` apart. Sorted by
/// rank, each is a run: the one that starts at a model, unless the run that
/// starts before it reaches as far.
fn groups(ranks: &[f64], critical: f64) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..ranks.len()).collect();
    order.sort_by(|a, b| ranks[*a].total_cmp(&ranks[*b]));
    let mut groups = Vec::new();
    let mut reached = 0;
    for start in 0..order.len() {
        let near = |model: &&usize| ranks[**model] - ranks[order[start]] < critical;
        let end = start + order[start..].iter().take_while(near).count();
        if end > reached && end > start + 1 {
            groups.push(order[start..end].to_vec());
        }
        reached = reached.max(end);
    }
    groups
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn groups_by_hand() {
        let ranks = [4.0, 1.0, 2.5, 6.0, 3.0];
        assert_eq!(groups(&ranks, 2.0), [vec![1, 2], vec![2, 4, 0]]);
        assert_eq!(groups(&ranks, 9.0), [[1, 2, 4, 0, 3]]);
        assert_eq!(groups(&ranks, 0.1), [[0_usize; 0]; 0]);
        // at the critical difference, two models differ
        assert_eq!(groups(&[1.0, 2.0], 1.0), [[0_usize; 0]; 0]);
    }

    /// Every subset of which no two members differ and to which none can be
    /// added, found by trying all.
    fn cliques(ranks: &[f64], critical: f64) -> Vec<Vec<usize>> {
        let near = |a: usize, b: usize| (ranks[a] - ranks[b]).abs() < critical;
        let members = |set: usize| (0..ranks.len()).filter(move |m| set >> m & 1 == 1);
        let clique = |set: usize| members(set).all(|a| members(set).all(|b| near(a, b)));
        let maximal =
            |set: usize| (0..ranks.len()).all(|m| set >> m & 1 == 1 || !clique(set | 1 << m));
        (1_usize..1 << ranks.len())
            .filter(|set| set.count_ones() > 1 && clique(*set) && maximal(*set))
            .map(|set| members(set).collect())
            .collect()
    }

    proptest! {
        #[test]
        fn groups_are_the_maximal_cliques(
            halves in prop::collection::vec(2..20_i32, 2..8),
            critical in 0.1..5.0,
        ) {
            let ranks: Vec<f64> = halves.into_iter().map(|h| f64::from(h) / 2.0).collect();
            let mut found = groups(&ranks, critical);
            for group in &mut found {
                group.sort_unstable();
            }
            found.sort();
            let mut expected = cliques(&ranks, critical);
            expected.sort();
            prop_assert_eq!(found, expected);
        }
    }
}
