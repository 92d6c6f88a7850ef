//! The settings of a fit, with the names and the defaults of `CatBoost`.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// What is minimised; `t` is the target and `a` the prediction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Loss {
    /// `√mean((t - a)²)`
    #[serde(rename = "RMSE")]
    Rmse,
    /// `mean|t - a|`
    #[serde(rename = "MAE")]
    Mae,
    /// `mean(α·max(t - a, 0) + (1 - α)·max(a - t, 0))`
    Quantile {
        /// Which quantile, in `(0, 1)`.
        alpha: f64,
    },
    /// `½·(t - a)²` up to `|t - a| = δ`, then `δ·(|t - a| - ½·δ)`
    Huber {
        /// Where the square ends, in units of the target.
        delta: f64,
    },
}

/// How the gain of a split is measured.
///
/// With the sums of gradients `G` and of weights `W` in a leaf, its value is
/// `v = G/(W + λ)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScoreFunction {
    /// `Σ v·G`, the fall of the squared error.
    L2,
    /// `Σ v·G / √(Σ v²·W)`, the cosine between the gradients and the leaves'
    /// values, up to the length of the former.
    Cosine,
}

/// How rows are drawn for the structure of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BootstrapType {
    /// Every row, with weight 1.
    No,
    /// Every row, with weight `(-ln u)^T` for `u` uniform in `(0, 1)`.
    Bayesian,
    /// A row with probability `subsample`, with weight 1.
    Bernoulli,
    /// A row with a probability that grows with its gradient, weighted by the
    /// inverse of it (Ibragimov & Gusev 2019).
    #[serde(rename = "MVS")]
    Mvs,
}

/// How the value of a leaf is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LeafEstimationMethod {
    /// `Σ w·g / (Σ w + λ)`
    Gradient,
    /// `Σ w·g / (-Σ w·h + λ)`, with the second derivatives `h`.
    Newton,
    /// The minimum of the loss in the leaf: a weighted quantile.
    Exact,
}

/// Which gradients a tree's structure sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BoostingType {
    /// Those of the model so far.
    Plain,
    /// Those of models that were not fitted to the row: rows stand in random
    /// orders, and a row's gradient comes from the rows before it (Prokhorenkova
    /// et al. 2018).
    Ordered,
}

/// Which shape a tree has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum GrowPolicy {
    /// One split for all leaves of a level.
    SymmetricTree,
    /// A split of its own for every leaf of a level.
    Depthwise,
}

/// Which columns share the noise that is drawn between columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoiseGroups {
    /// None: it is drawn for every column.
    #[default]
    Columns,
    /// Those that `CatBoost` stores together: bundles of columns that are never both
    /// above their lowest bin, and packs of eight columns of one border.
    Stored,
    /// Packs only, as with its `dev_efb_max_buckets = 0`.
    Packed,
}

impl NoiseGroups {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over a reference"
    )]
    fn is_default(&self) -> bool {
        *self == Self::Columns
    }
}

