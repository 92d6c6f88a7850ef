//! Ink on a page, through plotters' SVG backend.
//!
//! plotters draws on whole pixels. A pixel here is a tenth of a typographic
//! point, far below what print can show, and the SVG is labelled with its size
//! in millimetres. So all coordinates and lengths are in **points** from the
//! upper left corner, converted in one place.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, CoordMapper, Drawable, PathElement, PointCollection, Polygon};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, FontTransform, IntoFont, RGBColor, ShapeStyle, TextStyle};

use super::font;
use super::palette::{BLACK, Dash, Look, Marker};

/// Points in a millimetre.
pub(crate) const MM: f64 = 72.0 / 25.4;

/// Pixels in a point.
const PIXELS: f64 = 10.0;

/// A place on the page, in points from the upper left corner.
pub(crate) type Place = (f64, f64);

/// Where a text ends up relative to its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Center,
    Right,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Type {
    /// In points.
    pub(crate) size: f64,
    pub(crate) color: RGBColor,
    pub(crate) bold: bool,
    pub(crate) align: Align,
}

impl Type {
    /// Black, upright, from the left.
    pub(crate) fn new(size: f64) -> Self {
        Self {
            size,
            color: BLACK,
            bold: false,
            align: Align::Left,
        }
    }

    pub(crate) fn color(self, color: RGBColor) -> Self {
        Self { color, ..self }
    }

    pub(crate) fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(crate) fn align(self, align: Align) -> Self {
        Self { align, ..self }
    }
}

/// How a line looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stroke {
    pub(crate) color: RGBColor,
    /// In points.
    pub(crate) width: f64,
    pub(crate) opacity: f64,
    pub(crate) dash: Dash,
}

impl Stroke {
    /// Solid and opaque.
    pub(crate) fn new(color: RGBColor, width: f64) -> Self {
        Self {
            color,
            width,
            opacity: 1.0,
            dash: &[],
        }
    }
}

/// A page to draw on.
pub(crate) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// The SVG of a page of `width` × `height` points.
pub(crate) fn paint(width: f64, height: f64, ink: impl FnOnce(&Canvas)) -> String {
    font::register();
    let mut svg = String::new();
    let size = (pixels(width).unsigned_abs(), pixels(height).unsigned_abs());
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let canvas = Canvas { area };
        ink(&canvas);
        canvas
            .area
            .present()
            .expect("drawing into a string cannot fail");
    }
    super::svg::finish(&svg, width / MM, height / MM)
}

impl<'a> Canvas<'a> {
    /// A line through places.
    pub(crate) fn line(&self, places: &[Place], stroke: Stroke) {
        let style = ShapeStyle {
            color: stroke.color.mix(stroke.opacity),
            filled: false,
            stroke_width: pixels(stroke.width).unsigned_abs(),
        };
        for piece in dashed(places, stroke.dash) {
            self.put(&PathElement::new(snapped(&piece), style));
        }
    }

    /// A filled area within places.
    pub(crate) fn area(&self, places: &[Place], color: RGBColor, opacity: f64) {
        self.put(&Polygon::new(snapped(places), color.mix(opacity)));
    }

    /// A filled disc.
    pub(crate) fn disc(&self, center: Place, radius: f64, color: RGBColor, opacity: f64) {
        let style = color.mix(opacity).filled();
        self.put(&Circle::new(snap(center), pixels(radius), style));
    }

    /// The point of a model, with a thin white rim that parts it from lines
    /// beneath.
    pub(crate) fn marker(&self, center: Place, radius: f64, look: Look) {
        const RIM: f64 = 0.6;
        let white = RGBColor(255, 255, 255);
        if let Some(strokes) = strokes(look.marker, center, radius) {
            for (width, color) in [(1.2 + 2.0 * RIM, white), (1.2, look.color)] {
                for stroke in &strokes {
                    self.line(stroke, Stroke::new(color, width));
                }
            }
            return;
        }
        self.area(&outline(look.marker, center, radius + RIM), white, 1.0);
        self.area(&outline(look.marker, center, radius), look.color, 1.0);
        if look.open {
            self.area(&outline(look.marker, center, 0.6 * radius), white, 1.0);
        }
    }

    /// A text whose capitals are centred on the height of its place.
    pub(crate) fn text(&self, text: &str, place: Place, style: Type) {
        // plotters moves the baseline down by 0.76 em from the top; capitals of
        // the font are 0.73 em tall
        let down = (0.365 - 0.76) * style.size;
        self.write(text, (place.0, place.1 + down), style, FontTransform::None);
    }

    /// A text that reads upwards, centred on its place.
    pub(crate) fn text_upwards(&self, text: &str, place: Place, style: Type) {
        let across = (0.365 - 0.76) * style.size;
        let style = style.align(Align::Center);
        self.write(
            text,
            (place.0 + across, place.1),
            style,
            FontTransform::Rotate270,
        );
    }

