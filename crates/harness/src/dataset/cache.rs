//! The file that an import leaves, so that nothing is parsed twice.
//!
//! ```text
//! "TYCHODAT"  version u32  length of the rest u64  BLAKE3 of the rest  the rest
//! ```
//!
//! Unrelaxed supercells of one crystal share their coordinates to the last bit.
//! A subset therefore has one table of distinct (element, coordinates), and a
//! structure is a list of small indices into it: 13,823 supercells of up to 192
//! atoms take 6 MB, and loading them is little more than a copy.
//!
//! # Invariants
//!
//! 1. A cache that is read back is equal to what was written, bit by bit.
//! 2. The file is complete or absent: it is written beside its place and renamed.
//! 3. A file that is damaged, foreign or of another version is refused with one
//!    line that says what to do; no byte of it can make the reader panic.

mod bytes;
mod decode;
mod encode;

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Imported, draft};
use crate::error::UserError;

const MAGIC: &[u8; 8] = b"TYCHODAT";

/// Grows with every change of the layout.
const VERSION: u32 = 1;

/// Magic, version, length, hash.
const HEAD: usize = 8 + 4 + 8 + 32;

/// Writes a data set to a file, creating its folder.
///
/// # Errors
///
/// If the folder cannot be written to; an older file is then still there.
pub fn write(path: &Path, imported: &Imported) -> Result<()> {
    let body = encode::imported(imported);
    let folder = path.parent().unwrap_or(Path::new("."));
    let failed = || format!("{}: cannot be written", path.display());
    fs::create_dir_all(folder).with_context(failed)?;
    let mut file = draft::builder(0o666)
        .tempfile_in(folder)
        .with_context(failed)?;
    let mut head = Vec::with_capacity(HEAD);
    head.extend(MAGIC);
    head.extend(VERSION.to_le_bytes());
    head.extend((body.len() as u64).to_le_bytes());
    head.extend(blake3::hash(&body).as_bytes());
    file.write_all(&head).with_context(failed)?;
    file.write_all(&body).with_context(failed)?;
    file.as_file().sync_all().with_context(failed)?;
    file.persist(path).with_context(failed)?;
    Ok(())
}

/// Reads a data set back.
///
/// # Errors
///
/// [`UserError`] if the file is absent, damaged, not a cache, or of another
/// version.
pub fn read(path: &Path) -> Result<Imported> {
    let name = path.display();
    let again = "import or fetch the data again";
    let file =
        fs::read(path).map_err(|error| UserError::new(format!("{name}: {error}; {again}")))?;
    let refuse = |what: &str| UserError::new(format!("{name}: {what}; {again}"));
    let (head, body) = file
        .split_at_checked(HEAD)
        .filter(|(head, _)| head.starts_with(MAGIC))
        .ok_or_else(|| refuse("not a data set of tycho"))?;
    let version = bytes::Reader::new(&head[8..12]).u32().unwrap_or_default();
    if version != VERSION {
        return Err(refuse(&format!(
            "in layout {version}, but this tycho reads layout {VERSION}"
        )));
    }
    let length = bytes::Reader::new(&head[12..20]).u64().unwrap_or_default();
    if length != body.len() as u64 {
        return Err(refuse(&format!(
            "damaged, {} of {length} bytes are there",
            body.len()
        )));
    }
    if head[20..] != *blake3::hash(body).as_bytes() {
        return Err(refuse("damaged, its checksum is wrong"));
    }
    decode::imported(body).ok_or_else(|| refuse("damaged, its values do not fit together"))
}
