//! Bounds of a formula over a whole box of inputs.
//!
//! Interval arithmetic shows, without trying points, that a formula has a
//! finite value everywhere between the smallest and the largest features seen:
//! no pole, no logarithm of a negative number, no overflow. The bounds are
//! wider than the values where a column occurs twice, so that some harmless
//! formulas are refused too; a product of a subtree with itself is taken as
//! the square that it is.
//!
//! Sums, products, quotients and roots are rounded monotonically by IEEE 754, so
//! their bounds hold for the computed values as well; the bounds of the other
//! functions are widened by more than the values err.

use std::f64::consts::{PI, TAU};

use crate::{Expr, Op, Table, expr::subtree};

/// Relative widening where values are not correctly rounded: more than
/// [`Op::largest_error`] and the error of the library that computes the bounds.
const SLACK: f64 = 3e-15;

/// All numbers from `low` to `high`, both finite.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Interval {
    /// Smallest value.
    pub low: f64,
    /// Largest value.
    pub high: f64,
}

impl Interval {
    /// The interval between two finite numbers in order, if they are.
    #[must_use]
    pub fn new(low: f64, high: f64) -> Option<Self> {
        let valid = low.is_finite() && high.is_finite() && low <= high;
        valid.then_some(Self { low, high })
    }

    /// Whether a number lies in the interval, ends included.
    #[must_use]
    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// The interval of a function that rises everywhere.
    fn rising(self, f: impl Fn(f64) -> f64) -> Option<Self> {
        Self::new(f(self.low), f(self.high))?.widened()
    }

    fn widened(self) -> Option<Self> {
        Self::new(
            self.low - SLACK * self.low.abs(),
            self.high + SLACK * self.high.abs(),
        )
    }

    /// The smallest interval around four numbers.
    fn hull(ends: [f64; 4]) -> Option<Self> {
        if ends.iter().any(|end| end.is_nan()) {
            return None;
        }
        Self::new(
            ends.into_iter().fold(f64::INFINITY, f64::min),
            ends.into_iter().fold(f64::NEG_INFINITY, f64::max),
        )
    }

    fn times(self, other: Self) -> Option<Self> {
        let (a, b) = (self, other);
        Self::hull([
            a.low * b.low,
            a.low * b.high,
            a.high * b.low,
            a.high * b.high,
        ])
    }

    fn magnitude(self) -> Self {
        let (low, high) = (self.low.abs(), self.high.abs());
        Self {
            low: if self.contains(0.0) {
                0.0
            } else {
                low.min(high)
            },
            high: low.max(high),
        }
    }

    fn inverse(self) -> Option<Self> {
        (!self.contains(0.0)).then(|| Self::new(1.0 / self.high, 1.0 / self.low))?
    }

    fn power(self, exponent: i8) -> Option<Self> {
        let n = i32::from(exponent.abs());
        let base = if n % 2 == 0 { self.magnitude() } else { self };
        let positive = base.rising(|x| x.powi(n))?;
        if exponent < 0 {
            positive.inverse()?.widened()
        } else {
            Some(positive)
        }
    }

    /// A sine or cosine, whose extrema lie at `(k + shift)·π`, the largest
    /// values at even `k`.
    fn wave(self, f: impl Fn(f64) -> f64, shift: f64) -> Option<Self> {
        let everywhere = self.high - self.low >= TAU || self.magnitude().high > 1e6;
        if everywhere {
            return Self::new(-1.0, 1.0);
        }
        let (a, b) = (f(self.low), f(self.high));
        // The first extremum at or above `low`, counted generously.
        let first = ((self.low - 1e-9) / PI - shift).ceil();
        let within = |k: f64| (k + shift) * PI <= self.high + 1e-9;
        let even = |k: f64| k.rem_euclid(2.0) == 0.0;
        let reaches = |wanted: bool| {
            [first, first + 1.0]
                .into_iter()
                .any(|k| within(k) && even(k) == wanted)
        };
        let low = if reaches(false) { -1.0 } else { a.min(b) };
        let high = if reaches(true) { 1.0 } else { a.max(b) };
        Self::new(low, high)?.widened()
    }
}

