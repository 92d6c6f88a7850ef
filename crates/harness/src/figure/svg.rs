//! The last touch on plotters' SVG.

use std::fmt::Write;

use super::font::FAMILY;

/// Labels an SVG with its size in millimetres, names fonts to fall back to,
/// joins lines roundly, and writes discs that share their looks as one group:
/// a third of the size for figures of many points.
pub(crate) fn finish(svg: &str, width_mm: f64, height_mm: f64) -> String {
    let mut lines = svg.lines();
    let head = lines.next().unwrap_or_default();
    let view = attribute(head, "viewBox").unwrap_or_default();
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width_mm:.1}mm\" \
         height=\"{height_mm:.1}mm\" viewBox=\"{view}\" stroke-linejoin=\"round\">\n"
    );
    let mut group: Option<String> = None;
    for line in lines {
        let looks = disc_looks(line);
        if group != looks {
            if group.is_some() {
                out.push_str("</g>\n");
            }
            if let Some(looks) = &looks {
                let _ = writeln!(out, "<g {looks}>");
            }
            group = looks;
        }
        if group.is_some() {
            out.push_str(&bare_disc(line));
        } else {
            out.push_str(&line.replace(
                &format!("font-family=\"{FAMILY}\""),
                &format!("font-family=\"{FAMILY}, Verdana, sans-serif\""),
            ));
        }
        out.push('\n');
    }
    out
}

/// The width that [`finish`] labelled an SVG with.
pub(crate) fn width_mm(svg: &str) -> f64 {
    attribute(svg, "width")
        .and_then(|width| width.strip_suffix("mm")?.parse().ok())
        .expect("a finished figure has a width")
}

/// The attributes that a filled disc shares with its neighbours.
fn disc_looks(line: &str) -> Option<String> {
    let disc = line.starts_with("<circle") && attribute(line, "stroke") == Some("none");
    disc.then(|| {
        format!(
            "fill=\"{}\" fill-opacity=\"{}\"",
            attribute(line, "fill").unwrap_or_default(),
            attribute(line, "opacity").unwrap_or_default()
        )
    })
}

fn bare_disc(line: &str) -> String {
    let [x, y, r] = ["cx", "cy", "r"].map(|name| attribute(line, name).unwrap_or_default());
    format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>")
}

/// The value of an attribute of the first tag in a line.
fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let start = line.find(&format!(" {name}=\""))? + name.len() + 3;
    let rest = &line[start..];
    Some(&rest[..rest.find('"')?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discs_of_one_look_become_a_group() {
        let disc = |x| {
            format!(
                "<circle cx=\"{x}\" cy=\"2\" r=\"3\" opacity=\"0.5\" fill=\"#000000\" \
                 stroke=\"none\" stroke-width=\"1\"/>\n"
            )
        };
        let svg = format!(
            "<svg width=\"10\" height=\"20\" viewBox=\"0 0 10 20\" xmlns=\"x\">\n{}{}<line/>\n</svg>\n",
            disc(1),
            disc(2)
        );
        insta::assert_snapshot!(finish(&svg, 10.0, 20.0), @r##"
        <svg xmlns="http://www.w3.org/2000/svg" width="10.0mm" height="20.0mm" viewBox="0 0 10 20" stroke-linejoin="round">
        <g fill="#000000" fill-opacity="0.5">
        <circle cx="1" cy="2" r="3"/>
        <circle cx="2" cy="2" r="3"/>
        </g>
        <line/>
        </svg>
        "##);
    }
}
