//! What is left to do when all samples of a data set have been read: ids must be
//! unique, and the content gets its hash.

use std::collections::HashSet;

use anyhow::Result;
use crystal::Structure;

use super::{Dataset, Description, Property, Sample};
use crate::error::UserError;

/// Puts a data set together.
///
/// # Errors
///
/// [`UserError`] if it is empty, or if an id stands in two subsets.
pub(super) fn dataset(
    name: &str,
    description: &Description,
    samples: Vec<Sample>,
) -> Result<Dataset> {
    if samples.is_empty() {
        return Err(UserError::new(format!("{name}: no structure in it")));
    }
    let mut ids = HashSet::new();
    for sample in &samples {
        if !ids.insert(sample.id.as_str()) {
            return Err(UserError::new(format!(
                "{name}: `{}` in {} has the id of another structure",
                sample.id, sample.subset
            )));
        }
    }
    let properties = description.properties();
    let content_hash = content_hash(&properties, &samples);
    Ok(Dataset {
        name: name.to_owned(),
        about: description.about(),
        properties,
        samples,
        content_hash,
    })
}

/// A BLAKE3 hash over ids, structures and targets (hex).
///
/// Numbers go in with all their bits, texts with their length, so that no two
/// contents are spelled alike.
#[must_use]
pub fn content_hash(properties: &[Property], samples: &[Sample]) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = Vec::new();
    for property in properties {
        text(&mut buffer, &property.key);
        text(&mut buffer, &property.unit);
        buffer.push(u8::from(property.per_defect));
    }
    hasher.update(&buffer);
    for sample in samples {
        buffer.clear();
        text(&mut buffer, &sample.id);
        text(&mut buffer, &sample.subset);
        text(&mut buffer, &sample.kind);
        structure(&mut buffer, &sample.structure);
        if let Some(host) = &sample.host {
            text(&mut buffer, &host.name);
            structure(&mut buffer, &host.unit_cell);
            for repeats in host.repeats {
                buffer.extend((repeats as u64).to_le_bytes());
            }
        }
        for target in &sample.targets {
            buffer.push(u8::from(target.is_some()));
            buffer.extend(target.unwrap_or(0.0).to_le_bytes());
        }
        hasher.update(&buffer);
    }
    hasher.finalize().to_hex().to_string()
}

fn text(buffer: &mut Vec<u8>, text: &str) {
    buffer.extend((text.len() as u64).to_le_bytes());
    buffer.extend(text.as_bytes());
}

fn structure(buffer: &mut Vec<u8>, structure: &Structure) {
    for x in structure.lattice().rows().as_flattened() {
        buffer.extend(x.to_le_bytes());
    }
    buffer.extend(structure.periodic().map(u8::from));
    buffer.extend((structure.sites().len() as u64).to_le_bytes());
    for site in structure.sites() {
        buffer.push(site.element.atomic_number());
        for x in site.fractional {
            buffer.extend(x.to_le_bytes());
        }
    }
}
