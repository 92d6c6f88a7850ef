//! Gradient boosting on symmetric trees.
//!
//! A model is a sum of small trees, each fitted to what is left of the targets.
//! The trees are symmetric: all leaves of a level are split by the same column
//! at the same border, so that a tree is a table of `2^d` values, hard to
//! overfit and fast to apply. Tables of few rows and columns that mean something
//! are what such models are good at, and therefore they are what a formula or a
//! network has to beat.
//!
//! # Why so close to `CatBoost`?
//!
//! - Borders, scores, samplings, noise and defaults follow it, so that a
//!   comparison with published numbers is a comparison with the same model.
//! - Without randomness the two agree to rounding, which is tested.
//!
//! # Where they differ
//!
//! - The random numbers are others: models agree in the mean only.
//! - Two columns that part the rows of a level alike have the same score, and
//!   rounding decides. This is common with the gradients of `MAE` and `Quantile`,
//!   which have three values.
//! - Targets are not rounded to single precision.
//! - Noise on scores is drawn for every column here. There it is drawn once for
//!   columns that are stored together, which makes it worse where many columns are
//!   sparse; [`NoiseGroups`] can do the same.
//! - A column is of numbers: there are no categories here, no groups of rows and
//!   no losses of ranks or classes.
//! - `Huber` with several steps per leaf gives a constant in version 1.2.10, and
//!   the Shapley values of its branching trees do not sum to the predictions.
//!
//! # Invariants
//!
//! 1. The same table, settings and seed give the same model, to the last bit.
//! 2. A model knows a column only by the order of its values.
//!
//! # Where to start
//!
//! [`fit`] is the loop over the trees, `grow` the search for the splits of one
//! and `score` its inner loop; `borders` comes before all of them.
//!
//! The method is that of Prokhorenkova, Gusev, Vorobev, Dorogush & Gulin,
//! *NeurIPS* (2018), arXiv:1706.09516.

mod bootstrap;
mod borders;
mod depthwise;
mod error;
mod fit;
mod groups;
mod grow;
mod heap;
mod held;
mod importance;
mod leaf;
mod loss;
mod model;
mod normal;
mod ordered;
mod paths;
mod rate;
mod score;
mod settings;
mod shap;
mod table;
mod tree;

pub use borders::select_borders;
pub use error::{Error, Result};
pub use fit::{Progress, fit};
pub use held::Validation;
pub use model::Model;
pub use rate::automatic_rate;
pub use settings::{
    BoostingType, BootstrapType, GrowPolicy, LeafEstimationMethod, Loss, NoiseGroups,
    ScoreFunction, Settings,
};
pub use shap::Shap;
pub use tree::{Child, Node, Shape, Split, Tree};