/// The settings of a fit.
///
/// Names and defaults are those of `CatBoost` on a processor. Numbers that it
/// holds in single precision (rates and regularisers) are rounded to it here
/// too, so that the two agree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Number of trees at most.
    pub iterations: usize,
    /// Factor on every tree; `None` takes [`automatic_rate`](crate::automatic_rate)
    /// for [`Loss::Rmse`] with default leaves, and 0.03 otherwise.
    pub learning_rate: Option<f64>,
    /// Number of levels of a tree, at most 16.
    pub depth: usize,
    /// `λ` of the leaves, per mean weight of a row.
    pub l2_leaf_reg: f64,
    /// Noise on the scores of splits, in units of the root mean square of the
    /// gradients; falls as the model grows.
    pub random_strength: f64,
    /// Share of the columns that a level may split.
    pub rsm: f64,
    /// Number of borders per column, at most 254.
    pub border_count: usize,
    /// What is minimised.
    pub loss_function: Loss,
    /// How splits are compared.
    pub score_function: ScoreFunction,
    /// How rows are drawn.
    pub bootstrap_type: BootstrapType,
    /// Share of the rows drawn by `Bernoulli` and `MVS`; `None` is 0.8, and 1
    /// for fewer than 100 rows.
    pub subsample: Option<f64>,
    /// `T` of the Bayesian bootstrap.
    pub bagging_temperature: f64,
    /// `λ` of MVS, in units of the squared gradient; `None` is the square of the
    /// last tree's mean absolute leaf value.
    pub mvs_reg: Option<f64>,
    /// How leaf values are found; `None` is `Exact` for `MAE` and `Quantile`,
    /// and `Newton` otherwise.
    pub leaf_estimation_method: Option<LeafEstimationMethod>,
    /// Steps to a leaf's value.
    pub leaf_estimation_iterations: usize,
    /// Whether the best constant comes first; `None` is yes but for `Huber`.
    pub boost_from_average: Option<bool>,
    /// Which gradients a tree's structure sees.
    pub boosting_type: BoostingType,
    /// Number of orders of the rows, one of which fits the leaves (`Ordered`).
    pub permutation_count: usize,
    /// Growth of the prefixes of an order (`Ordered`).
    pub fold_len_multiplier: f64,
    /// Which columns share a draw of noise.
    #[serde(skip_serializing_if = "NoiseGroups::is_default")]
    pub noise_groups: NoiseGroups,
    /// Which shape a tree has.
    pub grow_policy: GrowPolicy,
    /// Leaves with fewer rows are not split (`Depthwise`).
    pub min_data_in_leaf: usize,
    /// Stops when the validation loss has not fallen for this many trees.
    pub od_wait: Option<usize>,
    /// Whether the model is cut after its best tree on the validation table;
    /// `None` is yes where there is one.
    pub use_best_model: Option<bool>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            iterations: 1000,
            learning_rate: None,
            depth: 6,
            l2_leaf_reg: 3.0,
            random_strength: 1.0,
            rsm: 1.0,
            border_count: 254,
            loss_function: Loss::Rmse,
            score_function: ScoreFunction::Cosine,
            bootstrap_type: BootstrapType::Mvs,
            subsample: None,
            bagging_temperature: 1.0,
            mvs_reg: None,
            leaf_estimation_method: None,
            leaf_estimation_iterations: 1,
            boost_from_average: None,
            boosting_type: BoostingType::Plain,
            permutation_count: 4,
            fold_len_multiplier: 2.0,
            noise_groups: NoiseGroups::Columns,
            grow_policy: GrowPolicy::SymmetricTree,
            min_data_in_leaf: 1,
            od_wait: None,
            use_best_model: None,
        }
    }
}

impl Settings {
    /// Checks every range.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for the first setting outside of its range,
    /// [`Error::Leaves`] for leaf values that the loss does not have.
    pub fn check(&self) -> Result<()> {
        self.check_numbers()?;
        self.check_counts()?;
        self.check_loss()
    }

    fn check_numbers(&self) -> Result<()> {
        let share = |x: f64| x > 0.0 && x <= 1.0;
        let natural = |x: f64| x >= 0.0 && x.is_finite();
        let rate = self.learning_rate.unwrap_or(1.0);
        require("learning_rate", "in (0, 1]", rate, share(rate))?;
        let subsample = self.subsample.unwrap_or(1.0);
        require("subsample", "in (0, 1]", subsample, share(subsample))?;
        require("rsm", "in (0, 1]", self.rsm, share(self.rsm))?;
        for (name, value) in [
            ("l2_leaf_reg", self.l2_leaf_reg),
            ("random_strength", self.random_strength),
            ("bagging_temperature", self.bagging_temperature),
            ("mvs_reg", self.mvs_reg.unwrap_or(0.0)),
        ] {
            require(name, "at least 0", value, natural(value))?;
        }
        let growth = self.fold_len_multiplier;
        require(
            "fold_len_multiplier",
            "above 1",
            growth,
            growth > 1.0 && growth.is_finite(),
        )
    }

