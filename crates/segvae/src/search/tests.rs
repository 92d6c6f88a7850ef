use std::ops::ControlFlow;

use symreg::Column;

use super::*;
use crate::{pretrain, settings::Fitting};

fn small() -> Settings {
    let mut settings = Settings::default();
    settings.words.numbers = vec![1.0];
    settings.model.hidden_dim = 32;
    settings.model.token_embedding_dim = 32;
    settings.training.train_size = 2000;
    settings.training.val_size = 100;
    settings.training.n_pretrain_steps = 4;
    settings.training.learning_rate = 4e-3;
    settings.search.n_formulas_to_sample = 500;
    settings.search.max_len = 9;
    settings.search.epochs = 40;
    settings.search.percentile = 10.0;
    settings.domain.points = 100;
    settings
}

fn data(law: fn(f64) -> f64) -> (Table, Vec<f64>) {
    let x: Vec<f64> = (0..20).map(|i| -1.0 + 0.1 * f64::from(i)).collect();
    let y = x.iter().map(|x| law(*x)).collect();
    (Table::new(vec![(Column::new("x", ""), x)]).unwrap(), y)
}

fn trained(settings: &Settings) -> Trainer {
    pretrain(settings, 1, &mut |_, _, _| ControlFlow::Continue(())).unwrap()
}

#[test]
fn a_small_law_is_found() {
    let (table, y) = data(|x| x * x + x);
    let settings = small();
    let mut search = Search::new(&table, &y, &settings, trained(&settings), 1).unwrap();
    while !search.is_over() && !crate::recovered(&search, &y) {
        let report = search.epoch().unwrap();
        assert!(report.valid <= report.unique && report.scored <= report.allowed);
    }
    assert!(crate::recovered(&search, &y), "{:?}", search.best());
    assert!(search.front().unwrap().best().error < 1e-9);
}

/// The original draws its points for one or two variables.
#[test]
fn a_law_of_three_variables_is_found_with_and_without_memory() {
    let columns = [1.0, 2.3, 3.9].map(|step| {
        let values = (0..30).map(|i| (step * f64::from(i)).sin());
        (Column::new(format!("c{step}"), ""), values.collect())
    });
    let table = Table::new(columns.to_vec()).unwrap();
    let [x, y, z] = [0, 1, 2].map(|column| table.values(column));
    let law: Vec<f64> = (0..30).map(|i| x[i] * y[i] + z[i]).collect();
    let mut settings = small();
    settings.words.columns = 3;
    settings.extras.bred = 500;
    let trainer = trained(&settings);
    let found = [0, 2_000_000].map(|remembered| {
        settings.extras.remembered = remembered;
        let mut search = Search::new(&table, &law, &settings, trainer.clone(), 1).unwrap();
        while !search.is_over() && !crate::recovered(&search, &law) {
            search.epoch().unwrap();
        }
        assert!(crate::recovered(&search, &law), "{:?}", search.best());
        (search.front().unwrap(), search.evaluations())
    });
    let [(afresh, more), (remembered, fewer)] = found;
    assert!(afresh.all().eq(remembered.all()));
    assert!(fewer < more, "{fewer} {more}");
}

#[test]
fn a_search_goes_on_without_a_formula_to_learn_from() {
    let (table, y) = data(|x| x);
    let mut settings = small();
    settings.domain.lowest = Some(1e6);
    let grammar = Grammar::new(settings.words.clone()).unwrap();
    let trainer = Trainer::new(&grammar, &settings, 1);
    let mut search = Search::new(&table, &y, &settings, trainer, 1).unwrap();
    for _ in 0..2 {
        let report = search.epoch().unwrap();
        assert!(report.sampled > 0);
        assert_eq!((report.scored, report.learnt), (0, 0));
    }
}

#[test]
fn a_law_may_be_met_and_yet_not_be_recovered() {
    // x is the law, and the number 1 nearer to the data
    let (table, law) = data(|x| x);
    let target: Vec<f64> = law.iter().map(|x| x + 0.9).collect();
    let settings = small();
    let grammar = Grammar::new(settings.words.clone()).unwrap();
    let trainer = Trainer::new(&grammar, &settings, 1);
    let mut search = Search::new(&table, &target, &settings, trainer, 1).unwrap();
    let mut look_at = |text: &str| {
        let formulas = vec![grammar.parse(text).unwrap()];
        search.grade(formulas, &mut Report::default());
        let met = crate::met(&search, &target, &law);
        (met, crate::recovered(&search, &law))
    };
    assert_eq!(look_at("exp x1"), (false, false));
    assert_eq!(look_at("x1"), (true, true));
    // as complex, and better on the data
    assert_eq!(look_at("1"), (true, false));
}

