//! A PDF of one page from a parsed SVG.
//!
//! Our SVGs hold paths and text and nothing else, so that a page description is
//! a walk over the tree. Text becomes outlines: it looks the same everywhere
//! and asks for no font. Written here and not by a general converter, whose
//! output differs from run to run and carries one object a point.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use resvg::usvg::tiny_skia_path::{Path as Outline, PathSegment, Point, Transform};
use resvg::usvg::{Color, FillRule, Group, LineJoin, Node, Paint, Path, Tree};

/// The page, at the size of the tree when a pixel is 1/`dpi` inch.
pub(crate) fn pdf(tree: &Tree, dpi: f32) -> Vec<u8> {
    let scale = 72.0 / dpi;
    let size = tree.size();
    let mut page = Page {
        // up is up in a PDF
        base: Transform::from_row(scale, 0.0, 0.0, -scale, 0.0, scale * size.height()),
        content: String::from("1 j\n"),
        opacities: BTreeMap::new(),
        shown: (String::new(), None),
    };
    page.group(tree.root(), 1.0, Transform::identity());
    let mut states = String::new();
    for (percent, name) in &page.opacities {
        let share = f32::from(*percent) / 100.0;
        let _ = write!(states, "/{name} << /ca {share} /CA {share} >> ");
    }
    let (width, height) = (scale * size.width(), scale * size.height());
    document(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.2} {height:.2}] /Contents 4 0 R \
             /Resources << /ExtGState << {states}>> >> >>"
        )
        .into_bytes(),
        stream(page.content.as_bytes()),
    ])
}

/// A page that is being written.
struct Page {
    base: Transform,
    content: String,
    /// Names of graphics states, by opacity in percent.
    opacities: BTreeMap<u8, String>,
    /// The colours and opacity that the content has set last.
    shown: (String, Option<u8>),
}

impl Page {
    /// `outer` is what the group's own transforms leave out: outlines of a text
    /// do not know where the text is.
    fn group(&mut self, group: &Group, opacity: f32, outer: Transform) {
        let opacity = opacity * group.opacity().get();
        for node in group.children() {
            match node {
                Node::Group(inner) => self.group(inner, opacity, outer),
                Node::Text(text) => {
                    self.group(text.flattened(), opacity, text.abs_transform());
                }
                Node::Path(path) => self.path(path, opacity, outer),
                // figures hold no pictures
                Node::Image(_) => {}
            }
        }
    }

    fn path(&mut self, path: &Path, opacity: f32, outer: Transform) {
        let transform = self.base.pre_concat(outer).pre_concat(path.abs_transform());
        let outline = path.data().clone().transform(transform);
        let Some(outline) = outline.filter(|_| path.is_visible()) else {
            return;
        };
        if let Some(fill) = path.fill() {
            self.ink(fill.paint(), opacity * fill.opacity().get());
            self.trace(&outline);
            self.content.push_str(match fill.rule() {
                FillRule::NonZero => "f\n",
                FillRule::EvenOdd => "f*\n",
            });
        }
        if let Some(stroke) = path.stroke() {
            self.ink(stroke.paint(), opacity * stroke.opacity().get());
            let width = stroke.width().get() * transform.get_scale().0;
            let join = u8::from(stroke.linejoin() == LineJoin::Round);
            let _ = writeln!(self.content, "{join} j {} w", number(width));
            self.trace(&outline);
            self.content.push_str("S\n");
        }
    }

    /// Sets colour and opacity if they are not set.
    fn ink(&mut self, paint: &Paint, opacity: f32) {
        let color = match paint {
            Paint::Color(color) => *color,
            // figures hold plain colours only
            _ => Color::black(),
        };
        let [r, g, b] = [color.red, color.green, color.blue]
            .map(|part| format!("{:.3}", f32::from(part) / 255.0));
        let colors = format!("{r} {g} {b} rg {r} {g} {b} RG\n");
        if self.shown.0 != colors {
            self.content.push_str(&colors);
            self.shown.0 = colors;
        }
        // between 0 and 100, since an opacity is at most 1
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let percent = (100.0 * opacity).round() as u8;
        if self.shown.1 != Some(percent) {
            let name = self
                .opacities
                .entry(percent)
                .or_insert_with(|| format!("O{percent}"));
            let _ = writeln!(self.content, "/{name} gs");
            self.shown.1 = Some(percent);
        }
    }

