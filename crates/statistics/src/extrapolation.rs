//! Where fitted curves cross beyond what was measured.

use serde::Serialize;

use crate::{Curve, LearningCurve, Result, check, percentile::expanded, roots::rising_root};

/// How many times the largest measured size fitted curves are followed.
pub const HORIZON: f64 = 100.0;

/// Where fitted curves say that one model will overtake another. This is no
/// measurement: it holds only if both go on as they began.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Extrapolation {
    /// The size, beyond those measured for both models.
    pub size: f64,
    /// Lower end of its interval; the largest measured size if the first is
    /// already better there in too many draws.
    pub low: f64,
    /// Upper end of its interval; `None` if beyond the horizon.
    pub high: Option<f64>,
    /// Share of draws in which the first is better somewhere up to the horizon.
    pub share: f64,
}

/// The size beyond those measured for both models at which the fitted curve of the
/// first one first falls below that of the second.
///
/// `None` if it is below already at the largest size that was measured for both,
/// or if it does not come below within [`HORIZON`] times that size.
///
/// The draws of both are compared one by one. They are of the same seeds if both
/// were fitted with the same name and number of seeds; otherwise they are
/// independent.
///
/// # Errors
///
/// [`Error::Range`](crate::Error::Range) if the level is not between 0 and 1.
///
/// # Source
///
/// As [`LearningCurve::fit`].
pub fn extrapolated_crossover(
    first: &LearningCurve,
    second: &LearningCurve,
    level: f64,
) -> Result<Option<Extrapolation>> {
    check::share("the level", level)?;
    let from = first.largest.min(second.largest);
    let meeting = |a: &Curve, b: &Curve| meeting(|size| (a.error(size) / b.error(size)).ln(), from);
    let size = meeting(&first.curve, &second.curve);
    if size <= from || size.is_infinite() {
        return Ok(None);
    }
    let pairs = first.drawn.iter().zip(&second.drawn);
    let drawn: Vec<f64> = pairs.map(|(a, b)| meeting(a, b)).collect();
    let finite = drawn.iter().filter(|size| size.is_finite()).count();
    let share = finite as f64 / drawn.len() as f64;
    let (low, high) = expanded(drawn, level, first.seeds.min(second.seeds));
    Ok(Some(Extrapolation {
        size,
        low: low.min(size),
        high: high.is_finite().then(|| high.max(size)),
        share,
    }))
}

/// The first size from `from` on where a function is negative; `∞` if there is
/// none within the horizon. It is looked at 40 times a decade.
fn meeting(ratio: impl Fn(f64) -> f64, from: f64) -> f64 {
    let step = HORIZON.powf(1.0 / 80.0);
    let mut before = from;
    for index in 0..=80 {
        let size = from * step.powi(index);
        if ratio(size) < 0.0 {
            return rising_root(|n| -ratio(n), before, size);
        }
        before = size;
    }
    f64::INFINITY
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// `1 + 20/n` and `10/√n`, with roots n = 10 √n - 20, of which the larger is
    /// `(5 + √5)² ≈ 52.4`: after it, the floor of the one is above the other.
    #[test]
    fn curves_meet_beyond_the_measured_sizes() {
        let sizes = [10.0, 20.0, 30.0, 40.0];
        let rows = |f: fn(f64) -> f64| sizes.map(|n| [0.9, 1.0, 1.1].map(|l| l * f(n)).to_vec());
        let with_floor = rows(|n| 1.0 + 20.0 / n);
        let without = rows(|n| 10.0 / n.sqrt());
        let fit = |rows: &[Vec<f64>]| LearningCurve::fit(&sizes, rows, "meet").unwrap();
        let (floor, power) = (fit(&with_floor), fit(&without));
        let found = extrapolated_crossover(&power, &floor, 0.95).unwrap();
        let found = found.expect("a floor is overtaken");
        // the asymptotes are fitted to about 1e-6
        let expected = (5.0 + 5_f64.sqrt()).powi(2);
        assert_relative_eq!(found.size, expected, max_relative = 1e-4);
        assert_eq!(found.share, 1.0);
        assert!(found.low > 40.0 && found.high.is_some_and(|high| high < 60.0));
        assert_eq!(extrapolated_crossover(&floor, &power, 0.95).unwrap(), None);
    }
}
