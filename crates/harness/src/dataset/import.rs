//! From a path, or a name, to a data set.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::description::Layout;
use super::source::Source;
use super::{Dataset, Description, Home, Imported, cache, generic, registry, twodmd};
use crate::error::{UserError, excerpt};

/// The data set of this name: from the data folder, else from the program.
///
/// # Errors
///
/// [`UserError`] if it is neither here nor embedded, with the command that would
/// get it.
pub fn load(name: &str, home: &Home) -> Result<Dataset> {
    load_imported(name, home).map(|imported| imported.dataset)
}

/// [`load`] with what the targets can be checked against.
///
/// # Errors
///
/// As [`load`].
pub fn load_imported(name: &str, home: &Home) -> Result<Imported> {
    check_name(name)?;
    let path = home.cache(name);
    if path.is_file() {
        return cache::read(&path);
    }
    let known = registry::find(name)?;
    match known.embedded() {
        Some(_) => load_embedded(name),
        None if known.description.fetch.is_none() => Err(UserError::new(format!(
            "the data of `{name}` are not in {}: make them with `tycho data generate {name} --out DIR` and import DIR",
            home.root().display()
        ))),
        None => Err(UserError::new(format!(
            "the data of `{name}` are not in {}: get them with `tycho data fetch {name}` or `tycho data import PATH`",
            home.root().display()
        ))),
    }
}

/// Loads a data set that is part of the program, whatever was imported under its name.
///
/// # Errors
///
/// [`UserError`] if there is none of this name.
pub fn load_embedded(name: &str) -> Result<Imported> {
    let known = registry::find(name)?;
    match known.embedded() {
        Some(source) => read(&source, name, "", &known.description),
        None => Err(UserError::new(format!(
            "the data of `{name}` are not part of the program"
        ))),
    }
}

/// Reads a data set from a folder or an archive and keeps it in the data folder.
///
/// - `name`: of the data set; by default what the source itself says.
///
/// # Errors
///
/// [`UserError`] for anything in the source that cannot be used; then nothing
/// has been written.
pub fn import(path: &Path, name: Option<&str>, home: &Home) -> Result<Imported> {
    let imported = read_path(path, name)?;
    cache::write(&home.cache(&imported.dataset.name), &imported)?;
    Ok(imported)
}

/// Reads a data set from a folder or an archive.
///
/// # Errors
///
/// As [`import`].
pub fn read_path(path: &Path, name: Option<&str>) -> Result<Imported> {
    let source = Source::open(path)?;
    if let Some(root) = description_root(&source) {
        let file = format!("{root}dataset.toml");
        let description = Description::parse(&file, &source.text(&file)?)?;
        let name = name.map_or_else(|| own_name(path, &root), str::to_owned);
        check_name(&name)?;
        return read(&source, &name, &root, &description);
    }
    if twodmd::fits(&source) {
        let name = name.unwrap_or("2dmd");
        check_name(name)?;
        let known = registry::find(name).or_else(|_| registry::find("2dmd"))?;
        return twodmd::read(&source, name, &known.description);
    }
    Err(UserError::new(format!(
        "{}: expected a dataset.toml, or folders with targets.csv.gz and initial.tar.gz as in 2DMD",
        source.name()
    )))
}

fn read(source: &Source, name: &str, root: &str, description: &Description) -> Result<Imported> {
    match description.layout {
        Layout::TwoDmd => twodmd::read(source, name, description),
        Layout::Table => generic::read(source, name, root, description),
    }
}

/// The folder of the outermost `dataset.toml`, with a `/` at the end or empty.
fn description_root(source: &Source) -> Option<String> {
    source
        .paths()
        .into_iter()
        .filter_map(|path| path.strip_suffix("dataset.toml"))
        .filter(|root| root.is_empty() || root.ends_with('/'))
        .min_by_key(|root| root.matches('/').count())
        .map(str::to_owned)
}

/// The name of a data set that has none: that of its folder or archive.
fn own_name(path: &Path, root: &str) -> String {
    let inner = root.trim_end_matches('/').rsplit('/').next().unwrap_or("");
    if !inner.is_empty() {
        return inner.to_owned();
    }
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let file = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    [".zip", ".tar.gz", ".tgz"]
        .iter()
        .find_map(|ending| file.strip_suffix(ending))
        .map_or(file.clone(), str::to_owned)
}

/// A name becomes a folder, so it must be one.
fn check_name(name: &str) -> Result<()> {
    if is_name(name) {
        return Ok(());
    }
    let name = excerpt(name);
    Err(UserError::new(format!(
        "`{name}` cannot name a data set: use letters, digits, `-`, `_` and `.` (see --name)"
    )))
}

/// Whether a file or folder can have this name, here and elsewhere.
pub(super) fn is_name(name: &str) -> bool {
    let usable = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty() && name.len() <= 100 && name.chars().all(usable) && !name.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leaves_the_data_folder_is_refused() {
        for name in ["", "..", "a/b", ".hidden", "a\\b", "a b"] {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert!(check_name("tb-mos2_v1.5").is_ok());
    }

    #[test]
    fn absent_data_are_asked_for_by_command() {
        let home = Home::at("/nowhere");
        assert_eq!(
            load("2dmd", &home).unwrap_err().to_string(),
            "the data of `2dmd` are not in /nowhere: get them with `tycho data fetch 2dmd` or `tycho data import PATH`"
        );
    }
}
