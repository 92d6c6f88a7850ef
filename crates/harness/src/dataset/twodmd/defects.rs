//! `descriptors.csv`: what each kind of defect complex is said to be.

use std::sync::Arc;

use anyhow::Result;
use crystal::Element;

use crate::dataset::csv::{Row, Table};
use crate::dataset::description::REPEATS;
use crate::dataset::literal::Literal;
use crate::dataset::{Label, Replacement};

/// A kind of defect complex in a supercell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Descriptor {
    pub(super) id: String,
    /// Name of the host.
    pub(super) base: String,
    pub(super) repeats: [usize; 3],
    /// Where the table says it.
    pub(super) periodic: Option<[bool; 3]>,
    pub(super) label: Label,
}

/// Reads the table.
pub(super) fn read(table: &Table) -> Result<Vec<Descriptor>> {
    let id = table.column("_id")?;
    let description = table.column("description")?;
    let base = table.column("base")?;
    let cell = table.column("cell")?;
    let defects = table.column("defects")?;
    let periodic = table.find("pbc");
    table
        .rows()
        .iter()
        .map(|row| {
            let cell = triple(table, row, cell, "three counts from 1 to 1000", |item| {
                item.count().filter(|count| REPEATS.contains(count))
            })?;
            let periodic = periodic
                .map(|column| triple(table, row, column, "three of True or False", Literal::bool))
                .transpose()?;
            Ok(Descriptor {
                id: row.fields[id].clone(),
                base: row.fields[base].clone(),
                repeats: cell,
                periodic,
                label: Label {
                    kind: Arc::from(row.fields[description].as_str()),
                    defects: replacements(table, row, defects)?,
                },
            })
        })
        .collect()
}

/// A list of three in a field.
pub(super) fn triple<T>(
    table: &Table,
    row: &Row,
    column: usize,
    expected: &str,
    take: impl Fn(&Literal) -> Option<T>,
) -> Result<[T; 3]> {
    let value = Literal::parse(&row.fields[column]).ok();
    value
        .as_ref()
        .and_then(Literal::list)
        .and_then(|items| items.iter().map(take).collect::<Option<Vec<T>>>())
        .and_then(|items| items.try_into().ok())
        .ok_or_else(|| table.wrong(row, column, expected))
}

/// The defects in a field, sorted.
fn replacements(table: &Table, row: &Row, column: usize) -> Result<Vec<Replacement>> {
    let value = Literal::parse(&row.fields[column]).ok();
    let mut defects = value
        .as_ref()
        .and_then(Literal::list)
        .and_then(|items| items.iter().map(replacement).collect::<Option<Vec<_>>>())
        .ok_or_else(|| table.wrong(row, column, "a list of defects"))?;
    defects.sort();
    Ok(defects)
}

fn replacement(literal: &Literal) -> Option<Replacement> {
    let element = |key: &str| literal.get(key)?.text()?.parse::<Element>().ok();
    match literal.get("type")?.text()? {
        "vacancy" => Some(Replacement {
            from: Some(element("element")?),
            to: None,
        }),
        "substitution" => Some(Replacement {
            from: Some(element("from")?),
            to: Some(element("to")?),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "_id,description,base,cell,pbc,defects\n";

    #[test]
    fn both_ways_to_write_a_cell() {
        let text = format!(
            "{HEADER}a,X5,MoS2,\"(8, 8, 1)\",\"[True, True, False]\",\"[{{'type': 'vacancy', 'element': 'S'}}, {{'type': 'substitution', 'from': 'S', 'to': 'Se'}}]\"\n\
             b,X0,MoS2,\"[8, 8, 1]\",\"[True, True, True]\",[]\n"
        );
        let read = read(&Table::parse("d.csv", &text).unwrap()).unwrap();
        assert_eq!(read[0].repeats, [8, 8, 1]);
        assert_eq!(read[0].periodic, Some([true, true, false]));
        assert_eq!(Label::print(&read[0].label.defects), "1 S→vacancy, 1 S→Se");
        assert_eq!(read[1].repeats, [8, 8, 1]);
    }

    #[test]
    fn what_is_no_list_of_defects_is_refused() {
        let text = format!("{HEADER}a,X1,MoS2,\"(8, 8, 1)\",\"[True, True, False]\",rm -rf /\n");
        let table = Table::parse("d.csv", &text).unwrap();
        assert_eq!(
            read(&table).unwrap_err().to_string(),
            "d.csv: line 2: column `defects`: expected a list of defects, found `rm -rf /`"
        );
    }
}
