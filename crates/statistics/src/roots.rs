//! Where a function of one number changes sign.

/// The place in `[low, high]` where a function turns from negative to positive,
/// by bisection down to neighbouring numbers.
///
/// A function that is nowhere negative gives `low`, one that is nowhere positive
/// gives `high`.
pub(crate) fn rising_root(function: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let (mut below, mut above) = (low, high);
    loop {
        let middle = f64::midpoint(below, above);
        if middle <= below || middle >= above {
            return middle;
        }
        if function(middle) < 0.0 {
            below = middle;
        } else {
            above = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn the_root_of_two() {
        let root = rising_root(|x| x * x - 2.0, 0.0, 8.0);
        assert_relative_eq!(root, 2_f64.sqrt(), max_relative = 1e-15);
    }

    #[test]
    fn no_change_of_sign_gives_an_end() {
        assert_relative_eq!(rising_root(|_| 1.0, 1.0, 2.0), 1.0);
        assert_relative_eq!(rising_root(|_| -1.0, 1.0, 2.0), 2.0);
    }
}
