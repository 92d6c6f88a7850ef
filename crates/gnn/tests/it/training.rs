//! Training from end to end, on tiny structures.

use std::ops::ControlFlow;

use approx::assert_relative_eq;
use crystal::CrystalGraph;
use gnn::{
    Device, Epoch, Error, GemNetConfig, MegNetConfig, NetworkConfig, Optimizer, Recipe, Samples,
    SchNetConfig, Schedule, Trained, Trainer, train,
};

use crate::crystals::{graphs, lonely, one_atom, skewed, with_vacancies};
use crate::networks;

/// Eight structures of 1 to 12 atoms, one of them without bonds.
fn eight() -> Vec<CrystalGraph> {
    let structures = [
        skewed(),
        one_atom(),
        lonely(),
        with_vacancies(1, &[]),
        with_vacancies(2, &[0]),
        with_vacancies(2, &[4]),
        with_vacancies(2, &[4, 5]),
        with_vacancies(2, &[0, 8]),
    ];
    graphs(&structures, 5.0)
}

const TARGETS: [f64; 8] = [3.1, 2.9, 3.4, 3.0, 2.6, 3.3, 2.8, 3.6];

fn recipe(epochs: usize) -> Recipe {
    Recipe {
        epochs,
        batch_size: 8,
        learning_rate: 1e-3,
        schedule: Schedule::Constant,
        ..Recipe::default()
    }
}

fn fit(config: &NetworkConfig, recipe: &Recipe, seed: u64) -> Trained {
    let graphs = eight();
    let samples = Samples {
        graphs: &graphs,
        targets: &TARGETS,
    };
    train(config, recipe, samples, None, seed, &mut |_| {
        ControlFlow::Continue(())
    })
    .unwrap()
}

#[test]
fn eight_structures_are_learned_by_heart() {
    for config in networks() {
        let predicted = fit(&config, &recipe(1000), 1).predict(&eight()).unwrap();
        let errors = predicted.iter().zip(TARGETS).map(|(p, y)| (p - y).abs());
        let mut errors: Vec<f64> = errors.collect();
        if matches!(config, NetworkConfig::GemNet(_)) {
            // an atom without edges is zero to it: the mean of all targets
            assert_relative_eq!(predicted[2], 3.0875, epsilon = 1e-6);
            errors[2] = 0.0;
        }
        let mean = errors.iter().sum::<f64>() / 8.0;
        // predicting their mean would be off by 0.27
        assert!(mean < 0.05, "{config:?}: {mean}");
    }
}

#[test]
fn a_step_in_parts_is_the_step() {
    let graphs = eight();
    let samples = Samples {
        graphs: &graphs,
        targets: &TARGETS,
    };
    for config in networks() {
        let learn = |parts| {
            let recipe = Recipe { parts, ..recipe(3) };
            let trainer = Trainer::new(&config, &recipe, samples, None, 1, &Device::Cpu).unwrap();
            let weights = [0.2, 1.8, 1.0, 1.0, 0.5, 1.5, 1.0, 1.0];
            let mut trainer = trainer.weighted(&weights).unwrap();
            let epochs = std::iter::from_fn(|| trainer.epoch().unwrap());
            let losses: Vec<f64> = epochs.map(|epoch| epoch.loss).collect();
            (losses, trainer.finish().unwrap().predict(&graphs).unwrap())
        };
        let whole = learn(1);
        for parts in [2, 3, 20] {
            let (losses, predicted) = learn(parts);
            for (part, whole) in losses.iter().zip(&whole.0) {
                assert_relative_eq!(part, whole, max_relative = 1e-4);
            }
            for (part, whole) in predicted.iter().zip(&whole.1) {
                assert_relative_eq!(part, whole, max_relative = 1e-4);
            }
        }
        assert_eq!(learn(3), learn(3));
    }
}

#[test]
fn equal_seeds_predict_equal_numbers_and_others_do_not() {
    let recipe = Recipe {
        batch_size: 3,
        ..recipe(3)
    };
    for config in networks() {
        let predict = |seed| fit(&config, &recipe, seed).predict(&eight()).unwrap();
        assert_eq!(predict(1), predict(1));
        assert_ne!(predict(1), predict(2));
    }
}

