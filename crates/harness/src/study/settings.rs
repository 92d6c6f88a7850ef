//! The study file.

use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::error::one_line;
use crate::models::ModelSpec;
use crate::refuse;

/// What is compared with what, on which data: a `study.toml`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Study {
    /// One line, the title of the report.
    pub title: String,
    /// Name of the data set.
    pub dataset: String,
    /// Its parts, as `low_MoS2` or `low_MoS2/V3`.
    pub subsets: Vec<String>,
    /// Keys of the properties.
    pub targets: Vec<String>,
    /// Who learns from what.
    pub split: SplitSettings,
    /// What every model learns from besides, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// What one fit may cost.
    pub budget: Budget,
    /// The models, in the order of the tables.
    #[serde(rename = "model")]
    pub models: Vec<ModelEntry>,
}

/// Subsamples of each size, at most: each is kept in memory.
const MOST_SEEDS: u64 = 100_000;

/// Who learns from what: the same for every model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitSettings {
    /// Decides the held-out structures and the subsamples.
    pub seed: u64,
    /// How many structures are held out: fixed for the study, the same for
    /// every model, size and seed.
    pub test: usize,
    /// Sizes of the training subsamples, validation included; each contains
    /// the smaller ones.
    pub train_sizes: Vec<usize>,
    /// How many subsamples of each size.
    pub seeds: u64,
    /// Share of a subsample kept for selection, by models that select.
    #[serde(default = "default_validation")]
    pub validation: f64,
}

/// Other structures to learn from, beside the subsamples: of another material, of
/// smaller complexes.
///
/// They come with every subsample, drawn anew for each seed. Those that are held out, or
/// have the configuration of one that is held out, are left out: two materials may hold
/// the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Parts of the data set.
    pub subsets: Vec<String>,
    /// How many structures; all, if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub structures: Option<usize>,
}

fn default_validation() -> f64 {
    0.1
}

/// What one fit may cost.
///
/// Work (epochs, evaluations) is counted in the settings of a model, so that
/// results do not depend on the machine; the clock is a guard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Longest time of one fit, as `90 s`, `20 min` or `2 h`.
    pub wall: String,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            wall: "1 h".to_owned(),
        }
    }
}

impl Budget {
    /// The longest time of one fit.
    ///
    /// # Errors
    ///
    /// If `wall` is not a number and a unit.
    pub fn duration(&self) -> Result<Duration> {
        let text = self.wall.trim();
        let digits = text
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let factor = match unit.trim() {
            "s" => 1.0,
            "min" => 60.0,
            "h" => 3600.0,
            _ => {
                refuse!("budget.wall: expected a time as `90 s`, `20 min` or `2 h`, found `{text}`")
            }
        };
        match number.parse::<f64>() {
            Ok(value) if value > 0.0 && value * factor < 1e9 => {
                Ok(Duration::from_secs_f64(value * factor))
            }
            _ => refuse!("budget.wall: expected a positive time as `20 min`, found `{text}`"),
        }
    }
}

/// A model of a study: what it is, its settings, and where it is entered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelEntry {
    /// Its name in tables; the kind, unless the study names it. Entries for different
    /// targets may share one.
    pub name: String,
    /// Only at these sizes, if given: for models that are slow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_sizes: Option<Vec<usize>>,
    /// Only for these targets, if given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub targets: Option<Vec<String>>,
    /// Only on the first so many subsamples, if given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seeds: Option<u64>,
    /// Scored only on the first so many held-out structures, if given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<usize>,
    /// The model and its settings.
    #[serde(flatten)]
    pub spec: ModelSpec,
}

impl ModelEntry {
    /// Whether it is entered for a target.
    #[must_use]
    pub fn learns(&self, target: &str) -> bool {
        let targets = self.targets.as_ref();
        targets.is_none_or(|targets| targets.iter().any(|own| own == target))
    }
}

/// The keys of a `[[model]]` that are not settings of the model itself.
#[derive(Debug, Deserialize)]
struct EntryKeys {
    name: Option<String>,
    train_sizes: Option<Vec<usize>>,
    targets: Option<Vec<String>>,
    seeds: Option<u64>,
    test: Option<usize>,
}

/// The file before its models are understood.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    title: String,
    dataset: String,
    subsets: Vec<String>,
    targets: Vec<String>,
    split: SplitSettings,
    source: Option<Source>,
    #[serde(default)]
    budget: Budget,
    #[serde(default)]
    model: Vec<toml::Table>,
}

