//! The loop: propose, score, polish, keep.
//!
//! Work is done in epochs. In an epoch every island tries formulas for a given
//! number of passes over the rows, side by side with the others; then, in the
//! order of the islands, what they found is merged into one front, the constants
//! of new members are finished, and formulas travel from island to island. Nothing
//! depends on which thread did what, or on the clock.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use rand::RngExt;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};

use crate::{
    Dimensions, Objective, ParetoFront, Proposer, Result, Settings, Table,
    finish::Finish,
    island::{Desk, Worker},
    state::{State, hash},
    view::View,
};

/// Values that one island computes in an epoch, about.
const EPOCH: u64 = 1_000_000;

/// Fewest and most passes of an island in an epoch.
const PASSES: (u64, u64) = (200, 5_000);

/// How far a search has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Passes over all rows so far.
    pub evaluations: u64,
    /// Passes that the search may make.
    pub budget: u64,
    /// The best formulas so far.
    pub front: &'a ParetoFront,
}

/// Why a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// All evaluations were spent.
    Budget,
    /// The law was found to numerical exactness, or there is nothing to find.
    Exact,
    /// The seconds were over: another machine may come further.
    CutShort,
    /// The caller broke it off.
    Stopped,
}

/// A search on its way.
///
/// # Examples
///
/// ```
/// # use symreg::{Column, Search, Settings, Table};
/// let x: Vec<f64> = (0..30).map(|i| f64::from(i) / 10.0).collect();
/// let y: Vec<f64> = x.iter().map(|x| x.sin() * x).collect();
/// let table = Table::new(vec![(Column::new("x", ""), x)])?;
/// let settings = Settings::default();
/// let mut search = Search::new(&table, &y, &settings, 1)?;
/// while search.epoch().is_none() {
///     // a good place to save `search.state()`
/// }
/// assert!(search.state().front().best().error < 1e-9);
/// # Ok::<(), symreg::Error>(())
/// ```
#[derive(Debug)]
pub struct Search<'a> {
    settings: &'a Settings,
    desks: Vec<Desk<'a>>,
    state: State,
    spent: Duration,
}

impl<'a> Search<'a> {
    /// Begins a search; equal arguments give equal fronts.
    ///
    /// - `target`: `(rows,)`, one value for each row of the table; or one for every
    ///   so many rows, where the settings say that these are taken together.
    ///
    /// # Errors
    ///
    /// [`crate::Error::NoRows`], [`crate::Error::Length`] and
    /// [`crate::Error::NotFinite`] for the data, [`crate::Error::Setting`] and
    /// [`crate::Error::Leaf`] for the settings, [`crate::Error::Unit`] for units that
    /// cannot be read.
    pub fn new(
        table: &'a Table,
        target: &[f64],
        settings: &'a Settings,
        seed: u64,
    ) -> Result<Self> {
        let objective = prepared(table, target, settings)?;
        let (islands, operators) = (settings.search.islands, &settings.operators.used);
        let sums = settings.search.together > 1;
        let views = View::of_islands(islands, if sums { &[] } else { target }, operators);
        let desks = desks(&objective, &views, target, settings);
        let state = State::new(&views, &desks, settings, seed, hash(table, target));
        Ok(Self {
            settings,
            desks,
            state,
            spent: Duration::ZERO,
        })
    }

    /// Takes a search up again where it was when the state was saved.
    ///
    /// # Errors
    ///
    /// As [`Search::new`]; [`crate::Error::OtherSearch`] if the state is of other data
    /// or of another number of islands. Budgets may differ.
    pub fn resume(
        table: &'a Table,
        target: &[f64],
        settings: &'a Settings,
        state: State,
    ) -> Result<Self> {
        let objective = prepared(table, target, settings)?;
        state.check(settings, hash(table, target))?;
        let views: Vec<View> = state.islands.iter().map(|island| island.view).collect();
        Ok(Self {
            desks: desks(&objective, &views, target, settings),
            settings,
            state,
            spent: Duration::ZERO,
        })
    }

    /// What there is so far; to be saved, or to be read.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The front, once enough was searched.
    #[must_use]
    pub fn into_front(self) -> ParetoFront {
        self.state.front
    }

    /// Works for one epoch, unless the search has ended.
    pub fn epoch(&mut self) -> Option<Ended> {
        if let Some(ended) = self.ended() {
            return Some(ended);
        }
        let start = Instant::now();
        self.work();
        self.merge();
        self.state.epoch += 1;
        self.spent += start.elapsed();
        self.ended()
    }

    fn ended(&self) -> Option<Ended> {
        let search = &self.settings.search;
        let objective = &self.desks[0].plain;
        let nothing = objective.table().columns().is_empty();
        if nothing || self.state.front.best().error <= search.exact * objective.scale() {
            Some(Ended::Exact)
        } else if self.state.evaluations() >= search.evaluations {
            Some(Ended::Budget)
        } else if search
            .seconds
            .is_some_and(|s| self.spent.as_secs_f64() >= s)
        {
            Some(Ended::CutShort)
        } else {
            None
        }
    }

