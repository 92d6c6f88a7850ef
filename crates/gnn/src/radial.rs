//! Lengths as features: a Gaussian basis and a smooth cutoff.

use crate::{Error, Result};

/// `exp(-γ (d - μ_k)²)` for evenly spaced centers `μ_k`.
#[derive(Debug, Clone, PartialEq)]
pub struct GaussianBasis {
    centers: Vec<f64>,
    gamma: f64,
}

impl GaussianBasis {
    /// Centers from 0 to `cutoff`, both included, and Gaussians of width
    /// `sigma` in the form `exp(-((d - μ)/σ)²)`.
    ///
    /// - `cutoff`, `sigma`: Å.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for fewer than two centers, or lengths that are not
    /// positive.
    ///
    /// # Source
    ///
    /// Chen et al., *Chem. Mater.* **31**, 3564 (2019).
    pub fn new(cutoff: f64, count: usize, sigma: f64) -> Result<Self> {
        positive("the cutoff", cutoff)?;
        positive("the width of the Gaussians", sigma)?;
        if count < 2 {
            return Err(Error::Setting {
                name: "the number of Gaussians",
                expected: "at least 2",
                value: count as f64,
            });
        }
        let step = cutoff / (count - 1) as f64;
        Ok(Self {
            centers: (0..count).map(|k| step * k as f64).collect(),
            gamma: 1.0 / (sigma * sigma),
        })
    }

    /// The same with `exp(-½ ((d - μ)/Δ)²)`, `Δ` being the distance of
    /// neighbouring centers.
    ///
    /// # Errors
    ///
    /// As [`GaussianBasis::new`].
    ///
    /// # Source
    ///
    /// Schütt et al., *J. Chem. Phys.* **148**, 241722 (2018), as implemented
    /// in PyTorch Geometric.
    pub fn overlapping(cutoff: f64, count: usize) -> Result<Self> {
        let step = cutoff / (count.max(2) - 1) as f64;
        Self::new(cutoff, count, step * std::f64::consts::SQRT_2)
    }

    /// Number of features.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.centers.len()
    }

    /// The features of some lengths.
    ///
    /// - `lengths`: `(U,)`, Å.
    /// - returns: `(U, K)`, row-major, in `[0, 1]`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use gnn::GaussianBasis;
    /// let basis = GaussianBasis::new(2.0, 3, 1.0)?; // centers 0, 1, 2 Å
    /// let features = basis.expand(&[1.0]);
    /// assert_eq!(features[1], 1.0); // on the second center
    /// assert_eq!(features[0], features[2]); // midway between the others
    /// # Ok::<(), gnn::Error>(())
    /// ```
    #[must_use]
    pub fn expand(&self, lengths: &[f64]) -> Vec<f64> {
        lengths
            .iter()
            .flat_map(|d| self.centers.iter().map(move |center| d - center))
            .map(|x| (-self.gamma * x * x).exp())
            .collect()
    }
}

/// `½ (cos(π d / r) + 1)` below the cutoff `r`, zero from there on.
///
/// # Examples
///
/// ```
/// assert_eq!(gnn::cosine_cutoff(0.0, 5.0), 1.0);
/// assert!((gnn::cosine_cutoff(2.5, 5.0) - 0.5).abs() < 1e-15);
/// assert_eq!(gnn::cosine_cutoff(5.0, 5.0), 0.0);
/// ```
///
/// # Source
///
/// Behler, *J. Chem. Phys.* **134**, 074106 (2011), eq. (4).
#[must_use]
pub fn cosine_cutoff(distance: f64, cutoff: f64) -> f64 {
    if distance < cutoff {
        0.5 * ((std::f64::consts::PI * distance / cutoff).cos() + 1.0)
    } else {
        0.0
    }
}

/// `1 - (p+1)(p+2)/2 xᵖ + p(p+2) xᵖ⁺¹ - p(p+1)/2 xᵖ⁺²` with `x = d/r` below the
/// cutoff `r`, zero from there on; two derivatives vanish at the cutoff.
///
/// # Examples
///
/// ```
/// assert_eq!(gnn::polynomial_envelope(0.0, 5.0, 5), 1.0);
/// assert_eq!(gnn::polynomial_envelope(2.5, 5.0, 1), 0.125); // (1 - x)³ for p = 1
/// assert_eq!(gnn::polynomial_envelope(5.0, 5.0, 5), 0.0);
/// ```
///
/// # Source
///
/// Gasteiger, Groß & Günnemann, *ICLR* (2020), eq. (8).
#[must_use]
pub fn polynomial_envelope(distance: f64, cutoff: f64, exponent: u32) -> f64 {
    let x = distance / cutoff;
    if x >= 1.0 {
        return 0.0;
    }
    let p = f64::from(exponent);
    let inner = 0.5 * (p + 1.0) * (p + 2.0) - x * (p * (p + 2.0) - x * 0.5 * p * (p + 1.0));
    1.0 - inner * x.powf(p)
}

/// Refuses what is not a positive number.
pub(crate) fn positive(name: &'static str, value: f64) -> Result<()> {
    if value > 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(Error::Setting {
            name,
            expected: "positive and finite",
            value,
        })
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn overlapping_gaussians_fall_by_root_e_at_the_next_center() {
        let basis = GaussianBasis::overlapping(10.0, 11).unwrap();
        let features = basis.expand(&[3.0]);
        assert_relative_eq!(features[3], 1.0);
        assert_relative_eq!(features[4], (-0.5_f64).exp(), epsilon = 1e-15);
    }

    #[test]
    fn a_cutoff_of_zero_is_refused_by_name() {
        let error = GaussianBasis::new(0.0, 10, 0.5).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the cutoff must be positive and finite, got 0"
        );
        assert!(GaussianBasis::new(5.0, 1, 0.5).is_err());
    }
}
