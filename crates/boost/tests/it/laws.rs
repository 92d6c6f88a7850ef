//! What must hold of any model.

use std::ops::ControlFlow::{Break, Continue};

use approx::assert_relative_eq;
use boost::{
    BoostingType, BootstrapType, GrowPolicy, LeafEstimationMethod, Loss, Model, NoiseGroups,
    ScoreFunction, Settings, Validation,
};

use crate::{fitted, still, table};

/// Settings that go through every branch.
fn many() -> Vec<Settings> {
    let base = Settings {
        iterations: 30,
        depth: 4,
        ..Settings::default()
    };
    let with = |change: fn(&mut Settings)| {
        let mut settings = base.clone();
        change(&mut settings);
        settings
    };
    vec![
        base.clone(),
        with(|s| s.bootstrap_type = BootstrapType::Bayesian),
        with(|s| s.grow_policy = GrowPolicy::Depthwise),
        with(|s| s.boosting_type = BoostingType::Ordered),
        with(|s| {
            s.bootstrap_type = BootstrapType::Bernoulli;
            s.subsample = Some(0.5);
            s.rsm = 0.6;
        }),
        with(|s| {
            s.loss_function = Loss::Mae;
            s.boosting_type = BoostingType::Ordered;
        }),
        with(|s| {
            s.loss_function = Loss::Quantile { alpha: 0.2 };
            s.leaf_estimation_method = Some(LeafEstimationMethod::Gradient);
            s.leaf_estimation_iterations = 3;
        }),
        with(|s| {
            s.loss_function = Loss::Huber { delta: 0.1 };
            s.score_function = ScoreFunction::L2;
        }),
    ]
}

#[test]
fn shapley_values_sum_to_the_prediction() {
    let (columns, targets) = table(150, 1);
    for settings in many() {
        let model = fitted(&columns, &targets, &settings, 3);
        let shap = model.shap(&columns).unwrap();
        for (row, prediction) in model.predict(&columns).unwrap().into_iter().enumerate() {
            let parts = shap.values.iter().map(|values| values[row]);
            // Thirty trees, each exact to rounding.
            assert_relative_eq!(
                shap.expected + parts.sum::<f64>(),
                prediction,
                epsilon = 1e-10
            );
        }
    }
}

/// Symmetric, branching and ordered, large enough to be shared among threads.
#[test]
fn the_number_of_threads_changes_nothing() {
    let (mut columns, targets) = table(3000, 5);
    let copies: Vec<Vec<f64>> = (1..12)
        .flat_map(|power| columns.iter().map(move |c| (c, power)))
        .map(|(column, power)| column.iter().map(|x| x.powi(power % 3 + 1)).collect())
        .collect();
    columns.extend(copies);
    assert!(3000 * columns.len() > 100_000);
    for settings in [
        Settings::default(),
        Settings {
            grow_policy: GrowPolicy::Depthwise,
            bootstrap_type: BootstrapType::Bernoulli,
            noise_groups: NoiseGroups::Stored,
            rsm: 0.5,
            ..Settings::default()
        },
        Settings {
            boosting_type: BoostingType::Ordered,
            ..Settings::default()
        },
    ] {
        let settings = Settings {
            iterations: 4,
            ..settings
        };
        let [one, two] = [1, 2].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().unwrap();
            pool.install(|| fitted(&columns, &targets, &settings, 3))
        });
        assert_eq!(one, two);
    }
}

#[test]
fn the_same_seed_gives_the_same_model() {
    let (columns, targets) = table(150, 2);
    for settings in many() {
        let models = [3, 3, 4].map(|seed| fitted(&columns, &targets, &settings, seed));
        assert_eq!(models[0], models[1]);
        assert_ne!(models[0], models[2]);
    }
}

/// Only the order of a column's values matters.
#[test]
fn a_rising_function_of_a_column_changes_no_prediction() {
    let (columns, targets) = table(100, 3);
    let mut changed = columns.clone();
    changed[1].iter_mut().for_each(|x| *x = (3.0 * *x).exp());
    for settings in many() {
        let ours = fitted(&columns, &targets, &settings, 5);
        let theirs = fitted(&changed, &targets, &settings, 5);
        assert_eq!(
            ours.predict(&columns).unwrap(),
            theirs.predict(&changed).unwrap()
        );
    }
}

#[test]
fn a_written_model_is_read_back() {
    let (columns, targets) = table(80, 4);
    for settings in many() {
        let model = fitted(&columns, &targets, &settings, 5);
        let text = serde_json::to_string(&model).unwrap();
        assert_eq!(serde_json::from_str::<Model>(&text).unwrap(), model);
    }
}

