//! A formula proposed by an autoencoder that learns from the best of its own.
//!
//! `segvae-faithful` is the published programme with the settings of its use on
//! defects; `segvae` is ours: constants are fitted, elites are bred and searched
//! around, and the formula is chosen by its description length.
//!
//! The first training depends on the grammar alone. Its seed is the hash of the
//! grammar and the settings, so that it is the same network whichever trial needs
//! it first, and it is kept for all later ones ([`weights`]).

mod settings;
mod weights;

use anyhow::Result;
use segvae::{Search, State};
use symreg::{Candidate, Expr, Op, ParetoFront, Table};

use super::columns::Columns;
use super::formula::Formula;
use super::{Context, Model, Regressor, Training};
use crate::refuse;

pub(super) use settings::Mode;
pub(super) use settings::SegvaeModelSettings;
pub(super) use weights::trained;

/// A search that can be made.
#[derive(Debug, Clone)]
pub(super) struct SegvaeRegressor {
    pub(super) mode: Mode,
    pub(super) settings: SegvaeModelSettings,
}

impl Regressor for SegvaeRegressor {
    fn fit(&self, training: &Training<'_>, context: &Context<'_>) -> Result<Box<dyn Model>> {
        let settings = self.settings.clone().resolve(self.mode)?;
        let columns = Columns::learn(settings.descriptor, &training.fit)?;
        if columns.count() == 0 {
            refuse!(
                "no descriptor varies over the training structures: there is nothing to write a formula in"
            );
        }
        let table = columns.table(&training.fit.inputs)?;
        let zero = settings.zero_of(&training.fit.targets);
        let shifted: Vec<f64> = training.fit.targets.iter().map(|y| y - zero).collect();
        let mut search = settings.search(self.mode, columns.count(), &shifted)?;
        search.units = settings.units_of(&table, &training.property.unit);
        let front = run(&search, &table, &shifted, context)?;
        let front = raised(&front, zero)?;
        let formula = Formula::choose(&front, settings.rule(), columns, training)?;
        Ok(Box::new(formula))
    }
}

/// The front of a search, from where it was when it was interrupted.
fn run(
    settings: &segvae::Settings,
    table: &Table,
    target: &[f64],
    context: &Context<'_>,
) -> Result<ParetoFront> {
    let state: Option<State> = context
        .keep
        .state()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let resumed = state.and_then(|state| Search::resume(table, target, settings, state).ok());
    let mut search = if let Some(search) = resumed {
        search
    } else {
        let trainer = weights::trained(settings, context)?;
        Search::new(table, target, settings, trainer, context.seed)?
    };
    let epochs = settings.search.epochs;
    for epoch in search.state().epoch()..epochs {
        if context.watch.must_stop() {
            break;
        }
        search.epoch()?;
        (context.step)(&format!("epoch {} of {epochs}", epoch + 1));
        context
            .keep
            .save(|| Ok(serde_json::to_vec(&search.state())?))?;
    }
    Ok(search.front()?)
}

