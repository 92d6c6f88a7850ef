//! PDF and PNG from the SVG, with the font that is carried along.

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

/// The pixels as a PNG without transparency, as small as it gets.
fn encoded(pixels: &Pixmap) -> Result<Vec<u8>> {
    let colours: Vec<u8> = pixels
        .pixels()
        .iter()
        .flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()])
        .collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Best);
    // areas of one colour are shortest as they are
    encoder.set_filter(png::FilterType::NoFilter);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: PIXELS_A_METRE,
        yppu: PIXELS_A_METRE,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&colours)?;
    writer.finish()?;
    Ok(bytes)
}