impl Op {
    /// Bounds of the value, or nothing where the operation may lack one.
    ///
    /// `a` and `b` bound the operands; columns have none and give nothing.
    pub(crate) fn bounds(self, a: Interval, b: Interval) -> Option<Interval> {
        match self {
            Self::Const(value) => Interval::new(value, value),
            Self::Integer(value) => Interval::new(value.into(), value.into()),
            Self::Pi => Interval::new(PI, PI),
            Self::Column(_) => None,
            Self::Add => Interval::new(a.low + b.low, a.high + b.high),
            Self::Sub => Interval::new(a.low - b.high, a.high - b.low),
            Self::Mul => a.times(b),
            Self::Div if b.contains(0.0) => None,
            Self::Div => Interval::hull([
                a.low / b.low,
                a.low / b.high,
                a.high / b.low,
                a.high / b.high,
            ]),
            Self::Neg => Interval::new(-a.high, -a.low),
            Self::Square => a.power(2),
            Self::Cube => a.power(3),
            Self::Sqrt => a.rising(f64::sqrt),
            Self::Cbrt => a.rising(f64::cbrt),
            Self::Exp => a.rising(f64::exp),
            Self::Log | Self::Pow if a.low <= 0.0 => None,
            Self::Log => a.rising(f64::ln),
            Self::Sin => a.wave(f64::sin, 0.5),
            Self::Cos => a.wave(f64::cos, 0.0),
            Self::Tanh => a.rising(f64::tanh),
            Self::Abs => Some(a.magnitude()),
            Self::Inv => a.inverse(),
            Self::Powi(exponent) => a.power(exponent),
            // Monotone in either operand: the extremes lie in the corners.
            Self::Pow => Interval::hull([
                a.low.powf(b.low),
                a.low.powf(b.high),
                a.high.powf(b.low),
                a.high.powf(b.high),
            ])?
            .widened(),
            Self::Min => Interval::new(a.low.min(b.low), a.high.min(b.high)),
            Self::Max => Interval::new(a.low.max(b.low), a.high.max(b.high)),
        }
    }
}

impl Interval {
    /// As wide on either side of zero as on the wider.
    pub(crate) fn mirrored(self) -> Self {
        let high = self.low.abs().max(self.high.abs());
        Self { low: -high, high }
    }
}

/// The ranges of all columns: where formulas are guaranteed to have a value.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct FeatureBox(Vec<Interval>);

impl FeatureBox {
    /// The box around all rows, every side widened.
    ///
    /// - `margin`: what is added at both ends, in parts of the range; 0.1 for
    ///   10 %. A range that would overflow is not widened.
    ///
    /// A column of one sign keeps it: where the margin would reach zero, the
    /// end nearest to zero is halved instead, so that a distance stays
    /// positive and may stand in a logarithm.
    ///
    /// A table without rows has a box of zeros.
    #[must_use]
    pub fn around(table: &Table, margin: f64) -> Self {
        let side = |column| {
            let values = table.values(column);
            let low = values.iter().copied().reduce(f64::min).unwrap_or(0.0);
            let high = values.iter().copied().reduce(f64::max).unwrap_or(0.0);
            let more = margin * (high - low);
            let keeps_sign = |wide: f64, end: f64| if wide * end > 0.0 { wide } else { end / 2.0 };
            let wide = Interval::new(
                if low > 0.0 {
                    keeps_sign(low - more, low)
                } else {
                    low - more
                },
                if high < 0.0 {
                    keeps_sign(high + more, high)
                } else {
                    high + more
                },
            );
            wide.unwrap_or(Interval { low, high })
        };
        Self((0..table.columns().len()).map(side).collect())
    }

