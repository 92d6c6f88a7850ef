//! The loop over the trees.

use std::ops::ControlFlow;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::bootstrap::draw_weights;
use crate::depthwise::grow_depthwise;
use crate::error::Result;
use crate::groups::{ColumnGroups, column_groups};
use crate::grow::{Growth, Noise, Part, grow};
use crate::held::{Held, Validation};
use crate::leaf::{LeafProblem, LeafRule, leaf_values};
use crate::model::Model;
use crate::normal::Normal;
use crate::ordered::Orders;
use crate::rate::automatic_rate;
use crate::score::{Statistics, Sums};
use crate::settings::{BoostingType, GrowPolicy, Loss, Settings};
use crate::table::{Column, check_columns, check_targets, checked_weights, quantise};
use crate::tree::{Shape, Tree, leaf_weights};

/// How a fit goes, after a tree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Number of trees so far.
    pub iteration: usize,
    /// Loss of the training rows, as [`Loss::mean`].
    pub training: f64,
    /// Loss of the validation rows.
    pub validation: Option<f64>,
}

/// Fits a model.
///
/// Every tree is fitted to the gradients of the loss at the model so far, and
/// added to it with the learning rate as a factor. With a validation table the
/// model is cut after its best tree, unless `use_best_model` says otherwise.
///
/// - `columns`: `(columns, n)`; what is not a number lies below all numbers.
/// - `targets`: `(n,)`, finite.
/// - `weights`: `(n,)`, at least 0; `None` is 1 for every row.
/// - `watch`: called after every tree; may end the fit.
///
/// The same arguments give the same model, to the last bit.
///
/// # Errors
///
/// Any [`Error`](crate::Error) but that of a model that is read.
///
/// # Examples
///
/// ```
/// use std::ops::ControlFlow::Continue;
///
/// let x: Vec<f64> = (0..40).map(f64::from).collect();
/// let y: Vec<f64> = x.iter().map(|x| (x / 5.0).sin()).collect();
/// let settings = boost::Settings {
///     iterations: 200,
///     ..boost::Settings::default()
/// };
/// let columns = [x];
/// let model = boost::fit(&columns, &y, None, None, &settings, 0, |_| Continue(()))?;
/// let error = model.predict(&columns)?[10] - y[10];
/// assert!(error.abs() < 0.1);
/// # Ok::<(), boost::Error>(())
/// ```
///
/// # Source
///
/// Friedman, *Ann. Stat.* **29**, 1189 (2001); Prokhorenkova et al., *NeurIPS*
/// (2018), arXiv:1706.09516.
pub fn fit(
    columns: &[Vec<f64>],
    targets: &[f64],
    weights: Option<&[f64]>,
    validation: Option<Validation>,
    settings: &Settings,
    seed: u64,
    mut watch: impl FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Model> {
    settings.check()?;
    check_columns(columns, targets.len())?;
    check_targets(targets)?;
    let weights = checked_weights(weights, targets.len())?;
    let (borders, columns) = quantise(columns, settings.border_count);
    let mut fit = Fit::new(
        &columns,
        targets,
        &weights,
        validation.is_some(),
        settings,
        seed,
    );
    let mut model = Model {
        bias: fit.bias,
        borders,
        trees: Vec::new(),
    };
    let mut held = match validation {
        Some(table) => Some(Held::new(&model, table)?),
        None => None,
    };
    for iteration in 1..=settings.iterations {
        let tree = fit.next_tree(iteration - 1);
        let validation = held
            .as_mut()
            .map(|held| held.add(&tree, settings.loss_function));
        model.trees.push(tree);
        let progress = Progress {
            iteration,
            training: fit.loss(),
            validation,
        };
        let waited = held
            .as_ref()
            .is_some_and(|held| held.waited(settings.od_wait));
        if watch(&progress).is_break() || waited {
            break;
        }
    }
    if let Some(held) = held
        && settings.use_best_model.unwrap_or(true)
    {
        model.trees.truncate(held.best.0);
    }
    Ok(model)
}

/// The state of a fit.
struct Fit<'a> {
    settings: &'a Settings,
    columns: &'a [Column],
    column_groups: ColumnGroups,
    targets: &'a [f64],
    weights: &'a [f64],
    rate: f64,
    bias: f64,
    predictions: Vec<f64>,
    /// In ordered boosting.
    orders: Option<Orders>,
    /// Values of the last tree's leaves.
    leaves: Vec<f64>,
    normal: Normal,
    random: ChaCha8Rng,
}

impl<'a> Fit<'a> {
    fn new(
        columns: &'a [Column],
        targets: &'a [f64],
        weights: &'a [f64],
        validated: bool,
        settings: &'a Settings,
        seed: u64,
    ) -> Self {
        let bias = if settings.starts_at_average() {
            settings.loss_function.best_constant(targets, weights)
        } else {
            0.0
        };
        let best_model = validated && settings.use_best_model.unwrap_or(true);
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let orders = match settings.boosting_type {
            BoostingType::Plain => None,
            BoostingType::Ordered => {
                Some(Orders::new(settings, targets, weights, bias, &mut random))
            }
        };
        Self {
            settings,
            columns,
            column_groups: column_groups(columns, settings.noise_groups),
            targets,
            weights,
            rate: learning_rate(settings, targets.len(), best_model),
            bias,
            predictions: vec![bias; targets.len()],
            orders,
            leaves: Vec::new(),
            normal: Normal::new(),
            random,
        }
    }

