//! Natural logarithm, also with a second number that holds the next places.
//!
//! `ln x = k·ln 2 + ln m` with `m` from 3/4 to 3/2, and
//! `ln m = 2 artanh(s)` with `s = (m - 1) / (m + 1)`, a polynomial in `s²`.
//!
//! # Source
//!
//! Muller, *Elementary Functions*, 3rd ed. (2016), chapters 3 and 11; Dekker,
//! doi:10.1007/BF01397083, for sums and products of two parts. Coefficients:
//! `benches/scripts/minimax.py`.

use super::{exponential::LN_2, lanes::Lanes};

/// `(2 artanh(s) / s - 2) / s²` in `s²`.
const LOG: [f64; 8] = [
    0.666_666_666_666_666,
    0.400_000_000_000_569_5,
    0.285_714_285_557_678_86,
    0.222_222_243_028_506_82,
    0.181_816_655_122_538_6,
    0.153_911_233_675_840_7,
    0.131_734_130_139_284_98,
    0.138_442_706_732_256_2,
];

/// `((2 artanh(s) / s - 2) / s² - 2/3) / s²` in `s²`.
const LONG: [f64; 8] = [
    0.399_999_999_999_997_2,
    0.285_714_285_715_798_7,
    0.222_222_221_907_931_26,
    0.181_818_215_670_393_22,
    0.153_844_045_880_770_72,
    0.133_412_030_317_046_7,
    0.115_914_801_812_107_18,
    0.125_768_375_406_544_48,
];

/// 2/3, and what is missing to it.
const TWO_THIRDS: [f64; 2] = [0.666_666_666_666_666_6, 3.700_743_415_417_188e-17];

/// `ln x`
#[inline(always)]
pub(super) fn log<L: Lanes>(x: L) -> L {
    let (m, k) = x.split();
    let f = m.sub(L::splat(1.0));
    let s = f.ratio(m.add(L::splat(1.0)));
    let w = s.mul(s);
    let rest = w.mul(w.polynomial(LOG));
    // 2 artanh(s) = f - (f²/2 - s·(f²/2 + rest)), where only f is not small.
    let half = f.mul(f).mul(L::splat(0.5));
    let small = s.fma(half.add(rest), k.mul(L::splat(LN_2[1])));
    let below = half.sub(small).sub(f);
    x.log_edges(k.mul(L::splat(LN_2[0])).sub(below))
}

/// `ln x` as a sum of two numbers, right to 2⁻⁶³ of its value, for positive and
/// finite `x`. Needs [`Lanes::FUSED`].
#[inline(always)]
pub(super) fn log_sum<L: Lanes>(x: L) -> (L, L) {
    let one = L::splat(1.0);
    let (m, k) = x.split();
    let f = m.sub(one);
    // d = m + 1 and s = f / d, both with their next places.
    let d = m.add(one);
    let d_more = m.sub(d.sub(one));
    let inverse = one.quotient(d);
    let s = f.mul(inverse);
    let s_more = s.fnma(d_more, s.fnma(d, f)).mul(inverse);
    let w = s.mul(s);
    let w_more = s.add(s).fma(s_more, s.fma(s, w.neg()));
    // 2 artanh(s) = s·(2 + w·q) with q = 2/3 + w·(…).
    let p = w.mul(w.polynomial(LONG));
    let third = L::splat(TWO_THIRDS[0]);
    let q = third.add(p);
    let q_more = p.sub(q.sub(third)).add(L::splat(TWO_THIRDS[1]));
    let u = w.mul(q);
    let u_more = w_more.fma(q, w.fma(q_more, w.fma(q, u.neg())));
    let two = L::splat(2.0);
    let v = two.add(u);
    let v_more = u.sub(v.sub(two)).add(u_more);
    let l = s.mul(v);
    let l_more = s_more.fma(v, s.fma(v_more, s.fma(v, l.neg())));
    // k·ln 2, exact in its upper part, is larger than that or zero.
    let base = k.mul(L::splat(LN_2[0]));
    let sum = base.add(l);
    let lost = l.sub(sum.sub(base));
    let more = k.fma(L::splat(LN_2[1]), l_more).add(lost);
    let total = sum.add(more);
    (total, more.sub(total.sub(sum)))
}
