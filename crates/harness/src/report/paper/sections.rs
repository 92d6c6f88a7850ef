//! What a paper says, in its order.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

use super::Subject;
use super::content::{Content, Line};
use super::document::{Block, Formula, Picture, Span, plain, spans};
use super::{board, formula, methods, references};
use crate::report::comparison::MARGIN;
use crate::report::equations::validation_error;
use crate::report::page::{capitalised, enumeration, protocol};
use crate::report::{range, significant};
use crate::run::{RunRecord, Status};
use crate::study::{Split, Study};

/// Most subsets beside each other in a table.
const COLUMNS: usize = 6;

/// Most findings, and most equations: a paper has two pages, a report has all.
const FINDINGS: usize = 14;
const EQUATIONS: usize = 4;

/// Most targets with a learning curve.
const CURVES: usize = 2;

/// All of a paper but its title and references.
pub(super) fn sections(study: &Study, subject: &Subject, content: &Content) -> Vec<Block> {
    let mut blocks = vec![Block::Heading("Data")];
    blocks.extend(data(study, subject));
    blocks.push(Block::Heading("Methods"));
    blocks.push(Block::List(methods::models(&study.models)));
    blocks.push(Block::Paragraph(spans(&statistics(study, content))));
    if !content.findings.is_empty() {
        blocks.push(Block::Heading("Findings"));
        blocks.push(Block::List(findings(content)));
    }
    blocks.push(Block::Heading("Results"));
    blocks.push(Block::Paragraph(vec![plain(
        "The tables hold the errors from most structures, the figures how they fall with their \
         number.",
    )]));
    for target in &study.targets {
        let lines: Vec<&Line> = content
            .board
            .iter()
            .filter(|line| &line.target == target)
            .collect();
        let label = subject.label(target);
        let tables = study.subsets.chunks(COLUMNS);
        blocks.extend(tables.filter_map(|subsets| board::table(&lines, subsets, label)));
    }
    blocks.extend(figures(study, subject, content));
    blocks.extend(equations(study, subject, content));
    blocks.push(Block::Heading("Limitations"));
    blocks.push(Block::Paragraph(spans(&limitations(study, content))));
    blocks
}

/// Which model is ahead, what it overtakes or equals, and how many more are told elsewhere.
fn findings(content: &Content) -> Vec<Vec<Span>> {
    let minor = |line: &str| line.contains("cannot be told from") || line.starts_with("What `");
    let all = content.findings.iter().filter(|line| !minor(line));
    let mut told: Vec<Vec<Span>> = all.take(FINDINGS).map(|line| spans(line)).collect();
    let more = content.findings.len() - told.len();
    if more > 0 {
        let more =
            format!("{more} more, as of models that cannot be told apart, are in the report.");
        told.push(spans(&more));
    }
    told
}

/// What was learnt from what.
fn data(study: &Study, subject: &Subject) -> Vec<Block> {
    let mut about = Vec::new();
    if let Some(known) = &subject.about {
        about.extend([plain(known.title.clone()), plain(" (")]);
        about.extend([Span::Code(study.dataset.clone()), plain(")")]);
        let keys = references::keys(&known.bibtex);
        about.push(if keys.is_empty() {
            plain(format!(": {}", known.citation))
        } else {
            Span::Cite(keys)
        });
        about.push(plain(format!("; licence {}.", known.licence)));
        if !known.notice.is_empty() {
            about.push(plain(format!(
                " {}.",
                capitalised(known.notice.trim_end_matches('.'))
            )));
        }
    } else {
        about.extend([
            plain("Data set "),
            Span::Code(study.dataset.clone()),
            plain("."),
        ]);
    }
    about.extend(spans(&format!(" {}", split(study, subject))));
    vec![Block::Paragraph(about)]
}

/// Subsets, targets, held-out structures, subsamples.
fn split(study: &Study, subject: &Subject) -> String {
    let subsets = study
        .subsets
        .iter()
        .map(|subset| match subject.structures.get(subset) {
            Some(count) => format!("`{subset}` ({count} structures)"),
            None => format!("`{subset}`"),
        });
    let labels = study
        .targets
        .iter()
        .map(|target| format!("the {}", subject.label(target)));
    let tests = study
        .models
        .iter()
        .map(|model| model.test.unwrap_or(study.split.test));
    let seeds = study
        .models
        .iter()
        .map(|model| model.seeds.unwrap_or(study.split.seeds));
    let seeds = seeds.filter_map(|seeds| usize::try_from(seeds).ok());
    let mut words = format!(
        "Predicted are {} of {}. Of each subset {} structures were held out, drawn once (seed {}). {} \
         For choosing, {} % of a subsample are set apart.",
        enumeration(&labels.collect::<Vec<_>>()),
        enumeration(&subsets.collect::<Vec<_>>()),
        study.split.test,
        study.split.seed,
        protocol(
            &study.split.train_sizes,
            &range(seeds).unwrap_or_default(),
            &range(tests).unwrap_or_default()
        ),
        significant(100.0 * study.split.validation, 2),
    );
    if let Some(source) = &study.source {
        let names: Vec<String> = source
            .subsets
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        let count = source
            .structures
            .map_or("all".to_owned(), |count| count.to_string());
        let _ = write!(
            words,
            " Every model learnt from {count} structures of {} besides.",
            enumeration(&names)
        );
    }
    words
}

