//! How the items of a group count together.

/// Range over which a soft minimum is rounded off, in the largest size of its values.
const SOFT: f64 = 0.1;

/// How the values of a function at the items of a group become one, which is then added to the
/// member: of all neighbours of a site, say, only the one that it feels most.
///
/// A group is what items of one member and channel share a number ([`Item::group`]).
///
/// [`Item::group`]: super::Item::group
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gather {
    /// `Σ f`: every item counts, as if there were no groups.
    #[default]
    Sum,
    /// `Σ f / n`
    Mean,
    /// The least.
    Min,
    /// The largest.
    Max,
    /// `-T ln Σ exp(-f/T)`, with a tenth of the largest `|f|` of the group as `T`: a minimum,
    /// rounded off, and lower the more items share it.
    SoftMin,
    /// `√Σ f²`: what many neighbours do is less than what each would alone, as in the second
    /// moment of a density of states (Finnis & Sinclair, *Philos. Mag. A* **50**, 45 (1984)).
    Norm,
}

impl Gather {
    /// Whether it is the sum.
    #[must_use]
    pub fn is_sum(&self) -> bool {
        *self == Self::Sum
    }

    /// What it is called where laws are written; nothing for a sum.
    pub(crate) fn word(self) -> Option<&'static str> {
        match self {
            Self::Sum => None,
            Self::Mean => Some("mean"),
            Self::Min => Some("min"),
            Self::Max => Some("max"),
            Self::SoftMin => Some("softmin"),
            Self::Norm => Some("norm"),
        }
    }

    /// A function of items as what counts of a group.
    #[must_use]
    pub fn text(self, shape: &str) -> String {
        match self.word() {
            Some(word) => format!("{word}({shape})"),
            None => shape.to_owned(),
        }
    }

    /// The same for LaTeX.
    #[must_use]
    pub fn latex(self, shape: &str) -> String {
        match self.word() {
            Some(word) => format!(r"\operatorname{{{word}}} \left( {shape} \right)"),
            None => shape.to_owned(),
        }
    }

    /// Whether a function and its negative do not come to the same, but for a coefficient.
    pub(super) fn is_one_sided(self) -> bool {
        matches!(self, Self::Min | Self::Max | Self::SoftMin)
    }

    /// The value of a group, and its derivative by each of the values; zero of none.
    pub(super) fn of(self, values: &[f64]) -> (f64, Vec<f64>) {
        let mut by = vec![0.0; values.len()];
        let Some(first) = values.first() else {
            return (0.0, by);
        };
        let better = |a: f64, b: f64| match self {
            Self::Max => a > b,
            Self::SoftMin => a.abs() > b.abs(),
            _ => a < b,
        };
        let (mut place, mut best) = (0, *first);
        for (i, value) in values.iter().enumerate() {
            if better(*value, best) {
                (place, best) = (i, *value);
            }
        }
        match self {
            Self::Sum => (values.iter().sum(), vec![1.0; values.len()]),
            Self::Mean => {
                let share = 1.0 / values.len() as f64;
                (
                    values.iter().sum::<f64>() * share,
                    vec![share; values.len()],
                )
            }
            Self::Min | Self::Max => {
                by[place] = 1.0;
                (best, by)
            }
            Self::Norm => {
                let norm = crate::least_squares::dot(values, values).sqrt();
                let by = |f: &f64| if norm > 0.0 { f / norm } else { 0.0 };
                (norm, values.iter().map(by).collect())
            }
            Self::SoftMin if best == 0.0 || values.len() == 1 => {
                by[place] = 1.0;
                (best, by)
            }
            Self::SoftMin => {
                let t = SOFT * best.abs();
                let least = values.iter().copied().fold(f64::INFINITY, f64::min);
                let weights: Vec<f64> = values.iter().map(|f| ((least - f) / t).exp()).collect();
                let sum: f64 = weights.iter().sum();
                let value = least - t * sum.ln();
                by = weights.iter().map(|w| w / sum).collect();
                let mean: f64 = by.iter().zip(values).map(|(p, f)| p * f).sum();
                by[place] += SOFT * best.signum() * (value - mean) / t;
                (value, by)
            }
        }
    }
}

