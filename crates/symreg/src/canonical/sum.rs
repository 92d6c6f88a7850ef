//! Sums of products of powers, and their arithmetic.

use std::{cmp::Ordering, collections::BTreeMap, fmt};

use super::coefficient::Coefficient;
use crate::units::Exponent;

/// Terms above which a product is not multiplied out.
const TERMS: usize = 100;

/// What is raised to powers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Atom {
    Column(u32),
    /// A function by its name.
    Call(&'static str, Vec<Sum>),
    /// A sum that is not multiplied out.
    Group(Sum),
}

/// The name of the one function that products merge.
pub(super) const EXP: &str = "exp";

/// Powers of different atoms, none to the power of zero.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Product(pub(super) BTreeMap<Atom, Power>);

/// An exponent that can be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Power(pub(super) Exponent);

impl PartialOrd for Power {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Power {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.value().total_cmp(&other.0.value())
    }
}

/// Terms by their products, none with the coefficient zero.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Sum(pub(super) BTreeMap<Product, Coefficient>);

impl Sum {
    pub(super) fn constant(coefficient: Coefficient) -> Self {
        Self::term(Product::default(), coefficient)
    }

    pub(super) fn term(product: Product, coefficient: Coefficient) -> Self {
        let mut sum = Self::default();
        sum.add(product, coefficient);
        sum
    }

    /// One atom to a power, or one where the power is zero.
    pub(super) fn power(atom: Atom, exponent: Exponent) -> Self {
        let mut product = Product::default();
        if !exponent.is_zero() {
            product.0.insert(atom, Power(exponent));
        }
        Self::term(product, Coefficient::ONE)
    }

    pub(super) fn add(&mut self, product: Product, coefficient: Coefficient) {
        let old = self.0.remove(&product).unwrap_or(Coefficient::Number(0.0));
        let new = old.plus(coefficient);
        if !new.is_zero() {
            self.0.insert(product, new);
        }
    }

    pub(super) fn plus(mut self, other: Self) -> Self {
        for (product, coefficient) in other.0 {
            self.add(product, coefficient);
        }
        self
    }

    /// Every coefficient times the factor.
    pub(super) fn scaled(&self, factor: Coefficient) -> Self {
        let terms = self.0.iter();
        let terms = terms.map(|(product, own)| (product.clone(), own.times(factor)));
        Self(terms.filter(|(_, own)| !own.is_zero()).collect())
    }

    /// The coefficient, if the sum is nothing else.
    pub(super) fn as_constant(&self) -> Option<Coefficient> {
        match self.0.first_key_value() {
            None => Some(Coefficient::Number(0.0)),
            Some((product, coefficient)) if self.0.len() == 1 && product.0.is_empty() => {
                Some(*coefficient)
            }
            Some(_) => None,
        }
    }

    /// The only term.
    pub(super) fn as_term(&self) -> Option<(&Product, Coefficient)> {
        let (product, coefficient) = self.0.first_key_value()?;
        (self.0.len() == 1).then_some((product, *coefficient))
    }

    /// Without the constant term, and that term.
    pub(super) fn split(&self) -> (Self, Coefficient) {
        let mut rest = self.clone();
        let constant = rest.0.remove(&Product::default());
        (rest, constant.unwrap_or(Coefficient::Number(0.0)))
    }

    pub(super) fn has_any(&self) -> bool {
        let mut coefficients = self.0.iter();
        coefficients.any(|(product, own)| own.is_any() || product.has_any())
    }

    /// The coefficient to divide by, so that the sum becomes one of a form: the
    /// first number, or a free constant where all terms have one.
    pub(super) fn leading(&self) -> Coefficient {
        let number = self.0.values().find(|own| !own.is_any());
        number.copied().unwrap_or(Coefficient::Any)
    }

    /// Divided by [`Sum::leading`], but for its sign if `signed`.
    pub(super) fn monic(&self, signed: bool) -> (Self, Coefficient) {
        match self.leading() {
            Coefficient::Number(value) => {
                let by = if signed { value.abs() } else { value };
                let monic = self.scaled(Coefficient::Number(1.0 / by));
                (monic, Coefficient::Number(by))
            }
            Coefficient::Any => {
                let mut monic = self.clone();
                // The last term, since a constant one comes first.
                if let Some(mut last) = monic.0.last_entry() {
                    last.insert(Coefficient::ONE);
                }
                (monic, Coefficient::Any)
            }
        }
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        if let Some(factor) = self.as_constant() {
            return other.spread(factor);
        }
        if let Some(factor) = other.as_constant() {
            return self.spread(factor);
        }
        let one_term = self.0.len() == 1 || other.0.len() == 1;
        let fixed = !self.has_any() && !other.has_any();
        if one_term {
            let (term, sum) = if self.0.len() == 1 {
                (self, other)
            } else {
                (other, self)
            };
            let factor = term.leading();
            let sum = sum.spread(factor);
            let product = Self(
                term.0
                    .keys()
                    .map(|product| (product.clone(), Coefficient::ONE))
                    .collect(),
            );
            return product.multiplied(&sum);
        }
        if fixed && self.0.len() * other.0.len() <= TERMS {
            return self.multiplied(other);
        }
        self.grouped(Exponent::ONE)
            .multiplied(&other.grouped(Exponent::ONE))
    }

