//! A whole sequence through an LSTM, and back.
//!
//! ```text
//! i, f, o = σ(x Wᵀ + h Uᵀ + b)    g = tanh(…)    c ← f c + i g    h = o tanh c
//! ```
//!
//! The products with the inputs of all steps are one product, and so are those
//! for the gradients of the weights; only `h Uᵀ` has to wait for the step before.
//! Hochreiter & Schmidhuber, *Neural Comput.* **9**, 1735 (1997), with the forget
//! gate of Gers et al. (2000).

use pulp::{Arch, Simd, WithSimd};

use super::{
    Real,
    layout::LstmLayout,
    matrix::{Onto, Stored, product},
};

/// Numbers of one pass, kept for the way back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lstm<T> {
    /// `(steps, batch, 4 hidden)`: gates, and on the way back their gradients.
    gates: Vec<T>,
    /// `(steps, batch, hidden)`
    cells: Vec<T>,
    tangents: Vec<T>,
    pub(crate) hidden: Vec<T>,
    zeros: Vec<T>,
    slope: Vec<T>,
    cell_slope: Vec<T>,
}

/// Sizes of a pass, and its direction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pass {
    pub(crate) steps: usize,
    pub(crate) batch: usize,
    pub(crate) width: usize,
    pub(crate) hidden: usize,
    pub(crate) reversed: bool,
}

impl Pass {
    /// The order of the steps, and the step before each.
    fn order(self) -> impl DoubleEndedIterator<Item = (usize, Option<usize>)> {
        let at = move |i: usize| if self.reversed { self.steps - 1 - i } else { i };
        (0..self.steps).map(move |i| (at(i), i.checked_sub(1).map(at)))
    }
}

impl<T: Real> Lstm<T> {
    /// Fills [`Lstm::hidden`].
    ///
    /// - `x`: `(steps, batch, width)`
    pub(crate) fn forward(&mut self, parameters: &[T], layout: &LstmLayout, x: &[T], pass: Pass) {
        let Pass {
            steps,
            batch,
            width,
            hidden,
            ..
        } = pass;
        let rows = steps * batch;
        self.gates.resize(rows * 4 * hidden, T::ZERO);
        for numbers in [&mut self.cells, &mut self.tangents, &mut self.hidden] {
            numbers.resize(rows * hidden, T::ZERO);
        }
        self.zeros.clear();
        self.zeros.resize(batch * hidden, T::ZERO);
        let [first, second] = layout.biases.clone().map(|range| &parameters[range]);
        let bias: Vec<T> = first.iter().zip(second).map(|(a, b)| *a + *b).collect();
        for row in self.gates.chunks_exact_mut(4 * hidden) {
            row.copy_from_slice(&bias);
        }
        let weight = (&parameters[layout.input.clone()], Stored::Transposed);
        product(
            &mut self.gates,
            Onto::Sum,
            (rows, 4 * hidden, width),
            (x, Stored::Plain),
            weight,
        );
        let recurrent = (&parameters[layout.recurrent.clone()], Stored::Transposed);
        let size = batch * hidden;
        for (step, before) in pass.order() {
            let gates = &mut self.gates[step * 4 * size..][..4 * size];
            if let Some(before) = before {
                let h = (&self.hidden[before * size..][..size], Stored::Plain);
                product(gates, Onto::Sum, (batch, 4 * hidden, hidden), h, recurrent);
            }
            let (cells, old) = step_and_before(&mut self.cells, &self.zeros, step, before, size);
            let tangents = &mut self.tangents[step * size..][..size];
            let out = &mut self.hidden[step * size..][..size];
            Arch::new().dispatch(Cells {
                gates,
                old,
                new: cells,
                tangents,
                hidden: out,
                width: hidden,
            });
        }
    }

