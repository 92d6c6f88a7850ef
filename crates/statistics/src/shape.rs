//! Least squares for the shape of a learning curve.
//!
//! With `x = ln(n / n₁)`, `n₁` the smallest size, a curve is its value there times
//! `s + (1 - s) e^(-c x)`. The value drops out of the squares as the mean of the
//! logarithms, and two bounded numbers are left: the floor `s`, a share, and the
//! exponent `c`. Both are found on a coarse grid and then by damped Gauss–Newton
//! steps (Levenberg, *Q. Appl. Math.* **2**, 164 (1944)) within the bounds.

use std::ops::RangeInclusive;

/// Where the exponent is sought.
const EXPONENTS: RangeInclusive<f64> = 1e-4..=10.0;

/// Where the floor is sought.
const FLOORS: RangeInclusive<f64> = 0.0..=1.0;

/// Points of the first grid, a side.
const GRID: u32 = 10;

/// A curve with the value 1 at the smallest size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// `s`.
    pub(crate) floor: f64,
    /// `c`.
    pub(crate) exponent: f64,
}

/// What is left of the logarithms, and how it changes with floor and exponent;
/// all without their means.
struct Slopes {
    left: Vec<f64>,
    by_floor: Vec<f64>,
    by_exponent: Vec<f64>,
}

impl Shape {
    /// The best shape and its value at the smallest size.
    pub(crate) fn fit(steps: &[f64], logarithms: &[f64]) -> (Self, f64) {
        let shape = Self::coarse(steps, logarithms).refined(steps, logarithms);
        let off = steps
            .iter()
            .zip(logarithms)
            .map(|(x, y)| y - shape.logarithm(*x));
        let scale = off.sum::<f64>() / steps.len() as f64;
        (shape, scale.exp())
    }

    /// `ln(s + (1 - s) e^(-c x))`.
    pub(crate) fn logarithm(self, step: f64) -> f64 {
        (self.floor + (1.0 - self.floor) * (-self.exponent * step).exp()).ln()
    }

    /// The best of a grid, on which exponents are spread in logarithms.
    fn coarse(steps: &[f64], logarithms: &[f64]) -> Self {
        let share = |i: u32| f64::from(i) / f64::from(GRID);
        let places = (0..GRID).flat_map(|i| (0..=GRID).map(move |j| (i, j)));
        let shapes = places.map(|(i, j)| Self {
            floor: share(i),
            exponent: 0.02 * 500_f64.powf(share(j)),
        });
        let mut best = Self {
            floor: 0.0,
            exponent: 1.0,
        };
        let mut least = f64::INFINITY;
        for shape in shapes {
            let squares = shape.squares(steps, logarithms);
            if squares < least {
                (best, least) = (shape, squares);
            }
        }
        best
    }

    /// Steps until none makes the squares smaller.
    fn refined(self, steps: &[f64], logarithms: &[f64]) -> Self {
        let (mut best, mut least) = (self, self.squares(steps, logarithms));
        let mut damping = 1e-3;
        for _ in 0..1000 {
            let next = best.stepped(&best.slopes(steps, logarithms), damping);
            let squares = next.squares(steps, logarithms);
            if squares < least {
                (best, least) = (next, squares);
                damping = (damping * 0.1).max(1e-15);
            } else if damping > 1e9 {
                break;
            } else {
                damping *= 10.0;
            }
        }
        best
    }

    fn squares(self, steps: &[f64], logarithms: &[f64]) -> f64 {
        let off = steps
            .iter()
            .zip(logarithms)
            .map(|(x, y)| y - self.logarithm(*x));
        let left = centered(off.collect());
        dot(&left, &left)
    }

    fn slopes(self, steps: &[f64], logarithms: &[f64]) -> Slopes {
        let decays: Vec<f64> = steps.iter().map(|x| (-self.exponent * x).exp()).collect();
        let value = |decay: f64| self.floor + (1.0 - self.floor) * decay;
        let off = steps
            .iter()
            .zip(logarithms)
            .map(|(x, y)| y - self.logarithm(*x));
        let by_floor = decays.iter().map(|d| (1.0 - d) / value(*d));
        let by_exponent = steps.iter().zip(&decays);
        let by_exponent = by_exponent.map(|(x, d)| -x * (1.0 - self.floor) * d / value(*d));
        Slopes {
            left: centered(off.collect()),
            by_floor: centered(by_floor.collect()),
            by_exponent: centered(by_exponent.collect()),
        }
    }

    /// One damped step. A number at its bound that would leave it stays.
    fn stepped(self, slopes: &Slopes, damping: f64) -> Self {
        let down = dot(&slopes.by_floor, &slopes.left);
        let along = dot(&slopes.by_exponent, &slopes.left);
        let floor_free = inside(self.floor, down, &FLOORS);
        let exponent_free = inside(self.exponent, along, &EXPONENTS);
        let a = dot(&slopes.by_floor, &slopes.by_floor) * (1.0 + damping);
        let d = dot(&slopes.by_exponent, &slopes.by_exponent) * (1.0 + damping);
        let b = dot(&slopes.by_floor, &slopes.by_exponent);
        let (floor, exponent) = match (floor_free, exponent_free) {
            (true, true) => {
                let area = a * d - b * b;
                ((d * down - b * along) / area, (a * along - b * down) / area)
            }
            (true, false) => (down / a, 0.0),
            (false, true) => (0.0, along / d),
            (false, false) => (0.0, 0.0),
        };
        if floor.is_finite() && exponent.is_finite() {
            Self {
                floor: (self.floor + floor).clamp(*FLOORS.start(), *FLOORS.end()),
                exponent: (self.exponent + exponent).clamp(*EXPONENTS.start(), *EXPONENTS.end()),
            }
        } else {
            self
        }
    }
}

/// Whether a number may move the way that makes the squares smaller.
fn inside(value: f64, uphill: f64, bounds: &RangeInclusive<f64>) -> bool {
    (value > *bounds.start() || uphill > 0.0) && (value < *bounds.end() || uphill < 0.0)
}

fn centered(mut values: Vec<f64>) -> Vec<f64> {
    let center = values.iter().sum::<f64>() / values.len() as f64;
    for value in &mut values {
        *value -= center;
    }
    values
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn slopes_are_those_of_finite_differences() {
        let shape = |floor, exponent| Shape { floor, exponent };
        let (steps, zeros) = ([0.0, 0.7, 1.4, 2.5], [0.0; 4]);
        let slopes = shape(0.3, 0.8).slopes(&steps, &zeros);
        let h = 1e-6;
        let left = |s: Shape| s.slopes(&steps, &zeros).left;
        let by_floor = (left(shape(0.3 + h, 0.8)), left(shape(0.3 - h, 0.8)));
        let by_exponent = (left(shape(0.3, 0.8 + h)), left(shape(0.3, 0.8 - h)));
        for i in 0..4 {
            // what is left falls as the curve rises; rounding over 2h
            let slope = |(up, down): &(Vec<f64>, Vec<f64>)| (down[i] - up[i]) / (2.0 * h);
            assert_relative_eq!(slopes.by_floor[i], slope(&by_floor), epsilon = 1e-9);
            assert_relative_eq!(slopes.by_exponent[i], slope(&by_exponent), epsilon = 1e-9);
        }
    }
}