    fn write(&self, text: &str, place: Place, style: Type, transform: FontTransform) {
        let weight = if style.bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        let horizontal = match style.align {
            Align::Left => HPos::Left,
            Align::Center => HPos::Center,
            Align::Right => HPos::Right,
        };
        // the backend divides a size by 1.24 to get the em
        let font = (font::FAMILY, style.size * PIXELS * 1.24, weight).into_font();
        let font = font.transform(transform);
        let style = TextStyle::from(font)
            .color(&style.color)
            .pos(Pos::new(horizontal, VPos::Top));
        self.area
            .draw_text(text, &style, snap(place))
            .expect("drawing into a string cannot fail");
    }

    fn put<'e, E, B>(&self, element: &'e E)
    where
        B: CoordMapper,
        E: Drawable<SVGBackend<'a>, B>,
        &'e E: PointCollection<'e, (i32, i32), B>,
    {
        self.area
            .draw(element)
            .expect("drawing into a string cannot fail");
    }
}

fn snap((x, y): Place) -> (i32, i32) {
    (pixels(x), pixels(y))
}

fn snapped(places: &[Place]) -> Vec<(i32, i32)> {
    places.iter().copied().map(snap).collect()
}

/// Points to pixels.
fn pixels(points: f64) -> i32 {
    // a page is some thousand pixels wide
    #[allow(clippy::cast_possible_truncation)]
    let pixels = (points * PIXELS).round() as i32;
    pixels
}

/// The strokes of a marker that is made of lines; `None` for the others.
fn strokes(marker: Marker, (x, y): Place, radius: f64) -> Option<Vec<[Place; 2]>> {
    let r = match marker {
        Marker::Cross => 0.8 * radius,
        Marker::Plus => 1.1 * radius,
        _ => return None,
    };
    Some(if marker == Marker::Cross {
        vec![
            [(x - r, y - r), (x + r, y + r)],
            [(x - r, y + r), (x + r, y - r)],
        ]
    } else {
        vec![[(x - r, y), (x + r, y)], [(x, y - r), (x, y + r)]]
    })
}

/// The corners of a marker with about the area of a disc of that radius.
fn outline(marker: Marker, center: Place, radius: f64) -> Vec<Place> {
    match marker {
        Marker::Circle => star(center, &[0.98 * radius], 24, 0.0),
        Marker::Square => star(center, &[1.22 * radius], 4, 45.0),
        Marker::Diamond => star(center, &[1.3 * radius], 4, 0.0),
        Marker::Up => star(center, &[1.35 * radius], 3, 0.0),
        Marker::Down => star(center, &[1.35 * radius], 3, 180.0),
        Marker::Pentagon => star(center, &[1.15 * radius], 5, 0.0),
        Marker::Star | Marker::Cross | Marker::Plus => {
            star(center, &[1.5 * radius, 0.62 * radius], 10, 0.0)
        }
    }
}

/// Corners at equal angles, `turn` degrees from the top, whose distances from
/// the center take turns.
fn star((x, y): Place, radii: &[f64], corners: usize, turn: f64) -> Vec<Place> {
    (0..corners)
        .map(|corner| {
            let angle = (360.0 * corner as f64 / corners as f64 + turn).to_radians();
            let radius = radii[corner % radii.len()];
            (x + radius * angle.sin(), y - radius * angle.cos())
        })
        .collect()
}

/// Cuts a line into the pieces that are inked.
fn dashed(places: &[Place], dash: Dash) -> Vec<Vec<Place>> {
    if dash.is_empty() {
        return vec![places.to_vec()];
    }
    let mut pieces = vec![];
    let (mut turn, mut left) = (0, dash[0]);
    let mut piece = vec![places[0]];
    for pair in places.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let length = (x1 - x0).hypot(y1 - y0);
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let share = done / length;
            let place = (x0 + share * (x1 - x0), y0 + share * (y1 - y0));
            piece.push(place);
            if turn % 2 == 0 {
                pieces.push(std::mem::take(&mut piece));
            }
            turn += 1;
            left = dash[turn % dash.len()];
            piece = vec![place];
        }
        left -= length - done;
        piece.push((x1, y1));
    }
    if turn % 2 == 0 {
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_by_hand() {
        let pieces = dashed(&[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0)], &[3.0, 2.0]);
        assert_eq!(
            pieces,
            vec![vec![(0.0, 0.0), (3.0, 0.0)], vec![(4.0, 1.0), (4.0, 4.0)]]
        );
    }

    #[test]
    fn a_square_has_four_corners_around_its_center() {
        let corners = outline(Marker::Square, (5.0, 5.0), 1.0);
        assert_eq!(corners.len(), 4);
        let sum = corners
            .iter()
            .fold((0.0, 0.0), |s, c| (s.0 + c.0, s.1 + c.1));
        approx::assert_relative_eq!(sum.0, 20.0, epsilon = 1e-12);
        approx::assert_relative_eq!(sum.1, 20.0, epsilon = 1e-12);
    }
}
