//! A formula over the defect descriptors, found by search.
//!
//! A formula is only known to have a value inside the box of the training
//! features, a little widened. What lies outside is moved to the nearest point of
//! the box before the formula is applied, in selection and prediction alike.

use anyhow::Result;
use serde::{Deserialize, Serialize};
use symreg::{Candidate, Column, Expr, FeatureBox, ParetoFront, Rule, Table};

use super::features::Features;
use super::spec::within;
use super::{Context, Input, Model, Part, Regressor, Training};
use crate::run::{Equation, FrontPoint};
use crate::statistics::mean_absolute_error;

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

/// Significant digits of the constants of a formula: what is printed is what
/// predicts.
const DIGITS: usize = 6;

impl Regressor for SymbolicSettings {
    fn fit(&self, training: &Training<'_>, context: &Context<'_>) -> Result<Box<dyn Model>> {
        let features = Features::learn(&training.fit.inputs)?;
        let columns = Columns::learn(features, &training.fit)?;
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

/// Those descriptors that vary over the training part.
struct Columns {
    features: Features,
    kept: Vec<usize>,
}

impl Columns {
    fn learn(features: Features, part: &Part<'_>) -> Result<Self> {
        let table = features.table(&part.inputs)?;
        let varies = |&column: &usize| {
            let values = table.column(column);
            values
                .iter()
                .any(|value| value.to_bits() != values[0].to_bits())
        };
        let kept = (0..table.width()).filter(varies).collect();
        Ok(Self { features, kept })
    }

    fn table(&self, inputs: &[Input<'_>]) -> Result<Table> {
        let table = self.features.table(inputs)?;
        let columns = self.kept.iter().map(|&index| {
            let column = &table.columns()[index];
            let unit = column.unit.clone();
            (Column::new(column.name.clone(), unit), table.column(index))
        });
        Ok(Table::new(columns.collect())?)
    }
}

/// The formula that was chosen, and what it was chosen from.
struct Formula {
    columns: Columns,
    domain: FeatureBox,
    expr: Expr,
    equation: Equation,
    front: Vec<FrontPoint>,
}

impl Formula {
    /// Chooses by the rule; that of validation without a validation part is the
    /// best of the front.
    fn choose(
        front: &ParetoFront,
        rule: Rule,
        columns: Columns,
        training: &Training<'_>,
    ) -> Result<Self> {
        let validation = &training.validation;
        let seen = columns.table(&training.fit.inputs)?;
        let unseen = front.domain().clamped(&columns.table(&validation.inputs)?);
        let chosen = match rule {
            Rule::Validation if validation.inputs.is_empty() => front.best(),
            Rule::Validation => rule.choose(front, &unseen, &validation.targets)?,
            Rule::DescriptionLength | Rule::Knee | Rule::Best => {
                rule.choose(front, &seen, &training.fit.targets)?
            }
        };
        let names = seen.names();
        let error = |member: &Candidate, table: &Table, targets: &[f64]| -> f64 {
            match member.expr.evaluate(table) {
                Ok(values) if !targets.is_empty() => mean_absolute_error(targets, &values),
                _ => f64::NAN,
            }
        };
        let equation = chosen.expr.rounded(DIGITS);
        let beside = front.all().skip(front.members().len());
        let shown = front
            .members()
            .iter()
            .chain(beside.filter(|c| *c == chosen));
        let points = shown.map(|member| FrontPoint {
            complexity: member.complexity,
            train_mae: error(member, &seen, &training.fit.targets),
            validation_mae: Some(error(member, &unseen, &validation.targets))
                .filter(|_| !validation.inputs.is_empty()),
            text: member.expr.rounded(DIGITS).text(&names),
            chosen: member == chosen,
        });
        Ok(Self {
            equation: Equation {
                text: equation.text(&names),
                latex: equation.latex(&names),
                unit: training.property.unit.clone(),
                columns: seen
                    .columns()
                    .iter()
                    .enumerate()
                    .filter(|(index, _)| uses(chosen, *index))
                    .map(|(_, column)| (column.name.clone(), column.unit.clone()))
                    .collect(),
            },
            // where a formula has no value there is nothing to draw
            front: points
                .filter(|p| p.train_mae.is_finite() && p.validation_mae.is_none_or(f64::is_finite))
                .collect(),
            expr: equation,
            domain: front.domain().clone(),
            columns,
        })
    }
}

/// Whether a formula uses a column.
fn uses(candidate: &Candidate, column: usize) -> bool {
    let used =
        |op: &symreg::Op| matches!(op, symreg::Op::Column(index) if *index as usize == column);
    candidate.expr.code().iter().any(used)
}

impl Model for Formula {
    fn predict(&self, inputs: &[Input<'_>]) -> Result<Vec<f64>> {
        let table = self.domain.clamped(&self.columns.table(inputs)?);
        Ok(self.expr.evaluate(&table)?)
    }

    fn complexity(&self) -> Option<usize> {
        Some(self.expr.complexity())
    }

    fn equation(&self) -> Option<Equation> {
        Some(self.equation.clone())
    }

    fn front(&self) -> Vec<FrontPoint> {
        self.front.clone()
    }
}
