//! Boosted symmetric trees on descriptors, with `CatBoost`'s names and defaults.

use anyhow::Result;

use super::features::{Descriptor, Features};
use super::{Context, Input, Model, Part, Regressor, Training};

/// Trees that can be fitted.
#[derive(Debug, Clone)]
pub(super) struct CatBoost {
    pub(super) settings: boost::Settings,
}

impl CatBoost {
    /// Whether the number of trees is chosen on the validation part.
    fn selects(&self) -> bool {
        self.settings.od_wait.is_some() || self.settings.use_best_model == Some(true)
    }
}

impl Regressor for CatBoost {
    fn fit(&self, training: &Training<'_>, context: &Context<'_>) -> Result<Box<dyn Model>> {
        let (fit, held) = if self.selects() && !training.validation.inputs.is_empty() {
            (training.fit.clone(), Some(&training.validation))
        } else {
            (training.all(), None)
        };
        let features = Features::learn(Descriptor::Auto, &fit.inputs)?;
        let columns = |part: &Part<'_>| table(&features, &part.inputs);
        let held = held
            .map(|part| Ok::<_, anyhow::Error>((columns(part)?, part)))
            .transpose()?;
        let validation = held.as_ref().map(|(columns, part)| boost::Validation {
            columns,
            targets: &part.targets,
        });
        let trees = boost::fit(
            &columns(&fit)?,
            &fit.targets,
            None,
            validation,
            &self.settings,
            context.seed,
            |_| context.watch.flow(),
        )?;
        Ok(Box::new(Trees { features, trees }))
    }
}

struct Trees {
    features: Features,
    trees: boost::Model,
}

impl Model for Trees {
    fn predict(&self, inputs: &[Input<'_>]) -> Result<Vec<f64>> {
        Ok(self.trees.predict(&table(&self.features, inputs)?)?)
    }

    /// The number of leaves.
    fn complexity(&self) -> Option<usize> {
        let trees = self.trees.trees().iter();
        Some(trees.map(|tree| tree.values.len()).sum())
    }
}

fn table(features: &Features, inputs: &[Input<'_>]) -> Result<Vec<Vec<f64>>> {
    let table = features.table(inputs)?;
    Ok((0..table.width())
        .map(|index| table.column(index))
        .collect())
}
