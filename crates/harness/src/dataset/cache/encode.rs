//! A data set to bytes.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use crystal::{Element, Site, Structure};

use super::bytes::Writer;
use crate::dataset::{Dataset, Evidence, Host, Imported, Sample};

/// All of a data set.
pub(super) fn imported(imported: &Imported) -> Vec<u8> {
    let mut w = Writer::default();
    head(&mut w, &imported.dataset);
    w.count(imported.notes.len());
    for note in &imported.notes {
        w.text(note);
    }
    let parts: Vec<&[Sample]> = imported
        .dataset
        .samples
        .chunk_by(|a, b| a.subset == b.subset)
        .collect();
    w.count(parts.len());
    for samples in parts {
        part(&mut w, samples);
    }
    w.count(imported.evidence.len());
    for item in &imported.evidence {
        evidence(&mut w, item);
    }
    w.0
}

fn head(w: &mut Writer, dataset: &Dataset) {
    let about = &dataset.about;
    for text in [
        &dataset.name,
        &about.title,
        &about.licence,
        &about.citation,
        &about.bibtex,
        &about.notice,
        &dataset.content_hash,
    ] {
        w.text(text);
    }
    w.count(dataset.properties.len());
    for property in &dataset.properties {
        w.text(&property.key);
        w.text(&property.label);
        w.text(&property.unit);
        w.text(&property.report_unit);
        w.f64(property.report_factor);
        w.u8(u8::from(property.per_defect));
    }
}

/// Distinct values in the order in which they first came.
struct Dictionary<K, V> {
    index: HashMap<K, usize>,
    values: Vec<V>,
}

impl<K: Eq + Hash, V> Dictionary<K, V> {
    fn new() -> Self {
        Self {
            index: HashMap::new(),
            values: Vec::new(),
        }
    }

    fn add(&mut self, key: K, value: impl FnOnce() -> V) -> usize {
        *self.index.entry(key).or_insert_with(|| {
            self.values.push(value());
            self.values.len() - 1
        })
    }
}

/// Basis vectors and periodicity, as bits.
type CellBits = ([u64; 9], [bool; 3]);

/// An atom and its coordinates, as bits.
type SiteBits = (Element, [u64; 3]);

fn cell_bits(structure: &Structure) -> CellBits {
    let mut bits = [0; 9];
    let rows = structure.lattice().rows();
    for (bit, x) in bits.iter_mut().zip(rows.as_flattened()) {
        *bit = x.to_bits();
    }
    (bits, structure.periodic())
}

fn site_bits(site: &Site) -> SiteBits {
    (site.element, site.fractional.map(f64::to_bits))
}

/// What the samples of one subset share, and where each of them points.
struct Tables {
    kinds: Dictionary<Arc<str>, Arc<str>>,
    hosts: Dictionary<*const Host, Arc<Host>>,
    cells: Dictionary<CellBits, CellBits>,
    sites: Dictionary<SiteBits, Site>,
    /// Kind, host (counted from 1, 0 for none) and cell of each sample.
    heads: Vec<[usize; 3]>,
    /// The sites of all samples, one sample after the other.
    indices: Vec<usize>,
}

impl Tables {
    fn of(samples: &[Sample]) -> Self {
        let mut tables = Self {
            kinds: Dictionary::new(),
            hosts: Dictionary::new(),
            cells: Dictionary::new(),
            sites: Dictionary::new(),
            heads: Vec::new(),
            indices: Vec::new(),
        };
        for sample in samples {
            let (kind, cell) = (&sample.kind, cell_bits(&sample.structure));
            let host = sample.host.as_ref().map_or(0, |host| {
                1 + tables.hosts.add(Arc::as_ptr(host), || Arc::clone(host))
            });
            tables.heads.push([
                tables.kinds.add(Arc::clone(kind), || Arc::clone(kind)),
                host,
                tables.cells.add(cell, || cell),
            ]);
            for site in sample.structure.sites() {
                let index = tables.sites.add(site_bits(site), || *site);
                tables.indices.push(index);
            }
        }
        tables
    }

    fn write(&self, w: &mut Writer) {
        w.count(self.kinds.values.len());
        for kind in &self.kinds.values {
            w.text(kind);
        }
        w.count(self.hosts.values.len());
        for item in &self.hosts.values {
            host(w, item);
        }
        w.count(self.cells.values.len());
        for (rows, periodic) in &self.cells.values {
            cell(w, rows, *periodic);
        }
        w.count(self.sites.values.len());
        for item in &self.sites.values {
            site(w, item);
        }
    }
}

/// The samples of one subset: tables of what they share, then indices.
fn part(w: &mut Writer, samples: &[Sample]) {
    let tables = Tables::of(samples);
    w.text(samples.first().map_or("", |sample| &sample.subset));
    tables.write(w);
    w.count(samples.len());
    let wide = tables.sites.values.len() > 1 << 16;
    let mut indices = tables.indices.into_iter();
    for (sample, head) in samples.iter().zip(tables.heads) {
        w.text(&sample.id);
        for index in head {
            w.count(index);
        }
        for target in &sample.targets {
            w.u8(u8::from(target.is_some()));
            w.f64(target.unwrap_or(0.0));
        }
        let count = sample.structure.sites().len();
        w.count(count);
        for index in indices.by_ref().take(count) {
            match u16::try_from(index) {
                Ok(index) if !wide => w.u16(index),
                _ => w.count(index),
            }
        }
    }
}

fn host(w: &mut Writer, host: &Host) {
    w.text(&host.name);
    for repeats in host.repeats {
        w.count(repeats);
    }
    let (rows, periodic) = cell_bits(&host.unit_cell);
    cell(w, &rows, periodic);
    w.count(host.unit_cell.sites().len());
    for item in host.unit_cell.sites() {
        site(w, item);
    }
}

fn cell(w: &mut Writer, rows: &[u64; 9], periodic: [bool; 3]) {
    for &bits in rows {
        w.f64(f64::from_bits(bits));
    }
    for flag in periodic {
        w.u8(u8::from(flag));
    }
}

fn site(w: &mut Writer, site: &Site) {
    w.u8(site.element.atomic_number());
    for x in site.fractional {
        w.f64(x);
    }
}

fn evidence(w: &mut Writer, evidence: &Evidence) {
    w.text(&evidence.subset);
    w.count(evidence.chemical_potentials.len());
    for (element, potential) in &evidence.chemical_potentials {
        w.u8(element.atomic_number());
        w.f64(*potential);
    }
    w.count(evidence.pristine.len());
    for pristine in &evidence.pristine {
        w.text(&pristine.host);
        for repeats in pristine.repeats {
            w.count(repeats);
        }
        w.f64(pristine.energy);
    }
    w.count(evidence.labels.len());
    for label in &evidence.labels {
        w.text(&label.kind);
        w.count(label.defects.len());
        for defect in &label.defects {
            w.u8(defect.from.map_or(0, Element::atomic_number));
            w.u8(defect.to.map_or(0, Element::atomic_number));
        }
    }
    w.count(evidence.rows.len());
    for row in &evidence.rows {
        w.count(row.label);
        w.f64(row.energy);
        w.f64(row.formation_energy);
        w.count(row.channels.len());
        for level in row.channels.as_flattened() {
            w.f64(*level);
        }
    }
}