#[test]
fn equal_targets_are_predicted() {
    let graphs = eight();
    let samples = Samples {
        graphs: &graphs,
        targets: &[-7.25; 8],
    };
    for config in networks() {
        let mut go_on = |_: &Epoch| ControlFlow::Continue(());
        let trained = train(&config, &recipe(300), samples, None, 1, &mut go_on).unwrap();
        for predicted in trained.predict(&graphs).unwrap() {
            assert_relative_eq!(predicted, -7.25, epsilon = 0.05);
        }
    }
}

#[test]
fn the_best_epoch_on_validation_is_kept_and_patience_ends_it() {
    let graphs = eight();
    let (training, validation) = graphs.split_at(6);
    let training = Samples {
        graphs: training,
        targets: &TARGETS[..6],
    };
    let validation_samples = Samples {
        graphs: validation,
        targets: &TARGETS[6..],
    };
    let recipe = Recipe {
        patience: Some(5),
        ..recipe(400)
    };
    for config in networks() {
        let mut epochs: Vec<Epoch> = Vec::new();
        let mut keep = |epoch: &Epoch| {
            epochs.push(*epoch);
            ControlFlow::Continue(())
        };
        let trained = train(
            &config,
            &recipe,
            training,
            Some(validation_samples),
            1,
            &mut keep,
        )
        .unwrap();
        let error = |epoch: &Epoch| epoch.validation_error.unwrap();
        let best = epochs.iter().map(error).fold(f64::INFINITY, f64::min);
        assert_relative_eq!(error(&epochs[trained.epoch() - 1]), best);
        assert!(epochs.len() == 400 || epochs.len() == trained.epoch() + 5);
        let predicted = trained.predict(validation).unwrap();
        let errors = predicted
            .iter()
            .zip(&TARGETS[6..])
            .map(|(p, y)| (p - y).abs());
        let again = errors.sum::<f64>() / 2.0;
        assert_relative_eq!(again, best, max_relative = 1e-12);
    }
}

