//! The loss of a batch, and its gradient.
//!
//! ```text
//! L = 1/B Σ ( Σ -ln p(token) + κ KL )      KL = -½ Σ (1 + s - μ² - eˢ)
//! ```
//!
//! over a batch of `B` formulas, where `s` is the logarithm of the variance and
//! padding does not count. As in the published network the encoder reads the
//! padding too; formulas of a batch are about equally long.

use pulp::{Arch, Simd, WithSimd};
use rand_chacha::ChaCha8Rng;

use super::{
    Real,
    layout::{Layout, LinearLayout, Shape},
    lstm::{Lstm, Pass, add_rows},
    matrix::{Onto, Stored, product},
    noise::Noise,
};
use crate::Grammar;

/// Formulas side by side, filled up to the longest.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    steps: usize,
    size: usize,
    /// `(steps, size)`, beginning with the mark of begin.
    inputs: Vec<u8>,
    /// `(steps, size)`, ending with the mark of the end.
    targets: Vec<u8>,
    padding: u8,
    /// `(size, condition)`, or nothing for a network that is told nothing.
    conditions: Vec<f32>,
}

impl Batch {
    /// Puts formulas side by side.
    ///
    /// # Panics
    ///
    /// If there are none.
    #[must_use]
    pub fn new(grammar: &Grammar, formulas: &[&[u8]]) -> Self {
        let longest = formulas
            .iter()
            .map(|f| f.len())
            .max()
            .expect("a batch has a formula");
        let (steps, size) = (longest + 1, formulas.len());
        let mut inputs = vec![grammar.padding(); steps * size];
        let mut targets = inputs.clone();
        for (column, formula) in formulas.iter().enumerate() {
            inputs[column] = grammar.begin();
            for (step, &token) in formula.iter().enumerate() {
                targets[step * size + column] = token;
                inputs[(step + 1) * size + column] = token;
            }
            targets[formula.len() * size + column] = grammar.end();
        }
        Self {
            steps,
            size,
            inputs,
            targets,
            padding: grammar.padding(),
            conditions: Vec::new(),
        }
    }

    /// The same with what the decoder is told of the data.
    ///
    /// - `conditions`: `(size, condition)`
    #[must_use]
    pub fn told(mut self, conditions: Vec<f32>) -> Self {
        self.conditions = conditions;
        self
    }

    /// Number of formulas.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    fn rows(&self) -> usize {
        self.steps * self.size
    }
}

/// The loss of a batch, per formula.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Loss {
    /// Cross-entropy of the tokens, in nats.
    pub reconstruction: f64,
    /// Divergence of the code from the standard normal distribution, in nats.
    pub divergence: f64,
}

impl Loss {
    /// What is made small.
    #[must_use]
    pub fn total(self, kl_coef: f64) -> f64 {
        self.reconstruction + kl_coef * self.divergence
    }
}

/// The autoencoder and what it computes with.
#[derive(Debug, Clone)]
pub struct Network<T = f32> {
    pub(super) shape: Shape,
    pub(super) layout: Layout,
    pub(super) parameters: Vec<T>,
    gradient: Vec<T>,
    noise: Noise<T>,
    work: Work<T>,
}

/// Intermediate numbers, kept for the way back and to spare allocations.
#[derive(Debug, Clone, Default)]
struct Work<T> {
    forward: Lstm<T>,
    backward: Lstm<T>,
    decoder: Lstm<T>,
    /// `(steps, batch, embedding)`
    encoder_in: Vec<T>,
    decoder_in: Vec<T>,
    by_input: Vec<T>,
    /// `(batch, 2 hidden)`: the last states of both directions.
    last: Vec<T>,
    /// `(batch, 2 latent)`: mean, and logarithm of the variance.
    code: Vec<T>,
    /// `(batch, latent + condition)`
    place: Vec<T>,
    /// `(batch, embedding)`
    from_code: Vec<T>,
    /// `(steps, batch, hidden)`
    output: Vec<T>,
    slopes: Vec<T>,
    /// `(steps, batch, vocabulary)`
    scores: Vec<T>,
}

impl Network<f32> {
    /// A network with weights drawn by a seed.
    #[must_use]
    pub fn new(shape: Shape, seed: u64) -> Self {
        let layout = Layout::new(shape);
        let parameters = layout.draw(seed);
        Self::with(layout, shape, parameters)
    }

