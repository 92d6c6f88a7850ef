//! `references.bib`: what a paper cites, of the data set and of methods.

use super::document::{Block, Span};

/// Sources of models and statistics.
const METHODS: &str = include_str!("methods.bib");

/// Entries of all keys that are cited, in the order in which they first are; of two
/// entries of one key that of the data set.
///
/// - `bibtex`: of the data set.
pub(super) fn cited(blocks: &[Block], bibtex: &str) -> Vec<String> {
    let mut keys: Vec<&String> = Vec::new();
    for key in blocks.iter().flat_map(keys_of) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let known: Vec<(&str, &str)> = entries(bibtex).chain(entries(METHODS)).collect();
    keys.into_iter()
        .filter_map(|wanted| known.iter().find(|(key, _)| key == wanted))
        .map(|(_, entry)| (*entry).to_owned())
        .collect()
}

/// Keys of some `BibTeX`, in its order.
pub(super) fn keys(bibtex: &str) -> Vec<String> {
    entries(bibtex).map(|(key, _)| key.to_owned()).collect()
}

fn keys_of(block: &Block) -> Vec<&String> {
    let spans: Vec<&Span> = match block {
        Block::Heading(_) | Block::Formula(_) => Vec::new(),
        Block::Paragraph(spans) => spans.iter().collect(),
        Block::List(items) => items.iter().flatten().collect(),
        Block::Table(grid) => grid.caption.iter().collect(),
        Block::Figure(picture) => picture.caption.iter().collect(),
    };
    let cited = spans.into_iter().filter_map(|span| match span {
        Span::Cite(keys) => Some(keys),
        Span::Text(_) | Span::Code(_) => None,
    });
    cited.flatten().collect()
}

/// Key and text of every entry whose braces close.
fn entries(bibtex: &str) -> impl Iterator<Item = (&str, &str)> {
    let starts = bibtex.match_indices('@').map(|(start, _)| start);
    let starts = starts.filter(move |&start| bibtex[..start].ends_with('\n') || start == 0);
    starts.filter_map(move |start| entry(&bibtex[start..]))
}

/// The entry at the start of a text.
fn entry(text: &str) -> Option<(&str, &str)> {
    let (_, rest) = text.split_once('{')?;
    let key = rest.split([',', '}']).next()?.trim();
    let mut depth = 0_usize;
    for (place, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 1 => return Some((key, &text[..=place])),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::paper::document::spans;

    #[test]
    fn only_what_is_cited_is_listed_and_the_data_go_first() {
        let bibtex = "@misc{own,\n title = {A {B}},\n}\n@misc{holm1979simple, note = {theirs}}";
        let blocks = [Block::Paragraph(spans(
            "x [@holm1979simple;@own] y [@own].",
        ))];
        assert_eq!(
            cited(&blocks, bibtex),
            [
                "@misc{holm1979simple, note = {theirs}}",
                "@misc{own,\n title = {A {B}},\n}"
            ]
        );
    }

    #[test]
    fn an_entry_that_does_not_close_is_none() {
        assert_eq!(keys("@misc{a, title = {b}"), [""; 0]);
        assert!(keys(METHODS).len() > 20);
    }
}
