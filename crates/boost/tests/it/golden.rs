//! Against the numbers of the reference; see `data/README.md`.

use std::ops::ControlFlow::Continue;

use approx::assert_relative_eq;
use boost::Settings;
use serde::Deserialize;

#[derive(Deserialize)]
struct Column {
    name: String,
    border_count: usize,
    values: Vec<Option<f64>>,
    borders: Vec<f32>,
}

#[derive(Deserialize)]
struct Predictions {
    columns: Vec<Vec<f64>>,
    targets: Vec<f64>,
    train: usize,
    weights: Vec<f64>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    settings: Settings,
    weighted: bool,
    predictions: Vec<f64>,
    importance: Vec<f64>,
    expected: Option<f64>,
    shap: Vec<Vec<f64>>,
}

#[test]
fn borders_are_those_of_the_reference() {
    let cases: Vec<Column> = serde_json::from_str(include_str!("../data/borders.json")).unwrap();
    for case in cases {
        let values = case.values.iter().map(|value| value.unwrap_or(f64::NAN));
        let values: Vec<f64> = values.collect();
        let borders = boost::select_borders(&values, case.border_count);
        assert_eq!(borders, case.borders, "{}", case.name);
    }
}

#[test]
fn models_are_those_of_the_reference() {
    let data = include_str!("../data/predictions.json");
    let data: Predictions = serde_json::from_str(data).unwrap();
    let part = |range: std::ops::Range<usize>| -> Vec<Vec<f64>> {
        let cut = data
            .columns
            .iter()
            .map(|column| column[range.clone()].to_vec());
        cut.collect()
    };
    let train = part(0..data.train);
    let test = part(data.train..data.targets.len());
    let weights = data.weights.iter().copied().cycle().take(data.train);
    let weights: Vec<f64> = weights.collect();
    for case in &data.cases {
        let weights = case.weighted.then_some(weights.as_slice());
        let targets = &data.targets[..data.train];
        let model = boost::fit(&train, targets, weights, None, &case.settings, 0, |_| {
            Continue(())
        })
        .unwrap();
        check(case, &model, &test);
    }
}

/// The reference rounds targets to single precision, and each of the 60 trees
/// takes a part of that error.
fn check(case: &Case, model: &boost::Model, test: &[Vec<f64>]) {
    let name = &case.name;
    let predictions = model.predict(test).expect("the columns of the fit");
    for (ours, theirs) in predictions.iter().zip(&case.predictions) {
        assert!((ours - theirs).abs() < 1e-6, "{name}: {ours} {theirs}");
    }
    for (ours, theirs) in model.importance().iter().zip(&case.importance) {
        assert_relative_eq!(ours, theirs, epsilon = 1e-4);
    }
    let shap = model.shap(test).expect("the columns of the fit");
    if let Some(expected) = case.expected {
        assert_relative_eq!(shap.expected, expected, epsilon = 1e-6);
    }
    for (ours, theirs) in shap.values.iter().zip(&case.shap) {
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!((ours - theirs).abs() < 1e-6, "{name}: {ours} {theirs}");
        }
    }
}
