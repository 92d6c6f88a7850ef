//! Exponential function and hyperbolic tangent.
//!
//! `eˣ = 2ⁿ·eʳ` with whole `n` and `|r| ≤ ln 2 / 2`, where `eʳ` is a polynomial of
//! degree 11; `ln 2` is taken in two parts, of which the first times `n` is exact.
//!
//! # Source
//!
//! Muller, *Elementary Functions*, 3rd ed. (2016), chapters 3 and 11, for the
//! reduction. Coefficients: `benches/scripts/minimax.py`.

use std::f64::consts::LOG2_E;

use super::lanes::{Lanes, ROUND, SIGN};

/// `(eʳ - 1 - r) / r²`
const EXP: [f64; 10] = [
    0.500_000_000_000_001_1,
    0.166_666_666_666_664_13,
    0.041_666_666_666_530_155,
    0.008_333_333_333_494_46,
    0.001_388_888_894_363_020_3,
    0.000_198_412_695_065_797_53,
    2.480_149_309_881_907_6e-5,
    2.755_758_637_589_242_4e-6,
    2.763_024_840_713_630_7e-7,
    2.500_006_022_078_599_5e-8,
];

/// The upper 40 bits of ln 2, and the rest.
pub(super) const LN_2: [f64; 2] = [0.693_147_180_560_117_7, -1.723_944_452_561_483_5e-13];

/// Whole powers of two that are all that is left, or nothing.
const LARGEST: f64 = 1100.0;

/// `(n, r, eʳ - 1 - r)` for `x + more`, where `more` is tiny.
#[inline(always)]
fn reduced<L: Lanes>(x: L, more: L) -> (L, L, L) {
    let n = x.fma(L::splat(LOG2_E), L::splat(ROUND));
    let n = n.sub(L::splat(ROUND));
    let r = n.fnma(L::splat(LN_2[0]), x);
    let r = n.fnma(L::splat(LN_2[1]), r).add(more);
    (n, r, r.mul(r).mul(r.polynomial(EXP)))
}

/// `eˣ`
#[inline(always)]
pub(super) fn exp<L: Lanes>(x: L) -> L {
    let x = x.at_most(L::splat(LARGEST)).at_least(L::splat(-LARGEST));
    let n = x.fma(L::splat(LOG2_E), L::splat(ROUND));
    let n = n.sub(L::splat(ROUND));
    let r = n.fnma(L::splat(LN_2[0]), x);
    let r = n.fnma(L::splat(LN_2[1]), r);
    let rest = r.mul(r).fma(r.polynomial(EXP), r);
    rest.add(L::splat(1.0)).scaled(n)
}

/// `e` to the power `x + more`, where `more` is far below the last place of `x`.
#[inline(always)]
pub(super) fn exp_sum<L: Lanes>(x: L, more: L) -> L {
    let (n, r, rest) = reduced(x, more);
    rest.add(r).add(L::splat(1.0)).scaled(n)
}

/// `(e^2ǀxǀ - 1) / (e^2ǀxǀ + 1)`, by way of the numerator, which keeps its last
/// places where `x` is small.
#[inline(always)]
pub(super) fn tanh<L: Lanes>(x: L) -> L {
    let twice = x.abs().add(x.abs()).at_most(L::splat(44.0));
    let (n, r, rest) = reduced(twice, L::splat(0.0));
    let power = L::splat(1.0).scaled(n);
    // e^(2|x|) - 1
    let above = rest.add(r).fma(power, power.sub(L::splat(1.0)));
    let value = above.quotient(above.add(L::splat(2.0)));
    value.or(x.and(L::bits(SIGN)))
}
