//! Coefficients of sums, which may be left open.

use std::{cmp::Ordering, hash};

/// Significant digits in which coefficients agree.
const DIGITS: usize = 12;

/// A number, or a free constant.
#[derive(Debug, Clone, Copy)]
pub(super) enum Coefficient {
    Number(f64),
    Any,
}

impl Coefficient {
    pub(super) const ONE: Self = Self::Number(1.0);

    pub(super) fn is_any(self) -> bool {
        matches!(self, Self::Any)
    }

    pub(super) fn is_negative(self) -> bool {
        matches!(self, Self::Number(value) if value < 0.0)
    }

    pub(super) fn is_zero(self) -> bool {
        matches!(self, Self::Number(value) if value == 0.0)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Self::Number(a + b),
            _ => Self::Any,
        }
    }

    pub(super) fn times(self, other: Self) -> Self {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Self::Number(a * b),
            _ if self.is_zero() || other.is_zero() => Self::Number(0.0),
            _ => Self::Any,
        }
    }

    pub(super) fn map(self, f: impl Fn(f64) -> f64) -> Self {
        match self {
            Self::Number(value) => Self::Number(f(value)),
            Self::Any => Self::Any,
        }
    }

    /// Rounded, and one zero only.
    pub(super) fn rounded(self) -> Self {
        self.map(|value| {
            let written = format!("{value:.*e}", DIGITS - 1);
            written.parse().unwrap_or(value) + 0.0
        })
    }

    fn key(self) -> Option<u64> {
        match self {
            Self::Number(value) => Some(value.to_bits()),
            Self::Any => None,
        }
    }
}

impl PartialEq for Coefficient {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Coefficient {}

impl PartialOrd for Coefficient {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Coefficient {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl hash::Hash for Coefficient {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}
