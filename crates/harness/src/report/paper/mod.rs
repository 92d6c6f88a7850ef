//! `paper/`: a summary of a report on two pages, in LaTeX and in Typst.
//!
//! ```text
//! study.toml, leaderboard.csv, findings.md, figures/ ─┐
//! records.jsonl, splits.json ─────────────────────────┼─▶ Content ─▶ Document ─┬─▶ paper.tex
//! what is known of the data set ──────────────────────┘                        ├─▶ paper.typ
//!                                                                              └─▶ references.bib
//! ```
//!
//! # Invariants
//!
//! 1. A paper is made from the files of a report and says nothing that is not in them:
//!    a published copy, without the data set, has one too.
//! 2. Both languages are written from one `Document`; no sentence is written twice.
//! 3. Names and sentences of users are text, never markup.
//! 4. The same folder gives the same bytes.
//!
//! # Where to start
//!
//! [`write()`] is the whole of it; `sections` is what a paper says, `latex` and
//! `typst` how it is set.

mod board;
mod content;
mod document;
mod formula;
mod latex;
mod methods;
mod references;
mod sections;
mod typst;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use crate::dataset::{About, Dataset, Property, registry};
use crate::files;
use crate::study::Study;
use content::Content;
use document::Document;

/// What is known of a data set without its structures.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// Title, licence, citation; `None` for a data set that is not at hand.
    pub about: Option<About>,
    /// What can be predicted; may be empty.
    pub properties: Vec<Property>,
    /// How many structures with all targets the subsets have; may be empty.
    pub structures: BTreeMap<String, usize>,
}

impl Subject {
    /// A data set that is at hand.
    ///
    /// - `pools`: how many structures of each subset are not held out.
    #[must_use]
    pub fn of(dataset: &Dataset, study: &Study, pools: &BTreeMap<String, usize>) -> Self {
        let structures = pools
            .iter()
            .map(|(subset, pool)| (subset.clone(), pool + study.split.test));
        Self {
            about: Some(dataset.about.clone()),
            properties: dataset.properties.clone(),
            structures: structures.collect(),
        }
    }

    /// What the program itself knows of a data set of this name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let Ok(known) = registry::find(name) else {
            return Self::default();
        };
        Self {
            about: Some(known.description.about()),
            properties: known.description.properties(),
            structures: BTreeMap::new(),
        }
    }

    /// A property in words; its key, if no more is known.
    fn label<'a>(&'a self, key: &'a str) -> &'a str {
        let known = self.properties.iter().find(|known| known.key == key);
        known.map_or(key, |property| &property.label)
    }
}

/// Writes `paper/paper.tex`, `paper/paper.typ` and `paper/references.bib` into the folder
/// of a report.
///
/// # Errors
///
/// If the folder lacks the tables of a report, one of its files is not what it should
/// be, or a file cannot be written.
pub fn write(folder: &Path, study: &Study, subject: &Subject) -> Result<()> {
    let content = Content::read(folder, study)?;
    let blocks = sections::sections(study, subject, &content);
    let bibtex = subject.about.as_ref().map_or("", |about| &about.bibtex);
    let document = Document {
        title: study.title.clone(),
        references: references::cited(&blocks, bibtex),
        blocks,
    };
    let place = |name: &str| folder.join("paper").join(name);
    let entries = document.references.join("\n\n") + "\n";
    files::write(&place("references.bib"), entries.as_bytes())?;
    files::write(&place("paper.tex"), latex::write(&document).as_bytes())?;
    files::write(&place("paper.typ"), typst::write(&document).as_bytes())
}
