//! Fitting a network to targets.
//!
//! Targets are standardised with the mean and standard deviation of the
//! *training* part; everything reported is in their own unit again. One epoch
//! is one pass over the shuffled training part, or as many draws from it. What is selected (the best
//! epoch, an early end) is selected on the validation part; without one, all
//! epochs are run and the last one counts.
//!
//! Work is counted in epochs, never in seconds, and initial weights and shuffles
//! come from a seed: equal arguments give equal networks.

mod average;
mod optimizer;
mod recipe;
mod sampling;
mod saved;
mod schedule;
mod state;
mod trained;

pub use optimizer::Optimizer;
pub use recipe::{Loss, Recipe};
pub use saved::Description;
pub use schedule::Schedule;
pub use trained::Trained;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;

use candle_core::{DType, Device, Tensor};
use crystal::CrystalGraph;

use crate::batch::{Batch, FlatGraph};
use crate::network::NetworkConfig;
use crate::parameters::{Place, constant};
use crate::radial::positive;
use crate::{Error, Result};
use average::Average;
use optimizer::{Adam, Gradients};
use sampling::Sampling;
use schedule::Rate;
use trained::Scale;

/// Graphs with a target for each.
#[derive(Debug, Clone, Copy)]
pub struct Samples<'a> {
    /// Made with the cutoff of the network.
    pub graphs: &'a [CrystalGraph],
    /// In any one unit.
    pub targets: &'a [f64],
}

/// What a pass over the training part came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epoch {
    /// Counted from 1.
    pub number: usize,
    /// Mean loss over the pass, of standardised targets.
    pub loss: f64,
    /// Mean absolute error over the pass, while the weights were changing; in
    /// the unit of the targets.
    pub train_error: f64,
    /// Mean absolute error on the validation part after the pass, in the unit of
    /// the targets.
    pub validation_error: Option<f64>,
    /// Learning rate of the last step.
    pub learning_rate: f64,
}

/// Fits a network, on the CPU.
///
/// - `seed`: of initial weights and shuffles.
/// - `on_epoch`: sees every epoch, and ends the training by returning `Break`;
///   what was best until then is returned.
///
/// # Errors
///
/// Those of [`Trainer::new`] and [`Trainer::epoch`].
pub fn train(
    config: &NetworkConfig,
    recipe: &Recipe,
    training: Samples<'_>,
    validation: Option<Samples<'_>>,
    seed: u64,
    on_epoch: &mut dyn FnMut(&Epoch) -> ControlFlow<()>,
) -> Result<Trained> {
    let device = Device::Cpu;
    let mut trainer = Trainer::new(config, recipe, training, validation, seed, &device)?;
    while let Some(epoch) = trainer.epoch()? {
        if on_epoch(&epoch).is_break() {
            break;
        }
    }
    trainer.finish()
}

/// Samples as columns, checked.
#[derive(Debug, Clone)]
struct Prepared {
    graphs: Vec<FlatGraph>,
    targets: Vec<f64>,
    weights: Option<Vec<f64>>,
}

impl Prepared {
    fn new(config: &NetworkConfig, samples: Samples<'_>) -> Result<Self> {
        let Samples { graphs, targets } = samples;
        if graphs.len() != targets.len() {
            return Err(Error::Unpaired {
                graphs: graphs.len(),
                targets: targets.len(),
            });
        }
        if let Some(index) = targets.iter().position(|y| !y.is_finite()) {
            return Err(Error::TargetNotFinite {
                index,
                value: targets[index],
            });
        }
        Ok(Self {
            graphs: flatten(config, graphs)?,
            targets: targets.to_vec(),
            weights: None,
        })
    }

    fn weigh(&mut self, weights: &[f64]) -> Result<()> {
        if weights.len() != self.graphs.len() {
            return Err(Error::Unweighted {
                graphs: self.graphs.len(),
                weights: weights.len(),
            });
        }
        if let Some(&value) = weights.iter().find(|&&w| !(w >= 0.0 && w.is_finite())) {
            return Err(Error::Setting {
                name: "the weight of a structure",
                expected: "at least 0 and finite",
                value,
            });
        }
        self.weights = Some(weights.to_vec());
        Ok(())
    }
}

