//! A formula that was chosen from a front, as a model.
//!
//! A formula is only known to have a value inside the box of the training
//! features, a little widened. What lies outside is moved to the nearest point of
//! the box before the formula is applied, in selection and prediction alike.

use anyhow::Result;
use symreg::{Candidate, Expr, FeatureBox, ParetoFront, Rule, Table};

use super::columns::Columns;
use super::{Input, Model, Training};
use crate::run::{Equation, FrontPoint};
use crate::statistics::mean_absolute_error;

/// Significant digits of the constants of a formula: what is printed is what
/// predicts.
const DIGITS: usize = 6;

/// The formula that was chosen, and what it was chosen from.
pub(super) struct Formula {
    columns: Columns,
    domain: FeatureBox,
    expr: Expr,
    equation: Equation,
    front: Vec<FrontPoint>,
}

impl Formula {
    /// Chooses by the rule; that of validation without a validation part is the
    /// best of the front.
    pub(super) fn choose(
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
