//! Sine and cosine.
//!
//! `sin x = ±sin r` with `r = x - n·π`, `|r| ≤ π/2`, and `cos x = ±sin r` with
//! `r = x - (n - 1/2)·π`; the sine of `r` is a polynomial of degree 17. π is taken
//! in parts: with fused multiplication, `x - n·π₁` is exact wherever `n` is, and
//! three parts of π suffice up to 2⁴⁰; without, π₁ to π₃ have so few bits that
//! their multiples are exact, which holds up to 2²². What is larger goes to the
//! mathematical library, number by number.
//!
//! # Source
//!
//! Cody & Waite, *Software Manual for the Elementary Functions* (1980), for
//! the reduction. Coefficients: `benches/scripts/minimax.py`.

use std::f64::consts::{FRAC_1_PI, PI};

use super::lanes::{Lanes, ROUND};

/// `(sin r / r - 1) / r²` in `r²`.
const SIN: [f64; 8] = [
    -0.166_666_666_666_666_66,
    0.008_333_333_333_333_184,
    -0.000_198_412_698_412_054_23,
    2.755_731_921_047_178e-6,
    -2.505_210_681_059_091e-8,
    1.605_893_651_882_361e-10,
    -7.642_907_092_451_218e-13,
    2.720_271_949_720_193_8e-15,
];

/// π in three parts of all bits.
const LONG_PI: [f64; 3] = [
    PI,
    1.224_646_799_147_353_2e-16,
    -2.994_769_809_718_339_7e-33,
];

/// π in three parts of 30 bits, and the rest.
const SHORT_PI: [f64; 4] = [
    3.141_592_655_330_896_4,
    -1.741_103_138_400_146_3e-9,
    -7.006_868_793_909_636e-19,
    -2.270_223_721_504_440_3e-28,
];

/// Largest argument of the reduction.
const fn largest(fused: bool) -> f64 {
    if fused {
        1_099_511_627_776.0
    } else {
        4_194_304.0
    }
}

/// Where the reduction is not exact enough, though there is a sine.
#[inline(always)]
pub(super) fn is_large<L: Lanes>(x: L) -> L::Mask {
    let magnitude = x.abs();
    let large = L::splat(largest(L::FUSED)).less(magnitude);
    L::both(large, magnitude.less(L::splat(f64::INFINITY)))
}

/// `±sin(x - (n - shift)·π)` with the sign of `(-1)ⁿ`.
#[inline(always)]
fn wave<L: Lanes>(x: L, shift: Option<f64>) -> L {
    let round = L::splat(ROUND);
    // The lowest bit of `counted` is whether it is odd.
    let (counted, n) = match shift.map(L::splat) {
        None => {
            let counted = x.fma(L::splat(FRAC_1_PI), round);
            (counted, counted.sub(round))
        }
        Some(shift) => {
            let counted = x.fma(L::splat(FRAC_1_PI), shift).add(round);
            (counted, counted.sub(round).sub(shift))
        }
    };
    let mut r = x;
    if L::FUSED {
        for part in LONG_PI {
            r = n.fnma(L::splat(part), r);
        }
    } else {
        for part in SHORT_PI {
            r = n.fnma(L::splat(part), r);
        }
    }
    let square = r.mul(r);
    let sine = r.mul(square).fma(square.polynomial(SIN), r);
    // Rounding must not lead beyond what a sine can be.
    let one = L::splat(1.0);
    let sine = sine.at_most(one).at_least(one.neg());
    sine.xor(counted.up::<63>())
}

/// `sin x` where `x` is not large.
#[inline(always)]
pub(super) fn sin_of_small<L: Lanes>(x: L) -> L {
    wave(x, None)
}

/// `cos x` where `x` is not large.
#[inline(always)]
pub(super) fn cos_of_small<L: Lanes>(x: L) -> L {
    wave(x, Some(0.5))
}

/// `sin x`
#[inline(always)]
pub(super) fn sin<L: Lanes>(x: L) -> L {
    let quick = sin_of_small(x);
    if !L::any(is_large(x)) {
        return quick;
    }
    let far = largest(L::FUSED);
    x.each(
        quick,
        |x, quick| if x.abs() > far { x.sin() } else { quick },
    )
}

/// `cos x`
#[inline(always)]
pub(super) fn cos<L: Lanes>(x: L) -> L {
    let quick = cos_of_small(x);
    if !L::any(is_large(x)) {
        return quick;
    }
    let far = largest(L::FUSED);
    x.each(
        quick,
        |x, quick| if x.abs() > far { x.cos() } else { quick },
    )
}
