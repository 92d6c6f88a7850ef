//! The guard of a fit: the clock.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Tells a fit when to stop.
///
/// Budgets count work, so the clock should never be what ends a fit; when it
/// is, the record says so.
#[derive(Debug)]
pub struct Watch {
    longest: Option<Duration>,
    deadline: Option<Instant>,
    cut_short: AtomicBool,
}

impl Watch {
    /// A watch that ends after this time.
    #[must_use]
    pub fn start(longest: Duration) -> Self {
        Self {
            longest: Some(longest),
            deadline: Instant::now().checked_add(longest),
            cut_short: AtomicBool::new(false),
        }
    }

    /// A watch that never ends.
    #[must_use]
    pub fn endless() -> Self {
        Self {
            longest: None,
            deadline: None,
            cut_short: AtomicBool::new(false),
        }
    }

    /// The time that there was at the start; nothing if it never ends.
    #[must_use]
    pub fn longest(&self) -> Option<Duration> {
        self.longest
    }

    /// The time that is left; nothing if it never ends.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let deadline = self.deadline?;
        Some(deadline.saturating_duration_since(Instant::now()))
    }

    /// Whether the fit must stop now. Asked from within its loops.
    pub fn must_stop(&self) -> bool {
        let late = self
            .deadline
            .is_some_and(|deadline| Instant::now() >= deadline);
        if late {
            self.cut_short.store(true, Ordering::Relaxed);
        }
        late
    }

    /// [`Watch::must_stop`] for loops that call back.
    pub fn flow(&self) -> ControlFlow<()> {
        if self.must_stop() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Whether [`Watch::must_stop`] ever said yes.
    pub fn has_cut_short(&self) -> bool {
        self.cut_short.load(Ordering::Relaxed)
    }
}
