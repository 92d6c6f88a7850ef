//! Thousands of formulas at once, token by token.
//!
//! Without dropout, the product of a token's embedding with the decoder's weights
//! is one row of a small table, and that of its code is one row a formula. What is
//! left for a step is the product of the hidden states with the recurrent
//! weights. Formulas that have ended leave the table.

use pulp::{Arch, Simd, WithSimd};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{
    Network,
    layers::soften,
    layout::Shape,
    lstm::Cells,
    matrix::{Onto, Stored, product},
    normals,
};
use crate::Grammar;

/// Given scores `(rows, vocabulary)` and the vocabulary, chooses a token for every row.
type Choose<'a> = dyn FnMut(&mut [f32], usize, &mut [u8]) + 'a;

/// Formulas that are decoded side by side, so that their numbers stay in the cache.
const TOGETHER: usize = 512;

/// A decoder with its weights multiplied out.
#[derive(Debug, Clone)]
pub struct Sampler<'a> {
    network: &'a Network<f32>,
    shape: Shape,
    end: u8,
    begin: u8,
    /// `(vocabulary, 4 hidden)`: what a token adds to the gates.
    of_token: Vec<f32>,
    /// `(latent, 4 hidden)`: what a code adds to the gates.
    of_code: Vec<f32>,
    /// `(hidden, vocabulary)`
    output: Vec<f32>,
}

impl<'a> Sampler<'a> {
    /// Multiplies out what does not depend on the formulas.
    ///
    /// - `told`: `(condition,)`, of the data.
    ///
    /// # Panics
    ///
    /// If the network is told another number of them.
    #[must_use]
    pub fn new(network: &'a Network<f32>, grammar: &Grammar, told: &[f32]) -> Self {
        let shape = network.shape;
        let Shape {
            vocabulary,
            embedding,
            hidden,
            latent,
            condition,
        } = shape;
        assert_eq!(
            told.len(),
            condition,
            "a network of this shape is told so many numbers"
        );
        let (layout, parameters) = (&network.layout, &network.parameters);
        let gates = 4 * hidden;
        let input = (
            &parameters[layout.decoder.input.clone()],
            Stored::Transposed,
        );
        let [first, second] = layout
            .decoder
            .biases
            .clone()
            .map(|range| &parameters[range]);
        let mut row: Vec<f32> = first.iter().zip(second).map(|(a, b)| a + b).collect();
        let code_bias = (&parameters[layout.from_code.bias.clone()], Stored::Plain);
        product(&mut row, Onto::Sum, (1, gates, embedding), code_bias, input);
        let from_code = &parameters[layout.from_code.weight.clone()];
        let of_told: Vec<f32> = from_code
            .chunks_exact(latent + condition)
            .map(|weights| weights[latent..].iter().zip(told).map(|(w, c)| w * c).sum())
            .collect();
        let of_told = (&of_told[..], Stored::Plain);
        product(&mut row, Onto::Sum, (1, gates, embedding), of_told, input);
        let mut of_token = row.repeat(vocabulary);
        let table = (&parameters[layout.embedding.clone()], Stored::Plain);
        product(
            &mut of_token,
            Onto::Sum,
            (vocabulary, gates, embedding),
            table,
            input,
        );
        let mut of_code = vec![0.0; latent * gates];
        let of_latent: Vec<f32> = from_code
            .chunks_exact(latent + condition)
            .flat_map(|weights| &weights[..latent])
            .copied()
            .collect();
        let from_code = (&of_latent[..], Stored::Transposed);
        product(
            &mut of_code,
            Onto::Nothing,
            (latent, gates, embedding),
            from_code,
            input,
        );
        let weight = &parameters[layout.output.weight.clone()];
        let turned = (0..hidden).flat_map(|h| (0..vocabulary).map(move |v| weight[v * hidden + h]));
        Self {
            network,
            shape,
            begin: grammar.begin(),
            end: grammar.end(),
            of_token,
            of_code,
            output: turned.collect(),
        }
    }

    /// Codes of the standard normal distribution.
    ///
    /// - returns: `(count, latent)`
    #[must_use]
    pub fn codes(&self, count: usize, random: &mut ChaCha8Rng) -> Vec<f32> {
        #[expect(clippy::cast_possible_truncation, reason = "codes are f32")]
        let narrow = |value| value as f32;
        normals(count * self.shape.latent, random)
            .map(narrow)
            .collect()
    }

    /// One formula for every code, each token drawn by its probability; ended by
    /// the mark of the end, which is left out, or after `max_len` tokens. They
    /// need not be formulas of the grammar.
    ///
    /// - `codes`: `(count, latent)`
    #[must_use]
    pub fn decode(&self, codes: &[f32], max_len: usize, random: &mut ChaCha8Rng) -> Vec<Vec<u8>> {
        let chunks = codes.chunks(TOGETHER * self.shape.latent);
        chunks
            .flat_map(|codes| {
                self.decode_together(codes, max_len, &mut |scores, vocabulary, chosen| {
                    let rows = scores.len() / vocabulary;
                    let chances: Vec<f32> = (0..rows).map(|_| random.random()).collect();
                    Arch::new().dispatch(Choices {
                        scores,
                        chances: &chances,
                        chosen,
                        vocabulary,
                    });
                })
            })
            .collect()
    }