    fn trace(&mut self, outline: &Outline) {
        let mut last = Point::zero();
        for segment in outline.segments() {
            let (points, operator) = match segment {
                PathSegment::MoveTo(end) => (vec![end], "m"),
                PathSegment::LineTo(end) => (vec![end], "l"),
                PathSegment::QuadTo(middle, end) => {
                    let toward = |from: Point| {
                        Point::from_xy(
                            from.x + 2.0 / 3.0 * (middle.x - from.x),
                            from.y + 2.0 / 3.0 * (middle.y - from.y),
                        )
                    };
                    (vec![toward(last), toward(end), end], "c")
                }
                PathSegment::CubicTo(first, second, end) => (vec![first, second, end], "c"),
                PathSegment::Close => (vec![], "h"),
            };
            for point in &points {
                let _ = write!(self.content, "{} {} ", number(point.x), number(point.y));
            }
            last = points.last().copied().unwrap_or(last);
            let _ = writeln!(self.content, "{operator}");
        }
    }
}

/// A number with at most two decimals: a hundredth of a point is 4 µm.
fn number(value: f32) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

/// A compressed stream object.
fn stream(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    let packed = encoder
        .write_all(content)
        .and_then(|()| encoder.finish())
        .expect("writing into memory cannot fail");
    let mut object = format!(
        "<< /Length {} /Filter /FlateDecode >>\nstream\n",
        packed.len()
    )
    .into_bytes();
    object.extend(packed);
    object.extend(b"\nendstream");
    object
}

/// Numbers the objects and lists where each begins.
fn document(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", file.len());
        file.extend(format!("{} 0 obj\n", index + 1).into_bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let start = file.len();
    file.extend(table.into_bytes());
    file.extend(
        format!(
            "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
            objects.len() + 1
        )
        .into_bytes(),
    );
    file
}

#[cfg(test)]
mod tests {
    use resvg::usvg::Options;

    use super::*;

    #[test]
    fn a_line_by_hand() {
        let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='96' height='48'>\
                   <path fill='none' d='M0 0 L96 48' stroke='#ff0000' stroke-width='4' opacity='0.5'/></svg>";
        let tree = Tree::from_str(svg, &Options::default()).unwrap();
        let mut page = Page {
            base: Transform::from_row(0.75, 0.0, 0.0, -0.75, 0.0, 36.0),
            content: String::new(),
            opacities: BTreeMap::new(),
            shown: (String::new(), None),
        };
        page.group(tree.root(), 1.0, Transform::identity());
        insta::assert_snapshot!(page.content, @r"
        1.000 0.000 0.000 rg 1.000 0.000 0.000 RG
        /O50 gs
        0 j 3 w
        0 36 m
        72 0 l
        S
        ");
        let file = pdf(&tree, 96.0);
        let text = String::from_utf8_lossy(&file);
        assert!(text.contains("/MediaBox [0 0 72.00 36.00]"));
        assert!(text.contains("/O50 << /ca 0.5 /CA 0.5 >>"));
    }

    /// Every entry of the table points at the object that it names.
    #[test]
    fn objects_are_where_the_table_says() {
        let file = document(&[b"<< >>".to_vec(), b"[1 2]".to_vec()]);
        let text = String::from_utf8_lossy(&file).into_owned();
        let entries: Vec<usize> = text
            .lines()
            .filter_map(|line| line.strip_suffix(" 00000 n "))
            .map(|offset| offset.parse().unwrap())
            .collect();
        assert_eq!(entries.len(), 2);
        for (index, offset) in entries.into_iter().enumerate() {
            assert!(file[offset..].starts_with(format!("{} 0 obj", index + 1).as_bytes()));
        }
    }
}
