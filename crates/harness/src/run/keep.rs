//! Files that a fit may leave for later fits, or for itself.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::files;

/// Time between two states that a fit saves of itself.
const BETWEEN: Duration = Duration::from_secs(30);

/// What fits keep: things that depend on settings alone and that all trials may
/// share, and the state of one fit, from which it goes on after an interruption.
///
/// Neither may change a result: a fit that finds nothing here must come to the
/// same end, only later.
#[derive(Debug)]
pub struct Keep {
    shared: Option<PathBuf>,
    state: Option<PathBuf>,
    log: Option<PathBuf>,
    between: Duration,
    saved: Mutex<Instant>,
}

impl Keep {
    /// Keeps nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self::at(None, None, None)
    }

    /// - `shared`: a folder for what all trials may share.
    /// - `state`: the file for the state of one fit.
    /// - `log`: the file for what a program says of one fit.
    #[must_use]
    pub fn at(shared: Option<&Path>, state: Option<PathBuf>, log: Option<PathBuf>) -> Self {
        Self {
            shared: shared.map(Path::to_owned),
            state,
            log,
            between: BETWEEN,
            saved: Mutex::new(Instant::now()),
        }
    }

    /// The same, and every state is saved.
    #[cfg(test)]
    pub(crate) fn often(shared: Option<&Path>, state: Option<PathBuf>) -> Self {
        Self {
            between: Duration::ZERO,
            ..Self::at(shared, state, None)
        }
    }

    /// The file of this name that all trials share, if there is a place for it.
    #[must_use]
    pub fn shared(&self, name: &str) -> Option<PathBuf> {
        self.shared.as_ref().map(|folder| folder.join(name))
    }

    /// Where a program's words about this fit are kept.
    #[must_use]
    pub fn log(&self) -> Option<PathBuf> {
        self.log.clone()
    }

    /// The last state that was saved.
    #[must_use]
    pub fn state(&self) -> Option<Vec<u8>> {
        std::fs::read(self.state.as_ref()?).ok()
    }

    /// Saves a state, if the last was saved a while ago.
    ///
    /// # Errors
    ///
    /// If the state cannot be made, or the file system refuses.
    pub fn save(&self, state: impl FnOnce() -> Result<Vec<u8>>) -> Result<()> {
        let Some(path) = &self.state else {
            return Ok(());
        };
        let mut saved = self
            .saved
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if saved.elapsed() >= self.between {
            files::write(path, &state()?)?;
            *saved = Instant::now();
        }
        Ok(())
    }
}