    /// Adds to the gradient of the parameters and writes that of the inputs.
    ///
    /// - `slopes`: `(steps, batch, hidden)`, of the loss by [`Lstm::hidden`].
    /// - `by_x`: `(steps, batch, width)`
    pub(crate) fn backward(
        &mut self,
        (parameters, gradient): (&[T], &mut [T]),
        layout: &LstmLayout,
        x: &[T],
        slopes: &[T],
        (by_x, onto): (&mut [T], Onto),
        pass: Pass,
    ) {
        let Pass {
            steps,
            batch,
            width,
            hidden,
            ..
        } = pass;
        let (rows, size) = (steps * batch, batch * hidden);
        let recurrent = (&parameters[layout.recurrent.clone()], Stored::Plain);
        for numbers in [&mut self.slope, &mut self.cell_slope] {
            numbers.clear();
            numbers.resize(size, T::ZERO);
        }
        for (step, before) in pass.order().rev() {
            let gates = &mut self.gates[step * 4 * size..][..4 * size];
            let old = before.map_or(&self.zeros[..], |before| {
                &self.cells[before * size..][..size]
            });
            let (tangents, slopes) = (
                &self.tangents[step * size..][..size],
                &slopes[step * size..][..size],
            );
            let (slope, cell_slope) = (&mut self.slope[..], &mut self.cell_slope[..]);
            Arch::new().dispatch(CellsBack {
                gates,
                old,
                tangents,
                slopes,
                slope,
                by_cell: cell_slope,
                width: hidden,
            });
            if before.is_some() {
                product(
                    slope,
                    Onto::Nothing,
                    (batch, hidden, 4 * hidden),
                    (gates, Stored::Plain),
                    recurrent,
                );
            }
        }
        let gates = &self.gates[..];
        // Every step but the first, beside the hidden state of the step before.
        let (later, earlier) = if pass.reversed {
            (&gates[..(rows - batch) * 4 * hidden], &self.hidden[size..])
        } else {
            (
                &gates[batch * 4 * hidden..],
                &self.hidden[..rows * hidden - size],
            )
        };
        if steps > 1 {
            let sizes = (4 * hidden, hidden, rows - batch);
            let into = &mut gradient[layout.recurrent.clone()];
            product(
                into,
                Onto::Sum,
                sizes,
                (later, Stored::Transposed),
                (earlier, Stored::Plain),
            );
        }
        let into = &mut gradient[layout.input.clone()];
        product(
            into,
            Onto::Sum,
            (4 * hidden, width, rows),
            (gates, Stored::Transposed),
            (x, Stored::Plain),
        );
        for bias in &layout.biases {
            add_rows(&mut gradient[bias.clone()], gates);
        }
        let weight = (&parameters[layout.input.clone()], Stored::Plain);
        product(
            by_x,
            onto,
            (rows, width, 4 * hidden),
            (gates, Stored::Plain),
            weight,
        );
    }
}

/// The numbers of a step, to be written, and those of the step before.
fn step_and_before<'a, T>(
    all: &'a mut [T],
    zeros: &'a [T],
    step: usize,
    before: Option<usize>,
    size: usize,
) -> (&'a mut [T], &'a [T]) {
    match before {
        None => (&mut all[step * size..][..size], zeros),
        Some(before) if before < step => {
            let (first, second) = all.split_at_mut(step * size);
            (&mut second[..size], &first[before * size..][..size])
        }
        Some(before) => {
            let (first, second) = all.split_at_mut(before * size);
            (&mut first[step * size..][..size], &second[..size])
        }
    }
}

/// Adds all rows of a matrix to one.
pub(crate) fn add_rows<T: Real>(sum: &mut [T], matrix: &[T]) {
    Arch::new().dispatch(|| {
        for row in matrix.chunks_exact(sum.len()) {
            for (sum, value) in sum.iter_mut().zip(row) {
                *sum += *value;
            }
        }
    });
}

/// One step of all sequences.
///
/// Not a closure, since one that is too long to be inlined would not be compiled
/// for the instructions that it is dispatched to.
pub(crate) struct Cells<'a, T> {
    /// `(batch, 4 width)`: sums, which become gates.
    pub(crate) gates: &'a mut [T],
    /// `(batch, width)`, as all others.
    pub(crate) old: &'a [T],
    pub(crate) new: &'a mut [T],
    pub(crate) tangents: &'a mut [T],
    pub(crate) hidden: &'a mut [T],
    pub(crate) width: usize,
}

