//! Structures to test on.

use crystal::{CrystalGraph, Element, Lattice, Site, Structure, Vec3};

pub(crate) fn element(number: u8) -> Element {
    Element::from_atomic_number(number).unwrap()
}

/// A structure from basis vectors and `(atomic number, fractional)`.
pub(crate) fn structure(lattice: [Vec3; 3], atoms: &[(u8, Vec3)]) -> Structure {
    let sites = atoms.iter().map(|&(number, fractional)| Site {
        element: element(number),
        fractional,
    });
    Structure::new(Lattice::new(lattice).unwrap(), sites.collect()).unwrap()
}

/// A skewed cell in which every atom sees several images of the others.
pub(crate) fn skewed() -> Structure {
    structure(
        [[2.9, 0.0, 0.0], [0.4, 3.1, 0.0], [0.2, -0.3, 4.0]],
        &[
            (42, [0.1, 0.2, 0.3]),
            (16, [0.6, 0.75, 0.4]),
            (16, [0.55, 0.1, 0.85]),
        ],
    )
}

/// One atom that sees only itself.
pub(crate) fn one_atom() -> Structure {
    structure(
        [[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 3.0]],
        &[(34, [0.0; 3])],
    )
}

/// One atom that sees nothing within 5 Å.
pub(crate) fn lonely() -> Structure {
    structure(
        [[9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0]],
        &[(16, [0.0; 3])],
    )
}

/// A layer of MoS2, a = 3.19 Å, c = 15 Å.
pub(crate) fn layer() -> Structure {
    let height = 1.56 / 15.0;
    structure(
        [
            [3.19, 0.0, 0.0],
            [-1.595, 3.19 * 0.75_f64.sqrt(), 0.0],
            [0.0, 0.0, 15.0],
        ],
        &[
            (42, [1.0 / 3.0, 2.0 / 3.0, 0.5]),
            (16, [2.0 / 3.0, 1.0 / 3.0, 0.5 + height]),
            (16, [2.0 / 3.0, 1.0 / 3.0, 0.5 - height]),
        ],
    )
}

/// A supercell of the layer without some of its sites.
pub(crate) fn with_vacancies(repeats: usize, missing: &[usize]) -> Structure {
    let grown = layer().supercell([repeats, repeats, 1]);
    let sites = grown.sites().iter().enumerate();
    let kept = sites.filter(|(index, _)| !missing.contains(index));
    Structure::new(*grown.lattice(), kept.map(|(_, site)| *site).collect()).unwrap()
}

/// The same with every atom moved by up to so many Å along each axis, each otherwise.
pub(crate) fn shaken(structure: &Structure, amplitude: f64) -> Structure {
    let lattice = structure.lattice();
    let move_by = |number: f64| {
        let step = [7.0, 11.0, 13.0].map(|factor: f64| amplitude * (factor * number).sin());
        lattice.fractional(step)
    };
    let sites = (0_u32..).zip(structure.sites()).map(|(number, site)| Site {
        fractional: crystal::add(site.fractional, move_by(f64::from(number))),
        ..*site
    });
    Structure::new(*lattice, sites.collect()).unwrap()
}

pub(crate) fn graphs(structures: &[Structure], cutoff: f64) -> Vec<CrystalGraph> {
    structures
        .iter()
        .map(|structure| CrystalGraph::of_structure(structure, cutoff).unwrap())
        .collect()
}
