//! Writing a subset in the authors' layout, for data of our own.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use crystal::{Element, Structure, cif};
use flate2::{Compression, GzBuilder};

use crate::dataset::{Host, Replacement};
use crate::error::UserError;

/// A crystal, and what formation energies in it are measured against.
#[derive(Debug, Clone, PartialEq)]
pub struct Supercell {
    /// Unit cell and repeats.
    pub host: Host,
    /// Total energy without defects, eV.
    pub pristine_energy: f64,
    /// Energy of an atom in its reservoir, eV.
    pub chemical_potentials: Vec<(Element, f64)>,
}

/// The supercell with defects, energies in eV.
#[derive(Debug, Clone, PartialEq)]
pub struct Defective {
    /// Unique; becomes the name of a file.
    pub id: String,
    /// As `V3`.
    pub kind: String,
    /// What differs from the host; the same for all of a kind.
    pub defects: Vec<Replacement>,
    /// Unrelaxed.
    pub structure: Structure,
    /// Total energy.
    pub energy: f64,
    /// Formation energy.
    pub formation_energy: f64,
    /// Highest occupied level.
    pub homo: f64,
    /// Lowest unoccupied level.
    pub lumo: f64,
}

/// Writes a subset, and its `dataset.toml` if there is one, to a new folder.
///
/// The bytes depend on the arguments only: no time or owner is recorded.
///
/// # Errors
///
/// [`UserError`] if the folder exists and is not empty, and whatever the file
/// system says; then there is no folder.
pub fn write(
    folder: &Path,
    supercell: &Supercell,
    rows: &[Defective],
    description: Option<&str>,
) -> Result<()> {
    let name = folder.display();
    if folder.read_dir().is_ok_and(|mut all| all.next().is_some()) {
        return Err(UserError::new(format!(
            "{name}: the folder is there already and not empty"
        )));
    }
    let failed = || format!("{name}: cannot be written");
    let parent = match folder.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).with_context(failed)?;
    let draft = tempfile::Builder::new()
        .prefix(".tycho-")
        .tempdir_in(parent)
        .with_context(failed)?;
    for (path, bytes) in files(supercell, rows, description)? {
        let path = draft.path().join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(failed)?;
        }
        fs::write(path, bytes).with_context(failed)?;
    }
    // a rename replaces an empty folder
    fs::rename(draft.path(), folder).with_context(failed)?;
    let _ = draft.keep();
    share(folder).with_context(failed)
}

/// A temporary folder is the user's alone; data are for all.
#[cfg(unix)]
fn share(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn share(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Path and bytes of every file.
fn files(
    supercell: &Supercell,
    rows: &[Defective],
    description: Option<&str>,
) -> Result<Vec<(String, Vec<u8>)>> {
    let host = &supercell.host;
    let mut files = vec![
        ("defects.csv.gz".into(), gzip(raw(rows).as_bytes())?),
        ("targets.csv.gz".into(), gzip(targets(rows).as_bytes())?),
        ("descriptors.csv".into(), descriptors(host, rows).into()),
        ("initial.tar.gz".into(), structures(rows)?),
        ("elements.csv".into(), elements(supercell).into()),
        ("initial_structures.csv".into(), pristine(supercell).into()),
        (
            format!("unit_cells/{}.cif", host.name),
            cif::write(&host.unit_cell, &host.name).into(),
        ),
    ];
    if let Some(description) = description {
        files.push(("dataset.toml".into(), description.into()));
    }
    Ok(files)
}

fn raw(rows: &[Defective]) -> String {
    let mut text = String::from("_id,descriptor_id,energy,homo,lumo,homo_lumo_gap\n");
    for row in rows {
        let (id, kind, gap) = (&row.id, &row.kind, row.lumo - row.homo);
        let _ = writeln!(text, "{id},{kind},{},{},{},{gap}", row.energy, row.homo, row.lumo);
    }
    text
}

fn targets(rows: &[Defective]) -> String {
    let mut text = String::from(
        "_id,descriptor_id,energy,homo,lumo,homo_lumo_gap,formation_energy,formation_energy_per_site,homo_lumo_gap_min\n",
    );
    for row in rows {
        let (id, kind, gap) = (&row.id, &row.kind, row.lumo - row.homo);
        let _ = writeln!(
            text,
            "{id},{kind},{},{},{},{gap},{},{},{gap}",
            row.energy,
            row.homo,
            row.lumo,
            row.formation_energy,
            row.formation_energy / row.defects.len() as f64
        );
    }
    text
}

fn descriptors(host: &Host, rows: &[Defective]) -> String {
    let mut text = String::from("_id,description,base,cell,pbc,defects\n");
    let mut known: Vec<&str> = Vec::new();
    for row in rows {
        if known.contains(&row.kind.as_str()) {
            continue;
        }
        known.push(&row.kind);
        let defects: Vec<String> = row.defects.iter().map(literal).collect();
        let _ = writeln!(
            text,
            "{kind},{kind},{},{},\"[{}]\",\"[{}]\"",
            host.name,
            cell(host),
            host.unit_cell
                .periodic()
                .map(|flag| if flag { "True" } else { "False" })
                .join(", "),
            defects.join(", "),
            kind = row.kind,
        );
    }
    text
}

/// A defect as a dictionary of Python.
fn literal(defect: &Replacement) -> String {
    match (defect.from, defect.to) {
        (Some(from), Some(to)) => {
            format!("{{'type': 'substitution', 'from': '{from}', 'to': '{to}'}}")
        }
        (Some(from), None) => format!("{{'type': 'vacancy', 'element': '{from}'}}"),
        (None, to) => format!(
            "{{'type': 'addition', 'element': '{}'}}",
            to.map_or("", Element::symbol)
        ),
    }
}

fn cell(host: &Host) -> String {
    let [a, b, c] = host.repeats;
    format!("\"[{a}, {b}, {c}]\"")
}

fn elements(supercell: &Supercell) -> String {
    let mut text = String::from("element,chemical_potential\n");
    for (element, potential) in &supercell.chemical_potentials {
        let _ = writeln!(text, "{element},{potential}");
    }
    text
}

fn pristine(supercell: &Supercell) -> String {
    let Supercell { host, pristine_energy, .. } = supercell;
    format!(
        "base,cell_size,energy\n{},{},{pristine_energy}\n",
        host.name,
        cell(host)
    )
}

fn structures(rows: &[Defective]) -> Result<Vec<u8>> {
    let mut archive = tar::Builder::new(packer());
    for row in rows {
        let text = cif::write(&row.structure, &row.kind);
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append_data(&mut header, format!("{}.cif", row.id), text.as_bytes())?;
    }
    Ok(archive.into_inner()?.finish()?)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packer = packer();
    packer.write_all(bytes)?;
    Ok(packer.finish()?)
}

/// Packs into memory, without the time of day.
fn packer() -> flate2::write::GzEncoder<Vec<u8>> {
    GzBuilder::new().write(Vec::new(), Compression::best())
}