/// Flattens graphs for a network, and refuses those that it cannot see whole, and those
/// without what they are to be compared with.
fn flatten(config: &NetworkConfig, graphs: &[CrystalGraph]) -> Result<Vec<FlatGraph>> {
    let expected = config.compares();
    let mut references = graphs.iter().map(|graph| graph.reference().is_some());
    if let Some(index) = references.position(|has| has != expected) {
        return Err(Error::Reference { index, expected });
    }
    for reference in graphs.iter().filter_map(CrystalGraph::reference) {
        positive("what a difference is divided by", reference.divisor)?;
    }
    let flat = FlatGraph::several(graphs, config.edge_geometry());
    let checked = |graph: FlatGraph| graph.check_cutoff(config.cutoff()).map(|()| graph);
    flat.into_iter().map(checked).collect()
}

/// A training in progress.
///
/// It is done epoch by epoch; between two, its [state](Self::state) can be kept
/// and taken up again.
#[derive(Debug)]
pub struct Trainer<'a> {
    recipe: &'a Recipe,
    training: Arc<Prepared>,
    validation: Option<Arc<Prepared>>,
    trained: Trained,
    /// Where the weights begin; else at random.
    beginning: Option<Arc<Vec<Tensor>>>,
    optimizer: Adam,
    rate: Rate,
    sampling: Sampling,
    average: Option<Average>,
    best: Option<Best>,
}

/// The best epoch so far, on the validation part.
#[derive(Debug)]
struct Best {
    error: f64,
    epoch: usize,
    weights: Vec<Tensor>,
}

/// Sums over an epoch.
#[derive(Default)]
struct Sums {
    loss: f64,
    absolute: f64,
}

/// What some of the structures of a step come to.
struct Part {
    /// Their share of its loss.
    loss: f64,
    absolute: f64,
    gradients: Gradients,
}

impl<'a> Trainer<'a> {
    /// A network with fresh weights, and what it is to learn.
    ///
    /// - `seed`: of initial weights and shuffles.
    /// - `device`: where it is trained; weights and batches go there.
    ///
    /// # Errors
    ///
    /// [`Error::NoData`], [`Error::Unpaired`], [`Error::TargetNotFinite`],
    /// [`Error::BeyondCutoff`], [`Error::Reference`] and [`Error::UnknownSpecies`] for the samples;
    /// [`Error::Setting`] for the network or the recipe.
    pub fn new(
        config: &NetworkConfig,
        recipe: &'a Recipe,
        training: Samples<'_>,
        validation: Option<Samples<'_>>,
        seed: u64,
        device: &Device,
    ) -> Result<Self> {
        recipe.check()?;
        let training = Prepared::new(config, training)?;
        let validation = validation.map(|v| Prepared::new(config, v)).transpose()?;
        let validation = validation.filter(|v| !v.graphs.is_empty()).map(Arc::new);
        Self::start(config, recipe, Arc::new(training), validation, seed, device)
    }

    /// Another network that is to learn the same, from its beginning.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`], if the weights cannot be made.
    pub fn another(&self, seed: u64) -> Result<Self> {
        let (training, validation) = (self.training.clone(), self.validation.clone());
        let config = self.trained.config();
        let device = &self.trained.network().parameters().place().device;
        let another = Self::start(config, self.recipe, training, validation, seed, device)?;
        match &self.beginning {
            Some(weights) => another.begun(weights.clone()),
            None => Ok(another),
        }
    }

    /// The same with the weights of another training to begin with, as of one on more or
    /// cheaper data; the scale of the targets is that of these.
    ///
    /// # Errors
    ///
    /// [`Error::OtherNetwork`] if they are those of a network with other settings.
    pub fn starting_from(self, earlier: &Trained) -> Result<Self> {
        if earlier.config() != self.trained.config() {
            return Err(Error::OtherNetwork);
        }
        self.begun(Arc::new(earlier.network().parameters().snapshot()?))
    }

    fn begun(mut self, weights: Arc<Vec<Tensor>>) -> Result<Self> {
        let parameters = self.trained.network().parameters();
        parameters.restore(&weights)?;
        let average = self.recipe.average;
        self.average = average
            .map(|decay| Average::new(decay, parameters))
            .transpose()?;
        self.beginning = Some(weights);
        Ok(self)
    }

