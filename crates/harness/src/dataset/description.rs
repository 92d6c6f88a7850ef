//! What a `dataset.toml` says: where the data come from and how to read them.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use anyhow::Result;
use serde::Deserialize;

use super::import::is_name;
use super::{About, Property};
use crate::error::{UserError, excerpt, one_line};

/// How many unit cells may make up a supercell along a vector.
pub(super) const REPEATS: RangeInclusive<usize> = 1..=1000;

/// A `dataset.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// One line.
    pub title: String,
    /// An SPDX expression.
    pub licence: String,
    /// Whom to cite, in words.
    pub citation: String,
    /// The same in BibTeX.
    #[serde(default)]
    pub bibtex: String,
    /// What must be said wherever the data appear.
    #[serde(default)]
    pub notice: String,
    /// How its files are laid out.
    #[serde(default)]
    pub layout: Layout,
    /// Where the data can be downloaded.
    pub fetch: Option<Fetch>,
    /// Along which vectors the cells repeat; by default along all three.
    pub periodic: Option<[bool; 3]>,
    /// Name of the subset where the data have no parts.
    pub default_subset: Option<String>,
    /// Files with the structures: `cif/*.cif`, or one `.xyz`, `.json`,
    /// `.tar.gz` (layout `table`).
    pub structures: Option<String>,
    /// The CSV file with the targets (layout `table`).
    pub table: Option<String>,
    /// Its column that names the structure (layout `table`).
    pub id: Option<String>,
    /// Its column that names the subset (layout `table`).
    pub subset: Option<String>,
    /// Its column that names the kind of defect complex (layout `table`).
    pub kind: Option<String>,
    /// The crystal before the defects were made (layout `table`).
    pub host: Option<HostDescription>,
    /// What can be predicted.
    #[serde(rename = "target")]
    pub targets: Vec<Target>,
}

/// How the files of a data set are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Layout {
    /// Structures and one table of targets.
    #[default]
    #[serde(rename = "table")]
    Table,
    /// Folders of subsets as the authors of 2DMD publish them.
    #[serde(rename = "2dmd")]
    TwoDmd,
}

/// Where a data set can be downloaded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetch {
    /// Address of the archive.
    pub url: String,
    /// Name of its file, on a mirror and on this machine.
    pub file: String,
    /// How many structures must be in it.
    pub structures: Option<usize>,
}

/// The crystal without defects.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostDescription {
    /// File with its unit cell.
    pub unit_cell: String,
    /// How many unit cells make up a supercell.
    pub repeats: [usize; 3],
    /// Its name; by default that of the file.
    pub name: Option<String>,
}

/// A quantity that models predict, and where it stands.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The name in studies and tables.
    pub key: String,
    /// The column of the table: the first of these that is there.
    pub column: Columns,
    /// The unit of the column.
    pub unit: String,
    /// The unit of reported errors; by default `unit`.
    pub report_unit: Option<String>,
    /// What a value is multiplied by to go from `unit` to `report_unit`; known
    /// for the usual pairs.
    pub report_factor: Option<f64>,
    /// The name on an axis; by default the key.
    pub label: Option<String>,
    /// Whether the value is a total divided by the number of defects.
    #[serde(default)]
    pub per_defect: bool,
}

/// One column, or several to try in turn.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Columns {
    /// `column = "e_form"`
    One(String),
    /// `column = ["gap_min", "gap"]`
    Several(Vec<String>),
}

impl Columns {
    /// The names, in the order in which they are tried.
    #[must_use]
    pub fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

impl Description {
    /// Reads a `dataset.toml`.
    ///
    /// # Errors
    ///
    /// [`UserError`] that names `file`: for a line that is not TOML, an unknown
    /// or missing key, no target, a target that stands there twice, or units
    /// whose ratio is not known.
    pub fn parse(file: &str, text: &str) -> Result<Self> {
        let description: Self = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            UserError::new(format!(
                "{file}: line {line}: {}",
                one_line(&error.message().replace('\n', ", "))
            ))
        })?;
        description
            .check()
            .map_err(|what| UserError::new(format!("{file}: {what}")))?;
        Ok(description)
    }

    fn check(&self) -> Result<(), String> {
        if self.targets.is_empty() {
            return Err("expected at least one [[target]]".into());
        }
        let mut known = HashSet::new();
        for target in &self.targets {
            if !is_name(&target.key) {
                return Err(format!(
                    "target `{}`: files are named by the key: use letters, digits, `-`, `_` and `.`",
                    excerpt(&target.key)
                ));
            }
            if !known.insert(&target.key) {
                return Err(format!("target `{}` stands there twice", target.key));
            }
            target.factor()?;
        }
        let table = [
            ("structures", &self.structures),
            ("table", &self.table),
            ("id", &self.id),
        ];
        for (key, value) in table {
            match self.layout {
                Layout::Table if value.is_none() => return Err(format!("expected `{key}`")),
                Layout::TwoDmd if value.is_some() => {
                    return Err(format!("`{key}` belongs to the layout \"table\" only"));
                }
                Layout::Table | Layout::TwoDmd => {}
            }
        }
        if let Some(host) = &self.host
            && !host.repeats.iter().all(|count| REPEATS.contains(count))
        {
            return Err("`host.repeats` must be positive and at most 1000".into());
        }
        Ok(())
    }

    /// Title, licence, citation.
    #[must_use]
    pub fn about(&self) -> About {
        About {
            title: self.title.clone(),
            licence: self.licence.clone(),
            citation: self.citation.clone(),
            bibtex: self.bibtex.trim().to_owned(),
            notice: self.notice.clone(),
        }
    }

    /// What can be predicted.
    #[must_use]
    pub fn properties(&self) -> Vec<Property> {
        self.targets.iter().map(Target::property).collect()
    }
}

