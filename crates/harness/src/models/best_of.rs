//! The best of several models, by their errors on structures that they did not learn.
//!
//! Each candidate learns all but one part of the fitted structures and is scored on that
//! part; the one with the lowest error then learns all of them. Held-out structures play no
//! part. What it costs is `rounds` fits a candidate and one more.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use super::spec::within;
use super::{Context, Input, Model, ModelSpec, Regressor, Training};
use crate::refuse;
use crate::run::{Candidate, Equation, FrontPoint};

/// What there is to choose from, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BestOfSettings {
    /// Parts that the fitted structures are dealt into.
    #[serde(default = "five")]
    pub folds: usize,
    /// How many of the parts candidates are scored on, one after the other.
    #[serde(default = "one")]
    pub rounds: usize,
    /// The models, by names that records bear.
    pub candidates: BTreeMap<String, ModelSpec>,
}

fn five() -> usize {
    5
}

fn one() -> usize {
    1
}

impl BestOfSettings {
    pub(super) fn resolve(self) -> Result<Self> {
        let Self { folds, rounds, .. } = self;
        within("folds", folds as f64, 1000.0)?;
        within("rounds", rounds as f64, folds as f64)?;
        if folds < 2 {
            refuse!("folds: expected at least 2, found {folds}");
        }
        if self.candidates.len() < 2 {
            refuse!(
                "candidates: expected at least two, as [model.candidates.NAME] with a kind and its settings, found {}",
                self.candidates.len()
            );
        }
        let candidates = self.candidates.into_iter();
        let resolved = candidates.map(|(name, spec)| match spec.resolve() {
            Ok(spec) => Ok((name, spec)),
            Err(error) => refuse!("candidate `{name}`: {error}"),
        });
        Ok(Self {
            folds,
            rounds,
            candidates: resolved.collect::<Result<_>>()?,
        })
    }

    /// Scores a candidate: why it could not be is part of the answer.
    fn scored(
        &self,
        name: &str,
        spec: &ModelSpec,
        training: &Training<'_>,
        context: &Context<'_>,
    ) -> Candidate {
        let (validation_mae, reason) = match self.error_of(spec, training, context) {
            Ok(error) if error.is_finite() => (Some(error), String::new()),
            Ok(_) => (None, "a prediction is not finite".to_owned()),
            Err(error) => (None, format!("{error:#}")),
        };
        Candidate {
            name: name.to_owned(),
            validation_mae,
            reason,
            chosen: false,
        }
    }

    /// The mean absolute error of a candidate on the parts that it did not learn.
    fn error_of(
        &self,
        spec: &ModelSpec,
        training: &Training<'_>,
        context: &Context<'_>,
    ) -> Result<f64> {
        let (mut sum, mut weight) = (0.0, 0.0);
        for round in 0..self.rounds {
            let rest = Training {
                fit: training.fit.chosen(|i| i % self.folds != round),
                ..training.clone()
            };
            let model = spec.regressor().fit(&rest, context)?;
            let scored = training.fit.chosen(|i| i % self.folds == round);
            let predicted = model.predict(&scored.inputs)?;
            for (i, (value, target)) in predicted.iter().zip(&scored.targets).enumerate() {
                let counts = scored.weights.as_ref().map_or(1.0, |weights| weights[i]);
                sum += counts * (value - target).abs();
                weight += counts;
            }
        }
        Ok(sum / weight)
    }
}

impl Regressor for BestOfSettings {
    fn fit(&self, training: &Training<'_>, context: &Context<'_>) -> Result<Box<dyn Model>> {
        let keep = context.keep.without_state();
        let mut candidates: Vec<Candidate> = context
            .keep
            .state()
            .and_then(|state| serde_json::from_slice(&state).ok())
            .unwrap_or_default();
        for (name, spec) in self.candidates.iter().skip(candidates.len()) {
            let inner = Context {
                keep: &keep,
                step: &|step| (context.step)(&format!("{name}, {step}")),
                ..*context
            };
            candidates.push(self.scored(name, spec, training, &inner));
            if context.watch.must_stop() {
                bail!("time was over before all candidates were scored");
            }
            context.keep.save(|| Ok(serde_json::to_vec(&candidates)?))?;
        }
        let Some(best) = lowest(&candidates) else {
            let said: Vec<String> = candidates.iter().map(words).collect();
            bail!("no candidate could be fitted: {}", said.join("; "));
        };
        candidates[best].chosen = true;
        let name = &candidates[best].name;
        let inner = Context {
            keep: &keep,
            step: &|step| (context.step)(&format!("{name} on all, {step}")),
            ..*context
        };
        let model = self.candidates[name].regressor().fit(training, &inner)?;
        Ok(Box::new(Best { model, candidates }))
    }
}

/// Place of the lowest error; the first of equal ones.
fn lowest(candidates: &[Candidate]) -> Option<usize> {
    let scored = candidates.iter().enumerate();
    let scored = scored.filter_map(|(place, candidate)| Some((place, candidate.validation_mae?)));
    scored
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(place, _)| place)
}

fn words(candidate: &Candidate) -> String {
    format!("{}: {}", candidate.name, candidate.reason)
}

/// The model that was chosen.
struct Best {
    model: Box<dyn Model>,
    candidates: Vec<Candidate>,
}

impl Model for Best {
    fn predict(&self, inputs: &[Input<'_>]) -> Result<Vec<f64>> {
        self.model.predict(inputs)
    }

    fn complexity(&self) -> Option<usize> {
        self.model.complexity()
    }

    fn equation(&self) -> Option<Equation> {
        self.model.equation()
    }

    fn front(&self) -> Vec<FrontPoint> {
        self.model.front()
    }

    fn candidates(&self) -> Vec<Candidate> {
        self.candidates.clone()
    }
}

#[cfg(test)]
mod tests {
    use crystal::DefectCluster;

