//! Models in words, with their settings and sources.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::document::{Span, spans};
use crate::models::ModelSpec;
use crate::study::ModelEntry;

/// One item a model: what it is and how it was set.
pub(super) fn models(entries: &[ModelEntry]) -> Vec<Vec<Span>> {
    let items = entries.iter().enumerate().map(|(place, entry)| {
        let kind = std::mem::discriminant(&entry.spec);
        let before = entries[..place].iter();
        let mut alike = before.filter(|other| std::mem::discriminant(&other.spec) == kind);
        let mut item = vec![Span::Code(entry.name.clone())];
        item.extend(match alike.next() {
            Some(first) => beside(entry, first),
            None => alone(entry),
        });
        item.extend(spans(&limits(entry)));
        item.extend(spans("."));
        item
    });
    items.collect()
}

/// A model and all of its settings.
fn alone(entry: &ModelEntry) -> Vec<Span> {
    let mut words = spans(&format!(": {}", about(&entry.spec)));
    let settings = settings(&entry.spec);
    words.extend(listed("; settings: ", settings.iter()));
    words
}

/// A model beside one of the same kind: what is different.
fn beside(entry: &ModelEntry, first: &ModelEntry) -> Vec<Span> {
    let known = settings(&first.spec);
    let settings = settings(&entry.spec);
    let changed = settings
        .iter()
        .filter(|(key, value)| known.get(*key) != Some(value));
    let mut words = spans(": as ");
    words.push(Span::Code(first.name.clone()));
    words.extend(listed(", but ", changed));
    if settings.get("descriptor").and_then(Value::as_str) == Some("structural") {
        words.extend(spans(
            ", that is columns of the whole structure in the manner of matminer [@ward2018matminer]",
        ));
    }
    words
}

fn settings(spec: &ModelSpec) -> Map<String, Value> {
    let Value::Object(mut settings) = spec.to_json() else {
        return Map::new();
    };
    settings.remove("kind");
    settings.retain(|_, value| !value.is_null());
    settings
}

/// As "; settings: depth 6, iterations 1000".
fn listed<'a>(intro: &str, settings: impl Iterator<Item = (&'a String, &'a Value)>) -> Vec<Span> {
    let words = settings.map(|(key, value)| {
        let value = shown(value);
        format!("{} {value}", key.replace('_', " "))
            .trim_end()
            .to_owned()
    });
    let words: Vec<String> = words.collect();
    match words.len() {
        0 => Vec::new(),
        _ => vec![Span::Text(format!("{intro}{}", words.join(", ")))],
    }
}

/// A value as one reads it aloud.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(shown).collect();
            if values.is_empty() {
                "none".to_owned()
            } else {
                values.join(" ")
            }
        }
        Value::Object(values) => {
            let values = values.iter();
            let values = values.map(|(key, value)| format!("{key} {}", shown(value)));
            format!("({})", values.collect::<Vec<_>>().join(", "))
        }
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        other => other.to_string(),
    }
}

/// Where a model was tried on less than the others.
fn limits(entry: &ModelEntry) -> String {
    let mut words = String::new();
    if let Some(targets) = &entry.targets {
        let _ = write!(words, "; only for {}", targets.join(", "));
    }
    if let Some(sizes) = &entry.train_sizes {
        let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
        let _ = write!(words, "; only from {} structures", sizes.join(", "));
    }
    if let Some(seeds) = entry.seeds {
        let _ = write!(words, "; {seeds} subsamples");
    }
    if let Some(test) = entry.test {
        let _ = write!(words, "; scored on {test} structures");
    }
    words
}

/// What a model is, and whose.
fn about(spec: &ModelSpec) -> &'static str {
    match spec {
        ModelSpec::Mean(_) => "the mean of the training targets",
        ModelSpec::KindMedian(_) => {
            "the median of the training targets of the same kind of defect complex"
        }
        ModelSpec::Ridge(_) => {
            "ridge regression on defect descriptors, its penalty chosen on the validation part"
        }
        ModelSpec::ClusterExpansion(_) => {
            "a constant, one term a defect and pair functions per channel \
             [@sanchez1984generalized], shrunk by the evidence [@mackay1992bayesian;@tipping2001sparse]"
        }
        ModelSpec::Law(_) => {
            "closed functions of pairs and triples of defects, found by search, that add up to a \
             total or move levels [@sanchez1984generalized], each added by its evidence \
             [@mackay1992bayesian;@tipping2003fast]"
        }
        ModelSpec::Symbolic(_) => {
            "a formula over defect descriptors, found by genetic programming and chosen by its \
             description length [@bartlett2024exhaustive]"
        }
        ModelSpec::Segvae(_) => {
            "a formula over defect descriptors, proposed by the autoencoder of SEGVAE \
             [@popov2023symbolic], with fitted constants and bred elites"
        }
        ModelSpec::SegvaeFaithful(_) => {
            "a formula over defect descriptors, proposed by the autoencoder of SEGVAE \
             [@popov2023symbolic] as published for defects [@lazarev2025equations]"
        }
        ModelSpec::CatBoost(_) => {
            "gradient boosting on symmetric trees in the manner of CatBoost \
             [@prokhorenkova2018catboost]"
        }
        ModelSpec::GaussianProcess(_) => {
            "an exact Gaussian process on descriptors, with a length for each of them \
             [@rasmussen2006gaussian]"
        }
        ModelSpec::SchNet(_) => "SchNet on the full supercell [@schutt2018schnet]",
        ModelSpec::MegNet(_) => "MEGNet on the full supercell [@chen2019graph]",
        ModelSpec::MegNetSparse(_) => {
            "MEGNet [@chen2019graph] on the graph of the defects alone [@kazeev2023sparse]"
        }
        ModelSpec::GemNet(_) => "GemNet-T on the full supercell [@gasteiger2021gemnet]",
        ModelSpec::External(_) => "a program of its own",
        ModelSpec::BestOf(_) => {
            "in every subsample the candidate with the lowest error on a part of it that was not \
             fitted, then fitted to all of it"
        }
    }
}