    fn start(
        config: &NetworkConfig,
        recipe: &'a Recipe,
        training: Arc<Prepared>,
        validation: Option<Arc<Prepared>>,
        seed: u64,
        device: &Device,
    ) -> Result<Self> {
        let count = training.graphs.len();
        if count == 0 {
            return Err(Error::NoData);
        }
        let place = Place {
            dtype: DType::F32,
            device: device.clone(),
        };
        let network = config.build_on(seed, place)?;
        // from everywhere: structures may be listed by what they are
        let few = recipe.batch_size.min(count);
        let few = (0..few).map(|k| &training.graphs[k * count / few]);
        network.prepare(&Batch::new(&few.collect::<Vec<_>>()))?;
        let mut sampling = Sampling::new(count, recipe.draws, seed);
        if let Some(weights) = &training.weights {
            sampling.weigh(weights);
        }
        let steps = recipe.epochs * sampling.length().div_ceil(recipe.batch_size);
        let parameters = network.parameters();
        let average = recipe.average.map(|decay| Average::new(decay, parameters));
        Ok(Self {
            recipe,
            optimizer: Adam::new(recipe.optimizer, parameters),
            average: average.transpose()?,
            rate: Rate::new(recipe.schedule, recipe.learning_rate, steps),
            sampling,
            beginning: None,
            best: None,
            trained: Trained::new(config.clone(), network, Scale::of(&training.targets)),
            validation,
            training,
        })
    }

    /// The same with a weight for every training structure.
    ///
    /// Where the recipe draws structures, it is the chance to be drawn. Else the loss
    /// of a step is the mean over its structures of weight times error; weights with
    /// a mean of 1 leave its size as it is. Errors that are reported, and those of
    /// the validation part, are without weights.
    ///
    /// # Errors
    ///
    /// [`Error::Unweighted`]; [`Error::Setting`] for a weight that is negative or
    /// not finite.
    pub fn weighted(mut self, weights: &[f64]) -> Result<Self> {
        Arc::make_mut(&mut self.training).weigh(weights)?;
        self.sampling.weigh(weights);
        Ok(self)
    }

    /// One pass over the training part, unless all are done or the validation
    /// error has not fallen for the recipe's patience.
    ///
    /// # Errors
    ///
    /// [`Error::Diverged`] when the loss stops being a number.
    pub fn epoch(&mut self) -> Result<Option<Epoch>> {
        if self.trained.epoch == self.recipe.epochs || self.is_stuck() {
            return Ok(None);
        }
        self.trained.epoch += 1;
        let order = self.sampling.next();
        let mut sums = Sums::default();
        for chosen in order.chunks(self.recipe.batch_size) {
            self.step(chosen, &mut sums)?;
        }
        let count = order.len() as f64;
        let train_error = self.trained.scale().spread() * sums.absolute / count;
        let learning_rate = self.rate.current();
        self.rate.end_epoch(train_error);
        Ok(Some(Epoch {
            number: self.trained.epoch,
            loss: sums.loss / count,
            train_error,
            validation_error: self.validate()?,
            learning_rate,
        }))
    }

    /// The network with the weights of the best epoch; without a validation
    /// part, of the last.
    ///
    /// # Errors
    ///
    /// [`Error::Tensor`], if the weights cannot be set.
    pub fn finish(mut self) -> Result<Trained> {
        if let Some(best) = &self.best {
            self.trained.network().parameters().restore(&best.weights)?;
            self.trained.epoch = best.epoch;
        } else {
            self.exchange_average()?;
        }
        Ok(self.trained)
    }

