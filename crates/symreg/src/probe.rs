//! Points of a box at which formulas are compared.
//!
//! The points are those of the additive recurrence with the generalised golden
//! ratio (M. Roberts, "The unreasonable effectiveness of quasirandom sequences",
//! 2018): spread evenly in any number of dimensions, the same in every run,
//! and none of them a round number at which formulas agree by chance.

use crate::{Column, Error, Expr, FeatureBox, Table, evaluate::Machine, kernels::Level};

/// Points of a box, as a table.
#[derive(Debug, Clone)]
pub(crate) struct Probes(Table);

impl Probes {
    /// So many points of the box; columns beyond it do not vary.
    pub(crate) fn new(domain: &FeatureBox, points: u32) -> Self {
        let dimensions = domain.sides().len();
        let ratio = golden(dimensions);
        let column = |index: usize| {
            let step = ratio.powi(-i32::try_from(index + 1).unwrap_or(i32::MAX));
            let side = domain.sides()[index];
            let at = |point: u32| {
                let t = (0.5 + step * f64::from(point)).fract();
                (side.low + t * (side.high - side.low)).clamp(side.low, side.high)
            };
            let values = (1..=points).map(at).collect();
            (Column::new(format!("x{index}"), ""), values)
        };
        let mut columns: Vec<_> = (0..dimensions).map(column).collect();
        if columns.is_empty() {
            // A table without columns has no rows.
            columns.push((Column::new("x0", ""), vec![0.0; points as usize]));
        }
        Self(Table::new(columns).expect("sides are finite, and so are the points between"))
    }

    /// The points.
    pub(crate) fn table(&self) -> &Table {
        &self.0
    }

    /// Values at all points, finite or not, the same on every machine.
    ///
    /// # Errors
    ///
    /// [`Error::MissingColumn`] if the box has too few sides.
    pub(crate) fn values(&self, expr: &Expr) -> Result<Vec<f64>, Error> {
        let (index, columns) = (expr.columns(), self.0.columns().len());
        if index > columns {
            return Err(Error::MissingColumn {
                index: index - 1,
                columns,
            });
        }
        let mut machine = Machine::at(Level::Portable).expect("every machine has this level");
        let mut values = vec![0.0; self.0.rows()];
        machine.values(expr.code(), &self.0, &mut values);
        Ok(values)
    }
}

/// The root of `x^(d+1) = x + 1` above one.
fn golden(dimensions: usize) -> f64 {
    let exponent = 1.0 / (dimensions as f64 + 1.0);
    (0..64).fold(2.0_f64, |x, _| (1.0 + x).powf(exponent))
}

/// Largest difference where both have a value, in parts of the largest value
/// of the first; infinite where only one has a value, nothing where no point
/// has both.
pub(crate) fn difference(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.iter().zip(b).any(|(a, b)| a.is_finite() != b.is_finite()) {
        return Some(f64::INFINITY);
    }
    let pairs = || a.iter().zip(b).filter(|(a, _)| a.is_finite());
    let scale = pairs().map(|(a, _)| a.abs()).reduce(f64::max)?;
    let off = pairs().map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    Some(if off == 0.0 { 0.0 } else { off / scale })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_differ_and_lie_in_the_box() {
        let table = Table::new(vec![
            (Column::new("a", ""), vec![1.0, 2.0]),
            (Column::new("b", ""), vec![-5.0, 5.0]),
        ])
        .unwrap();
        let domain = FeatureBox::around(&table, 0.0);
        let Probes(points) = Probes::new(&domain, 50);
        for row in 0..50 {
            assert!(domain.contains(&points, row));
            for other in 0..row {
                assert!((0..2).all(|c| points.values(c)[row] != points.values(c)[other]));
            }
        }
        assert!((golden(1) - 1.618_033_988_749_895).abs() < 1e-12);
    }

    #[test]
    fn a_point_without_a_value_is_a_difference() {
        let table = Table::new(vec![(Column::new("a", ""), vec![-1.0, 1.0])]).unwrap();
        let probes = Probes::new(&FeatureBox::around(&table, 0.0), 20);
        let log = probes
            .values(&Expr::parse("log(a)", &["a"]).unwrap())
            .unwrap();
        assert!(log.iter().any(|v| !v.is_finite()) && log.iter().any(|v| v.is_finite()));
        assert_eq!(difference(&log, &log), Some(0.0));
        let line = probes.values(&Expr::column(0)).unwrap();
        assert_eq!(difference(&log, &line), Some(f64::INFINITY));
    }
}
