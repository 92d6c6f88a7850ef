//! Rows of a table, linear maps and the loss of tokens, each with its way back.

use pulp::{Arch, Simd, WithSimd};

use super::{
    Real,
    layout::LinearLayout,
    lstm::add_rows,
    matrix::{Onto, Stored, product},
};

/// Rows of a table, dropped in part.
pub(super) fn embed<T: Real>(
    out: &mut Vec<T>,
    tokens: &[u8],
    table: &[T],
    width: usize,
    mask: &[T],
) {
    out.clear();
    for &token in tokens {
        out.extend_from_slice(&table[usize::from(token) * width..][..width]);
    }
    drop_out(out, mask);
}

pub(super) fn embed_back<T: Real>(
    table: &mut [T],
    tokens: &[u8],
    slopes: &mut [T],
    width: usize,
    mask: &[T],
) {
    drop_out(slopes, mask);
    for (&token, slope) in tokens.iter().zip(slopes.chunks_exact(width)) {
        let row = &mut table[usize::from(token) * width..][..width];
        row.iter_mut()
            .zip(slope)
            .for_each(|(sum, slope)| *sum += *slope);
    }
}

pub(super) fn drop_out<T: Real>(values: &mut [T], mask: &[T]) {
    Arch::new().dispatch(|| {
        for (value, factor) in values.iter_mut().zip(mask) {
            *value *= *factor;
        }
    });
}

/// `out = x Wᵀ + b`, sizes `(rows, to, from)`.
pub(super) fn linear<T: Real>(
    out: &mut Vec<T>,
    parameters: &[T],
    layout: &LinearLayout,
    x: &[T],
    (rows, to, from): (usize, usize, usize),
) {
    out.resize(rows * to, T::ZERO);
    for row in out.chunks_exact_mut(to) {
        row.copy_from_slice(&parameters[layout.bias.clone()]);
    }
    let weight = (&parameters[layout.weight.clone()], Stored::Transposed);
    product(out, Onto::Sum, (rows, to, from), (x, Stored::Plain), weight);
}

/// Adds to the gradient of the parameters and writes that of `x`.
pub(super) fn linear_back<T: Real>(
    (parameters, gradient): (&[T], &mut [T]),
    layout: &LinearLayout,
    (slopes, x): (&[T], &[T]),
    by_x: &mut Vec<T>,
    (rows, to, from): (usize, usize, usize),
) {
    let into = &mut gradient[layout.weight.clone()];
    product(
        into,
        Onto::Sum,
        (to, from, rows),
        (slopes, Stored::Transposed),
        (x, Stored::Plain),
    );
    add_rows(&mut gradient[layout.bias.clone()], slopes);
    by_x.resize(rows * from, T::ZERO);
    let weight = (&parameters[layout.weight.clone()], Stored::Plain);
    product(
        by_x,
        Onto::Nothing,
        (rows, from, to),
        (slopes, Stored::Plain),
        weight,
    );
}

/// Sum of `-ln p` over all targets but padding; scores become its gradient.
pub(super) struct CrossEntropy<'a, T> {
    pub(super) scores: &'a mut [T],
    pub(super) targets: &'a [u8],
    pub(super) padding: u8,
    pub(super) vocabulary: usize,
}

impl<T: Real> WithSimd for CrossEntropy<'_, T> {
    type Output = f64;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "to use the caller's instructions")]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let mut loss = 0.0;
        for (row, &target) in self
            .scores
            .chunks_exact_mut(self.vocabulary)
            .zip(self.targets)
        {
            if target == self.padding {
                row.fill(T::ZERO);
                continue;
            }
            let score = row[usize::from(target)].wide();
            let (top, sum) = soften(row);
            loss += top.wide() + sum.wide().ln() - score;
            let scale = T::ONE / sum;
            for value in row.iter_mut() {
                *value *= scale;
            }
            row[usize::from(target)] -= T::ONE;
        }
        loss
    }
}

/// Scores become `eˢ⁻ᵗ` with the highest score `t`; returns `t` and the sum.
#[inline(always)]
#[expect(clippy::inline_always, reason = "to use the caller's instructions")]
pub(super) fn soften<T: Real>(row: &mut [T]) -> (T, T) {
    let mut top = row[0];
    for value in row.iter() {
        top = if *value > top { *value } else { top };
    }
    let mut sum = T::ZERO;
    for value in row.iter_mut() {
        *value = (*value - top).exponential();
        sum += *value;
    }
    (top, sum)
}
