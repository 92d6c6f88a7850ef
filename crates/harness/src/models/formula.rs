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

/// Significant digits of the constants of a formula, at least: what is printed is
/// what predicts.
const DIGITS: usize = 6;

/// Significant digits that no double needs more of.
const MOST_DIGITS: usize = 17;

/// Largest change of the values that rounding may make, in parts of the error.
const ROUNDED: f64 = 1e-3;

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
        let equation = printed(&chosen.expr, &seen, &training.fit.targets);
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

/// The formula with as few digits as tell its values: large constants that nearly
/// cancel need many.
fn printed(expr: &Expr, table: &Table, targets: &[f64]) -> Expr {
    let Ok(exact) = expr.evaluate(table) else {
        return expr.clone();
    };
    let size = targets.iter().map(|y| y.abs()).sum::<f64>() / targets.len() as f64;
    let allowed = (ROUNDED * mean_absolute_error(targets, &exact)).max(1e-9 * size);
    let tells = |short: &Expr| match short.evaluate(table) {
        Ok(values) => mean_absolute_error(&exact, &values) <= allowed,
        Err(_) => false,
    };
    let mut shorter = (DIGITS..MOST_DIGITS).map(|digits| expr.rounded(digits));
    shorter.find(tells).unwrap_or_else(|| expr.clone())
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

#[cfg(test)]
mod tests {
    use symreg::Column;

    use super::*;

    #[test]
    fn constants_that_nearly_cancel_keep_their_digits() {
        let x: Vec<f64> = (0..20).map(|i| 0.1 * f64::from(i)).collect();
        let table = Table::new(vec![(Column::new("x", ""), x.clone())]).unwrap();
        let parsed = |text| Expr::parse(text, &["x"]).unwrap();
        let large = parsed("115214.123456 * cos(x/1000) - 115209.987654");
        let plain = parsed("2.123456789 * x");
        let targets: Vec<f64> = x.iter().map(|x| 4.0 - 0.1 * x).collect();
        assert_eq!(
            printed(&plain, &table, &targets).to_string(),
            "2.12346 * x0"
        );
        let kept = printed(&large, &table, &targets).evaluate(&table).unwrap();
        let exact = large.evaluate(&table).unwrap();
        let error = mean_absolute_error(&targets, &exact);
        assert!(mean_absolute_error(&exact, &kept) <= 1e-3 * error);
        let six = large.rounded(DIGITS).evaluate(&table).unwrap();
        assert!(mean_absolute_error(&exact, &six) > 1e-3 * error);
    }
}