    fn loss(&self) -> f64 {
        let loss = self.settings.loss_function;
        loss.mean(self.targets, &self.predictions, self.weights)
    }

    fn next_tree(&mut self, iteration: usize) -> Tree {
        let (shape, leaf_of) = self.structure(iteration);
        let leaves = shape.leaf_count();
        let rule = LeafRule {
            loss: self.settings.loss_function,
            method: self.settings.leaf_method(),
            iterations: self.settings.leaf_estimation_iterations,
            l2: single(self.settings.l2_leaf_reg),
        };
        let problem = LeafProblem {
            rule,
            targets: self.targets,
            weights: self.weights,
            predictions: &self.predictions,
        };
        let mut values = leaf_values(&problem, &leaf_of, leaves);
        for value in &mut values {
            *value *= self.rate;
        }
        for (prediction, &leaf) in self.predictions.iter_mut().zip(&leaf_of) {
            *prediction += values[leaf as usize];
        }
        if let Some(orders) = &mut self.orders {
            orders.add(rule, &leaf_of, leaves, self.rate);
        }
        self.leaves.clone_from(&values);
        Tree {
            shape,
            values,
            weights: leaf_weights(&leaf_of, self.weights, leaves),
        }
    }

    fn structure(&mut self, iteration: usize) -> (Shape, Vec<u32>) {
        let length = iteration as f64 * self.rate;
        let loss = self.settings.loss_function;
        let l2 = single(self.settings.l2_leaf_reg);
        if let Some(orders) = &self.orders {
            let order = orders.draw(&mut self.random);
            let gradients = order.gradients(loss);
            let growth = self.growth(order.mean_square(&gradients), length);
            let drawn = draw_weights(self.settings, &gradients, &self.leaves, &mut self.random);
            return self.grow(&order.parts(loss, l2, &drawn), &growth);
        }
        let rows = self.targets.iter().zip(&self.predictions).zip(self.weights);
        let gradients: Vec<f64> = rows.map(|((t, a), w)| w * loss.gradient(*t, *a)).collect();
        let square: f64 = gradients.iter().map(|g| g * g).sum();
        let growth = self.growth(square / gradients.len() as f64, length);
        let drawn = draw_weights(self.settings, &gradients, &self.leaves, &mut self.random);
        let part = self.part(&gradients, &drawn, l2);
        if self.settings.grow_policy == GrowPolicy::Depthwise {
            let least = self.settings.min_data_in_leaf;
            let mut noise = Noise {
                normal: &self.normal,
                random: &mut self.random,
            };
            return grow_depthwise(
                self.columns,
                &self.column_groups,
                &part,
                &growth,
                least,
                &mut noise,
            );
        }
        self.grow(&[part], &growth)
    }

    /// All rows, as drawn.
    fn part(&self, gradients: &[f64], drawn: &[f64], l2: f64) -> Part<Sums> {
        let rows = gradients.iter().zip(self.weights).zip(drawn);
        let sums = |((&gradient, &weight), &drawn): ((&f64, &f64), &f64)| {
            Sums { gradient, weight }.times(drawn)
        };
        let mean = self.weights.iter().sum::<f64>() / self.weights.len() as f64;
        Part {
            rows: rows.map(sums).collect(),
            l2: l2 * mean,
        }
    }

    fn grow<S: Statistics>(&mut self, parts: &[Part<S>], growth: &Growth) -> (Shape, Vec<u32>) {
        let mut noise = Noise {
            normal: &self.normal,
            random: &mut self.random,
        };
        let (splits, leaf_of) = grow(self.columns, &self.column_groups, parts, growth, &mut noise);
        (Shape::Symmetric(splits), leaf_of)
    }

    /// The growth of the next tree.
    ///
    /// Scores get noise of the size of the gradients' root mean square, times
    /// `s/(1 + s)` with `s = n·exp(-length)`: as good as all of it in a short
    /// model, and nothing in a long one.
    fn growth(&self, mean_square: f64, length: f64) -> Growth {
        let left = ((self.targets.len() as f64).ln() - length).exp();
        let strength = single(self.settings.random_strength);
        Growth {
            depth: self.settings.depth,
            function: self.settings.score_function,
            rsm: self.settings.rsm,
            noise: strength * mean_square.sqrt() * (left / (1.0 + left)),
        }
    }
}

/// The learning rate, in single precision.
fn learning_rate(settings: &Settings, rows: usize, best_model: bool) -> f64 {
    let default = Settings::default();
    let plain = settings.loss_function == Loss::Rmse
        && settings.leaf_estimation_method.is_none()
        && settings.leaf_estimation_iterations == default.leaf_estimation_iterations
        && (settings.l2_leaf_reg - default.l2_leaf_reg).abs() == 0.0;
    let rate = match settings.learning_rate {
        Some(rate) => rate,
        None if plain => {
            let average = settings.starts_at_average();
            automatic_rate(rows, settings.iterations, average, best_model)
        }
        None => 0.03,
    };
    single(rate)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "these settings are held in single precision"
)]
fn single(value: f64) -> f64 {
    f64::from(value as f32)
}
