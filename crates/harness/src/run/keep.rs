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
    begun: Instant,
    saved: Mutex<Instant>,
    earlier: Mutex<Duration>,
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
            begun: Instant::now(),
            saved: Mutex::new(Instant::now()),
            earlier: Mutex::new(Duration::ZERO),
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

    /// The same for a part of the fit, whose own state is not kept.
    #[must_use]
    pub fn without_state(&self) -> Self {
        Self::at(self.shared.as_deref(), None, self.log.clone())
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
        let bytes = std::fs::read(self.state.as_ref()?).ok()?;
        let (seconds, state) = bytes.split_first_chunk()?;
        let earlier = Duration::try_from_secs_f64(f64::from_le_bytes(*seconds)).ok()?;
        *locked(&self.earlier) = earlier;
        Some(state.to_vec())
    }

    /// How long the fit had taken when the state was saved from which it goes on.
    #[must_use]
    pub fn earlier(&self) -> Duration {
        *locked(&self.earlier)
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
        let mut saved = locked(&self.saved);
        if saved.elapsed() >= self.between {
            let spent = self.earlier() + self.begun.elapsed();
            let mut bytes = spent.as_secs_f64().to_le_bytes().to_vec();
            bytes.extend(state()?);
            files::write(path, &bytes)?;
            *saved = Instant::now();
        }
        Ok(())
    }
}

/// Locks, whoever panicked before: what is behind our locks is always whole.
pub(crate) fn locked<T>(value: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    value
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_counted_over_all_sittings() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let sitting = || Keep::often(None, Some(path.clone()));
        let first = sitting();
        assert_eq!((first.state(), first.earlier()), (None, Duration::ZERO));
        first.save(|| Ok(b"half".to_vec())).unwrap();
        let second = sitting();
        assert_eq!(second.state().unwrap(), b"half");
        let after_one = second.earlier();
        assert!(after_one > Duration::ZERO);
        second.save(|| Ok(b"more".to_vec())).unwrap();
        let third = sitting();
        assert_eq!(third.state().unwrap(), b"more");
        assert!(third.earlier() > after_one);
        std::fs::write(&path, b"short").unwrap();
        assert_eq!(sitting().state(), None);
    }
}