    fn check_counts(&self) -> Result<()> {
        let count = |name, expected, value: usize, range: std::ops::RangeInclusive<usize>| {
            require(name, expected, value as f64, range.contains(&value))
        };
        count("iterations", "at least 1", self.iterations, 1..=usize::MAX)?;
        count("depth", "1 to 16", self.depth, 1..=16)?;
        count("border_count", "1 to 254", self.border_count, 1..=254)?;
        count(
            "leaf_estimation_iterations",
            "at least 1",
            self.leaf_estimation_iterations,
            1..=usize::MAX,
        )?;
        count(
            "permutation_count",
            "at least 1",
            self.permutation_count,
            1..=usize::MAX,
        )?;
        let wait = self.od_wait.unwrap_or(1);
        count("od_wait", "at least 1", wait, 1..=usize::MAX)?;
        let ordered = self.boosting_type == BoostingType::Ordered;
        let depthwise = self.grow_policy == GrowPolicy::Depthwise;
        require(
            "grow_policy",
            "symmetric for ordered boosting",
            f64::from(u8::from(depthwise)),
            !(ordered && depthwise),
        )
    }

    fn check_loss(&self) -> Result<()> {
        match self.loss_function {
            Loss::Quantile { alpha } => {
                require("alpha", "in (0, 1)", alpha, alpha > 0.0 && alpha < 1.0)?;
            }
            Loss::Huber { delta } => {
                let fits = delta > 0.0 && delta.is_finite();
                require("delta", "positive and finite", delta, fits)?;
            }
            Loss::Rmse | Loss::Mae => {}
        }
        match (self.loss_function, self.leaf_method()) {
            (Loss::Rmse | Loss::Huber { .. }, LeafEstimationMethod::Exact) => Err(Error::Leaves {
                method: "Exact",
                expected: "`Gradient` and `Newton`",
            }),
            (Loss::Mae | Loss::Quantile { .. }, LeafEstimationMethod::Newton) => {
                Err(Error::Leaves {
                    method: "Newton",
                    expected: "`Exact` and `Gradient`",
                })
            }
            _ => Ok(()),
        }
    }

    /// How leaf values are found, after the loss.
    pub(crate) fn leaf_method(&self) -> LeafEstimationMethod {
        self.leaf_estimation_method
            .unwrap_or(match self.loss_function {
                Loss::Mae | Loss::Quantile { .. } => LeafEstimationMethod::Exact,
                Loss::Rmse | Loss::Huber { .. } => LeafEstimationMethod::Newton,
            })
    }

    /// Whether the best constant comes first, after the loss.
    pub(crate) fn starts_at_average(&self) -> bool {
        self.boost_from_average
            .unwrap_or(!matches!(self.loss_function, Loss::Huber { .. }))
    }
}

fn require(name: &'static str, expected: &'static str, value: f64, fits: bool) -> Result<()> {
    if fits {
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
    fn a_setting_of_another_name_is_refused() {
        assert!(serde_json::from_str::<Settings>(r#"{"trees": 3}"#).is_err());
        let settings: Settings =
            serde_json::from_str(r#"{"loss_function": {"Quantile": {"alpha": 0.3}}}"#).unwrap();
        assert_eq!(settings.loss_function, Loss::Quantile { alpha: 0.3 });
        assert_eq!(settings.iterations, 1000);
    }

    #[test]
    fn a_setting_out_of_range_is_refused_by_name() {
        let settings = Settings {
            depth: 17,
            ..Settings::default()
        };
        let text = settings.check().unwrap_err().to_string();
        assert_eq!(text, "`depth` must be 1 to 16, found 17");
    }

    #[test]
    fn leaves_that_a_loss_does_not_have_are_refused() {
        let settings = Settings {
            leaf_estimation_method: Some(LeafEstimationMethod::Exact),
            ..Settings::default()
        };
        assert!(matches!(settings.check(), Err(Error::Leaves { .. })));
    }
}
