//! What an error costs: seconds, or anything else that one pays with.

use serde::Serialize;

use crate::{Error, Result, check};

/// What one fit cost and how good it was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CostPoint {
    /// Seconds, or any other cost; at least 0.
    pub cost: f64,
    /// Error; lower is better.
    pub error: f64,
}

/// The points that no other point beats, cheapest first.
///
/// A point is beaten by one that costs no more and errs no more, and is better in
/// one of both. Of points that are equal in both the first stays. Along the front
/// costs rise and errors fall.
///
/// - returns: places in `points`.
///
/// # Errors
///
/// [`Error::NotFinite`] if a cost or an error is not finite, [`Error::Range`] if
/// a cost is negative.
///
/// # Examples
///
/// ```
/// use statistics::{CostPoint, front};
/// let points = [(9.0, 0.5), (1.0, 2.0), (3.0, 2.5), (2.0, 1.0)]
///     .map(|(cost, error)| CostPoint { cost, error });
/// assert_eq!(front(&points)?, [1, 3, 0]); // the third costs more than the last
/// # Ok::<(), statistics::Error>(())
/// ```
///
/// # Source
///
/// Kung, Luccio & Preparata, *J. ACM* **22**, 469 (1975), for two dimensions.
pub fn front(points: &[CostPoint]) -> Result<Vec<usize>> {
    check_points(points)?;
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (points[*a], points[*b]);
        let by_cost = a.cost.total_cmp(&b.cost);
        by_cost.then(a.error.total_cmp(&b.error))
    });
    let mut least = f64::INFINITY;
    order.retain(|place| {
        let better = points[*place].error < least;
        least = least.min(points[*place].error);
        better
    });
    Ok(order)
}

/// The cheapest point whose error is at most `error`; `None` if there is none.
///
/// Of points that cost the same it is the most accurate one.
///
/// - returns: a place in `points`.
///
/// # Errors
///
/// As [`front`]; further [`Error::NotFinite`] if `error` is not finite.
///
/// # Examples
///
/// ```
/// use statistics::{CostPoint, least_cost};
/// let points = [(9.0, 0.5), (1.0, 2.0), (2.0, 1.0)]
///     .map(|(cost, error)| CostPoint { cost, error });
/// assert_eq!(least_cost(&points, 1.5)?, Some(2));
/// assert_eq!(least_cost(&points, 0.1)?, None);
/// # Ok::<(), statistics::Error>(())
/// ```
pub fn least_cost(points: &[CostPoint], error: f64) -> Result<Option<usize>> {
    check::finite("errors", &[error])?;
    let front = front(points)?;
    Ok(front
        .into_iter()
        .find(|place| points[*place].error <= error))
}

fn check_points(points: &[CostPoint]) -> Result<()> {
    let costs: Vec<f64> = points.iter().map(|point| point.cost).collect();
    let errors: Vec<f64> = points.iter().map(|point| point.error).collect();
    check::finite("costs", &costs)?;
    check::finite("errors", &errors)?;
    match costs.into_iter().find(|cost| *cost < 0.0) {
        Some(value) => Err(Error::Range {
            what: "a cost",
            expected: "at least 0",
            value,
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn points(pairs: &[(f64, f64)]) -> Vec<CostPoint> {
        let point = |(cost, error): &(f64, f64)| CostPoint {
            cost: *cost,
            error: *error,
        };
        pairs.iter().map(point).collect()
    }

    #[test]
    fn of_equal_points_the_first_stays() {
        assert_eq!(front(&points(&[(1.0, 1.0), (1.0, 1.0)])).unwrap(), [0]);
        assert_eq!(front(&[]).unwrap(), [0_usize; 0]);
    }

    #[test]
    fn no_cost_is_negative() {
        assert!(front(&points(&[(-1.0, 1.0)])).is_err());
        assert!(front(&points(&[(1.0, f64::NAN)])).is_err());
        assert!(least_cost(&points(&[(1.0, 1.0)]), f64::NAN).is_err());
    }

    proptest! {
        /// A point is on the front or beaten by one of it, never both; and the
        /// least cost is that of trying all points.
        #[test]
        fn agrees_with_comparing_all(
            pairs in prop::collection::vec((0..8_u8, 0..8_u8), 1..20),
            error in 0..8_u8,
        ) {
            let pairs: Vec<(f64, f64)> = pairs.into_iter().map(|(c, e)| (c.into(), e.into())).collect();
            let points = points(&pairs);
            let front = front(&points).unwrap();
            let beats = |a: usize, b: usize| {
                let ((ac, ae), (bc, be)) = (pairs[a], pairs[b]);
                ac <= bc && ae <= be && (ac < bc || ae < be || a < b)
            };
            for place in 0..points.len() {
                let beaten = (0..points.len()).any(|other| beats(other, place));
                prop_assert_eq!(front.contains(&place), !beaten);
            }
            let reached = pairs.iter().filter(|(_, e)| *e <= f64::from(error)).map(|(c, _)| *c);
            let found = least_cost(&points, error.into()).unwrap().map(|place| pairs[place].0);
            prop_assert_eq!(found, reached.min_by(f64::total_cmp));
        }
    }
}
