//! Structures as CIF text.

use std::fmt::Write as _;

use crate::Structure;

/// Writes a structure as a CIF in P 1, with every site listed.
///
/// Numbers have as many digits as it takes to read the same ones back. Which
/// axes are periodic, and how the cell lies in space, cannot be said.
///
/// - `name`: of the data block; white space in it becomes `_`.
///
/// # Examples
///
/// ```
/// # use crystal::{Lattice, Site, Structure, cif};
/// let lattice = Lattice::from_parameters([3.35; 3], [90.0; 3])?;
/// let site = Site { element: "Po".parse()?, fractional: [0.0, 0.0, 1.0 / 3.0] };
/// let structure = Structure::new(lattice, vec![site])?;
/// let text = cif::write(&structure, "alpha polonium");
/// assert!(text.starts_with("data_alpha_polonium\n"));
/// assert_eq!(cif::read(&text)?, structure);
/// # Ok::<(), crystal::Error>(())
/// ```
#[must_use]
pub fn write(structure: &Structure, name: &str) -> String {
    let name: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() { c } else { '_' })
        .collect();
    let name = if name.is_empty() { "structure" } else { &name };
    let [a, b, c] = structure.lattice().lengths();
    let [alpha, beta, gamma] = structure.lattice().angles();
    let mut text = format!(
        "data_{name}
_chemical_formula_sum '{formula}'
_cell_length_a {a}
_cell_length_b {b}
_cell_length_c {c}
_cell_angle_alpha {alpha}
_cell_angle_beta {beta}
_cell_angle_gamma {gamma}
_cell_volume {volume}
_space_group_name_H-M_alt 'P 1'
_space_group_IT_number 1
loop_
_space_group_symop_operation_xyz
'x, y, z'
loop_
_atom_site_type_symbol
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
",
        formula = structure.formula(),
        volume = structure.lattice().volume(),
    );
    for (index, site) in structure.sites().iter().enumerate() {
        let [x, y, z] = site.fractional;
        let element = site.element;
        // writing to a `String` cannot fail
        let _ = writeln!(text, "{element} {element}{index} {x} {y} {z} 1");
    }
    text
}
