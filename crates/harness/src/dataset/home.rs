//! Where data sets are kept on this machine.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::error::UserError;

/// The data folder: one folder a data set, each with its cache.
///
/// # Examples
///
/// ```
/// # use harness::dataset::Home;
/// let home = Home::at("/data/tycho");
/// assert_eq!(home.cache("2dmd").to_str(), Some("/data/tycho/2dmd/data.tycho"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// The data folder at a known place; it need not exist yet.
    #[must_use]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The data folder that the user means: the argument `--data`, else the
    /// variable `TYCHO_DATA`, else `tycho` in `XDG_DATA_HOME` or
    /// `~/.local/share`.
    ///
    /// # Errors
    ///
    /// [`UserError`] if none of these is set.
    pub fn find(argument: Option<&Path>) -> Result<Self> {
        Self::from_variables(argument, |name| env::var_os(name).map(PathBuf::from))
    }

    /// [`Home::find`] with the environment as an argument.
    fn from_variables(
        argument: Option<&Path>,
        variable: impl Fn(&str) -> Option<PathBuf>,
    ) -> Result<Self> {
        let set = |name: &str| variable(name).filter(|path| !path.as_os_str().is_empty());
        argument
            .map(Path::to_path_buf)
            .or_else(|| set("TYCHO_DATA"))
            .or_else(|| set("XDG_DATA_HOME").map(|path| path.join("tycho")))
            .or_else(|| set("HOME").map(|path| path.join(".local/share/tycho")))
            .map(Self::at)
            .ok_or_else(|| {
                UserError::new("no data folder: give --data DIR or set TYCHO_DATA or HOME")
            })
    }

    /// The data folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of one data set.
    #[must_use]
    pub fn folder(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The file that an import leaves.
    #[must_use]
    pub fn cache(&self, name: &str) -> PathBuf {
        self.folder(name).join("data.tycho")
    }

    /// A folder for what fits keep for later ones, as pre-trained networks.
    #[must_use]
    pub fn shared(&self) -> PathBuf {
        self.root.join("fits")
    }

    /// Names of the data sets that have been imported, sorted.
    #[must_use]
    pub fn imported(&self) -> Vec<String> {
        let Ok(entries) = self.root.read_dir() else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| self.cache(name).is_file())
            .collect();
        names.sort();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(argument: Option<&str>, variables: &[(&str, &str)]) -> Result<Home> {
        Home::from_variables(argument.map(Path::new), |name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| PathBuf::from(value))
        })
    }

    #[test]
    fn the_argument_comes_before_the_variables_and_an_empty_one_does_not_count() {
        let all = [
            ("TYCHO_DATA", "/t"),
            ("XDG_DATA_HOME", "/x"),
            ("HOME", "/h"),
        ];
        assert_eq!(find(Some("/a"), &all).unwrap().root(), Path::new("/a"));
        assert_eq!(find(None, &all).unwrap().root(), Path::new("/t"));
        assert_eq!(find(None, &all[1..]).unwrap().root(), Path::new("/x/tycho"));
        assert_eq!(
            find(None, &[("TYCHO_DATA", ""), ("HOME", "/h")])
                .unwrap()
                .root(),
            Path::new("/h/.local/share/tycho")
        );
    }

    #[test]
    fn without_any_place_one_is_asked_for() {
        assert_eq!(
            find(None, &[]).unwrap_err().to_string(),
            "no data folder: give --data DIR or set TYCHO_DATA or HOME"
        );
    }
}