#[test]
fn every_tree_lowers_the_training_loss() {
    let (columns, targets) = table(200, 5);
    for score_function in [ScoreFunction::Cosine, ScoreFunction::L2] {
        let settings = Settings {
            score_function,
            ..still(200)
        };
        let mut losses = Vec::new();
        let _ = boost::fit(&columns, &targets, None, None, &settings, 0, |progress| {
            losses.push(progress.training);
            Continue(())
        });
        assert_eq!(losses.len(), 200);
        assert!(losses.windows(2).all(|pair| pair[1] < pair[0]));
    }
}

#[test]
fn new_rows_are_predicted_better_than_by_the_mean() {
    let (columns, targets) = table(300, 6);
    let (others, truth) = table(300, 7);
    let square = |predictions: &[f64]| -> f64 {
        let residuals = predictions.iter().zip(&truth).map(|(a, t)| (a - t).powi(2));
        residuals.sum()
    };
    let mean = targets.iter().sum::<f64>() / targets.len() as f64;
    for settings in many() {
        let settings = Settings {
            iterations: 300,
            ..settings
        };
        let model = fitted(&columns, &targets, &settings, 0);
        let ours = square(&model.predict(&others).unwrap());
        assert!(ours < 0.5 * square(&[mean; 300]), "{settings:?}");
    }
}

/// A row of weight 2 is two rows of weight 1.
#[test]
fn weights_count_rows() {
    let (columns, targets) = table(60, 8);
    let double = |values: &[f64]| [values, &values[..20]].concat();
    let weights: Vec<f64> = (0..60)
        .map(|row| if row < 20 { 2.0 } else { 1.0 })
        .collect();
    let settings = Settings {
        learning_rate: Some(0.1),
        l2_leaf_reg: 0.0,
        ..still(20)
    };
    let weighted = Some(weights.as_slice());
    let ours = boost::fit(&columns, &targets, weighted, None, &settings, 0, |_| {
        Continue(())
    });
    let doubled: Vec<Vec<f64>> = columns.iter().map(|column| double(column)).collect();
    let theirs = fitted(&doubled, &double(&targets), &settings, 0);
    let ours = ours.unwrap().predict(&columns).unwrap();
    for (ours, theirs) in ours.iter().zip(theirs.predict(&columns).unwrap()) {
        // Sums in another order, over twenty trees.
        assert_relative_eq!(*ours, theirs, epsilon = 1e-9);
    }
}

#[test]
fn a_fit_stops_when_the_validation_loss_does_not_fall() {
    let (columns, targets) = table(60, 9);
    let (others, truth) = table(40, 10);
    let settings = Settings {
        learning_rate: Some(0.5),
        od_wait: Some(10),
        ..Settings::default()
    };
    let validation = Some(Validation {
        columns: &others,
        targets: &truth,
    });
    let mut losses = Vec::new();
    let model = boost::fit(
        &columns,
        &targets,
        None,
        validation,
        &settings,
        0,
        |progress| {
            losses.extend(progress.validation);
            Continue(())
        },
    )
    .unwrap();
    assert_eq!(losses.len(), model.trees().len() + 10);
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let predictions = model.predict(&others).unwrap();
    assert_relative_eq!(Loss::Rmse.mean(&truth, &predictions, &[1.0; 40]), best);
}

#[test]
fn a_watcher_ends_the_fit() {
    let (columns, targets) = table(60, 11);
    let settings = Settings::default();
    let model = boost::fit(&columns, &targets, None, None, &settings, 0, |progress| {
        if progress.iteration == 7 {
            Break(())
        } else {
            Continue(())
        }
    });
    assert_eq!(model.unwrap().trees().len(), 7);
}

#[test]
fn a_constant_target_is_predicted() {
    let columns = [vec![1.0, 2.0, 3.0]];
    let model = fitted(&columns, &[4.0; 3], &Settings::default(), 0);
    assert_eq!(model.predict(&columns).unwrap(), [4.0; 3]);
    assert_eq!(model.importance(), [0.0]);
}

#[test]
fn a_constant_column_gives_the_mean() {
    let columns = [vec![f64::NAN; 4]];
    let model = fitted(&columns, &[1.0, 2.0, 3.0, 6.0], &still(10), 0);
    assert_relative_eq!(model.predict(&columns).unwrap()[0], 3.0, epsilon = 1e-12);
}
