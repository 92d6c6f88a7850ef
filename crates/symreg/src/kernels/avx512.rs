//! Vectors of eight numbers with AVX-512 (F and DQ).
//!
//! The methods are safe to write because a vector of this kind exists only below
//! [`super::Level::run`], which has made sure that the machine knows the
//! instructions.

use std::arch::x86_64::{
    __m512d, __mmask8, _CMP_EQ_OQ, _CMP_LT_OQ, _CMP_UNORD_Q, _MM_MANT_NORM_P75_1P5,
    _MM_MANT_SIGN_ZERO, _mm_cvtsi32_si128, _mm512_add_epi64, _mm512_add_pd, _mm512_and_pd,
    _mm512_castpd_si512, _mm512_castsi512_pd, _mm512_cmp_pd_mask, _mm512_div_pd,
    _mm512_fixupimm_pd, _mm512_fmadd_pd, _mm512_fnmadd_pd, _mm512_fpclass_pd_mask,
    _mm512_getexp_pd, _mm512_getmant_pd, _mm512_loadu_pd, _mm512_mask_add_pd, _mm512_mask_blend_pd,
    _mm512_max_pd, _mm512_min_pd, _mm512_mul_pd, _mm512_or_pd, _mm512_rcp14_pd, _mm512_scalef_pd,
    _mm512_set1_epi64, _mm512_set1_pd, _mm512_sll_epi64, _mm512_sqrt_pd, _mm512_srl_epi64,
    _mm512_storeu_pd, _mm512_sub_epi64, _mm512_sub_pd, _mm512_xor_pd,
};

use super::lanes::Lanes;

/// Eight numbers.
#[derive(Clone, Copy)]
pub(super) struct Avx512(__m512d);

/// Calls an intrinsic.
macro_rules! call {
    ($call:expr) => {
        // SAFETY: the instructions are there, see the head of the module.
        unsafe { $call }
    };
}

/// Classes of numbers for which Newton's steps to a quotient fail: no number, the
/// zeros, the infinities and the subnormal.
const ODD: i32 = 0x01 | 0x02 | 0x04 | 0x08 | 0x10 | 0x20 | 0x80;

/// Smallest dividend with an exact remainder, 2⁻⁹⁶⁰, and a little more.
const SMALL: f64 = 1e-288;

/// What becomes of the logarithm by the class of its argument, four bits a class,
/// in the order quiet and signalling not-a-number, zero, one, -∞, ∞, negative and
/// positive: 0 keeps what was computed, 3 gives no number, 4 gives -∞, 5 gives ∞.
const LOG_EDGES: i64 = 0x0353_0433;

impl Lanes for Avx512 {
    type Mask = __mmask8;
    const LANES: usize = 8;
    const FUSED: bool = true;

