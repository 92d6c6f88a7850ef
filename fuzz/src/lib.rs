//! What several targets assert of what they have read.

use crystal::{Error, Lattice, Result, Structure};

/// Sites closer than this are refused, Å.
const LEAST_SEPARATION: f64 = 0.5;

/// Whether a structure that was written and read again may be refused: only where it
/// was at the border of what is accepted, and rounding took it across.
#[must_use]
pub fn at_the_border(error: &Error) -> bool {
    match error {
        Error::At { source, .. } => at_the_border(source),
        Error::SitesTooClose { distance, .. } => *distance > LEAST_SEPARATION - 1e-4,
        Error::FlatLattice { .. } => true,
        _ => false,
    }
}

/// Asserts that what was read again is what was written.
///
/// - `tolerance`: of fractional coordinates and, relatively, of the volume.
///
/// # Panics
///
/// If it is not.
pub fn assert_same(written: &Structure, read: &Result<Structure>, tolerance: f64) {
    let read = match read {
        Ok(read) => read,
        Err(error) if at_the_border(error) => return,
        Err(error) => panic!("what was written is refused: {error}"),
    };
    assert_eq!(written.formula(), read.formula());
    let [ours, theirs] = [written, read].map(|s| s.lattice().volume());
    assert!((ours - theirs).abs() <= tolerance * ours, "{ours} {theirs}");
    for (a, b) in written.sites().iter().zip(read.sites()) {
        assert_eq!(a.element, b.element);
        for (x, y) in a.fractional.into_iter().zip(b.fractional) {
            assert!((x - y).abs() <= tolerance * x.abs().max(1.0), "{x} {y}");
        }
    }
}

/// Asserts what every structure must be, whichever text it came from.
///
/// # Panics
///
/// If it is not.
pub fn assert_sane(structure: &Structure) {
    let finite = |vector: [f64; 3]| vector.into_iter().all(f64::is_finite);
    let lattice: &Lattice = structure.lattice();
    assert!(lattice.volume() > 0.0 && lattice.volume().is_finite());
    assert!(finite(lattice.lengths()) && finite(lattice.angles()) && finite(lattice.heights()));
    assert!(structure.positions().into_iter().all(finite));
    assert!(structure.require_separation(LEAST_SEPARATION).is_ok());
}

/// Asserts that a refusal is one line of moderate length that names its place.
///
/// # Panics
///
/// If it is not.
pub fn assert_clear(error: &Error) {
    let text = error.to_string();
    assert!(text.starts_with("line "), "{text}");
    assert!(!text.contains(['\n', '\r']), "{text}");
    assert!(text.len() < 400, "{text}");
}

/// Asserts that a refusal of the harness is one line of moderate length.
///
/// # Panics
///
/// If it is not.
#[cfg(feature = "harness")]
pub fn assert_refusal(error: &anyhow::Error) {
    let text = format!("{error:#}");
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(text.len() < 3000, "{text}");
}
