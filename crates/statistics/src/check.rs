//! The checks at the door, shared by all methods.

use crate::{Error, Result};

/// Are there at least `needed`?
pub(crate) fn enough(what: &'static str, found: usize, needed: usize) -> Result<()> {
    if found < needed {
        return Err(Error::TooFew {
            what,
            needed,
            found,
        });
    }
    Ok(())
}

/// Is every value a finite number?
pub(crate) fn finite(what: &'static str, values: &[f64]) -> Result<()> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(position) => Err(Error::NotFinite {
            what,
            position,
            value: values[position],
        }),
        None => Ok(()),
    }
}

/// Is every value finite and above 0?
pub(crate) fn positive(what: &'static str, values: &[f64]) -> Result<()> {
    finite(what, values)?;
    match values.iter().position(|value| *value <= 0.0) {
        Some(position) => Err(Error::NotPositive {
            what,
            position,
            value: values[position],
        }),
        None => Ok(()),
    }
}

/// Does something have as many entries as it should?
pub(crate) fn length(what: &'static str, expected: usize, found: usize) -> Result<()> {
    if expected == found {
        Ok(())
    } else {
        Err(Error::Length {
            what,
            expected,
            found,
        })
    }
}

/// Are there positive sizes that rise from one to the next?
pub(crate) fn rising(sizes: &[f64]) -> Result<()> {
    positive("sizes", sizes)?;
    match sizes.windows(2).position(|pair| pair[1] <= pair[0]) {
        Some(position) => Err(Error::Order {
            position: position + 1,
            before: sizes[position],
            size: sizes[position + 1],
        }),
        None => Ok(()),
    }
}

/// Does a confidence level or significance level lie between 0 and 1?
pub(crate) fn share(what: &'static str, value: f64) -> Result<()> {
    if 0.0 < value && value < 1.0 {
        return Ok(());
    }
    Err(Error::Range {
        what,
        expected: "between 0 and 1",
        value,
    })
}
