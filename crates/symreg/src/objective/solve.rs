//! The constants of a sum of terms: outer ones in closed form, inner ones in steps.

use super::{
    Objective,
    values::{added, summed},
};
use crate::{
    Interval, Op,
    least_squares::{Basis, dot},
    link, normal,
    terms::{Terms, constants, shift, split},
};

/// Terms with their outer constants, in units of the scaled target.
pub(super) struct Fit {
    pub(super) basis: Basis,
    pub(super) coefficients: Vec<f64>,
    pub(super) offset: f64,
    pub(super) residual: Vec<f64>,
    pub(super) loss: f64,
}

impl Objective<'_> {
    /// A single term with the constants of its innermost sum in closed form.
    pub(super) fn linked(&mut self, terms: &Terms) -> Option<(Terms, Fit)> {
        let [term] = terms.as_slice() else {
            return None;
        };
        if self.together > 1 {
            return None;
        }
        let machine = &mut self.machine;
        let code = link::solved(term, self.table, &self.raw, self.terms, machine)?;
        self.evaluations += 1;
        let terms = split(&normal::shape(&code)?, 1);
        let fit = self.fit(&terms)?;
        Some((terms, fit))
    }

    /// Outer constants of terms, if these are safe in the box.
    pub(super) fn fit(&mut self, terms: &Terms) -> Option<Fit> {
        self.evaluations += 1;
        let keeps = |term: &Vec<Op>| {
            let units = self.units.as_ref();
            units.is_none_or(|units| units.fits_scaled(term))
        };
        if !terms.iter().all(keeps) {
            return None;
        }
        let tame = |term: &Vec<Op>| self.domain.tame_bounds(term, self.safety.periods);
        let bounds: Vec<Interval> = terms.iter().map(tame).collect::<Option<_>>()?;
        if terms.is_empty() {
            return None;
        }
        let rows = self.target.len();
        let mut columns = vec![0.0; rows * terms.len()];
        for ((term, column), bounds) in terms.iter().zip(columns.chunks_mut(rows)).zip(bounds) {
            let (machine, scratch) = (&mut self.machine, &mut self.scratch);
            let seen = summed(machine, term, self.table, self.together, scratch, column);
            if bounds.high - bounds.low > self.safety.swing * (seen.1 - seen.0) {
                return None;
            }
        }
        let basis = Basis::new(columns, rows);
        let (coefficients, offset) = basis.coefficients(&self.target);
        let mut residual = self.target.clone();
        basis.project_out(&mut residual);
        let loss = dot(&residual, &residual);
        (loss.is_finite() && coefficients.iter().any(|c| *c != 0.0)).then_some(Fit {
            basis,
            coefficients,
            offset,
            residual,
            loss,
        })
    }

    /// One step of Levenberg and Marquardt's method; whether it improved.
    pub(super) fn step(&mut self, terms: &mut Terms, fit: &mut Fit, damping: &mut f64) -> bool {
        let jacobian = self.jacobian(terms, fit);
        let rows = self.target.len();
        let count = jacobian.len() / rows;
        let column = |k: usize| &jacobian[k * rows..(k + 1) * rows];
        let mut normal = vec![0.0; count * count];
        for i in 0..count {
            for j in 0..=i {
                normal[i * count + j] = dot(column(i), column(j));
                normal[j * count + i] = normal[i * count + j];
            }
        }
        let slope: Vec<f64> = (0..count).map(|k| dot(column(k), &fit.residual)).collect();
        for _ in 0..3 {
            if let Some(shifted) = shift(terms, &normal, &slope, *damping)
                && let Some(better) = self.fit(&shifted)
                && better.loss < fit.loss
            {
                (*terms, *fit) = (shifted, better);
                *damping *= 0.1;
                return true;
            }
            *damping *= 10.0;
        }
        false
    }

    /// Derivatives of the formula by its inner constants, `(constants, rows)`,
    /// less what the outer constants can make up for.
    fn jacobian(&mut self, terms: &Terms, fit: &Fit) -> Vec<f64> {
        let (rows, together) = (self.target.len(), self.together);
        let mut jacobian = Vec::new();
        let mut values = vec![0.0; rows * together];
        for (term, coefficient) in terms.iter().zip(&fit.coefficients) {
            let start = jacobian.len();
            let count = constants(term).count();
            if count > 0 {
                let mut slopes = vec![0.0; count * rows * together];
                self.machine
                    .derivatives(term, self.table, &mut values, &mut slopes);
                jacobian.extend(added(slopes, together));
            }
            for value in &mut jacobian[start..] {
                *value *= coefficient;
            }
        }
        self.evaluations += 1;
        for column in jacobian.chunks_mut(rows) {
            fit.basis.project_out(column);
        }
        jacobian
    }
}