    /// Lets all islands work, each on its own copy of the front.
    fn work(&mut self) {
        let rows = self.desks[0].plain.rows().max(1);
        let share = (EPOCH / rows).clamp(PASSES.0, PASSES.1);
        let left = self.settings.search.evaluations - self.state.evaluations();
        let share = share.min(left.div_ceil(self.state.islands.len() as u64));
        let (front, settings) = (&self.state.front, self.settings);
        let islands = self.state.islands.par_iter_mut();
        let fronts: Vec<ParetoFront> = islands
            .zip(&mut self.desks)
            .map(|(island, desk)| {
                let mut front = front.clone();
                island.work(desk, &mut front, settings, share);
                front
            })
            .collect();
        for member in fronts.iter().flat_map(ParetoFront::all) {
            self.state.front.offer(member.clone());
        }
    }

    /// Finishes new members of the front, and lets formulas travel.
    fn merge(&mut self) {
        let objective = &mut self.desks[0].plain;
        let first = objective.evaluations();
        let state = &mut self.state;
        Finish {
            front: &mut state.front,
            finished: &mut state.finished,
        }
        .run(objective, self.settings);
        state.finishing += objective.evaluations() - first;
        self.travel();
    }

    /// Sends a winner of each island to the next one of the same view, and a
    /// member of the front to all that see the target as it is.
    fn travel(&mut self) {
        let state = &mut self.state;
        let islands = state.islands.iter_mut();
        let travellers: Vec<_> = islands
            .map(|island| island.genetic.traveller(island.worker.random()))
            .collect();
        let count = travellers.len();
        for (from, traveller) in travellers.into_iter().enumerate() {
            let view = state.islands[from].view;
            let next = (1..count).map(|step| (from + step) % count);
            let to = next.into_iter().find(|to| state.islands[*to].view == view);
            if let (Some(to), Some(traveller)) = (to, traveller) {
                let island = &mut state.islands[to];
                island.genetic.settle(traveller, island.worker.random());
            }
            let island = &mut state.islands[from];
            if view == View::Plain {
                let random = island.worker.random();
                let members = state.front.members();
                let member = members[random.random_range(0..members.len())].clone();
                island.genetic.settle(member, random);
            }
        }
    }
}

/// The data as every island sees them.
fn desks<'a>(
    plain: &Objective<'a>,
    views: &[View],
    target: &[f64],
    settings: &Settings,
) -> Vec<Desk<'a>> {
    let table = plain.table();
    let desk = |view: &View| {
        let plain_target = matches!(view, View::Plain | View::Bare);
        let seen = view.seen(target).filter(|_| !plain_target);
        let terms = settings.search.terms;
        Desk {
            seen: seen.map(|target| {
                Objective::new(table, &target, terms, settings.safety)
                    .with_operators(&settings.operators)
            }),
            plain: plain.clone(),
        }
    };
    views.iter().map(desk).collect()
}

/// Data and settings, checked.
fn prepared<'a>(table: &'a Table, target: &[f64], settings: &Settings) -> Result<Objective<'a>> {
    settings.check()?;
    table.check_target(target, settings.search.together)?;
    let terms = settings.search.terms;
    let objective =
        Objective::new(table, target, terms, settings.safety).with_operators(&settings.operators);
    let Some(units) = &settings.units else {
        return Ok(objective);
    };
    let units = Dimensions::new(table.columns(), &units.target, units.constants)?;
    Ok(objective.with_units(units))
}

/// Searches for formulas that explain a target, with the genetic programme.
///
/// - `target`: `(rows,)`, one value for each row of the table.
/// - `watch`: is shown the progress before every epoch, several times a second;
///   a search that it breaks off returns what it has.
///
/// Equal arguments give equal fronts at any number of threads, unless `watch` or
/// the seconds of the settings break off by the clock. A table without columns, a
/// single row or a constant target give a front of one constant.
///
/// # Errors
///
/// As [`Search::new`].
pub fn search(
    table: &Table,
    target: &[f64],
    settings: &Settings,
    seed: u64,
    watch: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<ParetoFront> {
    let mut search = Search::new(table, target, settings, seed)?;
    loop {
        let progress = Progress {
            evaluations: search.state.evaluations(),
            budget: settings.search.evaluations,
            front: &search.state.front,
        };
        if search.ended().is_some() || watch(&progress).is_break() {
            return Ok(search.into_front());
        }
        search.epoch();
    }
}

/// Searches with any source of formulas, on one thread; else as [`search()`].
///
/// # Errors
///
/// As [`search()`].
pub fn search_with(
    proposer: &mut dyn Proposer,
    table: &Table,
    target: &[f64],
    settings: &Settings,
    seed: u64,
    watch: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<ParetoFront> {
    let mut objective = prepared(table, target, settings)?;
    let mut front = ParetoFront::of(&objective);
    let mut worker = Worker::new(seed, 0);
    let mut finished = Vec::new();
    let budget = settings.search.evaluations;
    let share = (EPOCH / objective.rows().max(1)).clamp(PASSES.0, PASSES.1);
    let exact = settings.search.exact * objective.scale();
    while !table.columns().is_empty() && front.best().error > exact && worker.evaluations < budget {
        let progress = Progress {
            evaluations: worker.evaluations,
            budget,
            front: &front,
        };
        if watch(&progress).is_break() {
            break;
        }
        let until = budget.min(worker.evaluations + share);
        worker.work(proposer, &mut objective, &mut front, settings, until, false);
        let first = objective.evaluations();
        Finish {
            front: &mut front,
            finished: &mut finished,
        }
        .run(&mut objective, settings);
        worker.evaluations += objective.evaluations() - first;
    }
    Ok(front)
}
