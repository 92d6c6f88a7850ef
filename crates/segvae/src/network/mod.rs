//! The autoencoder: formulas to numbers, and numbers to formulas.
//!
//! ```text
//! tokens ─embedding─▶ LSTM both ways ─▶ μ, ln σ² ─▶ z = μ + σ ε
//! tokens ─embedding + z W─▶ LSTM ─▶ probabilities of the next token
//! ```
//!
//! All is written by hand for this one network, forward and backward, with
//! parameters in one flat list: the time goes into matrix products and nowhere
//! else, and the state of a training is three lists of numbers. Tests compare it
//! with finite differences and with candle's differentiation of the same formulas.
//!
//! Everything runs on one thread in a fixed order: results do not depend on the
//! number of threads.
//!
//! # Source
//!
//! Popov et al., `PeerJ` *Comput. Sci.* **9**, e1241 (2023), after Shen et al.,
//! "Educating text autoencoders", ICML (2020).

mod adam;
mod batch;
mod layers;
mod layout;
mod lstm;
mod matrix;
mod model;
mod noise;
mod real;
mod sample;
mod weights;

pub use adam::Adam;
pub use batch::Batch;
pub use layout::Shape;
pub use model::{Loss, Network};
pub use real::Real;
pub use sample::Sampler;
pub(crate) use weights::{from_bytes, to_bytes};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A number of the standard normal distribution, by Box and Muller.
pub(crate) fn normal(random: &mut ChaCha8Rng) -> f64 {
    let (u, v): (f64, f64) = (random.random(), random.random());
    // 1 - u keeps the logarithm finite
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// So many of them, two from each pair of even numbers.
pub(crate) fn normals(count: usize, random: &mut ChaCha8Rng) -> impl Iterator<Item = f64> {
    let mut second = None;
    (0..count).map(move |_| {
        second.take().unwrap_or_else(|| {
            let (u, v): (f64, f64) = (random.random(), random.random());
            let radius = (-2.0 * (1.0 - u).ln()).sqrt();
            let (sine, cosine) = (std::f64::consts::TAU * v).sin_cos();
            second = Some(radius * sine);
            radius * cosine
        })
    })
}