impl Study {
    /// Reads the text of a `study.toml`.
    ///
    /// # Errors
    ///
    /// If it is not TOML, has unknown or missing keys, or asks for something
    /// that cannot be: no model, a size of zero, two models of one name.
    pub fn parse(text: &str) -> Result<Self> {
        let raw: Raw = match toml::from_str(text) {
            Ok(raw) => raw,
            Err(error) => {
                let before = &text[..error.span().map_or(0, |span| span.start)];
                let line = 1 + before.matches('\n').count();
                refuse!("line {line}: {}", one_line(error.message()));
            }
        };
        let mut models = Vec::new();
        for (table, number) in raw.model.into_iter().zip(1..) {
            models.push(entry(table).with_context(|| format!("[[model]] {number}"))?);
        }
        let study = Self {
            title: raw.title,
            dataset: raw.dataset,
            subsets: raw.subsets,
            targets: raw.targets,
            split: raw.split,
            source: raw.source,
            budget: raw.budget,
            models,
        };
        study.check()?;
        Ok(study)
    }

    /// The file that makes the same trials, with every default written out.
    ///
    /// # Panics
    ///
    /// Never: every field has a form in TOML.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a study is plain values")
    }

    /// Whether records of another study can be records of this one: the data
    /// and what decides the split are the same.
    #[must_use]
    pub fn continues(&self, other: &Self) -> bool {
        let split = |study: &Self| (study.split.seed, study.split.test);
        self.dataset == other.dataset
            && split(self) == split(other)
            && self.source == other.source
            && self
                .split
                .validation
                .total_cmp(&other.split.validation)
                .is_eq()
    }

    /// The largest training subsample.
    ///
    /// # Panics
    ///
    /// Never: [`Study::parse`] refuses a study without sizes.
    #[must_use]
    pub fn largest(&self) -> usize {
        let sizes = self.split.train_sizes.iter();
        *sizes.max().expect("a study has train sizes")
    }

    fn check(&self) -> Result<()> {
        let SplitSettings {
            test,
            train_sizes,
            seeds,
            validation,
            ..
        } = &self.split;
        if self.subsets.is_empty() || self.targets.is_empty() || self.models.is_empty() {
            refuse!("a study needs at least one of each: subsets, targets, [[model]]");
        }
        let nothing = train_sizes.contains(&0) && self.source.is_none();
        if train_sizes.is_empty() || nothing || *test == 0 || *seeds == 0 {
            refuse!("split: train_sizes (but with a [source]), test and seeds must be positive");
        }
        if *seeds > MOST_SEEDS {
            refuse!("split.seeds: expected at most {MOST_SEEDS}, found {seeds}");
        }
        if let Some(Source {
            subsets,
            structures,
        }) = &self.source
            && (subsets.is_empty() || *structures == Some(0))
        {
            refuse!("source: subsets and structures must not be none");
        }
        if !(0.0..=0.5).contains(validation) {
            refuse!("split.validation: expected a share from 0 to 0.5, found {validation}");
        }
        refuse_twice("split.train_sizes", train_sizes)?;
        refuse_twice("subsets", &self.subsets)?;
        refuse_twice("targets", &self.targets)?;
        for target in &self.targets {
            let models = self.models.iter().filter(|model| model.learns(target));
            let mut names: Vec<&str> = models.map(|model| model.name.as_str()).collect();
            names.sort_unstable();
            if let Some([twice, _]) = names.array_windows().find(|[a, b]| a == b) {
                refuse!("two models are named `{twice}`: give one a `name`");
            }
        }
        for model in &self.models {
            let sizes = model.train_sizes.iter().flatten();
            if let Some(size) = sizes.into_iter().find(|size| !train_sizes.contains(size)) {
                refuse!(
                    "model `{}`: train size {size} is not one of the study's",
                    model.name
                );
            }
            refuse_twice(
                "train_sizes",
                model.train_sizes.as_deref().unwrap_or_default(),
            )?;
            let targets = model.targets.as_deref().unwrap_or(&self.targets);
            if let Some(target) = targets.iter().find(|&t| !self.targets.contains(t)) {
                refuse!(
                    "model `{}`: target {target} is not one of the study's",
                    model.name
                );
            }
            if model.seeds.is_some_and(|own| own == 0 || own > *seeds) {
                refuse!("model `{}`: seeds must be from 1 to {seeds}", model.name);
            }
            if model.test.is_some_and(|own| own == 0 || own > *test) {
                refuse!("model `{}`: test must be from 1 to {test}", model.name);
            }
        }
        self.budget.duration()?;
        Ok(())
    }
}

