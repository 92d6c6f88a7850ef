//! Bytes to a data set; `None` wherever they do not fit together.

use std::sync::Arc;

use crystal::{Element, Lattice, Site, Structure};

use super::bytes::Reader;
use crate::dataset::description::REPEATS;
use crate::dataset::{
    About, Dataset, Evidence, Host, Imported, Label, Pristine, Property, RawRow, Replacement,
    Sample,
};

/// All of a data set.
pub(super) fn imported(bytes: &[u8]) -> Option<Imported> {
    let r = &mut Reader::new(bytes);
    let mut dataset = head(r)?;
    let notes = r.list(Reader::text)?;
    for _ in 0..r.count()? {
        part(r, dataset.properties.len(), &mut dataset.samples)?;
    }
    let evidence = r.list(evidence)?;
    r.is_empty().then_some(Imported {
        dataset,
        evidence,
        notes,
    })
}

fn head(r: &mut Reader) -> Option<Dataset> {
    let name = r.text()?;
    let about = About {
        title: r.text()?,
        licence: r.text()?,
        citation: r.text()?,
        bibtex: r.text()?,
        notice: r.text()?,
    };
    Some(Dataset {
        name,
        about,
        content_hash: r.text()?,
        properties: r.list(|r| {
            Some(Property {
                key: r.text()?,
                label: r.text()?,
                unit: r.text()?,
                report_unit: r.text()?,
                report_factor: finite(r).filter(|factor| *factor > 0.0)?,
                per_defect: flag(r)?,
            })
        })?,
        samples: Vec::new(),
    })
}

/// The samples of one subset, appended to those before.
fn part(r: &mut Reader, targets: usize, samples: &mut Vec<Sample>) -> Option<()> {
    let subset: Arc<str> = Arc::from(r.text()?);
    let kinds = r.list(|r| Some(Arc::from(r.text()?)))?;
    let hosts = r.list(|r| Some(Arc::new(host(r)?)))?;
    let cells = r.list(cell)?;
    let sites = r.list(site)?;
    let wide = sites.len() > 1 << 16;
    let width = if wide { 4 } else { 2 };
    for _ in 0..r.count()? {
        let id = r.text()?;
        let kind: &Arc<str> = kinds.get(r.count()?)?;
        let host = match r.count()? {
            0 => None,
            number => Some(Arc::clone(hosts.get(number - 1)?)),
        };
        let (lattice, periodic) = *cells.get(r.count()?)?;
        let targets = (0..targets)
            .map(|_| {
                let (known, value) = (flag(r)?, r.f64()?);
                (!known || value.is_finite()).then(|| known.then_some(value))
            })
            .collect::<Option<_>>()?;
        let count = r.count()?;
        let indices = r.take(count.checked_mul(width)?)?.chunks_exact(width);
        let own = indices
            .map(|index| {
                let mut number = [0; 4];
                number[..width].copy_from_slice(index);
                sites.get(u32::from_le_bytes(number) as usize).copied()
            })
            .collect::<Option<Vec<Site>>>()?;
        samples.push(Sample {
            id,
            subset: Arc::clone(&subset),
            kind: Arc::clone(kind),
            structure: Structure::new(lattice, own).ok()?.with_periodic(periodic),
            host,
            targets,
        });
    }
    Some(())
}

fn flag(r: &mut Reader) -> Option<bool> {
    match r.u8()? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

fn finite(r: &mut Reader) -> Option<f64> {
    r.f64().filter(|value| value.is_finite())
}

fn triple<'a, T: Copy + Default>(
    r: &mut Reader<'a>,
    take: impl Fn(&mut Reader<'a>) -> Option<T>,
) -> Option<[T; 3]> {
    let mut values = [T::default(); 3];
    for value in &mut values {
        *value = take(r)?;
    }
    Some(values)
}

fn cell(r: &mut Reader) -> Option<(Lattice, [bool; 3])> {
    let rows = triple(r, |r| triple(r, Reader::f64))?;
    Some((Lattice::new(rows).ok()?, triple(r, flag)?))
}

/// `None` for zero, which stands for no element, and for what is none.
fn element(number: u8) -> Option<Element> {
    Element::from_atomic_number(number).ok()
}

fn site(r: &mut Reader) -> Option<Site> {
    Some(Site {
        element: element(r.u8()?)?,
        fractional: triple(r, Reader::f64)?,
    })
}

fn host(r: &mut Reader) -> Option<Host> {
    let name = r.text()?;
    let repeats = triple(r, Reader::count)?;
    let (lattice, periodic) = cell(r)?;
    let sites = r.list(site)?;
    Some(Host {
        name,
        unit_cell: Structure::new(lattice, sites).ok()?.with_periodic(periodic),
        repeats: Some(repeats).filter(|three| three.iter().all(|count| REPEATS.contains(count)))?,
    })
}

fn evidence(r: &mut Reader) -> Option<Evidence> {
    Some(Evidence {
        subset: Arc::from(r.text()?),
        chemical_potentials: r.list(|r| Some((element(r.u8()?)?, finite(r)?)))?,
        pristine: r.list(|r| {
            Some(Pristine {
                host: r.text()?,
                repeats: triple(r, Reader::count)?,
                energy: finite(r)?,
            })
        })?,
        labels: r.list(|r| {
            Some(Label {
                kind: Arc::from(r.text()?),
                defects: r.list(|r| {
                    let (from, to) = (r.u8()?, r.u8()?);
                    Some(Replacement {
                        from: element(from),
                        to: element(to),
                    })
                })?,
            })
        })?,
        rows: r.list(|r| {
            Some(RawRow {
                label: r.count()?,
                energy: finite(r)?,
                formation_energy: finite(r)?,
                channels: r.list(|r| Some([finite(r)?, finite(r)?]))?,
            })
        })?,
    })
}
