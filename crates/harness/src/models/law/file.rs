//! A law as a file, with all that it takes to apply it to a structure.

use std::cmp::Ordering;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use crystal::{DefectCluster, Structure};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::{Deserialize, Serialize};
use symreg::law::{Law, Level, Stage};
use symreg::{Column, Expr, Format, Op};

use super::{LawModelSettings, levels::Shape, proposers::Source, tables::Tables};
use crate::dataset::{Dataset, Sample};
use crate::error::{UserError, one_line};
use crate::figure::functions::Function;
use crate::models::hosts::Hosts;
use crate::run::Watch;
use crate::{files, refuse};

/// Version of the layout of the file.
const SCHEMA: u32 = 1;

/// A law that was learnt from structures of a data set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LawFile {
    schema: u32,
    /// As `2dmd/low_MoS2`.
    pub data: String,
    /// Key of the property.
    pub target: String,
    /// Its unit.
    pub unit: String,
    /// Ids that it was learnt from.
    pub learnt_from: Vec<String>,
    pub(super) shape: Shape,
    hosts: Hosts,
    /// The law itself.
    pub law: Law,
    /// How it was found.
    pub stages: Vec<Stage>,
    /// `(levels, channels, …)`: distances that pair functions were learnt from, Å.
    lengths: Vec<Vec<Vec<f64>>>,
    /// `(levels, channels, columns, …)`: what is known of the same pairs beside these;
    /// empty where nothing is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    beside: Vec<Vec<Vec<Vec<f64>>>>,
    /// Laws from resamples of the same structures.
    resamples: Vec<Law>,
}

impl LawFile {
    /// Learns a law from samples.
    ///
    /// - `source`: what they are, as `2dmd/low_MoS2`.
    /// - `property`: index of the target, which all samples have.
    /// - `resamples`: how many laws are learnt from as many structures, drawn with
    ///   repetition, to show how certain it is.
    ///
    /// # Errors
    ///
    /// If the host of a sample is not known, or it is no supercell of its host.
    pub fn learn(
        dataset: &Dataset,
        source: &str,
        samples: &[&Sample],
        property: usize,
        settings: &LawModelSettings,
        (seed, resamples): (u64, u64),
    ) -> Result<Self> {
        let told = &dataset.properties[property];
        let hosts = Hosts::of(samples);
        let clusters = samples.iter().map(|sample| match sample.defects()? {
            Some(cluster) => Ok(cluster),
            None => {
                refuse!("{source}: the data set names no host crystal ([host] in dataset.toml)")
            }
        });
        let clusters = clusters.collect::<Result<Vec<_>>>()?;
        let clusters: Vec<&DefectCluster> = clusters.iter().collect();
        let targets = samples.iter().filter_map(|sample| sample.targets[property]);
        let targets: Vec<f64> = targets.collect();
        let shape = Shape::new(settings, told.per_defect, &clusters);
        let watch = Watch::start(Duration::MAX);
        let parts = shape.parts(&clusters);
        let (law, stages) = super::found(&shape, &parts, &targets, &Source::Genetic, seed, &watch)?;
        let levels = parts.levels;
        let lengths = levels.iter().map(|level| firsts(&pairs(level)));
        let beside = levels
            .iter()
            .map(|level| others(&pairs(level), level.columns.len()));
        let beside = beside.filter(|_| settings.sharing || !settings.pair_columns.is_empty());
        let drawn = |number: u64| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            random.set_stream(number + 1);
            let draw = (0..clusters.len()).map(|_| random.random_range(0..clusters.len()));
            let (own, targets): (Vec<_>, Vec<_>) = draw.map(|i| (clusters[i], targets[i])).unzip();
            let parts = shape.parts(&own);
            Ok(super::found(&shape, &parts, &targets, &Source::Genetic, seed, &watch)?.0)
        };
        let resamples = (0..resamples).into_par_iter().map(drawn);
        let resamples = resamples.collect::<Result<_>>()?;
        Ok(Self {
            schema: SCHEMA,
            data: source.to_owned(),
            target: told.key.clone(),
            unit: told.unit.clone(),
            learnt_from: samples.iter().map(|sample| sample.id.clone()).collect(),
            shape,
            hosts,
            resamples,
            lengths: lengths.collect(),
            beside: beside.collect(),
            law,
            stages,
        })
    }

    /// What pairs add, channel by channel, at the distances that the law was learnt from;
    /// the largest first.
    ///
    /// # Errors
    ///
    /// If a function cannot be evaluated.
    pub(crate) fn functions(&self) -> Result<Vec<Function>> {
        let mut all = Vec::new();
        for (index, level) in self.law.levels.iter().enumerate() {
            let channels = level.channels.iter().zip(&self.lengths[index]);
            for (place, (channel, lengths)) in channels.enumerate() {
                let columns = self.columns(index, place);
                let of = |law: &Law| law.effect(index, channel, &columns);
                all.push(Function {
                    name: format!("{}: {channel}", level.name),
                    lengths: lengths.clone(),
                    values: of(&self.law)?,
                    resamples: self.resamples.iter().map(of).collect::<Result<_, _>>()?,
                });
            }
        }
        let size = |f: &Function| f.values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
        all.retain(|f| size(f) > 0.0);
        all.sort_by(|a, b| size(b).total_cmp(&size(a)));
        Ok(all)
    }

    /// All columns of the pairs of one channel.
    fn columns(&self, level: usize, channel: usize) -> Vec<Vec<f64>> {
        let mut columns = vec![self.lengths[level][channel].clone()];
        if let Some(beside) = self.beside.get(level) {
            columns.extend_from_slice(&beside[channel]);
        }
        columns
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`UserError`] if it is not one of `tycho law`.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let told = |what: &str| {
            let path = path.display();
            UserError::new(format!("{path}: {what}; make one with `tycho law`"))
        };
        let file: Self = serde_json::from_str(&text)
            .map_err(|error| told(&format!("expected a law: {}", one_line(&error.to_string()))))?;
        if file.schema != SCHEMA {
            return Err(told("written by another version"));
        }
        file.check().map_err(told)?;
        Ok(file)
    }

    /// Refuses parts that do not fit together.
    fn check(&self) -> Result<(), &'static str> {
        let settings = self.shape.settings.clone();
        if settings.checked().is_err() {
            return Err("a setting of its shape is out of range");
        }
        let laws = || self.resamples.iter().chain([&self.law]);
        if laws().any(|law| law.levels.len() != self.lengths.len()) {
            return Err("its laws have not the levels that it has distances of");
        }
        if !self.beside.is_empty() && !self.lengths.iter().zip(&self.beside).all(fit) {
            return Err("it has not as many other columns as distances");
        }
        for (level, channels) in self.lengths.iter().enumerate() {
            let count = |law: &Law| law.levels[level].columns.len();
            let all = 0..channels.len();
            let own: Vec<usize> = all.map(|place| self.columns(level, place).len()).collect();
            if laws().any(|law| own.iter().any(|own| *own != count(law))) {
                return Err("it has distances of a level without");
            }
        }
        Ok(())
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        files::write(path, &serde_json::to_vec_pretty(self)?)
    }

    /// The whole law: in one line of text, or as [`symreg::export_law`] writes it.
    ///
    /// - returns: nothing for a format that has no sums.
    #[must_use]
    pub fn export(&self, format: Format) -> Option<String> {
        match format {
            Format::Text => Some(super::text::equation(&self.law, &self.unit).text),
            _ => symreg::export_law(&self.law, &Column::new(&self.target, &self.unit), format),
        }
    }

    /// The formula of every channel that adds something, with the names of its columns:
    /// that of `pair: V_Mo-V_S /` is added for every such pair.
    #[must_use]
    pub fn formulas(&self) -> Vec<(String, Expr, Vec<String>)> {
        let mut all = Vec::new();
        for (index, level) in self.law.levels.iter().enumerate() {
            let columns = || level.columns.iter().map(|column| column.name.clone());
            for channel in &level.channels {
                let formula = self.law.function(index, channel);
                if let Some(formula) = formula.filter(|f| f.code() != [Op::Const(0.0)]) {
                    all.push((
                        format!("{}: {channel}", level.name),
                        formula,
                        columns().collect(),
                    ));
                }
            }
        }
        all
    }

    /// What the law says of a structure, in [`Self::unit`], and the complex that it is.
    ///
    /// # Errors
    ///
    /// [`UserError`] if the structure is no supercell of a host that the law knows.
    pub fn predict(&self, structure: &Structure) -> Result<(f64, String)> {
        let cluster = self.hosts.defects(structure)?;
        let values = self.law.predict(&self.shape.parts(&[&cluster]))?;
        Ok((values[0], cluster.kind()))
    }

    /// What the law sums over in a structure.
    ///
    /// # Errors
    ///
    /// As of [`Self::predict`].
    pub fn tables(&self, structure: &Structure) -> Result<Tables> {
        let cluster = self.hosts.defects(structure)?;
        let parts = self.shape.parts(&[&cluster]);
        Ok(Tables::new(&parts, self.law.rise))
    }
}

