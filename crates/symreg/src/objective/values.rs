//! Numbers of whole columns: scale, range, sums, hash.

use crate::{
    Op, Table,
    evaluate::Machine,
    least_squares::{dot, mean},
};

/// Rows at which formulas are compared for equality.
const PROBES: usize = 16;

/// Mean and standard deviation, safe from overflow; deviation 1 where all are
/// equal.
pub(super) fn center_and_scale(target: &[f64]) -> (f64, f64) {
    let largest = target.iter().fold(0.0_f64, |m, y| m.max(y.abs()));
    if largest == 0.0 {
        return (0.0, 1.0);
    }
    let parts: Vec<f64> = target.iter().map(|y| y / largest).collect();
    let center = mean(&parts);
    let deviations: Vec<f64> = parts.iter().map(|p| p - center).collect();
    let scale = (dot(&deviations, &deviations) / target.len() as f64).sqrt();
    // What rounding leaves of equal targets is no deviation.
    let constant = scale <= 1e-15 || scale * largest < f64::MIN_POSITIVE;
    let unit = if constant { 1.0 } else { scale * largest };
    (center * largest, unit)
}

/// Smallest and largest of some numbers.
pub(super) fn range(values: &[f64]) -> (f64, f64) {
    let ends = (f64::INFINITY, f64::NEG_INFINITY);
    values
        .iter()
        .fold(ends, |(low, high), v| (low.min(*v), high.max(*v)))
}

/// Writes the values of code, added up over so many rows each; their range
/// before that.
pub(super) fn summed(
    machine: &mut Machine,
    code: &[Op],
    table: &Table,
    together: usize,
    scratch: &mut Vec<f64>,
    out: &mut [f64],
) -> (f64, f64) {
    if together == 1 {
        machine.values(code, table, out);
        return range(out);
    }
    scratch.resize(table.rows(), 0.0);
    machine.values(code, table, scratch);
    for (sum, values) in out.iter_mut().zip(scratch.chunks(together)) {
        *sum = values.iter().sum();
    }
    range(scratch)
}

/// Values added up over so many rows each.
pub(crate) fn added(values: Vec<f64>, together: usize) -> Vec<f64> {
    if together == 1 {
        values
    } else {
        values.chunks(together).map(|v| v.iter().sum()).collect()
    }
}

/// FNV-1a over the fitted values at some rows, rounded to 1e-8 of the scale.
pub(super) fn fingerprint(target: &[f64], residual: &[f64]) -> u64 {
    let stride = target.len().div_ceil(PROBES);
    let rows = (0..target.len()).step_by(stride);
    rows.fold(0xcbf2_9ce4_8422_2325, |hash, row| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates, which is enough"
        )]
        let rounded = ((target[row] - residual[row]) * 1e8).round() as i64;
        rounded.to_le_bytes().into_iter().fold(hash, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        })
    })
}
