//! PDF and PNG from the SVG, with the font that is carried along.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use anyhow::{Context, Result};
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

/// Dots per inch of a PNG, as journals ask.
const DPI: f32 = 300.0;

/// The same for the head of a PNG, which says how large its pixels are.
const PIXELS_A_METRE: u32 = 11_811;

/// Dots per inch of lengths in an SVG.
const SVG_DPI: f32 = 96.0;

/// The PDF and the PNG of an SVG, at its size in millimetres.
///
/// # Errors
///
/// If the SVG cannot be read or is larger than memory.
pub(crate) fn pdf_and_png(svg: &str, fonts: Arc<fontdb::Database>) -> Result<(Vec<u8>, Vec<u8>)> {
    let options = Options {
        dpi: SVG_DPI,
        font_family: super::font::FAMILY.to_owned(),
        fontdb: fonts,
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).context("a figure is no SVG")?;
    Ok((super::pdf::pdf(&tree, SVG_DPI), png(&tree)?))
}

fn png(tree: &Tree) -> Result<Vec<u8>> {
    let zoom = DPI / SVG_DPI;
    let size = tree
        .size()
        .to_int_size()
        .scale_by(zoom)
        .context("a figure has no size")?;
    let mut pixels = Pixmap::new(size.width(), size.height()).context("a figure is too large")?;
    pixels.fill(Color::WHITE);
    resvg::render(
        tree,
        Transform::from_scale(zoom, zoom),
        &mut pixels.as_mut(),
    );
    encoded(&pixels).context("a figure cannot become a PNG")
}

/// Steps to which a colour is rounded until there are no more colours than a palette
/// has; half a step is not seen.
const STEPS: [u8; 4] = [1, 8, 12, 16];

/// The pixels as a PNG without transparency, with a palette if it can be, as small as it
/// gets.
fn encoded(pixels: &Pixmap) -> Result<Vec<u8>> {
    let plain = pixels.pixels().iter();
    let colours: Vec<[u8; 3]> = plain
        .map(|pixel| [pixel.red(), pixel.green(), pixel.blue()])
        .collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width(), pixels.height());
    let data = if let Some((palette, places)) = indexed(&colours) {
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(palette);
        places
    } else {
        encoder.set_color(png::ColorType::Rgb);
        colours.concat()
    };
    encoder.set_compression(png::Compression::Best);
    // areas of one colour are shortest as they are
    encoder.set_filter(png::FilterType::NoFilter);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: PIXELS_A_METRE,
        yppu: PIXELS_A_METRE,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&data)?;
    writer.finish()?;
    Ok(bytes)
}

/// A palette, and the place in it of every pixel; nothing if there are too many colours.
fn indexed(colours: &[[u8; 3]]) -> Option<(Vec<u8>, Vec<u8>)> {
    // most pixels are as the one before
    let runs: Vec<&[[u8; 3]]> = colours.chunk_by(|a, b| a == b).collect();
    STEPS.iter().find_map(|&step| {
        let rounded = |run: &&[[u8; 3]]| run[0].map(|value| round(value, step));
        let all: BTreeSet<[u8; 3]> = runs.iter().map(rounded).collect();
        let places = all.iter().zip(0_u8..=u8::MAX);
        let places: HashMap<[u8; 3], u8> = places.map(|(colour, place)| (*colour, place)).collect();
        let mut pixels = Vec::with_capacity(colours.len());
        for run in &runs {
            let place = *places.get(&rounded(run))?;
            pixels.resize(pixels.len() + run.len(), place);
        }
        Some((all.into_iter().flatten().collect(), pixels))
    })
}

/// Rounded down from white, so that paper stays white.
fn round(value: u8, step: u8) -> u8 {
    let dark = u16::from(u8::MAX - value);
    let step = u16::from(step);
    let rounded = (dark + step / 2) / step * step;
    u8::MAX - u8::try_from(rounded).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_colours_are_kept_and_many_are_rounded_by_what_is_not_seen() {
        let few = [[255, 255, 255], [0, 0, 0], [0, 114, 178], [0, 0, 0]];
        let (palette, places) = indexed(&few).unwrap();
        let shown = |place: u8| palette[3 * usize::from(place)..][..3].to_vec();
        for (colour, place) in few.iter().zip(places) {
            assert_eq!(shown(place), colour);
        }
        let many: Vec<[u8; 3]> = (0..=255_u8)
            .flat_map(|grey| [[grey, grey, grey], [grey, grey, 255]])
            .collect();
        let (palette, places) = indexed(&many).unwrap();
        for (colour, place) in many.iter().zip(places) {
            let shown = &palette[3 * usize::from(place)..][..3];
            assert!(shown.iter().zip(colour).all(|(a, b)| a.abs_diff(*b) <= 8));
        }
        assert_eq!(round(255, 16), 255);
        // a photograph has too many
        let photograph: Vec<[u8; 3]> = (0..4096_u16)
            .map(|i| [i % 16, i / 16 % 16, i / 256].map(|part| u8::try_from(16 * part).unwrap()))
            .collect();
        assert!(indexed(&photograph).is_none());
    }
}
