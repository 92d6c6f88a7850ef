//! Settings of the search: those that studies change most by themselves, all others of
//! [`segvae::Settings`] by section.

use anyhow::Result;
use segvae::dimension::Units;
use segvae::settings::Strategy;
use segvae::{Function, Predicate, Settings};
use serde::{Deserialize, Serialize};
use symreg::units::Constants;
use symreg::{Rule, Table};

use crate::models::features::Descriptor;
use crate::models::spec::{refused, within};

/// Whose search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::models) enum Mode {
    /// The published one.
    Faithful,
    /// Ours.
    Better,
}

/// What a formula is to give: the target, counted from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Zero {
    /// As it is.
    Nought,
    /// From the largest target of the training part, as published for a metal and a
    /// chalcogen vacancy: defects far apart have it. Two chalcogen vacancies were counted
    /// from the energy at the largest distance instead, 2 to 7 meV lower.
    Largest,
}

/// Settings of `segvae` and `segvae-faithful`; what is not given is that of the
/// kind.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SegvaeModelSettings {
    /// What the columns are.
    pub descriptor: Descriptor,
    /// The functions of the language.
    pub functions: Option<Vec<Function>>,
    /// The numbers of the language.
    #[serde(alias = "float_constants")]
    pub numbers: Option<Vec<f64>>,
    /// Whether formulas have constants that are fitted.
    pub constant: Option<bool>,
    /// Functions that may not occur below one another.
    pub unnested: Option<Vec<String>>,
    /// Words that must occur.
    pub required: Option<Vec<String>>,
    /// Where the target is counted from.
    pub zero: Option<Zero>,
    /// Values farther than this beyond the targets refuse a formula, in the unit of
    /// the target; none by default in `segvae`.
    pub y_margin: Option<f64>,
    /// Numbers that an LSTM remembers.
    #[serde(alias = "lstm_hidden_dim")]
    pub hidden_dim: Option<usize>,
    /// Numbers that stand for a formula.
    pub latent_dim: Option<usize>,
    /// Random formulas that the network learns first.
    pub train_size: Option<usize>,
    /// Passes over them.
    pub n_pretrain_steps: Option<usize>,
    /// Rounds of sampling and learning.
    pub epochs: Option<usize>,
    /// Formulas sampled in each.
    pub n_formulas_to_sample: Option<usize>,
    /// Most tokens of a formula.
    pub max_len: Option<usize>,
    /// Which formulas the network learns from.
    pub strategy: Option<Strategy>,
    /// Share of formulas, in percent, that it learns from.
    pub percentile: Option<f64>,
    /// Formulas an epoch that are bred from those learnt from.
    pub bred: Option<usize>,
    /// Formulas an epoch that are decoded near the codes of those learnt from.
    pub neighbours: Option<usize>,
    /// Walks an epoch through the codes, downhill, by an evolution strategy; none if
    /// not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub walks: Option<usize>,
    /// Formulas an epoch, new in the queue, of which all formulas one step away are
    /// scored too; none if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polished: Option<usize>,
    /// What a unit of complexity costs where formulas are ranked, in nats; nothing if
    /// not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parsimony: Option<f64>,
    /// Chebyshev polynomials of each variable by which the decoder is told the data;
    /// none if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polynomials: Option<usize>,
    /// Which units constants may carry; units are ignored if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<Constants>,
    /// What chooses *the* formula of the front.
    pub choose: Option<Rule>,
    /// All other settings, in the sections and by the names of [`segvae::Settings`], as
    /// `programme.training.kl_coef = 0.2`. What has a name above goes before them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub programme: Option<toml::Table>,
}

/// Functions whose nesting the published searches forbid.
const UNNESTED: [&str; 4] = ["exp", "pow2", "pow", "cos"];

/// Random points at which formulas of more than two variables are tried.
const POINTS: usize = 10_000;

/// Columns that a study is checked with, before its data are known.
const COLUMNS: usize = 100;

