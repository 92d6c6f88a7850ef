//! The comparison's evidence: what a few repeats say about two or more models.
//!
//! Numbers go in and numbers come out. There are no files here, no tables and no
//! clock, so that every claim of a report can be checked against another
//! implementation; the tests do so with those of scipy, statsmodels,
//! scikit-posthocs and autorank.
//!
//! # Where to start
//!
//! [`Paired`] summarises two models over the seeds that both have, and
//! [`LearningCurve`] one model over sizes. All errors are such that lower is
//! better.
//!
//! # Which test?
//!
//! - *Two models, repeats on one data set*: [`PairedT`] with the correction for
//!   what the repeats share. Subsamples of one data set overlap, and a plain t or
//!   [`wilcoxon`] then finds differences where there are none, several times as
//!   often as it says. Which correction is right depends on how the subsamples were
//!   drawn: see [`Repeats`] and [`PairedT::new`].
//! - *Two models, one result on each of several independent data sets*:
//!   [`wilcoxon`], which asks for symmetry instead of normal errors.
//! - *Many models, many data sets*: [`friedman()`], and if it finds a difference,
//!   [`nemenyi()`] for all pairs. From about ten data sets on.
//! - *As good as equal?* [`tost`], or [`tost_ratio`] for a margin in per cent. A
//!   large p value of the other tests says nothing of the kind.
//! - *Many tests*: [`holm`] if no find may be false, [`benjamini_hochberg`] if few
//!   may.
//! - *How large, how many, how long?* An interval says more than a p value:
//!   [`bca`] for any statistic, [`LearningCurve::size_for`] and [`crossover()`] for
//!   structures, [`least_cost`] for seconds.
//!
//! # Invariants
//!
//! 1. What is not finite is an [`Error`] at the door and never comes out, but where
//!    an item says that it does.
//! 2. Random draws depend on a name and the values, never on what was drawn before.

#![cfg_attr(
    test,
    allow(clippy::float_cmp, reason = "what is exact in binary has to be equal")
)]

mod bca;
mod check;
mod cost;
mod crossover;
mod curve;
mod distribution;
mod equivalence;
mod error;
mod extrapolation;
mod friedman;
mod interval;
mod learning_curve;
mod many;
mod nemenyi;
mod paired;
mod percentile;
mod ranks;
mod resample;
mod roots;
mod shape;
mod student;
mod studentized_range;
mod summary;
mod wilcoxon;

pub use bca::{RESAMPLES, bca, bca_mean};
pub use cost::{CostPoint, front, least_cost};
pub use crossover::{Crossover, Outcome, crossover};
pub use curve::Curve;
pub use equivalence::{Equivalence, tost, tost_ratio};
pub use error::{Error, Result};
pub use extrapolation::{Extrapolation, HORIZON, extrapolated_crossover};
pub use friedman::{Friedman, friedman};
pub use interval::Interval;
pub use learning_curve::{CURVE_RESAMPLES, LearningCurve, Reach};
pub use many::{benjamini_hochberg, bonferroni, holm};
pub use nemenyi::{Nemenyi, nemenyi};
pub use paired::{Paired, shared};
pub use ranks::midranks;
pub use student::{PairedT, Repeats};
pub use studentized_range::{studentized_range_p, studentized_range_quantile};
pub use wilcoxon::{Alternative, Continuity, EXACT_UP_TO, SignedRank, wilcoxon};
