//! Levenberg and Marquardt's method on all constants at once.

use crate::{
    Op, Table,
    evaluate::Machine,
    least_squares::{dot, solve},
    objective::added,
    terms::constants,
};

/// Relative improvement of the sum of squares below which a fit ends.
const CONVERGED: f64 = 1e-10;

/// A formula with fitted constants, and how it depends on them.
#[derive(Debug, Clone)]
pub struct Fit {
    pub(crate) code: Vec<Op>,
    /// Target less formula, `(rows,)`.
    pub(crate) residual: Vec<f64>,
    /// Derivatives of the formula, `(constants, rows)`.
    pub(crate) jacobian: Vec<f64>,
    /// Sum of the squares of the residual.
    pub squares: f64,
    /// Passes over all rows that were made.
    pub(crate) passes: u64,
    /// Whether no step was left that helps.
    pub ended: bool,
}

impl Fit {
    /// The formula as it is; nothing where a value or derivative is not finite.
    ///
    /// - `table`: the rows of the target, or so many for each of them as add up to one.
    /// - `target`: `(rows,)`
    #[must_use]
    pub fn new(
        code: Vec<Op>,
        table: &Table,
        target: &[f64],
        machine: &mut Machine,
    ) -> Option<Self> {
        let together = (table.rows() / target.len()).max(1);
        let rows = target.len() * together;
        let count = constants(&code).count();
        let (mut values, mut jacobian) = (vec![0.0; rows], vec![0.0; count * rows]);
        machine.derivatives(&code, table, &mut values, &mut jacobian);
        let (values, jacobian) = (added(values, together), added(jacobian, together));
        let residual: Vec<f64> = target.iter().zip(&values).map(|(y, f)| y - f).collect();
        let squares = dot(&residual, &residual);
        let finite = squares.is_finite() && jacobian.iter().all(|d| d.is_finite());
        finite.then_some(Self {
            code,
            residual,
            jacobian,
            squares,
            passes: 1,
            ended: false,
        })
    }

    /// The formula with its constants fitted in up to so many steps.
    #[must_use]
    pub fn improved(
        mut self,
        table: &Table,
        target: &[f64],
        machine: &mut Machine,
        steps: usize,
    ) -> Self {
        let mut damping = 1e-6;
        for _ in 0..steps {
            let before = self.squares;
            let better = (0..4).any(|_| {
                let next = self
                    .shifted(damping)
                    .and_then(|code| Self::new(code, table, target, machine));
                self.passes += 1;
                match next {
                    Some(next) if next.squares < self.squares => {
                        let passes = self.passes;
                        self = Self { passes, ..next };
                        damping *= 0.1;
                        true
                    }
                    _ => {
                        damping = (damping * 100.0).max(1e-6);
                        false
                    }
                }
            });
            self.ended = !better || self.squares > before * (1.0 - CONVERGED);
            if self.ended {
                break;
            }
        }
        self
    }

    /// The constants, in the order of the code.
    pub fn constants(&self) -> impl Iterator<Item = f64> + '_ {
        constants(&self.code)
    }

    /// Number of constants.
    pub(crate) fn count(&self) -> usize {
        self.jacobian.len() / self.residual.len()
    }

    fn column(&self, k: usize) -> &[f64] {
        let rows = self.residual.len();
        &self.jacobian[k * rows..(k + 1) * rows]
    }

    /// `JᵀJ` with columns scaled to length one, and their lengths.
    pub(crate) fn normal(&self) -> (Vec<f64>, Vec<f64>) {
        let count = self.count();
        let length = |k| dot(self.column(k), self.column(k)).sqrt();
        let lengths: Vec<f64> = (0..count).map(length).collect();
        let mut normal = vec![0.0; count * count];
        for i in 0..count {
            for j in 0..=i {
                let scale = (lengths[i] * lengths[j]).max(f64::MIN_POSITIVE);
                let entry = dot(self.column(i), self.column(j)) / scale;
                normal[i * count + j] = entry;
                normal[j * count + i] = entry;
            }
        }
        (normal, lengths)
    }

    /// The code after one damped step.
    fn shifted(&self, damping: f64) -> Option<Vec<Op>> {
        let (mut normal, lengths) = self.normal();
        let count = lengths.len();
        if count == 0 {
            return None;
        }
        for k in 0..count {
            normal[k * count + k] += damping + 1e-14;
        }
        let slope = (0..count)
            .map(|k| dot(self.column(k), &self.residual) / lengths[k].max(f64::MIN_POSITIVE));
        let step = solve(normal, slope.collect())?;
        let step = step.iter().zip(&lengths);
        let step: Vec<f64> = step.map(|(s, l)| s / l.max(f64::MIN_POSITIVE)).collect();
        moved(&self.code, &step)
    }

    /// Covariance of the constants for a residual of standard deviation one,
    /// row-major; nothing where the constants are not told apart.
    pub(crate) fn covariance(&self) -> Option<Vec<f64>> {
        let (normal, lengths) = self.normal();
        let count = lengths.len();
        let mut covariance = vec![0.0; count * count];
        for k in 0..count {
            let unit: Vec<f64> = (0..count).map(|i| f64::from(u8::from(i == k))).collect();
            let column = solve(normal.clone(), unit)?;
            for (i, value) in column.iter().enumerate() {
                covariance[i * count + k] = value / (lengths[i] * lengths[k]);
            }
        }
        covariance
            .iter()
            .all(|c| c.is_finite())
            .then_some(covariance)
    }
}

/// Code with its constants moved.
pub(crate) fn moved(code: &[Op], step: &[f64]) -> Option<Vec<Op>> {
    let mut steps = step.iter();
    let mut code = code.to_vec();
    for op in &mut code {
        if let Op::Const(value) = op {
            *value += steps.next()?;
            if !value.is_finite() {
                return None;
            }
        }
    }
    Some(code)
}
