//! What an expression is worth on data.
//!
//! A proposed expression is read as a sum: `c₀ + Σ cₖ·fₖ(x)`. The outer
//! constants are solved by least squares; constants inside of the terms are
//! fitted by Levenberg and Marquardt's method on what the outer ones leave
//! (variable projection in Kaufman's form). All constants stand explicitly in the
//! formula that comes back, which says the same when it is read again.
//!
//! A single term is also read from its root downward: where functions that can be
//! undone stand above a sum, the constants of that sum follow in closed form too.
//!
//! # Source
//!
//! Golub & Pereyra, *Inverse Problems* **19**, R1 (2003), for variable
//! projection; Keijzer, doi:10.1007/3-540-36599-0_7, for scale and offset in closed form.

mod solve;
mod values;

use crate::{
    Candidate, Dimensions, Expr, FeatureBox, Op, Table,
    constants::fit::Fit as Fitted,
    evaluate::Machine,
    least_squares::dot,
    settings::{Operators, Safety},
    terms::{Terms, join, split},
};
use solve::Fit;
pub(crate) use values::added;
use values::{center_and_scale, fingerprint, summed};

/// Relative improvement below which fitting constants ends.
const CONVERGED: f64 = 1e-4;

/// Standard deviation of a term, relative to that of the target, below which it
/// is left out.
const IDLE: f64 = 1e-10;

/// Offset, relative to the target, that is only what rounding has left.
const IDLE_OFFSET: f64 = 1e-13;

/// Training data on which expressions are scored, with a count of the work.
#[derive(Debug, Clone)]
pub struct Objective<'a> {
    table: &'a Table,
    /// Centred and scaled to a standard deviation of one.
    target: Vec<f64>,
    /// In its own units.
    raw: Vec<f64>,
    center: f64,
    scale: f64,
    domain: FeatureBox,
    terms: usize,
    safety: Safety,
    units: Option<Dimensions>,
    operators: Operators,
    evaluations: u64,
    machine: Machine,
    /// Rows whose values add up to one target.
    together: usize,
    /// Values before they are added up.
    scratch: Vec<f64>,
}

impl<'a> Objective<'a> {
    /// Prepares training data.
    ///
    /// - `target`: `(rows,)`, finite; one for every `n` rows where the values of
    ///   the formula in `n` rows add up to one target.
    /// - `terms`: largest number of terms with a coefficient of their own.
    /// - `safety`: where, and how tamely, formulas must have a value.
    ///
    /// # Panics
    ///
    /// If there are no rows, or columns whose length is no multiple of that of the
    /// target.
    #[must_use]
    pub fn new(table: &'a Table, target: &[f64], terms: usize, safety: Safety) -> Self {
        let whole = table.columns().is_empty()
            || (!target.is_empty() && table.rows().is_multiple_of(target.len()));
        assert!(whole && !target.is_empty(), "one target for each row");
        let (center, scale) = center_and_scale(target);
        Self {
            table,
            target: target.iter().map(|y| (y - center) / scale).collect(),
            raw: target.to_vec(),
            center,
            scale,
            domain: FeatureBox::around(table, safety.margin),
            // An offset and as many terms as there are other rows fit anything.
            terms: terms.min(target.len().saturating_sub(1)).max(1),
            safety,
            units: None,
            operators: Operators::default(),
            evaluations: 0,
            machine: Machine::default(),
            together: (table.rows() / target.len()).max(1),
            scratch: Vec::new(),
        }
    }

    /// Refuses formulas from now on that do not keep these units.
    #[must_use]
    pub fn with_units(mut self, units: Dimensions) -> Self {
        self.units = Some(units);
        self
    }

    /// Measures complexity by these weights from now on.
    #[must_use]
    pub fn with_operators(mut self, operators: &Operators) -> Self {
        self.operators = operators.clone();
        self
    }

    /// Whether a finished formula keeps the units.
    fn keeps_units(&self, code: &[Op]) -> bool {
        self.units.as_ref().is_none_or(|units| units.fits(code))
    }

