//! Figures: the data under the ink, and the ink.
//!
//! Every figure is one file with `data`, which takes rows of the leaderboard
//! and fits nothing, `csv`, which is what is stored beside the picture, and
//! `draw`, which sees the data alone. The SVG is the picture; PDF and PNG are
//! made from it.
//!
//! # Invariants
//!
//! 1. The same data give the same bytes: no clock, no random number, no system
//!    font.
//! 2. A model looks the same in every figure (`palette`).
//! 3. No text is smaller than 7 points at the size that the file states.
//!
//! # Where to start
//!
//! [`all`] lists the figures of a report. A new one is a file with the three
//! functions and a line there.

mod axis;
mod canvas;
mod complexity;
mod cost;
mod font;
pub(crate) mod functions;
mod heat_map;
mod learning_curve;
mod legend;
pub(crate) mod palette;
mod panel;
mod parity;
mod pdf;
mod ranks;
mod render;
mod residuals;
mod scatter;
mod svg;

use anyhow::Result;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::dataset::is_combined;
use crate::report::Row;

/// Width of a page of two columns, in points.
const WIDE: f64 = 170.0 * canvas::MM;

/// A finished figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The stem of its files, as `parity-homo_lumo_gap`.
    pub name: String,
    /// Key of the property that it is about.
    pub target: String,
    /// One or two sentences: what is shown.
    pub caption: String,
    /// The picture.
    pub svg: String,
    /// Its width.
    pub width_mm: f64,
    /// The numbers under the ink.
    pub csv: String,
}

/// A figure in the formats of paper and screen.
pub(crate) struct Rendered {
    pub(crate) pdf: Vec<u8>,
    pub(crate) png: Vec<u8>,
}

/// All figures of a report, target by target.
///
/// A figure without data, as that of times in a run without a clock, is left
/// out.
#[must_use]
pub fn all(rows: &[Row]) -> Vec<Figure> {
    let mut targets: Vec<&str> = rows.iter().map(|row| row.property.key.as_str()).collect();
    targets.dedup();
    let makers = targets.into_iter().flat_map(|target| {
        let of_target = rows.iter().filter(|row| row.property.key == target);
        let of_target: Vec<&Row> = of_target.collect();
        let (mut learnt, mut smallest) = (of_target.clone(), of_target.clone());
        learnt.retain(|row| !row.is_part());
        smallest.retain(|row| row.is_part() || !is_combined(&row.subset));
        let mut makers: Vec<(Kind, Vec<&Row>)> = vec![
            (Kind::LearningCurve, learnt.clone()),
            (Kind::Complexity, learnt.clone()),
            (Kind::Cost, learnt.clone()),
            (Kind::Ranks, smallest.clone()),
            (Kind::Subsets, of_target),
        ];
        let subsets = by_subset(&smallest);
        let several = subsets.len() > 1;
        for (_, rows) in subsets {
            makers.push((Kind::Kinds { several }, rows.clone()));
            makers.push((Kind::Counts { several }, rows.clone()));
            makers.push((Kind::Residuals { several }, rows));
        }
        let subsets = by_subset(&learnt);
        let several = subsets.len() > 1;
        for (_, rows) in subsets {
            makers.push((Kind::Parity { several }, rows));
        }
        makers
    });
    let makers: Vec<_> = makers.collect();
    makers
        .into_par_iter()
        .filter_map(|(kind, rows)| kind.make(&rows))
        .collect()
}

/// PDF and PNG of each figure, in their order.
///
/// # Errors
///
/// If an SVG cannot be read back.
pub(crate) fn render(figures: &[Figure]) -> Result<Vec<Rendered>> {
    use rayon::iter::IntoParallelRefIterator;
    let fonts = font::database();
    figures
        .par_iter()
        .map(|figure| {
            let (pdf, png) = render::pdf_and_png(&figure.svg, fonts.clone())?;
            Ok(Rendered { pdf, png })
        })
        .collect()
}

/// Stems of figure files begin with one of these; files of earlier reports are
/// known by it.
pub(crate) const PREFIXES: [&str; 9] = [
    "learning-curve-",
    "complexity-",
    "cost-",
    "parity-",
    "ranks-",
    "subsets-",
    "kinds-",
    "defects-",
    "residuals-",
];

/// What a figure shows.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Error against the number of training structures.
    LearningCurve,
    /// Error against complexity.
    Complexity,
    /// Error against the time of a fit.
    Cost,
    /// Average ranks over subsets.
    Ranks,
    /// Error by model and subset.
    Subsets,
    /// Error by model and kind of defect; one figure a subset.
    Kinds {
        /// Whether the name must tell subsets apart.
        several: bool,
    },
    /// Error by model and number of defects; one figure a subset.
    Counts {
        /// Whether the name must tell subsets apart.
        several: bool,
    },
    /// Residual against the closest two defects; one figure a subset.
    Residuals {
        /// Whether the name must tell subsets apart.
        several: bool,
    },
    /// Prediction against target; one figure a subset.
    Parity {
        /// Whether the name must tell subsets apart.
        several: bool,
    },
}

