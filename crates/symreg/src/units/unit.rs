//! Units: what they measure, how large they are, and how they are written.

use std::fmt;

use super::{Exponent, known};

/// The base quantities of the SI, in its order: metre, kilogram, second,
/// ampere, kelvin, mole, candela.
pub(crate) const QUANTITIES: usize = 7;

/// How far the sizes of two units may differ, relatively, and be the same: what
/// a few dozen products in 64 bits can lose, and less than any constant of
/// nature is uncertain by.
const SAME: f64 = 1e-9;

/// What the rules of units need: numbers, products and powers.
///
/// There are two kinds: a [`Measure`] is small and cheap, for the search; a
/// [`Unit`] remembers how it is written, for messages.
pub(crate) trait Quantity: Clone {
    /// The unit of plain numbers.
    fn plain() -> Self;

    /// The product, if its exponents are representable.
    fn times(&self, other: &Self) -> Option<Self>;

    /// The power, if its exponents are representable.
    fn raised(&self, exponent: Exponent) -> Option<Self>;

    /// What it measures, and its size.
    fn measure(&self) -> &Measure;

    /// Whether one may be added to the other.
    fn is_same(&self, other: &Self) -> bool {
        self.measure().is_same_as(other.measure())
    }

    /// Whether it is the unit of plain numbers.
    fn is_plain(&self) -> bool {
        self.measure().is_same_as(&Measure::plain())
    }
}

/// A dimension, as exponents of the base quantities, and a size in SI units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Measure {
    pub(crate) dimension: [Exponent; QUANTITIES],
    pub(crate) scale: f64,
}

impl Measure {
    fn is_same_as(&self, other: &Self) -> bool {
        let off = (self.scale - other.scale).abs();
        self.dimension == other.dimension && off <= SAME * self.scale.max(other.scale)
    }
}

impl Quantity for Measure {
    fn plain() -> Self {
        Self {
            dimension: [Exponent::ZERO; QUANTITIES],
            scale: 1.0,
        }
    }

    fn times(&self, other: &Self) -> Option<Self> {
        let mut product = *self;
        product.scale *= other.scale;
        for (mine, other) in product.dimension.iter_mut().zip(other.dimension) {
            *mine = mine.plus(other)?;
        }
        is_size(product.scale).then_some(product)
    }

    fn raised(&self, exponent: Exponent) -> Option<Self> {
        let mut power = *self;
        power.scale = if exponent == Exponent::integer(-1) {
            power.scale.recip()
        } else {
            power.scale.powf(exponent.value())
        };
        for mine in &mut power.dimension {
            *mine = mine.times(exponent)?;
        }
        is_size(power.scale).then_some(power)
    }

    fn measure(&self) -> &Measure {
        self
    }
}

fn is_size(scale: f64) -> bool {
    // what is smaller than normal has few digits left
    scale.is_normal() && scale > 0.0
}

/// A unit such as `eV/Å^2`.
///
/// Two units are [the same](Unit::is_same_as) if they measure the same quantity
/// in the same size: `N` and `kg m/s^2` are, `eV` and `meV` are not, since
/// numbers in these may not be added.
///
/// # Examples
///
/// ```
/// use symreg::units::Unit;
/// let force: Unit = "N".parse()?;
/// assert!(force.is_same_as(&"kg m s^-2".parse()?));
/// assert!(!force.is_same_as(&"mN".parse()?));
/// assert_eq!("eV/Å²".parse::<Unit>()?.to_string(), "eV Å^-2");
/// # Ok::<(), symreg::units::UnitError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    measure: Measure,
    /// Each symbol once, in the order of appearance, none with exponent zero.
    symbols: Vec<(String, Exponent)>,
}

impl Unit {
    /// The unit of plain numbers.
    #[must_use]
    pub fn dimensionless() -> Self {
        Self::plain()
    }

    /// Whether it is the unit of plain numbers: `Å/Å` is, `Å/nm` is not, it is
    /// a tenth of that.
    #[must_use]
    pub fn is_dimensionless(&self) -> bool {
        self.is_plain()
    }

