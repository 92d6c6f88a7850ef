//! What each operation asks of the units of its operands, and gives.

use super::Exponent;
use crate::Op;

/// The unit rule of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A leaf whose unit is given from outside, or open.
    Given,
    /// An exact number: plain.
    Plain,
    /// Operands in one unit, which is also that of the value.
    Same,
    /// The product of the units.
    Product,
    /// The ratio of the units.
    Quotient,
    /// The unit to a power.
    Power(Exponent),
    /// A plain number of a plain number.
    Function,
    /// The unit to the power of a number that the formula holds; plain where
    /// that number varies.
    RealPower,
}

impl Op {
    /// The unit rule of the operation.
    ///
    /// # Panics
    ///
    /// Never: the fractions are constants.
    #[must_use]
    pub fn unit_rule(self) -> Rule {
        let part = |n| Exponent::new(1, n).expect("a half and a third are fractions");
        match self {
            Self::Const(_) | Self::Column(_) => Rule::Given,
            Self::Integer(_) | Self::Pi => Rule::Plain,
            Self::Add | Self::Sub | Self::Min | Self::Max => Rule::Same,
            Self::Mul => Rule::Product,
            Self::Div => Rule::Quotient,
            Self::Neg | Self::Abs => Rule::Power(Exponent::ONE),
            Self::Square => Rule::Power(Exponent::integer(2)),
            Self::Cube => Rule::Power(Exponent::integer(3)),
            Self::Inv => Rule::Power(Exponent::integer(-1)),
            Self::Powi(n) => Rule::Power(Exponent::integer(n.into())),
            Self::Sqrt => Rule::Power(part(2)),
            Self::Cbrt => Rule::Power(part(3)),
            Self::Exp | Self::Log | Self::Sin | Self::Cos | Self::Tanh => Rule::Function,
            Self::Pow => Rule::RealPower,
        }
    }
}