    /// As [`Sampler::decode`], but each token is the likeliest one: a function of
    /// the code.
    #[must_use]
    pub fn likeliest(&self, codes: &[f32], max_len: usize) -> Vec<Vec<u8>> {
        let chunks = codes.chunks(TOGETHER * self.shape.latent);
        chunks
            .flat_map(|codes| self.decode_together(codes, max_len, &mut greatest))
            .collect()
    }

    fn decode_together(
        &self,
        codes: &[f32],
        max_len: usize,
        choose: &mut Choose<'_>,
    ) -> Vec<Vec<u8>> {
        let Shape {
            vocabulary,
            hidden,
            latent,
            ..
        } = self.shape;
        let (gates, count) = (4 * hidden, codes.len() / latent);
        let (layout, parameters) = (&self.network.layout, &self.network.parameters);
        let recurrent = (
            &parameters[layout.decoder.recurrent.clone()],
            Stored::Transposed,
        );
        let bias = &parameters[layout.output.bias.clone()];
        let mut of_formula = vec![0.0; count * gates];
        let (codes, of_code) = ((codes, Stored::Plain), (&self.of_code[..], Stored::Plain));
        product(
            &mut of_formula,
            Onto::Nothing,
            (count, gates, latent),
            codes,
            of_code,
        );

        let mut formulas = vec![Vec::with_capacity(max_len); count];
        let mut alive: Vec<usize> = (0..count).collect();
        let mut last = vec![self.begin; count];
        let mut h = vec![0.0_f32; count * hidden];
        let mut c = h.clone();
        let (mut old, mut tangents) = (h.clone(), h.clone());
        let mut sums = vec![0.0; count * gates];
        let mut scores = vec![0.0; count * vocabulary];
        for step in 0..max_len {
            let rows = alive.len();
            if rows == 0 {
                break;
            }
            let sums = &mut sums[..rows * gates];
            Arch::new().dispatch(|| {
                for ((sums, &formula), &token) in
                    sums.chunks_exact_mut(gates).zip(&alive).zip(&last)
                {
                    let code = &of_formula[formula * gates..][..gates];
                    let token = &self.of_token[usize::from(token) * gates..][..gates];
                    for ((sum, a), b) in sums.iter_mut().zip(code).zip(token) {
                        *sum = a + b;
                    }
                }
            });
            if step > 0 {
                let h = (&h[..rows * hidden], Stored::Plain);
                product(sums, Onto::Sum, (rows, gates, hidden), h, recurrent);
            }
            let (h_rows, c_rows) = (&mut h[..rows * hidden], &mut c[..rows * hidden]);
            old[..rows * hidden].copy_from_slice(c_rows);
            Arch::new().dispatch(Cells {
                gates: sums,
                old: &old[..rows * hidden],
                new: c_rows,
                tangents: &mut tangents[..rows * hidden],
                hidden: h_rows,
                width: hidden,
            });
            let scores = &mut scores[..rows * vocabulary];
            for row in scores.chunks_exact_mut(vocabulary) {
                row.copy_from_slice(bias);
            }
            let weight = (&self.output[..], Stored::Plain);
            product(
                scores,
                Onto::Sum,
                (rows, vocabulary, hidden),
                (h_rows, Stored::Plain),
                weight,
            );
            choose(scores, vocabulary, &mut last);
            self.keep(&mut alive, &mut last, &mut formulas, [&mut h, &mut c]);
        }
        formulas
    }

    /// Writes down the tokens and closes up the rows of those that go on.
    fn keep(
        &self,
        alive: &mut Vec<usize>,
        last: &mut [u8],
        formulas: &mut [Vec<u8>],
        states: [&mut [f32]; 2],
    ) {
        let hidden = self.shape.hidden;
        let [h, c] = states;
        let mut kept = 0;
        for row in 0..alive.len() {
            let token = last[row];
            if token == self.end {
                continue;
            }
            formulas[alive[row]].push(token);
            if kept < row {
                alive[kept] = alive[row];
                last[kept] = token;
                h.copy_within(row * hidden..(row + 1) * hidden, kept * hidden);
                c.copy_within(row * hidden..(row + 1) * hidden, kept * hidden);
            }
            kept += 1;
        }
        alive.truncate(kept);
    }
}

/// The token with the greatest score of every row.
fn greatest(scores: &mut [f32], vocabulary: usize, chosen: &mut [u8]) {
    for (row, chosen) in scores.chunks_exact(vocabulary).zip(chosen) {
        let places = row.iter().zip(0_u8..=u8::MAX);
        let best = places.max_by(|a, b| a.0.total_cmp(b.0));
        *chosen = best.map_or(0, |(_, place)| place);
    }
}