    /// The columns that formulas may use.
    #[must_use]
    pub fn table(&self) -> &'a Table {
        self.table
    }

    /// The box in which formulas must have a value.
    #[must_use]
    pub fn domain(&self) -> &FeatureBox {
        &self.domain
    }

    /// Standard deviation of the target, in its units; 1 for a constant target.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Passes over all rows so far; a formula that is refused counts as one.
    #[must_use]
    pub fn evaluations(&self) -> u64 {
        self.evaluations
    }

    /// The best constant, where every front begins.
    ///
    /// # Panics
    ///
    /// Never: the mean of finite targets is finite.
    #[must_use]
    pub fn constant(&self) -> Candidate {
        let expr = Expr::constant(self.center).expect("the mean of finite targets is finite");
        let error = (dot(&self.target, &self.target) / self.row_count()).sqrt() * self.scale;
        Candidate {
            complexity: self.operators.complexity(&expr),
            expr,
            error,
            fingerprint: fingerprint(&self.target, &self.target),
        }
    }

    /// Counts a formula that need not be looked at.
    pub(crate) fn refuse(&mut self) -> Option<Candidate> {
        self.evaluations += 1;
        None
    }

    /// Solves the outer constants and scores the formula.
    ///
    /// Nothing comes back for a formula that may lack a finite value somewhere
    /// in the box, that is wilder there than [`Safety`] allows, or that does not
    /// depend on any column.
    pub fn score(&mut self, expr: &Expr) -> Option<Candidate> {
        let terms = split(expr.code(), self.terms);
        let fit = self.fit(&terms);
        let (terms, fit) = match self.linked(&terms) {
            Some((linked, better)) if fit.as_ref().is_none_or(|f| better.loss < f.loss) => {
                (linked, better)
            }
            _ => (terms, fit?),
        };
        self.finish(terms, fit)
    }

    /// Fits the inner constants in up to `iterations` steps, starting from those
    /// of the formula, and scores it.
    pub fn polish(&mut self, expr: &Expr, iterations: usize) -> Option<Candidate> {
        let mut terms = split(expr.code(), self.terms);
        let mut fit = self.fit(&terms)?;
        let mut damping = 1e-2;
        for _ in 0..iterations {
            let before = fit.loss;
            if !self.step(&mut terms, &mut fit, &mut damping)
                || fit.loss > before * (1.0 - CONVERGED)
            {
                break;
            }
        }
        self.finish(terms, fit)
    }

    /// Fits all constants of a formula as it is written.
    pub(crate) fn fit_written(&mut self, code: Vec<Op>, steps: usize) -> Option<Fitted> {
        let (table, machine) = (self.table, &mut self.machine);
        self.evaluations += 1;
        let fit = Fitted::new(code, table, &self.raw, machine)?;
        let fit = fit.improved(table, &self.raw, machine, steps);
        self.evaluations += fit.passes - 1;
        Some(fit)
    }

    /// Scores a formula as it is written, if it has a value in the whole box.
    pub(crate) fn written(&mut self, expr: &Expr) -> Option<Candidate> {
        self.evaluations += 1;
        if !self.keeps_units(expr.code()) {
            return None;
        }
        let bounds = self.domain.tame_bounds(expr.code(), self.safety.periods)?;
        let mut values = vec![0.0; self.raw.len()];
        let (machine, scratch) = (&mut self.machine, &mut self.scratch);
        let (table, together) = (self.table, self.together);
        let seen = summed(machine, expr.code(), table, together, scratch, &mut values);
        let constant = seen.1 <= seen.0;
        if constant || bounds.high - bounds.low > self.safety.swing * (seen.1 - seen.0) {
            return None;
        }
        let scaled = values.iter().map(|v| (v - self.center) / self.scale);
        let residual: Vec<f64> = self.target.iter().zip(scaled).map(|(y, f)| y - f).collect();
        let loss = dot(&residual, &residual);
        loss.is_finite().then(|| Candidate {
            complexity: self.operators.complexity(expr),
            expr: expr.clone(),
            error: (loss / self.row_count()).sqrt() * self.scale,
            fingerprint: fingerprint(&self.target, &residual),
        })
    }

    /// Rows whose values add up to one target.
    #[must_use]
    pub fn together(&self) -> usize {
        self.together
    }

    /// Number of targets.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.target.len() as u64
    }

    /// Drops terms that contribute nothing, then writes the formula out.
    fn finish(&mut self, mut terms: Terms, mut fit: Fit) -> Option<Candidate> {
        let idle = |k: usize| {
            let contribution = fit.coefficients[k].abs() * fit.basis.spread(k);
            contribution <= IDLE * self.row_count().sqrt()
        };
        let needed: Vec<bool> = (0..terms.len()).map(|k| !idle(k)).collect();
        if needed.contains(&false) {
            let mut needed = needed.into_iter();
            terms.retain(|_| needed.next() == Some(true));
            fit = self.fit(&terms)?;
        }
        self.candidate(&terms, &fit)
            .filter(|candidate| self.keeps_units(candidate.expr.code()))
    }

    fn row_count(&self) -> f64 {
        self.target.len() as f64
    }

    /// The formula with all constants written out, in units of the target.
    fn candidate(&self, terms: &Terms, fit: &Fit) -> Option<Candidate> {
        let coefficients = fit.coefficients.iter().map(|c| c * self.scale);
        let offset = self.center + fit.offset * self.scale;
        let offset = offset / self.together as f64;
        let idle = offset.abs() <= IDLE_OFFSET * (self.center.abs() + self.scale);
        let offset = if idle { 0.0 } else { offset };
        let expr = join(terms, coefficients, offset)?;
        expr.bounds(&self.domain)?;
        Some(Candidate {
            complexity: self.operators.complexity(&expr),
            expr,
            error: (fit.loss / self.row_count()).sqrt() * self.scale,
            fingerprint: fingerprint(&self.target, &fit.residual),
        })
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::Column;

    fn data(law: fn(f64) -> f64) -> (Table, Vec<f64>) {
        let x: Vec<f64> = (0..40).map(|i| 0.5 + f64::from(i) / 10.0).collect();
        let y = x.iter().map(|x| law(*x)).collect();
        (Table::new(vec![(Column::new("x", ""), x)]).unwrap(), y)
    }

    fn parse(text: &str) -> Expr {
        Expr::parse(text, &["x"]).unwrap()
    }

    #[test]
    fn outer_constants_are_solved() {
        let (table, y) = data(|x| 2.5 * x * x - 1.3 * x.cos() + 0.7);
        let mut objective = Objective::new(&table, &y, 4, Safety::default());
        let found = objective.score(&parse("x^2 + cos(x)")).unwrap();
        assert!(found.error < 1e-12, "{}", found.error);
        assert_eq!(
            found.expr.latex(&["x"]),
            r"2.5 \cdot x^{2} - 1.3 \cdot \cos\left(x\right) + 0.7"
        );
        let again = objective.score(&found.expr).unwrap();
        assert_eq!(again.complexity, found.complexity);
        assert_eq!(again.fingerprint, found.fingerprint);
        assert_eq!(objective.evaluations(), 2);
    }

    #[test]
    fn inner_constants_are_fitted() {
        let (table, y) = data(|x| 4.0 - 3.0 * (-0.8 * x).exp() + 2.0 * (1.9 * x + 0.4).sin());
        let mut objective = Objective::new(&table, &y, 4, Safety::default());
        let start = parse("exp(-0.5*x) + sin(1.7*x + 1.0)");
        let found = objective.polish(&start, 200).unwrap();
        assert!(found.error < 1e-9, "{} {}", found.expr, found.error);
        let values = found.expr.evaluate(&table).unwrap();
        for (value, y) in values.iter().zip(&y) {
            assert_relative_eq!(value, y, epsilon = 1e-8);
        }
    }

    #[test]
    fn formulas_with_a_pole_between_the_rows_are_refused() {
        let (table, y) = data(|x| x);
        let mut objective = Objective::new(&table, &y, 4, Safety::default());
        assert_eq!(objective.score(&parse("x + 1/(x - 2.55)")), None);
        assert_eq!(objective.score(&parse("3")), None);
    }

    /// The rows reach from 0.5 to 4.4, the box from 0.11 to 4.79.
    #[test]
    fn terms_that_run_wild_between_the_rows_are_refused() {
        let (table, y) = data(|x| x);
        let mut objective = Objective::new(&table, &y, 4, Safety::default());
        for (tame, wild) in [
            ("x + 1/(x + 0.1)", "x + 1/(x - 0.1)"),
            ("sin(9*x)", "sin(20*x)"),
        ] {
            assert!(objective.score(&parse(tame)).is_some(), "{tame}");
            assert!(parse(wild).evaluate(&table).is_ok());
            assert_eq!(objective.score(&parse(wild)), None, "{wild}");
        }
    }
}
