//! The models that a study compares.
//!
//! A [`Regressor`] can fit; what it returns is a [`Model`], which can predict.
//! A model gets structures only: it cannot see a test target.
//!
//! # Where to start
//!
//! A new model is one file here and a variant of [`ModelSpec`]: the matches
//! are without a wildcard, so the compiler lists what is still to be written.

mod best_of;
mod catboost;
mod cluster_expansion;
mod columns;
mod evidence;
mod external;
mod features;
mod formula;
mod gaussian_process;
mod hosts;
mod kind_median;
mod law;
mod mean;
mod network;
mod ridge;
mod segvae;
mod shelf;
mod spec;
mod symbolic;

use anyhow::Result;
use crystal::{DefectCluster, Structure};

use crate::dataset::Property;
use crate::run::{Candidate, Equation, FrontPoint, Keep, Step, Watch};

pub use catboost::CatBoostSettings;
pub use features::Memo;
pub use law::{
    ElementProperty, ExactTerm, ExactTerms, LawFile, LawModelSettings, LawProposer, PairColumn,
    Tables,
};
pub use network::NetworkFile;
pub use spec::ModelSpec;

/// What a model sees of a structure.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Unrelaxed.
    pub structure: &'a Structure,
    /// Its point defects, if the crystal before them is known.
    pub defects: Option<&'a DefectCluster>,
    /// Where features are remembered that take long to compute.
    pub memo: Option<&'a Memo>,
}

impl<'a> Input<'a> {
    /// A structure whose features are not remembered.
    #[must_use]
    pub fn new(structure: &'a Structure, defects: Option<&'a DefectCluster>) -> Self {
        Self {
            structure,
            defects,
            memo: None,
        }
    }

    /// The point defects.
    ///
    /// # Errors
    ///
    /// If the data set does not name the host crystal.
    pub fn cluster(&self) -> Result<&'a DefectCluster> {
        match self.defects {
            Some(defects) => Ok(defects),
            None => crate::refuse!(
                "this model needs the point defects, but the data set names no host crystal ([host] in dataset.toml)"
            ),
        }
    }
}

/// The point defects of many structures.
///
/// # Errors
///
/// As [`Input::cluster`].
pub(crate) fn clusters<'a>(inputs: &[Input<'a>]) -> Result<Vec<&'a DefectCluster>> {
    inputs.iter().map(Input::cluster).collect()
}

/// Structures and what is to be predicted of them.
#[derive(Debug, Clone, Default)]
pub struct Part<'a> {
    /// The structures.
    pub inputs: Vec<Input<'a>>,
    /// One value a structure, in the property's unit.
    pub targets: Vec<f64>,
    /// How much each counts, 1 in the mean; if not given, all alike. Networks and
    /// boosting follow it, other models take all alike.
    pub weights: Option<Vec<f64>>,
}

impl Part<'_> {
    /// Those at the places for which this says yes.
    #[must_use]
    fn chosen(&self, is_in: impl Fn(usize) -> bool) -> Self {
        let places = || (0..self.targets.len()).filter(|&place| is_in(place));
        Self {
            inputs: places().map(|place| self.inputs[place]).collect(),
            targets: places().map(|place| self.targets[place]).collect(),
            weights: (self.weights.as_ref())
                .map(|weights| places().map(|place| weights[place]).collect()),
        }
    }
}

/// A training subsample.
#[derive(Debug, Clone)]
pub struct Training<'a> {
    /// To fit on.
    pub fit: Part<'a>,
    /// To select on: hyper-parameters, early stopping, which formula.
    pub validation: Part<'a>,
    /// What the targets are.
    pub property: &'a Property,
}

impl<'a> Training<'a> {
    /// Both parts together, for models that select nothing.
    #[must_use]
    pub fn all(&self) -> Part<'a> {
        let mut all = self.fit.clone();
        all.inputs.extend(&self.validation.inputs);
        all.targets.extend(&self.validation.targets);
        if let (Some(all), Some(more)) = (&mut all.weights, &self.validation.weights) {
            all.extend(more);
        }
        all
    }
}

/// What a fit may use besides the data.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Where its random numbers start.
    pub seed: u64,
    /// When it must stop.
    pub watch: &'a Watch,
    /// Where it may keep files.
    pub keep: &'a Keep,
    /// Is to be told what it does.
    pub step: &'a Step<'a>,
    /// Where networks are trained.
    pub device: &'a gnn::Device,
}

/// Something that can be fitted.
pub trait Regressor: Send + Sync {
    /// Learns from a training subsample.
    ///
    /// # Errors
    ///
    /// If the data lack what the model needs, or the fit fails: the trial is
    /// then a failed row.
    fn fit(&self, training: &Training<'_>, context: &Context<'_>) -> Result<Box<dyn Model>>;
}

/// Something that can predict.
pub trait Model {
    /// One value a structure, in the property's unit.
    ///
    /// # Errors
    ///
    /// If a structure lacks what the model needs.
    fn predict(&self, inputs: &[Input<'_>]) -> Result<Vec<f64>>;

    /// Number of nodes of a formula, or of parameters.
    fn complexity(&self) -> Option<usize>;

    /// The found formula, for models that find one.
    fn equation(&self) -> Option<Equation> {
        None
    }

    /// What the formula was chosen from.
    fn front(&self) -> Vec<FrontPoint> {
        Vec::new()
    }

    /// What the model itself was chosen from.
    fn candidates(&self) -> Vec<Candidate> {
        Vec::new()
    }
}
