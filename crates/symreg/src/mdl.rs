//! The length of a formula and of what it leaves unexplained.
//!
//! To tell somebody the target one may tell a formula and then, row by row, how
//! far it is off. A longer formula is worth its length if it shortens the rest by
//! more. In nats, for a formula of `k` nodes out of `n` different operations and
//! columns, with constants `θ` and integers `c`:
//!
//! ```text
//! L = -ln p(y | f, θ, σ) + k ln n + Σ ln |c| + Σ (½ ln I + ln |θ| - ½ ln 3)
//! ```
//!
//! with `I` the Fisher information of a constant, so that a constant costs the
//! digits that the data determine. A constant below its own error costs its
//! sign alone. The noise is never assumed. Its width, and whether it is normal or
//! has the heavy tails of Laplace's distribution, is estimated from the front in
//! two rounds: first every formula is given the noise that suits it best; the
//! formula that is shortest so sets the noise for all. Without noise, the width
//! stays above what rounding leaves.
//!
//! # Source
//!
//! Bartlett, Desmond & Ferreira, *IEEE Trans. Evol. Comput.* **28**, 950 (2024),
//! arXiv 2211.11461, equation 8; the estimate of the noise is ours.

use std::{collections::HashSet, f64::consts::TAU};

use crate::{
    Candidate, Error, Expr, Op, ParetoFront, Result, Table, constants::fit::Fit, evaluate::Machine,
    least_squares::dot, terms::constants,
};

/// Noise, relative to the deviation of the target, that is taken for rounding.
const ROUNDING: f64 = 1e-9;

/// The description of one formula and its residual, in nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Description {
    /// `k ln n`: which operations and columns, in which order.
    pub structure: f64,
    /// What the constants and integers cost.
    pub parameters: f64,
    /// `-ln p`: the residual, for the noise of the front; may be negative.
    pub residual: f64,
}

impl Description {
    /// The sum of the parts, in nats; divide by `ln 2` for bits.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.structure + self.parameters + self.residual
    }
}

/// The distribution of what formulas leave unexplained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Noise {
    /// The normal distribution, with its standard deviation.
    Normal(f64),
    /// Laplace's distribution, with its mean absolute deviation.
    Laplace(f64),
}

/// What one formula is on the data, before the noise is known.
struct Measured {
    structure: f64,
    squares: f64,
    /// Sum of the magnitudes of the residual.
    magnitudes: f64,
    /// Constants with their derivatives' sums of squares.
    constants: Vec<(f64, f64)>,
    integers: f64,
}

/// The description of every candidate of a front ([`ParetoFront::all`]), and the
/// noise they share.
///
/// - `target`: `(rows,)`, what the front was fitted to.
/// - returns: one description a candidate, in order, and the noise in units of
///   the target. A member without a finite value in some row is infinitely long.
///
/// # Errors
///
/// [`Error::NoRows`], [`Error::Length`] and [`Error::NotFinite`] for the target;
/// [`Error::MissingColumn`] if the table has too few columns.
pub fn descriptions(
    front: &ParetoFront,
    table: &Table,
    target: &[f64],
) -> Result<(Vec<Description>, Noise)> {
    table.check_target(target, front.together())?;
    let mut machine = Machine::default();
    let mut measured = Vec::new();
    for member in front.all() {
        measured.push(measure(member, table, target, &mut machine)?);
    }
    let floor = ROUNDING * deviation(target);
    let lengths = measured.iter().flatten().flat_map(|m| {
        let of = |noise: Noise| (m.described(noise, target.len()).length(), noise);
        m.own_noise(target.len(), floor).map(of)
    });
    let shortest = lengths.min_by(|a, b| a.0.total_cmp(&b.0));
    let noise = shortest.map_or(Noise::Normal(floor), |(_, noise)| noise);
    let described = measured.iter().map(|m| match m {
        Some(m) => m.described(noise, target.len()),
        None => Description {
            structure: f64::INFINITY,
            parameters: 0.0,
            residual: 0.0,
        },
    });
    Ok((described.collect(), noise))
}

impl Measured {
    /// The widths under which the formula is shortest, free of the bias that
    /// fitted constants bring.
    fn own_noise(&self, rows: usize, floor: f64) -> [Noise; 2] {
        let freedom = rows.saturating_sub(self.constants.len()).max(1) as f64;
        [
            Noise::Normal((self.squares / freedom).sqrt().max(floor)),
            Noise::Laplace((self.magnitudes / freedom).max(floor)),
        ]
    }

    fn described(&self, noise: Noise, rows: usize) -> Description {
        let rows = rows as f64;
        // The information about a shift is one over the square of either width.
        let (width, residual) = match noise {
            Noise::Normal(sigma) => (
                sigma,
                0.5 * rows * (TAU * sigma * sigma).ln() + 0.5 * self.squares / (sigma * sigma),
            ),
            Noise::Laplace(mean) => (mean, rows * (2.0 * mean).ln() + self.magnitudes / mean),
        };
        let variance = width * width;
        let cost = |&(value, slopes): &(f64, f64)| {
            let information = slopes / variance;
            let digits = value.abs() * (information / 12.0).sqrt();
            2_f64.ln() + digits.max(1.0).ln()
        };
        Description {
            structure: self.structure,
            parameters: self.integers + self.constants.iter().map(cost).sum::<f64>(),
            residual,
        }
    }
}

