//! Formulas whose units fit.

use serde::{Deserialize, Serialize};
use symreg::{
    Column,
    units::{Constants, Dimensions},
};

use crate::{Error, Grammar, Result};

/// The units of the variables and of the target: a grammar typed by them has no
/// other formulas, neither among those that the network learns first nor in a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Units {
    /// Of every variable, as `Å`; empty for a plain number.
    pub columns: Vec<String>,
    /// Of the target, as `eV`.
    pub target: String,
    /// Which units numbers and `const` tokens may carry.
    pub constants: Constants,
}

impl Units {
    /// # Errors
    ///
    /// [`Error::Units`] for a unit that cannot be read; [`Error::Columns`] if there is
    /// not one for each variable.
    pub(crate) fn dimensions(&self, grammar: &Grammar) -> Result<Dimensions> {
        let expected = grammar.words().columns as usize;
        if self.columns.len() != expected {
            return Err(Error::Columns {
                expected,
                found: self.columns.len(),
            });
        }
        let columns = self.columns.iter().zip(1..);
        let columns: Vec<Column> = columns
            .map(|(unit, number)| Column::new(format!("x{number}"), unit.clone()))
            .collect();
        Ok(Dimensions::new(&columns, &self.target, self.constants)?)
    }
}

/// Whether the units of a formula fit, perhaps with a coefficient before it.
pub(crate) fn fits(dimensions: &Dimensions, grammar: &Grammar, tokens: &[u8]) -> bool {
    let ones = vec![1.0; grammar.constants(tokens)];
    let expr = grammar.expr(tokens, &ones);
    expr.is_ok_and(|expr| dimensions.fits_scaled(expr.code()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Settings, library::library};

    fn typed(constants: Constants) -> Settings {
        let mut settings = Settings::better();
        settings.words.columns = 2;
        settings.units = Some(Units {
            columns: vec!["Å".to_owned(), String::new()],
            target: "eV".to_owned(),
            constants,
        });
        settings
    }

    #[test]
    fn arguments_must_be_plain_and_terms_alike() {
        let settings = typed(Constants::Coefficients);
        let grammar = Grammar::new(settings.words.clone()).unwrap();
        let compiled = settings.compile(&grammar).unwrap();
        let holds = |text| compiled.holds(&grammar, &grammar.parse(text).unwrap());
        assert!(holds("exp div x1 const"));
        assert!(holds("mul x1 cos x2"));
        assert!(!holds("exp x1"));
        assert!(!holds("add x1 x2"));
        assert!(
            Settings {
                units: None,
                ..settings.clone()
            }
            .compile(&grammar)
            .unwrap()
            .holds(&grammar, &grammar.parse("exp x1").unwrap())
        );
    }

    #[test]
    fn the_library_is_typed_and_has_a_key_of_its_own() {
        let settings = typed(Constants::Coefficients);
        let grammar = Grammar::new(settings.words.clone()).unwrap();
        let compiled = settings.compile(&grammar).unwrap();
        let mut random = rand::SeedableRng::seed_from_u64(1);
        let formulas = library(&grammar, &compiled, 300, 15, &mut random).unwrap();
        let dimensions = settings
            .units
            .as_ref()
            .unwrap()
            .dimensions(&grammar)
            .unwrap();
        assert!(formulas.iter().all(|f| fits(&dimensions, &grammar, f)));
        let untyped = Settings {
            units: None,
            ..settings.clone()
        };
        assert_ne!(untyped.pretraining_key(), settings.pretraining_key());
    }

    #[test]
    fn units_that_cannot_be_read_are_named() {
        let mut settings = typed(Constants::Free);
        let grammar = Grammar::new(settings.words.clone()).unwrap();
        settings.units.as_mut().unwrap().target = "eV/".to_owned();
        let error = settings.compile(&grammar).unwrap_err();
        assert!(error.to_string().contains("target"), "{error}");
        settings.units.as_mut().unwrap().columns.pop();
        assert!(matches!(
            settings.compile(&grammar),
            Err(Error::Columns {
                expected: 2,
                found: 1
            })
        ));
    }
}