    /// Times a coefficient; a free one stays before the sum unless its terms
    /// have free ones to absorb it, all but one.
    fn spread(&self, factor: Coefficient) -> Self {
        let fixed = self.0.values().filter(|own| !own.is_any()).count();
        if factor.is_any() && fixed > 1 {
            let group = self.grouped(Exponent::ONE);
            return group.scaled(factor);
        }
        self.scaled(factor)
    }

    /// Every term times every term.
    fn multiplied(&self, other: &Self) -> Self {
        let mut sum = Self::default();
        for (a, of_a) in &self.0 {
            for (b, of_b) in &other.0 {
                let product = a.times(b);
                for (product, own) in product.0 {
                    sum.add(product, own.times(*of_a).times(*of_b));
                }
            }
        }
        sum
    }

    /// As one atom to a power, its coefficient before it.
    pub(super) fn grouped(&self, exponent: Exponent) -> Self {
        let whole = Exponent::near(exponent.value().round()) == Some(exponent);
        let (monic, by) = self.monic(!whole);
        let before = by.map(|by| by.powf(exponent.value()));
        Self::power(Atom::Group(monic), exponent).scaled(before)
    }

    /// Coefficients to so many digits that equal ones are equal.
    pub(super) fn rounded(&self) -> Self {
        let atom = |atom: &Atom| match atom {
            Atom::Column(index) => Atom::Column(*index),
            Atom::Call(name, operands) => {
                Atom::Call(name, operands.iter().map(Self::rounded).collect())
            }
            Atom::Group(sum) => Atom::Group(sum.rounded()),
        };
        let mut sum = Self::default();
        for (product, own) in &self.0 {
            let powers = product.0.iter().map(|(a, power)| (atom(a), *power));
            sum.add(Product(powers.collect()), own.rounded());
        }
        sum
    }
}

impl Product {
    fn has_any(&self) -> bool {
        self.0.keys().any(|atom| match atom {
            Atom::Column(_) => false,
            Atom::Call(_, operands) => operands.iter().any(Sum::has_any),
            Atom::Group(sum) => sum.has_any(),
        })
    }

    /// The product, in which exponentials are merged and `|a|²` is `a²`.
    fn times(&self, other: &Self) -> Sum {
        let mut powers = self.0.clone();
        for (atom, Power(exponent)) in &other.0 {
            let old = powers.remove(atom).map_or(Exponent::ZERO, |Power(old)| old);
            match old.plus(*exponent) {
                Some(new) if new.is_zero() => {}
                Some(new) => drop(powers.insert(atom.clone(), Power(new))),
                // Beyond 31 bits nothing is compared anyway.
                None => drop(powers.insert(atom.clone(), Power(old))),
            }
        }
        let is_exp = |atom: &Atom| matches!(atom, Atom::Call(EXP, _));
        if powers.keys().filter(|atom| is_exp(atom)).count() < 2 {
            return Sum::term(Self(powers), Coefficient::ONE);
        }
        let mut exponent = Sum::default();
        powers.retain(|atom, Power(power)| match atom {
            Atom::Call(EXP, operands) => {
                let scaled = operands[0].scaled(Coefficient::Number(power.value()));
                exponent = std::mem::take(&mut exponent).plus(scaled);
                false
            }
            _ => true,
        });
        let rest = Self(powers);
        let mut sum = Sum::default();
        for (product, own) in super::build::exp(&exponent).0 {
            for (product, more) in rest.times(&product).0 {
                sum.add(product, own.times(more));
            }
        }
        sum
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("0");
        }
        for (position, (product, own)) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(" + ")?;
            }
            match own {
                Coefficient::Number(value) => write!(f, "{value}")?,
                Coefficient::Any => f.write_str("c")?,
            }
            for (atom, Power(exponent)) in &product.0 {
                write!(f, "·{atom}")?;
                if *exponent != Exponent::ONE {
                    write!(f, "^{exponent}")?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column(index) => write!(f, "x{index}"),
            Self::Group(sum) => write!(f, "({sum})"),
            Self::Call(name, operands) => {
                let operands: Vec<String> = operands.iter().map(Sum::to_string).collect();
                write!(f, "{name}({})", operands.join(", "))
            }
        }
    }
}
