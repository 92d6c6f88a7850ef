//! Vectors of four numbers with AVX2 and fused multiplication.
//!
//! The methods are safe to write because a vector of this kind exists only below
//! [`super::Level::run`], which has made sure that the machine knows the
//! instructions.

use std::arch::x86_64::{
    __m256d, _CMP_EQ_OQ, _CMP_LT_OQ, _CMP_UNORD_Q, _mm_cvtsi32_si128, _mm256_add_epi64,
    _mm256_add_pd, _mm256_and_pd, _mm256_blendv_pd, _mm256_castpd_si256, _mm256_castsi256_pd,
    _mm256_cmp_pd, _mm256_div_pd, _mm256_fmadd_pd, _mm256_fnmadd_pd, _mm256_loadu_pd,
    _mm256_max_pd, _mm256_min_pd, _mm256_movemask_pd, _mm256_mul_pd, _mm256_or_pd, _mm256_set1_pd,
    _mm256_sll_epi64, _mm256_sqrt_pd, _mm256_srl_epi64, _mm256_storeu_pd, _mm256_sub_epi64,
    _mm256_sub_pd, _mm256_xor_pd,
};

use super::lanes::Lanes;

/// Four numbers.
#[derive(Clone, Copy)]
pub(super) struct Avx2(__m256d);

/// Calls an intrinsic.
macro_rules! call {
    ($call:expr) => {
        // SAFETY: the instructions are there, see the head of the module.
        unsafe { $call }
    };
}

impl Lanes for Avx2 {
    type Mask = __m256d;
    const LANES: usize = 4;
    const FUSED: bool = true;

    #[inline(always)]
    unsafe fn load(from: *const f64) -> Self {
        // SAFETY: the caller has four numbers there.
        Self(unsafe { _mm256_loadu_pd(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f64) {
        // SAFETY: the caller has four numbers there.
        unsafe { _mm256_storeu_pd(to, self.0) }
    }

    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self(call!(_mm256_set1_pd(value)))
    }

    #[inline(always)]
    fn add(self, b: Self) -> Self {
        Self(call!(_mm256_add_pd(self.0, b.0)))
    }

    #[inline(always)]
    fn sub(self, b: Self) -> Self {
        Self(call!(_mm256_sub_pd(self.0, b.0)))
    }

    #[inline(always)]
    fn mul(self, b: Self) -> Self {
        Self(call!(_mm256_mul_pd(self.0, b.0)))
    }

    #[inline(always)]
    fn quotient(self, b: Self) -> Self {
        Self(call!(_mm256_div_pd(self.0, b.0)))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(call!(_mm256_sqrt_pd(self.0)))
    }

    #[inline(always)]
    fn fma(self, b: Self, c: Self) -> Self {
        Self(call!(_mm256_fmadd_pd(self.0, b.0, c.0)))
    }

    #[inline(always)]
    fn fnma(self, b: Self, c: Self) -> Self {
        Self(call!(_mm256_fnmadd_pd(self.0, b.0, c.0)))
    }

    #[inline(always)]
    fn at_most(self, b: Self) -> Self {
        Self(call!(_mm256_min_pd(b.0, self.0)))
    }

    #[inline(always)]
    fn at_least(self, b: Self) -> Self {
        Self(call!(_mm256_max_pd(b.0, self.0)))
    }

    #[inline(always)]
    fn and(self, b: Self) -> Self {
        Self(call!(_mm256_and_pd(self.0, b.0)))
    }

    #[inline(always)]
    fn or(self, b: Self) -> Self {
        Self(call!(_mm256_or_pd(self.0, b.0)))
    }

    #[inline(always)]
    fn xor(self, b: Self) -> Self {
        Self(call!(_mm256_xor_pd(self.0, b.0)))
    }

    #[inline(always)]
    fn add_bits(self, b: Self) -> Self {
        let (a, b) = (
            call!(_mm256_castpd_si256(self.0)),
            call!(_mm256_castpd_si256(b.0)),
        );
        Self(call!(_mm256_castsi256_pd(_mm256_add_epi64(a, b))))
    }

    #[inline(always)]
    fn sub_bits(self, b: Self) -> Self {
        let (a, b) = (
            call!(_mm256_castpd_si256(self.0)),
            call!(_mm256_castpd_si256(b.0)),
        );
        Self(call!(_mm256_castsi256_pd(_mm256_sub_epi64(a, b))))
    }

    #[inline(always)]
    fn up<const BITS: u32>(self) -> Self {
        let count = call!(_mm_cvtsi32_si128(BITS.cast_signed()));
        let bits = call!(_mm256_castpd_si256(self.0));
        Self(call!(_mm256_castsi256_pd(_mm256_sll_epi64(bits, count))))
    }

    #[inline(always)]
    fn down<const BITS: u32>(self) -> Self {
        let count = call!(_mm_cvtsi32_si128(BITS.cast_signed()));
        let bits = call!(_mm256_castpd_si256(self.0));
        Self(call!(_mm256_castsi256_pd(_mm256_srl_epi64(bits, count))))
    }

    #[inline(always)]
    fn less(self, b: Self) -> Self::Mask {
        call!(_mm256_cmp_pd::<_CMP_LT_OQ>(self.0, b.0))
    }

    #[inline(always)]
    fn equal(self, b: Self) -> Self::Mask {
        call!(_mm256_cmp_pd::<_CMP_EQ_OQ>(self.0, b.0))
    }

    #[inline(always)]
    fn is_nan(self) -> Self::Mask {
        call!(_mm256_cmp_pd::<_CMP_UNORD_Q>(self.0, self.0))
    }

    #[inline(always)]
    fn both(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        call!(_mm256_and_pd(a, b))
    }

    #[inline(always)]
    fn either(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        call!(_mm256_or_pd(a, b))
    }

    #[inline(always)]
    fn any(mask: Self::Mask) -> bool {
        call!(_mm256_movemask_pd(mask)) != 0
    }

    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        Self(call!(_mm256_blendv_pd(no.0, yes.0, mask)))
    }
}