    /// The loss of a batch and its gradient, with random dropout and codes.
    ///
    /// - returns: the loss and `(parameters,)`.
    pub fn learn(
        &mut self,
        batch: &Batch,
        kl_coef: f64,
        random: &mut ChaCha8Rng,
    ) -> (Loss, &[f32]) {
        self.draw(batch, true, random);
        let loss = self.forward(batch);
        self.backward(batch, kl_coef);
        (loss, &self.gradient)
    }

    /// The loss of a batch with random codes, without dropout.
    pub fn evaluate(&mut self, batch: &Batch, random: &mut ChaCha8Rng) -> Loss {
        self.draw(batch, false, random);
        self.forward(batch)
    }

    /// Means of the codes of a batch.
    ///
    /// - returns: `(size, latent)`
    pub fn encode(&mut self, batch: &Batch) -> Vec<f32> {
        self.noise = Noise::default();
        self.read(batch);
        let latent = self.shape.latent;
        let rows = self.work.code.chunks_exact(2 * latent);
        rows.flat_map(|row| row[..latent].iter().copied()).collect()
    }

    fn draw(&mut self, batch: &Batch, dropout: bool, random: &mut ChaCha8Rng) {
        let Shape {
            embedding,
            hidden,
            latent,
            ..
        } = self.shape;
        self.noise.draw(
            (batch.rows(), batch.size),
            (embedding, hidden, latent),
            dropout,
            random,
        );
    }
}

impl<T: Real> Network<T> {
    pub(super) fn with(layout: Layout, shape: Shape, parameters: Vec<T>) -> Self {
        Self {
            gradient: vec![T::ZERO; layout.len()],
            layout,
            shape,
            parameters,
            noise: Noise::default(),
            work: Work::default(),
        }
    }

    /// Sizes of the network.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// All parameters, one after the other.
    #[must_use]
    pub fn parameters(&self) -> &[T] {
        &self.parameters
    }

    /// The same, to be changed.
    pub fn parameters_mut(&mut self) -> &mut [T] {
        &mut self.parameters
    }

    fn pass(&self, batch: &Batch, reversed: bool) -> Pass {
        Pass {
            steps: batch.steps,
            batch: batch.size,
            width: self.shape.embedding,
            hidden: self.shape.hidden,
            reversed,
        }
    }

    /// Tokens to codes.
    fn read(&mut self, batch: &Batch) {
        let Shape {
            embedding,
            hidden,
            latent,
            ..
        } = self.shape;
        let (forward, backward) = (self.pass(batch, false), self.pass(batch, true));
        let work = &mut self.work;
        let parameters = &self.parameters[..];
        let table = &parameters[self.layout.embedding.clone()];
        embed(
            &mut work.encoder_in,
            &batch.inputs,
            table,
            embedding,
            &self.noise.encoder,
        );
        work.forward
            .forward(parameters, &self.layout.forward, &work.encoder_in, forward);
        work.backward.forward(
            parameters,
            &self.layout.backward,
            &work.encoder_in,
            backward,
        );
        let ends = &work.forward.hidden[(batch.steps - 1) * batch.size * hidden..];
        let begins = &work.backward.hidden[..batch.size * hidden];
        work.last.clear();
        for (end, begin) in ends.chunks_exact(hidden).zip(begins.chunks_exact(hidden)) {
            work.last.extend_from_slice(end);
            work.last.extend_from_slice(begin);
        }
        let sizes = (batch.size, 2 * latent, 2 * hidden);
        linear(
            &mut work.code,
            parameters,
            &self.layout.code,
            &work.last,
            sizes,
        );
    }