/// The same formulas plus a constant.
fn raised(front: &ParetoFront, zero: f64) -> Result<ParetoFront> {
    if zero == 0.0 {
        return Ok(front.clone());
    }
    let mut members = front.all().map(|member| -> Result<Candidate> {
        let mut code = member.expr.code().to_vec();
        code.extend([Op::Const(zero), Op::Add]);
        let expr = Expr::new(code)?;
        Ok(Candidate {
            complexity: expr.complexity(),
            expr,
            ..member.clone()
        })
    });
    let first = members.next().expect("a front has at least one member")?;
    let mut raised = ParetoFront::new(first, front.domain().clone());
    for member in members {
        raised.offer(member?);
    }
    Ok(raised)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::dataset::{Dataset, load};
    use crate::models::{Input, Part};
    use crate::run::{Keep, Watch};

    fn quick() -> SegvaeRegressor {
        SegvaeRegressor {
            mode: Mode::Better,
            settings: SegvaeModelSettings {
                epochs: Some(4),
                n_formulas_to_sample: Some(100),
                train_size: Some(300),
                n_pretrain_steps: Some(1),
                hidden_dim: Some(8),
                latent_dim: Some(4),
                max_len: Some(9),
                ..SegvaeModelSettings::default()
            },
        }
    }

    fn data() -> Dataset {
        load("tb-mos2", &crate::dataset::Home::at("nowhere")).unwrap()
    }

    /// Fits on a few structures; what the fit says of its steps, and what the
    /// model says of the structures.
    fn fit(dataset: &Dataset, keep: &Keep) -> (Vec<String>, Vec<f64>) {
        let samples = &dataset.samples[..40];
        let inputs: Vec<Input<'_>> = samples
            .iter()
            .map(|sample| Input::new(&sample.structure, None))
            .collect();
        let training = Training {
            fit: Part {
                inputs: inputs.clone(),
                targets: samples.iter().map(|s| s.targets[0].unwrap()).collect(),
                weights: None,
            },
            validation: Part::default(),
            property: &dataset.properties[0],
        };
        let steps = Mutex::new(Vec::new());
        let context = Context {
            seed: 5,
            watch: &Watch::endless(),
            keep,
            step: &|step| steps.lock().unwrap().push(step.to_owned()),
            device: &gnn::Device::Cpu,
        };
        let model = quick().fit(&training, &context).unwrap();
        let predicted = model.predict(&inputs).unwrap();
        (steps.into_inner().unwrap(), predicted)
    }

    #[test]
    fn a_fit_goes_on_from_the_state_it_saved() {
        let dataset = data();
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let (steps, whole) = fit(&dataset, &Keep::nothing());
        assert_eq!(steps.last().unwrap(), "epoch 4 of 4");
        // saved after every epoch: what is left is the state of the last
        let keep = Keep::often(None, Some(state.clone()));
        assert_eq!(fit(&dataset, &keep).1, whole);
        assert!(state.exists());
        let (steps, again) = fit(&dataset, &keep);
        assert_eq!((steps, again), (Vec::new(), whole.clone()));
        // the state of another search is none
        std::fs::write(&state, "{}").unwrap();
        assert_eq!(fit(&dataset, &Keep::at(None, Some(state), None)).1, whole);
    }

    #[test]
    fn the_network_of_a_grammar_is_kept_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let settings = quick().settings.resolve(Mode::Better).unwrap();
        let settings = settings.search(Mode::Better, 1, &[]).unwrap();
        let keep = Keep::at(Some(folder.path()), None, None);
        let context = Context {
            seed: 1,
            watch: &Watch::endless(),
            keep: &keep,
            step: &|_| (),
            device: &gnn::Device::Cpu,
        };
        let trained = weights::trained(&settings, &context).unwrap();
        let name = format!("segvae-{:016x}.safetensors", settings.pretraining_key());
        let bytes = std::fs::read(folder.path().join(name)).unwrap();
        let kept = segvae::Trainer::from_bytes(&settings, &bytes).unwrap();
        let weights = |trainer: &segvae::Trainer| trainer.network().parameters().to_vec();
        assert!(weights(&kept) == weights(&trained));
    }

    #[test]
    fn settings_are_refused_by_name() {
        let refused = |change: fn(&mut SegvaeModelSettings)| {
            let mut settings = SegvaeModelSettings::default();
            change(&mut settings);
            settings.resolve(Mode::Faithful).unwrap_err().to_string()
        };
        let error = refused(|s| s.epochs = Some(0));
        assert!(error.starts_with("epochs: expected"), "{error}");
        let error = refused(|s| s.required = Some(vec!["sinh".to_owned()]));
        assert!(error.contains("`sinh`"), "{error}");
        let error = refused(|s| s.percentile = Some(101.0));
        assert!(error.contains("percentile"), "{error}");
    }

    #[test]
    fn a_front_is_raised_with_its_errors_kept() {
        let member = |expr: Expr, error| Candidate {
            complexity: expr.complexity(),
            expr,
            error,
            fingerprint: 1,
        };
        let table = Table::new(vec![(symreg::Column::new("x", ""), vec![1.0, 2.0])]).unwrap();
        let domain = symreg::FeatureBox::around(&table, 0.0);
        let mut front = ParetoFront::new(member(Expr::constant(0.5).unwrap(), 1.0), domain);
        front.offer(member(Expr::parse("x*x", &["x"]).unwrap(), 0.1));
        let raised = raised(&front, 3.0).unwrap();
        let values = raised.best().expr.evaluate(&table).unwrap();
        assert_eq!(values, [4.0, 7.0]);
        assert_eq!(raised.members().len(), 2);
        assert!((raised.members()[0].error - 1.0).abs() < 1e-12);
    }
}
