//! Values of whole columns, by the widest instructions the machine has.
//!
//! `program` turns postfix code into steps, `run` loops over rows; the
//! functions are written once over the trait `Lanes`, and compiled for every
//! [`Level`]. Which level a machine has is found out when it runs.
//!
//! # Accuracy
//!
//! Sums, products, quotients and square roots are rounded correctly (quotients
//! with AVX-512 in all but one of about 2³⁰ cases). [`crate::Op::largest_error`]
//! states the errors of all, in units in the last place; they hold for all doubles:
//! subnormal ones, and sines and cosines of huge ones, included. Infinities and
//! what is no number come out as from the mathematical library, only the sign of a
//! zero may differ.
//!
//! # Safety
//!
//! This is the one module with unsafe code. Two things make it sound: `Kernels`
//! exist for levels that the machine has, and a `Program` makes all
//! places itself, within the memory it then provides.

#![allow(
    unsafe_code,
    reason = "vectors of the machine and their memory, see above"
)]
#![allow(
    clippy::inline_always,
    reason = "what is not inlined into a function with the instructions cannot use them"
)]

#[cfg(test)]
mod accuracy;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod backward;
pub(crate) mod columns;
mod exponential;
mod lanes;
mod logarithm;
mod portable;
pub(crate) mod power;
pub(crate) mod program;
mod run;
mod trigonometric;

use backward::Slope;
use portable::Portable;
use program::Step;
use run::Bases;

/// Numbers that are stored together; a multiple of every number of lanes.
const CHUNK: usize = 8;

/// Instructions that values are computed with.
///
/// Values differ between levels in the last places: equal results on different
/// machines need an equal level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// What every machine has.
    Portable,
    /// AVX2 and fused multiplication, x86 processors since 2013.
    Avx2,
    /// AVX-512 (F and DQ), most x86 processors in servers since 2017.
    Avx512,
}

impl Level {
    /// All levels, the best one last.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// Whether the machine has the instructions.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 | Self::Avx512 => false,
        }
    }

    /// The best level of this machine.
    #[must_use]
    pub fn best() -> Self {
        let best = Self::ALL
            .into_iter()
            .rev()
            .find(|level| level.is_available());
        best.unwrap_or(Self::Portable)
    }
}

/// The kernels of a level that the machine has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kernels(Level);

impl Kernels {
    /// The kernels of a level, if the machine has it.
    pub(crate) fn new(level: Level) -> Option<Self> {
        level.is_available().then_some(Self(level))
    }

    pub(crate) fn level(self) -> Level {
        self.0
    }

    /// Runs steps. Their places must be those of the bases, which only a program
    /// makes.
    fn values(self, steps: &[Step], bases: Bases, rows: usize, out: Option<*mut f64>) {
        // SAFETY: a program has made the places and provides the rows; the machine
        // has the instructions, or there were no such kernels.
        unsafe {
            match self.0 {
                Level::Portable => run::values::<Portable>(steps, bases, rows, out),
                #[cfg(target_arch = "x86_64")]
                Level::Avx2 => x86::values_avx2(steps, bases, rows, out),
                #[cfg(target_arch = "x86_64")]
                Level::Avx512 => x86::values_avx512(steps, bases, rows, out),
                #[cfg(not(target_arch = "x86_64"))]
                Level::Avx2 | Level::Avx512 => {}
            }
        }
    }

    /// Runs the steps of derivatives, as [`Kernels::values`].
    fn slopes(self, slopes: &[Slope], bases: Bases, rows: usize) {
        // SAFETY: as in `values`.
        unsafe {
            match self.0 {
                Level::Portable => run::slopes::<Portable>(slopes, bases, rows),
                #[cfg(target_arch = "x86_64")]
                Level::Avx2 => x86::slopes_avx2(slopes, bases, rows),
                #[cfg(target_arch = "x86_64")]
                Level::Avx512 => x86::slopes_avx512(slopes, bases, rows),
                #[cfg(not(target_arch = "x86_64"))]
                Level::Avx2 | Level::Avx512 => {}
            }
        }
    }
}

impl Default for Kernels {
    fn default() -> Self {
        Self(Level::best())
    }
}

/// Values of one operation, for tests.
#[cfg(test)]
fn run_once(level: Level, op: crate::Op, a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut columns = columns::Columns::new(a.len());
    columns.push(a);
    columns.push(b);
    let mut code = vec![crate::Op::Column(0)];
    if op.arity() == 2 {
        code.push(crate::Op::Column(1));
    }
    code.push(op);
    let mut values = vec![0.0; a.len()];
    let kernels = Kernels::new(level).expect("only levels that are there are tested");
    program::Program::default().values(kernels, &code, &columns, &mut values);
    values
}

/// The loops, compiled with the instructions of x86 processors.
#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{
        avx2::Avx2,
        avx512::Avx512,
        backward::Slope,
        program::Step,
        run::{self, Bases},
    };

    /// # Safety
    ///
    /// As [`run::values`].
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn values_avx2(
        steps: &[Step],
        bases: Bases,
        rows: usize,
        out: Option<*mut f64>,
    ) {
        // SAFETY: the caller's.
        unsafe { run::values::<Avx2>(steps, bases, rows, out) }
    }

    /// # Safety
    ///
    /// As [`run::values`].
    #[target_feature(enable = "avx2,fma,avx512f,avx512dq")]
    pub(super) unsafe fn values_avx512(
        steps: &[Step],
        bases: Bases,
        rows: usize,
        out: Option<*mut f64>,
    ) {
        // SAFETY: the caller's.
        unsafe { run::values::<Avx512>(steps, bases, rows, out) }
    }

    /// # Safety
    ///
    /// As [`run::slopes`].
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn slopes_avx2(slopes: &[Slope], bases: Bases, rows: usize) {
        // SAFETY: the caller's.
        unsafe { run::slopes::<Avx2>(slopes, bases, rows) }
    }

    /// # Safety
    ///
    /// As [`run::slopes`].
    #[target_feature(enable = "avx2,fma,avx512f,avx512dq")]
    pub(super) unsafe fn slopes_avx512(slopes: &[Slope], bases: Bases, rows: usize) {
        // SAFETY: the caller's.
        unsafe { run::slopes::<Avx512>(slopes, bases, rows) }
    }
}