impl Kind {
    fn make(self, rows: &[&Row]) -> Option<Figure> {
        let target = &rows.first()?.property.key;
        let (stem, (caption, svg, csv)) = match self {
            Self::LearningCurve => {
                let data = learning_curve::data(rows)?;
                (
                    format!("learning-curve-{target}"),
                    (data.caption(), learning_curve::draw(&data), data.csv()),
                )
            }
            Self::Complexity => {
                let data = complexity::data(rows)?;
                (
                    format!("complexity-{target}"),
                    (data.caption(), complexity::draw(&data), data.csv()),
                )
            }
            Self::Cost => {
                let data = cost::data(rows)?;
                (
                    format!("cost-{target}"),
                    (data.caption(), cost::draw(&data), data.csv()),
                )
            }
            Self::Ranks => {
                let data = ranks::data(rows)?;
                (
                    format!("ranks-{target}"),
                    (data.caption(), ranks::draw(&data), data.csv()),
                )
            }
            Self::Subsets => {
                let data = heat_map::of_subsets(rows)?;
                (
                    format!("subsets-{target}"),
                    (data.caption(), heat_map::draw(&data), data.csv()),
                )
            }
            Self::Kinds { several } => {
                let data = heat_map::of_kinds(rows)?;
                let stem = of_subset("kinds", target, &data.subset, several);
                (stem, (data.caption(), heat_map::draw(&data), data.csv()))
            }
            Self::Counts { several } => {
                let data = heat_map::of_counts(rows)?;
                let stem = of_subset("defects", target, &data.subset, several);
                (stem, (data.caption(), heat_map::draw(&data), data.csv()))
            }
            Self::Residuals { several } => {
                let data = residuals::data(rows)?;
                let stem = of_subset("residuals", target, &data.subset, several);
                (stem, (data.caption(), residuals::draw(&data), data.csv()))
            }
            Self::Parity { several } => {
                let data = parity::data(rows)?;
                let stem = of_subset("parity", target, &data.subset, several);
                (stem, (data.caption(), parity::draw(&data), data.csv()))
            }
        };
        Some(Figure {
            name: stem,
            target: target.clone(),
            caption,
            width_mm: svg::width_mm(&svg),
            svg,
            csv,
        })
    }
}

/// The stem of a figure that is made for every subset.
fn of_subset(what: &str, target: &str, subset: &str, several: bool) -> String {
    if several {
        format!("{what}-{target}-{}", subset.replace('/', "-"))
    } else {
        format!("{what}-{target}")
    }
}

/// Rows of each subset, in the order in which subsets first appear.
fn by_subset<'r, 'a>(rows: &[&'r Row<'a>]) -> Vec<(&'r str, Vec<&'r Row<'a>>)> {
    let mut subsets: Vec<(&str, Vec<&Row>)> = Vec::new();
    for &row in rows {
        match subsets.iter_mut().find(|(subset, _)| *subset == row.subset) {
            Some((_, known)) => known.push(row),
            None => subsets.push((&row.subset, vec![row])),
        }
    }
    subsets
}

/// For each model the row of its largest size that has a score, in the order
/// of models.
fn largest<'r, 'a>(rows: &[&'r Row<'a>]) -> Vec<&'r Row<'a>> {
    let mut best: Vec<&Row> = Vec::new();
    for &row in rows.iter().filter(|row| row.mae.is_some()) {
        match best.iter_mut().find(|known| known.model == row.model) {
            Some(known) if known.n_train < row.n_train => *known = row,
            Some(_) => {}
            None => best.push(row),
        }
    }
    best.sort_by_key(|row| (palette::rank(row.model), row.model));
    best
}

/// The rows of the size at which most models are scored, the larger of two such, in the
/// order of models.
fn of_one_size<'r, 'a>(rows: &[&'r Row<'a>]) -> Vec<&'r Row<'a>> {
    let scored = |size: usize| {
        let rows = rows.iter().copied();
        rows.filter(move |row| row.n_train == size && row.mae.is_some())
    };
    let sizes = rows.iter().map(|row| row.n_train);
    let size = sizes.max_by_key(|&size| (scored(size).count(), size));
    let mut rows: Vec<&Row> = size.into_iter().flat_map(scored).collect();
    rows.sort_by_key(|row| (palette::rank(row.model), row.model));
    rows
}

/// Names of models, each once, in the order of legends.
fn legend_order<'a>(models: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = models.into_iter().collect();
    names.sort_by_key(|name| (palette::rank(name), *name));
    names.dedup();
    names
}
