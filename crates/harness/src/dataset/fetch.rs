//! Getting a known data set from where it is published, or from a mirror.
//!
//! The authors of 2DMD publish no checksum. What came is therefore verified by
//! reading it: every file of the archive against its own CRC, every structure
//! and number by the import, and every target by computing it again. An archive
//! that fails is thrown away, and nothing is left of it.

mod download;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

pub use download::{Patience, download};

use super::description::Fetch;
use super::registry::Known;
use super::{Home, Imported, cache, read_path, verify};
use crate::error::UserError;

/// How a data set is to be fetched.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The address before the archive's name, or a folder that holds the
    /// archive, instead of the authors' address.
    pub mirror: Option<String>,
    /// Whether the network must not be used.
    pub offline: bool,
    /// Whether to fetch what is already here.
    pub again: bool,
    /// How hard to try.
    pub patience: Patience,
}

/// Where the archive comes from.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Address(String),
    File(PathBuf),
}

/// Fetches a data set, verifies it and keeps it in the data folder.
///
/// What happens is written to `out`; a progress bar goes to the terminal, if
/// there is one.
///
/// # Errors
///
/// [`UserError`] if it may not or cannot be fetched as asked, or if what came is
/// not the data; any other error if the connection fails for good. An earlier
/// import is then still there.
pub fn fetch(
    known: &Known,
    home: &Home,
    options: &Options,
    out: &mut dyn Write,
) -> Result<Imported> {
    let name = known.name;
    if !options.again
        && let Ok(imported) = cache::read(&home.cache(name))
    {
        writeln!(
            out,
            "{name} is already here: {} structures (use --again to fetch it again)",
            imported.dataset.samples.len()
        )?;
        return Ok(imported);
    }
    let fetch = known.description.fetch.as_ref().ok_or_else(|| {
        UserError::new(format!(
            "`{name}` is part of tycho: there is nothing to fetch"
        ))
    })?;
    let about = known.description.about();
    writeln!(out, "{}", about.title)?;
    writeln!(out, "licence: {}", about.licence)?;
    writeln!(out, "please cite: {}", about.citation)?;

    let archive = home.folder(name).join(&fetch.file);
    let kept = !options.again && archive.is_file();
    let place = match &options.mirror {
        None if kept || (options.offline && archive.is_file()) => Place::File(archive.clone()),
        mirror => place(fetch, mirror.as_deref())?,
    };
    match place {
        Place::File(path) => {
            writeln!(out, "reading {}", path.display())?;
            checked(&path, known, fetch, home, out)
        }
        Place::Address(url) if options.offline => Err(UserError::new(format!(
            "--offline, but {} is not there: put it there, give --mirror DIR, or download it from {url}",
            archive.display()
        ))),
        Place::Address(url) => {
            writeln!(out, "downloading {url}")?;
            let imported = downloaded(&url, &archive, known, fetch, home, options, out)?;
            Ok(imported)
        }
    }
}

/// Downloads beside the archive's place, verifies, and moves it there.
fn downloaded(
    url: &str,
    archive: &Path,
    known: &Known,
    fetch: &Fetch,
    home: &Home,
    options: &Options,
    out: &mut dyn Write,
) -> Result<Imported> {
    let part = archive.with_file_name(format!("{}.part", fetch.file));
    if let Some(folder) = part.parent() {
        fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    }
    if options.again && part.exists() {
        fs::remove_file(&part).with_context(|| format!("{}", part.display()))?;
    }
    download(url, &part, &options.patience)?;
    match checked(&part, known, fetch, home, out) {
        Ok(imported) => {
            fs::rename(&part, archive).with_context(|| format!("{}", archive.display()))?;
            Ok(imported)
        }
        Err(error) => {
            let _ = fs::remove_file(&part);
            Err(error.context(format!("what came from {url} was thrown away")))
        }
    }
}

/// Imports an archive, computes its targets again, and writes the cache.
fn checked(
    path: &Path,
    known: &Known,
    fetch: &Fetch,
    home: &Home,
    out: &mut dyn Write,
) -> Result<Imported> {
    let imported = read_path(path, Some(known.name))?;
    let verdicts = verify::verify(&imported);
    if let Some(fault) = verdicts
        .iter()
        .flat_map(|verdict| &verdict.checks)
        .find_map(|check| check.errors.first())
    {
        return Err(UserError::new(format!("{}: {fault}", path.display())));
    }
    cache::write(&home.cache(known.name), &imported)?;
    let count = imported.dataset.samples.len();
    writeln!(
        out,
        "{count} structures, every target computed again and equal"
    )?;
    if let Some(expected) = fetch.structures.filter(|&expected| expected != count) {
        writeln!(
            out,
            "note: {expected} structures are published, {count} are in this archive"
        )?;
    }
    for note in &imported.notes {
        writeln!(out, "note: {note}")?;
    }
    Ok(imported)
}

/// Where the archive is, by the description or a mirror.
fn place(fetch: &Fetch, mirror: Option<&str>) -> Result<Place> {
    let Some(mirror) = mirror else {
        return Ok(Place::Address(fetch.url.clone()));
    };
    if mirror.starts_with("http://") || mirror.starts_with("https://") {
        let prefix = mirror.trim_end_matches('/');
        return Ok(Place::Address(format!("{prefix}/{}", fetch.file)));
    }
    let folder = Path::new(mirror);
    let file = if folder.is_file() {
        folder.to_path_buf()
    } else {
        folder.join(&fetch.file)
    };
    if file.is_file() {
        Ok(Place::File(file))
    } else {
        Err(UserError::new(format!(
            "--mirror {mirror}: neither an address (http://, https://) nor a folder with `{}`",
            fetch.file
        )))
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 5,
            pause: Duration::from_millis(500),
        }
    }
}
