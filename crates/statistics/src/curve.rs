//! The law that errors follow as data grow: a power of the size down to a floor.

use serde::Serialize;

use crate::{Error, Result, check, shape::Shape};

/// The curve `error(n) = a + b n^(-c)` with `a ≥ 0`, `b > 0` and `c > 0`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Curve {
    /// The error `a` that no number of structures falls below, in the unit of
    /// the errors.
    pub asymptote: f64,
    /// The part `b` of the error at `n = 1` that falls, in the same unit.
    pub factor: f64,
    /// How fast it falls, `c`.
    pub exponent: f64,
}

impl Curve {
    /// Fits the curve to one error a size, by least squares of
    /// `ln error - ln(a + b n^(-c))`.
    ///
    /// Logarithms, because the luck of a subsample moves an error by a share of
    /// itself: the spread over seeds falls along with the error. Plain squares
    /// would fit the smallest sizes only, where errors are largest. To first
    /// order this is weighting with the inverse square of the error, but it does
    /// not prefer curves below the points, and no unit enters.
    ///
    /// The exponent is sought between 1e-4 and 10. With three sizes the curve
    /// passes through the points, where it can; only more sizes test it.
    ///
    /// - `sizes`: `(K,)`, structures to train on, rising.
    /// - `errors`: `(K,)`, in one unit.
    ///
    /// # Errors
    ///
    /// [`Error::TooFew`] with less than three sizes, [`Error::Order`] if they do
    /// not rise, [`Error::Length`] if there are not as many errors,
    /// [`Error::NotPositive`] if one is not positive, [`Error::NoDecay`] if the
    /// best curve falls by less than one part in a thousand.
    ///
    /// # Examples
    ///
    /// ```
    /// use statistics::Curve;
    /// let curve = Curve::fit(&[25.0, 100.0, 400.0], &[1.4, 1.2, 1.1])?;
    /// assert!((curve.asymptote - 1.0).abs() < 1e-6); // 1 + 2 n^(-1/2)
    /// assert!((curve.exponent - 0.5).abs() < 1e-6);
    /// # Ok::<(), statistics::Error>(())
    /// ```
    ///
    /// # Source
    ///
    /// Cortes et al., *NeurIPS* **6** (1993), 327; in logarithms Rosenfeld et
    /// al., *ICLR* (2020), arXiv:1909.12673, who minimise relative errors.
    pub fn fit(sizes: &[f64], errors: &[f64]) -> Result<Self> {
        check::enough("sizes", sizes.len(), 3)?;
        check::rising(sizes)?;
        check::length("errors", sizes.len(), errors.len())?;
        check::positive("errors", errors)?;
        let steps: Vec<f64> = sizes.iter().map(|n| (n / sizes[0]).ln()).collect();
        let logarithms: Vec<f64> = errors.iter().map(|e| e.ln()).collect();
        let (shape, scale) = Shape::fit(&steps, &logarithms);
        let fall = shape.logarithm(0.0) - shape.logarithm(steps[steps.len() - 1]);
        if fall < 1e-3 {
            return Err(Error::NoDecay {
                first: errors[0],
                last: errors[errors.len() - 1],
            });
        }
        Ok(Self {
            asymptote: scale * shape.floor,
            factor: scale * (1.0 - shape.floor) * sizes[0].powf(shape.exponent),
            exponent: shape.exponent,
        })
    }

    /// The error `a + b n^(-c)` at a size `n > 0`.
    #[must_use]
    pub fn error(&self, size: f64) -> f64 {
        self.asymptote + self.factor * size.powf(-self.exponent)
    }

