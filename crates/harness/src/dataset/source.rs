//! Files of a data set, wherever they lie: in a folder, in an archive as it was
//! downloaded, or in this program.
//!
//! Archives of data are small because what is big in them (structures) is
//! packed once more; so the outer archive is held in memory, and the inner one
//! is streamed by [`for_each_member`] and never unpacked to disk.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::read::GzDecoder;

use crate::error::UserError;

/// No file of a data set, unpacked, is larger than this; a damaged or hostile
/// archive may claim to be.
const LARGEST: u64 = 1 << 30;

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
            let mut plain = Vec::new();
            GzDecoder::new(&*bytes)
                .take(LARGEST)
                .read_to_end(&mut plain)
                .map_err(|error| damaged(path, &error))?;
            plain
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
/// [`UserError`] that names `name` if the archive is damaged; the function's own
/// errors.
pub fn for_each_member(
    name: &str,
    packed: impl Read,
    mut act: impl FnMut(String, Vec<u8>) -> Result<()>,
) -> Result<()> {
    let mut archive = tar::Archive::new(GzDecoder::new(packed));
    for entry in archive.entries().map_err(|error| damaged(name, &error))? {
        let mut entry = entry.map_err(|error| damaged(name, &error))?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        if entry.size() > LARGEST {
            return Err(damaged(
                name,
                &io::Error::other("a file of more than 1 GiB"),
            ));
        }
        let path = entry
            .path()
            .map_err(|error| damaged(name, &error))?
            .to_string_lossy()
            .trim_start_matches("./")
            .to_owned();
        let mut bytes = Vec::new();
        entry
            .read_to_end(&mut bytes)
            .map_err(|error| damaged(name, &error))?;
        act(path, bytes)?;
    }
    Ok(())
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
            Ok(_) => paths.push(path),
            Err(_) => {}
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
        unzip(name, file)
    } else if is_gzip(&magic) {
        let mut files = BTreeMap::new();
        for_each_member(name, BufReader::new(file), |path, bytes| {
            files.insert(path, bytes);
            Ok(())
        })?;
        Ok(files)
    } else {
        Err(UserError::new(format!(
            "{name}: expected a folder, a .zip or a .tar.gz"
        )))
    }
}

/// All files in a zip; each is checked against its CRC as it is read.
fn unzip(name: &str, file: File) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut archive = zip::ZipArchive::new(BufReader::new(file))
        .map_err(|error| damaged(name, &io::Error::other(error)))?;
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
            .map_err(|error| damaged(name, &io::Error::other(error)))?
            .trim_start_matches("./")
            .to_owned();
        let mut bytes = Vec::new();
        entry
            .take(LARGEST)
            .read_to_end(&mut bytes)
            .map_err(|error| damaged(&format!("{name}: {path}"), &error))?;
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

fn damaged(name: &str, error: &io::Error) -> anyhow::Error {
    UserError::new(format!("{name}: the archive is damaged ({error})"))
}