/// How errors are compared, with the sources of what is used.
fn statistics(study: &Study, content: &Content) -> String {
    let mut words = format!(
        "One fit may take {}; what it may do is counted in its settings, not by the clock. The \
         error of a model is its mean absolute error (MAE) on the held-out structures, averaged over \
         subsamples; intervals in square brackets are 95 % percentile bootstrap intervals over \
         subsamples [@efron1993introduction].",
        study.budget.wall
    );
    let says = |what: &str| content.findings.iter().any(|line| line.contains(what));
    if !content.findings.is_empty() {
        let _ = write!(
            words,
            " In the findings, ratios of errors have bias-corrected and accelerated bootstrap intervals \
             [@efron1987better]; p values are those of the paired t test, corrected for what \
             subsamples have in common [@nadeau2003inference] and for the number of models \
             [@holm1979simple]; models are equivalent if two one-sided tests \
             [@schuirmann1987comparison] bound their ratio by {:.0} %.",
            100.0 * (MARGIN - 1.0)
        );
    }
    if says("by its learning curve") {
        words += " Learning curves are power laws with an offset [@cortes1993learning].";
    }
    if content
        .figures
        .iter()
        .any(|name| name.starts_with("ranks-"))
    {
        words += " Ranks over subsets are compared by Friedman's test [@friedman1937use] and Nemenyi's \
                  critical difference [@demsar2006statistical].";
    }
    words
}

/// Learning curves of the first targets, then ranks, or else errors by kind.
fn figures(study: &Study, subject: &Subject, content: &Content) -> Vec<Block> {
    let named = |stem: &str| {
        content
            .figures
            .iter()
            .filter(move |name| name.starts_with(stem))
            .collect::<Vec<_>>()
    };
    let mut blocks = Vec::new();
    let mut show = |name: &str, width: f64, caption: &str| {
        blocks.push(Block::Figure(Picture {
            name: name.to_owned(),
            caption: spans(caption),
            width,
        }));
    };
    for target in study.targets.iter().take(CURVES) {
        let name = format!("learning-curve-{target}");
        if content.figures.contains(&name) {
            let label = subject.label(target);
            show(
                &name,
                0.57,
                &format!(
                    "MAE of the {label} against the number of structures to learn from; bands are 95 % intervals."
                ),
            );
        }
    }
    for target in study.targets.iter().take(1) {
        let label = subject.label(target);
        let ranks = format!("ranks-{target}");
        let kinds = named(&format!("kinds-{target}"));
        if content.figures.contains(&ranks) {
            show(
                &ranks,
                0.65,
                &format!(
                    "Average rank of each model by its error of the {label} over all subsets; models under one bar are not told apart (5 %)."
                ),
            );
        } else if let Some(kinds) = kinds.first() {
            let subset = kinds.strip_prefix(&format!("kinds-{target}-"));
            let place = subset.map_or(String::new(), |subset| format!(", `{subset}`"));
            show(
                kinds,
                0.65,
                &format!(
                    "MAE of the {label} by kind of defect{place}; the darker, the farther from the best of the column."
                ),
            );
        }
    }
    blocks
}

/// For the first subsets and their targets the equation of the most accurate model that has one.
fn equations(study: &Study, subject: &Subject, content: &Content) -> Vec<Block> {
    let mut blocks = Vec::new();
    let places = study.subsets.iter();
    let places = places.flat_map(|subset| study.targets.iter().map(move |target| (subset, target)));
    let all = places.filter_map(|(subset, target)| equation(content, target, subset));
    for record in all.take(EQUATIONS) {
        let Some(found) = &record.equation else {
            continue;
        };
        let trial = &record.trial;
        let complexity = record
            .complexity
            .map_or(String::new(), |c| format!(", complexity {c}"));
        let columns = found
            .columns
            .iter()
            .map(|(name, unit)| match unit.as_str() {
                "" => format!("`{name}`"),
                _ => format!("`{name}` ({unit})"),
            });
        let columns: Vec<String> = columns.collect();
        let with = match columns.len() {
            0 => String::new(),
            _ => format!(", with {}", enumeration(&columns)),
        };
        let mut words = vec![plain(capitalised(subject.label(&trial.target)) + " of ")];
        words.push(Span::Code(trial.subset.clone()));
        let chosen = if validation_error(record).is_finite() {
            ", that with the lowest validation error"
        } else {
            ""
        };
        let more = if found.text.contains('Σ') {
            " Sums have a coefficient a for every kind or channel, which the records hold."
        } else {
            ""
        };
        words.extend(spans(&format!(
            " in {}{with}, by `{}` from {} structures (subsample {}{chosen}{complexity}).{more}",
            found.unit, trial.model, trial.n_train, trial.seed
        )));
        blocks.push(Block::Paragraph(words));
        blocks.push(Block::Formula(Formula {
            latex: formula::breakable(&found.latex),
            text: found.text.clone(),
        }));
    }
    if !blocks.is_empty() {
        blocks.insert(0, Block::Heading("Equations"));
    }
    blocks
}

