//! A Gaussian process on standardised descriptors.

mod kernel;
mod process;

use anyhow::Result;
use faer::Mat;
use serde::{Deserialize, Serialize};

use self::process::Process;
use super::features::{Descriptor, Features};
use super::spec::within;
use super::{Context, Input, Model, Regressor, Training};
use crate::refuse;

pub(super) use self::kernel::Shape;

/// Most structures: time grows with their cube, memory with their square.
const MOST: usize = 4000;

/// Settings of a Gaussian process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GaussianProcessSettings {
    /// How fast the correlation of two structures falls with their distance.
    pub kernel: Shape,
    /// Whether every column has a length of its own.
    pub ard: bool,
    /// Steps towards the most probable lengths.
    pub steps: usize,
    /// What the columns are.
    pub descriptor: Descriptor,
}

impl Default for GaussianProcessSettings {
    fn default() -> Self {
        Self {
            kernel: Shape::Matern,
            ard: true,
            steps: 100,
            descriptor: Descriptor::Auto,
        }
    }
}

impl GaussianProcessSettings {
    pub(super) fn checked(self) -> Result<Self> {
        within("steps", self.steps as f64, 1e6)?;
        Ok(self)
    }
}

impl Regressor for GaussianProcessSettings {
    fn fit(&self, training: &Training<'_>, context: &Context<'_>) -> Result<Box<dyn Model>> {
        let all = training.all();
        if all.inputs.len() > MOST {
            refuse!(
                "a Gaussian process learns from at most {MOST} structures, found {}",
                all.inputs.len()
            );
        }
        let features = Features::learn(self.descriptor, &all.inputs)?;
        let scale = Scale::learn(&features, &all.inputs)?;
        let rows = scale.rows(&features, &all.inputs)?;
        let process = Process::fit(rows, &all.targets, self, context.watch)?;
        Ok(Box::new(Fitted {
            features,
            scale,
            process,
        }))
    }
}

/// Mean and standard deviation of every column that varies.
struct Scale {
    columns: Vec<(usize, f64, f64)>,
}

impl Scale {
    fn learn(features: &Features, inputs: &[Input<'_>]) -> Result<Self> {
        let table = features.table(inputs)?;
        let mut columns = Vec::new();
        for index in 0..table.width() {
            let values = table.column(index);
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let square = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
            if square.sqrt() > 1e-12 * mean.abs().max(1.0) {
                columns.push((index, mean, square.sqrt()));
            }
        }
        Ok(Self { columns })
    }

    /// `(n, columns)`
    fn rows(&self, features: &Features, inputs: &[Input<'_>]) -> Result<Mat<f64>> {
        let table = features.table(inputs)?;
        Ok(Mat::from_fn(inputs.len(), self.columns.len(), |row, k| {
            let (index, mean, deviation) = self.columns[k];
            (table.row(row)[index] - mean) / deviation
        }))
    }
}

struct Fitted {
    features: Features,
    scale: Scale,
    process: Process,
}

impl Model for Fitted {
    fn predict(&self, inputs: &[Input<'_>]) -> Result<Vec<f64>> {
        let rows = self.scale.rows(&self.features, inputs)?;
        Ok(self.process.mean(&rows))
    }

    /// The number of lengths and variances.
    fn complexity(&self) -> Option<usize> {
        Some(self.process.parameters())
    }
}