impl<T: Real> WithSimd for Cells<'_, T> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "to use the caller's instructions")]
    fn with_simd<S: Simd>(self, _: S) {
        let n = self.width;
        let inner = self
            .new
            .chunks_exact_mut(n)
            .zip(self.tangents.chunks_exact_mut(n));
        let states = self.old.chunks_exact(n).zip(inner);
        let rows = self
            .gates
            .chunks_exact_mut(4 * n)
            .zip(self.hidden.chunks_exact_mut(n));
        for ((gates, hidden), (old, (cells, tangents))) in rows.zip(states) {
            cell(gates, old, cells, tangents, hidden);
        }
    }
}

/// The way back through one step of all sequences.
struct CellsBack<'a, T> {
    gates: &'a mut [T],
    old: &'a [T],
    tangents: &'a [T],
    /// Of the loss by the hidden states directly.
    slopes: &'a [T],
    /// The same by way of the steps after.
    slope: &'a mut [T],
    by_cell: &'a mut [T],
    width: usize,
}

impl<T: Real> WithSimd for CellsBack<'_, T> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "to use the caller's instructions")]
    fn with_simd<S: Simd>(self, _: S) {
        let n = self.width;
        for (slope, more) in self.slope.iter_mut().zip(self.slopes) {
            *slope += *more;
        }
        let states = self.old.chunks_exact(n).zip(self.tangents.chunks_exact(n));
        let slopes = self
            .slope
            .chunks_exact(n)
            .zip(self.by_cell.chunks_exact_mut(n));
        let rows = self.gates.chunks_exact_mut(4 * n).zip(states).zip(slopes);
        for ((gates, (old, tangents)), (slope, cell_slope)) in rows {
            cell_back(gates, old, tangents, slope, cell_slope);
        }
    }
}

/// One step of one sequence: sums become gates. Every loop does one thing, so that
/// it is compiled to vectors.
#[inline(always)]
#[expect(clippy::inline_always, reason = "to use the caller's instructions")]
fn cell<T: Real>(
    gates: &mut [T],
    old: &[T],
    cells: &mut [T],
    tangents: &mut [T],
    hidden: &mut [T],
) {
    let n = old.len();
    for (part, gates) in gates.chunks_exact_mut(n).enumerate() {
        if part == 2 {
            for gate in gates {
                *gate = gate.tangent();
            }
        } else {
            for gate in gates {
                *gate = gate.sigmoid();
            }
        }
    }
    let (first, second) = gates.split_at(2 * n);
    let ((i, f), (g, o)) = (first.split_at(n), second.split_at(n));
    for ((cell, old), ((i, f), g)) in cells.iter_mut().zip(old).zip(i.iter().zip(f).zip(g)) {
        *cell = *f * *old + *i * *g;
    }
    for (tangent, cell) in tangents.iter_mut().zip(&*cells) {
        *tangent = cell.tangent();
    }
    for ((hidden, tangent), o) in hidden.iter_mut().zip(&*tangents).zip(o) {
        *hidden = *o * *tangent;
    }
}

/// The way back: gates become the gradients of their sums.
#[inline(always)]
#[expect(clippy::inline_always, reason = "to use the caller's instructions")]
fn cell_back<T: Real>(
    gates: &mut [T],
    old: &[T],
    tangents: &[T],
    slope: &[T],
    cell_slope: &mut [T],
) {
    let n = old.len();
    let (i, rest) = gates.split_at_mut(n);
    let (f, rest) = rest.split_at_mut(n);
    let (g, o) = rest.split_at_mut(n);
    let (o, tangents, slope, cell_slope) = (
        &mut o[..n],
        &tangents[..n],
        &slope[..n],
        &mut cell_slope[..n],
    );
    for k in 0..n {
        let one = T::ONE;
        let by_cell = cell_slope[k] + slope[k] * o[k] * (one - tangents[k] * tangents[k]);
        let (input, forget, new, out) = (i[k], f[k], g[k], o[k]);
        cell_slope[k] = by_cell * forget;
        o[k] = slope[k] * tangents[k] * out * (one - out);
        i[k] = by_cell * new * input * (one - input);
        f[k] = by_cell * old[k] * forget * (one - forget);
        g[k] = by_cell * input * (one - new * new);
    }
}
