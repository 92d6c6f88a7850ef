//! A study that nobody ran: records, predictions and data whose errors follow
//! a law for each model, to see what a report makes of them.

// helpers of tests fail by panicking, as tests do
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use crystal::{Lattice, Site, Structure};
use harness::dataset::{About, Dataset, Property, Sample};
use harness::report::{Results, StudySummary, TrialPredictions};
use harness::run::{Equation, FrontPoint, RunRecord, Seconds, Status, Trial};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Name, error at 25 structures relative to that of `mean`, power of its fall,
/// seconds of a fit, complexity.
pub(crate) const MODELS: [(&str, f64, f64, f64, Option<usize>); 8] = [
    ("megnet", 0.9, 0.45, 40.0, Some(167_761)),
    ("mean", 1.0, 0.01, 2e-5, Some(1)),
    ("symbolic", 0.4, 0.35, 3.0, Some(17)),
    ("ridge", 0.55, 0.3, 2e-3, Some(40)),
    ("megnet-sparse", 0.7, 0.6, 8.0, Some(50_113)),
    ("kind-median", 0.6, 0.05, 3e-5, Some(12)),
    ("cluster-expansion", 0.45, 0.55, 0.02, Some(210)),
    ("schnet", 1.0, 0.5, 30.0, Some(250_000)),
];

/// What a study is made of.
pub(crate) struct Made {
    pub(crate) dataset: Dataset,
    pub(crate) results: Results,
    pub(crate) study: StudySummary,
}

/// The first models of [`MODELS`] on these subsets, 3 sizes and 3 seeds, with
/// a few trials that failed.
pub(crate) fn made(subsets: &[&str], models: usize, n_test: usize) -> Made {
    made_at(&[25, 50, 100], subsets, models, n_test)
}

/// The same at other sizes.
pub(crate) fn made_at(sizes: &[usize], subsets: &[&str], models: usize, n_test: usize) -> Made {
    let dataset = dataset(subsets, n_test);
    let mut results = Results::default();
    for (property, key) in ["formation_energy_per_site", "homo_lumo_gap"]
        .iter()
        .enumerate()
    {
        for subset in subsets {
            for model in &MODELS[..models] {
                for &n_train in sizes {
                    for seed in 0..3 {
                        let trial = trial(&dataset, subset, key, model.0, n_train, seed, n_test);
                        add(&mut results, &dataset, property, trial, *model);
                    }
                }
            }
        }
    }
    let study = StudySummary {
        title: "Synthetic layers: equations and networks from 25 to 100 structures".to_owned(),
        dataset: dataset.name.clone(),
        subsets: subsets.iter().map(|&s| s.to_owned()).collect(),
        targets: vec![
            "formation_energy_per_site".to_owned(),
            "homo_lumo_gap".to_owned(),
        ],
        train_sizes: sizes.to_vec(),
        seeds: 3,
        n_test,
        planned: MODELS[..models]
            .iter()
            .map(|model| (model.0.to_owned(), 3))
            .collect(),
        pools: subsets.iter().map(|&s| (s.to_owned(), 1000)).collect(),
        command: "tycho run reports/synthetic\ntycho report reports/synthetic".to_owned(),
    };
    Made {
        dataset,
        results,
        study,
    }
}

fn dataset(subsets: &[&str], n_test: usize) -> Dataset {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut samples = Vec::new();
    for &subset in subsets {
        let (part, kind) = subset.split_once('/').unwrap_or((subset, "V1"));
        for index in 0..n_test {
            let energy = 2.0 + 3.0 * random.random::<f64>() + random.random::<f64>();
            let gap = if index % 4 == 0 { 0.4 } else { 1.6 } + 0.3 * random.random::<f64>();
            samples.push(Sample {
                id: format!("{subset}-{index:04}"),
                subset: Arc::from(part),
                kind: Arc::from(kind),
                structure: atom(),
                host: None,
                targets: vec![Some(energy), Some(gap)],
            });
        }
    }
    let property = |key: &str, label: &str| Property {
        key: key.to_owned(),
        label: label.to_owned(),
        unit: "eV".to_owned(),
        report_unit: "meV".to_owned(),
        report_factor: 1000.0,
        per_defect: key == "formation_energy_per_site",
    };
    Dataset {
        name: "synthetic".to_owned(),
        about: About {
            title: "Layers with made-up energies & gaps".to_owned(),
            licence: "CC0-1.0".to_owned(),
            citation: "Nobody (2026), nowhere.".to_owned(),
            bibtex: "@misc{nobody,\n  title = {Nothing},\n}".to_owned(),
            notice: "Model data, not DFT.".to_owned(),
        },
        properties: vec![
            property(
                "formation_energy_per_site",
                "formation energy per defect site",
            ),
            property("homo_lumo_gap", "HOMO-LUMO gap"),
        ],
        samples,
        content_hash: "d474".to_owned(),
    }
}