    /// Forward, backward, and a step of the optimizer.
    fn step(&mut self, chosen: &[u32], sums: &mut Sums) -> Result<()> {
        let count = chosen.len();
        let mut parts = chosen.chunks(count.div_ceil(self.recipe.parts));
        let first = parts.next().unwrap_or_default();
        let all: Vec<Result<Part>> = thread::scope(|scope| {
            let this = &*self;
            let others = parts.map(|part| scope.spawn(move || this.part(part, count)));
            let others: Vec<_> = others.collect();
            let first = this.part(first, count);
            let others = others.into_iter().map(|part| match part.join() {
                Ok(part) => part,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            std::iter::once(first).chain(others).collect()
        });
        let mut gradients: Option<Gradients> = None;
        for part in all {
            let part = part?;
            sums.loss += part.loss * count as f64;
            sums.absolute += part.absolute;
            match &mut gradients {
                Some(sum) => sum.add(part.gradients),
                None => gradients = Some(part.gradients),
            }
        }
        let parameters = self.trained.network().parameters();
        if let Some(gradients) = gradients {
            let rate = self.rate.next_step();
            let clip_norm = self.recipe.clip_norm;
            self.optimizer
                .step(parameters, &gradients, rate, clip_norm)?;
        }
        match &mut self.average {
            Some(average) => average.follow(parameters),
            None => Ok(()),
        }
    }

    /// What some of the structures of a step add to its loss.
    ///
    /// - `count`: structures of the step.
    fn part(&self, chosen: &[u32], count: usize) -> Result<Part> {
        let training = &self.training;
        let of =
            |values: &[f64]| -> Vec<f64> { chosen.iter().map(|&i| values[i as usize]).collect() };
        let graphs = chosen.iter().map(|&i| &training.graphs[i as usize]);
        let graphs: Vec<&FlatGraph> = graphs.collect();
        let scale = self.trained.scale();
        let mut targets = of(&training.targets);
        for target in &mut targets {
            *target = scale.standardise(*target);
        }
        let network = self.trained.network();
        let parameters = network.parameters();
        let per_graph = |values: &[f64]| constant(values, &[chosen.len()], parameters.place());
        let weights = training.weights.as_ref();
        let weights = weights.filter(|_| self.recipe.draws.is_none());
        let weights = weights.map(|weights| per_graph(&of(weights)));
        let residuals = (network.forward(&Batch::new(&graphs))? - per_graph(&targets)?)?;
        let loss = self
            .recipe
            .loss
            .of(&residuals, weights.transpose()?.as_ref())?;
        let loss = (loss * (chosen.len() as f64 / count as f64))?;
        let value = f64::from(loss.to_scalar::<f32>()?);
        if !value.is_finite() {
            return Err(Error::Diverged {
                epoch: self.trained.epoch,
                loss: value,
            });
        }
        let absolute = residuals.detach().to_vec1::<f32>()?;
        Ok(Part {
            loss: value,
            absolute: absolute.iter().map(|r| f64::from(r.abs())).sum(),
            gradients: Gradients::of(&loss, parameters)?,
        })
    }

    /// The average in place of the weights, if there is one; or back again.
    fn exchange_average(&mut self) -> Result<()> {
        match &mut self.average {
            Some(average) => average.exchange(self.trained.network().parameters()),
            None => Ok(()),
        }
    }

    /// The error on the validation part; the best is remembered.
    fn validate(&mut self) -> Result<Option<f64>> {
        if self.validation.is_none() {
            return Ok(None);
        }
        self.exchange_average()?;
        let error = self.validation.as_ref().map(|v| self.error_on(v));
        let error = error.transpose()?;
        if let Some(error) = error {
            self.remember(error)?;
        }
        self.exchange_average()?;
        Ok(error)
    }

    fn error_on(&self, validation: &Prepared) -> Result<f64> {
        let predicted =
            self.trained
                .predict_flat(&validation.graphs)
                .map_err(|error| match error {
                    Error::PredictionNotFinite { value, .. } => Error::Diverged {
                        epoch: self.trained.epoch,
                        loss: value,
                    },
                    other => other,
                })?;
        let pairs = predicted.iter().zip(&validation.targets);
        let sum: f64 = pairs.map(|(p, y)| (p - y).abs()).sum();
        Ok(sum / predicted.len() as f64)
    }

    fn remember(&mut self, error: f64) -> Result<()> {
        if self.best.as_ref().is_none_or(|best| error < best.error) {
            self.best = Some(Best {
                error,
                epoch: self.trained.epoch,
                weights: self.trained.network().parameters().snapshot()?,
            });
        }
        Ok(())
    }

    /// Whether validation has not improved for longer than the recipe's patience.
    fn is_stuck(&self) -> bool {
        match (&self.best, self.recipe.patience) {
            (Some(best), Some(patience)) => self.trained.epoch - best.epoch >= patience,
            _ => false,
        }
    }
}
