//! A formula over the defect descriptors, found by search.

use anyhow::Result;
use serde::{Deserialize, Serialize};
use symreg::Rule;

use super::columns::Columns;
use super::features::Descriptor;
use super::formula::Formula;
use super::spec::within;
use super::{Context, Model, Regressor, Training};

/// Settings of the search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SymbolicSettings {
    /// Budget: passes of one formula over all training structures.
    pub evaluations: u64,
    /// Largest number of nodes of a formula.
    pub max_complexity: usize,
    /// Largest number of terms whose coefficients are solved in closed form.
    pub terms: usize,
    /// Formulas on each island of the genetic programme.
    pub population: usize,
    /// What chooses *the* formula of the front.
    pub choose: Rule,
    /// What the columns are.
    #[serde(skip_serializing_if = "Descriptor::is_default")]
    pub descriptor: Descriptor,
}

impl Default for SymbolicSettings {
    fn default() -> Self {
        let search = symreg::Settings::default().search;
        Self {
            evaluations: search.evaluations,
            max_complexity: search.max_complexity,
            terms: search.terms,
            population: search.population,
            choose: Rule::DescriptionLength,
            descriptor: Descriptor::default(),
        }
    }
}

impl SymbolicSettings {
    pub(super) fn checked(self) -> Result<Self> {
        within("evaluations", self.evaluations as f64, 1e12)?;
        within("max_complexity", self.max_complexity as f64, 1000.0)?;
        within("terms", self.terms as f64, 100.0)?;
        within("population", self.population as f64, 1e6)?;
        Ok(self)
    }

    fn search(&self) -> symreg::Settings {
        let mut settings = symreg::Settings::default();
        settings.search.evaluations = self.evaluations;
        settings.search.max_complexity = self.max_complexity;
        settings.search.terms = self.terms;
        settings.search.population = self.population;
        settings
    }
}

impl Regressor for SymbolicSettings {
    fn fit(&self, training: &Training<'_>, context: &Context<'_>) -> Result<Box<dyn Model>> {
        let columns = Columns::learn(self.descriptor, &training.fit)?;
        let table = columns.table(&training.fit.inputs)?;
        // trials run side by side, each on one thread: the islands of this
        // search must not queue for a pool that all trials share
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
        let front = pool.install(|| {
            symreg::search(
                &table,
                &training.fit.targets,
                &self.search(),
                context.seed,
                &mut |_| context.watch.flow(),
            )
        })?;
        let formula = Formula::choose(&front, self.choose, columns, training)?;
        Ok(Box::new(formula))
    }
}
