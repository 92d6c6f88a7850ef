//! Learning curves over seeds, and the structures needed to reach an error.

use serde::Serialize;

use crate::{
    Curve, Error, Interval, Result, check, percentile::expanded, resample, summary::deviation,
};

/// How often the seeds are drawn again.
pub const CURVE_RESAMPLES: usize = 1999;

/// A curve fitted to the mean errors of several seeds, and the curves of seeds
/// drawn again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LearningCurve {
    /// The curve of all seeds.
    pub curve: Curve,
    /// Smallest measured size.
    pub smallest: f64,
    /// Largest measured size.
    pub largest: f64,
    /// Number of seeds.
    pub seeds: usize,
    /// How many of the [`CURVE_RESAMPLES`] draws do not fall. They count as
    /// constant errors, with the exponent 0.
    pub flat: usize,
    #[serde(skip)]
    pub(crate) drawn: Vec<Curve>,
}

/// The structures needed to reach an error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Reach {
    /// Structures, by the curve of all seeds.
    pub size: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval; `None` if too many draws never get there.
    pub high: Option<f64>,
    /// Whether `size` is outside of the measured sizes, so that it rests on the
    /// form of the curve.
    pub extrapolated: bool,
}

impl LearningCurve {
    /// Fits a [`Curve`] to mean errors, and again to those of seeds drawn with
    /// replacement.
    ///
    /// A seed is drawn with its errors at all sizes, since its subsamples are
    /// nested and share their luck. Intervals are percentiles over the draws,
    /// further out than the level says by as much as an interval of Student's t
    /// is wider than the spread of the draws of a mean, and widened to hold the
    /// estimate. They hold the luck of the seeds, not the doubt whether errors
    /// follow such a curve.
    ///
    /// - `sizes`: `(K,)`, structures to train on, rising.
    /// - `errors`: `(K, S)`, one row a size, one column a seed; only seeds that
    ///   have an error at every size.
    /// - `name`: what the errors belong to. Curves of the same name and number of
    ///   seeds are drawn alike, so that two models can be compared draw by draw.
    ///
    /// # Errors
    ///
    /// As [`Curve::fit`]; further [`Error::Length`] if rows have different
    /// lengths, and [`Error::TooFew`] without seeds.
    ///
    /// # Examples
    ///
    /// ```
    /// use statistics::LearningCurve;
    /// let errors = [vec![1.5, 1.3], vec![1.21, 1.19], vec![1.11, 1.09]];
    /// let fitted = LearningCurve::fit(&[25.0, 100.0, 400.0], &errors, "ridge")?;
    /// let reach = fitted.size_for(1.05, 0.95)?.expect("the asymptote is 1");
    /// assert!((reach.size - 1600.0).abs() < 1.0);
    /// assert!(reach.extrapolated);
    /// # Ok::<(), statistics::Error>(())
    /// ```
    ///
    /// # Source
    ///
    /// Efron & Tibshirani, *An Introduction to the Bootstrap* (1993), chapters 9
    /// and 13; expanded percentiles for few seeds after Hesterberg, *Am. Stat.*
    /// **69**, 371 (2015).
    pub fn fit(sizes: &[f64], errors: &[Vec<f64>], name: &str) -> Result<Self> {
        let seeds = seeds(sizes, errors)?;
        let every: Vec<usize> = (0..seeds).collect();
        let curve = Curve::fit(sizes, &means(errors, &every))?;
        let mut random = resample::named(name);
        let mut drawn = Vec::with_capacity(CURVE_RESAMPLES);
        let mut flat = 0;
        for _ in 0..CURVE_RESAMPLES {
            let errors = means(errors, &resample::places(seeds, &mut random));
            drawn.push(match Curve::fit(sizes, &errors) {
                Err(Error::NoDecay { .. }) => {
                    flat += 1;
                    Curve::flat(&errors)
                }
                fitted => fitted?,
            });
        }
        Ok(Self {
            curve,
            smallest: sizes[0],
            largest: sizes[sizes.len() - 1],
            seeds,
            flat,
            drawn,
        })
    }

    /// The error that no number of structures falls below, and its interval.
    ///
    /// # Errors
    ///
    /// [`Error::Range`] if the level is not between 0 and 1.
    pub fn asymptote(&self, level: f64) -> Result<Interval> {
        self.interval(|curve| curve.asymptote, level)
    }

    /// How fast the error falls, and its interval.
    ///
    /// # Errors
    ///
    /// [`Error::Range`] if the level is not between 0 and 1.
    pub fn exponent(&self, level: f64) -> Result<Interval> {
        self.interval(|curve| curve.exponent, level)
    }

    /// The error at a size, and its interval: a point of the band to be drawn.
    ///
    /// # Errors
    ///
    /// [`Error::NotPositive`] or [`Error::NotFinite`] if the size is not positive
    /// and finite, [`Error::Range`] if the level is not between 0 and 1.
    pub fn error(&self, size: f64, level: f64) -> Result<Interval> {
        check::positive("sizes", &[size])?;
        self.interval(|curve| curve.error(size), level)
    }

