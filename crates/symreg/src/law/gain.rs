//! What new functions are worth: the logarithm of the evidence that they add.
//!
//! With `f(k)` the functions at the unique items of a level, `S` and `t` what the terms
//! so far have left, and
//!
//! ```text
//! N(kc, k'c') = Σ f(k, i)·S(i, j)·f(k', j),   b(kc) = Σ f(k, i)·t(i)
//! ```
//!
//! over the items `i`, `j` of the channels `c`, `c'`, coefficients with prior variances
//! `D = τ(k)·λ(c)` add `½ bᵀ·A⁻¹·b - ½ ln |D·A|` with `A = D⁻¹ + N`. The strengths `τ` are
//! the best ones. Where `S` is whole, nothing here depends on
//! the number of structures.

use super::{
    cholesky::Cholesky,
    fit::{Left, Model},
    sharing::Sharing,
};

/// Strengths that are tried for all functions alike, in decades of `1 / mean f²`.
const DECADES: [f64; 6] = [-7.0, -5.0, -4.0, -3.0, -2.0, -0.5];

/// Steps, in decades, by which the strength of each function is then moved; before, each
/// is tried at all of the above.
const STEPS: [f64; 3] = [0.6, 0.3, 0.15];

/// What is left for new terms of one level.
#[derive(Debug)]
pub(super) struct Worth {
    left: Left,
    /// The channels that have coefficients of their own.
    channel: Vec<usize>,
    likeness: Vec<f64>,
}

/// The worth of some functions.
#[derive(Debug, Clone)]
pub(super) struct Gain {
    /// In nats.
    pub(super) nats: f64,
    /// `τ` of each function.
    pub(super) strengths: Vec<f64>,
    /// `(functions, channels)`
    coefficients: Vec<f64>,
    covariance: Vec<f64>,
    /// `(items, functions, channels)`: `Σ S(i, j)·f(k, j)` over the items of a channel.
    products: Vec<f64>,
}

/// `N` and `b`.
struct Normal {
    n: Vec<f64>,
    b: Vec<f64>,
    products: Vec<f64>,
}

impl Worth {
    pub(super) fn new(model: &Model, level: usize) -> Self {
        Self {
            left: model.left(level),
            channel: model.data.uniques[level].channel.clone(),
            likeness: model.likeness[level].clone(),
        }
    }

    /// What is left for new terms of which the channels share so much.
    pub(super) fn shared(&self, sharing: Sharing) -> Self {
        let (channel, likeness) = match sharing {
            Sharing::Shape => (self.channel.clone(), self.likeness.clone()),
            Sharing::Everything => (vec![0; self.channel.len()], vec![1.0]),
            Sharing::Nothing(alone) => {
                let other = |channel: &usize| usize::from(*channel != alone);
                // the others' coefficients have no variance
                (self.channel.iter().map(other).collect(), vec![1.0, 0.0])
            }
        };
        Self {
            left: self.left.clone(),
            channel,
            likeness,
        }
    }

    /// The channel in which one function alone would be worth most.
    pub(super) fn loudest(&self, f: &[f64]) -> Option<usize> {
        let Normal { n, b, .. } = self.normal(f)?;
        let size = b.len();
        let squares = (0..size).map(|own| (own, b[own] * b[own] / n[own * size + own]));
        let better = |a: (usize, f64), b: (usize, f64)| if b.1 > a.1 { b } else { a };
        let loudest = squares.filter(|(_, square)| square.is_finite());
        loudest
            .reduce(better)
            .map(|(own, _)| own % self.likeness.len())
    }

    /// Worth at the best strengths; nothing for a function that is zero or not finite.
    ///
    /// - `f`: `(functions, items)`
    pub(super) fn best(&self, f: &[f64]) -> Option<Gain> {
        let normal = self.normal(f)?;
        let units: Vec<f64> = f
            .chunks(self.left.t.len())
            .map(|f| f.len() as f64 / crate::least_squares::dot(f, f))
            .collect();
        let strengths = |decades: &[f64]| -> Vec<f64> {
            let both = decades.iter().zip(&units);
            both.map(|(d, u)| 10_f64.powf(*d) * u).collect()
        };
        let mut found = (f64::NEG_INFINITY, vec![0.0; units.len()]);
        let offer = |decades: Vec<f64>, found: &mut (f64, Vec<f64>)| {
            let nats = self.nats(&normal, &strengths(&decades));
            if nats > found.0 {
                *found = (nats, decades);
            }
        };
        for decade in DECADES {
            offer(vec![decade; units.len()], &mut found);
        }
        let alone = units.len() == 1;
        for k in 0..if alone { 0 } else { units.len() } {
            for decade in DECADES {
                let mut decades = found.1.clone();
                decades[k] = decade;
                offer(decades, &mut found);
            }
        }
        for step in STEPS {
            for k in 0..units.len() {
                for sign in [-1.0, 1.0] {
                    let mut decades = found.1.clone();
                    decades[k] += sign * step;
                    offer(decades, &mut found);
                }
            }
        }
        self.gain(normal, strengths(&found.1))
    }

    /// Worth at given strengths.
    pub(super) fn at(&self, f: &[f64], strengths: &[f64]) -> Option<Gain> {
        self.gain(self.normal(f)?, strengths.to_vec())
    }