impl SegvaeModelSettings {
    /// The same with every setting of the kind written out.
    ///
    /// # Errors
    ///
    /// If a setting is out of its range.
    pub(in crate::models) fn resolve(self, mode: Mode) -> Result<Self> {
        let base = self.base(mode)?;
        let faithful = mode == Mode::Faithful;
        let nested = if faithful { &UNNESTED[..] } else { &[] };
        let nested = nested.iter().map(|&word| word.to_owned()).collect();
        let nested = (!self.has("predicate", "forbidden_nesting")).then_some(nested);
        let bounded = self.has("domain", "lowest") || self.has("domain", "highest");
        let margin = (faithful && !bounded).then_some(1.0);
        let resolved = Self {
            descriptor: self.descriptor,
            functions: self.functions.or(Some(base.words.functions)),
            numbers: self.numbers.or(Some(base.words.numbers)),
            constant: self.constant.or(Some(base.words.constant)),
            unnested: self.unnested.or(nested),
            required: self.required.or(Some(base.predicate.required)),
            zero: self.zero.or(Some(if faithful {
                Zero::Largest
            } else {
                Zero::Nought
            })),
            y_margin: self.y_margin.or(margin),
            hidden_dim: self.hidden_dim.or(Some(base.model.hidden_dim)),
            latent_dim: self.latent_dim.or(Some(base.model.latent_dim)),
            train_size: self.train_size.or(Some(base.training.train_size)),
            n_pretrain_steps: self
                .n_pretrain_steps
                .or(Some(base.training.n_pretrain_steps)),
            epochs: self.epochs.or(Some(base.search.epochs)),
            n_formulas_to_sample: self
                .n_formulas_to_sample
                .or(Some(base.search.n_formulas_to_sample)),
            max_len: self.max_len.or(Some(base.search.max_len)),
            strategy: self.strategy.or(Some(base.search.strategy)),
            percentile: self.percentile.or(Some(base.search.percentile)),
            bred: self.bred.or(Some(base.extras.bred)),
            neighbours: self.neighbours.or(Some(base.extras.neighbours)),
            walks: self.walks,
            polished: self.polished,
            parsimony: self.parsimony,
            polynomials: self.polynomials,
            units: self.units,
            choose: self.choose.or(Some(if faithful {
                Rule::Best
            } else {
                Rule::DescriptionLength
            })),
            programme: self.programme,
        };
        resolved.check(mode)?;
        Ok(resolved)
    }

    fn check(&self, mode: Mode) -> Result<()> {
        let count = |name, value: Option<usize>, most| {
            value.map_or(Ok(()), |value| within(name, value as f64, most))
        };
        count("hidden_dim", self.hidden_dim, 4096.0)?;
        count("latent_dim", self.latent_dim, 4096.0)?;
        count("train_size", self.train_size, 1e7)?;
        count("epochs", self.epochs, 1e6)?;
        count("n_formulas_to_sample", self.n_formulas_to_sample, 1e6)?;
        count("max_len", self.max_len, 200.0)?;
        // a percentile of 101, a required word that the grammar lacks
        let settings = self.search(mode, COLUMNS, &[])?;
        settings.check().or_else(refused)?;
        let grammar = segvae::Grammar::new(settings.words.clone()).or_else(refused)?;
        let unknown = |word: &&String| Function::named(word).is_none();
        if let Some(word) = self.unnested.iter().flatten().find(unknown) {
            crate::refuse!("unnested: `{word}` is no function");
        }
        settings.compile(&grammar).map(|_| ()).or_else(refused)
    }

    /// The settings of the kind before any is changed by its name.
    fn base(&self, mode: Mode) -> Result<Settings> {
        let base = base(mode);
        let Some(programme) = &self.programme else {
            return Ok(base);
        };
        if self.has("words", "columns") {
            crate::refuse!("programme.words.columns: columns are the descriptors; leave it out");
        }
        if programme.contains_key("units") {
            crate::refuse!("programme.units: units are those of the data set; use `units`");
        }
        let mut all = toml::Table::try_from(base)?;
        amend(&mut all, programme);
        all.try_into()
            .or_else(|error: toml::de::Error| refused(format!("programme: {}", error.message())))
    }

    /// Whether the programme has a setting of its own.
    fn has(&self, section: &str, name: &str) -> bool {
        let section = self.programme.as_ref().and_then(|all| all.get(section));
        section.is_some_and(|section| section.get(name).is_some())
    }

