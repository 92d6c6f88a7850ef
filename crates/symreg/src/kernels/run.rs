//! The loops over rows, written once for all instruction sets.

use super::{
    backward::Slope,
    exponential::{exp, tanh},
    lanes::{Lanes, SIGN},
    logarithm::log,
    power::{cbrt, pow, powi, powi_slope},
    program::{Place, Space, Step},
    trigonometric::{cos, cos_of_small, is_large, sin, sin_of_small},
};
use crate::Op;

/// Where the places of a program begin, by [`Space`].
#[derive(Clone, Copy)]
pub(super) struct Bases(pub(super) [*mut f64; 3]);

impl Bases {
    /// The same registers for the rows from `start`.
    pub(super) fn moved(mut self, start: usize) -> Self {
        let column = &mut self.0[Space::Column as usize];
        *column = column.wrapping_add(start);
        self
    }

    #[inline(always)]
    fn of(self, place: Place) -> *mut f64 {
        self.0[place.space as usize].wrapping_add(place.at as usize)
    }
}

/// Runs steps over so many rows; the last one writes to `out`, if given.
///
/// # Safety
///
/// Every place of the steps must hold as many numbers as there are rows (those
/// of the space of scalars: one chunk), and `rows` must be a multiple of
/// [`super::CHUNK`].
#[inline(always)]
pub(super) unsafe fn values<L: Lanes>(
    steps: &[Step],
    bases: Bases,
    rows: usize,
    out: Option<*mut f64>,
) {
    for (index, step) in steps.iter().enumerate() {
        let last = index + 1 == steps.len();
        let to = match out {
            Some(out) if last => out,
            _ => bases.of(step.to),
        };
        // SAFETY: the caller vouches for the places.
        unsafe { value::<L>(step, to, bases, rows) }
    }
}

/// Goes through all rows: takes a vector from each of the sources, under their
/// names, and writes what the expression makes of them. Two vectors at a time share
/// the constants of the expression.
///
/// The loops are macros and not functions that are given functions: those
/// would not be inlined, and vector instructions would become calls.
macro_rules! each {
    ($L:ident, $rows:expr, $to:expr, [$($source:ident),+] => $value:expr) => {{
        let mut row = 0;
        while row + 2 * $L::LANES <= $rows {
            let next = row + $L::LANES;
            let first: $L = {
                $(let $source: $L = $source.next(row);)+
                $value
            };
            let second: $L = {
                $(let $source: $L = $source.next(next);)+
                $value
            };
            first.store($to.add(row));
            second.store($to.add(next));
            row = next + $L::LANES;
        }
        while row < $rows {
            $(let $source: $L = $source.next(row);)+
            let value: $L = $value;
            value.store($to.add(row));
            row += $L::LANES;
        }
    }};
}

/// A function of two operands, of which one may be the same in all rows.
macro_rules! pair {
    ($L:ident, $step:ident, $rows:expr, $to:expr, $a:expr, $b:expr, $f:path) => {{
        let (a, b) = (Rows($a), Rows($b));
        match ($step.a.space == Space::Scalar, $step.b.space == Space::Scalar) {
            (false, true) => {
                let b = $L::load($b);
                each!($L, $rows, $to, [a] => $f(a, b));
            }
            (true, false) => {
                let a = $L::load($a);
                each!($L, $rows, $to, [b] => $f(a, b));
            }
            _ => each!($L, $rows, $to, [a, b] => $f(a, b)),
        }
    }};
}

/// An operand that is different in each row.
#[derive(Clone, Copy)]
struct Rows(*const f64);

impl Rows {
    /// # Safety
    ///
    /// There must be a vector at the row.
    #[inline(always)]
    unsafe fn next<L: Lanes>(self, row: usize) -> L {
        // SAFETY: the caller vouches for it.
        unsafe { L::load(self.0.add(row)) }
    }
}

