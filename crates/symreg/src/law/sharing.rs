//! What the channels of a level share of a function.
//!
//! By its evidence, less its description, each function is chosen to be one of these: with
//! a coefficient for every channel, with one for all of them times a property that is known
//! of each, as the product of two radii, or for one channel alone. What has fewer
//! coefficients is worth more where it fits as well.

/// What the channels of a level share of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    /// All but a coefficient.
    Shape,
    /// All: the function holds what tells the channels apart, a column.
    Everything,
    /// Nothing: only this channel has the function.
    Nothing(usize),
}

impl Sharing {
    /// How many coefficients there are in a level of so many channels.
    pub(super) fn coefficients(self, channels: usize) -> usize {
        match self {
            Self::Shape => channels,
            Self::Everything | Self::Nothing(_) => 1,
        }
    }

    /// The index of the coefficient of a channel, if it has the function.
    pub(super) fn place(self, channel: usize) -> Option<usize> {
        match self {
            Self::Shape => Some(channel),
            Self::Everything => Some(0),
            Self::Nothing(alone) => (alone == channel).then_some(0),
        }
    }

    /// One number for each of so many channels, zero for one that has not the function.
    pub(super) fn spread(self, own: &[f64], channels: usize) -> Vec<f64> {
        let of = |channel| self.place(channel).map_or(0.0, |place| own[place]);
        (0..channels).map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_are_spread_over_the_channels_that_have_the_function() {
        let of = |sharing: Sharing, own: &[f64]| {
            assert_eq!(sharing.coefficients(3), own.len());
            sharing.spread(own, 3)
        };
        assert_eq!(of(Sharing::Shape, &[1.0, 2.0, 3.0]), [1.0, 2.0, 3.0]);
        assert_eq!(of(Sharing::Everything, &[5.0]), [5.0, 5.0, 5.0]);
        assert_eq!(of(Sharing::Nothing(1), &[5.0]), [0.0, 5.0, 0.0]);
    }
}