/// Groups of items.
#[derive(Debug, Clone)]
pub(super) struct Groups {
    pub(super) gather: Gather,
    /// `(groups,)`: the items of each, in ascending order.
    pub(super) items: Vec<Vec<usize>>,
}

impl Groups {
    /// The values of all groups; `jacobian`, the derivatives of the items by constants,
    /// becomes that of the groups.
    ///
    /// - `values`: `(items,)`
    /// - `jacobian`: `(constants, items)`, then `(constants, groups)`.
    pub(super) fn gathered(&self, values: &[f64], jacobian: &mut Vec<f64>) -> Vec<f64> {
        let own = |items: &Vec<usize>| -> Vec<f64> { items.iter().map(|i| values[*i]).collect() };
        let all = self.items.iter().map(|items| self.gather.of(&own(items)));
        let (gathered, by): (Vec<f64>, Vec<Vec<f64>>) = all.unzip();
        let group = |row: &[f64], (items, by): (&Vec<usize>, &Vec<f64>)| -> f64 {
            items.iter().zip(by).map(|(i, by)| row[*i] * by).sum()
        };
        let row = |row: &[f64]| -> Vec<f64> {
            let groups = self.items.iter().zip(&by);
            groups.map(|both| group(row, both)).collect()
        };
        *jacobian = jacobian.chunks(values.len().max(1)).flat_map(row).collect();
        gathered
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    const VALUES: [f64; 4] = [0.7, -0.4, -0.45, 0.1];

    const ALL: [Gather; 6] = [
        Gather::Sum,
        Gather::Mean,
        Gather::Min,
        Gather::Max,
        Gather::SoftMin,
        Gather::Norm,
    ];

    #[test]
    fn by_hand() {
        let value = |gather: Gather| gather.of(&VALUES).0;
        assert_relative_eq!(value(Gather::Sum), -0.05, epsilon = 1e-15);
        assert_relative_eq!(value(Gather::Mean), -0.0125, epsilon = 1e-15);
        assert_relative_eq!(value(Gather::Min), -0.45);
        assert_relative_eq!(value(Gather::Max), 0.7);
        assert_relative_eq!(value(Gather::Norm), 0.8625_f64.sqrt(), epsilon = 1e-15);
        let sum: f64 = VALUES.iter().map(|f| (-f / 0.07).exp()).sum();
        assert_relative_eq!(value(Gather::SoftMin), -0.07 * sum.ln(), epsilon = 1e-12);
        for gather in ALL {
            assert_relative_eq!(gather.of(&[0.3]).0, 0.3);
            assert_relative_eq!(gather.of(&[0.0, 0.0]).0, 0.0);
            assert_relative_eq!(gather.of(&[]).0, 0.0);
        }
    }

    #[test]
    fn a_positive_factor_may_stand_before_or_behind() {
        for gather in ALL {
            let doubled = VALUES.map(|f| 2.0 * f);
            assert_relative_eq!(
                gather.of(&doubled).0,
                2.0 * gather.of(&VALUES).0,
                max_relative = 1e-12
            );
        }
    }

    #[test]
    fn no_items_are_no_groups() {
        let groups = Groups {
            gather: Gather::Max,
            items: Vec::new(),
        };
        assert!(groups.gathered(&[], &mut Vec::new()).is_empty());
    }

    #[test]
    fn derivatives_are_those_of_finite_differences() {
        for gather in ALL {
            let groups = Groups {
                gather,
                items: vec![vec![0, 1, 2], vec![3], vec![1, 3]],
            };
            let slopes = [1.0, -0.5, 2.0, 0.3];
            let moved = |step: f64| {
                let both = VALUES.iter().zip(slopes);
                let values: Vec<f64> = both.map(|(f, s)| f + step * s).collect();
                groups.gathered(&values, &mut Vec::new())
            };
            let mut jacobian = slopes.to_vec();
            groups.gathered(&VALUES, &mut jacobian);
            let (up, down) = (moved(1e-6), moved(-1e-6));
            for (d, (up, down)) in jacobian.iter().zip(up.iter().zip(&down)) {
                assert_relative_eq!(*d, (up - down) / 2e-6, epsilon = 1e-7);
            }
        }
    }
}