/// An operand that may be the same in all rows.
#[derive(Clone, Copy)]
struct Source {
    at: *const f64,
    /// 1, or 0 where it is.
    step: usize,
}

impl Source {
    #[inline(always)]
    fn new(bases: Bases, place: Place) -> Self {
        Self {
            at: bases.of(place),
            step: usize::from(place.space != Space::Scalar),
        }
    }

    /// # Safety
    ///
    /// There must be a vector at the row.
    #[inline(always)]
    unsafe fn next<L: Lanes>(self, row: usize) -> L {
        // SAFETY: the caller vouches for it.
        unsafe { L::load(self.at.add(row * self.step)) }
    }
}

/// One step.
///
/// # Safety
///
/// As [`values`].
#[inline(always)]
unsafe fn value<L: Lanes>(step: &Step, to: *mut f64, bases: Bases, rows: usize) {
    let (first, second) = (bases.of(step.a), bases.of(step.b));
    let a = Rows(first);
    // SAFETY: the caller vouches for the places.
    unsafe {
        match step.op {
            Op::Const(_) | Op::Integer(_) | Op::Pi | Op::Column(_) => {}
            Op::Add => pair!(L, step, rows, to, first, second, L::add),
            Op::Sub => pair!(L, step, rows, to, first, second, L::sub),
            Op::Mul => pair!(L, step, rows, to, first, second, L::mul),
            Op::Div => pair!(L, step, rows, to, first, second, L::quotient),
            Op::Neg => each!(L, rows, to, [a] => a.neg()),
            Op::Square => each!(L, rows, to, [a] => a.mul(a)),
            Op::Cube => each!(L, rows, to, [a] => a.mul(a).mul(a)),
            Op::Sqrt => each!(L, rows, to, [a] => a.sqrt()),
            Op::Cbrt => each!(L, rows, to, [a] => cbrt(a)),
            Op::Exp => each!(L, rows, to, [a] => exp(a)),
            Op::Log => each!(L, rows, to, [a] => log(a)),
            Op::Sin if !any_large::<L>(a, rows) => each!(L, rows, to, [a] => sin_of_small(a)),
            Op::Sin => each!(L, rows, to, [a] => sin(a)),
            Op::Cos if !any_large::<L>(a, rows) => each!(L, rows, to, [a] => cos_of_small(a)),
            Op::Cos => each!(L, rows, to, [a] => cos(a)),
            Op::Tanh => each!(L, rows, to, [a] => tanh(a)),
            Op::Abs => each!(L, rows, to, [a] => a.abs()),
            Op::Inv => each!(L, rows, to, [a] => L::splat(1.0).quotient(a)),
            Op::Powi(n) => each!(L, rows, to, [a] => powi(a, n)),
            Op::Pow => {
                let (a, b) = (Source::new(bases, step.a), Source::new(bases, step.b));
                each!(L, rows, to, [a, b] => pow(a, b));
            }
            Op::Min => pair!(L, step, rows, to, first, second, smaller),
            Op::Max => pair!(L, step, rows, to, first, second, larger),
        }
    }
}