    /// The structures needed to reach an error; `None` if the asymptote of all
    /// seeds is not below it.
    ///
    /// `None` is an estimate too, without an interval, and beyond the measured sizes
    /// it is often wrong: of 200 planted tables of one curve with a floor, ten seeds
    /// and sizes up to 299, one in seven was said never to reach the error that the
    /// curve has at 600. See [`asymptote`](Self::asymptote) for how sure the floor
    /// is. Within the measured sizes, intervals of 95 % held the truth 93 times in
    /// 100.
    ///
    /// # Errors
    ///
    /// [`Error::NotPositive`] or [`Error::NotFinite`] if the error is not positive
    /// and finite, [`Error::Range`] if the level is not between 0 and 1.
    pub fn size_for(&self, error: f64, level: f64) -> Result<Option<Reach>> {
        check::positive("errors", &[error])?;
        check::share("the level", level)?;
        let Some(size) = self.curve.size_for(error) else {
            return Ok(None);
        };
        let sizes = self.drawn.iter().map(|curve| curve.size_for(error));
        let sizes = sizes.map(|size| size.unwrap_or(f64::INFINITY));
        let (low, high) = expanded(sizes.collect(), level, self.seeds);
        Ok(Some(Reach {
            size,
            low: low.min(size),
            high: high.is_finite().then(|| high.max(size)),
            extrapolated: size < self.smallest || size > self.largest,
        }))
    }

    fn interval(&self, of: impl Fn(&Curve) -> f64, level: f64) -> Result<Interval> {
        check::share("the level", level)?;
        let estimate = of(&self.curve);
        let values: Vec<f64> = self.drawn.iter().map(of).collect();
        let standard_error = deviation(&values);
        let (low, high) = expanded(values, level, self.seeds);
        Ok(Interval {
            low: low.min(estimate),
            estimate,
            high: high.max(estimate),
            standard_error,
        })
    }
}

/// The number of seeds, the same at every size, with positive errors.
pub(crate) fn seeds(sizes: &[f64], errors: &[Vec<f64>]) -> Result<usize> {
    check::length("errors", sizes.len(), errors.len())?;
    let seeds = errors.first().map_or(0, Vec::len);
    check::enough("seeds", seeds, 1)?;
    for row in errors {
        check::length("the seeds of a size", seeds, row.len())?;
        check::positive("errors", row)?;
    }
    Ok(seeds)
}

/// The mean error of some seeds at every size.
pub(crate) fn means(errors: &[Vec<f64>], places: &[usize]) -> Vec<f64> {
    let sum = |row: &Vec<f64>| places.iter().map(|place| row[*place]).sum::<f64>();
    errors
        .iter()
        .map(|row| sum(row) / places.len() as f64)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [f64; 5] = [25.0, 50.0, 100.0, 200.0, 299.0];

    /// `a + b n^(-c)` times the luck of a seed, the same at all sizes.
    fn planted(curve: Curve, luck: &[f64]) -> Vec<Vec<f64>> {
        let row = |n: &f64| luck.iter().map(|l| l * curve.error(*n)).collect();
        SIZES.iter().map(row).collect()
    }

    const PLANTED: Curve = Curve {
        asymptote: 1.0,
        factor: 20.0,
        exponent: 0.8,
    };

    #[test]
    fn luck_shared_by_all_sizes_leaves_the_exponent_alone() {
        let errors = planted(PLANTED, &[0.8, 0.9, 1.0, 1.1, 1.2]);
        let fitted = LearningCurve::fit(&SIZES, &errors, "luck").unwrap();
        let exponent = fitted.exponent(0.95).unwrap();
        assert!(exponent.contains(0.8) && exponent.high - exponent.low < 1e-5);
        let asymptote = fitted.asymptote(0.95).unwrap();
        assert!(asymptote.contains(1.0) && asymptote.high - asymptote.low > 0.1);
        assert_eq!(fitted.flat, 0);
    }

    #[test]
    fn an_error_below_the_asymptote_is_never_reached() {
        let errors = planted(PLANTED, &[0.8, 1.0, 1.2]);
        let fitted = LearningCurve::fit(&SIZES, &errors, "never").unwrap();
        assert_eq!(fitted.size_for(0.99, 0.95).unwrap(), None);
        // reached by the mean, but not with every draw
        let close = fitted.size_for(1.1, 0.95).unwrap().unwrap();
        assert_eq!((close.high, close.extrapolated), (None, true));
        let within = fitted.size_for(PLANTED.error(150.0), 0.5).unwrap().unwrap();
        assert!(!within.extrapolated);
        assert!(within.low < 150.0 && within.high.is_some_and(|high| high > 150.0));
    }

    #[test]
    fn seeds_that_do_not_fall_are_counted() {
        let mut errors = planted(PLANTED, &[1.0, 1.0]);
        for row in &mut errors {
            row[1] = 3.0;
        }
        errors[4][1] = 3.5;
        let fitted = LearningCurve::fit(&SIZES, &errors, "flat").unwrap();
        // a quarter of the draws are the second seed twice
        assert!((400..600).contains(&fitted.flat), "{} flat", fitted.flat);
        assert_eq!(fitted.exponent(0.95).unwrap().low, 0.0);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let fit = |errors: &[Vec<f64>]| LearningCurve::fit(&SIZES[..3], errors, "no");
        assert!(fit(&[vec![3.0], vec![2.0]]).is_err());
        assert!(fit(&[vec![3.0], vec![2.0], vec![1.0, 1.0]]).is_err());
        assert!(fit(&[vec![], vec![], vec![]]).is_err());
        assert!(fit(&[vec![3.0], vec![f64::NAN], vec![1.0]]).is_err());
        assert!(fit(&[vec![3.0], vec![2.0], vec![1.5]]).is_ok());
    }
}
