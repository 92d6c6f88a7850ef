//! Vectors for every machine: four numbers, which compilers put into whatever
//! registers there are.

use super::lanes::Lanes;

/// Four numbers.
#[derive(Clone, Copy)]
pub(super) struct Portable([f64; 4]);

impl Portable {
    #[inline(always)]
    fn zip(self, b: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let (a, b) = (self.0, b.0);
        Self([f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2]), f(a[3], b[3])])
    }

    #[inline(always)]
    fn zip_bits(self, b: Self, f: impl Fn(u64, u64) -> u64) -> Self {
        self.zip(b, |a, b| f64::from_bits(f(a.to_bits(), b.to_bits())))
    }

    #[inline(always)]
    fn test(self, b: Self, f: impl Fn(f64, f64) -> bool) -> [bool; 4] {
        let (a, b) = (self.0, b.0);
        [f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2]), f(a[3], b[3])]
    }
}

impl Lanes for Portable {
    type Mask = [bool; 4];
    const LANES: usize = 4;
    const FUSED: bool = cfg!(any(target_arch = "aarch64", target_feature = "fma"));

    #[inline(always)]
    unsafe fn load(from: *const f64) -> Self {
        // SAFETY: the caller has four numbers there.
        unsafe { Self(from.cast::<[f64; 4]>().read()) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f64) {
        // SAFETY: the caller has four numbers there.
        unsafe { to.cast::<[f64; 4]>().write(self.0) }
    }

    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self([value; 4])
    }

    #[inline(always)]
    fn add(self, b: Self) -> Self {
        self.zip(b, |a, b| a + b)
    }

    #[inline(always)]
    fn sub(self, b: Self) -> Self {
        self.zip(b, |a, b| a - b)
    }

    #[inline(always)]
    fn mul(self, b: Self) -> Self {
        self.zip(b, |a, b| a * b)
    }

    #[inline(always)]
    fn quotient(self, b: Self) -> Self {
        self.zip(b, |a, b| a / b)
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        self.zip(self, |a, _| a.sqrt())
    }

    #[inline(always)]
    fn fma(self, b: Self, c: Self) -> Self {
        if Self::FUSED {
            let (a, b, c) = (self.0, b.0, c.0);
            Self([0, 1, 2, 3].map(|i| a[i].mul_add(b[i], c[i])))
        } else {
            self.mul(b).add(c)
        }
    }

    #[inline(always)]
    fn fnma(self, b: Self, c: Self) -> Self {
        if Self::FUSED {
            self.neg().fma(b, c)
        } else {
            c.sub(self.mul(b))
        }
    }

    #[inline(always)]
    fn at_most(self, b: Self) -> Self {
        self.zip(b, |a, b| if b < a { b } else { a })
    }

    #[inline(always)]
    fn at_least(self, b: Self) -> Self {
        self.zip(b, |a, b| if b > a { b } else { a })
    }

    #[inline(always)]
    fn and(self, b: Self) -> Self {
        self.zip_bits(b, |a, b| a & b)
    }

    #[inline(always)]
    fn or(self, b: Self) -> Self {
        self.zip_bits(b, |a, b| a | b)
    }

    #[inline(always)]
    fn xor(self, b: Self) -> Self {
        self.zip_bits(b, |a, b| a ^ b)
    }

    #[inline(always)]
    fn add_bits(self, b: Self) -> Self {
        self.zip_bits(b, u64::wrapping_add)
    }

    #[inline(always)]
    fn sub_bits(self, b: Self) -> Self {
        self.zip_bits(b, u64::wrapping_sub)
    }

    #[inline(always)]
    fn up<const BITS: u32>(self) -> Self {
        self.zip_bits(self, |a, _| a << BITS)
    }

    #[inline(always)]
    fn down<const BITS: u32>(self) -> Self {
        self.zip_bits(self, |a, _| a >> BITS)
    }

    #[inline(always)]
    fn less(self, b: Self) -> Self::Mask {
        self.test(b, |a, b| a < b)
    }

    #[expect(clippy::float_cmp, reason = "equal is what it asks for")]
    #[inline(always)]
    fn equal(self, b: Self) -> Self::Mask {
        self.test(b, |a, b| a == b)
    }

    #[inline(always)]
    fn is_nan(self) -> Self::Mask {
        self.test(self, |a, _| a.is_nan())
    }

    #[inline(always)]
    fn both(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        [a[0] & b[0], a[1] & b[1], a[2] & b[2], a[3] & b[3]]
    }

    #[inline(always)]
    fn either(a: Self::Mask, b: Self::Mask) -> Self::Mask {
        [a[0] | b[0], a[1] | b[1], a[2] | b[2], a[3] | b[3]]
    }

    #[inline(always)]
    fn any(mask: Self::Mask) -> bool {
        mask[0] | mask[1] | mask[2] | mask[3]
    }

    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        let pick = |i: usize| if mask[i] { yes.0[i] } else { no.0[i] };
        Self([pick(0), pick(1), pick(2), pick(3)])
    }
}