    #[inline(always)]
    unsafe fn load(from: *const f64) -> Self {
        // SAFETY: the caller has eight numbers there.
        Self(unsafe { _mm512_loadu_pd(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f64) {
        // SAFETY: the caller has eight numbers there.
        unsafe { _mm512_storeu_pd(to, self.0) }
    }

    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self(call!(_mm512_set1_pd(value)))
    }

    #[inline(always)]
    fn add(self, b: Self) -> Self {
        Self(call!(_mm512_add_pd(self.0, b.0)))
    }

    #[inline(always)]
    fn sub(self, b: Self) -> Self {
        Self(call!(_mm512_sub_pd(self.0, b.0)))
    }

    #[inline(always)]
    fn mul(self, b: Self) -> Self {
        Self(call!(_mm512_mul_pd(self.0, b.0)))
    }

    /// From an estimate of the reciprocal to 14 bits, three times as many by one
    /// step of third order, and one correction of the quotient by its remainder:
    /// within 0.5 + 2⁻³⁰ units in the last place. The divider of the machine takes
    /// over where that fails.
    #[inline(always)]
    fn quotient(self, b: Self) -> Self {
        let estimate = Self(call!(_mm512_rcp14_pd(b.0)));
        let error = estimate.fnma(b, Self::splat(1.0));
        let reciprocal = error.fma(error, error).fma(estimate, estimate);
        let quotient = self.mul(reciprocal);
        let remainder = quotient.fnma(b, self);
        let quotient = remainder.fma(reciprocal, quotient);
        let odd = call!(_mm512_fpclass_pd_mask::<ODD>(quotient.0));
        // Remainders of such small numbers have lost their last places.
        let small = self.abs().less(Self::splat(SMALL));
        if odd | small == 0 {
            return quotient;
        }
        Self(call!(_mm512_div_pd(self.0, b.0)))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(call!(_mm512_sqrt_pd(self.0)))
    }

    #[inline(always)]
    fn fma(self, b: Self, c: Self) -> Self {
        Self(call!(_mm512_fmadd_pd(self.0, b.0, c.0)))
    }

    #[inline(always)]
    fn fnma(self, b: Self, c: Self) -> Self {
        Self(call!(_mm512_fnmadd_pd(self.0, b.0, c.0)))
    }

    #[inline(always)]
    fn at_most(self, b: Self) -> Self {
        Self(call!(_mm512_min_pd(b.0, self.0)))
    }

    #[inline(always)]
    fn at_least(self, b: Self) -> Self {
        Self(call!(_mm512_max_pd(b.0, self.0)))
    }

    #[inline(always)]
    fn and(self, b: Self) -> Self {
        Self(call!(_mm512_and_pd(self.0, b.0)))
    }

    #[inline(always)]
    fn or(self, b: Self) -> Self {
        Self(call!(_mm512_or_pd(self.0, b.0)))
    }

    #[inline(always)]
    fn xor(self, b: Self) -> Self {
        Self(call!(_mm512_xor_pd(self.0, b.0)))
    }

    #[inline(always)]
    fn add_bits(self, b: Self) -> Self {
        let (a, b) = (
            call!(_mm512_castpd_si512(self.0)),
            call!(_mm512_castpd_si512(b.0)),
        );
        Self(call!(_mm512_castsi512_pd(_mm512_add_epi64(a, b))))
    }

    #[inline(always)]
    fn sub_bits(self, b: Self) -> Self {
        let (a, b) = (
            call!(_mm512_castpd_si512(self.0)),
            call!(_mm512_castpd_si512(b.0)),
        );
        Self(call!(_mm512_castsi512_pd(_mm512_sub_epi64(a, b))))
    }

    #[inline(always)]
    fn up<const BITS: u32>(self) -> Self {
        let count = call!(_mm_cvtsi32_si128(BITS.cast_signed()));
        let bits = call!(_mm512_castpd_si512(self.0));
        Self(call!(_mm512_castsi512_pd(_mm512_sll_epi64(bits, count))))
    }

    #[inline(always)]
    fn down<const BITS: u32>(self) -> Self {
        let count = call!(_mm_cvtsi32_si128(BITS.cast_signed()));
        let bits = call!(_mm512_castpd_si512(self.0));
        Self(call!(_mm512_castsi512_pd(_mm512_srl_epi64(bits, count))))
    }

    #[inline(always)]
    fn less(self, b: Self) -> Self::Mask {
        call!(_mm512_cmp_pd_mask::<_CMP_LT_OQ>(self.0, b.0))
    }

    #[inline(always)]
    fn equal(self, b: Self) -> Self::Mask {
        call!(_mm512_cmp_pd_mask::<_CMP_EQ_OQ>(self.0, b.0))
    }

    #[inline(always)]
    fn is_nan(self) -> Self::Mask {
        call!(_mm512_cmp_pd_mask::<_CMP_UNORD_Q>(self.0, self.0))
    }

    #[inline(always)]
    fn both(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        a & b
    }

    #[inline(always)]
    fn either(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        a | b
    }

    #[inline(always)]
    fn any(mask: Self::Mask) -> bool {
        mask != 0
    }

    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        Self(call!(_mm512_mask_blend_pd(mask, no.0, yes.0)))
    }

    #[inline(always)]
    fn ratio(self, b: Self) -> Self {
        let estimate = Self(call!(_mm512_rcp14_pd(b.0)));
        let error = estimate.fnma(b, Self::splat(1.0));
        let reciprocal = error.fma(estimate, estimate);
        let quotient = self.mul(reciprocal);
        quotient.fnma(b, self).fma(reciprocal, quotient)
    }

    #[inline(always)]
    fn scaled(self, n: Self) -> Self {
        Self(call!(_mm512_scalef_pd(self.0, n.0)))
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let m = call!(_mm512_getmant_pd::<_MM_MANT_NORM_P75_1P5, _MM_MANT_SIGN_ZERO>(self.0));
        let k = call!(_mm512_getexp_pd(self.0));
        let one = Self::splat(1.0);
        let below = Self(m).less(one);
        let k = call!(_mm512_mask_add_pd(k, below, k, one.0));
        (Self(m), Self(k))
    }

    #[inline(always)]
    fn log_edges(self, computed: Self) -> Self {
        let table = call!(_mm512_set1_epi64(LOG_EDGES));
        Self(call!(_mm512_fixupimm_pd::<0>(computed.0, self.0, table)))
    }
}