    fn normal(&self, f: &[f64]) -> Option<Normal> {
        let (items, channels) = (self.left.t.len(), self.likeness.len());
        let square = |f: &[f64]| crate::least_squares::dot(f, f);
        let valid = |square: f64| square > 0.0 && square.is_finite();
        if !f.chunks(items).all(|f| valid(square(f))) {
            return None;
        }
        let size = f.len() / items * channels;
        let products = self.left.s.products(f, &self.channel, channels);
        let mut n = vec![0.0; size * size];
        let mut b = vec![0.0; size];
        for (i, sums) in products.chunks(size).enumerate() {
            for (k, f) in f.chunks(items).enumerate() {
                let own = k * channels + self.channel[i];
                b[own] += f[i] * self.left.t[i];
                for (n, sum) in n[own * size..].iter_mut().zip(sums) {
                    *n += f[i] * sum;
                }
            }
        }
        Some(Normal { n, b, products })
    }

    /// `I + √D·N·√D`, factored, and `√D`.
    fn factor(&self, n: &[f64], strengths: &[f64]) -> Option<(Cholesky, Vec<f64>)> {
        let deviation = |strength: &f64| {
            let strength = *strength;
            self.likeness.iter().map(move |l| (strength * l).sqrt())
        };
        let root: Vec<f64> = strengths.iter().flat_map(deviation).collect();
        let size = root.len();
        let mut matrix = vec![0.0; size * size];
        for i in 0..size {
            for j in 0..=i {
                matrix[i * size + j] = root[i] * n[i * size + j] * root[j];
            }
            matrix[i * size + i] += 1.0;
        }
        Some((Cholesky::new(matrix, size)?, root))
    }

    fn nats(&self, normal: &Normal, strengths: &[f64]) -> f64 {
        let Some((factor, root)) = self.factor(&normal.n, strengths) else {
            return f64::NEG_INFINITY;
        };
        let mut z: Vec<f64> = root.iter().zip(&normal.b).map(|(r, b)| r * b).collect();
        factor.forward(&mut z);
        let nats = 0.5 * z.iter().map(|z| z * z).sum::<f64>() - 0.5 * factor.log_determinant();
        if nats.is_finite() {
            nats
        } else {
            f64::NEG_INFINITY
        }
    }

    fn gain(&self, normal: Normal, strengths: Vec<f64>) -> Option<Gain> {
        let nats = self.nats(&normal, &strengths);
        let (factor, root) = self.factor(&normal.n, &strengths)?;
        let size = root.len();
        let mut a: Vec<f64> = root.iter().zip(&normal.b).map(|(r, b)| r * b).collect();
        factor.solve(&mut a);
        let mut covariance = factor.inverse();
        for i in 0..size {
            a[i] *= root[i];
            for j in 0..size {
                covariance[i * size + j] *= root[i] * root[j];
            }
        }
        nats.is_finite().then_some(Gain {
            nats,
            strengths,
            coefficients: a,
            covariance,
            products: normal.products,
        })
    }

    /// The derivative of the worth by the value of every function at every item, at
    /// fixed strengths: `(functions, items)`.
    pub(super) fn slope(&self, gain: &Gain) -> Vec<f64> {
        let size = gain.coefficients.len();
        let (items, channels) = (self.left.t.len(), self.likeness.len());
        let of = |k: usize, i: usize| {
            let own = k * channels + self.channel[i];
            let a = gain.coefficients[own];
            let row = &gain.covariance[own * size..(own + 1) * size];
            let sums = &gain.products[i * size..(i + 1) * size];
            let both = gain.coefficients.iter().zip(row).zip(sums);
            let taken: f64 = both.map(|((other, c), sum)| (a * other + c) * sum).sum();
            a * self.left.t[i] - taken
        };
        let functions = 0..size / channels;
        functions
            .flat_map(|k| (0..items).map(move |i| (k, i)))
            .map(|(k, i)| of(k, i))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::{super::fit::Quadratic, *};

    fn worth() -> Worth {
        let items = 6;
        let mut s = vec![0.0; items * items];
        for i in 0..items {
            for j in 0..items {
                s[i * items + j] =
                    (0.3 * (i as f64 - j as f64)).cos() + f64::from(u8::from(i == j));
            }
        }
        let left = Left {
            s: Quadratic::Whole(s.into()),
            t: (0..items).map(|i| (1.3 * i as f64).sin() * 3.0).collect(),
        };
        Worth {
            left,
            channel: vec![0, 0, 1, 1, 1, 0],
            likeness: vec![1.0, 0.4],
        }
    }

    #[test]
    fn the_slope_is_that_of_finite_differences() {
        let worth = worth();
        let f: Vec<f64> = (0..12).map(|i| 1.0 + (0.7 * f64::from(i)).cos()).collect();
        let strengths = [0.3, 2.0];
        let slope = worth.slope(&worth.at(&f, &strengths).unwrap());
        for place in 0..f.len() {
            let moved = |step: f64| {
                let mut f = f.clone();
                f[place] += step;
                worth.at(&f, &strengths).unwrap().nats
            };
            let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert_relative_eq!(
                slope[place],
                difference,
                epsilon = 1e-7,
                max_relative = 1e-6
            );
        }
    }

    #[test]
    fn the_best_strengths_are_no_worse_than_others() {
        let worth = worth();
        let f: Vec<f64> = (0..12).map(|i| 1.0 + (0.7 * f64::from(i)).cos()).collect();
        let best = worth.best(&f).unwrap().nats;
        for strengths in [[1e-6, 1e-6], [0.1, 0.1], [3.0, 0.01], [1e-6, 1.0]] {
            assert!(best > worth.at(&f, &strengths).unwrap().nats - 0.02);
        }
    }
}
