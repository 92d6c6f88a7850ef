//! The data sets that the program knows by name: the folders below `datasets/`
//! of the repository, which the build embeds.
//!
//! Some are there with their data (small, our own), some only with their
//! description, so that `tycho data fetch` knows where to get them.

use anyhow::Result;

use super::Description;
use super::description::Layout;
use super::source::Source;
use crate::error::UserError;

/// Name, and path and bytes of every file.
type Folder = (&'static str, &'static [(&'static str, &'static [u8])]);

/// Every folder of `datasets/`, sorted by name.
const FOLDERS: &[Folder] = include!(concat!(env!("OUT_DIR"), "/datasets.rs"));

/// A data set that the program knows.
#[derive(Debug)]
pub struct Known {
    /// The name of its folder.
    pub name: &'static str,
    /// Its `dataset.toml`.
    pub description: Description,
    files: &'static [(&'static str, &'static [u8])],
}

impl Known {
    /// The text of its `dataset.toml`.
    ///
    /// # Errors
    ///
    /// Never for a data set that [`find`] has found.
    pub fn text(&self) -> Result<String> {
        Source::embedded(self.name, self.files).text("dataset.toml")
    }

    /// The files that the program carries, if the data are among them.
    #[must_use]
    pub fn embedded(&self) -> Option<Source> {
        let data = match self.description.layout {
            Layout::TwoDmd => "initial.tar.gz",
            Layout::Table => self.description.table.as_deref()?,
        };
        self.files
            .iter()
            .any(|(path, _)| *path == data)
            .then(|| Source::embedded(self.name, self.files))
    }
}

/// Names of all known data sets, sorted.
#[must_use]
pub fn names() -> Vec<&'static str> {
    FOLDERS.iter().map(|(name, _)| *name).collect()
}

/// The known data set of this name.
///
/// # Errors
///
/// [`UserError`] if there is none, with the names that there are.
pub fn find(name: &str) -> Result<Known> {
    let (name, files) = FOLDERS
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| {
            UserError::new(format!(
                "no data set `{name}`; known are {}, and your own after `tycho data import`",
                names().join(", ")
            ))
        })?;
    let source = Source::embedded(name, files);
    let text = source.text("dataset.toml")?;
    Ok(Known {
        name,
        description: Description::parse(&format!("datasets/{name}/dataset.toml"), &text)?,
        files,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_description_is_read() {
        assert!(names().contains(&"2dmd"));
        for name in names() {
            let known = find(name).unwrap();
            assert!(!known.description.licence.is_empty());
            assert!(known.embedded().is_some() || known.description.fetch.is_some());
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let message = find("3dmd").unwrap_err().to_string();
        assert!(message.starts_with("no data set `3dmd`; known are 2dmd"));
    }
}