    use super::*;
    use crate::dataset::{Dataset, Home, Sample, load};
    use crate::models::Part;
    use crate::models::spec::NoSettings;
    use crate::run::{Keep, Watch};

    fn settings() -> BestOfSettings {
        let text = "[candidates.flat]\nkind = 'mean'\n[candidates.kinds]\nkind = 'kind-median'";
        let settings: BestOfSettings = toml::from_str(text).unwrap();
        settings.resolve().unwrap()
    }

    fn embedded() -> Dataset {
        load("tb-mos2", &Home::at("nowhere")).unwrap()
    }

    /// The model of a spec from 40 structures, and what it says of them.
    fn fit(
        spec: &dyn Regressor,
        samples: &[Sample],
        clusters: &[Option<DefectCluster>],
        dataset: &Dataset,
        keep: &Keep,
    ) -> Result<(Box<dyn Model>, Vec<f64>)> {
        let inputs: Vec<Input<'_>> = samples
            .iter()
            .zip(clusters)
            .map(|(sample, defects)| Input::new(&sample.structure, defects.as_ref()))
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
        let context = Context {
            seed: 5,
            watch: &Watch::endless(),
            keep,
            step: &|_| (),
            device: &gnn::Device::Cpu,
        };
        let model = spec.fit(&training, &context)?;
        let predicted = model.predict(&inputs)?;
        Ok((model, predicted))
    }

    fn found(samples: &[Sample]) -> Vec<Option<DefectCluster>> {
        samples.iter().map(|s| s.defects().unwrap()).collect()
    }

    #[test]
    fn the_lowest_error_on_what_was_not_learnt_is_taken() {
        let dataset = embedded();
        let samples = &dataset.samples[..40];
        let clusters = found(samples);
        let (model, predicted) =
            fit(&settings(), samples, &clusters, &dataset, &Keep::nothing()).unwrap();
        let [flat, kinds] = &model.candidates()[..] else {
            panic!("two candidates");
        };
        let target = |i: &usize| samples[*i].targets[0].unwrap();
        let (scored, learnt): (Vec<usize>, Vec<usize>) = (0..40).partition(|i| i % 5 == 0);
        let mean = learnt.iter().map(target).sum::<f64>() / 32.0;
        let error = scored.iter().map(|i| (target(i) - mean).abs()).sum::<f64>() / 8.0;
        assert!((flat.validation_mae.unwrap() - error).abs() < 1e-12);
        assert!(kinds.validation_mae < flat.validation_mae);
        assert_eq!((flat.chosen, kinds.chosen), (false, true));
        let kinds = ModelSpec::KindMedian(NoSettings::default()).regressor();
        let alone = fit(&*kinds, samples, &clusters, &dataset, &Keep::nothing()).unwrap();
        assert_eq!(predicted, alone.1);
    }

    #[test]
    fn a_candidate_that_cannot_be_fitted_is_told_and_left() {
        let dataset = embedded();
        let samples = &dataset.samples[..40];
        let (model, _) = fit(
            &settings(),
            samples,
            &[const { None }; 40],
            &dataset,
            &Keep::nothing(),
        )
        .unwrap();
        let candidates = model.candidates();
        assert!(candidates[0].chosen);
        assert!(candidates[1].reason.contains("no host crystal"));
        let mut both = settings();
        let failing = both.candidates["kinds"].clone();
        both.candidates.insert("flat".to_owned(), failing);
        let none = fit(
            &both,
            samples,
            &[const { None }; 40],
            &dataset,
            &Keep::nothing(),
        );
        let error = none.err().unwrap().to_string();
        assert!(
            error.starts_with("no candidate could be fitted: flat: "),
            "{error}"
        );
    }

    #[test]
    fn scores_that_were_kept_are_not_made_again() {
        let dataset = embedded();
        let samples = &dataset.samples[..40];
        let clusters = found(samples);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let sitting = || Keep::often(None, Some(path.clone()));
        fit(&settings(), samples, &clusters, &dataset, &sitting()).unwrap();
        // as if the mean had been the better one
        let state = sitting().state().unwrap();
        let mut scores: Vec<Candidate> = serde_json::from_slice(&state).unwrap();
        scores[0].validation_mae = Some(0.0);
        sitting().save(|| Ok(serde_json::to_vec(&scores)?)).unwrap();
        let (model, _) = fit(&settings(), samples, &clusters, &dataset, &sitting()).unwrap();
        assert!(model.candidates()[0].chosen);
    }

    #[test]
    fn settings_are_refused_by_name() {
        let refused = |change: fn(&mut BestOfSettings)| {
            let mut settings = settings();
            change(&mut settings);
            settings.resolve().unwrap_err().to_string()
        };
        assert_eq!(
            refused(|s| s.folds = 1),
            "folds: expected at least 2, found 1"
        );
        let rounds = refused(|s| s.rounds = 6);
        assert_eq!(
            rounds,
            "rounds: expected a number above 0 and up to 5, found 6"
        );
        let alone = refused(|s| drop(s.candidates.remove("flat")));
        assert!(
            alone.starts_with("candidates: expected at least two"),
            "{alone}"
        );
        let inside = refused(|s| {
            let ridge = toml::from_str("kind = 'ridge'\npenalties = []").unwrap();
            s.candidates.insert("wrong".to_owned(), ridge);
        });
        assert_eq!(
            inside,
            "candidate `wrong`: penalties: expected at least one number"
        );
    }
}
