//! What is written is read back, and nothing that is read can cause a panic.

use std::collections::BTreeMap;

use approx::relative_eq;
use crystal::{Element, Lattice, Site, Structure, cif, poscar, pymatgen, xyz};
use proptest::prelude::*;

/// Sites near the points of a grid, so that none are too close.
fn structures() -> impl Strategy<Value = Structure> {
    let cell = (
        prop::array::uniform3(4.0..12.0),
        prop::array::uniform3(70.0..110.0),
    );
    let site = (1_u8..=118, prop::array::uniform3(-0.05..0.05), -2..2_i32);
    (
        cell,
        prop::collection::vec(site, 1..8),
        prop::array::uniform3(any::<bool>()),
    )
        .prop_map(|((lengths, angles), sites, periodic)| {
            let sites = sites.into_iter().enumerate().map(|(corner, site)| {
                let (number, jitter, cell) = site;
                let grid = [corner & 1, corner >> 1 & 1, corner >> 2 & 1];
                Site {
                    element: Element::from_atomic_number(number).unwrap(),
                    fractional: [0, 1, 2]
                        .map(|i| grid[i] as f64 / 2.0 + jitter[i] + f64::from(cell)),
                }
            });
            let lattice = Lattice::from_parameters(lengths, angles).unwrap();
            Structure::new(lattice, sites.collect())
                .unwrap()
                .with_periodic(periodic)
        })
}

/// Elements and coordinates alike; `tolerance` is fractional.
fn same_sites(a: &Structure, b: &Structure, tolerance: f64) -> bool {
    a.sites().len() == b.sites().len()
        && a.sites().iter().zip(b.sites()).all(|(a, b)| {
            let pairs = a.fractional.into_iter().zip(b.fractional);
            a.element == b.element
                && pairs.map(|(x, y)| (x - y).abs()).fold(0.0, f64::max) <= tolerance
        })
}

const VALID: &str = "data_x
_cell_length_a 4.1(2)
_cell_length_b 4
_cell_length_c 9.5
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 120
_note
;text
;
loop_
_symmetry_equiv_pos_as_xyz
'x, y, z'
'-x, -y, -z+1/2'
loop_
_atom_site_type_symbol
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
Mo4+ Mo1 0.1 0.2 0.1 1.0
S2- \"S 1\" 0.5 0.6 0.3 1
";

/// Replaces, removes or doubles pieces of a text.
fn mutations() -> impl Strategy<Value = String> {
    let edit = (
        any::<prop::sample::Index>(),
        0..9_usize,
        0..4_u8,
        "[ -~\n]{0,3}",
    );
    prop::collection::vec(edit, 1..6).prop_map(|edits| {
        let mut bytes = VALID.as_bytes().to_vec();
        for (start, length, kind, insert) in edits {
            let start = start.index(bytes.len().max(1)).min(bytes.len());
            let end = (start + length).min(bytes.len());
            match kind {
                0 => drop(bytes.splice(start..end, insert.into_bytes())),
                1 => drop(bytes.drain(start..end)),
                2 => {
                    let piece = bytes[start..end].to_vec();
                    bytes.splice(start..start, piece);
                }
                _ => bytes.truncate(end),
            }
        }
        String::from_utf8(bytes).unwrap()
    })
}

fn read_all(text: &str) -> bool {
    // whatever it is, there is an answer
    [
        cif::read(text).is_ok(),
        poscar::read(text).is_ok(),
        xyz::read(text).is_ok(),
        pymatgen::read(text).is_ok(),
    ]
    .contains(&true)
}

#[test]
fn the_text_that_is_mutated_is_valid() {
    assert_eq!(cif::read(VALID).unwrap().formula(), "S2 Mo2");
}

proptest! {
    #[test]
    fn cif_returns(structure in structures()) {
        let back = cif::read(&cif::write(&structure, "a name")).unwrap();
        prop_assert!(same_sites(&structure, &back, 0.0));
        let [ours, theirs] = [&structure, &back].map(Structure::lattice);
        for (a, b) in ours.lengths().into_iter().zip(theirs.lengths()) {
            // lengths and angles are computed from vectors and back
            prop_assert!(relative_eq!(a, b, max_relative = 1e-12));
        }
        for (a, b) in ours.angles().into_iter().zip(theirs.angles()) {
            prop_assert!(relative_eq!(a, b, max_relative = 1e-12));
        }
    }

    #[test]
    fn poscar_returns(structure in structures(), comment in ".{0,20}") {
        let back = poscar::read(&poscar::write(&structure, &comment)).unwrap();
        prop_assert_eq!(back, structure.with_periodic([true; 3]));
    }

    #[test]
    fn pymatgen_returns(structure in structures()) {
        let back = pymatgen::read(&pymatgen::write(&structure)).unwrap();
        prop_assert_eq!(back, structure);
    }

    #[test]
    fn xyz_returns(
        first in structures(),
        second in structures(),
        info in prop::collection::btree_map("[a-z_ é]{1,6}", ".{0,8}", 0..4),
    ) {
        let text = xyz::write(&first, &info) + &xyz::write(&second, &BTreeMap::new());
        let frames = xyz::read(&text).unwrap();
        prop_assert_eq!(frames.len(), 2);
        prop_assert_eq!(&frames[0].info, &info);
        for (frame, structure) in frames.iter().zip([&first, &second]) {
            prop_assert_eq!(frame.structure.lattice(), structure.lattice());
            prop_assert_eq!(frame.structure.periodic(), structure.periodic());
            // positions are Cartesian there, so coordinates are rounded twice
            prop_assert!(same_sites(&frame.structure, structure, 1e-13));
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!read_all(&String::from_utf8_lossy(&bytes)));
    }

    #[test]
    fn a_mutated_cif_never_panics_and_names_a_line(text in mutations()) {
        if let Err(error) = cif::read(&text) {
            prop_assert!(error.to_string().starts_with("line "), "{}", error);
        }
        let _ = read_all(&text);
    }
}
