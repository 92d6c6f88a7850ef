//! Where the functions of laws come from.

use std::collections::BTreeMap;

use anyhow::Result;
use segvae::{Function, Generator, Settings, Trainer};
use serde::{Deserialize, Serialize};
use symreg::Proposer;
use symreg::law::{Asked, LawSettings, Parts};

use crate::models::Context;
use crate::models::segvae::trained;

/// What proposes functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LawProposer {
    /// Genetic programming.
    #[default]
    Genetic,
    /// SEGVAE: an autoencoder that learns from the best of its own.
    Segvae,
}

impl LawProposer {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub(super) fn is_genetic(&self) -> bool {
        *self == Self::Genetic
    }
}

/// A proposer for every population that looks for a function.
pub(super) enum Source {
    /// Genetic programming.
    Genetic,
    /// Networks that have learnt to write formulas, by the number of columns.
    Autoencoders(BTreeMap<u32, Trainer>),
}

impl Source {
    /// Networks for all levels whose functions are searched for.
    pub(super) fn autoencoders(
        parts: &Parts,
        settings: &LawSettings,
        context: &Context<'_>,
    ) -> Result<Self> {
        let searched = parts.levels.iter().filter(|level| level.is_searched());
        let columns = searched.map(|level| level.columns.len() - level.properties);
        let counts = columns.map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        let network = |columns| Ok((columns, trained(&language(columns, settings), context)?));
        Ok(Self::Autoencoders(
            counts.map(network).collect::<Result<_>>()?,
        ))
    }

    /// # Panics
    ///
    /// For a number of columns that no level had.
    pub(super) fn proposer(&self, asked: Asked, settings: &LawSettings) -> Box<dyn Proposer> {
        match self {
            Self::Genetic => Box::new(settings.genetic(asked)),
            Self::Autoencoders(networks) => {
                let language = language(asked.columns, settings);
                let network = networks[&asked.columns].clone();
                let generator = Generator::new(language, network, asked.rows);
                Box::new(generator.expect("the network was trained with the same settings"))
            }
        }
    }
}

/// Formulas of so many columns, each with constants to be fitted.
fn language(columns: u32, settings: &LawSettings) -> Settings {
    use Function::{Add, Cos, Div, Exp, Mul, Sin, Square, Sub};
    let mut language = Settings::better();
    language.words.columns = columns;
    language.words.functions = vec![Add, Sub, Mul, Div, Exp, Cos, Sin, Square];
    language.search.max_len = settings.max_complexity;
    language.search.n_formulas_to_sample = SAMPLED;
    language.extras.bred = BRED;
    language.extras.neighbours = NEAR;
    language.extras.parsimony = 1.0;
    language
}

/// Formulas of a round that are sampled, bred, and decoded near good ones: a population
/// has some thousands in all.
const SAMPLED: usize = 300;
const BRED: usize = 100;
const NEAR: usize = 100;

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use symreg::Column;
    use symreg::law::{Gather, Item, Law, Level, Rise, discover_with};

    use super::*;

    fn level(name: &str, columns: Vec<Column>, items: Vec<Item>) -> Level {
        Level {
            name: name.to_owned(),
            distances: columns.len(),
            free: columns.is_empty(),
            columns,
            signed: 0,
            properties: 0,
            given: None,
            channels: vec!["all".to_owned()],
            decays: true,
            subtle: false,
            gather: Gather::Sum,
            items,
        }
    }

    /// Pairs at distances from 2 to 8, and what they have.
    fn pairs() -> (Parts, Vec<f64>) {
        let lengths: Vec<f64> = (0..60).map(|i| 2.0 + 0.1 * f64::from(i)).collect();
        let item = |values: fn(f64) -> Vec<f64>| {
            let all = lengths.iter().enumerate();
            let all = all.map(|(member, r)| Item {
                member,
                channel: 0,
                group: 0,
                values: values(*r),
            });
            all.collect()
        };
        let levels = vec![
            level("structure", Vec::new(), item(|_| Vec::new())),
            level("pair", vec![Column::new("r", "Å")], item(|r| vec![r])),
        ];
        let energy = |r: &f64| 0.3 + 40.0 * (-r).exp();
        let energies = lengths.iter().map(energy).collect();
        (Parts::totals(levels, vec![1.0; lengths.len()]), energies)
    }

    fn law(settings: &LawSettings) -> (Law, f64) {
        let mut grammar = language(1, settings);
        grammar.training.train_size = 1000;
        grammar.training.n_pretrain_steps = 1;
        let network = segvae::pretrain(&grammar, 1, &mut |_, _, _| ControlFlow::Continue(()));
        let source = Source::Autoencoders([(1, network.unwrap())].into());
        let (parts, energies) = pairs();
        let proposers = |asked: Asked| source.proposer(asked, settings);
        let go_on = &mut || ControlFlow::Continue(());
        let found = discover_with(&parts, &energies, Rise::Sum, settings, &proposers, 1, go_on);
        let law = found.unwrap().0;
        let errors = law.predict(&parts).unwrap().into_iter().zip(energies);
        let error = errors.map(|(value, energy)| (value - energy).abs());
        (law, error.fold(0.0, f64::max))
    }

    #[test]
    fn an_autoencoder_finds_a_function_of_pairs() {
        let settings = LawSettings {
            evaluations: 800,
            populations: 2,
            max_terms: 1,
            ..LawSettings::default()
        };
        let (found, error) = law(&settings);
        assert!(error < 1e-3, "{error}: {:?}", found.terms);
        assert_eq!(law(&settings).0, found);
    }
}