    /// The size `(b / (error - a))^(1/c)` at which the curve reaches an error;
    /// `None` if the asymptote is not below it, or the size not a finite number.
    ///
    /// # Examples
    ///
    /// ```
    /// use statistics::Curve;
    /// let curve = Curve { asymptote: 1.0, factor: 2.0, exponent: 0.5 };
    /// let size = curve.size_for(1.1).expect("1.1 is above the asymptote");
    /// assert!((size - 400.0).abs() < 1e-9);
    /// assert_eq!(curve.size_for(1.0), None);
    /// # Ok::<(), statistics::Error>(())
    /// ```
    #[must_use]
    pub fn size_for(&self, error: f64) -> Option<f64> {
        let left = error - self.asymptote;
        let size = (self.factor / left).powf(1.0 / self.exponent);
        (left > 0.0 && size.is_finite()).then_some(size)
    }

    /// The curve of errors that do not fall: their geometric mean everywhere.
    pub(crate) fn flat(errors: &[f64]) -> Self {
        let sum: f64 = errors.iter().map(|e| e.ln()).sum();
        Self {
            asymptote: (sum / errors.len() as f64).exp(),
            factor: 0.0,
            exponent: 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn errors_that_do_not_fall_have_no_curve() {
        let fit = |errors: &[f64]| Curve::fit(&[25.0, 50.0, 100.0, 200.0], errors);
        for errors in [[2.0; 4], [1.0, 1.1, 1.3, 1.2]] {
            assert!(matches!(fit(&errors), Err(Error::NoDecay { .. })));
        }
        assert!(fit(&[2.0, 1.5, 1.2, 1.1]).is_ok());
        assert!(matches!(
            fit(&[2.0, 1.5, 0.0, 1.0]),
            Err(Error::NotPositive { .. })
        ));
        assert!(matches!(
            Curve::fit(&[1.0, 1.0, 2.0], &[3.0, 2.0, 1.0]),
            Err(Error::Order { position: 1, .. })
        ));
    }

    /// A line in logarithms, and one that falls ever faster: both have no floor.
    #[test]
    fn no_floor_is_found_where_there_is_none() {
        let sizes = [25.0, 50.0, 100.0, 200.0, 400.0];
        let power = Curve::fit(&sizes, &sizes.map(|n| 30.0 / n)).unwrap();
        assert_relative_eq!(power.exponent, 1.0, max_relative = 1e-8);
        assert_relative_eq!(power.asymptote, 0.0, epsilon = 1e-8);
        let faster = Curve::fit(&sizes, &sizes.map(|n| (-n / 300.0).exp())).unwrap();
        assert_eq!(faster.asymptote, 0.0);
    }

    #[test]
    fn a_flat_curve_is_reached_at_once_or_never() {
        let flat = Curve::flat(&[2.0, 8.0]);
        assert_relative_eq!(flat.error(50.0), 4.0, max_relative = 1e-15);
        assert_eq!(flat.size_for(5.0), Some(0.0));
        assert_eq!(flat.size_for(3.0), None);
    }

    proptest! {
        /// Planted curves are found, whatever the unit.
        #[test]
        fn planted_curves_are_found(
            floor in 0.0..0.6,
            exponent in 0.3..2.5,
            scale in 1e-3..1e3,
        ) {
            let sizes = [25.0, 50.0, 100.0, 200.0, 299.0];
            let factor = (1.0 - floor) * 25_f64.powf(exponent);
            let planted = Curve { asymptote: scale * floor, factor: scale * factor, exponent };
            let errors = sizes.map(|n| planted.error(n));
            let found = Curve::fit(&sizes, &errors).unwrap();
            // the floor is a hundred times worse determined than an error
            assert_relative_eq!(found.exponent, exponent, max_relative = 1e-6);
            assert_relative_eq!(found.asymptote, planted.asymptote, epsilon = 1e-6 * scale);
            for n in sizes {
                assert_relative_eq!(found.error(n), planted.error(n), max_relative = 1e-9);
            }
            let size = found.size_for(planted.error(1000.0)).unwrap();
            assert_relative_eq!(size, 1000.0, max_relative = 1e-4);
        }
    }
}
