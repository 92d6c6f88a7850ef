//! Symmetric positive matrices.

/// The lower factor `L` of `A = L·Lᵀ`, row-major.
#[derive(Debug, Clone)]
pub(super) struct Cholesky {
    size: usize,
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factors a matrix; nothing where it is not positive.
    ///
    /// - `matrix`: `(size, size)`, of which the lower half is read.
    pub(super) fn new(mut matrix: Vec<f64>, size: usize) -> Option<Self> {
        for j in 0..size {
            let (above, row) = matrix.split_at_mut(j * size);
            for k in 0..j {
                let other = &above[k * size..=k * size + k];
                let sum: f64 = (0..k).map(|m| row[m] * other[m]).sum();
                row[k] = (row[k] - sum) / other[k];
            }
            let sum: f64 = row[..j].iter().map(|x| x * x).sum();
            let pivot = row[j] - sum;
            if !(pivot > 0.0 && pivot.is_finite()) {
                return None;
            }
            row[j] = pivot.sqrt();
        }
        Some(Self {
            size,
            lower: matrix,
        })
    }

    /// `ln |A|`
    pub(super) fn log_determinant(&self) -> f64 {
        let diagonal = (0..self.size).map(|i| self.lower[i * self.size + i]);
        2.0 * diagonal.map(f64::ln).sum::<f64>()
    }

    /// Replaces `b` by `L⁻¹·b`.
    pub(super) fn forward(&self, b: &mut [f64]) {
        for i in 0..self.size {
            let row = &self.lower[i * self.size..];
            let sum: f64 = (0..i).map(|k| row[k] * b[k]).sum();
            b[i] = (b[i] - sum) / row[i];
        }
    }

    /// Replaces `b` by `A⁻¹·b`.
    pub(super) fn solve(&self, b: &mut [f64]) {
        self.forward(b);
        for i in (0..self.size).rev() {
            let below: f64 = (i + 1..self.size)
                .map(|k| self.lower[k * self.size + i] * b[k])
                .sum();
            b[i] = (b[i] - below) / self.lower[i * self.size + i];
        }
    }

    /// `A⁻¹`, row-major.
    pub(super) fn inverse(&self) -> Vec<f64> {
        let mut inverse = vec![0.0; self.size * self.size];
        for (j, row) in inverse.chunks_mut(self.size.max(1)).enumerate() {
            row[j] = 1.0;
            self.solve(row);
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn a_matrix_by_hand() {
        let matrix = vec![4.0, 0.0, 2.0, 3.0];
        let factor = Cholesky::new(matrix, 2).unwrap();
        // |A| = 4·3 - 2·2
        assert_relative_eq!(factor.log_determinant(), 8_f64.ln(), epsilon = 1e-14);
        let mut b = vec![2.0, 5.0];
        factor.solve(&mut b);
        assert_relative_eq!(b[0], -0.5, epsilon = 1e-14);
        assert_relative_eq!(b[1], 2.0, epsilon = 1e-14);
        assert_relative_eq!(factor.inverse()[0], 3.0 / 8.0, epsilon = 1e-14);
        assert!(Cholesky::new(vec![1.0, 0.0, 2.0, 1.0], 2).is_none());
    }
}
