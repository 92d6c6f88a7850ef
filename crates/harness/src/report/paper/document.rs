//! What a paper consists of, in no language yet.

/// A paper.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    /// One line.
    pub(super) title: String,
    /// In their order.
    pub(super) blocks: Vec<Block>,
    /// Entries of `BibTeX`, those that are cited and no other.
    pub(super) references: Vec<String>,
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Block {
    /// Of a section.
    Heading(&'static str),
    /// Sentences.
    Paragraph(Vec<Span>),
    /// Short paragraphs with bullets.
    List(Vec<Vec<Span>>),
    /// A formula on lines of its own.
    Formula(Formula),
    /// Numbers.
    Table(Grid),
    /// A picture of the report.
    Figure(Picture),
}

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Span {
    /// Words.
    Text(String),
    /// A name as it stands in files.
    Code(String),
    /// Keys of references.
    Cite(Vec<String>),
}

/// A formula as the record of its trial has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Formula {
    /// In LaTeX.
    pub(super) latex: String,
    /// In plain text, for a language that cannot have it otherwise.
    pub(super) text: String,
}

/// A table: a name a line, then numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grid {
    /// What the numbers are.
    pub(super) caption: Vec<Span>,
    /// One a column, that of the names included.
    pub(super) head: Vec<String>,
    /// As many cells a line.
    pub(super) lines: Vec<Vec<Cell>>,
}

/// What stands in a place of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cell {
    /// May be empty.
    pub(super) text: String,
    /// Whether it is the best of its column.
    pub(super) bold: bool,
}

/// A figure of the report.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    /// Stem of its files, as `learning-curve-homo_lumo_gap`.
    pub(super) name: String,
    /// What is shown.
    pub(super) caption: Vec<Span>,
    /// Share of the width of the text.
    pub(super) width: f64,
}

/// A sentence of ours with `names` and `[@references;@more]` in it.
///
/// Names of users stand between backticks or come as spans of their own, so that they
/// cannot cite.
pub(super) fn spans(sentence: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    for (place, part) in sentence.split('`').enumerate() {
        if place % 2 == 1 {
            spans.push(Span::Code(part.to_owned()));
            continue;
        }
        let mut rest = part;
        while let Some((before, cited, after)) = citation(rest) {
            spans.push(Span::Text(before.trim_end().to_owned()));
            let keys = cited.split(';').map(|key| key.trim_start_matches('@'));
            spans.push(Span::Cite(keys.map(str::to_owned).collect()));
            rest = after;
        }
        spans.push(Span::Text(rest.to_owned()));
    }
    spans.retain(|span| !matches!(span, Span::Text(text) if text.is_empty()));
    spans
}

/// What stands before, in and behind the first `[@…]`.
fn citation(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("[@")?;
    let (keys, after) = rest.split_once(']')?;
    Some((before, keys, after))
}

/// Words as they are, without any markup.
pub(super) fn plain(text: impl Into<String>) -> Span {
    Span::Text(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_has_names_and_references() {
        let text = |text: &str| Span::Text(text.to_owned());
        assert_eq!(
            spans("the `a_b` of [1, 2] [@efron;@holm]."),
            [
                text("the "),
                Span::Code("a_b".to_owned()),
                text(" of [1, 2]"),
                Span::Cite(vec!["efron".to_owned(), "holm".to_owned()]),
                text("."),
            ]
        );
    }

    #[test]
    fn a_name_cannot_cite() {
        assert_eq!(spans("`[@x]`"), [Span::Code("[@x]".to_owned())]);
    }
}
