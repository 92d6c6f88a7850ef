//! Ctrl-C as a wish, for work that has something to save.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether somebody has pressed Ctrl-C.
#[derive(Debug, Clone)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on Ctrl-C does not end the program: whoever works asks
    /// [`Interrupt::is_wanted`]. Where that is not to be had, Ctrl-C ends it.
    pub(super) fn watch() -> Self {
        let wanted = Arc::new(AtomicBool::new(false));
        let set = Arc::clone(&wanted);
        let watched = ctrlc::set_handler(move || set.store(true, Ordering::Relaxed));
        if let Err(error) = watched {
            eprintln!("warning: Ctrl-C will end the search without saving it: {error}");
        }
        Self(wanted)
    }

    /// Whether the work is to end.
    pub(super) fn is_wanted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
