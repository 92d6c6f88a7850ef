//! The loops over rows, written once for all instruction sets.

use super::{
    exponential::{exp, tanh},
    lanes::{Lanes, SIGN},
    logarithm::log,
    power::{cbrt, pow, whole},
    program::{Place, Slope, Space, Step},
    trigonometric::{cos, sin},
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

/// One step.
///
/// # Safety
///
/// As [`values`].
#[inline(always)]
unsafe fn value<L: Lanes>(step: &Step, to: *mut f64, bases: Bases, rows: usize) {
    let (a, b) = (bases.of(step.a), bases.of(step.b));
    let pair = Pair {
        rows,
        to,
        a,
        b,
        scalar_a: step.a.space == Space::Scalar && step.b.space != Space::Scalar,
        scalar_b: step.b.space == Space::Scalar && step.a.space != Space::Scalar,
    };
    // SAFETY: the caller vouches for the places.
    unsafe {
        match step.op {
            Op::Const(_) | Op::Integer(_) | Op::Pi | Op::Column(_) => {}
            Op::Add => pair.zip(L::add),
            Op::Sub => pair.zip(L::sub),
            Op::Mul => pair.zip(L::mul),
            Op::Div => pair.zip(L::quotient),
            Op::Neg => map(rows, to, a, L::neg),
            Op::Square => map(rows, to, a, square::<L>),
            Op::Cube => map(rows, to, a, cube::<L>),
            Op::Sqrt => map(rows, to, a, L::sqrt),
            Op::Cbrt => map(rows, to, a, cbrt::<L>),
            Op::Exp => map(rows, to, a, exp::<L>),
            Op::Log => map(rows, to, a, log::<L>),
            Op::Sin => map(rows, to, a, sin::<L>),
            Op::Cos => map(rows, to, a, cos::<L>),
            Op::Tanh => map(rows, to, a, tanh::<L>),
            Op::Abs => map(rows, to, a, L::abs),
            Op::Inv => map(rows, to, a, inverse::<L>),
            Op::Powi(n) => {
                let (size, negative) = (n.unsigned_abs(), n < 0);
                let mut row = 0;
                while row < rows {
                    let power = whole(L::load(a.add(row)), size);
                    let power = if negative { inverse(power) } else { power };
                    power.store(to.add(row));
                    row += L::LANES;
                }
            }
            Op::Pow => pair.zip(pow::<L>),
            Op::Min => pair.zip(smaller::<L>),
            Op::Max => pair.zip(larger::<L>),
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
    for slope in slopes {
        let (to, n) = (bases.of(slope.to), rows);
        let (from, a) = (
            Source::new::<L>(bases, slope.from),
            Source::new::<L>(bases, slope.a),
        );
        let (b, value) = (
            Source::new::<L>(bases, slope.b),
            Source::new::<L>(bases, slope.value),
        );
        // SAFETY: the caller vouches for the places.
        unsafe {
            match (slope.op, slope.second) {
                (Op::Const(_) | Op::Integer(_) | Op::Pi | Op::Column(_) | Op::Add, _)
                | (Op::Sub, false) => map2(n, to, from, from, first::<L>),
                (Op::Sub, true) | (Op::Neg, _) => map2(n, to, from, from, negative::<L>),
                (Op::Mul, false) => map2(n, to, from, b, L::mul),
                (Op::Mul, true) => map2(n, to, from, a, L::mul),
                (Op::Div, false) => map2(n, to, from, b, L::quotient),
                (Op::Div, true) => map3(n, to, from, value, b, by_divisor::<L>),
                (Op::Square, _) => map2(n, to, from, a, by_square::<L>),
                (Op::Cube, _) => map2(n, to, from, a, by_cube::<L>),
                (Op::Sqrt, _) => map2(n, to, from, value, by_sqrt::<L>),
                (Op::Cbrt, _) => map2(n, to, from, value, by_cbrt::<L>),
                (Op::Exp, _) => map2(n, to, from, value, L::mul),
                (Op::Log, _) => map2(n, to, from, a, L::quotient),
                (Op::Sin, _) => map2(n, to, from, a, by_sin::<L>),
                (Op::Cos, _) => map2(n, to, from, a, by_cos::<L>),
                (Op::Tanh, _) => map2(n, to, from, value, by_tanh::<L>),
                (Op::Abs, _) => map2(n, to, from, a, by_abs::<L>),
                (Op::Inv, _) => map2(n, to, from, value, by_inverse::<L>),
                (Op::Powi(power), _) => {
                    by_whole::<L>(n, to, from, a, power);
                }
                (Op::Pow, false) => {
                    map3(n, to, from, value, a, over::<L>);
                    map2(n, to, Source::at::<L>(to), b, L::mul);
                }
                (Op::Pow, true) => map3(n, to, from, value, a, by_exponent::<L>),
                (Op::Min, false) => map3(n, to, from, a, b, unless_greater::<L>),
                (Op::Min, true) => map3(n, to, from, a, b, if_greater::<L>),
                (Op::Max, false) => map3(n, to, from, b, a, unless_greater::<L>),
                (Op::Max, true) => map3(n, to, from, b, a, if_greater::<L>),
            }
        }
    }
}

/// Two operands of which one may be the same in all rows.
struct Pair {
    rows: usize,
    to: *mut f64,
    a: *mut f64,
    b: *mut f64,
    scalar_a: bool,
    scalar_b: bool,
}

impl Pair {
    #[inline(always)]
    unsafe fn zip<L: Lanes>(self, f: impl Fn(L, L) -> L) {
        // SAFETY: the caller vouches for the places.
        unsafe {
            let mut row = 0;
            if self.scalar_b {
                let b = L::load(self.b);
                while row < self.rows {
                    f(L::load(self.a.add(row)), b).store(self.to.add(row));
                    row += L::LANES;
                }
            } else if self.scalar_a {
                let a = L::load(self.a);
                while row < self.rows {
                    f(a, L::load(self.b.add(row))).store(self.to.add(row));
                    row += L::LANES;
                }
            } else {
                while row < self.rows {
                    let a = L::load(self.a.add(row));
                    f(a, L::load(self.b.add(row))).store(self.to.add(row));
                    row += L::LANES;
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn map<L: Lanes>(rows: usize, to: *mut f64, a: *mut f64, f: impl Fn(L) -> L) {
    let mut row = 0;
    while row < rows {
        // SAFETY: the caller vouches for the places.
        unsafe { f(L::load(a.add(row))).store(to.add(row)) }
        row += L::LANES;
    }
}

/// An operand that stays in its place if it is the same in all rows.
#[derive(Clone, Copy)]
struct Source {
    at: *mut f64,
    step: usize,
}

impl Source {
    #[inline(always)]
    fn new<L: Lanes>(bases: Bases, place: Place) -> Self {
        let varies = place.space != Space::Scalar;
        Self {
            at: bases.of(place),
            step: if varies { L::LANES } else { 0 },
        }
    }

    #[inline(always)]
    fn at<L: Lanes>(at: *mut f64) -> Self {
        Self { at, step: L::LANES }
    }

    /// # Safety
    ///
    /// There must be another vector.
    #[inline(always)]
    unsafe fn next<L: Lanes>(&mut self) -> L {
        // SAFETY: the caller vouches for it.
        let vector = unsafe { L::load(self.at) };
        self.at = self.at.wrapping_add(self.step);
        vector
    }
}

#[inline(always)]
unsafe fn map2<L: Lanes>(
    rows: usize,
    to: *mut f64,
    mut a: Source,
    mut b: Source,
    f: impl Fn(L, L) -> L,
) {
    let mut row = 0;
    while row < rows {
        // SAFETY: the caller vouches for the places.
        unsafe { f(a.next(), b.next()).store(to.add(row)) }
        row += L::LANES;
    }
}

#[inline(always)]
unsafe fn map3<L: Lanes>(
    rows: usize,
    to: *mut f64,
    mut a: Source,
    mut b: Source,
    mut c: Source,
    f: impl Fn(L, L, L) -> L,
) {
    let mut row = 0;
    while row < rows {
        // SAFETY: the caller vouches for the places.
        unsafe { f(a.next(), b.next(), c.next()).store(to.add(row)) }
        row += L::LANES;
    }
}

#[inline(always)]
unsafe fn by_whole<L: Lanes>(rows: usize, to: *mut f64, mut from: Source, mut a: Source, n: i8) {
    let mut row = 0;
    while row < rows {
        // SAFETY: the caller vouches for the places.
        unsafe {
            let (from, a): (L, L) = (from.next(), a.next());
            let scaled = from.mul(L::splat(n.into()));
            let slope = if n > 0 {
                scaled.mul(whole(a, n.unsigned_abs() - 1))
            } else if n == -9 {
                scaled.quotient(whole(a, 9).mul(a))
            } else {
                scaled.quotient(whole(a, n.unsigned_abs() + 1))
            };
            slope.store(to.add(row));
        }
        row += L::LANES;
    }
}

#[inline(always)]
fn square<L: Lanes>(a: L) -> L {
    a.mul(a)
}

#[inline(always)]
fn cube<L: Lanes>(a: L) -> L {
    a.mul(a).mul(a)
}

#[inline(always)]
fn inverse<L: Lanes>(a: L) -> L {
    L::splat(1.0).quotient(a)
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

#[inline(always)]
fn first<L: Lanes>(from: L, _: L) -> L {
    from
}

#[inline(always)]
fn negative<L: Lanes>(from: L, _: L) -> L {
    from.neg()
}

/// `∂(a/b)/∂b = -(a/b) / b`
#[inline(always)]
fn by_divisor<L: Lanes>(from: L, value: L, b: L) -> L {
    from.mul(value).neg().quotient(b)
}

#[inline(always)]
fn by_square<L: Lanes>(from: L, a: L) -> L {
    from.mul(a.add(a))
}

#[inline(always)]
fn by_cube<L: Lanes>(from: L, a: L) -> L {
    from.mul(a.mul(a).mul(L::splat(3.0)))
}

/// `∂√a/∂a = 1 / (2·√a)`
#[inline(always)]
fn by_sqrt<L: Lanes>(from: L, value: L) -> L {
    from.quotient(value.add(value))
}

/// `∂∛a/∂a = 1 / (3·∛a²)`
#[inline(always)]
fn by_cbrt<L: Lanes>(from: L, value: L) -> L {
    from.quotient(value.mul(value).mul(L::splat(3.0)))
}

#[inline(always)]
fn by_sin<L: Lanes>(from: L, a: L) -> L {
    from.mul(cos(a))
}

#[inline(always)]
fn by_cos<L: Lanes>(from: L, a: L) -> L {
    from.mul(sin(a)).neg()
}

/// `∂tanh(a)/∂a = (1 - tanh(a))·(1 + tanh(a))`
#[inline(always)]
fn by_tanh<L: Lanes>(from: L, value: L) -> L {
    let one = L::splat(1.0);
    from.mul(one.sub(value).mul(one.add(value)))
}

#[inline(always)]
fn by_abs<L: Lanes>(from: L, a: L) -> L {
    from.xor(a.and(L::bits(SIGN)))
}

/// `∂(1/a)/∂a = -(1/a)²`
#[inline(always)]
fn by_inverse<L: Lanes>(from: L, value: L) -> L {
    from.mul(value.mul(value)).neg()
}

/// `∂aᵇ/∂a = b·aᵇ / a`, without the `b`.
#[inline(always)]
fn over<L: Lanes>(from: L, value: L, a: L) -> L {
    from.mul(value).quotient(a)
}

/// `∂aᵇ/∂b = aᵇ·ln a`
#[inline(always)]
fn by_exponent<L: Lanes>(from: L, value: L, a: L) -> L {
    from.mul(value).mul(log(a))
}

#[inline(always)]
fn if_greater<L: Lanes>(from: L, a: L, b: L) -> L {
    L::select(b.less(a), from, L::splat(0.0))
}

#[inline(always)]
fn unless_greater<L: Lanes>(from: L, a: L, b: L) -> L {
    L::select(b.less(a), L::splat(0.0), from)
}
