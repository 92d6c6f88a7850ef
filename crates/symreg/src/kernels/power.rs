//! Powers and the cube root.
//!
//! `aᵇ = exp(b·ln a)`, where the logarithm and the product carry a second number
//! with the next places. The cube root starts from a polynomial for `z^(-1/3)`,
//! which Newton-like steps of third order and one correction of `z·y²` sharpen.
//!
//! # Source
//!
//! Muller, *Elementary Functions*, 3rd ed. (2016), chapter 11.

use super::{exponential::exp_sum, lanes::Lanes, lanes::SIGN, logarithm::log_sum};

/// `aᵇ` for positive `a`; no number where an operand is none or `a` negative.
pub(crate) fn power(a: f64, b: f64) -> f64 {
    if a < 0.0 || a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        a.powf(b)
    }
}

/// `aᵇ`, as [`power`].
#[inline(always)]
pub(super) fn pow<L: Lanes>(a: L, b: L) -> L {
    if !L::FUSED {
        return a.each(b, power);
    }
    let (zero, infinite) = (L::splat(0.0), L::splat(f64::INFINITY));
    let (log, log_more) = log_sum(a);
    let y = b.mul(log);
    let y_more = b.fma(log_more, b.fma(log, y.neg()));
    // Beyond, the result is zero or infinite whatever the next places are.
    let far = L::splat(1100.0);
    let near = y.abs().less(far);
    let y_more = L::select(near, y_more, zero);
    let y = y.at_most(far).at_least(far.neg());
    let value = exp_sum(y, y_more);
    let plain = L::both(
        zero.less(a),
        L::both(a.less(infinite), b.abs().less(infinite)),
    );
    let none = L::either(a.less(zero), L::either(a.is_nan(), b.is_nan()));
    let value = L::select(plain, value, L::splat(f64::NAN));
    // Zero and infinity, which are rare.
    let edge = L::either(
        L::equal(a, zero),
        L::either(a.equal(infinite), b.abs().equal(infinite)),
    );
    if L::any(edge) {
        return L::select(L::either(plain, none), value, a.each(b, power));
    }
    value
}

/// `aⁿ` for `n` from -9 to -2 and from 2 to 9.
#[inline(always)]
pub(super) fn powi<L: Lanes>(a: L, n: i8) -> L {
    let power = whole(a, n.unsigned_abs());
    if n < 0 {
        L::splat(1.0).quotient(power)
    } else {
        power
    }
}

/// `n·aⁿ⁻¹`
#[inline(always)]
pub(super) fn powi_slope<L: Lanes>(a: L, n: i8) -> L {
    let factor = L::splat(n.into());
    let below = n - 1;
    if below < 0 {
        factor.quotient(whole(a, below.unsigned_abs()))
    } else {
        factor.mul(whole(a, below.unsigned_abs()))
    }
}

/// `aⁿ` for `n` from 2 to 10.
#[inline(always)]
fn whole<L: Lanes>(a: L, n: u8) -> L {
    let square = a.mul(a);
    let fourth = square.mul(square);
    let even = match n / 2 {
        1 => square,
        2 => fourth,
        3 => fourth.mul(square),
        4 => fourth.mul(fourth),
        _ => fourth.mul(fourth).mul(square),
    };
    if n % 2 == 1 { even.mul(a) } else { even }
}

/// `z^(-1/3)` to 1 % from 3/8 to 3.
const INVERSE_ROOT: [f64; 5] = [
    1.854_929_855_226_752_4,
    -1.628_791_286_634_476_5,
    1.067_382_759_648_466_4,
    -0.339_957_555_294_424_3,
    0.040_757_662_670_910_313,
];

/// The real cube root.
#[inline(always)]
pub(super) fn cbrt<L: Lanes>(a: L) -> L {
    let size = a.abs();
    let (m, k) = size.split();
    // k = 3·third + left, with left -1, 0 or 1.
    let round = L::splat(super::lanes::ROUND);
    let third = k.fma(L::splat(1.0 / 3.0), round).sub(round);
    let left = third.fnma(L::splat(3.0), k);
    let z = m.mul(left.two_to());
    let mut y = z.polynomial(INVERSE_ROOT);
    for _ in 0..2 {
        let square = y.mul(y);
        let error = square.fnma(z.mul(y), L::splat(1.0));
        let step = error.fma(L::splat(2.0 / 9.0), L::splat(1.0 / 3.0));
        y = y.fma(error.mul(step), y);
    }
    let square = y.mul(y);
    let root = z.mul(square);
    let remainder = root.mul(root).fnma(root, z);
    let root = remainder.fma(square.mul(L::splat(1.0 / 3.0)), root);
    let root = root.mul(third.two_to()).or(a.and(L::bits(SIGN)));
    let zero = L::splat(0.0);
    let plain = L::both(zero.less(size), size.less(L::splat(f64::INFINITY)));
    L::select(plain, root, a)
}
