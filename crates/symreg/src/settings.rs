//! What a search may be told, grouped as it is used.

use std::collections::BTreeMap;

use crate::{Error, Expr, Op, Result};

/// All settings of a search.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Settings {
    /// How much is tried and how it is bred.
    pub search: Search,
    /// How constants are fitted.
    pub constants: Constants,
    /// What formulas are made of.
    pub operators: Operators,
    /// Where formulas must have a value.
    pub safety: Safety,
    /// Units that formulas must keep; nothing for numbers without regard to
    /// units.
    pub units: Option<Units>,
}

/// What the units of the columns ([`crate::Column::unit`]) ask of formulas.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Units {
    /// Unit of the target, as text.
    pub target: String,
    /// Which units fitted constants may carry.
    pub constants: crate::units::Constants,
}

/// How much is tried and how it is bred.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Search {
    /// Budget: passes of one formula over all rows, those that fit constants
    /// included.
    pub evaluations: u64,
    /// Guard against endless searches; one that it cuts short says so
    /// ([`crate::Ended::CutShort`]) and depends on the machine.
    pub seconds: Option<f64>,
    /// Largest complexity of a formula ([`Operators::complexity`]), outer constants
    /// included.
    pub max_complexity: usize,
    /// Largest number of terms `fₖ` in `c₀ + Σ cₖ·fₖ` whose coefficients are
    /// solved in closed form; 1 for scale and offset only.
    pub terms: usize,
    /// Rows whose values of the formula add up to one target: 1 where every row
    /// has a target of its own, 3 for a function of pairs that is searched for
    /// where sums over three pairs are known.
    pub together: usize,
    /// Islands of the genetic programme, bred apart.
    pub islands: usize,
    /// Formulas on every island.
    pub population: usize,
    /// Formulas of which the best becomes a parent.
    pub tournament: usize,
    /// Share of children with two parents.
    pub crossover: f64,
    /// Typical weight of one unit of complexity against the logarithm of the
    /// error when formulas compete.
    pub parsimony: f64,
    /// Error, relative to the standard deviation of the target, below which the
    /// law counts as found and the search ends.
    pub exact: f64,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            evaluations: 200_000,
            seconds: None,
            max_complexity: 50,
            terms: 6,
            together: 1,
            islands: 8,
            population: 150,
            tournament: 5,
            crossover: 0.3,
            parsimony: 0.02,
            exact: 1e-10,
        }
    }
}

/// How constants are fitted.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Constants {
    /// Steps of Levenberg and Marquardt's method for every new formula.
    pub iterations: usize,
    /// Further steps for a formula that enters the front.
    pub refinement: usize,
    /// Fits of a new member of the front from other constants, at random within a
    /// factor of two, for which the best may have missed.
    pub starts: usize,
}

impl Default for Constants {
    fn default() -> Self {
        Self {
            iterations: 6,
            refinement: 30,
            starts: 2,
        }
    }
}

/// What formulas are made of, besides columns and constants.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Operators {
    /// Operations, each as likely as it is often in the list.
    pub used: Vec<Op>,
    /// Shares in the complexity where they are not to be [`Op::cost`], by the
    /// [`Op::name`] of the node.
    #[serde(default)]
    pub weights: BTreeMap<String, usize>,
}

impl Operators {
    /// The complexity of a formula: the sum of the weights of its nodes.
    #[must_use]
    pub fn complexity(&self, expr: &Expr) -> usize {
        if self.weights.is_empty() {
            return expr.complexity();
        }
        let weight = |op: &Op| self.weights.get(op.name()).copied();
        let nodes = expr.code().iter();
        nodes.map(|op| weight(op).unwrap_or(op.cost())).sum()
    }
}

impl Default for Operators {
    /// Sums, products, quotients, powers, exponentials, logarithms, roots and
    /// waves.
    fn default() -> Self {
        Self {
            used: vec![
                Op::Add,
                Op::Sub,
                Op::Mul,
                Op::Div,
                Op::Square,
                Op::Cube,
                Op::Sqrt,
                Op::Exp,
                Op::Log,
                Op::Sin,
                Op::Cos,
                Op::Inv,
            ],
            weights: BTreeMap::new(),
        }
    }
}

