//! How the members of a structure make up its value.

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
    pub(super) fn of(self, members: &[f64], temperature: f64) -> Risen {
        let sign = match self {
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
        let top = members
            .iter()
            .map(|g| sign * g)
            .fold(f64::NEG_INFINITY, f64::max);
        let weight = |g: &f64| ((sign * g - top) / temperature).exp();
        let weights: Vec<f64> = members.iter().map(weight).collect();
        let sum: f64 = weights.iter().sum();
        let shares: Vec<f64> = weights.iter().map(|w| w / sum).collect();
        let nats = |p: &f64| if *p > 0.0 { -p * p.ln() } else { 0.0 };
        let by_temperature = sign * shares.iter().map(nats).sum::<f64>();
        let mean: f64 = shares.iter().zip(members).map(|(p, g)| p * g).sum();
        Risen {
            value: mean + temperature * by_temperature,
            shares,
            by_temperature,
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    const MEMBERS: [f64; 4] = [0.7, 0.4, 1.9, 0.45];

    #[test]
    fn by_hand() {
        let sum: f64 = MEMBERS.iter().map(|g| (-g / 0.1).exp()).sum();
        let low = Rise::Lowest.of(&MEMBERS, 0.1);
        assert_relative_eq!(low.value, -0.1 * sum.ln(), max_relative = 1e-12);
        assert_relative_eq!(Rise::Sum.of(&MEMBERS, 0.1).value, 3.45);
        let negative = MEMBERS.map(|g| -g);
        let high = Rise::Highest.of(&negative, 0.1);
        assert_relative_eq!(high.value, -low.value, max_relative = 1e-12);
    }

    #[test]
    fn what_is_said_of_derivatives_is_true() {
        for rise in [Rise::Sum, Rise::Lowest, Rise::Highest] {
            let here = rise.of(&MEMBERS, 0.2);
            for i in 0..MEMBERS.len() {
                let moved = |step: f64| {
                    let mut members = MEMBERS;
                    members[i] += step;
                    rise.of(&members, 0.2).value
                };
                let difference = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                assert_relative_eq!(here.shares[i], difference, epsilon = 1e-8);
            }
            let by =
                (rise.of(&MEMBERS, 0.2 + 1e-6).value - rise.of(&MEMBERS, 0.2 - 1e-6).value) / 2e-6;
            assert_relative_eq!(here.by_temperature, by, epsilon = 1e-8);
        }
    }

    #[test]
    fn a_cold_minimum_is_the_minimum() {
        assert_relative_eq!(Rise::Lowest.of(&MEMBERS, 1e-4).value, 0.4, epsilon = 1e-9);
        assert!(Rise::Lowest.of(&[], 0.1).shares.is_empty());
    }
}
