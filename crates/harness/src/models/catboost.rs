//! Boosted symmetric trees on descriptors, with `CatBoost`'s names and defaults.

use anyhow::Result;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::features::{Descriptor, Features};
use super::{Context, Input, Model, Part, Regressor, Training};

/// Settings of `catboost`: those of `CatBoost`, and what the columns are.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct CatBoostSettings {
    /// What the columns are.
    #[serde(skip_serializing_if = "Descriptor::is_default")]
    pub descriptor: Descriptor,
    /// By `CatBoost`'s names.
    #[serde(flatten)]
    pub boost: boost::Settings,
}

/// By hand, since serde cannot both flatten and refuse what is unknown.
impl<'de> Deserialize<'de> for CatBoostSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut map = serde_json::Map::deserialize(deserializer)?;
        let descriptor = map.remove("descriptor").unwrap_or_else(|| "auto".into());
        let wrong = |error: serde_json::Error| D::Error::custom(error);
        Ok(Self {
            descriptor: serde_json::from_value(descriptor).map_err(wrong)?,
            boost: serde_json::from_value(map.into()).map_err(wrong)?,
        })
    }
}

/// Trees that can be fitted.
#[derive(Debug, Clone)]
pub(super) struct CatBoost {
    pub(super) settings: CatBoostSettings,
}

impl CatBoost {
    /// Whether the number of trees is chosen on the validation part.
    fn selects(&self) -> bool {
        self.settings.boost.od_wait.is_some() || self.settings.boost.use_best_model == Some(true)
    }
}

impl Regressor for CatBoost {
    fn fit(&self, training: &Training<'_>, context: &Context<'_>) -> Result<Box<dyn Model>> {
        let (fit, held) = if self.selects() && !training.validation.inputs.is_empty() {
            (training.fit.clone(), Some(&training.validation))
        } else {
            (training.all(), None)
        };
        let features = Features::learn(self.settings.descriptor, &fit.inputs)?;
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
            fit.weights.as_deref(),
            validation,
            &self.settings.boost,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_catboosts_with_the_columns_beside_them() {
        let read = |text: &str| toml::from_str::<CatBoostSettings>(text);
        let settings = read("descriptor = \"structural\"\niterations = 30").unwrap();
        assert_eq!(settings.descriptor, Descriptor::Structural);
        assert_eq!(settings.boost.iterations, 30);
        let again = serde_json::to_value(&settings).unwrap();
        assert_eq!(
            serde_json::from_value::<CatBoostSettings>(again).unwrap(),
            settings
        );
        assert_eq!(read("").unwrap(), CatBoostSettings::default());
        let error = read("iteration = 30").unwrap_err().to_string();
        assert!(error.contains("unknown field `iteration`"), "{error}");
        // what was recorded before there was a choice is the same trial
        let plain = serde_json::to_value(CatBoostSettings::default()).unwrap();
        assert_eq!(
            plain,
            serde_json::to_value(boost::Settings::default()).unwrap()
        );
    }
}
