//! What models were chosen from, trial by trial, and what the choice took.

use std::collections::BTreeMap;

use super::{Row, significant};
use crate::run::RunRecord;

/// A sentence for each property and model that was chosen among candidates.
pub(super) fn choices(rows: &[Row]) -> Vec<String> {
    let mut groups: Vec<(&Row, Vec<&RunRecord>)> = Vec::new();
    for row in rows.iter().filter(|row| !row.is_part()) {
        let records = row.outcomes.iter().map(|outcome| outcome.record);
        let chosen = records.filter(|record| !record.candidates.is_empty());
        let alike = |(first, _): &&mut (&Row, Vec<&RunRecord>)| {
            first.property.key == row.property.key && first.model == row.model
        };
        match groups.iter_mut().find(alike) {
            Some((_, records)) => records.extend(chosen),
            None => groups.push((row, chosen.collect())),
        }
    }
    let tried = groups.iter().filter(|(_, records)| !records.is_empty());
    tried.map(|(row, records)| sentence(row, records)).collect()
}

fn sentence(row: &Row, records: &[&RunRecord]) -> String {
    let candidates = &records[0].candidates;
    let mut times: BTreeMap<&str, usize> = candidates.iter().map(|c| (&*c.name, 0)).collect();
    for candidate in records.iter().flat_map(|record| &record.candidates) {
        *times.entry(&candidate.name).or_default() += usize::from(candidate.chosen);
    }
    let mut times: Vec<(&str, usize)> = times.into_iter().collect();
    times.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let times: Vec<String> = times
        .iter()
        .map(|(name, count)| format!("`{name}` {count}"))
        .collect();
    format!(
        "{}: `{}` was chosen in each of {} trials from {} candidates on structures of the subsample \
         that they had not learnt ({} fits a trial{}): {}.",
        row.property.label,
        row.model,
        records.len(),
        candidates.len(),
        fits(records[0]),
        hours(records),
        times.join(", ")
    )
}

/// Every candidate once a round, and the chosen one once more.
fn fits(record: &RunRecord) -> usize {
    let rounds = record.trial.settings["rounds"].as_u64();
    let rounds = rounds.and_then(|rounds| usize::try_from(rounds).ok());
    rounds.unwrap_or(1) * record.candidates.len() + 1
}

/// As ", 1.25 hours in all"; nothing for trials without a clock.
fn hours(records: &[&RunRecord]) -> String {
    let seconds = records.iter().map(|record| Some(record.seconds?.fit));
    match seconds.sum::<Option<f64>>() {
        Some(seconds) => format!(", {} hours in all", significant(seconds / 3600.0, 3)),
        None => String::new(),
    }
}