    /// Everything up to the probabilities, with the noise as it is.
    fn forward(&mut self, batch: &Batch) -> Loss {
        self.read(batch);
        let Shape {
            embedding,
            hidden,
            latent,
            vocabulary,
            condition,
        } = self.shape;
        assert_eq!(
            batch.conditions.len(),
            batch.size * condition,
            "a network of this shape is told so many numbers"
        );
        let pass = self.pass(batch, false);
        let (work, parameters) = (&mut self.work, &self.parameters[..]);
        let mut divergence = 0.0;
        work.place.clear();
        let codes = work
            .code
            .chunks_exact(2 * latent)
            .zip(self.noise.place.chunks_exact(latent));
        for (row, (code, noise)) in codes.enumerate() {
            for k in 0..latent {
                let (mean, variance) = (code[k], code[latent + k]);
                let width = (variance * T::of(0.5)).exponential();
                work.place.push(mean + width * noise[k]);
                let (mean, variance) = (mean.wide(), variance.wide());
                divergence -= 0.5 * (1.0 + variance - mean * mean - variance.exp());
            }
            let told = &batch.conditions[row * condition..][..condition];
            work.place.extend(told.iter().map(|&c| T::of(f64::from(c))));
        }
        let sizes = (batch.size, embedding, latent + condition);
        linear(
            &mut work.from_code,
            parameters,
            &self.layout.from_code,
            &work.place,
            sizes,
        );
        let table = &parameters[self.layout.embedding.clone()];
        embed(
            &mut work.decoder_in,
            &batch.inputs,
            table,
            embedding,
            &self.noise.decoder,
        );
        for step in work.decoder_in.chunks_exact_mut(batch.size * embedding) {
            for (x, z) in step.iter_mut().zip(&work.from_code) {
                *x += *z;
            }
        }
        work.decoder
            .forward(parameters, &self.layout.decoder, &work.decoder_in, pass);
        work.output.clone_from(&work.decoder.hidden);
        drop_out(&mut work.output, &self.noise.output);
        let sizes = (batch.rows(), vocabulary, hidden);
        linear(
            &mut work.scores,
            parameters,
            &self.layout.output,
            &work.output,
            sizes,
        );
        let reconstruction = Arch::new().dispatch(CrossEntropy {
            scores: &mut work.scores,
            targets: &batch.targets,
            padding: batch.padding,
            vocabulary,
        });
        let formulas = batch.size as f64;
        Loss {
            reconstruction: reconstruction / formulas,
            divergence: divergence / formulas,
        }
    }

    /// The gradient of the loss that was computed last.
    #[expect(
        clippy::too_many_lines,
        reason = "one chain of derivatives, link by link"
    )]
    fn backward(&mut self, batch: &Batch, kl_coef: f64) {
        self.gradient.fill(T::ZERO);
        let Shape {
            embedding,
            hidden,
            latent,
            vocabulary,
            condition,
        } = self.shape;
        let (rows, size) = (batch.rows(), batch.size);
        let (pass, reversed) = (self.pass(batch, false), self.pass(batch, true));
        let (work, layout) = (&mut self.work, &self.layout);
        let (parameters, gradient) = (&self.parameters[..], &mut self.gradient[..]);
        let share = T::of(1.0 / size as f64);
        work.scores.iter_mut().for_each(|score| *score *= share);

        linear_back(
            (parameters, gradient),
            &layout.output,
            (&work.scores, &work.output),
            &mut work.slopes,
            (rows, vocabulary, hidden),
        );
        drop_out(&mut work.slopes, &self.noise.output);
        work.by_input.resize(rows * embedding, T::ZERO);
        let into = (&mut work.by_input[..], Onto::Nothing);
        work.decoder.backward(
            (parameters, gradient),
            &layout.decoder,
            &work.decoder_in,
            &work.slopes,
            into,
            pass,
        );
        work.from_code.fill(T::ZERO);
        for step in work.by_input.chunks_exact(size * embedding) {
            work.from_code
                .iter_mut()
                .zip(step)
                .for_each(|(z, x)| *z += *x);
        }
        let table = layout.embedding.clone();
        embed_back(
            &mut gradient[table.clone()],
            &batch.inputs,
            &mut work.by_input,
            embedding,
            &self.noise.decoder,
        );

        let mut by_place = Vec::new();
        linear_back(
            (parameters, gradient),
            &layout.from_code,
            (&work.from_code, &work.place),
            &mut by_place,
            (size, embedding, latent + condition),
        );
        let kl = T::of(kl_coef) * share;
        let rows_of = work.code.chunks_exact_mut(2 * latent);
        let noise = self.noise.place.chunks_exact(latent);
        for ((code, noise), by_place) in rows_of
            .zip(noise)
            .zip(by_place.chunks_exact(latent + condition))
        {
            for k in 0..latent {
                let half = T::of(0.5);
                let width = (code[latent + k] * half).exponential();
                let variance = width * width;
                code[k] = by_place[k] + kl * code[k];
                code[latent + k] =
                    by_place[k] * noise[k] * width * half + kl * half * (variance - T::ONE);
            }
        }
        let mut by_last = Vec::new();
        linear_back(
            (parameters, gradient),
            &layout.code,
            (&work.code, &work.last),
            &mut by_last,
            (size, 2 * latent, 2 * hidden),
        );
        for (which, pass) in [(0, pass), (1, reversed)] {
            let step = if which == 0 { batch.steps - 1 } else { 0 };
            work.slopes.fill(T::ZERO);
            let slopes = work.slopes[step * size * hidden..].chunks_exact_mut(hidden);
            for (slope, last) in slopes.zip(by_last.chunks_exact(2 * hidden)) {
                slope.copy_from_slice(&last[which * hidden..][..hidden]);
            }
            let (lstm, layout, onto) = match which {
                0 => (&mut work.forward, &layout.forward, Onto::Nothing),
                _ => (&mut work.backward, &layout.backward, Onto::Sum),
            };
            let into = (&mut work.by_input[..], onto);
            lstm.backward(
                (parameters, gradient),
                layout,
                &work.encoder_in,
                &work.slopes,
                into,
                pass,
            );
        }
        embed_back(
            &mut gradient[table],
            &batch.inputs,
            &mut work.by_input,
            embedding,
            &self.noise.encoder,
        );
    }
}

