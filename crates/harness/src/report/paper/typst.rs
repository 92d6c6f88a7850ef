//! A paper in Typst, with nothing to download.

use std::fmt::Write;

use super::document::{Block, Document, Formula, Grid, Picture, Span};
use super::formula;

const HEAD: &str = "\
// in the folder of the report: typst compile --root . paper/paper.typ
#set page(paper: \"a4\", margin: 16mm, columns: 2)
#set columns(gutter: 6mm)
#set text(size: 8pt)
#set par(justify: true, spacing: 0.8em)
#set figure(placement: top, scope: \"parent\")
#set place(clearance: 0.8em)
#show heading: set text(size: 8pt)
#show heading: set block(above: 1em, below: 0.6em)
#set table(stroke: none, inset: (x: 5pt, y: 3pt))
#show figure.where(kind: table): set figure.caption(position: top)
#show figure.where(kind: table): set text(size: 8pt)
";

/// The whole file.
pub(super) fn write(document: &Document) -> String {
    let title = text(&document.title);
    let mut out = format!(
        "{HEAD}\n#place(top + center, scope: \"parent\", float: true, text(size: 12pt, weight: \"bold\")[{title}])\n"
    );
    for part in &document.blocks {
        out.push('\n');
        out.push_str(&block(part));
    }
    if !document.references.is_empty() {
        out.push_str(
            "\n#set text(size: 7pt)\n#bibliography(\"references.bib\", style: \"ieee\")\n",
        );
    }
    out
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(words) => format!("== {}\n", text(words)),
        Block::Paragraph(spans) => line(spans) + "\n",
        Block::List(items) => {
            let items = items.iter().map(|item| format!("- {}\n", line(item)));
            format!("{}\n", items.collect::<String>())
        }
        Block::Formula(formula) => set(formula),
        Block::Table(grid) => table(grid),
        Block::Figure(picture) => figure(picture),
    }
}

/// Spans in a line; a script ends with its own semicolon, lest it take one of the text.
fn line(spans: &[Span]) -> String {
    let words = spans.iter().map(|span| match span {
        Span::Text(words) => text(words),
        Span::Code(name) => format!("#raw({});", string(name)),
        Span::Cite(keys) => {
            let cites = keys
                .iter()
                .map(|key| format!(" #cite(label({}));", string(key)));
            cites.collect()
        }
    });
    words.collect()
}

/// A formula that breaks where it may, since found ones are long.
fn set(formula: &Formula) -> String {
    match formula::typst(&formula.latex) {
        Some(math) => format!("#par(justify: false)[${math}$]\n"),
        None => format!("#par(justify: false)[#raw({})]\n", string(&formula.text)),
    }
}

fn table(grid: &Grid) -> String {
    let mut out = format!(
        "#figure(\n  table(\n    columns: {},\n    align: (x, _) => if x == 0 {{ left }} else {{ right }},\n    table.hline(),\n    ",
        grid.head.len()
    );
    for name in &grid.head {
        let _ = write!(out, "[{}], ", text(name));
    }
    out.push_str("\n    table.hline(stroke: 0.5pt),\n");
    for cells in &grid.lines {
        let cells = cells.iter().map(|cell| {
            if cell.bold {
                format!("[#strong[{}]], ", text(&cell.text))
            } else {
                format!("[{}], ", text(&cell.text))
            }
        });
        let cells: String = cells.collect();
        let _ = writeln!(out, "    {}", cells.trim_end());
    }
    let _ = writeln!(
        out,
        "    table.hline(),\n  ),\n  caption: [{}],\n)",
        line(&grid.caption)
    );
    out
}

fn figure(picture: &Picture) -> String {
    format!(
        "#figure(\n  image({}, width: {:.0}%),\n  caption: [{}],\n)\n",
        string(&format!("../figures/{}.svg", picture.name)),
        100.0 * picture.width,
        line(&picture.caption)
    )
}

/// A string of its scripts.
fn string(words: &str) -> String {
    format!("\"{}\"", words.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Text in which nothing is markup.
fn text(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for character in words.chars() {
        let is_markup = matches!(
            character,
            '\\' | '#'
                | '$'
                | '*'
                | '_'
                | '`'
                | '<'
                | '>'
                | '@'
                | '['
                | ']'
                | '~'
                | '/'
                | '"'
                | '\''
        );
        // these mean something at the start of a line or when doubled
        let is_at_start = matches!(character, '=' | '+' | '-') && out.is_empty();
        let is_double = character == '-' && out.ends_with('-');
        // and so does a number with a full stop behind it
        let is_number = !out.is_empty() && out.chars().all(|c| c.is_ascii_digit());
        let is_counting = character == '.' && is_number;
        if character == '%' && out.ends_with(' ') {
            // a number and its sign stay together
            out.pop();
            out.push('~');
        }
        if is_markup || is_at_start || is_double || is_counting {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_user_is_markup() {
        assert_eq!(
            text(r"a_b & 10 % of #1 for $5 [x] \y `z` <w> @v //u"),
            r"a\_b & 10~% of \#1 for \$5 \[x\] \\y \`z\` \<w\> \@v \/\/u"
        );
        assert_eq!(text("= 1"), "\\= 1");
        assert_eq!(text("- a--b"), "\\- a-\\-b");
        assert_eq!(text("12. x"), "12\\. x");
        assert_eq!(string("a\"\\"), r#""a\"\\""#);
    }
}
