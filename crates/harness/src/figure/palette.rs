//! How a model looks: the same in every figure of every report.
//!
//! Colours are those of Okabe & Ito (2008), which people with any colour vision
//! tell apart, and a grey. Where two models share a colour they differ in
//! marker and dashes; a tuned model looks like its plain one, but open.

use plotters::style::RGBColor;

/// Black.
pub(crate) const BLACK: RGBColor = RGBColor(0, 0, 0);
const GREY: RGBColor = RGBColor(0x8c, 0x8c, 0x8c);
const ORANGE: RGBColor = RGBColor(0xe6, 0x9f, 0x00);
const SKY: RGBColor = RGBColor(0x56, 0xb4, 0xe9);
const GREEN: RGBColor = RGBColor(0x00, 0x9e, 0x73);
const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xb2);
pub(crate) const VERMILION: RGBColor = RGBColor(0xd5, 0x5e, 0x00);
const PURPLE: RGBColor = RGBColor(0xcc, 0x79, 0xa7);

/// The shape of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marker {
    Circle,
    Square,
    Diamond,
    Up,
    Down,
    Pentagon,
    Cross,
    Plus,
    Star,
}

/// Lengths of ink and gap in turn, in points; empty for a solid line.
pub(crate) type Dash = &'static [f64];

const SOLID: Dash = &[];
const DASHED: Dash = &[5.0, 2.0];
const DOTTED: Dash = &[1.2, 1.8];
const DASH_DOT: Dash = &[6.0, 1.8, 1.2, 1.8];

/// How a model looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Look {
    pub(crate) color: RGBColor,
    pub(crate) marker: Marker,
    /// Filled with white.
    pub(crate) open: bool,
    pub(crate) dash: Dash,
}

/// Baselines, equations, classical learners, networks: the order of every
/// table and legend.
const KNOWN: [(&str, RGBColor, Marker, Dash); 14] = [
    ("mean", GREY, Marker::Cross, DOTTED),
    ("kind-median", BLACK, Marker::Plus, DOTTED),
    ("ridge", ORANGE, Marker::Square, SOLID),
    ("cluster-expansion", GREEN, Marker::Diamond, SOLID),
    ("symbolic", VERMILION, Marker::Circle, SOLID),
    ("law", VERMILION, Marker::Star, DASHED),
    ("segvae", PURPLE, Marker::Square, DASH_DOT),
    ("segvae-faithful", PURPLE, Marker::Cross, DOTTED),
    ("catboost", ORANGE, Marker::Down, DASHED),
    ("gaussian-process", GREEN, Marker::Plus, DASHED),
    ("schnet", SKY, Marker::Up, SOLID),
    ("megnet", BLUE, Marker::Down, SOLID),
    ("megnet-sparse", PURPLE, Marker::Pentagon, SOLID),
    ("gemnet", BLUE, Marker::Star, DASH_DOT),
];

/// Looks of models that are not known here, by a hash of their name.
const OTHERS: [(RGBColor, Marker, Dash); 6] = [
    (BLACK, Marker::Star, DASHED),
    (SKY, Marker::Square, DASH_DOT),
    (ORANGE, Marker::Pentagon, DASH_DOT),
    (GREY, Marker::Diamond, DASHED),
    (GREEN, Marker::Up, DASH_DOT),
    (BLACK, Marker::Pentagon, SOLID),
];

/// The place of a model in tables and legends; unknown ones come last.
#[must_use]
pub(crate) fn rank(model: &str) -> usize {
    let (plain, tuned) = plain(model);
    let place = KNOWN.iter().position(|known| known.0 == plain);
    2 * place.unwrap_or(KNOWN.len()) + usize::from(tuned)
}

/// How a model looks, by its name alone.
#[must_use]
pub(crate) fn look(model: &str) -> Look {
    let (name, tuned) = plain(model);
    let known = KNOWN.iter().find(|known| known.0 == name);
    let (color, marker, dash) = match known {
        Some(&(_, color, marker, dash)) => (color, marker, dash),
        None => OTHERS[usize::from(blake3::hash(name.as_bytes()).as_bytes()[0]) % OTHERS.len()],
    };
    Look {
        color,
        marker,
        open: tuned,
        dash: if tuned { DASHED } else { dash },
    }
}

/// A name without `-tuned`, and whether it had it.
fn plain(model: &str) -> (&str, bool) {
    match model.strip_suffix("-tuned") {
        Some(plain) => (plain, true),
        None => (model, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_known_models_look_the_same() {
        let looks: Vec<Look> = KNOWN.iter().map(|known| look(known.0)).collect();
        for (i, one) in looks.iter().enumerate() {
            for other in &looks[i + 1..] {
                assert!(one.color != other.color || one.marker != other.marker);
                assert!(one.color != other.color || one.dash != other.dash);
            }
        }
    }

    #[test]
    fn a_tuned_model_stands_beside_its_plain_one() {
        assert_eq!(rank("ridge-tuned"), rank("ridge") + 1);
        assert_eq!(look("ridge-tuned").color, look("ridge").color);
        assert!(look("ridge-tuned").open);
        assert!(rank("unheard-of") > rank("gemnet-tuned"));
    }
}