/// The trial whose equation is shown: of the most accurate model that has any, the
/// subsample with the lowest validation error, not that with the lowest test error.
fn equation<'a>(content: &'a Content, target: &str, subset: &str) -> Option<&'a RunRecord> {
    let is_here = |record: &&RunRecord| {
        let trial = &record.trial;
        trial.target == target
            && trial.subset == subset
            && record.status == Status::Ok
            && record.equation.is_some()
    };
    let found = || content.records.iter().filter(is_here);
    let has_one = |line: &&Line| {
        found().any(|r| r.trial.model == line.model && r.trial.n_train == line.n_train)
    };
    let lines = content.board.iter();
    let lines = lines.filter(|line| line.target == target && line.subset == subset);
    let scored: Vec<&Line> = lines
        .filter(has_one)
        .filter(|line| line.mae.is_some())
        .collect();
    let size = scored.iter().map(|line| line.n_train).max()?;
    let errors = scored.iter().filter(|line| line.n_train == size);
    let errors = errors.filter_map(|line| Some((line, line.mae?.mean)));
    let (best, _) = errors.min_by(|a, b| a.1.total_cmp(&b.1))?;
    found()
        .filter(|record| record.trial.model == best.model && record.trial.n_train == size)
        .min_by(|a, b| {
            let seeds = a.trial.seed.cmp(&b.trial.seed);
            validation_error(a)
                .total_cmp(&validation_error(b))
                .then(seeds)
        })
}

/// What failed, what overlaps, what intervals do not hold.
fn limitations(study: &Study, content: &Content) -> String {
    let mut sentences = vec![failed(content)];
    sentences.extend(overlaps(study, content));
    sentences.push(
        "Intervals hold the spread of subsamples and of random numbers in the fits, not that of the \
         held-out structures, which are fixed."
            .to_owned(),
    );
    sentences.join(" ")
}

fn failed(content: &Content) -> String {
    let mut models: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for line in &content.board {
        let (failed, total) = models.entry(&line.model).or_default();
        *failed += line.trials.1.saturating_sub(line.trials.0);
        *total += line.trials.1;
    }
    let total: usize = models.values().map(|(_, total)| total).sum();
    let named = models.iter().filter(|(_, (failed, _))| *failed > 0);
    let named: Vec<String> = named
        .map(|(model, (failed, total))| format!("{failed} of {total} of `{model}`"))
        .collect();
    let mut words = match named.len() {
        0 => format!("All {total} trials ended well."),
        _ => format!(
            "Of {total} trials, these did not end well: {}.",
            enumeration(&named)
        ),
    };
    let cut = content.records.iter().filter(|record| record.cut_short);
    let cut = cut.count();
    if cut > 0 {
        let _ = write!(words, " The clock cut {cut} fits short.");
    }
    words
}

/// How much the largest subsamples of each subset have in common, subsets with the same
/// share in one sentence.
fn overlaps(study: &Study, content: &Content) -> Vec<String> {
    let Some(&size) = study.split.train_sizes.iter().max() else {
        return Vec::new();
    };
    let mut shares: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for split in &content.splits {
        if let Some(share) = overlap(split, size) {
            let subset = format!("`{}`", split.subset);
            shares.entry(share).or_default().push(subset);
        }
    }
    let sentence = |(share, subsets): (u32, Vec<String>)| {
        let warning = if share > 50 {
            ", so that intervals at this size are too narrow"
        } else {
            ""
        };
        format!(
            "Two subsamples of {size} structures of {} have {share} % in common in the mean{warning}.",
            enumeration(&subsets)
        )
    };
    shares.into_iter().map(sentence).collect()
}

/// How much the subsamples of a size have in common in the mean, in per cent; `None` if
/// there is but one.
fn overlap(split: &Split, size: usize) -> Option<u32> {
    let subsamples: Vec<HashSet<&String>> = split
        .train
        .iter()
        .map(|ids| ids.iter().take(size).collect())
        .collect();
    let pairs = (0..subsamples.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    let shared: Vec<usize> = pairs
        .map(|(i, j)| subsamples[i].intersection(&subsamples[j]).count())
        .collect();
    let all = size * shared.len();
    let percent = (100 * shared.iter().sum::<usize>() + all / 2).checked_div(all)?;
    u32::try_from(percent).ok()
}
