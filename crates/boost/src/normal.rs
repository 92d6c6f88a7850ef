//! Normal random numbers, fast.
//!
//! Every border of every column is given one at every level, so that they are
//! drawn by the million: the ziggurat needs a table look-up and a product for
//! 99 of 100.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

const LAYERS: usize = 256;
/// Where the tail begins.
const TAIL: f64 = 3.654_152_885_361_009;
/// Area of a layer, under `exp(-x²/2)`.
const AREA: f64 = 0.004_928_673_233_974_655;

/// Draws from the normal distribution of mean 0 and variance 1.
///
/// The density is covered by 256 layers of equal area. A point is drawn in one
/// of them; only near the edge, or in the tail, has it to be tested.
///
/// # Source
///
/// Marsaglia & Tsang, *J. Stat. Softw.* **5**(8), 1 (2000), with 53 bits and the
/// layer from bits of their own (Doornik 2005).
#[derive(Debug, Clone)]
pub(crate) struct Normal {
    edges: [f64; LAYERS + 1],
    heights: [f64; LAYERS + 1],
}

impl Normal {
    pub(crate) fn new() -> Self {
        let density = |x: f64| (-0.5 * x * x).exp();
        let mut edges = [0.0; LAYERS + 1];
        edges[0] = AREA / density(TAIL);
        edges[1] = TAIL;
        for i in 2..LAYERS {
            let height = AREA / edges[i - 1] + density(edges[i - 1]);
            edges[i] = (-2.0 * height.ln()).sqrt();
        }
        Self {
            edges,
            heights: edges.map(density),
        }
    }

    pub(crate) fn draw(&self, random: &mut ChaCha8Rng) -> f64 {
        loop {
            let bits = random.next_u64();
            let layer = (bits & 0xff) as usize;
            let signed = 2.0 * fraction(bits) - 1.0;
            let x = signed * self.edges[layer];
            if x.abs() < self.edges[layer + 1] {
                return x;
            }
            if layer == 0 {
                return tail(random).copysign(signed);
            }
            let (low, high) = (self.heights[layer], self.heights[layer + 1]);
            let y = low + fraction(random.next_u64()) * (high - low);
            if y < (-0.5 * x * x).exp() {
                return x;
            }
        }
    }
}

/// A number beyond the last edge.
fn tail(random: &mut ChaCha8Rng) -> f64 {
    loop {
        let x = -open(random).ln() / TAIL;
        let y = -open(random).ln();
        if 2.0 * y > x * x {
            return TAIL + x;
        }
    }
}

/// Uniform in `[0, 1)`.
pub(crate) fn fraction(bits: u64) -> f64 {
    (bits >> 11) as f64 * (-53_f64).exp2()
}

/// Uniform in `(0, 1]`.
pub(crate) fn open(random: &mut ChaCha8Rng) -> f64 {
    1.0 - fraction(random.next_u64())
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn the_moments_are_those_of_the_normal_distribution() {
        let normal = Normal::new();
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let draws: Vec<f64> = (0..400_000).map(|_| normal.draw(&mut random)).collect();
        let moment =
            |power: i32| draws.iter().map(|x| x.powi(power)).sum::<f64>() / draws.len() as f64;
        // Four standard errors: 0.0016, 0.0022, 0.0155 of the moments.
        assert_relative_eq!(moment(1), 0.0, epsilon = 0.0064);
        assert_relative_eq!(moment(2), 1.0, epsilon = 0.009);
        assert_relative_eq!(moment(4), 3.0, epsilon = 0.062);
        let far = draws.iter().filter(|x| x.abs() > TAIL).count() as f64;
        // 2·(1 - Φ(3.654)) = 2.58e-4: 103 ± 10 are expected.
        assert_relative_eq!(far, 103.0, epsilon = 41.0);
    }

    #[test]
    fn the_layers_meet_at_the_top() {
        let normal = Normal::new();
        assert!(normal.edges.windows(2).all(|pair| pair[0] > pair[1]));
        // The area of the last layer closes the figure.
        let last = normal.edges[LAYERS - 1] * (1.0 - normal.heights[LAYERS - 1]);
        assert_relative_eq!(last, AREA, epsilon = 1e-9);
    }
}
