//! The comparison's evidence.

mod bca;
mod check;
mod distribution;
mod equivalence;
mod error;
mod friedman;
mod interval;
mod many;
mod nemenyi;
mod percentile;
mod ranks;
mod resample;
mod roots;
mod student;
mod studentized_range;
mod wilcoxon;

pub use bca::{RESAMPLES, bca, bca_mean};
pub use equivalence::{Equivalence, tost, tost_ratio};
pub use error::{Error, Result};
pub use friedman::{Friedman, friedman};
pub use interval::Interval;
pub use many::{benjamini_hochberg, bonferroni, holm};
pub use nemenyi::{Nemenyi, nemenyi};
pub use ranks::midranks;
pub use student::{PairedT, Repeats};
pub use studentized_range::{studentized_range_p, studentized_range_quantile};
pub use wilcoxon::{Alternative, Continuity, EXACT_UP_TO, SignedRank, wilcoxon};