    /// The box with the last sides as wide on either side of zero as each is on the wider.
    pub(crate) fn with_last_mirrored(mut self, count: usize) -> Self {
        for side in self.0.iter_mut().rev().take(count) {
            *side = side.mirrored();
        }
        self
    }

    /// The range of every column.
    #[must_use]
    pub fn sides(&self) -> &[Interval] {
        &self.0
    }

    /// Whether one row of a table lies in the box, so that a formula found there
    /// interpolates.
    ///
    /// # Panics
    ///
    /// If the table has fewer columns than the box, or no such row.
    #[must_use]
    pub fn contains(&self, table: &Table, row: usize) -> bool {
        let inside = |(column, side): (usize, &Interval)| side.contains(table.values(column)[row]);
        self.0.iter().enumerate().all(inside)
    }

    /// The table with every value moved to the nearest one in the box.
    ///
    /// A formula of the front has a value there that it can answer for; what
    /// it would give far outside can be anything. Say which rows were moved:
    /// [`FeatureBox::contains`] knows.
    ///
    /// # Panics
    ///
    /// If the table has another number of columns than the box.
    #[must_use]
    pub fn clamped(&self, table: &Table) -> Table {
        assert_eq!(
            table.columns().len(),
            self.0.len(),
            "the box must have a side for each column"
        );
        table.mapped(|column, value| value.clamp(self.0[column].low, self.0[column].high))
    }

    /// Bounds of postfix code over the box.
    pub(crate) fn bounds(&self, code: &[Op]) -> Option<Interval> {
        self.tame_bounds(code, f64::INFINITY)
    }

    /// Bounds, or nothing where a sine or cosine has more than `periods` across
    /// the box: rows few and far between could not tell it from noise.
    pub(crate) fn tame_bounds(&self, code: &[Op], periods: f64) -> Option<Interval> {
        let mut stack: Vec<Interval> = Vec::with_capacity(code.len());
        for (position, &op) in code.iter().enumerate() {
            let interval = match op {
                Op::Column(index) => *self.0.get(index as usize)?,
                Op::Mul if is_square(code, position) => {
                    stack.pop()?;
                    stack.pop()?.power(2)?
                }
                _ => {
                    let mut operand = |wanted: bool| if wanted { stack.pop() } else { None };
                    let none = Interval {
                        low: 0.0,
                        high: 0.0,
                    };
                    let b = operand(op.arity() == 2).unwrap_or(none);
                    let a = operand(op.arity() >= 1).unwrap_or(none);
                    let wave = matches!(op, Op::Sin | Op::Cos);
                    if wave && a.high - a.low > periods * TAU {
                        return None;
                    }
                    op.bounds(a, b)?
                }
            };
            stack.push(interval);
        }
        stack.pop()
    }
}

/// Whether the product at `position` has two equal operands.
fn is_square(code: &[Op], position: usize) -> bool {
    let right = subtree(code, position - 1);
    let left = subtree(code, right.start - 1);
    code[left] == code[right]
}

impl Expr {
    /// Bounds of the values over a box, or nothing where the formula may have
    /// a pole, a domain error or an overflow.
    #[must_use]
    pub fn bounds(&self, domain: &FeatureBox) -> Option<Interval> {
        domain.bounds(self.code())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Column, arbitrary};

    fn domain(sides: &[(f64, f64)]) -> FeatureBox {
        FeatureBox(
            sides
                .iter()
                .map(|&(low, high)| Interval::new(low, high).unwrap())
                .collect(),
        )
    }

    fn bounds(text: &str, low: f64, high: f64) -> Option<(f64, f64)> {
        let expr = Expr::parse(text, &["x"]).unwrap();
        let interval = expr.bounds(&domain(&[(low, high)]))?;
        Some((interval.low, interval.high))
    }

