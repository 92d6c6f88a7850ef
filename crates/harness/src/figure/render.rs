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
/// Text becomes outlines in the PDF, so that it looks the same everywhere.
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
    Ok((pdf(&tree)?, png(&tree)?))
}

fn pdf(tree: &Tree) -> Result<Vec<u8>> {
    let page = svg2pdf::PageOptions { dpi: SVG_DPI };
    svg2pdf::to_pdf(tree, svg2pdf::ConversionOptions::default(), page)
        .map_err(|error| anyhow::anyhow!("a figure cannot become a PDF: {error}"))
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
    pixels.encode_png().context("a figure cannot become a PNG")
}
