//! `initial.tar.gz`: a CIF for every id.

use std::collections::HashMap;

use anyhow::Result;
use crystal::Structure;
use rayon::prelude::*;

use crate::dataset::source::for_each_member;
use crate::error::UserError;

/// How many texts are held at a time, to be parsed in parallel.
const BATCH: usize = 512;

/// Reads all structures of an archive, by the stem of their file.
///
/// - `file`: its name, for messages.
pub(crate) fn read(file: &str, packed: &[u8]) -> Result<HashMap<String, Structure>> {
    let mut structures = HashMap::new();
    let mut batch: Vec<(String, Vec<u8>)> = Vec::with_capacity(BATCH);
    for_each_member(file, packed, |path, bytes| {
        let name = path.rsplit('/').next().unwrap_or(&path);
        if let Some(stem) = name.strip_suffix(".cif")
            && !stem.starts_with('.')
        {
            batch.push((stem.to_owned(), bytes));
        }
        if batch.len() == BATCH {
            parse(file, &mut batch, &mut structures)?;
        }
        Ok(())
    })?;
    parse(file, &mut batch, &mut structures)?;
    Ok(structures)
}

/// Parses a batch and empties it.
fn parse(
    file: &str,
    batch: &mut Vec<(String, Vec<u8>)>,
    structures: &mut HashMap<String, Structure>,
) -> Result<()> {
    let parsed: Vec<Result<Structure>> = batch
        .par_iter()
        .map(|(id, bytes)| {
            let wrong = |what: String| UserError::new(format!("{file}: {id}.cif: {what}"));
            let text =
                std::str::from_utf8(bytes).map_err(|_| wrong("expected text in UTF-8".into()))?;
            crystal::cif::read(text).map_err(|error| wrong(error.to_string()))
        })
        .collect();
    for ((id, _), structure) in batch.drain(..).zip(parsed) {
        let structure = structure?;
        if structures.contains_key(&id) {
            return Err(UserError::new(format!(
                "{file}: `{id}.cif` stands there twice"
            )));
        }
        structures.insert(id, structure);
    }
    Ok(())
}
