//! A paper in LaTeX, for any installation that has amsmath, booktabs and graphicx.

use std::fmt::Write;

use super::document::{Block, Document, Formula, Grid, Picture, Span};
use crate::report::table::escaped;

const HEAD: &str = "\
% pdflatex paper; bibtex paper; pdflatex paper; pdflatex paper
\\documentclass[10pt,a4paper,twocolumn]{article}
\\usepackage[utf8]{inputenc}
\\usepackage[margin=16mm,columnsep=6mm]{geometry}
\\usepackage{amsmath,booktabs,graphicx}
\\setlength{\\parindent}{0pt}
\\setlength{\\parskip}{2pt plus 1pt}
\\setlength{\\abovecaptionskip}{3pt}
\\setlength{\\belowcaptionskip}{2pt}
\\setlength{\\dbltextfloatsep}{8pt plus 2pt}
\\setlength{\\dblfloatsep}{8pt plus 2pt}
\\setcounter{dbltopnumber}{6}
\\renewcommand{\\dbltopfraction}{0.95}
\\renewcommand{\\dblfloatpagefraction}{0.95}
\\renewcommand{\\textfraction}{0.05}
% pages of floats are filled from the top
\\makeatletter
\\setlength{\\@dblfptop}{0pt}
\\setlength{\\@dblfpsep}{8pt}
\\setlength{\\@dblfpbot}{0pt plus 1fil}
\\makeatother
% the references, which are a section, have a heading like the others
\\newcommand{\\heading}[1]{\\par\\smallskip\\textbf{#1}\\par}
\\renewcommand{\\section}[2]{\\heading{#2}}
\\emergencystretch=3em
";

/// The whole file.
pub(super) fn write(document: &Document) -> String {
    let mut out = HEAD.to_owned();
    let _ = write!(
        out,
        "\n\\begin{{document}}\n\\twocolumn[{{\\begin{{center}}\\large\\bfseries {}\\end{{center}}}}]\n\\footnotesize\n",
        text(&document.title)
    );
    for part in &document.blocks {
        out.push('\n');
        out.push_str(&block(part));
    }
    if !document.references.is_empty() {
        out.push_str(
            "\n{\\scriptsize\n\\bibliographystyle{unsrt}\n\\bibliography{references}\n}\n",
        );
    }
    out.push_str("\n\\end{document}\n");
    out
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(words) => format!("\\heading{{{}}}\n", text(words)),
        Block::Paragraph(spans) => line(spans) + "\n",
        Block::List(items) => {
            let items = items
                .iter()
                .map(|item| format!("  \\item {}\n", line(item)));
            let items: String = items.collect();
            format!(
                "\\begin{{itemize}}\n  \\setlength{{\\itemsep}}{{0pt}}\\setlength{{\\parskip}}{{1pt}}\n{items}\\end{{itemize}}\n"
            )
        }
        Block::Formula(formula) => set(formula),
        Block::Table(grid) => table(grid),
        Block::Figure(picture) => figure(picture),
    }
}

fn line(spans: &[Span]) -> String {
    let words = spans.iter().map(|span| match span {
        Span::Text(words) => text(words),
        Span::Code(name) => code(name),
        Span::Cite(keys) => format!("~\\cite{{{}}}", keys.join(",")),
    });
    words.collect()
}

/// A name that may break behind the signs in it.
fn code(name: &str) -> String {
    let breaking = text(name).replace("\\_", "\\_\\allowbreak{}");
    format!("\\texttt{{{}}}", breaking.replace('/', "/\\allowbreak{}"))
}

/// A formula that breaks where it may, since found ones are long.
fn set(formula: &Formula) -> String {
    let math: String = formula
        .latex
        .chars()
        .map(|c| symbol(c).map_or(c.to_string(), |s| format!("{s} ")))
        .collect();
    format!("{{\\raggedright$\\displaystyle {math}$\\par}}\n")
}

fn table(grid: &Grid) -> String {
    let mut out = format!(
        "\\begin{{table*}}[tp]\n  \\centering\\scriptsize\n  \\caption{{{}}}\n  \\begin{{tabular}}{{l{}}}\n    \\toprule\n",
        line(&grid.caption),
        "r".repeat(grid.head.len().saturating_sub(1))
    );
    let head: Vec<String> = grid.head.iter().map(|name| text(name)).collect();
    let _ = writeln!(out, "    {} \\\\\n    \\midrule", head.join(" & "));
    for cells in &grid.lines {
        let cells = cells.iter().map(|cell| {
            if cell.bold {
                format!("\\textbf{{{}}}", text(&cell.text))
            } else {
                text(&cell.text)
            }
        });
        let cells: Vec<String> = cells.collect();
        let _ = writeln!(out, "    {} \\\\", cells.join(" & "));
    }
    out.push_str("    \\bottomrule\n  \\end{tabular}\n\\end{table*}\n");
    out
}

fn figure(picture: &Picture) -> String {
    format!(
        "\\begin{{figure*}}[tp]\n  \\centering\n  \\includegraphics[width={:.2}\\textwidth]{{../figures/{}.pdf}}\n  \\caption{{{}}}\n\\end{{figure*}}\n",
        picture.width,
        picture.name,
        line(&picture.caption)
    )
}

/// Text in which nothing is a command.
fn text(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for character in escaped(words).chars() {
        match character {
            '<' => out.push_str("\\textless{}"),
            '>' => out.push_str("\\textgreater{}"),
            '|' => out.push_str("\\textbar{}"),
            '"' => out.push_str("''"),
            // a number and its sign stay together
            '%' if out.ends_with(" \\") => {
                out.truncate(out.len() - 2);
                out.push_str("~\\%");
            }
            '–' => out.push_str("--"),
            '—' => out.push_str("---"),
            'Å' => out.push_str("\\AA{}"),
            // letters with accents, which every inputenc knows
            letter if letter.is_ascii() || ('À'..='ž').contains(&letter) => out.push(letter),
            other => match symbol(other) {
                Some(command) => {
                    let _ = write!(out, "$ {command} $");
                }
                None => {
                    let _ = write!(out, "[U+{:04X}]", u32::from(other));
                }
            },
        }
    }
    out
}

/// The command for a sign, in mathematics.
fn symbol(sign: char) -> Option<&'static str> {
    Some(match sign {
        '−' => "-",
        '×' => "\\times",
        '·' => "\\cdot",
        '±' => "\\pm",
        '≤' => "\\le",
        '≥' => "\\ge",
        '≈' => "\\approx",
        '→' => "\\to",
        '∞' => "\\infty",
        '°' => "{}^\\circ",
        '²' => "{}^2",
        '³' => "{}^3",
        '₀' => "{}_0",
        '₁' => "{}_1",
        '₂' => "{}_2",
        '₃' => "{}_3",
        'α' => "\\alpha",
        'β' => "\\beta",
        'γ' => "\\gamma",
        'δ' => "\\delta",
        'Δ' => "\\Delta",
        'ε' => "\\varepsilon",
        'η' => "\\eta",
        'θ' => "\\theta",
        'κ' => "\\kappa",
        'λ' => "\\lambda",
        'µ' | 'μ' => "\\mu",
        'ν' => "\\nu",
        'π' => "\\pi",
        'ρ' => "\\rho",
        'σ' => "\\sigma",
        'Σ' | '∑' => "\\Sigma",
        'τ' => "\\tau",
        'φ' => "\\varphi",
        'χ' => "\\chi",
        'ψ' => "\\psi",
        'ω' => "\\omega",
        'Ω' => "\\Omega",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_user_is_a_command() {
        assert_eq!(
            text(r"a_b & 10 % of #1 for $5 {x} \y ~ ^ <z>"),
            "a\\_b \\& 10~\\% of \\#1 for \\$5 \\{x\\} \\textbackslash{}y \\textasciitilde{} \
             \\textasciicircum{} \\textless{}z\\textgreater{}"
        );
        assert_eq!(text("Å² – é ☃"), "\\AA{}$ {}^2 $ -- é [U+2603]");
        assert_eq!(
            code("low_MoS2/V3"),
            "\\texttt{low\\_\\allowbreak{}MoS2/\\allowbreak{}V3}"
        );
    }
}
