//! Eigenvalues of small symmetric matrices.

/// Sweeps after which rotations stop; six or seven are enough.
const SWEEPS: usize = 50;

/// Eigenvalues of a symmetric matrix, and the rotation that makes it diagonal.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Eigen {
    /// `(n,)`, in any order.
    pub(super) values: Vec<f64>,
    /// `(n, n)`: column `k` belongs to value `k`.
    pub(super) vectors: Vec<f64>,
}

impl Eigen {
    /// Jacobi's method: plane rotations that make one entry after the other zero.
    ///
    /// - `matrix`: `(n, n)`, symmetric and finite.
    pub(super) fn of(mut matrix: Vec<f64>, n: usize) -> Self {
        let mut vectors = vec![0.0; n * n];
        for i in 0..n {
            vectors[i * n + i] = 1.0;
        }
        let size: f64 = matrix.iter().map(|x| x * x).sum();
        for _ in 0..SWEEPS {
            let pairs = || (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
            let off: f64 = pairs().map(|(i, j)| matrix[i * n + j].powi(2)).sum();
            if off <= 1e-32 * size {
                break;
            }
            for (i, j) in pairs() {
                rotate(&mut matrix, &mut vectors, n, [i, j]);
            }
        }
        Self {
            values: (0..n).map(|i| matrix[i * n + i]).collect(),
            vectors,
        }
    }
}

/// Makes the entry of a row and a column zero.
fn rotate(matrix: &mut [f64], vectors: &mut [f64], n: usize, [i, j]: [usize; 2]) {
    let off = matrix[i * n + j];
    if off == 0.0 {
        return;
    }
    let slope = (matrix[j * n + j] - matrix[i * n + i]) / (2.0 * off);
    let tangent = slope.signum() / (slope.abs() + slope.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    let turn = |numbers: &mut [f64], [a, b]: [usize; 2]| {
        let (x, y) = (numbers[a], numbers[b]);
        numbers[a] = cosine * x - sine * y;
        numbers[b] = sine * x + cosine * y;
    };
    for k in 0..n {
        turn(matrix, [k * n + i, k * n + j]);
        turn(vectors, [k * n + i, k * n + j]);
    }
    for k in 0..n {
        turn(matrix, [i * n + k, j * n + k]);
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn two_levels_by_hand() {
        // 1 and 2, coupled by 0.3: 1.5 ± √(0.25 + 0.09)
        let mut values = Eigen::of(vec![1.0, 0.3, 0.3, 2.0], 2).values;
        values.sort_by(f64::total_cmp);
        let split = 0.34_f64.sqrt();
        assert_relative_eq!(values[0], 1.5 - split, max_relative = 1e-14);
        assert_relative_eq!(values[1], 1.5 + split, max_relative = 1e-14);
    }

    #[test]
    fn vectors_make_the_matrix_again() {
        let n = 6;
        let entry = |i: usize, j: usize| ((i + j) as f64 + 0.3 * (i * j) as f64).sin();
        let all = (0..n).flat_map(|i| (0..n).map(move |j| (i, j)));
        let matrix: Vec<f64> = all.clone().map(|(i, j)| entry(i, j)).collect();
        let Eigen { values, vectors } = Eigen::of(matrix.clone(), n);
        for (i, j) in all {
            let sum: f64 = (0..n)
                .map(|k| vectors[i * n + k] * values[k] * vectors[j * n + k])
                .sum();
            assert_relative_eq!(sum, matrix[i * n + j], epsilon = 1e-13);
        }
        assert_eq!(Eigen::of(Vec::new(), 0).values, Vec::<f64>::new());
    }
}
