//! A law: closed functions that add up over defects, pairs and triples.
//!
//! For a total, divided by the number N of defects:
//!
//! ```text
//! N · E = c₀ + Σ_i ε(kind i) + Σ_{i<j} Σ_k a(k, channel ij) · f_k(r_ij) + Σ_{i<j<l} …
//! ```
//!
//! The functions of pairs and triples are found by search and written down
//! ([`symreg::law`]); every channel has coefficients of its own, shrunk by the
//! evidence. A channel of pairs is an unordered pair of defect kinds and whether both
//! lie in one layer; pairs are taken in all images within a cutoff. A triple is
//! described by its three sides.
//!
//! Neighbours of a defect may count together, too: what gathers their values is [`Gather`].
//!
//! A quantity that is no total, as the gap, is the lowest of many: the host has one of its
//! own, and so has every defect, moved by each of the others,
//!
//! ```text
//! E = -T ln (exp(-g_host/T) + Σ_i exp(-g_i/T)),   g_i = ε(kind i) + Σ_j Σ_k a(k, i by j) · f_k(r_ij)
//! ```
//!
//! with a temperature `T` that is fitted: a minimum, rounded off where two come close. If
//! they are coupled, it is the lowest eigenvalue of a matrix with the `g` as its diagonal,
//!
//! ```text
//! E = -T ln tr exp(-H/T),   H_ii = g_i,   H_ij = Σ_k b(k, channel ij) · f_k(r_ij)
//! ```
//!
//! Learnt from several hosts, a law has two functions in place of each: one of the roles
//! of defects (a vacancy of a cation …) and of distances in lattice constants, which all
//! hosts share, and one of their labels, shrunk. What is shared can be said of a host that
//! was never seen.

mod elements;
mod exact;
mod file;
mod geometry;
mod growing;
mod levels;
mod pairs;
mod proposers;
mod tables;
mod text;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use symreg::law::{Gather, Law, LawSettings, Parts, Stage, discover_with};

use super::spec::within;
use super::{Context, Input, Model, Regressor, Training, clusters};
use crate::run::{Equation, FrontPoint, Watch};
pub use elements::ElementProperty;
pub use exact::{ExactTerm, ExactTerms};
pub use file::LawFile;
use levels::Shape;
pub use proposers::LawProposer;
use proposers::Source;
pub use tables::Tables;

/// Settings of a law.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches of a study, each by its name"
)]
pub struct LawModelSettings {
    /// Functions that are looked at for one term.
    pub evaluations: u64,
    /// Largest number of nodes of one function.
    pub max_complexity: usize,
    /// Most functions of pairs, and of triples.
    pub max_terms: usize,
    /// What a nat of description costs in nats of evidence: 1 for the shortest
    /// description of all, less for more functions.
    pub thrift: f64,
    /// Pairs farther apart than this do not interact, Å.
    pub cutoff_angstrom: f64,
    /// The two shorter sides of a triple that interacts are not longer than this, Å;
    /// 0 for a law of pairs.
    pub triple_cutoff_angstrom: f64,
    /// Whether the law is to be carried to hosts that it does not learn from: it then
    /// speaks of roles even if it learns from one host alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub any_host: bool,
    /// A property of elements by which a law of any host tells what is shared: how much it
    /// changes where an element is replaced, and the sublattice, stand in place of roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_by: Option<ElementProperty>,
    /// Whether it is chosen for every function of pairs, by its evidence less its
    /// description, what the channels share of it: all but a coefficient; all but the
    /// product of a property of both defects (a vacancy or not, sublattice, and what
    /// changes of radius, electronegativity and valence); all; or nothing. Else each
    /// has a coefficient.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sharing: bool,
    /// Whether a defect may count otherwise where a mirror plane of the host through it maps
    /// the complex onto itself: states that the plane keeps apart cannot mix.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub mirrors: bool,
    /// What functions of pairs may depend on beside the distance.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pair_columns: Vec<PairColumn>,
    /// What all neighbours of one kind do to a defect together, beside what each does: how
    /// the values that a function has for them are gathered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub neighbourhood: Option<Gather>,
    /// Whether functions of triples may depend on the angles at the three defects, beside the
    /// sides.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub triple_angles: bool,
    /// Whether the levels of defects, of a quantity that is no total, are coupled in pairs:
    /// the lowest is then that of a matrix.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub coupled: bool,
    /// What proposes functions.
    #[serde(skip_serializing_if = "LawProposer::is_genetic")]
    pub proposer: LawProposer,
}

/// What is known of a pair beside its distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum PairColumn {
    /// On which shell of the host's sites, in the layer, each defect sees the other: 1 for
    /// the nearest; 0 where one is on no site of the host.
    Shell,
    /// 1 where that number is odd, else 0.
    Parity,
    /// The angle in the layer to the nearest shortest vector of the lattice, in radians:
    /// in a hexagonal lattice from 0 (zigzag) to π/6 (armchair).
    Angle,
}

