//! What a search may be told, mostly by the names of the published programme: its
//! `float_constants` are `numbers`, `lstm_hidden_dim` is `hidden_dim` (read under both
//! names), `domains` is a section. Not here: `const_opt_method` (there is one method),
//! `is_condition` (`polynomials` is another way to tell the decoder the data), dropout (0.1).
//!
//! [`Settings::default`] are the values of its experiments, with which nothing of
//! ours is switched on. [`Settings::materials`] are those of its use on defects
//! (Lazarev & Ustyuzhanin, arXiv:2512.20785).

use serde::{Deserialize, Serialize};

use crate::{
    Error, Grammar, Predicate, Result, dimension::Units, grammar::Words, network::Shape,
    predicate::Compiled,
};

/// All settings.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The language.
    pub words: Words,
    /// What formulas must look like.
    pub predicate: Predicate,
    /// Units that formulas must keep; the published programme knows none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<Units>,
    /// Sizes of the network.
    pub model: Model,
    /// How it learns.
    pub training: Training,
    /// What is sampled and kept.
    pub search: Search,
    /// Where formulas must have a value, and which.
    pub domain: Domain,
    /// How `const` tokens are fitted.
    pub constants: Constants,
    /// What the published programme does not do.
    pub extras: Extras,
}

/// Sizes of the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Model {
    /// Numbers that stand for a token.
    pub token_embedding_dim: usize,
    /// Numbers that an LSTM remembers.
    #[serde(alias = "lstm_hidden_dim")]
    pub hidden_dim: usize,
    /// Numbers that stand for a formula.
    pub latent_dim: usize,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            token_embedding_dim: 128,
            hidden_dim: 128,
            latent_dim: 8,
        }
    }
}

/// How the network learns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Training {
    /// Random formulas that it learns first.
    pub train_size: usize,
    /// Random formulas on which it is watched.
    pub val_size: usize,
    /// Passes over the random formulas.
    pub n_pretrain_steps: usize,
    /// Formulas in one step.
    pub batch_size: usize,
    /// Weight of the divergence of the codes.
    pub kl_coef: f64,
    /// Size of a step.
    pub learning_rate: f64,
    /// Adam's `β₁` and `β₂`.
    pub betas: (f64, f64),
}

impl Default for Training {
    fn default() -> Self {
        Self {
            train_size: 40_000,
            val_size: 10_000,
            n_pretrain_steps: 50,
            batch_size: 256,
            kl_coef: 0.5,
            learning_rate: 5e-4,
            betas: (0.5, 0.999),
        }
    }
}

/// Which formulas the network learns from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The best of each of the last epochs.
    Percentile,
    /// The best of all epochs, each once.
    Queue,
}

/// What is sampled and kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Search {
    /// Rounds of sampling and learning.
    pub epochs: usize,
    /// Formulas sampled in each.
    pub n_formulas_to_sample: usize,
    /// Most tokens of a formula.
    pub max_len: usize,
    /// Which formulas the network learns from.
    pub strategy: Strategy,
    /// Share of formulas, in percent, whose errors are small enough to learn from.
    pub percentile: f64,
    /// Epochs whose formulas are learnt from.
    pub use_n_last_steps: usize,
    /// Formulas in the queue.
    pub queue_size: usize,
    /// Whether formulas are made shorter before they are learnt from.
    pub simplification: bool,
    /// Whether the best are kept by the errors of their textbook forms. If not, as
    /// published, formulas that rest on a guard of the safe functions are among the
    /// best, and put others out that are formulas.
    pub textbook: bool,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            epochs: 100,
            n_formulas_to_sample: 2_000,
            max_len: 15,
            strategy: Strategy::Percentile,
            percentile: 5.0,
            use_n_last_steps: 5,
            queue_size: 256,
            simplification: false,
            textbook: true,
        }
    }
}

/// Where formulas must have a value, and which.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Domain {
    /// Lowest and highest value of every variable; those of the data if not given.
    pub ranges: Option<Vec<(f64, f64)>>,
    /// Values below are refused.
    pub lowest: Option<f64>,
    /// Values above are refused.
    pub highest: Option<f64>,
    /// Random points, times the square of the number of variables.
    pub points: usize,
}

impl Default for Domain {
    fn default() -> Self {
        Self {
            ranges: None,
            lowest: None,
            highest: None,
            points: 10_000,
        }
    }
}