impl Target {
    fn property(&self) -> Property {
        Property {
            key: self.key.clone(),
            label: self.label.clone().unwrap_or_else(|| self.key.clone()),
            unit: self.unit.clone(),
            report_unit: self.report_unit().to_owned(),
            report_factor: self.factor().unwrap_or(1.0),
            per_defect: self.per_defect,
        }
    }

    fn report_unit(&self) -> &str {
        self.report_unit.as_deref().unwrap_or(&self.unit)
    }

    /// The factor from `unit` to `report_unit`, given or known.
    fn factor(&self) -> Result<f64, String> {
        let report_unit = self.report_unit();
        let factor = self
            .report_factor
            .or_else(|| unit_ratio(&self.unit, report_unit));
        match factor {
            Some(factor) if factor.is_finite() && factor > 0.0 => Ok(factor),
            Some(factor) => Err(format!(
                "target `{}`: `report_factor` must be positive, got {factor}",
                self.key
            )),
            None => Err(format!(
                "target `{}`: from {} to {report_unit}? give `report_factor`",
                self.key, self.unit
            )),
        }
    }
}

/// How many of the second unit make up one of the first, if that is known.
///
/// A denominator (`eV/atom`) must be the same in both.
fn unit_ratio(from: &str, to: &str) -> Option<f64> {
    if from == to {
        return Some(1.0);
    }
    let split = |unit: &str| match unit.split_once('/') {
        Some((unit, per)) => (unit.to_owned(), per.to_owned()),
        None => (unit.to_owned(), String::new()),
    };
    let ((from, per_from), (to, per_to)) = (split(from), split(to));
    if per_from != per_to {
        return None;
    }
    // each row is one quantity, its units as multiples of the first of them
    let families: [&[(&str, f64)]; 4] = [
        &[("eV", 1.0), ("meV", 1e-3), ("keV", 1e3)],
        &[("Å", 1.0), ("pm", 1e-2), ("nm", 10.0)],
        &[("GPa", 1.0), ("MPa", 1e-3), ("kbar", 0.1)],
        &[("K", 1.0), ("mK", 1e-3)],
    ];
    families.iter().find_map(|family| {
        let size = |unit: &str| family.iter().find(|(name, _)| *name == unit);
        let ratio = size(&from)?.1 / size(&to)?.1;
        // powers of ten, as they are written
        format!("{ratio:.6e}").parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALLEST: &str = "title = 't'\nlicence = 'CC0-1.0'\ncitation = 'c'\n\
        structures = 'cif/*.cif'\ntable = 't.csv'\nid = 'name'\n";
    const TARGET: &str = "[[target]]\nkey = 'e'\ncolumn = 'e'\nunit = 'eV'\nreport_unit = 'meV'\n";

    #[test]
    fn a_short_description_has_sensible_defaults() {
        let read = Description::parse("d", &format!("{SMALLEST}{TARGET}")).unwrap();
        let property = &read.properties()[0];
        assert_eq!(property.label, "e");
        // the ratio of powers of ten is exact
        assert_eq!(property.report_factor.to_bits(), 1000_f64.to_bits());
        assert_eq!(read.layout, Layout::Table);
    }

    #[test]
    fn units_convert_within_a_quantity_only() {
        assert_eq!(unit_ratio("eV/atom", "meV/atom"), Some(1000.0));
        assert_eq!(unit_ratio("Å", "pm"), Some(100.0));
        assert_eq!(unit_ratio("GPa", "kbar"), Some(10.0));
        assert_eq!(unit_ratio("furlong", "furlong"), Some(1.0));
        assert_eq!(unit_ratio("eV", "meV/atom"), None);
        assert_eq!(unit_ratio("eV", "GPa"), None);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let refused = |text: &str| Description::parse("d", text).unwrap_err().to_string();
        assert_eq!(
            refused(&format!("{SMALLEST}colour = 'red'\n{TARGET}"))
                .split(", expected")
                .next(),
            Some("d: line 7: unknown field `colour`")
        );
        assert_eq!(
            refused(&format!("{SMALLEST}target = []\n")),
            "d: expected at least one [[target]]"
        );
        assert_eq!(
            refused(&format!("{SMALLEST}{TARGET}{TARGET}")),
            "d: target `e` stands there twice"
        );
        for key in ["../../x", "/x", "a/b", ".hidden", "", "a\\u0000b"] {
            let target = TARGET.replace("key = 'e'", &format!("key = \"{key}\""));
            let refused = refused(&format!("{SMALLEST}{target}"));
            assert!(refused.contains("files are named by the key"), "{refused}");
        }
        let host = "[host]\nunit_cell = 'x.cif'\nrepeats = [8, 8, 4000000000]\n";
        assert_eq!(
            refused(&format!("{SMALLEST}{TARGET}{host}")),
            "d: `host.repeats` must be positive and at most 1000"
        );
        assert_eq!(
            refused(&format!("{SMALLEST}{}", TARGET.replace("meV", "GPa"))),
            "d: target `e`: from eV to GPa? give `report_factor`"
        );
        assert_eq!(
            refused(&format!("{}{TARGET}", SMALLEST.replace("id = 'name'", ""))),
            "d: expected `id`"
        );
    }
}
