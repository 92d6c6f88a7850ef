//! The mean of the training targets: what every model must beat.

use anyhow::Result;

use super::{Context, Input, Model, Regressor, Training};

/// Predicts the training mean for everything.
#[derive(Debug)]
pub(super) struct Mean;

impl Regressor for Mean {
    fn fit(&self, training: &Training<'_>, _: &Context<'_>) -> Result<Box<dyn Model>> {
        let targets = training.all().targets;
        let mean = targets.iter().sum::<f64>() / targets.len() as f64;
        Ok(Box::new(Constant(mean)))
    }
}

struct Constant(f64);

impl Model for Constant {
    fn predict(&self, inputs: &[Input<'_>]) -> Result<Vec<f64>> {
        Ok(vec![self.0; inputs.len()])
    }

    fn complexity(&self) -> Option<usize> {
        Some(1)
    }
}
