//! The same front however often, wherever and on how many threads.

use rayon::ThreadPoolBuilder;
use symreg::{Error, ParetoFront, Search, Settings, State, Table};

use crate::{settings, table};

/// A law with noise, positive, so that all views of the target are taken.
fn data() -> (Table, Vec<f64>) {
    let x: Vec<f64> = (0..40).map(|i| 0.5 + f64::from(i) / 10.0).collect();
    let noise = |i: usize| 0.01 * (i as f64 * 2.399).sin();
    let y = x
        .iter()
        .enumerate()
        .map(|(i, x)| 3.0 + (1.7 * x).sin() / x + noise(i));
    let y = y.collect();
    (table(vec![x]), y)
}

fn whole(settings: &Settings, threads: usize) -> ParetoFront {
    let (table, y) = data();
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(|| {
        let mut search = Search::new(&table, &y, settings, 5).unwrap();
        while search.epoch().is_none() {}
        search.into_front()
    })
}

#[test]
fn one_thread_and_two_give_the_same_front() {
    let settings = settings(120_000);
    assert_eq!(whole(&settings, 1), whole(&settings, 2));
}

/// The state is written out and read again after every epoch.
#[test]
fn a_search_that_is_stopped_at_every_epoch_ends_as_one_that_is_not() {
    let (table, y) = data();
    let settings = settings(120_000);
    let mut search = Search::new(&table, &y, &settings, 5).unwrap();
    let mut stops = 0;
    while search.epoch().is_none() {
        let saved = serde_json::to_string(search.state()).unwrap();
        let state: State = serde_json::from_str(&saved).unwrap();
        assert_eq!(&state, search.state());
        search = Search::resume(&table, &y, &settings, state).unwrap();
        stops += 1;
    }
    assert!(stops >= 2, "only {stops} epochs");
    assert_eq!(search.into_front(), whole(&settings, 1));
}

#[test]
fn a_larger_budget_goes_on_from_a_smaller_one() {
    let (table, y) = data();
    let (short, long) = (settings(40_000), settings(80_000));
    let mut search = Search::new(&table, &y, &short, 5).unwrap();
    while search.epoch().is_none() {}
    let before = search.state().front().best().error;
    let mut search = Search::resume(&table, &y, &long, search.state().clone()).unwrap();
    while search.epoch().is_none() {}
    assert!(search.state().evaluations() >= 80_000);
    assert!(search.state().front().best().error <= before);
}

#[test]
fn a_state_is_not_taken_up_on_other_data() {
    let (table, mut y) = data();
    let settings = settings(10_000);
    let search = Search::new(&table, &y, &settings, 5).unwrap();
    let state = search.state().clone();
    y[0] += 1.0;
    let refused = Search::resume(&table, &y, &settings, state);
    assert_eq!(refused.unwrap_err(), Error::OtherSearch);
}

#[test]
fn the_clock_cuts_a_search_short_and_says_so() {
    let (table, y) = data();
    let mut settings = settings(u64::MAX);
    settings.search.seconds = Some(0.0);
    let mut search = Search::new(&table, &y, &settings, 5).unwrap();
    assert_eq!(search.epoch(), Some(symreg::Ended::CutShort));
}