/// Refuses a list that names something twice.
fn refuse_twice<T: Ord + std::fmt::Display>(key: &str, list: &[T]) -> Result<()> {
    let mut sorted: Vec<&T> = list.iter().collect();
    sorted.sort_unstable();
    if let Some([twice, _]) = sorted.array_windows().find(|[a, b]| a == b) {
        refuse!("{key}: {twice} stands there twice");
    }
    Ok(())
}

/// Understands one `[[model]]`.
fn entry(mut table: toml::Table) -> Result<ModelEntry> {
    let Some(kind) = table.get("kind").and_then(toml::Value::as_str) else {
        refuse!(
            "a model needs a `kind`, one of {}",
            ModelSpec::KINDS.join(", ")
        );
    };
    let kind = kind.to_owned();
    let own = ["name", "train_sizes", "targets", "seeds", "test"];
    let keys: toml::Table = own
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), table.remove(*key)?)))
        .collect();
    let user = |error: toml::de::Error| {
        crate::error::UserError::new(format!("{kind}: {}", one_line(error.message())))
    };
    let keys: EntryKeys = keys.try_into().map_err(user)?;
    let spec: ModelSpec = table.try_into().map_err(user)?;
    Ok(ModelEntry {
        name: keys.name.unwrap_or_else(|| kind.clone()),
        train_sizes: keys.train_sizes,
        targets: keys.targets,
        seeds: keys.seeds,
        test: keys.test,
        spec: spec.resolve().with_context(|| kind)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUDIES: [&str; 2] = [
        include_str!("../../../../reports/embedded/study.toml"),
        include_str!("../../../../reports/2dmd-low-mos2/study.toml"),
    ];

    #[test]
    fn a_resolved_study_is_the_same_study() {
        for text in STUDIES {
            let study = Study::parse(text).unwrap();
            assert_eq!(Study::parse(&study.to_toml()).unwrap(), study);
        }
    }

    #[test]
    fn a_preset_is_written_out_and_can_be_changed() {
        let study = Study::parse(STUDIES[0]).unwrap();
        let megnet = study.models.iter().find(|model| model.name == "megnet");
        let json = megnet.unwrap().spec.to_json();
        assert_eq!(json["width"], 16, "of the published network");
        assert_eq!(json["epochs"], 15, "of the study");
    }

    #[test]
    fn a_name_may_have_other_settings_for_another_target() {
        let text = |target: &str| {
            format!(
                "title = 't'\ndataset = 'd'\nsubsets = ['s']\ntargets = ['energy', 'gap']\n\
                 [split]\nseed = 1\ntest = 5\ntrain_sizes = [5]\nseeds = 1\n\
                 [[model]]\nkind = 'mean'\ntargets = ['energy']\n\
                 [[model]]\nkind = 'mean'\ntargets = ['{target}']\n"
            )
        };
        let study = Study::parse(&text("gap")).unwrap();
        assert!(study.models[0].learns("energy") && !study.models[0].learns("gap"));
        assert_eq!(Study::parse(&study.to_toml()).unwrap(), study);
        let twice = Study::parse(&text("energy")).unwrap_err().to_string();
        assert_eq!(twice, "two models are named `mean`: give one a `name`");
        let other = Study::parse(&text("mass")).unwrap_err().to_string();
        assert_eq!(other, "model `mean`: target mass is not one of the study's");
    }

    #[test]
    fn times_are_read_with_their_unit() {
        let wall = |text: &str| {
            let budget = Budget {
                wall: text.to_owned(),
            };
            budget.duration().map(|time| time.as_secs_f64()).ok()
        };
        assert_eq!(wall("90 s"), Some(90.0));
        assert_eq!(wall("1.5min"), Some(90.0));
        assert_eq!(wall("2 h"), Some(7200.0));
        for wrong in ["", "90", "0 s", "-1 s", "1 day", "s"] {
            assert_eq!(wall(wrong), None, "{wrong}");
        }
    }
}