fn measure(
    member: &Candidate,
    table: &Table,
    target: &[f64],
    machine: &mut Machine,
) -> Result<Option<Measured>> {
    let (index, columns) = (member.expr.columns(), table.columns().len());
    if index > columns {
        return Err(Error::MissingColumn {
            index: index - 1,
            columns,
        });
    }
    let code = member.expr.code();
    let Some(fit) = Fit::new(code.to_vec(), table, target, machine) else {
        return Ok(None);
    };
    let slopes = fit.jacobian.chunks(target.len()).map(|d| dot(d, d));
    Ok(Some(Measured {
        structure: structure(&member.expr),
        squares: fit.squares,
        magnitudes: fit.residual.iter().map(|r| r.abs()).sum(),
        constants: constants(code).zip(slopes).collect(),
        integers: code.iter().map(integer).sum(),
    }))
}

/// `ln |c|` of an integer, and its sign.
fn integer(op: &Op) -> f64 {
    match *op {
        Op::Integer(value) => {
            f64::from(value).abs().max(1.0).ln() + if value < 0 { 2_f64.ln() } else { 0.0 }
        }
        _ => 0.0,
    }
}

/// `k ln n`, where all constants count as one kind of node, and integers as one.
pub(crate) fn structure(expr: &Expr) -> f64 {
    let kind = |op: &Op| match *op {
        Op::Const(_) => (0, 0),
        Op::Integer(_) => (1, 0),
        Op::Column(index) => (2, i64::from(index)),
        Op::Powi(n) => (3, i64::from(n)),
        named => (
            4,
            named.name().bytes().fold(0, |h, b| h * 31 + i64::from(b)),
        ),
    };
    let code = expr.code();
    let kinds: HashSet<_> = code.iter().map(kind).collect();
    code.len() as f64 * (kinds.len() as f64).ln()
}

/// Standard deviation; 1 where all values are equal.
fn deviation(target: &[f64]) -> f64 {
    let count = target.len() as f64;
    let center = target.iter().map(|y| y / count).sum::<f64>();
    let square = target
        .iter()
        .map(|y| (y - center).powi(2) / count)
        .sum::<f64>();
    if square > 0.0 && square.is_finite() {
        square.sqrt()
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::{Column, FeatureBox};

    fn front(texts: &[&str], table: &Table, y: &[f64]) -> ParetoFront {
        let domain = FeatureBox::around(table, 0.0);
        let candidate = |text: &&str| {
            let expr = Expr::parse(text, &["x"]).unwrap();
            let values = expr.evaluate(table).unwrap();
            let squares: f64 = values.iter().zip(y).map(|(v, y)| (v - y).powi(2)).sum();
            Candidate {
                complexity: expr.complexity(),
                error: (squares / y.len() as f64).sqrt(),
                expr,
                fingerprint: 0,
            }
        };
        let mut candidates = texts.iter().map(candidate);
        let mut front = ParetoFront::new(candidates.next().unwrap(), domain);
        for candidate in candidates {
            assert!(front.offer(candidate));
        }
        front
    }

    fn data(noise: f64) -> (Table, Vec<f64>) {
        let x: Vec<f64> = (0..40).map(|i| f64::from(i) / 10.0).collect();
        let wave = |i: usize| noise * (i as f64 * 2.399).sin();
        let y = (0..40).map(|i| x[i].powi(3) + x[i] + wave(i)).collect();
        (Table::new(vec![(Column::new("x", ""), x)]).unwrap(), y)
    }

    /// The line `2.5·x`: three nodes of three kinds; the information of the
    /// slope is `Σx² / σ²`.
    #[test]
    fn a_description_by_hand() {
        let (table, _) = data(0.0);
        let wave = |(i, x): (usize, &f64)| 2.5 * x + (i as f64 * 2.399).sin();
        let y: Vec<f64> = table.values(0).iter().enumerate().map(wave).collect();
        let front = front(&["2.5*x"], &table, &y);
        let (described, noise) = descriptions(&front, &table, &y).unwrap();
        let Noise::Normal(sigma) = noise else {
            panic!("these residuals have no heavy tails: {noise:?}");
        };
        let x = table.values(0);
        let squares: f64 = x.iter().zip(&y).map(|(x, y)| (y - 2.5 * x).powi(2)).sum();
        assert_relative_eq!(sigma, (squares / 39.0).sqrt(), max_relative = 1e-12);
        assert_relative_eq!(described[0].structure, 3.0 * 3_f64.ln());
        let information: f64 = x.iter().map(|x| x * x).sum::<f64>() / (sigma * sigma);
        let digits = 0.5 * information.ln() + 2.5_f64.ln() - 0.5 * 3_f64.ln();
        assert_relative_eq!(described[0].parameters, digits, max_relative = 1e-12);
        let residual = 20.0 * (TAU * sigma * sigma).ln() + 19.5;
        assert_relative_eq!(described[0].residual, residual, max_relative = 1e-12);
    }

    #[test]
    fn the_law_is_the_shortest_description_with_and_without_noise() {
        for noise in [0.0, 0.3] {
            let (table, y) = data(noise);
            let texts = ["30.0", "14.0*x - 9.0", "x*x*x + x"];
            let front = front(&texts, &table, &y);
            let (described, _) = descriptions(&front, &table, &y).unwrap();
            let lengths: Vec<f64> = described.iter().map(Description::length).collect();
            let law = front
                .all()
                .position(|c| c.expr.to_string() == "x0 * x0 * x0 + x0");
            let law = lengths[law.unwrap()];
            assert!(lengths.iter().all(|length| law <= *length), "{lengths:?}");
        }
    }
}
