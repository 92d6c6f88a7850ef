//! Constants inside of functions, moved to where the functions are worth most.
//!
//! The method of Broyden, Fletcher, Goldfarb and Shanno, at fixed strengths.

use super::functions::Search;
use crate::{
    Op,
    evaluate::Machine,
    least_squares::dot,
    terms::{Terms, constants},
};

/// A walk of constants uphill, each in its own unit.
pub(super) struct Ascent<'a> {
    pub(super) search: &'a Search<'a>,
    pub(super) strengths: Vec<f64>,
    pub(super) units: Vec<f64>,
}

/// Worth and its slope in the constants, these in their units.
struct Point {
    nats: f64,
    slope: Vec<f64>,
}

impl Ascent<'_> {
    pub(super) fn run(
        &self,
        mut terms: Terms,
        machine: &mut Machine,
        steps: usize,
    ) -> Option<Terms> {
        let size = self.units.len();
        let mut here = self.point(&terms, machine)?;
        let steepness = dot(&here.slope, &here.slope).sqrt();
        let mut inverse = vec![0.0; size * size];
        for k in 0..size {
            inverse[k * size + k] = 0.1 / steepness.max(0.1);
        }
        for _ in 0..steps {
            let rows = inverse.chunks(size);
            let direction: Vec<f64> = rows.map(|row| dot(row, &here.slope)).collect();
            let Some((next, there, length)) = self.along(&terms, &here, &direction, machine) else {
                break;
            };
            let moved: Vec<f64> = direction.iter().map(|d| d * length).collect();
            let both = here.slope.iter().zip(&there.slope);
            let turned: Vec<f64> = both.map(|(a, b)| a - b).collect();
            bend(&mut inverse, &moved, &turned);
            let gained = there.nats - here.nats;
            (terms, here) = (next, there);
            if gained < 1e-3 {
                break;
            }
        }
        Some(terms)
    }

    /// The first point along a direction that is better enough.
    fn along(
        &self,
        terms: &Terms,
        here: &Point,
        direction: &[f64],
        machine: &mut Machine,
    ) -> Option<(Terms, Point, f64)> {
        let rise = dot(direction, &here.slope);
        let mut length = if rise > 1e-4 { 1.0 } else { return None };
        for _ in 0..8 {
            let mut steps = direction.iter().zip(&self.units);
            let mut moved = terms.clone();
            for op in moved.iter_mut().flatten() {
                if let Op::Const(value) = op
                    && let Some((d, unit)) = steps.next()
                {
                    *value += d * unit * length;
                }
            }
            let finite = moved
                .iter()
                .flat_map(|code| constants(code))
                .all(f64::is_finite);
            if finite
                && let Some(there) = self.point(&moved, machine)
                && there.nats > here.nats + 1e-4 * rise * length
            {
                return Some((moved, there, length));
            }
            length *= 0.3;
        }
        None
    }

    fn point(&self, terms: &Terms, machine: &mut Machine) -> Option<Point> {
        let (values, jacobian) = self.search.values(terms, machine);
        let gain = self.search.worth.at(&values, &self.strengths)?;
        let by_value = self.search.worth.slope(&gain);
        let items = values.len() / terms.len();
        let mut derivatives = jacobian.chunks(items).zip(&self.units);
        let mut slope = Vec::with_capacity(self.units.len());
        for (code, by_value) in terms.iter().zip(by_value.chunks(items)) {
            for (d, unit) in derivatives.by_ref().take(constants(code).count()) {
                slope.push(dot(d, by_value) * unit);
            }
        }
        let finite = slope.iter().all(|s| s.is_finite());
        finite.then_some(Point {
            nats: gain.nats,
            slope,
        })
    }
}

/// The update of the inverse second derivatives.
///
/// - `moved`: the step, `turned`: how much the slope has fallen on it.
fn bend(inverse: &mut [f64], moved: &[f64], turned: &[f64]) {
    let size = moved.len();
    let curvature = dot(moved, turned);
    if curvature.is_nan() || curvature <= 1e-12 {
        return;
    }
    let rows = inverse.chunks(size);
    let product: Vec<f64> = rows.map(|row| dot(row, turned)).collect();
    let factor = 1.0 + dot(turned, &product) / curvature;
    for i in 0..size {
        for j in 0..size {
            let both = product[i] * moved[j] + moved[i] * product[j];
            inverse[i * size + j] += (factor * moved[i] * moved[j] - both) / curvature;
        }
    }
}