impl Default for LawModelSettings {
    fn default() -> Self {
        let search = LawSettings::default();
        Self {
            evaluations: search.evaluations,
            max_complexity: search.max_complexity,
            max_terms: search.max_terms,
            thrift: search.thrift,
            cutoff_angstrom: 16.0,
            triple_cutoff_angstrom: 9.0,
            any_host: false,
            shared_by: None,
            sharing: false,
            mirrors: false,
            pair_columns: Vec::new(),
            neighbourhood: None,
            triple_angles: false,
            coupled: false,
            proposer: LawProposer::Genetic,
        }
    }
}

impl LawModelSettings {
    pub(crate) fn checked(self) -> Result<Self> {
        within("evaluations", self.evaluations as f64, 1e9)?;
        within("max_complexity", self.max_complexity as f64, 1000.0)?;
        within("max_terms", self.max_terms as f64, 100.0)?;
        within("1 + thrift", 1.0 + self.thrift, 100.0)?;
        within("cutoff_angstrom", self.cutoff_angstrom, 50.0)?;
        within(
            "1 + triple_cutoff_angstrom",
            1.0 + self.triple_cutoff_angstrom,
            50.0,
        )?;
        if self.shared_by.is_some() && !self.any_host {
            crate::refuse!("shared_by: expected any_host = true beside it");
        }
        if self.shared_by.is_some() && self.sharing {
            crate::refuse!(
                "shared_by: expected sharing = false beside it, which chooses among all properties"
            );
        }
        if self.neighbourhood == Some(Gather::Sum) {
            crate::refuse!(
                "neighbourhood: expected mean, min, max, soft-min or norm, found sum: pairs add up already"
            );
        }
        for (place, column) in self.pair_columns.iter().enumerate() {
            if self.pair_columns[..place].contains(column) {
                crate::refuse!("pair_columns: each at most once, found {column:?} twice");
            }
        }
        Ok(self)
    }

    fn search(&self) -> LawSettings {
        LawSettings {
            evaluations: self.evaluations,
            max_complexity: self.max_complexity,
            max_terms: self.max_terms,
            thrift: self.thrift,
            sharing: self.sharing,
            ..LawSettings::default()
        }
    }
}

impl Regressor for LawModelSettings {
    fn fit(&self, training: &Training<'_>, context: &Context<'_>) -> Result<Box<dyn Model>> {
        let all = training.all();
        let clusters = clusters(&all.inputs)?;
        let shape = Shape::new(self, training.property.per_defect, &clusters);
        let parts = shape.parts(&clusters);
        let source = match self.proposer {
            LawProposer::Genetic => Source::Genetic,
            LawProposer::Segvae => Source::autoencoders(&parts, &self.search(), context)?,
        };
        let (seed, watch) = (context.seed, context.watch);
        let (law, stages) = found(&shape, &parts, &all.targets, &source, seed, watch)?;
        Ok(Box::new(Fitted {
            unit: training.property.unit.clone(),
            shape,
            law,
            stages,
        }))
    }
}

/// Finds a law on one thread.
fn found(
    shape: &Shape,
    parts: &Parts,
    targets: &[f64],
    source: &Source,
    seed: u64,
    watch: &Watch,
) -> Result<(Law, Vec<Stage>)> {
    let settings = shape.settings.search();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    Ok(pool.install(|| {
        discover_with(
            parts,
            targets,
            shape.rise(),
            &settings,
            &|asked| source.proposer(asked, &settings),
            seed,
            &mut || watch.flow(),
        )
    })?)
}

struct Fitted {
    unit: String,
    shape: Shape,
    law: Law,
    stages: Vec<Stage>,
}

impl Model for Fitted {
    fn predict(&self, inputs: &[Input<'_>]) -> Result<Vec<f64>> {
        let clusters = clusters(inputs)?;
        Ok(self.law.predict(&self.shape.parts(&clusters))?)
    }

    fn complexity(&self) -> Option<usize> {
        Some(self.law.complexity())
    }

    fn equation(&self) -> Option<Equation> {
        Some(text::equation(&self.law, &self.unit))
    }

    fn front(&self) -> Vec<FrontPoint> {
        let last = self.stages.len().saturating_sub(1);
        let stages = self.stages.iter().enumerate();
        stages
            .map(|(index, stage)| FrontPoint {
                complexity: stage.complexity,
                train_mae: stage.error,
                validation_mae: None,
                text: format!("{}: {} ({:.1} nats)", stage.level, stage.shape, stage.gain),
                chosen: index == last,
            })
            .collect()
    }
}