/// Runs the steps of the derivatives over so many rows.
///
/// # Safety
///
/// As [`values`].
#[inline(always)]
pub(super) unsafe fn slopes<L: Lanes>(slopes: &[Slope], bases: Bases, rows: usize) {
    let (zero, one) = (L::splat(0.0), L::splat(1.0));
    for slope in slopes {
        let to = bases.of(slope.to);
        let (d, a) = (Source::new(bases, slope.from), Source::new(bases, slope.a));
        let (value, b) = (Source::new(bases, slope.value), Source::new(bases, slope.b));
        // SAFETY: the caller vouches for the places.
        unsafe {
            match (slope.op, slope.second) {
                (Op::Const(_) | Op::Integer(_) | Op::Pi | Op::Column(_) | Op::Add, _)
                | (Op::Sub, false) => each!(L, rows, to, [d] => d),
                (Op::Sub, true) | (Op::Neg, _) => each!(L, rows, to, [d] => d.neg()),
                (Op::Mul, false) => each!(L, rows, to, [d, b] => d.mul(b)),
                (Op::Mul, true) => each!(L, rows, to, [d, a] => d.mul(a)),
                (Op::Div, false) => each!(L, rows, to, [d, b] => d.quotient(b)),
                // -(a/b) / b
                (Op::Div, true) => {
                    each!(L, rows, to, [d, value, b] => d.mul(value).neg().quotient(b));
                }
                (Op::Square, _) => each!(L, rows, to, [d, a] => d.mul(a.add(a))),
                (Op::Cube, _) => {
                    each!(L, rows, to, [d, a] => d.mul(a.mul(a).mul(L::splat(3.0))));
                }
                // 1 / (2·√a)
                (Op::Sqrt, _) => each!(L, rows, to, [d, value] => d.quotient(value.add(value))),
                // 1 / (3·∛a²)
                (Op::Cbrt, _) => {
                    each!(L, rows, to, [d, value] => d.quotient(value.mul(value).mul(L::splat(3.0))));
                }
                (Op::Exp, _) => each!(L, rows, to, [d, value] => d.mul(value)),
                (Op::Log, _) => each!(L, rows, to, [d, a] => d.quotient(a)),
                (Op::Sin, _) => each!(L, rows, to, [d, a] => d.mul(cos(a))),
                (Op::Cos, _) => each!(L, rows, to, [d, a] => d.mul(sin(a)).neg()),
                // (1 - tanh(a))·(1 + tanh(a))
                (Op::Tanh, _) => {
                    each!(L, rows, to, [d, value] => d.mul(one.sub(value).mul(one.add(value))));
                }
                (Op::Abs, _) => each!(L, rows, to, [d, a] => d.xor(a.and(L::bits(SIGN)))),
                // -(1/a)²
                (Op::Inv, _) => each!(L, rows, to, [d, value] => d.mul(value.mul(value)).neg()),
                (Op::Powi(n), _) => each!(L, rows, to, [d, a] => d.mul(powi_slope(a, n))),
                // b·aᵇ / a
                (Op::Pow, false) => {
                    each!(L, rows, to, [d, value, a, b] => d.mul(value).mul(b).quotient(a));
                }
                // aᵇ·ln a
                (Op::Pow, true) => each!(L, rows, to, [d, value, a] => d.mul(value).mul(log(a))),
                (Op::Min, false) => each!(L, rows, to, [d, a, b] => L::select(b.less(a), zero, d)),
                (Op::Min, true) => each!(L, rows, to, [d, a, b] => L::select(b.less(a), d, zero)),
                (Op::Max, false) => each!(L, rows, to, [d, a, b] => L::select(a.less(b), zero, d)),
                (Op::Max, true) => each!(L, rows, to, [d, a, b] => L::select(a.less(b), d, zero)),
            }
        }
    }
}

/// Whether some row is too large for the quick reduction of sines and cosines.
///
/// # Safety
///
/// There must be as many rows.
#[inline(always)]
unsafe fn any_large<L: Lanes>(a: Rows, rows: usize) -> bool {
    // SAFETY: the caller vouches for the rows.
    unsafe {
        let mut large = is_large(a.next::<L>(0));
        let mut row = L::LANES;
        while row < rows {
            large = L::either(large, is_large(a.next::<L>(row)));
            row += L::LANES;
        }
        L::any(large)
    }
}

/// The smaller number, or none where an operand is none.
#[inline(always)]
fn smaller<L: Lanes>(a: L, b: L) -> L {
    L::select(b.is_nan(), b, a.at_most(b))
}

/// The larger number, or none where an operand is none.
#[inline(always)]
fn larger<L: Lanes>(a: L, b: L) -> L {
    L::select(b.is_nan(), b, a.at_least(b))
}
