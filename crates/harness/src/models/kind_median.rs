//! The median of the training targets of the same kind of defect complex.

use std::collections::BTreeMap;

use anyhow::Result;

use super::{Context, Input, Model, Regressor, Training, clusters};
use crate::statistics::median;

/// Predicts, for `V_Mo+2V_S`, the training median of all `V_Mo+2V_S`.
///
/// What a table of defect energies would say: it knows which defects there
/// are, and nothing of where. A kind that was never seen gets the median of
/// all.
#[derive(Debug)]
pub(super) struct KindMedian;

impl Regressor for KindMedian {
    fn fit(&self, training: &Training<'_>, _: &Context<'_>) -> Result<Box<dyn Model>> {
        let all = training.all();
        let mut by_kind: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (cluster, &target) in clusters(&all.inputs)?.into_iter().zip(&all.targets) {
            by_kind.entry(cluster.kind()).or_default().push(target);
        }
        let medians = by_kind
            .into_iter()
            .map(|(kind, targets)| (kind, median(&targets)))
            .collect();
        Ok(Box::new(Medians {
            of_all: median(&all.targets),
            medians,
        }))
    }
}

struct Medians {
    of_all: f64,
    medians: BTreeMap<String, f64>,
}

impl Model for Medians {
    fn predict(&self, inputs: &[Input<'_>]) -> Result<Vec<f64>> {
        let clusters = clusters(inputs)?.into_iter();
        Ok(clusters
            .map(|cluster| *self.medians.get(&cluster.kind()).unwrap_or(&self.of_all))
            .collect())
    }

    fn complexity(&self) -> Option<usize> {
        Some(1 + self.medians.len())
    }
}