#[test]
fn formulas_that_rest_on_a_guard_do_not_put_out_others() {
    // The root of a number below zero is zero by the guard, which fits best.
    let (table, y) = data(|x| 0.1 * x);
    let [guarded, plain] = ["pow sub x1 2 div 1 2", "pow add x1 2 div 1 2"];
    for (textbook, best) in [(false, guarded), (true, plain)] {
        let mut settings = small();
        settings.words.functions.push(crate::Function::Pow);
        settings.words.numbers = vec![1.0, 2.0];
        settings.search.textbook = textbook;
        let grammar = Grammar::new(settings.words.clone()).unwrap();
        let trainer = Trainer::new(&grammar, &settings, 1);
        let mut search = Search::new(&table, &y, &settings, trainer, 1).unwrap();
        let formulas = [plain, guarded].map(|text| grammar.parse(text).unwrap());
        search.grade(formulas.to_vec(), &mut Report::default());
        let kept: Vec<_> = search.best().values().map(|best| &best.tokens).collect();
        assert_eq!(kept, [&grammar.parse(best).unwrap()]);
    }
}

#[test]
fn a_search_taken_up_again_is_the_same() {
    let (table, y) = data(|x| x.exp() + x);
    for (strategy, fitting, polished) in [
        (Strategy::Percentile, Fitting::Written, 0),
        (Strategy::Queue, Fitting::Written, 4),
        (Strategy::Queue, Fitting::Projected, 4),
    ] {
        let mut settings = small();
        settings.search.strategy = strategy;
        settings.search.queue_size = 50;
        settings.constants.fitting = fitting;
        settings.search.epochs = 4;
        settings.extras.bred = 50;
        settings.extras.neighbours = 50;
        settings.extras.walks = 3;
        settings.extras.polished = polished;
        settings.extras.polynomials = 3;
        settings.extras.parsimony = 0.5;
        settings.search.simplification = true;
        let trainer = trained(&settings);
        let mut whole = Search::new(&table, &y, &settings, trainer.clone(), 1).unwrap();
        let mut first = Search::new(&table, &y, &settings, trainer, 1).unwrap();
        for _ in 0..2 {
            whole.epoch().unwrap();
            first.epoch().unwrap();
        }
        let saved = serde_json::to_string(&first.state()).unwrap();
        let state = serde_json::from_str(&saved).unwrap();
        let mut second = Search::resume(&table, &y, &settings, state).unwrap();
        while !whole.is_over() {
            assert_eq!(whole.epoch().unwrap(), second.epoch().unwrap());
        }
        assert_eq!(whole.state(), second.state());
        let state = second.state();
        let other: Vec<f64> = y.iter().map(|y| y + 1.0).collect();
        let refused = Search::resume(&table, &other, &settings, state).unwrap_err();
        assert_eq!(refused, Error::OtherSearch);
    }
}

#[test]
fn the_better_mode_finds_constants() {
    let (table, y) = data(|x| 2.7 * (1.3 * x).exp() - 0.4 * x);
    let mut settings = Settings {
        words: crate::grammar::Words {
            constant: true,
            ..small().words
        },
        constants: Settings::better().constants,
        ..small()
    };
    settings.search.strategy = Strategy::Queue;
    settings.extras.bred = 300;
    settings.extras.neighbours = 100;
    let mut search = Search::new(&table, &y, &settings, trained(&settings), 1).unwrap();
    while !search.is_over() && !crate::recovered(&search, &y) {
        search.epoch().unwrap();
    }
    let front = search.front().unwrap();
    assert!(front.best().error < 1e-5, "{:?}", front.best());
    let chosen = symreg::Rule::DescriptionLength
        .choose(&front, &table, &y)
        .unwrap();
    assert!(chosen.error < 1e-4);
}

#[test]
fn data_that_do_not_fit_are_refused() {
    let (table, y) = data(|x| x);
    let settings = small();
    let grammar = Grammar::new(settings.words.clone()).unwrap();
    let trainer = || Trainer::new(&grammar, &settings, 1);
    let new = |y: &[f64], settings| {
        Search::new(&table, y, settings, trainer(), 1)
            .map(|_| ())
            .unwrap_err()
    };
    assert!(matches!(new(&y[1..], &settings), Error::Data { .. }));
    let mut two = settings.clone();
    two.words.columns = 2;
    assert!(matches!(new(&y, &two), Error::Columns { .. }));
    let mut wide = settings.clone();
    wide.model.hidden_dim = 33;
    assert!(matches!(new(&y, &wide), Error::Weights { .. }));
    let mut turned = settings.clone();
    turned.domain.ranges = Some(vec![(1.0, -1.0)]);
    assert!(matches!(new(&y, &turned), Error::Setting { .. }));
}

#[test]
fn formulas_are_shortened_where_they_say_the_same() {
    let (table, _) = data(|x| x);
    let grammar = Grammar::new(crate::grammar::Words::default()).unwrap();
    let domain = FeatureBox::around(&table, 0.0);
    let tokens = grammar.parse("add sub x1 x1 sin x1").unwrap();
    let short = shorter(&grammar, &domain, &tokens).unwrap();
    assert_eq!(grammar.text(&short), "sin x1");
    assert_eq!(shorter(&grammar, &domain, &short), None);
}
