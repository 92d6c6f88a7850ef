//! What is random in one step of training: what is dropped, and where in the
//! cloud around its mean a formula is placed.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{Real, normals};

/// Share of numbers that are dropped, in parts of 65,536: 0.1.
const DROPPED: u16 = 6554;

/// Factors that drop numbers, and places in the cloud.
#[derive(Debug, Clone, Default)]
pub(crate) struct Noise<T> {
    /// `(steps, batch, embedding)`; empty where nothing is dropped, as the next two.
    pub(crate) encoder: Vec<T>,
    /// `(steps, batch, embedding)`
    pub(crate) decoder: Vec<T>,
    /// `(steps, batch, hidden)`
    pub(crate) output: Vec<T>,
    /// `(batch, latent)`
    pub(crate) place: Vec<T>,
}

impl<T: Real> Noise<T> {
    /// - `rows`: steps times batch.
    pub(crate) fn draw(
        &mut self,
        (rows, batch): (usize, usize),
        (embedding, hidden, latent): (usize, usize, usize),
        dropout: bool,
        random: &mut ChaCha8Rng,
    ) {
        let rows = if dropout { rows } else { 0 };
        mask(&mut self.encoder, rows * embedding, random);
        mask(&mut self.decoder, rows * embedding, random);
        mask(&mut self.output, rows * hidden, random);
        self.place.clear();
        self.place
            .extend(normals(batch * latent, random).map(T::of));
    }
}

/// Zeros where dropped; the others are raised, so that the mean stays.
fn mask<T: Real>(factors: &mut Vec<T>, count: usize, random: &mut ChaCha8Rng) {
    let kept = T::of(65_536.0 / (65_536.0 - f64::from(DROPPED)));
    factors.clear();
    factors.reserve(count + 4);
    while factors.len() < count {
        let bits: u64 = random.random();
        for part in [bits, bits >> 16, bits >> 32, bits >> 48] {
            #[expect(clippy::cast_possible_truncation, reason = "the lowest bits are taken")]
            let part = part as u16;
            factors.push(if part < DROPPED { T::ZERO } else { kept });
        }
    }
    factors.truncate(count);
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_tenth_is_dropped_and_the_mean_stays() {
        let mut noise = Noise::<f64>::default();
        let mut random = ChaCha8Rng::seed_from_u64(5);
        noise.draw((1000, 10), (50, 3, 4), true, &mut random);
        let dropped = noise.encoder.iter().filter(|f| **f == 0.0).count();
        // standard deviation 67
        assert!(dropped.abs_diff(5000) < 250, "{dropped}");
        let mean = noise.encoder.iter().sum::<f64>() / 50_000.0;
        assert!((mean - 1.0).abs() < 0.01);
        assert_eq!((noise.output.len(), noise.place.len()), (3000, 40));
        noise.draw((1000, 10), (50, 3, 4), false, &mut random);
        assert!(noise.encoder.is_empty());
    }
}