/// How `const` tokens are fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fitting {
    /// As they stand in the formula, by Levenberg and Marquardt's method from
    /// random starts: a least-squares method in the place of the published
    /// quasi-Newton one, with the same starts.
    Written,
    /// Together with a scale and an offset for each term of a sum, by variable
    /// projection ([`symreg::Objective`]), also in formulas without `const`.
    Projected,
}

/// How constants are fitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Constants {
    /// The way.
    pub fitting: Fitting,
    /// Most starts, until one comes to its end.
    pub starts: usize,
    /// Most steps of a fit.
    pub iterations: usize,
    /// Most terms with a scale of their own, if projected.
    pub terms: usize,
}

impl Default for Constants {
    fn default() -> Self {
        Self {
            fitting: Fitting::Written,
            starts: 5,
            iterations: 50,
            terms: 4,
        }
    }
}

/// What the published programme does not do; nothing of it by default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Extras {
    /// Formulas an epoch that are bred from those learnt from: changed in a
    /// subtree, or crossed.
    pub bred: usize,
    /// Formulas an epoch that are decoded near the codes of those learnt from.
    pub neighbours: usize,
    /// Standard deviation of the distance to these codes.
    pub neighbour_width: f64,
    /// Walks an epoch through the codes, by an evolution strategy, each from a
    /// formula learnt from.
    pub walks: usize,
    /// Chebyshev polynomials of each variable, by whose mean products with the target
    /// the decoder is told the data; 0 if it is told nothing.
    pub polynomials: usize,
    /// Formulas an epoch, of those new in the queue, of which all formulas one step
    /// away are scored too.
    pub polished: usize,
    /// What a unit of complexity costs where formulas are ranked, in nats: they are
    /// then ranked by `n/2 ln MSE` and this, not by the error alone.
    pub parsimony: f64,
    /// Formulas whose scores are remembered, at most; then all are forgotten. A formula
    /// that comes again is spared its computation; what is found is the same.
    pub remembered: usize,
    /// Steps of a walk; each decodes `4 + 3 ln latent_dim` formulas.
    pub generations: usize,
}

impl Default for Extras {
    fn default() -> Self {
        Self {
            bred: 0,
            neighbours: 0,
            neighbour_width: 0.5,
            walks: 0,
            polynomials: 0,
            polished: 0,
            parsimony: 0.0,
            remembered: 2_000_000,
            generations: 5,
        }
    }
}

impl Settings {
    /// The published search with all that we know to do better, and a network that
    /// is small and learns the grammar in half a minute.
    #[must_use]
    pub fn better() -> Self {
        let mut settings = Self::default();
        settings.words.constant = true;
        settings.words.numbers = vec![1.0, 2.0];
        settings.model.hidden_dim = 64;
        settings.model.latent_dim = 32;
        settings.training.train_size = 20_000;
        settings.training.n_pretrain_steps = 10;
        settings.search.max_len = 25;
        settings.search.strategy = Strategy::Queue;
        settings.constants = Constants {
            fitting: Fitting::Projected,
            iterations: 8,
            ..Constants::default()
        };
        settings.extras = Extras {
            bred: 1_000,
            neighbours: 500,
            ..Extras::default()
        };
        settings
    }

    /// The settings published for defects in MoS2, without its predicates.
    #[must_use]
    pub fn materials() -> Self {
        use crate::Function::{Add, Cos, Div, Exp, Mul, Pow, Square, Sub};
        let mut settings = Self::default();
        settings.words.functions = vec![Add, Sub, Mul, Div, Square, Cos, Exp, Pow];
        settings.model.hidden_dim = 64;
        settings.model.latent_dim = 128;
        settings.training.train_size = 50_000;
        settings.search.n_formulas_to_sample = 5_000;
        settings.search.max_len = 25;
        settings.search.epochs = 1_200;
        settings
    }

    /// Sizes of the network for a grammar.
    #[must_use]
    pub fn shape(&self, grammar: &Grammar) -> Shape {
        Shape {
            vocabulary: grammar.len(),
            embedding: self.model.token_embedding_dim,
            hidden: self.model.hidden_dim,
            latent: self.model.latent_dim,
            condition: self.extras.polynomials * self.words.columns as usize,
        }
    }

