//! Files of a data set, wherever they lie: in a folder, in an archive as it was
//! downloaded, or in this program.
//!
//! Archives of data are small because what is big in them (structures) is
//! packed once more; so the outer archive is held in memory, and the inner one
//! is streamed by [`for_each_member`] and never unpacked to disk.
//!
//! # Invariants
//!
//! 1. Nothing is written: a path or a link in an archive leads nowhere.
//! 2. Memory is limited by what is read, never by what a header declares, and by
//!    `Limits` however much a few bytes unpack to.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result};
use flate2::read::GzDecoder;

use crate::error::{UserError, excerpt, one_line};

/// What is read of an archive at most; a damaged or hostile one may go on for ever.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Bytes of one file, unpacked.
    file: u64,
    /// Bytes of all files that are held together.
    together: u64,
    /// Number of files.
    files: usize,
}

const LIMITS: Limits = Limits {
    file: 1 << 30,
    together: 4 << 30,
    files: 1_000_000,
};

/// Bytes of headers between two files of a tar, at most.
const HEADERS: u64 = 1 << 20;

/// No folder of a data set lies deeper than this below its root.
const DEEPEST: usize = 8;

/// A readable set of files.
///
/// Paths are relative to its root, with `/` between their parts.
#[derive(Debug)]
pub struct Source {
    name: String,
    files: Files,
}

#[derive(Debug)]
enum Files {
    Folder { root: PathBuf, paths: Vec<String> },
    Memory(BTreeMap<String, Vec<u8>>),
    Embedded(&'static [(&'static str, &'static [u8])]),
}

impl Source {
    /// Opens a folder, or an archive (told by its first bytes, not its name).
    ///
    /// # Errors
    ///
    /// [`UserError`] if there is nothing there, or if it is neither a folder, a
    /// zip nor a tar.gz, or if the archive is damaged.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let about = fs::metadata(path).map_err(|error| unreadable(&name, &error))?;
        let files = if about.is_dir() {
            let root = path
                .canonicalize()
                .map_err(|error| unreadable(&name, &error))?;
            let mut paths = Vec::new();
            walk(&root, "", 0, &mut paths).map_err(|error| unreadable(&name, &error))?;
            paths.sort();
            Files::Folder { root, paths }
        } else {
            Files::Memory(unpack(path, &name)?)
        };
        Ok(Self { name, files })
    }

    /// The files that the program carries.
    #[must_use]
    pub fn embedded(name: &str, files: &'static [(&'static str, &'static [u8])]) -> Self {
        Self {
            name: name.to_owned(),
            files: Files::Embedded(files),
        }
    }

    /// What it is called in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Names of the folders that lead to the root, outermost first; empty where
    /// the root is no folder.
    #[must_use]
    pub fn ancestors(&self) -> Vec<String> {
        match &self.files {
            Files::Folder { root, .. } => root
                .components()
                .map(|part| part.as_os_str().to_string_lossy().into_owned())
                .collect(),
            Files::Memory(_) | Files::Embedded(_) => Vec::new(),
        }
    }

    /// All paths.
    #[must_use]
    pub fn paths(&self) -> Vec<&str> {
        match &self.files {
            Files::Folder { paths, .. } => paths.iter().map(String::as_str).collect(),
            Files::Memory(files) => files.keys().map(String::as_str).collect(),
            Files::Embedded(files) => files.iter().map(|(path, _)| *path).collect(),
        }
    }

    /// Whether there is such a file.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.paths().contains(&path)
    }

    /// The bytes of a file.
    ///
    /// # Errors
    ///
    /// [`UserError`] if it is not there or cannot be read.
    pub fn read(&self, path: &str) -> Result<Vec<u8>> {
        let missing = || UserError::new(format!("{}: no file `{path}`", self.name));
        match &self.files {
            Files::Folder { root, .. } => {
                if !self.has(path) {
                    return Err(missing());
                }
                fs::read(root.join(path)).map_err(|error| unreadable(path, &error))
            }
            Files::Memory(files) => files.get(path).cloned().ok_or_else(missing),
            Files::Embedded(files) => files
                .iter()
                .find(|(name, _)| *name == path)
                .map(|(_, bytes)| bytes.to_vec())
                .ok_or_else(missing),
        }
    }

    /// The text of a file, unpacked if it is packed by gzip.
    ///
    /// # Errors
    ///
    /// [`UserError`] if it is not there, damaged, or not UTF-8.
    pub fn text(&self, path: &str) -> Result<String> {
        let bytes = self.read(path)?;
        let bytes = if is_gzip(&bytes) {
            read_whole(path, GzDecoder::new(&*bytes), LIMITS.file)?
        } else {
            bytes
        };
        String::from_utf8(bytes)
            .map_err(|_| UserError::new(format!("{path}: expected text in UTF-8")))
    }
}

/// Calls a function with the path and the bytes of every file in a tar.gz, in
/// its order, holding one of them at a time.
///
/// # Errors
///
/// [`UserError`] that names `name` if the archive is damaged, too large, or has a
/// path that leads out of it; the function's own errors.
pub fn for_each_member(
    name: &str,
    packed: impl Read,
    act: impl FnMut(String, Vec<u8>) -> Result<()>,
) -> Result<()> {
    for_each_within(name, packed, LIMITS, act)
}