#[test]
fn a_break_ends_the_training_at_once() {
    let graphs = eight();
    let samples = Samples {
        graphs: &graphs,
        targets: &TARGETS,
    };
    let mut stop = |epoch: &Epoch| {
        if epoch.number == 3 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let trained = train(&networks()[0], &recipe(50), samples, None, 1, &mut stop).unwrap();
    assert_eq!(trained.epoch(), 3);
}

#[test]
fn what_cannot_be_trained_is_refused_by_name() {
    let graphs = eight();
    let config = &networks()[2];
    let refusal = |graphs, targets, recipe: &Recipe| {
        let samples = Samples { graphs, targets };
        let mut go_on = |_: &Epoch| ControlFlow::Continue(());
        train(config, recipe, samples, None, 1, &mut go_on)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refusal(&[], &[], &recipe(1)),
        "training needs at least one structure, got none"
    );
    assert_eq!(
        refusal(&graphs, &TARGETS[..7], &recipe(1)),
        "every graph needs one target, got 8 graphs and 7 targets"
    );
    assert_eq!(
        refusal(&graphs[..2], &[1.0, f64::NAN], &recipe(1)),
        "target 1 must be finite, got NaN"
    );
    assert_eq!(
        refusal(&graphs, &TARGETS, &recipe(0)),
        "the number of epochs must be positive and finite, got 0"
    );
    let wide = crate::crystals::graphs(&[skewed()], 6.0);
    assert!(
        refusal(&wide, &TARGETS[..1], &recipe(1))
            .contains("longer than the network's cutoff of 5 Å")
    );
}

#[test]
fn a_diverging_training_says_so() {
    let graphs = eight();
    let samples = Samples {
        graphs: &graphs,
        targets: &TARGETS,
    };
    let recipe = Recipe {
        learning_rate: 1e20,
        clip_norm: None,
        ..recipe(50)
    };
    for config in networks() {
        let mut go_on = |_: &Epoch| ControlFlow::Continue(());
        let error = train(&config, &recipe, samples, None, 1, &mut go_on).unwrap_err();
        assert!(matches!(error, Error::Diverged { .. }), "{error}");
    }
}

#[test]
fn presets_have_the_published_numbers_of_parameters() {
    let count = |config: NetworkConfig| {
        let network = config.build(0, candle_core::DType::F32).unwrap();
        network.parameters().count()
    };
    let megnet = |config| count(NetworkConfig::MegNet(config));
    assert_eq!(megnet(MegNetConfig::published_full()), 46_625);
    for (config, published) in [
        (MegNetConfig::published_sparse_energy(), 719_745),
        (MegNetConfig::published_sparse_gap(), 513_409),
    ] {
        // shells are two features of an edge, read by a layer 2h wide
        let without_shells = MegNetConfig {
            shells: false,
            ..config.clone()
        };
        assert_eq!(megnet(without_shells), published - 2 * 2 * config.width);
        assert_eq!(megnet(config), published);
    }
    assert_eq!(
        count(NetworkConfig::SchNet(SchNetConfig::published())),
        455_809
    );
    let gemnet = |config| count(NetworkConfig::GemNet(config));
    assert_eq!(gemnet(GemNetConfig::published()), 24_296_973);
    assert_eq!(gemnet(GemNetConfig::small()), 1_601_421);
}

#[test]
fn scale_factors_are_fitted_before_the_training_and_stay() {
    let config = networks().pop().unwrap();
    let scales = |learning_rate| {
        let recipe = Recipe {
            learning_rate,
            ..recipe(3)
        };
        let trained = fit(&config, &recipe, 1);
        let parameters = trained.network().parameters().iter();
        let scales = parameters.filter(|(name, _)| name.ends_with("_scale"));
        scales
            .map(|(_, var)| var.to_vec1::<f32>().unwrap()[0])
            .collect::<Vec<f32>>()
    };
    let fitted = scales(1e-3);
    // two for triplets and one for atoms in each of 2 blocks, and 3 outputs
    assert_eq!(fitted.len(), 9);
    assert!(
        fitted
            .iter()
            .all(|&scale| scale > 0.0 && (scale - 1.0).abs() > 1e-3)
    );
    assert_eq!(fitted, scales(1e-2));
}

#[test]
fn an_average_of_the_weights_predicts() {
    let config = networks().pop().unwrap();
    let plain = fit(&config, &recipe(3), 1).predict(&eight()).unwrap();
    let averaged = |decay| {
        let recipe = Recipe {
            average: Some(decay),
            ..recipe(3)
        };
        fit(&config, &recipe, 1).predict(&eight()).unwrap()
    };
    // a short memory forgets all but the last step
    for (averaged, plain) in averaged(1e-6).iter().zip(&plain) {
        assert_relative_eq!(averaged, plain, epsilon = 1e-5);
    }
    assert_ne!(averaged(0.999), plain);
}

/// Predictions, after so many epochs in one sitting and the rest in another.
fn in_two_sittings(config: &NetworkConfig, recipe: &Recipe, first: usize) -> Vec<f64> {
    let graphs = eight();
    let (seen, unseen) = graphs.split_at(6);
    let of = |graphs, targets| Samples { graphs, targets };
    let samples = of(seen, &TARGETS[..6]);
    let start = || {
        let trainer = Trainer::new(
            config,
            recipe,
            samples,
            Some(of(unseen, &TARGETS[6..])),
            1,
            &Device::Cpu,
        )?;
        trainer.weighted(&[1.0, 2.0, 0.5, 0.5, 1.0, 1.0])
    };
    let mut trainer = start().unwrap();
    for _ in 0..first {
        trainer.epoch().unwrap();
    }
    let state = trainer.state().unwrap();
    let mut trainer = start().unwrap();
    trainer.resume(&state).unwrap();
    while trainer.epoch().unwrap().is_some() {}
    trainer.finish().unwrap().predict(&graphs).unwrap()
}

#[test]
fn a_training_that_was_left_comes_to_the_same_end() {
    let recipe = Recipe {
        batch_size: 4,
        optimizer: Optimizer::AmsGrad { decay: 0.01 },
        schedule: Schedule::Plateau {
            factor: 0.5,
            patience: 1,
            threshold: 0.1,
            minimum: 1e-5,
        },
        average: Some(0.9),
        patience: Some(4),
        ..recipe(9)
    };
    for config in networks() {
        let whole = in_two_sittings(&config, &recipe, 0);
        for first in [1, 5, 9] {
            assert_eq!(
                in_two_sittings(&config, &recipe, first),
                whole,
                "{config:?}"
            );
        }
    }
    let one_cycle = Recipe {
        schedule: Schedule::OneCycle { warm_up: 0.3 },
        draws: Some(10),
        ..recipe
    };
    let config = &networks()[0];
    let whole = in_two_sittings(config, &one_cycle, 0);
    assert_eq!(in_two_sittings(config, &one_cycle, 3), whole);
}

#[test]
fn the_state_of_another_training_is_refused() {
    let (graphs, recipe) = (eight(), recipe(2));
    let samples = |count| Samples {
        graphs: &graphs[..count],
        targets: &TARGETS[..count],
    };
    let start = |network: usize, count| {
        Trainer::new(
            &networks()[network],
            &recipe,
            samples(count),
            None,
            1,
            &Device::Cpu,
        )
        .unwrap()
    };
    let state = start(0, 8).state().unwrap();
    for mut other in [start(1, 8), start(0, 7)] {
        assert!(matches!(other.resume(&state), Err(Error::Weights { .. })));
    }
    assert!(matches!(
        start(0, 8).resume(&state[..9]),
        Err(Error::Tensor(_))
    ));
}

/// Whether they weigh errors or are the chance to be drawn.
#[test]
fn weights_of_zero_leave_structures_out() {
    for draws in [None, Some(8)] {
        with_weights_of_zero(&Recipe { draws, ..recipe(5) });
    }
}

fn with_weights_of_zero(recipe: &Recipe) {
    let graphs = eight();
    let weights = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0];
    let predict = |targets: &[f64], weights: Option<&[f64]>| {
        let samples = Samples {
            graphs: &graphs,
            targets,
        };
        let mut trainer = Trainer::new(&networks()[2], recipe, samples, None, 1, &Device::Cpu)?;
        if let Some(weights) = weights {
            trainer = trainer.weighted(weights)?;
        }
        while trainer.epoch()?.is_some() {}
        trainer.finish()?.predict(&graphs)
    };
    // the same numbers, so that mean and spread are equal
    let exchanged = [3.1, 2.9, 3.4, 3.0, 3.6, 2.8, 3.3, 2.6];
    let left_out = predict(&TARGETS, Some(&weights)).unwrap();
    for (a, b) in left_out
        .iter()
        .zip(predict(&exchanged, Some(&weights)).unwrap())
    {
        assert_relative_eq!(*a, b, epsilon = 1e-5);
    }
    let counted = predict(&exchanged, None).unwrap();
    assert!(
        left_out
            .iter()
            .zip(&counted)
            .any(|(a, b)| (a - b).abs() > 1e-3)
    );
    if recipe.draws.is_none() {
        let even = predict(&TARGETS, Some(&[1.0; 8])).unwrap();
        assert_eq!(even, predict(&TARGETS, None).unwrap());
    }
    assert_eq!(
        predict(&TARGETS, Some(&weights[1..]))
            .unwrap_err()
            .to_string(),
        "every graph needs one weight, got 8 graphs and 7 weights"
    );
    let negative = [-1.0; 8];
    assert!(predict(&TARGETS, Some(&negative)).is_err());
}

