//! PDF and PNG from the SVG, with the font that is carried along.

use std::sync::Arc;

use anyhow::{Context, Result};
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

/// Dots per inch of a PNG, as journals ask.
const DPI: f32 = 300.0;

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
    let png = pixels
        .encode_png()
        .context("a figure cannot become a PNG")?;
    Ok(with_resolution(&png))
}

/// The PNG with a `pHYs` chunk, which says how large its pixels are.
fn with_resolution(png: &[u8]) -> Vec<u8> {
    // signature, and the length, name, content and checksum of `IHDR`
    const HEAD: usize = 8 + 4 + 4 + 13 + 4;
    const PIXELS_A_METRE: u32 = 11_811; // 300 dpi
    let mut chunk = b"pHYs".to_vec();
    chunk.extend(PIXELS_A_METRE.to_be_bytes());
    chunk.extend(PIXELS_A_METRE.to_be_bytes());
    chunk.push(1);
    let mut checksum = flate2::Crc::new();
    checksum.update(&chunk);
    let mut out = png[..HEAD].to_vec();
    out.extend(9_u32.to_be_bytes());
    out.extend(&chunk);
    out.extend(checksum.sum().to_be_bytes());
    out.extend(&png[HEAD..]);
    out
}