    #[test]
    fn by_hand() {
        assert_eq!(bounds("2*x - 1", -1.0, 2.0), Some((-3.0, 3.0)));
        assert_eq!(bounds("1/(x - 3)", 4.0, 5.0), Some((0.5, 1.0)));
        assert_eq!(bounds("abs(x)", -3.0, 2.0), Some((0.0, 3.0)));
        assert_eq!(bounds("min(x, 1)", -3.0, 2.0), Some((-3.0, 1.0)));
        assert_eq!(bounds("max(x, 1)", -3.0, 2.0), Some((1.0, 2.0)));
        let (low, high) = bounds("pow(x, 1 - x)", 0.5, 2.0).unwrap();
        assert!((low - 0.5).abs() < 1e-14 && (high - 2.0).abs() < 1e-14);
        let (low, high) = bounds("sin(x)", 0.0, 3.0).unwrap();
        assert!(low.abs() < 1e-15 && (high - 1.0).abs() < 1e-14);
        let (low, high) = bounds("cos(x)", 2.0, 4.0).unwrap();
        assert!((low + 1.0).abs() < 1e-14 && (high - 2_f64.cos().max(4_f64.cos())).abs() < 1e-14);
    }

    #[test]
    fn bounds_are_widened_by_more_than_values_err() {
        for op in Op::NAMED.into_iter().chain([Op::Powi(9), Op::Powi(-9)]) {
            assert!((op.largest_error() + 1.0) * f64::EPSILON < SLACK, "{op:?}");
        }
    }

    #[test]
    fn poles_and_domain_errors_are_refused() {
        for text in ["1/x", "inv(x)", "log(x)", "sqrt(x)", "x^-2", "exp(1000*x)"] {
            assert_eq!(bounds(text, -1.0, 2.0), None, "{text}");
        }
        assert_eq!(bounds("pow(x, 0.5)", 0.0, 2.0), None);
        assert!(bounds("pow(x, 0.5)", 0.1, 2.0).is_some());
        assert!(bounds("1/(x*x + 1)", -1.0, 2.0).is_some());
        assert!(bounds("sqrt(x)", 0.0, 2.0).is_some());
    }

    #[test]
    fn the_box_is_wider_than_the_data_by_the_margin() {
        let table = Table::new(vec![(Column::new("x", ""), vec![1.0, 3.0])]).unwrap();
        let outside = Table::new(vec![(Column::new("x", ""), vec![3.3, 3.1])]).unwrap();
        let domain = FeatureBox::around(&table, 0.1);
        assert_eq!(domain.sides(), [Interval::new(0.8, 3.2).unwrap()]);
        assert!(!domain.contains(&outside, 0));
        let positive = Table::new(vec![(Column::new("x", ""), vec![0.1, 5.0])]).unwrap();
        assert_eq!(FeatureBox::around(&positive, 0.1).sides()[0].low, 0.05);
        assert!(domain.contains(&outside, 1));
        assert_eq!(domain.clamped(&outside).values(0), [3.2, 3.1]);
    }

    proptest! {
        #[test]
        fn bounds_contain_the_values(
            expr in arbitrary::expr(2),
            a in (-5.0..5.0, 0.0..4.0),
            b in (-5.0..5.0, 0.0..4.0),
            at in prop::collection::vec((0.0..=1.0, 0.0..=1.0), 20),
        ) {
            let domain = domain(&[(a.0, a.0 + a.1), (b.0, b.0 + b.1)]);
            if let Some(interval) = expr.bounds(&domain) {
                let inside = |from: (f64, f64), t: f64| (from.0 + t * from.1).min(from.0 + from.1);
                let x = at.iter().map(|t| inside(a, t.0)).collect();
                let y = at.iter().map(|t| inside(b, t.1)).collect();
                let table = Table::new(vec![(Column::new("x", ""), x), (Column::new("y", ""), y)]).unwrap();
                for value in expr.evaluate(&table).unwrap() {
                    prop_assert!(interval.contains(value), "{expr}: {value} not in {interval:?}");
                }
            }
        }
    }
}