    /// Where the target is counted from.
    pub(super) fn zero_of(&self, targets: &[f64]) -> f64 {
        match self.zero {
            Some(Zero::Largest) => targets.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Some(Zero::Nought) | None => 0.0,
        }
    }

    /// The units that formulas must keep.
    pub(super) fn units_of(&self, table: &Table, target: &str) -> Option<Units> {
        let units = table.columns().iter().map(|column| column.unit.clone());
        self.units.map(|constants| Units {
            columns: units.collect(),
            target: target.to_owned(),
            constants,
        })
    }

    /// What chooses the formula.
    pub(super) fn rule(&self) -> Rule {
        self.choose.unwrap_or(Rule::DescriptionLength)
    }

    /// The settings of the search, for so many columns and these targets.
    ///
    /// Every setting must have been written out by [`Self::resolve`].
    ///
    /// # Errors
    ///
    /// If `programme` has a name that the library does not know.
    pub(super) fn search(&self, mode: Mode, columns: usize, targets: &[f64]) -> Result<Settings> {
        let mut settings = self.base(mode)?;
        set(&mut settings.words.functions, self.functions.as_ref());
        set(&mut settings.words.numbers, self.numbers.as_ref());
        set(&mut settings.words.constant, self.constant.as_ref());
        settings.words.columns = u32::try_from(columns).unwrap_or(u32::MAX);
        let unnested: Vec<&str> = self.unnested.iter().flatten().map(String::as_str).collect();
        if !unnested.is_empty() {
            settings.predicate.forbidden_nesting =
                Predicate::without_nested(&unnested).forbidden_nesting;
        }
        set(&mut settings.predicate.required, self.required.as_ref());
        set(&mut settings.model.hidden_dim, self.hidden_dim.as_ref());
        set(&mut settings.model.latent_dim, self.latent_dim.as_ref());
        set(&mut settings.training.train_size, self.train_size.as_ref());
        set(
            &mut settings.training.n_pretrain_steps,
            self.n_pretrain_steps.as_ref(),
        );
        let search = &mut settings.search;
        set(&mut search.epochs, self.epochs.as_ref());
        set(
            &mut search.n_formulas_to_sample,
            self.n_formulas_to_sample.as_ref(),
        );
        set(&mut search.max_len, self.max_len.as_ref());
        set(&mut search.strategy, self.strategy.as_ref());
        set(&mut search.percentile, self.percentile.as_ref());
        set(&mut settings.extras.bred, self.bred.as_ref());
        set(&mut settings.extras.neighbours, self.neighbours.as_ref());
        let extras = &mut settings.extras;
        set(&mut extras.walks, self.walks.as_ref());
        set(&mut extras.polished, self.polished.as_ref());
        set(&mut extras.parsimony, self.parsimony.as_ref());
        set(&mut extras.polynomials, self.polynomials.as_ref());
        if columns > 2 && !self.has("domain", "points") {
            settings.domain.points = POINTS.div_ceil(columns * columns);
        }
        if let Some(margin) = self.y_margin {
            settings.domain.lowest = targets.iter().copied().reduce(f64::min).map(|y| y - margin);
            settings.domain.highest = targets.iter().copied().reduce(f64::max).map(|y| y + margin);
        }
        Ok(settings)
    }
}

/// Puts the entries of one table into another, section by section.
fn amend(all: &mut toml::Table, changes: &toml::Table) {
    for (name, change) in changes {
        match (all.get_mut(name), change) {
            (Some(toml::Value::Table(section)), toml::Value::Table(changes)) => {
                amend(section, changes);
            }
            _ => {
                all.insert(name.clone(), change.clone());
            }
        }
    }
}

/// The settings of a kind.
fn base(mode: Mode) -> Settings {
    let published = Settings::materials();
    if mode == Mode::Faithful {
        return published;
    }
    let mut better = Settings::better();
    better.words.functions = published.words.functions;
    better
}