    /// The predicate and the units in terms of a grammar's tokens.
    ///
    /// # Errors
    ///
    /// [`Error::Word`] for a required word that the grammar lacks; [`Error::Units`],
    /// [`Error::Columns`].
    pub fn compile(&self, grammar: &Grammar) -> Result<Compiled> {
        let mut compiled = self.predicate.compile(grammar)?;
        compiled.units = match &self.units {
            Some(units) => Some(units.dimensions(grammar)?),
            None => None,
        };
        Ok(compiled)
    }

    /// Hash of all that pre-trained weights depend on, but for the seed.
    #[must_use]
    pub fn pretraining_key(&self) -> u64 {
        let parts = (
            &self.words,
            &self.predicate,
            &self.model,
            &self.training,
            self.search.max_len,
        );
        let units = self.units.as_ref().map(|units| format!("{units:?}"));
        let told = match self.extras.polynomials {
            0 => String::new(),
            told => format!("told {told}"),
        };
        hash(format!("{parts:?}{}{told}", units.unwrap_or_default()).bytes())
    }

    /// Refuses what no search can run with.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`].
    pub fn check(&self) -> Result<()> {
        let counts = [
            ("token_embedding_dim", self.model.token_embedding_dim),
            ("hidden_dim", self.model.hidden_dim),
            ("latent_dim", self.model.latent_dim),
            ("train_size", self.training.train_size),
            ("batch_size", self.training.batch_size),
            ("n_formulas_to_sample", self.search.n_formulas_to_sample),
            ("max_len", self.search.max_len),
            ("use_n_last_steps", self.search.use_n_last_steps),
            ("queue_size", self.search.queue_size),
            ("starts", self.constants.starts),
            ("terms", self.constants.terms),
        ];
        for (name, count) in counts {
            setting(name, "at least 1", count as f64, count > 0)?;
        }
        let Training {
            kl_coef,
            learning_rate,
            betas,
            ..
        } = self.training;
        let below_one = |beta: f64| (0.0..1.0).contains(&beta);
        setting(
            "kl_coef",
            "at least 0",
            kl_coef,
            kl_coef >= 0.0 && kl_coef.is_finite(),
        )?;
        setting(
            "learning_rate",
            "positive",
            learning_rate,
            learning_rate > 0.0 && learning_rate.is_finite(),
        )?;
        setting("the first beta", "in [0, 1)", betas.0, below_one(betas.0))?;
        setting("the second beta", "in [0, 1)", betas.1, below_one(betas.1))?;
        let percentile = self.search.percentile;
        setting(
            "percentile",
            "between 0 and 100",
            percentile,
            (0.0..=100.0).contains(&percentile),
        )?;
        let polished = self.extras.polished;
        let queued = self.search.strategy == Strategy::Queue;
        let expected = "0 where no queue of the best is kept";
        setting(
            "polished",
            expected,
            polished as f64,
            queued || polished == 0,
        )?;
        let parsimony = self.extras.parsimony;
        let is_cost = parsimony >= 0.0 && parsimony.is_finite();
        setting("parsimony", "at least 0", parsimony, is_cost)?;
        let width = self.extras.neighbour_width;
        setting(
            "neighbour_width",
            "at least 0",
            width,
            width >= 0.0 && width.is_finite(),
        )
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

/// FNV-1a.
pub(crate) fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_out_of_range_are_refused_by_name() {
        let mut settings = Settings::default();
        settings.search.percentile = 101.0;
        let error = settings.check().unwrap_err().to_string();
        assert_eq!(error, "percentile must be between 0 and 100, got 101");
        let mut settings = Settings::default();
        settings.model.latent_dim = 0;
        assert!(settings.check().is_err());
        assert!(Settings::better().check().is_ok() && Settings::materials().check().is_ok());
    }

    #[test]
    fn settings_are_stored_and_the_key_sees_the_grammar() {
        let settings = Settings::materials();
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
        assert_eq!(
            serde_json::from_str::<Settings>("{}").unwrap(),
            Settings::default()
        );
        let mut other = settings.clone();
        other.search.epochs = 3;
        assert_eq!(other.pretraining_key(), settings.pretraining_key());
        other.words.columns = 2;
        assert_ne!(other.pretraining_key(), settings.pretraining_key());
    }
}
