//! Small linear algebra: least squares with an offset, and normal equations.
//!
//! Columns are centred, which removes the offset, and orthogonalised one after
//! the other (modified Gram–Schmidt). A column that the earlier ones all but
//! contain is left out, so that no pair of huge coefficients of opposite sign
//! can arise.

/// Part of a column that must be new for the column to count.
const NEW: f64 = 1e-5;

/// Standard deviation of a column, relative to its mean, below which it is as
/// good as constant: its coefficient and the offset would have to cancel.
const VARIES: f64 = 1e-6;

/// Orthogonal directions of centred columns.
#[derive(Debug, Clone)]
pub struct Basis {
    rows: usize,
    directions: Vec<f64>,
    triangle: Vec<f64>,
    means: Vec<f64>,
    spreads: Vec<f64>,
    kept: Vec<bool>,
}

impl Basis {
    /// Orthogonalises columns.
    ///
    /// - `columns`: `(k, rows)`, one column after the other.
    ///
    /// # Panics
    ///
    /// If `rows` is zero or does not divide the number of values.
    #[must_use]
    pub fn new(columns: Vec<f64>, rows: usize) -> Self {
        Self::build(columns, rows, true)
    }

    /// Orthogonalises columns as they are, without an offset.
    ///
    /// # Panics
    ///
    /// As [`Basis::new`].
    #[must_use]
    pub fn through_origin(columns: Vec<f64>, rows: usize) -> Self {
        Self::build(columns, rows, false)
    }

    fn build(mut columns: Vec<f64>, rows: usize, centred: bool) -> Self {
        assert!(
            rows > 0 && columns.len().is_multiple_of(rows),
            "columns must be whole"
        );
        let count = columns.len() / rows;
        let center = |column| if centred { mean(column) } else { 0.0 };
        let means = columns.chunks(rows).map(center).collect::<Vec<_>>();
        let mut basis = Self {
            rows,
            directions: Vec::new(),
            triangle: vec![0.0; count * count],
            spreads: vec![0.0; count],
            kept: vec![false; count],
            means,
        };
        for k in 0..count {
            let (done, rest) = columns.split_at_mut(k * rows);
            basis.add(k, done, &mut rest[..rows]);
        }
        basis.directions = columns;
        basis
    }

    /// Turns column `k` into a direction, or leaves it out.
    fn add(&mut self, k: usize, done: &[f64], column: &mut [f64]) {
        let mean = self.means[k];
        for value in column.iter_mut() {
            *value -= mean;
        }
        let (before, least) = (
            norm(column),
            mean.abs() * (self.rows as f64).sqrt() * VARIES,
        );
        self.spreads[k] = before;
        for (j, direction) in done.chunks(self.rows).enumerate() {
            if self.kept[j] {
                let overlap = dot(direction, column);
                subtract(column, overlap, direction);
                self.triangle[j * self.kept.len() + k] = overlap;
            }
        }
        let after = norm(column);
        if after.is_finite() && after > NEW * before && before > least {
            self.kept[k] = true;
            self.triangle[k * self.kept.len() + k] = after;
            for value in column {
                *value /= after;
            }
        }
    }

    /// Length of column `k` after centring: standard deviation times `√rows`.
    #[must_use]
    pub fn spread(&self, k: usize) -> f64 {
        self.spreads[k]
    }

    fn kept(&self) -> impl Iterator<Item = (usize, &[f64])> {
        let directions = self.directions.chunks(self.rows).enumerate();
        directions.filter(|(k, _)| self.kept[*k])
    }

    /// Removes from a column all that an offset and the basis can describe.
    pub fn project_out(&self, column: &mut [f64]) {
        let mean = mean(column);
        for value in column.iter_mut() {
            *value -= mean;
        }
        for (_, direction) in self.kept() {
            let overlap = dot(direction, column);
            subtract(column, overlap, direction);
        }
    }