fn atom() -> Structure {
    let lattice = Lattice::from_parameters([3.0; 3], [90.0; 3]).unwrap();
    let site = Site {
        element: "C".parse().unwrap(),
        fractional: [0.0; 3],
    };
    Structure::new(lattice, vec![site]).unwrap()
}

fn trial(
    dataset: &Dataset,
    subset: &str,
    target: &str,
    model: &str,
    n_train: usize,
    seed: u64,
    n_test: usize,
) -> Trial {
    Trial {
        dataset: dataset.name.clone(),
        dataset_hash: dataset.content_hash.clone(),
        subset: subset.to_owned(),
        target: target.to_owned(),
        model: model.to_owned(),
        settings: serde_json::json!({}),
        n_train,
        n_test,
        seed,
        split_hash: "5711".to_owned(),
    }
}

fn add(
    results: &mut Results,
    dataset: &Dataset,
    property: usize,
    trial: Trial,
    (name, level, power, seconds, complexity): (&str, f64, f64, f64, Option<usize>),
) {
    let key = serde_json::to_vec(&trial).unwrap();
    let hash = blake3::hash(&key);
    let mut random = ChaCha8Rng::from_seed(*hash.as_bytes());
    let size = trial.n_train as f64 / 25.0;
    let width = level * size.powf(-power) * (0.85 + 0.3 * random.random::<f64>());
    // networks need more than the smallest size, and one fit ran into the clock
    let (status, reason) = match (name, trial.n_train, trial.seed) {
        ("megnet", 25, _) => (Status::Diverged, "loss is not finite after epoch 3"),
        ("symbolic", 100, 2) => (Status::Timeout, "no model after 20 min"),
        ("ridge", 50, 1) => (
            Status::Failed,
            "the matrix is singular: column `n_V & n_Se` <is 0>",
        ),
        _ => (Status::Ok, ""),
    };
    if status == Status::Ok {
        let samples = dataset.select(&trial.subset);
        let mean = if property == 0 { 4.0 } else { 1.45 };
        results.predictions.push(TrialPredictions {
            hash: hash.to_hex().to_string(),
            ids: samples.iter().map(|sample| sample.id.clone()).collect(),
            values: samples
                .iter()
                .map(|sample| {
                    let noise: f64 = (0..4).map(|_| random.random::<f64>() - 0.5).sum();
                    let truth = sample.targets[property].unwrap();
                    match name {
                        "mean" => mean,
                        _ => truth + width * (0.4 * noise + 0.3 * (mean - truth)),
                    }
                })
                .collect(),
        });
    }
    let fitted = status == Status::Ok;
    results.records.push(RunRecord {
        schema: 1,
        hash: hash.to_hex().to_string(),
        status,
        reason: reason.to_owned(),
        wall: "20 min".to_owned(),
        cut_short: false,
        seconds: fitted.then_some(Seconds {
            fit: seconds * size,
            predict: 1e-3 * seconds,
        }),
        peak_memory_mib: None,
        fit_memory_mib: fitted.then_some(10.0 + seconds),
        complexity: complexity.filter(|_| fitted),
        equation: (fitted && name == "symbolic").then(|| equation(trial.seed)),
        candidates: Vec::new(),
        front: if fitted && name == "symbolic" {
            front(&mut random)
        } else {
            Vec::new()
        },
        version: "0.1.0".to_owned(),
        machine: None,
        trial,
    });
}

fn equation(seed: u64) -> Equation {
    Equation {
        text: format!("2.{seed}1 + 1.07*n_vacancy_S / d_min - exp(-0.31*d_min) + 0.004*n_Se^2"),
        latex: format!(
            "2.{seed}1 + \\frac{{1.07\\, n_\\mathrm{{vac,S}}}}{{d_\\mathrm{{min}}}} - \
             e^{{-0.31\\, d_\\mathrm{{min}}}} + 0.004\\, n_\\mathrm{{Se}}^2"
        ),
        unit: "eV".to_owned(),
        columns: vec![
            ("n_vacancy_S".to_owned(), String::new()),
            ("d_min".to_owned(), "Å".to_owned()),
            ("n_Se".to_owned(), String::new()),
        ],
    }
}

fn front(random: &mut ChaCha8Rng) -> Vec<FrontPoint> {
    let mut error = 0.9;
    [1, 3, 5, 8, 11, 17, 23]
        .into_iter()
        .map(|complexity| {
            error *= 0.6 + 0.3 * random.random::<f64>();
            FrontPoint {
                complexity,
                train_mae: 0.8 * error,
                validation_mae: Some(error),
                text: format!("a formula of {complexity} nodes, with a comma"),
                chosen: complexity == 17,
            }
        })
        .collect()
}