fn set<T: Clone>(field: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        field.clone_from(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str) -> Result<Settings> {
        let settings: SegvaeModelSettings = toml::from_str(text)?;
        let settings = settings.resolve(Mode::Faithful)?;
        let again = toml::from_str::<SegvaeModelSettings>(&toml::to_string(&settings)?)?;
        assert_eq!(again.resolve(Mode::Faithful)?, settings);
        settings.search(Mode::Faithful, 2, &[-0.5, 0.0])
    }

    /// Lazarev & Ustyuzhanin: the values of their use on defects.
    #[test]
    fn faithful_is_as_published() {
        let settings = resolved("").unwrap();
        let words: Vec<&str> = settings.words.functions.iter().map(|f| f.name()).collect();
        assert_eq!(
            words,
            ["add", "sub", "mul", "div", "pow2", "cos", "exp", "pow"]
        );
        assert_eq!(settings.words.numbers[..3], [-1.0, 1.0, 2.0]);
        assert_eq!(settings.words.numbers.len(), 11);
        let (model, training) = (&settings.model, &settings.training);
        assert_eq!((model.hidden_dim, model.latent_dim), (64, 128));
        assert_eq!(
            (training.train_size, training.n_pretrain_steps),
            (50_000, 50)
        );
        assert_eq!((training.kl_coef, training.betas), (0.5, (0.5, 0.999)));
        let search = &settings.search;
        assert_eq!((search.n_formulas_to_sample, search.max_len), (5_000, 25));
        assert_eq!((search.percentile, search.use_n_last_steps), (5.0, 5));
        let domain = &settings.domain;
        assert_eq!((domain.lowest, domain.highest), (Some(-1.5), Some(1.0)));
        assert_eq!(settings.extras, segvae::settings::Extras::default());
    }

    #[test]
    fn a_study_can_change_every_setting_of_the_programme() {
        let settings = resolved(
            "epochs = 7\n\
             lstm_hidden_dim = 32\n\
             programme.words.as_published_pi = true\n\
             programme.training.kl_coef = 0.2\n\
             programme.search.epochs = 9\n\
             programme.search.max_len = 30\n\
             programme.predicate.required = ['exp', 'x2']\n\
             programme.predicate.required_inside = [{ word = 'x1', functions = ['exp'] }]",
        )
        .unwrap();
        assert!(settings.words.as_published_pi);
        assert!((settings.training.kl_coef - 0.2).abs() < 1e-12);
        assert_eq!(settings.model.hidden_dim, 32);
        assert_eq!((settings.search.epochs, settings.search.max_len), (7, 30));
        assert_eq!(settings.predicate.required, ["exp", "x2"]);
        assert_eq!(settings.predicate.required_inside[0].word, "x1");
        assert!(!settings.predicate.forbidden_nesting.is_empty());
    }

    /// What the kind or the number of columns would set otherwise.
    #[test]
    fn the_programme_goes_before_defaults() {
        let text = "programme.domain = { lowest = -9.0, points = 50 }\n\
             programme.predicate.forbidden_nesting = [{ outer = ['exp'], inner = ['exp'] }]";
        let settings: SegvaeModelSettings = toml::from_str(text).unwrap();
        let resolved = settings.resolve(Mode::Faithful).unwrap();
        let settings = resolved.search(Mode::Faithful, 3, &[-0.5, 0.0]).unwrap();
        let domain = &settings.domain;
        assert_eq!((domain.lowest, domain.highest), (Some(-9.0), None));
        assert_eq!(domain.points, 50);
        assert_eq!(settings.predicate.forbidden_nesting[0].outer, ["exp"]);
    }

    #[test]
    fn words_that_do_not_exist_are_refused() {
        for (text, expected) in [
            (
                "required = ['sinh']",
                "`sinh` is not a token of the grammar",
            ),
            ("required = ['sin']", "`sin` is not a token of the grammar"),
            ("unnested = ['sine']", "unnested: `sine` is no function"),
            ("programme.training.kl = 1", "programme: unknown field `kl`"),
            (
                "programme.predicate.forbidden_nesting = [{ outer = ['exp'], inner = ['kos'] }]",
                "`kos` is not a token of the grammar",
            ),
            ("programme.words.columns = 3", "programme.words.columns:"),
            ("programme.units.target = 'eV'", "programme.units:"),
        ] {
            let error = resolved(text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
