//! How the members of a structure make up its value.

use super::eigen::Eigen;

/// How a value of a structure follows from those of its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rise {
    /// `Σ g`: a total.
    Sum,
    /// `-T ln Σ exp(-g/T)`: the lowest, as an excitation, rounded off over a range `T`
    /// and lower the more members share it.
    Lowest,
    /// `T ln Σ exp(g/T)`: the highest, alike.
    Highest,
    /// `-T ln tr exp(-H/T)`: the lowest eigenvalue of a symmetric matrix whose entries the
    /// members are, rounded off alike. Levels that are coupled repel each other.
    LowestLevel,
}

/// Value of a structure, and what it is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Risen {
    pub(super) value: f64,
    /// `(members,)`: the derivative by the value of each member.
    pub(super) shares: Vec<f64>,
    /// The derivative by `T`.
    pub(super) by_temperature: f64,
}

impl Rise {
    /// The value of a structure, `shares·g + by_temperature·T`.
    ///
    /// The soft extremes are homogeneous in `g` and `T` together, so that their
    /// linear part is all of them: the derivative by `T` is minus (plus) the entropy of
    /// the shares. A structure without members has the value 0.
    ///
    /// - `places`: row and column of each member in a matrix; of a level only.
    pub(super) fn of(self, members: &[f64], places: &[[usize; 2]], temperature: f64) -> Risen {
        let sign = match self {
            Self::LowestLevel => return lowest_level(members, places, temperature),
            Self::Sum => {
                return Risen {
                    value: members.iter().sum(),
                    shares: vec![1.0; members.len()],
                    by_temperature: 0.0,
                };
            }
            Self::Lowest => -1.0,
            Self::Highest => 1.0,
        };
        let (shares, nats) = shared(sign, members, temperature);
        linear(members, shares, sign * nats, temperature)
    }
}

/// Boltzmann's weights of some values, those of the lowest (or, for a positive sign, the
/// highest) largest, and their entropy.
fn shared(sign: f64, values: &[f64], temperature: f64) -> (Vec<f64>, f64) {
    let signed = values.iter().map(|g| sign * g);
    let top = signed.clone().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = signed.map(|g| ((g - top) / temperature).exp()).collect();
    let sum: f64 = weights.iter().sum();
    let shares: Vec<f64> = weights.iter().map(|w| w / sum).collect();
    let nats = |p: &f64| if *p > 0.0 { -p * p.ln() } else { 0.0 };
    let entropy = shares.iter().map(nats).sum();
    (shares, entropy)
}

/// The value that derivatives make up.
fn linear(members: &[f64], shares: Vec<f64>, by_temperature: f64, temperature: f64) -> Risen {
    let mean: f64 = shares.iter().zip(members).map(|(p, g)| p * g).sum();
    Risen {
        value: mean + temperature * by_temperature,
        shares,
        by_temperature,
    }
}

/// The derivative by an entry of the matrix is that entry of the density matrix
/// `exp(-H/T) / tr exp(-H/T)`, twice off the diagonal, where it stands for two.
fn lowest_level(members: &[f64], places: &[[usize; 2]], temperature: f64) -> Risen {
    let n = places.iter().flatten().max().map_or(0, |last| last + 1);
    let mut matrix = vec![0.0; n * n];
    for (value, &[i, j]) in members.iter().zip(places) {
        matrix[i * n + j] += value;
        if i != j {
            matrix[j * n + i] += value;
        }
    }
    let Eigen { values, vectors } = Eigen::of(matrix, n);
    let (weights, nats) = shared(-1.0, &values, temperature);
    let density = |i: usize, j: usize| -> f64 {
        let rows = vectors[i * n..].iter().zip(&vectors[j * n..]);
        rows.zip(&weights).map(|((a, b), p)| a * b * p).sum()
    };
    let share = |&[i, j]: &[usize; 2]| density(i, j) * if i == j { 1.0 } else { 2.0 };
    let shares = places.iter().map(share).collect();
    linear(members, shares, -nats, temperature)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    const MEMBERS: [f64; 4] = [0.7, 0.4, 1.9, 0.45];

    /// Three levels, two of which are coupled.
    const PLACES: [[usize; 2]; 4] = [[0, 0], [1, 1], [2, 2], [0, 1]];

    #[test]
    fn by_hand() {
        let sum: f64 = MEMBERS.iter().map(|g| (-g / 0.1).exp()).sum();
        let low = Rise::Lowest.of(&MEMBERS, &[], 0.1);
        assert_relative_eq!(low.value, -0.1 * sum.ln(), max_relative = 1e-12);
        assert_relative_eq!(Rise::Sum.of(&MEMBERS, &[], 0.1).value, 3.45);
        let negative = MEMBERS.map(|g| -g);
        let high = Rise::Highest.of(&negative, &[], 0.1);
        assert_relative_eq!(high.value, -low.value, max_relative = 1e-12);
    }

    #[test]
    fn what_is_said_of_derivatives_is_true() {
        for rise in [Rise::Sum, Rise::Lowest, Rise::Highest, Rise::LowestLevel] {
            let of = |members: &[f64], t: f64| rise.of(members, &PLACES, t);
            let here = of(&MEMBERS, 0.2);
            for i in 0..MEMBERS.len() {
                let moved = |step: f64| {
                    let mut members = MEMBERS;
                    members[i] += step;
                    of(&members, 0.2).value
                };
                let difference = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                assert_relative_eq!(here.shares[i], difference, epsilon = 1e-8);
            }
            let by = (of(&MEMBERS, 0.2 + 1e-6).value - of(&MEMBERS, 0.2 - 1e-6).value) / 2e-6;
            assert_relative_eq!(here.by_temperature, by, epsilon = 1e-8);
        }
    }

    #[test]
    fn coupled_levels_repel_and_free_ones_are_a_soft_minimum() {
        let cold = Rise::LowestLevel.of(&MEMBERS, &PLACES, 1e-4).value;
        let expected = 0.55 - 0.15_f64.hypot(0.45);
        assert_relative_eq!(cold, expected, max_relative = 1e-9);
        let free = [0.7, 0.4, 1.9, 0.0];
        let level = Rise::LowestLevel.of(&free, &PLACES, 0.1);
        let least = Rise::Lowest.of(&free[..3], &[], 0.1);
        assert_relative_eq!(level.value, least.value, max_relative = 1e-12);
        assert_relative_eq!(level.shares[1], least.shares[1], max_relative = 1e-12);
    }

    #[test]
    fn a_cold_minimum_is_the_minimum() {
        assert_relative_eq!(
            Rise::Lowest.of(&MEMBERS, &[], 1e-4).value,
            0.4,
            epsilon = 1e-9
        );
        assert!(Rise::Lowest.of(&[], &[], 0.1).shares.is_empty());
    }
}