/// Rows of a table, dropped in part.
fn embed<T: Real>(out: &mut Vec<T>, tokens: &[u8], table: &[T], width: usize, mask: &[T]) {
    out.clear();
    for &token in tokens {
        out.extend_from_slice(&table[usize::from(token) * width..][..width]);
    }
    drop_out(out, mask);
}

fn embed_back<T: Real>(table: &mut [T], tokens: &[u8], slopes: &mut [T], width: usize, mask: &[T]) {
    drop_out(slopes, mask);
    for (&token, slope) in tokens.iter().zip(slopes.chunks_exact(width)) {
        let row = &mut table[usize::from(token) * width..][..width];
        row.iter_mut()
            .zip(slope)
            .for_each(|(sum, slope)| *sum += *slope);
    }
}

fn drop_out<T: Real>(values: &mut [T], mask: &[T]) {
    Arch::new().dispatch(|| {
        for (value, factor) in values.iter_mut().zip(mask) {
            *value *= *factor;
        }
    });
}

/// `out = x Wᵀ + b`, sizes `(rows, to, from)`.
fn linear<T: Real>(
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
fn linear_back<T: Real>(
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
struct CrossEntropy<'a, T> {
    scores: &'a mut [T],
    targets: &'a [u8],
    padding: u8,
    vocabulary: usize,
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

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::{Function, grammar::Words};

    /// Three words and the marks.
    pub(super) fn tiny() -> Grammar {
        Grammar::new(Words {
            functions: vec![Function::Add, Function::Sin],
            numbers: vec![],
            ..Words::default()
        })
        .unwrap()
    }

    fn tiny_network(seed: u64) -> (Network<f64>, Batch) {
        let grammar = tiny();
        let shape = Shape {
            vocabulary: grammar.len(),
            embedding: 3,
            hidden: 2,
            latent: 2,
            condition: 2,
        };
        let layout = Layout::new(shape);
        let parameters = layout.draw(seed).iter().map(|&p| f64::from(p)).collect();
        let texts = ["sin x1", "x1", "add x1 sin x1"];
        let formulas: Vec<Vec<u8>> = texts.iter().map(|t| grammar.parse(t).unwrap()).collect();
        let formulas: Vec<&[u8]> = formulas.iter().map(Vec::as_slice).collect();
        let batch = Batch::new(&grammar, &formulas).told(vec![0.3, -0.2, 0.8, 0.1, 0.0, -0.5]);
        let mut network = Network::with(layout, shape, parameters);
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        network
            .noise
            .draw((batch.rows(), batch.size), (3, 2, 2), true, &mut random);
        // A tenth of few numbers may be none at all.
        network.noise.encoder[1] = 0.0;
        network.noise.output[4] = 0.0;
        (network, batch)
    }

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        let (mut network, batch) = tiny_network(3);
        let kl_coef = 0.3;
        network.forward(&batch);
        network.backward(&batch, kl_coef);
        let gradient = network.gradient.clone();
        let step = 1e-5;
        for (k, slope) in gradient.iter().enumerate() {
            let middle = network.parameters[k];
            let mut at = |value: f64| {
                network.parameters[k] = value;
                network.forward(&batch).total(kl_coef)
            };
            let difference = (at(middle + step) - at(middle - step)) / (2.0 * step);
            network.parameters[k] = middle;
            // truncation 1e-10, cancellation 1e-10
            approx::assert_relative_eq!(*slope, difference, epsilon = 1e-8, max_relative = 1e-6);
        }
    }

    #[test]
    fn the_loss_by_hand_for_a_network_of_zeros() {
        let (mut network, batch) = tiny_network(3);
        network.parameters.fill(0.0);
        let loss = network.forward(&batch);
        // 2 + 1 + 4 tokens and three ends, each one of six words
        approx::assert_relative_eq!(
            loss.reconstruction,
            10.0 / 3.0 * 6.0_f64.ln(),
            max_relative = 1e-12
        );
        assert_eq!(loss.divergence, 0.0);
    }

    #[test]
    fn the_divergence_by_hand() {
        let (mut network, batch) = tiny_network(3);
        network.parameters.fill(0.0);
        let bias = network.layout.code.bias.clone();
        network.parameters[bias].copy_from_slice(&[0.5, -1.0, 0.2, 0.0]);
        let expected = 0.5 * (0.25 + 1.0) - 0.5 * (1.0 + 0.2 - 0.2_f64.exp());
        approx::assert_relative_eq!(
            network.forward(&batch).divergence,
            expected,
            max_relative = 1e-12
        );
    }

    /// Single precision differs by its rounding.
    #[test]
    fn both_precisions_agree() {
        let (mut wide, batch) = tiny_network(8);
        let parameters = wide.parameters.iter().map(|&p| f32::of(p)).collect();
        let mut narrow = Network::<f32>::with(wide.layout.clone(), wide.shape, parameters);
        let rounded = |v: &[f64]| v.iter().map(|&x| f32::of(x)).collect::<Vec<f32>>();
        narrow.noise = Noise {
            encoder: rounded(&wide.noise.encoder),
            decoder: rounded(&wide.noise.decoder),
            output: rounded(&wide.noise.output),
            place: rounded(&wide.noise.place),
        };
        let (a, b) = (wide.forward(&batch), narrow.forward(&batch));
        approx::assert_relative_eq!(a.total(0.5), b.total(0.5), max_relative = 1e-6);
        wide.backward(&batch, 0.5);
        narrow.backward(&batch, 0.5);
        for (a, b) in wide.gradient.iter().zip(&narrow.gradient) {
            approx::assert_relative_eq!(*a, f64::from(*b), epsilon = 1e-5, max_relative = 1e-4);
        }
    }

    /// The same formulas by candle's plain operations and its own derivatives.
    mod by_candle {
        use candle_core::{D, Device, Result, Tensor, Var};

        use super::*;

        struct Reference {
            vars: Vec<(&'static str, Var)>,
        }

        impl Reference {
            fn get(&self, name: &str) -> &Tensor {
                self.vars
                    .iter()
                    .find(|(known, _)| *known == name)
                    .unwrap()
                    .1
                    .as_tensor()
            }

            fn lstm(&self, name: &str, xs: &[Tensor]) -> Result<Vec<Tensor>> {
                let get = |part: &str| self.get(&format!("{name}.{part}"));
                let bias = (get("bias") + get("bias2"))?;
                let (batch, hidden) = (xs[0].dim(0)?, get("recurrent").dim(1)?);
                let mut h = Tensor::zeros((batch, hidden), xs[0].dtype(), &Device::Cpu)?;
                let mut c = h.clone();
                let mut out = Vec::new();
                for x in xs {
                    let sums =
                        (x.matmul(&get("input").t()?)? + h.matmul(&get("recurrent").t()?)?)?;
                    let gates = sums.broadcast_add(&bias)?.chunk(4, 1)?;
                    let (i, f) = (
                        candle_nn::ops::sigmoid(&gates[0])?,
                        candle_nn::ops::sigmoid(&gates[1])?,
                    );
                    let (g, o) = (gates[2].tanh()?, candle_nn::ops::sigmoid(&gates[3])?);
                    c = ((f * &c)? + (i * g)?)?;
                    h = (o * c.tanh()?)?;
                    out.push(h.clone());
                }
                Ok(out)
            }

            fn linear(&self, name: &str, x: &Tensor) -> Result<Tensor> {
                let product = x.matmul(&self.get(&format!("{name}.weight")).t()?)?;
                product.broadcast_add(self.get(&format!("{name}.bias")))
            }

            /// Tokens of each step, times the mask.
            fn embedded(&self, batch: &Batch, mask: &[f64]) -> Result<Vec<Tensor>> {
                let width = self.get("embedding").dim(1)?;
                let steps = batch
                    .inputs
                    .chunks(batch.size)
                    .zip(mask.chunks(batch.size * width));
                let row = |(tokens, mask): (&[u8], &[f64])| {
                    let tokens: Vec<u32> = tokens.iter().map(|&t| t.into()).collect();
                    let tokens = Tensor::new(tokens, &Device::Cpu)?;
                    let mask = Tensor::from_slice(mask, (batch.size, width), &Device::Cpu)?;
                    self.get("embedding").index_select(&tokens, 0)? * mask
                };
                steps.map(row).collect()
            }

            fn loss(&self, batch: &Batch, noise: &Noise<f64>, kl_coef: f64) -> Result<Tensor> {
                let xs = self.embedded(batch, &noise.encoder)?;
                let forward = self.lstm("encoder.forward", &xs)?;
                let turned: Vec<Tensor> = xs.iter().rev().cloned().collect();
                let backward = self.lstm("encoder.backward", &turned)?;
                let last = Tensor::cat(&[forward.last().unwrap(), backward.last().unwrap()], 1)?;
                let code = self.linear("code", &last)?.chunk(2, 1)?;
                let (mean, variance) = (&code[0], &code[1]);
                let place = Tensor::from_slice(&noise.place, mean.shape(), &Device::Cpu)?;
                let z = (mean + ((variance * 0.5)?.exp()? * place)?)?;
                let told: Vec<f64> = batch.conditions.iter().map(|&c| c.into()).collect();
                let told = Tensor::from_vec(told, (batch.size, 2), &Device::Cpu)?;
                let z = self.linear("from_code", &Tensor::cat(&[z, told], 1)?)?;
                let xs = self.embedded(batch, &noise.decoder)?;
                let xs = xs.iter().map(|x| x + &z).collect::<Result<Vec<_>>>()?;
                let mut loss = (variance + 1.0)?
                    .sub(&mean.sqr()?)?
                    .sub(&variance.exp()?)?
                    .sum_all()?;
                loss = (loss * (-0.5 * kl_coef))?;
                let hidden = self.get("decoder.recurrent").dim(1)?;
                let masks = noise.output.chunks(batch.size * hidden);
                let targets = batch.targets.chunks(batch.size);
                for ((h, mask), targets) in
                    self.lstm("decoder", &xs)?.iter().zip(masks).zip(targets)
                {
                    let mask = Tensor::from_slice(mask, (batch.size, hidden), &Device::Cpu)?;
                    let logits = self.linear("output", &(h * mask)?)?;
                    let chances = candle_nn::ops::log_softmax(&logits, D::Minus1)?;
                    let width = chances.dim(1)?;
                    let mut wanted = vec![0.0; batch.size * width];
                    for (row, &target) in targets
                        .iter()
                        .enumerate()
                        .filter(|(_, t)| **t != batch.padding)
                    {
                        wanted[row * width + usize::from(target)] = 1.0;
                    }
                    let wanted = Tensor::from_vec(wanted, (batch.size, width), &Device::Cpu)?;
                    loss = (loss - (chances * wanted)?.sum_all()?)?;
                }
                loss / batch.size as f64
            }
        }

        #[test]
        fn loss_and_gradient_are_the_same() {
            let (mut network, batch) = tiny_network(21);
            let vars = network.layout.entries.iter().map(|entry| {
                let values = &network.parameters[entry.range.clone()];
                let tensor = Tensor::from_slice(values, &entry.shape[..], &Device::Cpu).unwrap();
                (entry.name, Var::from_tensor(&tensor).unwrap())
            });
            let reference = Reference {
                vars: vars.collect(),
            };
            let expected = reference.loss(&batch, &network.noise, 0.7).unwrap();
            let loss = network.forward(&batch).total(0.7);
            approx::assert_relative_eq!(
                loss,
                expected.to_scalar::<f64>().unwrap(),
                max_relative = 1e-12
            );
            network.backward(&batch, 0.7);
            let gradients = expected.backward().unwrap();
            for (entry, (_, var)) in network.layout.entries.iter().zip(&reference.vars) {
                let gradient = gradients
                    .get(var.as_tensor())
                    .unwrap()
                    .flatten_all()
                    .unwrap();
                let ours = &network.gradient[entry.range.clone()];
                for (a, b) in ours.iter().zip(gradient.to_vec1::<f64>().unwrap()) {
                    // sums in another order
                    approx::assert_relative_eq!(*a, b, epsilon = 1e-13, max_relative = 1e-10);
                }
            }
        }
    }
}
