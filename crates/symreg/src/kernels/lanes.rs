//! What the kernels ask of a vector of numbers.
//!
//! Every kernel is written once, over [`Lanes`], and compiled for each
//! instruction set. The trait is small: arithmetic, comparisons, a few moves of
//! bits, and some operations ([`Lanes::quotient`], [`Lanes::ratio`],
//! [`Lanes::split`], [`Lanes::scaled`], [`Lanes::log_edges`]) for which wide instruction sets have
//! something better than what is written here.

/// A vector of double precision numbers in a register.
///
/// All methods work lane by lane. They must be inlined into functions that
/// enable the instructions; only [`super::Level`] says which those are.
pub(super) trait Lanes: Copy {
    /// One truth value a lane.
    type Mask: Copy;

    /// Numbers in a vector; divides [`super::CHUNK`].
    const LANES: usize;

    /// Whether [`Lanes::fma`] rounds once.
    const FUSED: bool;

    /// Reads a vector.
    ///
    /// # Safety
    ///
    /// There must be as many numbers at the address, aligned to their size in a
    /// vector.
    unsafe fn load(from: *const f64) -> Self;

    /// Writes a vector.
    ///
    /// # Safety
    ///
    /// As [`Lanes::load`], and the numbers must not be borrowed.
    unsafe fn store(self, to: *mut f64);

    fn splat(value: f64) -> Self;
    fn add(self, b: Self) -> Self;
    fn sub(self, b: Self) -> Self;
    fn mul(self, b: Self) -> Self;
    /// `a / b`, rounded correctly.
    fn quotient(self, b: Self) -> Self;
    fn sqrt(self) -> Self;
    /// `self * b + c`
    fn fma(self, b: Self, c: Self) -> Self;
    /// `c - self * b`
    fn fnma(self, b: Self, c: Self) -> Self;
    /// The smaller of two numbers; `self` where one is none.
    fn at_most(self, b: Self) -> Self;
    /// The larger of two numbers; `self` where one is none.
    fn at_least(self, b: Self) -> Self;

    fn and(self, b: Self) -> Self;
    fn or(self, b: Self) -> Self;
    fn xor(self, b: Self) -> Self;
    /// Sum of the bit patterns as integers.
    fn add_bits(self, b: Self) -> Self;
    /// Difference of the bit patterns as integers.
    fn sub_bits(self, b: Self) -> Self;
    /// Bits moved up, zeros from below.
    fn up<const BITS: u32>(self) -> Self;
    /// Bits moved down, zeros from above.
    fn down<const BITS: u32>(self) -> Self;

    fn less(self, b: Self) -> Self::Mask;
    fn equal(self, b: Self) -> Self::Mask;
    fn is_nan(self) -> Self::Mask;
    fn both(a: Self::Mask, b: Self::Mask) -> Self::Mask;
    fn either(a: Self::Mask, b: Self::Mask) -> Self::Mask;
    fn any(mask: Self::Mask) -> bool;
    /// `yes` where the mask is set, else `no`.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

    #[inline(always)]
    fn bits(bits: u64) -> Self {
        Self::splat(f64::from_bits(bits))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        self.and(Self::bits(!SIGN))
    }

    #[inline(always)]
    fn neg(self) -> Self {
        self.xor(Self::bits(SIGN))
    }

    /// `2^n` for whole `n` from -1022 to 1023.
    #[inline(always)]
    fn two_to(self) -> Self {
        self.add(Self::splat(ROUND + 1023.0)).up::<52>()
    }

    /// `self * 2^n` for whole `n`, `|n| < 2000`, rounded once or, below the
    /// normal numbers, as if.
    #[inline(always)]
    fn scaled(self, n: Self) -> Self {
        let half = n.mul(Self::splat(0.5)).add(Self::splat(ROUND));
        let half = half.sub(Self::splat(ROUND));
        self.mul(half.two_to()).mul(n.sub(half).two_to())
    }

    /// `a / b` within a few units in the last place, for normal numbers with a
    /// normal quotient.
    #[inline(always)]
    fn ratio(self, b: Self) -> Self {
        self.quotient(b)
    }

    /// The number as `m * 2^k` with `m` from 3/4 to 3/2, if it is positive and
    /// finite.
    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let small = self.less(Self::splat(f64::MIN_POSITIVE));
        let scaled = Self::select(small, self.mul(Self::splat(TWO_54)), self);
        let more = Self::select(small, Self::splat(54.0), Self::splat(0.0));
        // The exponent, one more where the mantissa reaches 3/2.
        let above = scaled
            .add_bits(Self::bits(1 << 51))
            .and(Self::bits(EXPONENT));
        let k = above.down::<52>().or(Self::splat(TWO_52));
        let m = scaled.sub_bits(above).add_bits(Self::bits(1023 << 52));
        (m, k.sub(Self::splat(TWO_52 + 1023.0)).sub(more))
    }

    /// The logarithm at the edges of its domain: what was computed where `self` is
    /// positive and finite, else -∞ at zero, ∞ at ∞ and no number.
    #[inline(always)]
    fn log_edges(self, computed: Self) -> Self {
        let zero = Self::splat(0.0);
        let infinite = Self::splat(f64::INFINITY);
        let none = Self::select(
            self.equal(zero),
            Self::splat(f64::NEG_INFINITY),
            // ∞ and what is no number stay, a negative becomes none.
            Self::select(self.less(zero), Self::splat(f64::NAN), self),
        );
        let inside = Self::both(zero.less(self), self.less(infinite));
        Self::select(inside, computed, none)
    }

    /// A function of single numbers, one lane after the other.
    #[inline(always)]
    fn each(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let (mut a, mut b) = (Aligned([0.0; 8]), Aligned([0.0; 8]));
        // SAFETY: no vector has more than eight lanes, and these are aligned to
        // sixty-four bytes.
        unsafe {
            self.store(a.0.as_mut_ptr());
            other.store(b.0.as_mut_ptr());
            for (a, b) in a.0.iter_mut().zip(b.0).take(Self::LANES) {
                *a = f(*a, b);
            }
            Self::load(a.0.as_ptr())
        }
    }

    /// `p₀ + p₁·x + p₂·x² + …`, in pairs, which is quicker than one by one.
    #[inline(always)]
    fn polynomial<const N: usize>(self, p: [f64; N]) -> Self {
        let square = self.mul(self);
        let mut k = (N - 1) / 2 * 2;
        let mut sum = Self::splat(p[k]);
        if k + 1 < N {
            sum = Self::splat(p[k + 1]).fma(self, sum);
        }
        while k > 0 {
            k -= 2;
            let pair = Self::splat(p[k + 1]).fma(self, Self::splat(p[k]));
            sum = sum.fma(square, pair);
        }
        sum
    }
}

#[repr(align(64))]
struct Aligned([f64; 8]);

/// The bit of the sign.
pub(super) const SIGN: u64 = 1 << 63;

/// The bits of the exponent.
pub(super) const EXPONENT: u64 = 0x7FF0_0000_0000_0000;

/// What, added and subtracted again, rounds numbers below 2⁵¹ to whole ones; until
/// it is subtracted, the lowest bits hold the whole number.
pub(super) const ROUND: f64 = 6_755_399_441_055_744.0;

const TWO_52: f64 = 4_503_599_627_370_496.0;
const TWO_54: f64 = 18_014_398_509_481_984.0;
