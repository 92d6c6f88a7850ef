//! The one font of all figures, carried along so that no system font is asked.

use std::sync::{Arc, Once};

use plotters::style::{FontStyle, register_font};
use resvg::usvg::fontdb;

/// Its name, as it stands in the SVG.
pub(crate) const FAMILY: &str = "DejaVu Sans";

/// Makes the font known to plotters.
pub(crate) fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for (style, bytes) in [
            (FontStyle::Normal, dejavu::sans::regular()),
            (FontStyle::Bold, dejavu::sans::bold()),
        ] {
            assert!(
                register_font(FAMILY, style, bytes).is_ok(),
                "the font that is carried along is sound"
            );
        }
    });
}

/// The font as a database for the PDF and PNG writers.
pub(crate) fn database() -> Arc<fontdb::Database> {
    let mut database = fontdb::Database::new();
    database.load_font_data(dejavu::sans::regular().to_vec());
    database.load_font_data(dejavu::sans::bold().to_vec());
    Arc::new(database)
}

/// The width of a text set in `size` points, in points.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    use plotters::style::IntoFont;
    register();
    // measured large: the answer is in whole pixels
    let font = (FAMILY, 1000.0).into_font();
    let wide = font.box_size(text).map_or(0, |(width, _)| width);
    // plotters scales its line height to the size and not the em: 1.164 em
    f64::from(wide) * size / 1000.0 * 1.164
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Advance widths in the font's own tables: `0` is 1303 of 2048 to the em.
    #[test]
    fn a_text_is_as_wide_as_its_glyphs() {
        approx::assert_relative_eq!(width("0000", 10.0), 4.0 * 6.362, max_relative = 0.01);
    }
}
