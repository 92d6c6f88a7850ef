//! Data sets in words.

use std::collections::BTreeSet;
use std::io::Write;

use anyhow::Result;

use crate::dataset::{self, Dataset, Home, registry};
use crate::error::UserError;

/// Names of the data sets whose data are here, sorted: imported or embedded.
pub(super) fn here(home: &Home) -> Result<Vec<String>> {
    let mut names: BTreeSet<String> = home.imported().into_iter().collect();
    for name in registry::names() {
        if registry::find(name)?.embedded().is_some() {
            names.insert(name.to_owned());
        }
    }
    Ok(names.into_iter().collect())
}

/// One line a data set.
pub(super) fn list(home: &Home, out: &mut dyn Write) -> Result<()> {
    let here = here(home)?;
    let mut names: BTreeSet<&str> = here.iter().map(String::as_str).collect();
    names.extend(registry::names());
    for name in names {
        if here.iter().any(|known| known == name) {
            match dataset::load(name, home) {
                Ok(data) => writeln!(
                    out,
                    "{name:<12} {:>6} structures  {:<12} {}{}",
                    data.samples.len(),
                    data.about.licence,
                    data.about.title,
                    in_brackets(&data.about.notice)
                )?,
                // one damaged file must not hide the others
                Err(error) => writeln!(out, "{name:<12} cannot be used: {error:#}")?,
            }
        } else {
            let description = registry::find(name)?.description;
            let verb = match description.fetch {
                Some(_) => "fetch",
                None => "generate",
            };
            writeln!(
                out,
                "{name:<12} not here: tycho data {verb} {name}  ({}) {}",
                description.licence, description.title
            )?;
        }
    }
    writeln!(out, "data folder: {}", home.root().display())?;
    Ok(())
}

fn in_brackets(notice: &str) -> String {
    if notice.is_empty() {
        String::new()
    } else {
        format!(" ({notice})")
    }
}

/// The citation in BibTeX, of a data set that need not be here.
pub(super) fn bibtex(name: &str, home: &Home, out: &mut dyn Write) -> Result<()> {
    let about = match registry::find(name) {
        Ok(known) => known.description.about(),
        Err(_) => dataset::load(name, home)?.about,
    };
    if about.bibtex.is_empty() {
        return Err(UserError::new(format!(
            "`{name}` has no BibTeX; cite: {}",
            about.citation
        )));
    }
    writeln!(out, "{}", about.bibtex.trim())?;
    Ok(())
}

/// Name, title and notice.
pub(super) fn heading(data: &Dataset, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "{}: {}", data.name, data.about.title)?;
    if !data.about.notice.is_empty() {
        writeln!(out, "note: {}", data.about.notice)?;
    }
    Ok(())
}

/// Everything about one data set.
pub(super) fn info(name: &str, home: &Home, out: &mut dyn Write) -> Result<()> {
    let data = dataset::load(name, home)?;
    heading(&data, out)?;
    writeln!(out, "licence: {}", data.about.licence)?;
    writeln!(out, "please cite: {}", data.about.citation)?;
    writeln!(out, "content: {}", data.content_hash)?;
    writeln!(out)?;
    subsets(&data, out)?;
    writeln!(out)?;
    properties(&data, out)
}

fn subsets(data: &Dataset, out: &mut dyn Write) -> Result<()> {
    writeln!(
        out,
        "{:<12} {:>10} {:>6}  {:>9}  host",
        "subset", "structures", "kinds", "atoms"
    )?;
    for part in data.samples.chunk_by(|a, b| a.subset == b.subset) {
        let kinds: BTreeSet<&str> = part.iter().map(|sample| &*sample.kind).collect();
        let sizes = part.iter().map(|sample| sample.structure.sites().len());
        let (least, most) = sizes.fold((usize::MAX, 0), |(l, m), n| (l.min(n), m.max(n)));
        let host = part[0].host.as_ref().map_or_else(
            || "unknown".to_owned(),
            |host| {
                let [a, b, c] = host.repeats;
                format!("{} {a}x{b}x{c}", host.name)
            },
        );
        writeln!(
            out,
            "{:<12} {:>10} {:>6}  {:>9}  {host}",
            part[0].subset,
            part.len(),
            kinds.len(),
            if least == most {
                least.to_string()
            } else {
                format!("{least}-{most}")
            },
        )?;
    }
    Ok(())
}

fn properties(data: &Dataset, out: &mut dyn Write) -> Result<()> {
    writeln!(
        out,
        "{:<28} {:<8} {:>6} {:>10} {:>10}  label",
        "property", "unit", "known", "least", "most"
    )?;
    for (index, property) in data.properties.iter().enumerate() {
        let known: Vec<f64> = data
            .samples
            .iter()
            .filter_map(|sample| sample.targets[index])
            .collect();
        let least = known.iter().copied().fold(f64::INFINITY, f64::min);
        let most = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let range = if known.is_empty() {
            format!("{:>10} {:>10}", "", "")
        } else {
            format!("{least:>10.4} {most:>10.4}")
        };
        writeln!(
            out,
            "{:<28} {:<8} {:>6} {range}  {} (errors in {})",
            property.key,
            property.unit,
            known.len(),
            property.label,
            property.report_unit
        )?;
    }
    Ok(())
}