/// A token for every row of scores.
struct Choices<'a> {
    scores: &'a mut [f32],
    chances: &'a [f32],
    chosen: &'a mut [u8],
    vocabulary: usize,
}

impl WithSimd for Choices<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "to use the caller's instructions")]
    fn with_simd<S: Simd>(self, _: S) {
        let rows = self
            .scores
            .chunks_exact_mut(self.vocabulary)
            .zip(self.chances);
        for ((row, &chance), chosen) in rows.zip(self.chosen) {
            *chosen = choose(row, chance);
        }
    }
}

/// The token whose share of the probabilities the chance falls on.
///
/// - `row`: scores, which are overwritten.
/// - `chance`: in `[0, 1)`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "to use the caller's instructions")]
fn choose(row: &mut [f32], chance: f32) -> u8 {
    let (_, sum) = soften(row);
    let mut rest = chance * sum;
    let mut chosen = 0;
    let mut before = 0_u32;
    // Counts the tokens before the chosen one, without leaving the loop.
    for weight in row.iter() {
        rest -= *weight;
        before += u32::from(rest >= 0.0);
        chosen = before;
    }
    let last = row.len() - 1;
    u8::try_from((chosen as usize).min(last)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::{Function, grammar::Words, network::Batch};

    const TOLD: [f32; 2] = [0.5, -1.0];

    fn tiny() -> (Grammar, Network) {
        let grammar = Grammar::new(Words {
            functions: vec![Function::Add, Function::Sin],
            numbers: vec![],
            ..Words::default()
        })
        .unwrap();
        let shape = Shape {
            vocabulary: grammar.len(),
            embedding: 5,
            hidden: 4,
            latent: 3,
            condition: 2,
        };
        (grammar, Network::new(shape, 7))
    }

    #[test]
    fn frequencies_are_the_probabilities() {
        let scores = [0.3_f32, -1.0, 2.0, 0.0, 1.1];
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let draws = 200_000;
        let mut counts = [0.0; 5];
        for _ in 0..draws {
            counts[usize::from(choose(&mut scores.clone(), random.random()))] += 1.0;
        }
        let sum: f64 = scores.iter().map(|&s| f64::from(s).exp()).sum();
        for (count, score) in counts.iter().zip(scores) {
            let p = f64::from(score).exp() / sum;
            let deviation = (f64::from(draws) * p * (1.0 - p)).sqrt();
            assert!((count - f64::from(draws) * p).abs() < 4.0 * deviation);
        }
        assert_eq!(choose(&mut scores.clone(), 0.0), 0);
        assert_eq!(choose(&mut scores.clone(), 0.999_999_9), 4);
    }

    /// The frequency of a whole formula is `e` to minus its loss, which the other
    /// half of the network computes in another way.
    #[test]
    fn formulas_come_as_often_as_their_loss_says() {
        let (grammar, mut network) = tiny();
        // The code is then always zero.
        let code = [
            network.layout.code.weight.clone(),
            network.layout.code.bias.clone(),
        ];
        for range in code {
            network.parameters[range].fill(0.0);
        }
        let bias = network.layout.code.bias.clone();
        network.parameters[bias][3..].fill(-60.0);
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let draws = 100_000;
        let sampler = Sampler::new(&network, &grammar, &TOLD);
        let formulas = sampler.decode(&vec![0.0; 3 * draws], 4, &mut random);
        assert_eq!(formulas.len(), draws);
        let mut twin = network.clone();
        for text in ["x1", "sin x1", "add x1 x1", "sin sin x1"] {
            let tokens = grammar.parse(text).unwrap();
            let loss = twin.evaluate(
                &Batch::new(&grammar, &[&tokens]).told(TOLD.to_vec()),
                &mut random,
            );
            let p = (-loss.reconstruction).exp();
            let count = formulas.iter().filter(|f| **f == tokens).count() as f64;
            // The end may also be cut off only at the longest; these are shorter.
            let deviation = (draws as f64 * p * (1.0 - p)).sqrt();
            assert!(
                (count - draws as f64 * p).abs() < 4.0 * deviation,
                "{text}: {count} {p}"
            );
        }
    }

    #[test]
    fn equal_seeds_give_equal_formulas_that_end_in_time() {
        let (grammar, network) = tiny();
        let sampler = Sampler::new(&network, &grammar, &TOLD);
        let sample = |seed| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let codes = sampler.codes(1500, &mut random);
            sampler.decode(&codes, 6, &mut random)
        };
        assert_eq!(sample(1), sample(1));
        assert_ne!(sample(1), sample(2));
        assert!(sample(1).iter().all(|f| f.len() <= 6));
        assert!(sample(1).iter().flatten().all(|&t| t != grammar.end()));
    }
}
