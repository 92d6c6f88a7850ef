//! Writing a subset in the authors' layout, for data of our own.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};

use crate::dataset::draft;
use crate::error::UserError;

/// The texts of a subset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// `defects.csv`
    pub defects: String,
    /// `targets.csv`
    pub targets: String,
    /// `descriptors.csv`
    pub descriptors: String,
    /// `elements.csv`
    pub elements: String,
    /// `initial_structures.csv`
    pub initial_structures: String,
    /// Name of a host, and its unit cell as CIF.
    pub unit_cells: Vec<(String, String)>,
    /// Id of a structure, and the structure as CIF.
    pub structures: Vec<(String, String)>,
    /// `dataset.toml`, where the subset is a data set by itself.
    pub description: Option<String>,
}

/// Writes a subset to a new folder.
///
/// The bytes depend on the texts only: no time or owner is recorded.
///
/// # Errors
///
/// [`UserError`] if the folder exists and is not empty, and whatever the file
/// system says; then there is no folder.
pub fn write(folder: &Path, texts: &Texts) -> Result<()> {
    let name = folder.display();
    if folder.is_file() || folder.read_dir().is_ok_and(|mut all| all.next().is_some()) {
        return Err(UserError::new(format!(
            "{name}: expected a new or an empty folder"
        )));
    }
    let failed = || format!("{name}: cannot be written");
    let parent = match folder.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).with_context(failed)?;
    let draft = draft::builder(0o777)
        .tempdir_in(parent)
        .with_context(failed)?;
    for (path, bytes) in files(texts)? {
        let path = draft.path().join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(failed)?;
        }
        fs::write(path, bytes).with_context(failed)?;
    }
    // a rename replaces an empty folder
    fs::rename(draft.path(), folder).with_context(failed)?;
    let _ = draft.keep();
    Ok(())
}

/// Path and bytes of every file.
fn files(texts: &Texts) -> Result<Vec<(String, Vec<u8>)>> {
    let plain = |text: &str| text.as_bytes().to_vec();
    let mut files = vec![
        ("defects.csv.gz".to_owned(), gzip(&texts.defects)?),
        ("targets.csv.gz".to_owned(), gzip(&texts.targets)?),
        ("descriptors.csv".to_owned(), plain(&texts.descriptors)),
        ("elements.csv".to_owned(), plain(&texts.elements)),
        (
            "initial_structures.csv".to_owned(),
            plain(&texts.initial_structures),
        ),
        ("initial.tar.gz".to_owned(), pack(&texts.structures)?),
    ];
    for (host, cif) in &texts.unit_cells {
        files.push((format!("unit_cells/{host}.cif"), plain(cif)));
    }
    if let Some(description) = &texts.description {
        files.push(("dataset.toml".to_owned(), plain(description)));
    }
    Ok(files)
}

fn pack(structures: &[(String, String)]) -> Result<Vec<u8>> {
    let mut archive = tar::Builder::new(packer());
    for (id, cif) in structures {
        let mut header = tar::Header::new_gnu();
        header.set_size(cif.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append_data(&mut header, format!("{id}.cif"), cif.as_bytes())?;
    }
    Ok(archive.into_inner()?.finish()?)
}

fn gzip(text: &str) -> Result<Vec<u8>> {
    let mut packer = packer();
    packer.write_all(text.as_bytes())?;
    Ok(packer.finish()?)
}

/// Packs into memory, without the time of day.
fn packer() -> flate2::write::GzEncoder<Vec<u8>> {
    GzBuilder::new().write(Vec::new(), Compression::best())
}