/// Whether every channel has as many values of each other column as distances.
fn fit((lengths, beside): (&Vec<Vec<f64>>, &Vec<Vec<Vec<f64>>>)) -> bool {
    let mut channels = lengths.iter().zip(beside);
    let alike = |(lengths, columns): (&Vec<f64>, &Vec<Vec<f64>>)| {
        columns.iter().all(|column| column.len() == lengths.len())
    };
    lengths.len() == beside.len() && channels.all(alike)
}

/// The pairs in every channel of a level, each once, by their distance; none for a level
/// of something else than pairs.
fn pairs(level: &Level) -> Vec<Vec<&[f64]>> {
    let is_pair = level.distances == 1 && level.columns[0].unit == "Å";
    if !is_pair {
        return Vec::new();
    }
    let of = |channel: usize| {
        let own = level.items.iter().filter(|item| item.channel == channel);
        let mut pairs: Vec<&[f64]> = own.map(|item| &item.values[..]).collect();
        pairs.sort_unstable_by(|a, b| {
            let each = a.iter().zip(*b).map(|(a, b)| a.total_cmp(b));
            each.fold(Ordering::Equal, Ordering::then)
        });
        pairs.dedup();
        pairs
    };
    (0..level.channels.len()).map(of).collect()
}

/// The distances of pairs, channel by channel.
fn firsts(pairs: &[Vec<&[f64]>]) -> Vec<Vec<f64>> {
    let of = |channel: &Vec<&[f64]>| channel.iter().map(|pair| pair[0]).collect();
    pairs.iter().map(of).collect()
}

/// The other columns of pairs, channel by channel.
///
/// - `columns`: how many there are, with the distance.
fn others(pairs: &[Vec<&[f64]>], columns: usize) -> Vec<Vec<Vec<f64>>> {
    let column = |channel: &[&[f64]], k: usize| channel.iter().map(|pair| pair[k]).collect();
    let of = |channel: &Vec<&[f64]>| (1..columns).map(|k| column(channel, k)).collect();
    pairs.iter().map(of).collect()
}
