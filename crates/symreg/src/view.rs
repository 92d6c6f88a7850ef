//! Ways to look at a target.
//!
//! What is a sum of simple terms to one eye is a root of a sum to another:
//! `y = √(a² + b²)` is hard to breed, `y² = a² + b²` is two terms. Some islands
//! therefore search for the logarithm, the inverse or the square of the target;
//! what they find is turned back into a formula for the target itself and scored
//! there, so that there is one objective and one front.
//!
//! Undoing the outermost function is one of the steps of AI Feynman (Udrescu &
//! Tegmark, *Sci. Adv.* **6**, eaay2631 (2020)).

use serde::{Deserialize, Serialize};

use crate::{Expr, Op};

/// A function of the target that is searched for in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum View {
    /// The target itself.
    Plain,
    /// `ln y`, for positive targets.
    Logarithm,
    /// `1 / y`, for targets of one sign.
    Inverse,
    /// `y²`, for targets that are not negative.
    Square,
    /// The target itself, by formulas without fitted constants.
    Bare,
}

impl View {
    /// The views of islands in turn: of every four, two are plain and one is bare.
    pub(crate) fn of_islands(count: usize, target: &[f64], operators: &[Op]) -> Vec<Self> {
        let all = [Self::Logarithm, Self::Inverse, Self::Square];
        let others: Vec<Self> = all
            .into_iter()
            .filter(|view| view.suits(operators) && view.seen(target).is_some())
            .collect();
        let view = |island: usize| {
            if island % 4 == 3 {
                Self::Bare
            } else if island.is_multiple_of(2) || others.is_empty() {
                Self::Plain
            } else {
                others[island / 4 % others.len()]
            }
        };
        (0..count).map(view).collect()
    }

    /// Whether the way back is made of operations that may be used.
    fn suits(self, operators: &[Op]) -> bool {
        let has = |op| operators.contains(&op);
        match self {
            Self::Plain | Self::Bare => true,
            Self::Logarithm => has(Op::Exp),
            Self::Inverse => has(Op::Inv) || has(Op::Div),
            Self::Square => has(Op::Sqrt),
        }
    }

    /// The target as it is seen; nothing where it cannot be,
    /// or where there is none.
    pub(crate) fn seen(self, target: &[f64]) -> Option<Vec<f64>> {
        if target.is_empty() {
            return None;
        }
        let all = |holds: fn(f64) -> bool| target.iter().all(|y| holds(*y));
        let function: fn(f64) -> f64 = match self {
            Self::Plain | Self::Bare => |y| y,
            Self::Logarithm if all(|y| y > 0.0) => f64::ln,
            Self::Inverse if all(|y| y > 0.0) || all(|y| y < 0.0) => f64::recip,
            Self::Square if all(|y| y >= 0.0) => |y| y * y,
            Self::Logarithm | Self::Inverse | Self::Square => return None,
        };
        let seen: Vec<f64> = target.iter().map(|y| function(*y)).collect();
        seen.iter().all(|y| y.is_finite()).then_some(seen)
    }

    /// Formulas for the target, given one for what is seen; the first that has a
    /// value everywhere is meant.
    ///
    /// That a sum of squares is positive is more than interval arithmetic can
    /// always tell; the root of its magnitude is safe.
    pub(crate) fn back(self, seen: &Expr) -> Vec<Expr> {
        let through = |ops: &[Op]| {
            let code = seen.code().iter().chain(ops).copied().collect();
            Expr::new(code).expect("an operation follows its operand")
        };
        match self {
            Self::Plain | Self::Bare => vec![seen.clone()],
            Self::Logarithm => vec![through(&[Op::Exp])],
            Self::Inverse => vec![through(&[Op::Inv])],
            Self::Square => vec![through(&[Op::Sqrt]), through(&[Op::Abs, Op::Sqrt])],
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::{Column, Table};

    #[test]
    fn the_way_back_is_the_inverse_of_the_view() {
        let y = vec![0.5, 1.7, 3.0];
        for view in [View::Plain, View::Logarithm, View::Inverse, View::Square] {
            let seen = view.seen(&y).unwrap();
            let table = Table::new(vec![(Column::new("s", ""), seen)]).unwrap();
            for back in view.back(&Expr::column(0)) {
                for (value, y) in back.evaluate(&table).unwrap().iter().zip(&y) {
                    assert_relative_eq!(value, y, max_relative = 1e-14);
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_seen_is_not_looked_at() {
        let used = [Op::Exp, Op::Div, Op::Sqrt];
        let views = |y: &[f64]| View::of_islands(6, y, &used);
        let blind = [View::Plain, View::Plain, View::Plain, View::Bare];
        assert_eq!(views(&[1.0, -1.0])[..4], blind);
        assert_eq!(views(&[-1.0, -2.0])[1], View::Inverse);
        assert_eq!(views(&[1.0, 2.0])[1], View::Logarithm);
        assert_eq!(views(&[1.0, 2.0])[5], View::Inverse);
    }
}
