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
        let defects: Vec<String> = complex.defects().iter().copied().map(literal).collect();
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
fn literal(defect: PointDefect) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Configuration;

    fn host() -> Host {
        Host::new(Model::mos2(), [3, 3]).unwrap()
    }

    fn one(host: &Host) -> Vec<Generated> {
        let configuration = Configuration {
            complex: "S2".parse().unwrap(),
            sites: vec![0, 9],
        };
        vec![host.evaluate(&configuration).unwrap()]
    }

    #[test]
    fn descriptors_by_hand() {
        let host = host();
        assert_eq!(
            descriptors_csv(&host, &one(&host)),
            "_id,description,base,cell,pbc,defects\n\
             S2,S2,MoS2,\"(3, 3, 1)\",\"[True, True, False]\",\
             \"[{'type': 'substitution', 'from': 'Mo', 'to': 'W'}, \
             {'type': 'vacancy', 'element': 'S'}]\"\n"
        );
    }

    #[test]
    fn elements_by_hand() {
        assert_eq!(
            elements_csv(&Model::mos2()),
            "element,chemical_potential,note\nMo,-5.88,chosen\nW,-5.06,chosen\n\
             S,-29.24,chosen\nSe,-26.99,chosen\n"
        );
    }

    #[test]
    fn the_perfect_supercell_has_its_row() {
        let text = initial_structures_csv(&host());
        let row = text.lines().nth(1).unwrap();
        assert!(row.starts_with("MoS2,\"[3, 3, 1]\",-"), "{row}");
        assert_eq!(text.lines().next(), Some("base,cell_size,energy,E_1,E_VBM"));
    }

    #[test]
    fn a_row_has_a_value_for_every_column() {
        let host = host();
        let generated = one(&host);
        for text in [defects_csv(&generated), targets_csv(&host, &generated)] {
            let columns: Vec<usize> = text.lines().map(|l| l.split(',').count()).collect();
            assert_eq!(columns.len(), 2);
            assert_eq!(columns[0], columns[1]);
        }
    }

    /// What a reader gets by name is what the structure had.
    #[test]
    fn targets_come_back_by_name() {
        let host = host();
        let generated = one(&host);
        let text = targets_csv(&host, &generated);
        let mut lines = text.lines().map(|line| line.split(','));
        let (names, values) = (lines.next().unwrap(), lines.next().unwrap());
        let row: std::collections::BTreeMap<_, _> = names.zip(values).collect();
        let number = |name: &str| row[name].parse::<f64>().unwrap();
        let expected = &generated[0];
        for (name, value) in [
            ("formation_energy", expected.formation_energy),
            ("formation_energy_per_site", 0.5 * expected.formation_energy),
            ("homo_lumo_gap_min", expected.gap),
            ("E_1", expected.lowest),
            ("fermi_level", 0.5 * (expected.homo + expected.lumo)),
            (
                "normalized_lumo",
                number("normalized_homo") + expected.lumo - expected.homo,
            ),
        ] {
            // eight decimals are written
            assert!((number(name) - value).abs() < 2e-8, "{name}");
        }
    }
}