/// Where formulas must have a value.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Safety {
    /// Margin of [`crate::FeatureBox::around`], in parts of the range.
    pub margin: f64,
    /// Most periods of a sine or cosine across the box.
    pub periods: f64,
    /// Largest range of a term over the box, in parts of its range over the rows:
    /// a term that is tame at the rows must not run wild between them.
    pub swing: f64,
}

impl Default for Safety {
    fn default() -> Self {
        Self {
            margin: 0.1,
            periods: 8.0,
            swing: 10.0,
        }
    }
}

impl Settings {
    /// Refuses what no search can run with.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] with the path of the setting, [`Error::Leaf`], or
    /// [`Error::Operation`] for a weight of nothing known.
    pub fn check(&self) -> Result<()> {
        let counts = [
            ("search.max_complexity", self.search.max_complexity),
            ("search.terms", self.search.terms),
            ("search.together", self.search.together),
            ("search.islands", self.search.islands),
            ("search.population", self.search.population),
            ("search.tournament", self.search.tournament),
            ("operators.used", self.operators.used.len()),
        ];
        for (name, count) in counts {
            setting(name, "at least 1", count as f64, count >= 1)?;
        }
        let Search {
            crossover,
            parsimony,
            exact,
            ..
        } = self.search;
        let share = (0.0..=1.0).contains(&crossover);
        setting("search.crossover", "between 0 and 1", crossover, share)?;
        let Safety {
            margin,
            periods,
            swing,
        } = self.safety;
        for (name, value) in [
            ("search.parsimony", parsimony),
            ("search.exact", exact),
            ("safety.margin", margin),
            ("safety.periods", periods),
        ] {
            let valid = value.is_finite() && value >= 0.0;
            setting(name, "at least 0", value, valid)?;
        }
        setting("safety.swing", "at least 1", swing, swing >= 1.0)?;
        for (name, &weight) in &self.operators.weights {
            if !Op::names().any(|known| known == name) {
                return Err(Error::Operation { name: name.clone() });
            }
            setting(
                "operators.weights",
                "at least 1",
                weight as f64,
                weight >= 1,
            )?;
        }
        match self.operators.used.iter().find(|op| op.arity() == 0) {
            Some(&op) => Err(Error::Leaf { op }),
            None => Ok(()),
        }
    }
}

fn setting(name: &'static str, expected: &'static str, value: f64, valid: bool) -> Result<()> {
    if valid {
        Ok(())
    } else {
        Err(Error::Setting {
            name,
            expected,
            value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_out_of_range_is_refused_by_its_path() {
        let mut settings = Settings::default();
        settings.search.population = 0;
        assert_eq!(
            settings.check().unwrap_err().to_string(),
            "search.population must be at least 1, got 0"
        );
        let mut settings = Settings::default();
        settings.safety.margin = f64::NAN;
        assert!(settings.check().is_err());
        let mut settings = Settings::default();
        settings.operators.used.push(Op::Column(0));
        assert_eq!(settings.check(), Err(Error::Leaf { op: Op::Column(0) }));
        let mut settings = Settings::default();
        settings.operators.weights.insert("sinh".to_owned(), 2);
        let refusal = settings.check().unwrap_err().to_string();
        assert_eq!(refusal, "no operation is called `sinh`");
    }

    #[test]
    fn weights_replace_the_costs_of_their_operations() {
        let expr = Expr::parse("2.5*exp(x) + x", &["x"]).unwrap();
        let mut operators = Operators::default();
        assert_eq!(operators.complexity(&expr), expr.complexity());
        operators.weights.insert("exp".to_owned(), 7);
        operators.weights.insert("const".to_owned(), 1);
        // instead of 2 each
        assert_eq!(operators.complexity(&expr), expr.complexity() + 5 - 1);
    }
}