    /// Whether numbers of one unit may be added to those of the other.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.is_same(other)
    }

    /// How many of the other unit this one is, if both measure the same
    /// quantity: 1000 meV for 1 eV.
    ///
    /// # Examples
    ///
    /// ```
    /// use symreg::units::Unit;
    /// let (nm, angstrom): (Unit, Unit) = ("nm".parse()?, "Å".parse()?);
    /// assert!((nm.in_units_of(&angstrom).unwrap() - 10.0).abs() < 1e-9);
    /// assert_eq!(nm.in_units_of(&"eV".parse()?), None);
    /// # Ok::<(), symreg::units::UnitError>(())
    /// ```
    #[must_use]
    pub fn in_units_of(&self, other: &Self) -> Option<f64> {
        let same = self.measure.dimension == other.measure.dimension;
        same.then_some(self.measure.scale / other.measure.scale)
    }

    /// The symbols with their exponents.
    #[must_use]
    pub fn symbols(&self) -> &[(String, Exponent)] {
        &self.symbols
    }

    /// The unit of one symbol, such as `meV`.
    pub(crate) fn of_symbol(symbol: &str) -> Option<Self> {
        Some(Self {
            measure: known::measure(symbol)?,
            symbols: vec![(symbol.to_owned(), Exponent::ONE)],
        })
    }
}

impl Quantity for Unit {
    fn plain() -> Self {
        Self {
            measure: Measure::plain(),
            symbols: Vec::new(),
        }
    }

    fn times(&self, other: &Self) -> Option<Self> {
        let mut product = self.clone();
        product.measure = self.measure.times(&other.measure)?;
        for (symbol, exponent) in &other.symbols {
            match product.symbols.iter_mut().find(|(own, _)| own == symbol) {
                Some((_, own)) => *own = own.plus(*exponent)?,
                None => product.symbols.push((symbol.clone(), *exponent)),
            }
        }
        product.symbols.retain(|(_, exponent)| !exponent.is_zero());
        Some(product)
    }

    fn raised(&self, exponent: Exponent) -> Option<Self> {
        let mut power = self.clone();
        power.measure = self.measure.raised(exponent)?;
        for (_, own) in &mut power.symbols {
            *own = own.times(exponent)?;
        }
        power.symbols.retain(|(_, exponent)| !exponent.is_zero());
        Some(power)
    }

    fn measure(&self) -> &Measure {
        &self.measure
    }
}

impl fmt::Display for Unit {
    /// `eV Å^-2`; `1` for plain numbers. It can be parsed again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.symbols.is_empty() {
            return f.write_str("1");
        }
        for (position, (symbol, exponent)) in self.symbols.iter().enumerate() {
            let space = if position > 0 { " " } else { "" };
            write!(f, "{space}{symbol}")?;
            if *exponent != Exponent::ONE {
                write!(f, "^{exponent}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(text: &str) -> Unit {
        text.parse().unwrap()
    }

    #[test]
    fn sizes_count_and_not_only_dimensions() {
        assert!(unit("J").is_same_as(&unit("kg m^2 s^-2")));
        assert!(!unit("eV").is_same_as(&unit("meV")));
        assert!(!unit("Å/nm").is_dimensionless());
        assert!(unit("Å/nm").in_units_of(&unit("1")).is_some());
        assert!(unit("eV/eV").is_dimensionless());
    }

    /// An electronvolt is 1.602176634e-19 J by the definition of the ampere.
    #[test]
    fn electronvolts_are_joules() {
        let joules = unit("eV").in_units_of(&unit("J")).unwrap();
        assert!((joules - 1.602_176_634e-19).abs() < 1e-30);
    }

    #[test]
    fn roots_have_fractions_as_exponents() {
        let root = unit("eV/Å").raised(Exponent::new(1, 2).unwrap()).unwrap();
        assert_eq!(root.to_string(), "eV^(1/2) Å^(-1/2)");
        let whole = root.raised(Exponent::integer(2)).unwrap();
        assert!(whole.is_same_as(&unit("eV/Å")));
        assert_eq!(whole.to_string(), "eV Å^-1");
    }

    #[test]
    fn symbols_cancel() {
        let product = unit("eV Å^2").times(&unit("Å^-2")).unwrap();
        assert_eq!(product.to_string(), "eV");
        assert_eq!(unit("").to_string(), "1");
    }
}