#[test]
fn a_training_begins_with_the_weights_of_an_earlier_one() {
    for config in networks() {
        let earlier = fit(&config, &recipe(3), 1);
        let graphs = eight();
        let samples = Samples {
            graphs: &graphs,
            targets: &TARGETS,
        };
        let recipe = recipe(2);
        let fresh =
            |seed| Trainer::new(&config, &recipe, samples, None, seed, &Device::Cpu).unwrap();
        let begun = fresh(7).starting_from(&earlier).unwrap();
        let another = begun.another(8).unwrap();
        let expected = earlier.predict(&graphs).unwrap();
        for trainer in [begun, another] {
            let predicted = trainer.finish().unwrap().predict(&graphs).unwrap();
            assert_eq!(predicted, expected);
        }
        let predicted = fresh(7).finish().unwrap().predict(&graphs).unwrap();
        assert_ne!(predicted, expected);
    }
    let [first, .., last] = &networks()[..] else {
        panic!("there are several networks");
    };
    let graphs = eight();
    let samples = Samples {
        graphs: &graphs,
        targets: &TARGETS,
    };
    let recipe = recipe(1);
    let trainer = Trainer::new(last, &recipe, samples, None, 1, &Device::Cpu).unwrap();
    let refused = trainer.starting_from(&fit(first, &recipe, 1)).unwrap_err();
    assert!(matches!(refused, gnn::Error::OtherNetwork));
}
