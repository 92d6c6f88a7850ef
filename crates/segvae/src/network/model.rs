//! The loss of a batch, and its gradient.
//!
//! ```text
//! L = 1/B Σ ( Σ -ln p(token) + κ KL )      KL = -½ Σ (1 + s - μ² - eˢ)
//! ```
//!
//! over a batch of `B` formulas, where `s` is the logarithm of the variance and
//! padding does not count. As in the published network the encoder reads the
//! padding too; formulas of a batch are about equally long.

use pulp::Arch;
use rand_chacha::ChaCha8Rng;

use super::{
    Batch, Real,
    layers::{CrossEntropy, drop_out, embed, embed_back, linear, linear_back},
    layout::{Layout, Shape},
    lstm::{Lstm, Pass},
    matrix::Onto,
    noise::Noise,
};

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

#[cfg(test)]
mod tests;
