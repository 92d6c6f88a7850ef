//! Ridge regression on descriptors.

use anyhow::{Result, anyhow};
use faer::prelude::Solve;
use faer::{Mat, Side};
use serde::{Deserialize, Serialize};

use super::features::{Descriptor, Features};
use super::spec::within;
use super::{Context, Input, Model, Part, Regressor, Training};
use crate::statistics::mean_absolute_error;

/// Settings of ridge regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RidgeSettings {
    /// Penalties to choose from on the validation part, relative to the number
    /// of structures.
    pub penalties: Vec<f64>,
}

impl Default for RidgeSettings {
    fn default() -> Self {
        Self {
            penalties: vec![1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0],
        }
    }
}

impl RidgeSettings {
    pub(super) fn checked(self) -> Result<Self> {
        if self.penalties.is_empty() {
            crate::refuse!("penalties: expected at least one number");
        }
        for &penalty in &self.penalties {
            within("penalties", penalty, 1e6)?;
        }
        Ok(self)
    }
}

impl Regressor for RidgeSettings {
    fn fit(&self, training: &Training<'_>, _: &Context<'_>) -> Result<Box<dyn Model>> {
        let penalty = self.choose(training)?;
        Ok(Box::new(Line::fit(&training.all(), penalty)?))
    }
}

impl RidgeSettings {
    /// The penalty with the smallest error on the validation part; without
    /// one, the strongest.
    fn choose(&self, training: &Training<'_>) -> Result<f64> {
        let validation = &training.validation;
        if validation.inputs.is_empty() {
            return Ok(self.penalties.iter().copied().fold(0.0, f64::max));
        }
        let mut best = (f64::INFINITY, self.penalties[0]);
        for &penalty in &self.penalties {
            let line = Line::fit(&training.fit, penalty)?;
            let predicted = line.predict(&validation.inputs)?;
            let error = mean_absolute_error(&validation.targets, &predicted);
            if error < best.0 {
                best = (error, penalty);
            }
        }
        Ok(best.1)
    }
}

/// A linear function of standardised descriptors.
struct Line {
    features: Features,
    mean: f64,
    centers: Vec<f64>,
    slopes: Vec<f64>,
}

impl Line {
    /// Minimises `|y − ȳ − Z w|² + penalty · n · |w|²`, Z the standardised
    /// columns.
    fn fit(part: &Part<'_>, penalty: f64) -> Result<Self> {
        let features = Features::learn(Descriptor::Auto, &part.inputs)?;
        let table = features.table(&part.inputs)?;
        let (n, p) = (table.len(), table.width());
        let mean = part.targets.iter().sum::<f64>() / n as f64;
        let columns: Vec<Vec<f64>> = (0..p).map(|j| table.column(j)).collect();
        let centers: Vec<f64> = columns
            .iter()
            .map(|c| c.iter().sum::<f64>() / n as f64)
            .collect();
        let scales: Vec<f64> = columns
            .iter()
            .zip(&centers)
            .map(|(c, m)| inverse_spread(c, *m))
            .collect();
        let z = Mat::from_fn(n, p, |i, j| (columns[j][i] - centers[j]) * scales[j]);
        let y = Mat::from_fn(n, 1, |i, _| part.targets[i] - mean);
        let mut normal = z.transpose() * &z;
        for j in 0..p {
            normal[(j, j)] += penalty * n as f64;
        }
        let factor = normal
            .llt(Side::Lower)
            .map_err(|error| anyhow!("the normal matrix is not positive definite ({error:?})"))?;
        let weights = factor.solve(z.transpose() * y);
        let slopes = (0..p).map(|j| weights[(j, 0)] * scales[j]).collect();
        Ok(Self {
            features,
            mean,
            centers,
            slopes,
        })
    }
}

/// One over the standard deviation; zero for a column that does not vary.
fn inverse_spread(column: &[f64], mean: f64) -> f64 {
    let square = column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / column.len() as f64;
    if square.sqrt() > 1e-9 * mean.abs().max(1e-3) {
        1.0 / square.sqrt()
    } else {
        0.0
    }
}

impl Model for Line {
    fn predict(&self, inputs: &[Input<'_>]) -> Result<Vec<f64>> {
        let table = self.features.table(inputs)?;
        let value = |row: &[f64]| -> f64 {
            let terms = row.iter().zip(&self.centers).zip(&self.slopes);
            self.mean
                + terms
                    .map(|((x, center), slope)| (x - center) * slope)
                    .sum::<f64>()
        };
        Ok((0..table.len()).map(|i| value(table.row(i))).collect())
    }

    fn complexity(&self) -> Option<usize> {
        Some(1 + self.slopes.iter().filter(|slope| **slope != 0.0).count())
    }
}
