//! How the learning rate changes.

use std::f64::consts::PI;

use super::recipe::fraction;
use super::state::{State, count};
use crate::Result;

/// How the learning rate changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Schedule {
    /// It does not.
    Constant,
    /// It is multiplied by `factor` when the training error has not fallen by
    /// the relative `threshold` for more than `patience` epochs.
    Plateau {
        /// In (0, 1).
        factor: f64,
        /// Epochs.
        patience: usize,
        /// Relative; in [0, 1).
        threshold: f64,
        /// The rate never falls below.
        minimum: f64,
    },
    /// It rises from 1/25 of the largest over the first `warm_up` of all steps
    /// and falls to 1/250,000, both along a cosine.
    ///
    /// Smith & Topin, arXiv:1708.07120, with PyTorch's numbers.
    OneCycle {
        /// Share of the steps, in (0, 1); PyTorch has 0.3.
        warm_up: f64,
    },
}

impl Schedule {
    pub(super) fn check(&self) -> Result<()> {
        match *self {
            Self::Constant => Ok(()),
            Self::Plateau { factor, .. } => fraction("the plateau factor", factor),
            Self::OneCycle { warm_up } => fraction("the warm-up", warm_up),
        }
    }
}

/// The learning rate of a training in progress.
#[derive(Debug)]
pub(super) struct Rate {
    schedule: Schedule,
    largest: f64,
    current: f64,
    /// Steps done, and to be done.
    step: usize,
    steps: usize,
    /// The lowest training error, and the epochs since.
    best: f64,
    waited: usize,
}

impl Rate {
    pub(super) fn new(schedule: Schedule, largest: f64, steps: usize) -> Self {
        Self {
            schedule,
            largest,
            current: largest,
            step: 0,
            steps,
            best: f64::INFINITY,
            waited: 0,
        }
    }

    pub(super) fn current(&self) -> f64 {
        self.current
    }

    pub(super) fn keep(&self, state: &mut State) -> Result<()> {
        let (step, waited) = (self.step as f64, self.waited as f64);
        state.put_numbers("rate", &[self.current, step, self.best, waited])
    }

    pub(super) fn recall(&mut self, state: &mut State) -> Result<()> {
        let [current, step, best, waited] = state.take_numbers("rate")?;
        (self.current, self.best) = (current, best);
        (self.step, self.waited) = (count(step), count(waited));
        Ok(())
    }

    /// The rate of the next step.
    pub(super) fn next_step(&mut self) -> f64 {
        if let Schedule::OneCycle { warm_up } = self.schedule {
            self.current = one_cycle(self.step, self.steps, warm_up) * self.largest;
        }
        self.step += 1;
        self.current
    }

    /// Looks at the error of an epoch.
    pub(super) fn end_epoch(&mut self, train_error: f64) {
        let Schedule::Plateau {
            factor,
            patience,
            threshold,
            minimum,
        } = self.schedule
        else {
            return;
        };
        if train_error < self.best * (1.0 - threshold) {
            self.best = train_error;
            self.waited = 0;
        } else {
            self.waited += 1;
        }
        if self.waited > patience {
            // a rate that starts below the minimum is left alone
            self.current = (self.current * factor).max(minimum.min(self.current));
            self.waited = 0;
        }
    }
}

/// The rate at a step, as a share of the largest.
fn one_cycle(step: usize, steps: usize, warm_up: f64) -> f64 {
    const START: f64 = 1.0 / 25.0;
    const END: f64 = START / 1e4;
    let last = steps.saturating_sub(1).max(1) as f64;
    let top = (warm_up * steps as f64 - 1.0).max(1.0).min(last);
    let step = step as f64;
    let (from, to, way) = if step <= top {
        (START, 1.0, step / top)
    } else {
        (1.0, END, ((step - top) / (last - top)).min(1.0))
    };
    to + (from - to) * 0.5 * (1.0 + (PI * way).cos())
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn a_plateau_waits_and_then_halves_down_to_the_minimum() {
        let schedule = Schedule::Plateau {
            factor: 0.5,
            patience: 1,
            threshold: 0.1,
            minimum: 0.3,
        };
        let mut rate = Rate::new(schedule, 1.0, 10);
        let rates: Vec<f64> = [1.0, 0.95, 0.94, 0.93, 0.92, 0.5]
            .into_iter()
            .map(|error| {
                rate.end_epoch(error);
                rate.current()
            })
            .collect();
        assert_eq!(rates, [1.0, 1.0, 0.5, 0.5, 0.3, 0.3]);
    }

    #[test]
    fn one_cycle_rises_to_the_largest_and_falls_to_almost_nothing() {
        let mut rate = Rate::new(Schedule::OneCycle { warm_up: 0.3 }, 2.0, 10);
        let rates: Vec<f64> = (0..10).map(|_| rate.next_step()).collect();
        assert_relative_eq!(rates[0], 2.0 / 25.0, epsilon = 1e-12);
        assert_relative_eq!(rates[2], 2.0, epsilon = 1e-12);
        assert_relative_eq!(rates[9], 2.0 / 250_000.0, epsilon = 1e-12);
    }
}
