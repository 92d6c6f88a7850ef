//! Where each parameter stands among all, and how it is first drawn.

use std::ops::Range;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::normal;

/// Sizes of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Words of the grammar, marks included.
    pub vocabulary: usize,
    /// Numbers that stand for a token.
    pub embedding: usize,
    /// Numbers that an LSTM remembers.
    pub hidden: usize,
    /// Numbers that stand for a formula.
    pub latent: usize,
    /// Numbers that the decoder is told of the data.
    pub condition: usize,
}

/// The parameters of one LSTM. Gates are in the order input, forget, cell, output.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LstmLayout {
    /// `(4 hidden, embedding)`
    pub(crate) input: Range<usize>,
    /// `(4 hidden, hidden)`
    pub(crate) recurrent: Range<usize>,
    /// `(4 hidden,)`, twice: the published network has two biases that are added,
    /// and an optimizer that moves each of them by its step.
    pub(crate) biases: [Range<usize>; 2],
}

/// The parameters of a linear map `x Wᵀ + b`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LinearLayout {
    /// `(out, in)`
    pub(crate) weight: Range<usize>,
    /// `(out,)`
    pub(crate) bias: Range<usize>,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) shape: Vec<usize>,
    pub(crate) range: Range<usize>,
    /// Half-width of the even distribution it is drawn from; nothing for the
    /// standard normal one.
    bound: Option<f64>,
}

/// All parameters, one after the other.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layout {
    pub(crate) entries: Vec<Entry>,
    pub(crate) embedding: Range<usize>,
    pub(crate) forward: LstmLayout,
    pub(crate) backward: LstmLayout,
    pub(crate) decoder: LstmLayout,
    /// Mean and logarithm of the variance, one above the other.
    pub(crate) code: LinearLayout,
    /// Of the code, and of what is told of the data.
    pub(crate) from_code: LinearLayout,
    pub(crate) output: LinearLayout,
}

impl Layout {
    pub(crate) fn new(shape: Shape) -> Self {
        let mut entries = Vec::new();
        let embedding = push(
            &mut entries,
            "embedding",
            &[shape.vocabulary, shape.embedding],
            None,
        );
        let forward = lstm(
            &mut entries,
            [
                "encoder.forward.input",
                "encoder.forward.recurrent",
                "encoder.forward.bias",
                "encoder.forward.bias2",
            ],
            shape,
        );
        let backward = lstm(
            &mut entries,
            [
                "encoder.backward.input",
                "encoder.backward.recurrent",
                "encoder.backward.bias",
                "encoder.backward.bias2",
            ],
            shape,
        );
        let decoder = lstm(
            &mut entries,
            [
                "decoder.input",
                "decoder.recurrent",
                "decoder.bias",
                "decoder.bias2",
            ],
            shape,
        );
        let code = linear(
            &mut entries,
            ["code.weight", "code.bias"],
            2 * shape.hidden,
            2 * shape.latent,
        );
        let from_code = linear(
            &mut entries,
            ["from_code.weight", "from_code.bias"],
            shape.latent + shape.condition,
            shape.embedding,
        );
        let output = linear(
            &mut entries,
            ["output.weight", "output.bias"],
            shape.hidden,
            shape.vocabulary,
        );
        Self {
            entries,
            embedding,
            forward,
            backward,
            decoder,
            code,
            from_code,
            output,
        }
    }

    /// Number of all parameters.
    pub(crate) fn len(&self) -> usize {
        self.entries.last().map_or(0, |entry| entry.range.end)
    }

    /// First values: embeddings are normal, all others even between plus and
    /// minus one over the root of the width, as in `PyTorch`.
    pub(crate) fn draw(&self, seed: u64) -> Vec<f32> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut values = Vec::with_capacity(self.len());
        for entry in &self.entries {
            for _ in entry.range.clone() {
                let value = match entry.bound {
                    Some(bound) => bound * (2.0 * random.random::<f64>() - 1.0),
                    None => normal(&mut random),
                };
                values.push(super::Real::of(value));
            }
        }
        values
    }
}

fn push(
    entries: &mut Vec<Entry>,
    name: &'static str,
    shape: &[usize],
    bound: Option<f64>,
) -> Range<usize> {
    let start = entries.last().map_or(0, |entry: &Entry| entry.range.end);
    let range = start..start + shape.iter().product::<usize>();
    entries.push(Entry {
        name,
        shape: shape.to_vec(),
        range: range.clone(),
        bound,
    });
    range
}

fn lstm(entries: &mut Vec<Entry>, names: [&'static str; 4], shape: Shape) -> LstmLayout {
    let gates = 4 * shape.hidden;
    let bound = Some(1.0 / (shape.hidden as f64).sqrt());
    LstmLayout {
        input: push(entries, names[0], &[gates, shape.embedding], bound),
        recurrent: push(entries, names[1], &[gates, shape.hidden], bound),
        biases: [names[2], names[3]].map(|name| push(entries, name, &[gates], bound)),
    }
}

fn linear(
    entries: &mut Vec<Entry>,
    names: [&'static str; 2],
    from: usize,
    to: usize,
) -> LinearLayout {
    let bound = Some(1.0 / (from as f64).sqrt());
    LinearLayout {
        weight: push(entries, names[0], &[to, from], bound),
        bias: push(entries, names[1], &[to], bound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published sizes with 23 words have about 203,000 parameters.
    #[test]
    fn the_published_sizes() {
        let shape = Shape {
            vocabulary: 23,
            embedding: 128,
            hidden: 64,
            latent: 128,
            condition: 0,
        };
        let count = Layout::new(shape).len();
        assert!((202_500..203_500).contains(&count), "{count}");
        let values = Layout::new(shape).draw(1);
        assert_eq!(values, Layout::new(shape).draw(1));
        assert_ne!(values, Layout::new(shape).draw(2));
    }
}
