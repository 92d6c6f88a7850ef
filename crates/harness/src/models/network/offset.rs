//! What is known of a structure before its geometry is looked at: which defects
//! it has, or which elements. A network then learns the rest.
//!
//! ```text
//! b(structure) = β₀ + β'/N + Σ_d β_d n_d/N + γ_kind
//! ```
//!
//! `n_d` counts the defects of label d, as `V_S`, N all of them; `γ` is there for
//! kinds of complex that were seen twice. Where no crystal without defects is
//! known, elements are counted, and the kind is the formula. How far each group of coefficients may
//! go is decided by the [evidence](crate::models::evidence), so that few
//! structures give flat offsets.

use std::collections::BTreeMap;

use anyhow::Result;
use faer::Mat;
use serde::{Deserialize, Serialize};

use crate::models::Input;
use crate::models::evidence::{self, Group};
use crate::run::Watch;

/// What a structure is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Composition {
    counts: BTreeMap<String, usize>,
    kind: String,
}

impl Composition {
    pub(super) fn of(input: &Input<'_>) -> Self {
        if let Some(cluster) = input.defects {
            return Self {
                counts: cluster.counts(),
                kind: cluster.kind(),
            };
        }
        let counts = input.structure.composition().into_iter();
        Self {
            counts: counts.map(|(e, n)| (e.symbol().to_owned(), n)).collect(),
            kind: input.structure.formula(),
        }
    }
}

/// The offset of every structure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Offset {
    mean: f64,
    labels: Vec<String>,
    kinds: Vec<String>,
    /// Of one over the number of defects, of each label's share, of each kind.
    coefficients: Vec<f64>,
}

impl Offset {
    /// Learns the coefficients.
    ///
    /// # Errors
    ///
    /// If numbers leave the range of doubles.
    pub(super) fn fit(all: &[Composition], targets: &[f64], watch: &Watch) -> Result<Self> {
        let mean = targets.iter().sum::<f64>() / targets.len().max(1) as f64;
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        let mut labels: BTreeMap<String, usize> = BTreeMap::new();
        for composition in all {
            *kinds.entry(composition.kind.clone()).or_default() += 1;
            for (label, count) in &composition.counts {
                *labels.entry(label.clone()).or_default() += count;
            }
        }
        kinds.retain(|_, count| *count > 1);
        let mut offset = Self {
            mean,
            labels: labels.into_keys().collect(),
            kinds: kinds.into_keys().collect(),
            coefficients: Vec::new(),
        };
        let rows: Vec<Vec<f64>> = all.iter().map(|c| offset.columns(c)).collect();
        let width = 1 + offset.labels.len() + offset.kinds.len();
        let design = Mat::from_fn(rows.len(), width, |i, j| rows[i][j]);
        let is_kind = |column| usize::from(column > offset.labels.len());
        let group = Group {
            variance: 1.0,
            learnt: true,
        };
        let rest: Vec<f64> = targets.iter().map(|target| target - mean).collect();
        let groups: Vec<usize> = (0..width).map(is_kind).collect();
        offset.coefficients = evidence::fit(&design, &groups, &[group; 2], &rest, watch)?;
        Ok(offset)
    }

    /// The offset of a structure, in the unit of the targets.
    pub(super) fn of(&self, composition: &Composition) -> f64 {
        let columns = self.columns(composition);
        let products = columns.iter().zip(&self.coefficients).map(|(x, b)| x * b);
        self.mean + products.sum::<f64>()
    }

    fn columns(&self, composition: &Composition) -> Vec<f64> {
        let Composition { counts, kind } = composition;
        let number = counts.values().sum::<usize>().max(1) as f64;
        let share = |label| counts.get(label).map_or(0.0, |&n| n as f64 / number);
        let is = |other: &String| f64::from(u8::from(other == kind));
        std::iter::once(1.0 / number)
            .chain(self.labels.iter().map(share))
            .chain(self.kinds.iter().map(is))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// So many vacancies and so many foreign atoms.
    fn cluster(vacancies: usize, others: usize) -> Composition {
        let counts = [("V".to_owned(), vacancies), ("X".to_owned(), others)];
        Composition {
            counts: counts.into_iter().filter(|(_, count)| *count > 0).collect(),
            kind: format!("{vacancies}V+{others}X"),
        }
    }

    #[test]
    fn sums_over_defects_are_found_and_said_of_kinds_never_seen() {
        // one defect costs 3 or 1, and every structure 0.5, all per defect
        let energy = |(vacancies, others): (usize, usize)| {
            (0.5 + 3.0 * vacancies as f64 + others as f64) / (vacancies + others) as f64
        };
        let seen = [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2)];
        let targets = seen.map(energy);
        let clusters = seen.map(|(vacancies, others)| cluster(vacancies, others));
        let offset = Offset::fit(&clusters, &targets, &Watch::endless()).unwrap();
        assert_relative_eq!(
            offset.of(&cluster(2, 1)),
            energy((2, 1)),
            max_relative = 0.01
        );
    }

    #[test]
    fn kinds_have_constants_of_their_own() {
        // what two vacancies have is no sum
        let kinds = [cluster(1, 0), cluster(2, 0), cluster(0, 1)];
        let clusters: Vec<Composition> = kinds.iter().cycle().take(18).cloned().collect();
        let targets: Vec<f64> = [1.0, 5.0, 2.0].into_iter().cycle().take(18).collect();
        let offset = Offset::fit(&clusters, &targets, &Watch::endless()).unwrap();
        for (cluster, target) in kinds.iter().zip(targets) {
            assert_relative_eq!(offset.of(cluster), target, max_relative = 0.01);
        }
    }
}
