//! Structures from the files that a pattern names.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use crystal::{Structure, cif, poscar, pymatgen, xyz};
use rayon::prelude::*;
use serde_json::Value;

use crate::dataset::source::Source;
use crate::dataset::twodmd::read_structures;
use crate::error::UserError;

/// Reads all structures, by id.
///
/// A pattern with a `*` names one file a structure, whose stem is the id; else
/// it is one file with all of them.
pub(super) fn read(source: &Source, pattern: &str) -> Result<HashMap<String, Structure>> {
    if pattern.contains('*') {
        many(source, pattern)
    } else if has_ending(pattern, "tgz") || pattern.to_ascii_lowercase().ends_with(".tar.gz") {
        read_structures(pattern, &source.read(pattern)?)
    } else if has_ending(pattern, "xyz") {
        frames(pattern, &source.text(pattern)?)
    } else if has_ending(pattern, "json") {
        dictionaries(pattern, &source.text(pattern)?)
    } else {
        Err(UserError::new(format!(
            "{pattern}: expected a pattern with `*`, or one .xyz, .json or .tar.gz"
        )))
    }
}

/// Reads a file with one structure, in the format that its name says.
///
/// # Errors
///
/// [`UserError`] if it is not there, or not in that format.
pub fn read_structure(path: &Path) -> Result<Structure> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| name.clone())?;
    one(&name, &text)
}

/// Reads the text of a file with one structure, in the format that its name says.
pub(super) fn one(path: &str, text: &str) -> Result<Structure> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let read = if has_ending(name, "cif") {
        cif::read(text)
    } else if has_ending(name, "json") {
        pymatgen::read(text)
    } else if has_ending(name, "xyz") {
        let frames = xyz::read(text).map_err(|error| wrong(path, &error.to_string()))?;
        let [frame] = <[_; 1]>::try_from(frames).map_err(|frames| {
            wrong(path, &format!("expected one frame, found {}", frames.len()))
        })?;
        Ok(frame.structure)
    } else if name.contains("POSCAR") || name.contains("CONTCAR") || has_ending(name, "vasp") {
        poscar::read(text)
    } else {
        return Err(wrong(path, "expected a .cif, .vasp, POSCAR, .xyz or .json"));
    };
    read.map_err(|error| wrong(path, &error.to_string()))
}

fn wrong(path: &str, what: &str) -> anyhow::Error {
    UserError::new(format!("{path}: {what}"))
}

fn has_ending(name: &str, ending: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, found)| found.eq_ignore_ascii_case(ending))
}

/// One file a structure; `*` stands for any part of a name in one folder.
fn many(source: &Source, pattern: &str) -> Result<HashMap<String, Structure>> {
    let (before, after) = pattern.split_once('*').unwrap_or((pattern, ""));
    if after.contains(['*', '/']) {
        return Err(wrong(pattern, "expected one `*`, in the name of the file"));
    }
    let names: Vec<(&str, &str)> = source
        .paths()
        .into_iter()
        .filter_map(|path| {
            let middle = path.strip_prefix(before)?.strip_suffix(after)?;
            let file = path.rsplit('/').next().unwrap_or(path);
            (!middle.contains('/') && !file.starts_with('.')).then(|| (path, stem(file, middle)))
        })
        .collect();
    if names.is_empty() {
        return Err(wrong(pattern, "no such file"));
    }
    let read: Vec<Result<Structure>> = names
        .par_iter()
        .map(|(path, _)| one(path, &source.text(path)?))
        .collect();
    let mut structures = HashMap::new();
    for ((path, id), structure) in names.into_iter().zip(read) {
        if structures.insert(id.to_owned(), structure?).is_some() {
            return Err(wrong(path, &format!("another file has the id `{id}` too")));
        }
    }
    Ok(structures)
}

/// The id of a file: its name up to the ending, or, where it has none (as in
/// `POSCAR_17`), what `*` stands for.
fn stem<'a>(file: &'a str, middle: &'a str) -> &'a str {
    match file.find('.') {
        Some(_) => {
            let file = file.strip_suffix(".gz").unwrap_or(file);
            file.rsplit_once('.').map_or(file, |(stem, _)| stem)
        }
        None => middle,
    }
}

/// Frames of an extended XYZ file, by the value of `id` in their comment.
fn frames(path: &str, text: &str) -> Result<HashMap<String, Structure>> {
    let frames = xyz::read(text).map_err(|error| wrong(path, &error.to_string()))?;
    let mut structures = HashMap::new();
    for (number, frame) in (1..).zip(frames) {
        let id = frame.info.get("id").ok_or_else(|| {
            wrong(
                path,
                &format!("frame {number}: expected `id=…` in its comment"),
            )
        })?;
        if structures.insert(id.clone(), frame.structure).is_some() {
            return Err(wrong(
                path,
                &format!("frame {number}: another frame has the id `{id}` too"),
            ));
        }
    }
    Ok(structures)
}

/// Structures as pymatgen writes them: an object of them by id, or a list of
/// objects that have an `id` and either are structures or have a `structure`.
fn dictionaries(path: &str, text: &str) -> Result<HashMap<String, Structure>> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| wrong(path, &error.to_string()))?;
    let entries: Vec<(String, Value)> = match value {
        Value::Object(entries) => entries.into_iter().collect(),
        Value::Array(items) => (1..)
            .zip(items)
            .map(|(number, mut item)| {
                let id = match &item["id"] {
                    Value::String(id) => id.clone(),
                    Value::Number(id) => id.to_string(),
                    _ => return Err(wrong(path, &format!("entry {number}: expected an `id`"))),
                };
                let inner = item.get_mut("structure").map(Value::take);
                Ok((id, inner.unwrap_or(item)))
            })
            .collect::<Result<_>>()?,
        _ => return Err(wrong(path, "expected an object or a list of structures")),
    };
    let mut structures = HashMap::new();
    for (id, value) in entries {
        let structure = pymatgen::read(&value.to_string())
            .map_err(|error| wrong(path, &format!("`{id}`: {error}")))?;
        if structures.insert(id.clone(), structure).is_some() {
            return Err(wrong(path, &format!("`{id}` stands there twice")));
        }
    }
    Ok(structures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_stem() {
        assert_eq!(stem("mp-1.5.cif", "mp-1.5"), "mp-1.5");
        assert_eq!(stem("a.cif.gz", "a"), "a");
        assert_eq!(stem("POSCAR_17", "17"), "17");
        assert_eq!(stem("run-17.vasp", "17"), "run-17");
    }
}