fn for_each_within(
    name: &str,
    packed: impl Read,
    limits: Limits,
    mut act: impl FnMut(String, Vec<u8>) -> Result<()>,
) -> Result<()> {
    let left = Rc::new(Cell::new(HEADERS));
    let mut archive = tar::Archive::new(Metered {
        inner: GzDecoder::new(packed),
        left: Rc::clone(&left),
    });
    let entries = archive.entries().map_err(|error| damaged(name, &error))?;
    for (index, entry) in entries.enumerate() {
        let entry = entry.map_err(|error| damaged(name, &error))?;
        if index >= limits.files {
            return Err(too_many(name, limits.files));
        }
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = entry.path().map_err(|error| damaged(name, &error))?;
        let path = inner_path(name, &path.to_string_lossy())?;
        if entry.size() > limits.file {
            return Err(too_large(&format!("{name}: {path}"), limits.file));
        }
        left.set(entry.size() + HEADERS);
        let bytes = read_whole(&format!("{name}: {path}"), entry, limits.file)?;
        left.set(HEADERS);
        act(path, bytes)?;
    }
    Ok(())
}

/// A reader that fails once it has given all that it may: the headers of a tar are
/// held in memory, whatever length they have.
struct Metered<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.get() == 0 && !buffer.is_empty() {
            return Err(io::Error::other("a header of more than 1 MiB"));
        }
        let read = Read::by_ref(&mut self.inner)
            .take(self.left.get())
            .read(buffer)?;
        self.left.set(self.left.get() - read as u64);
        Ok(read)
    }
}

/// All that a reader gives, if it is not more than `most` bytes.
fn read_whole(name: &str, reader: impl Read, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| damaged(name, &error))?;
    if bytes.len() as u64 > most {
        return Err(too_large(name, most));
    }
    Ok(bytes)
}

/// A path as it is called here, if it does not lead out of the archive and can be
/// printed.
fn inner_path(name: &str, path: &str) -> Result<String> {
    let inner = path.trim_start_matches("./");
    let leaves = inner.starts_with('/') || inner.split(['/', '\\']).any(|part| part == "..");
    if leaves || inner.contains(char::is_control) {
        let path = excerpt(path);
        return Err(UserError::new(format!(
            "{name}: expected paths inside of the archive, found `{path}`"
        )));
    }
    Ok(inner.to_owned())
}

/// Lists the files below a folder.
fn walk(root: &Path, prefix: &str, depth: usize, paths: &mut Vec<String>) -> io::Result<()> {
    if depth > DEEPEST {
        return Ok(());
    }
    for entry in root.join(prefix).read_dir()? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let path = if prefix.is_empty() {
            name
        } else {
            format!("{prefix}/{name}")
        };
        // metadata follows links: a data set may be put together from them
        match fs::metadata(entry.path()) {
            Ok(about) if about.is_dir() => walk(root, &path, depth + 1, paths)?,
            // a pipe or a device would be read for ever
            Ok(about) if about.is_file() => paths.push(path),
            _ => {}
        }
        if paths.len() > LIMITS.files {
            return Err(io::Error::other("a data set has at most 1000000 files"));
        }
    }
    Ok(())
}

/// All files in an archive.
fn unpack(path: &Path, name: &str) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut file = File::open(path).map_err(|error| unreadable(name, &error))?;
    let mut magic = Vec::new();
    Read::by_ref(&mut file)
        .take(4)
        .read_to_end(&mut magic)
        .map_err(|error| unreadable(name, &error))?;
    let file = File::open(path).with_context(|| name.to_owned())?;
    if magic.starts_with(b"PK") {
        unzip(name, BufReader::new(file), LIMITS)
    } else if is_gzip(&magic) {
        untar(name, BufReader::new(file), LIMITS)
    } else {
        Err(UserError::new(format!(
            "{name}: expected a folder, a .zip or a .tar.gz"
        )))
    }
}

/// All files in a tar.gz.
fn untar(name: &str, packed: impl Read, limits: Limits) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut left = limits.together;
    let mut files = BTreeMap::new();
    for_each_within(name, packed, limits, |path, bytes| {
        left = left
            .checked_sub(bytes.len() as u64)
            .ok_or_else(|| too_large(name, limits.together))?;
        files.insert(path, bytes);
        Ok(())
    })?;
    Ok(files)
}

/// All files in a zip; each is checked against its CRC as it is read.
fn unzip(
    name: &str,
    packed: impl Read + Seek,
    limits: Limits,
) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut archive =
        zip::ZipArchive::new(packed).map_err(|error| damaged(name, &io::Error::other(error)))?;
    if archive.len() > limits.files {
        return Err(too_many(name, limits.files));
    }
    let mut left = limits.together;
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let entry = archive
            .by_index(index)
            .map_err(|error| damaged(name, &io::Error::other(error)))?;
        if !entry.is_file() {
            continue;
        }
        let path = entry
            .name()
            .map_err(|error| damaged(name, &io::Error::other(error)))?;
        let path = inner_path(name, &path)?;
        let (most, named) = (limits.file.min(left), format!("{name}: {path}"));
        if entry.size() > most {
            return Err(too_large(&named, most));
        }
        let bytes = read_whole(&named, entry, most)?;
        left -= bytes.len() as u64;
        files.insert(path, bytes);
    }
    Ok(files)
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

fn unreadable(name: &str, error: &io::Error) -> anyhow::Error {
    UserError::new(format!("{name}: {error}"))
}

fn too_large(name: &str, most: u64) -> anyhow::Error {
    UserError::new(format!("{name}: expected at most {most} bytes, unpacked"))
}

fn too_many(name: &str, most: usize) -> anyhow::Error {
    UserError::new(format!("{name}: expected at most {most} files"))
}

fn damaged(name: &str, error: &io::Error) -> anyhow::Error {
    let error = one_line(&error.to_string());
    UserError::new(format!("{name}: the archive is damaged ({error})"))
}

#[cfg(test)]
mod tests;
