//! The text of the files that describe a set of structures.
//!
//! The layout is that of the low-density part of 2DMD, so that whoever reads
//! one reads the other: the same file names, column names and order of columns.
//! Two differences of meaning: an `_id` is the readable name of a
//! [`Configuration`](crate::Configuration), and a `descriptor_id` is the label
//! of the complex.
//!
//! Numbers have eight decimals, in eV: the last digits of an eigenvalue differ
//! from machine to machine.

use std::fmt::Write;

use crate::{Complex, Generated, Host, Model, PointDefect};

/// `descriptors.csv`: one row per complex that occurs.
#[must_use]
pub fn descriptors_csv(host: &Host, generated: &[Generated]) -> String {
    let [rows, columns] = host.repeats();
    let mut text = String::from("_id,description,base,cell,pbc,defects\n");
    let occurs = |complex: &Complex| generated.iter().any(|one| one.complex == *complex);
    for complex in Complex::all().filter(occurs) {
        let label = complex.label();
        let defects: Vec<String> = complex.defects().iter().map(literal).collect();
        push(
            &mut text,
            &format!(
                "{label},{label},MoS2,\"({rows}, {columns}, 1)\",\"[True, True, False]\",\"[{}]\"",
                defects.join(", ")
            ),
        );
    }
    text
}

/// A defect as a literal of Python.
fn literal(defect: &PointDefect) -> String {
    let before = defect.before();
    match defect.after() {
        None => format!("{{'type': 'vacancy', 'element': '{before}'}}"),
        Some(after) => {
            format!("{{'type': 'substitution', 'from': '{before}', 'to': '{after}'}}")
        }
    }
}

/// `elements.csv`: chemical potentials, eV.
#[must_use]
pub fn elements_csv(model: &Model) -> String {
    let mut text = String::from("element,chemical_potential,note\n");
    for (element, potential) in model.elements() {
        push(&mut text, &format!("{element},{potential},chosen"));
    }
    text
}

/// `initial_structures.csv`: the perfect supercell.
#[must_use]
pub fn initial_structures_csv(host: &Host) -> String {
    let [rows, columns] = host.repeats();
    let electronic = host.electronic();
    let mut text = String::from("base,cell_size,energy,E_1,E_VBM\n");
    push(
        &mut text,
        &format!(
            "MoS2,\"[{rows}, {columns}, 1]\",{:.8},{:.8},{:.8}",
            electronic.total_energy(),
            electronic.lowest(),
            electronic.homo()
        ),
    );
    text
}

/// Columns that `defects.csv` and `targets.csv` share.
const DEFECT_COLUMNS: &str =
    "_id,descriptor_id,energy,energy_per_atom,fermi_level,homo,lumo,band_gap,homo_lumo_gap,E_1";

/// `defects.csv`: what the model says of each structure. The Fermi level is
/// midway between HOMO and LUMO.
#[must_use]
pub fn defects_csv(generated: &[Generated]) -> String {
    let mut text = format!("{DEFECT_COLUMNS}\n");
    for one in generated {
        push(&mut text, &defect_row(one));
    }
    text
}

fn defect_row(one: &Generated) -> String {
    let atoms = one.structure.sites().len() as f64;
    let mut row = format!("{},{}", one.id, one.complex.label());
    push_numbers(
        &mut row,
        &[
            one.energy,
            one.energy / atoms,
            0.5 * (one.homo + one.lumo),
            one.homo,
            one.lumo,
            one.gap,
            one.gap,
            one.lowest,
        ],
    );
    row
}

/// `targets.csv`: the same, and what is derived from it.
///
/// A normalised level is measured from the lowest one and compared with the
/// valence band maximum of the perfect crystal,
/// `E − E_1 − (E_VBM − E_1 of the perfect crystal)`. The model has no spin, so
/// the columns of both channels are equal.
#[must_use]
pub fn targets_csv(host: &Host, generated: &[Generated]) -> String {
    let mut text = format!(
        "{DEFECT_COLUMNS},formation_energy,formation_energy_per_site,normalized_homo,normalized_lumo"
    );
    for channel in ["majority", "minority", "max", "min"] {
        for column in [
            "homo_lumo_gap",
            "homo",
            "lumo",
            "normalized_homo",
            "normalized_lumo",
        ] {
            write!(text, ",{column}_{channel}").expect("a string takes any text");
        }
    }
    text.push_str(",total_mag\n");
    let zero = host.electronic().homo() - host.electronic().lowest();
    for one in generated {
        let normalized = [one.homo, one.lumo].map(|level| level - one.lowest - zero);
        let mut row = defect_row(one);
        push_numbers(
            &mut row,
            &[one.formation_energy, one.formation_energy_per_site],
        );
        push_numbers(&mut row, &normalized);
        for _ in 0..4 {
            push_numbers(&mut row, &[one.gap, one.homo, one.lumo]);
            push_numbers(&mut row, &normalized);
        }
        push_numbers(&mut row, &[0.0]);
        push(&mut text, &row);
    }
    text
}

fn push_numbers(row: &mut String, numbers: &[f64]) {
    for number in numbers {
        write!(row, ",{number:.8}").expect("a string takes any text");
    }
}

fn push(text: &mut String, row: &str) {
    text.push_str(row);
    text.push('\n');
}
