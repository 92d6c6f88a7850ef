//! Percentiles of sorted values.

/// A percentile, linear between the two values that it falls between.
///
/// # Panics
///
/// If there are no values.
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let place = place(sorted, share);
    let below = sorted[index(place.floor())];
    let above = sorted[index(place.ceil())];
    below + (place - place.floor()) * (above - below)
}

/// The value at or next below a percentile; values may be infinite.
pub(crate) fn percentile_below(sorted: &[f64], share: f64) -> f64 {
    sorted[index(place(sorted, share).floor())]
}

/// The value at or next above a percentile; values may be infinite.
pub(crate) fn percentile_above(sorted: &[f64], share: f64) -> f64 {
    sorted[index(place(sorted, share).ceil())]
}

fn place(sorted: &[f64], share: f64) -> f64 {
    assert!(!sorted.is_empty(), "a percentile of no values");
    share.clamp(0.0, 1.0) * (sorted.len() - 1) as f64
}

/// A whole number between 0 and the last place, as an index.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn index(place: f64) -> usize {
    place as usize
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn by_hand() {
        assert_relative_eq!(percentile(&[0.0, 1.0, 3.0], 0.5), 1.0);
        assert_relative_eq!(percentile(&[0.0, 1.0, 3.0], 0.75), 2.0);
        assert_relative_eq!(percentile(&[0.0, 1.0, 3.0], 1.0), 3.0);
        let unbounded = [f64::NEG_INFINITY, 1.0, f64::INFINITY];
        assert_eq!(percentile_below(&unbounded, 0.4), f64::NEG_INFINITY);
        assert_eq!(percentile_above(&unbounded, 0.4), 1.0);
        assert_eq!(percentile_above(&unbounded, 0.6), f64::INFINITY);
    }
}