    /// Coefficients of the columns and offset that describe a target best; zero
    /// for columns that were left out.
    #[must_use]
    pub fn coefficients(&self, target: &[f64]) -> (Vec<f64>, f64) {
        let count = self.kept.len();
        let mut solution = vec![0.0; count];
        for (k, direction) in self.kept() {
            solution[k] = dot(direction, target);
        }
        for k in (0..count).rev().filter(|k| self.kept[*k]) {
            let known: f64 = (k + 1..count)
                .map(|j| self.triangle[k * count + j] * solution[j])
                .sum();
            solution[k] = (solution[k] - known) / self.triangle[k * count + k];
        }
        let described: f64 = solution.iter().zip(&self.means).map(|(c, m)| c * m).sum();
        let offset = mean(target) - described;
        (solution, offset)
    }
}

/// Solves `A x = b` for a symmetric positive definite `A` (row-major) by
/// Cholesky's factorisation; nothing if it is not definite.
#[must_use]
pub fn solve(mut a: Vec<f64>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for i in 0..n {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| a[i * n + k] * a[j * n + k]).sum();
            let rest = a[i * n + j] - known;
            if i == j {
                if !(rest > 0.0 && rest.is_finite()) {
                    return None;
                }
                a[i * n + i] = rest.sqrt();
            } else {
                a[i * n + j] = rest / a[j * n + j];
            }
        }
        let known: f64 = (0..i).map(|k| a[i * n + k] * b[k]).sum();
        b[i] = (b[i] - known) / a[i * n + i];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| a[k * n + i] * b[k]).sum();
        b[i] = (b[i] - known) / a[i * n + i];
    }
    Some(b)
}

/// Scalar product in four partial sums, which the compiler can keep in one
/// register and which round the same on every machine.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (a4, b4) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a4
        .remainder()
        .iter()
        .zip(b4.remainder())
        .map(|(a, b)| a * b)
        .sum();
    for (a, b) in a4.zip(b4) {
        for i in 0..4 {
            sums[i] += a[i] * b[i];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

fn subtract(column: &mut [f64], factor: f64, direction: &[f64]) {
    for (value, d) in column.iter_mut().zip(direction) {
        *value -= factor * d;
    }
}

fn norm(column: &[f64]) -> f64 {
    dot(column, column).sqrt()
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn coefficients_by_hand() {
        let x: Vec<f64> = (0..9).map(f64::from).collect();
        let square: Vec<f64> = x.iter().map(|x| x * x).collect();
        let y: Vec<f64> = x.iter().map(|x| 4.0 - 3.0 * x + 0.5 * x * x).collect();
        let basis = Basis::new([x, square].concat(), 9);
        let (coefficients, offset) = basis.coefficients(&y);
        assert_relative_eq!(coefficients[0], -3.0, max_relative = 1e-12);
        assert_relative_eq!(coefficients[1], 0.5, max_relative = 1e-12);
        assert_relative_eq!(offset, 4.0, max_relative = 1e-12);
        let mut rest = y;
        basis.project_out(&mut rest);
        assert!(norm(&rest) < 1e-12);
    }

    #[test]
    fn columns_that_say_nothing_new_are_left_out() {
        let x = [1.0, 2.0, 4.0];
        let same = x.map(|x| 7.0 - 2.0 * x);
        let basis = Basis::new([x, same, [5.0; 3]].concat(), 3);
        let (coefficients, offset) = basis.coefficients(&[3.0, 5.0, 9.0]);
        assert_relative_eq!(coefficients[0], 2.0, max_relative = 1e-12);
        assert_eq!(coefficients[1..], [0.0, 0.0]);
        assert_relative_eq!(offset, 1.0, max_relative = 1e-12);
    }

    #[test]
    fn cholesky_by_hand_and_its_refusal() {
        let x = solve(vec![4.0, 2.0, 2.0, 3.0], vec![10.0, 8.0]).unwrap();
        assert_relative_eq!(x[0], 1.75);
        assert_relative_eq!(x[1], 1.5);
        assert_eq!(solve(vec![1.0, 2.0, 2.0, 1.0], vec![1.0, 1.0]), None);
    }
}
