//! Set2Set: a readout that looks at a set several times.
//!
//! From `q*₀ = 0` and a memory of zeros, each of `T` steps is
//!
//! ```text
//! q     = LSTM(q*)                                   (G, h)
//! r     = Σ_i softmax_i(x_i · q) x_i                 (G, h)   over the rows of a graph
//! q*    = [q, r]                                     (G, 2h)
//! ```
//!
//! A graph without rows has `r = 0`.
//!
//! # Source
//!
//! Vinyals, Bengio & Kudlur, arXiv:1511.06391; gates in the order input,
//! forget, cell, output, with two biases, as in PyTorch.

use std::sync::Arc;

use candle_core::Tensor;
use candle_nn::ops::sigmoid;

use crate::Result;
use crate::batch::Members;
use crate::layers::fan_in;
use crate::ops::attend;
use crate::parameters::Parameters;

#[derive(Debug)]
pub(crate) struct Set2Set {
    /// `(2h, 4h)`.
    from_input: Tensor,
    /// `(h, 4h)`.
    from_hidden: Tensor,
    /// `(4h,)` each.
    biases: [Tensor; 2],
    width: usize,
    steps: usize,
}

impl Set2Set {
    pub(crate) fn new(
        parameters: &mut Parameters,
        name: &str,
        width: usize,
        steps: usize,
    ) -> Result<Self> {
        let bound = fan_in(width);
        let mut draw = |part: &str, shape: &[usize]| {
            parameters.uniform(format!("{name}.{part}"), shape, bound)
        };
        Ok(Self {
            from_input: draw("from_input", &[2 * width, 4 * width])?,
            from_hidden: draw("from_hidden", &[width, 4 * width])?,
            biases: [
                draw("bias_input", &[4 * width])?,
                draw("bias_hidden", &[4 * width])?,
            ],
            width,
            steps,
        })
    }

    /// - `x`: `(R, h)`.
    /// - returns: `(G, 2h)`.
    pub(crate) fn forward(&self, x: &Tensor, groups: &Arc<Members>) -> Result<Tensor> {
        let graphs = groups.len();
        let bias = (&self.biases[0] + &self.biases[1])?;
        let mut gates = bias.broadcast_as((graphs, 4 * self.width))?.contiguous()?;
        let mut cell: Option<Tensor> = None;
        let mut step = 1;
        loop {
            let gate = |index| gates.narrow(1, index * self.width, self.width);
            let fresh = (sigmoid(&gate(0)?)? * gate(2)?.tanh()?)?;
            let memory = match cell {
                // the memory is zero: nothing to forget
                None => fresh,
                Some(old) => ((sigmoid(&gate(1)?)? * old)? + fresh)?,
            };
            let q = (sigmoid(&gate(3)?)? * memory.tanh()?)?;
            let read = Tensor::cat(&[&q, &attend(x, &q, groups)?], 1)?;
            if step == self.steps {
                return Ok(read);
            }
            gates = (read.matmul(&self.from_input)? + q.matmul(&self.from_hidden)?)?
                .broadcast_add(&bias)?;
            cell = Some(memory);
            step += 1;
        }
    }
}
