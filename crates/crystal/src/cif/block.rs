//! What a data block says about a structure.

use super::lexer::{Lexer, Token};
use super::species;
use super::symmetry::{Operation, orbit};
use crate::text::{at, ended, finite, separated, syntax};
use crate::{Element, Error, Lattice, Result, Site, Structure, Vec3};

const LENGTHS: [&str; 3] = ["_cell_length_a", "_cell_length_b", "_cell_length_c"];
const ANGLES: [&str; 3] = ["_cell_angle_alpha", "_cell_angle_beta", "_cell_angle_gamma"];

/// Old and new tags that name the space group.
const GROUPS: [&str; 7] = [
    "_symmetry_space_group_name_H-M",
    "_space_group_name_H-M_alt",
    "_space_group_name_H-M_full",
    "_symmetry_space_group_name_Hall",
    "_space_group_name_Hall",
    "_symmetry_Int_Tables_number",
    "_space_group_IT_number",
];

/// Old and new tags of the symmetry operations.
const OPERATIONS: [&str; 2] = [
    "_symmetry_equiv_pos_as_xyz",
    "_space_group_symop_operation_xyz",
];

/// Columns of the atom loop, at their index in a row's fields.
const ATOM: [&str; 6] = [
    "_atom_site_fract_x",
    "_atom_site_fract_y",
    "_atom_site_fract_z",
    "_atom_site_type_symbol",
    "_atom_site_label",
    "_atom_site_occupancy",
];
const TYPE_SYMBOL: usize = 3;
const LABEL: usize = 4;
const OCCUPANCY: usize = 5;
/// Where the fields of all other columns go.
const IGNORED: usize = 6;

/// No space group has more operations; settings with a larger cell may.
const MOST_OPERATIONS: usize = 1024;

/// Operations never make more sites than this, however few rows there are.
const MOST_IMAGES: usize = 100_000;

#[derive(Debug, Clone, Copy)]
struct Atom {
    line: usize,
    element: Element,
    fractional: Vec3,
}

/// A data block as far as it has been read.
#[derive(Debug, Default)]
pub(super) struct Block<'a> {
    lengths: [Option<f64>; 3],
    angles: [Option<f64>; 3],
    cell_line: usize,
    /// A group other than P 1, and where it is named.
    group: Option<(usize, &'a str)>,
    operations: Vec<Operation>,
    atoms: Vec<Atom>,
}

impl<'a> Block<'a> {
    pub(super) fn has_atoms(&self) -> bool {
        !self.atoms.is_empty()
    }

    /// Takes up a tag with its value.
    pub(super) fn set(&mut self, line: usize, tag: &str, value: Token<'a>) -> Result<()> {
        if let Some(axis) = position(&LENGTHS, tag) {
            self.lengths[axis] = Some(measured(line, value)?);
            self.cell_line = line;
        } else if let Some(axis) = position(&ANGLES, tag) {
            let angle = measured(line, value)?;
            if !(angle > 0.0 && angle < 180.0) {
                let expected = "an angle between 0 and 180 degrees";
                return Err(syntax(line, expected, value.text()));
            }
            self.angles[axis] = Some(angle);
            self.cell_line = line;
        } else if position(&GROUPS, tag).is_some() {
            let named = value.value().filter(|name| !is_trivial(name));
            self.group = self.group.or(named.map(|name| (line, name)));
        } else if position(&OPERATIONS, tag).is_some() {
            self.operations = vec![Operation::parse(line, value.text())?];
        }
        Ok(())
    }

    /// Reads a loop, of which the first word has been read.
    pub(super) fn read_loop(&mut self, lexer: &mut Lexer<'a>) -> Result<()> {
        let line = lexer.line();
        let mut tags = Vec::new();
        while let Some(Token::Tag(tag)) = lexer.peek()? {
            tags.push(tag);
            lexer.next()?;
        }
        if tags.is_empty() {
            let found = lexer.peek()?.map_or("", Token::text);
            return Err(syntax(lexer.line(), "a tag after `loop_`", found));
        }
        if tags.iter().any(|tag| position(&ATOM[..3], tag).is_some()) {
            return self.read_atoms(line, &tags, lexer);
        }
        let operations = tags
            .iter()
            .position(|tag| position(&OPERATIONS, tag).is_some());
        if operations.is_some() {
            self.operations.clear();
        }
        let mut count = 0;
        while let Some(value) = lexer.next_value()? {
            if operations == Some(count % tags.len()) {
                self.operations
                    .push(Operation::parse(lexer.line(), value.text())?);
                if self.operations.len() > MOST_OPERATIONS {
                    let expected = "at most 1024 symmetry operations";
                    return Err(syntax(lexer.line(), expected, value.text()));
                }
            }
            count += 1;
        }
        full_rows(lexer, tags.len(), count)
    }

    fn read_atoms(&mut self, line: usize, tags: &[&str], lexer: &mut Lexer<'a>) -> Result<()> {
        if self.has_atoms() {
            return Err(syntax(line, "one loop of atoms in a block", "loop_"));
        }
        let columns = atom_columns(line, tags)?;
        let mut fields = [Token::Bare("."); IGNORED + 1];
        let mut row_line = 0;
        let mut count = 0;
        while let Some(value) = lexer.next_value()? {
            let column = count % columns.len();
            if column == 0 {
                row_line = lexer.line();
            }
            fields[columns[column]] = value;
            count += 1;
            if count % columns.len() == 0 {
                self.atoms.push(atom(row_line, &fields)?);
            }
        }
        full_rows(lexer, columns.len(), count)
    }

    /// Builds the structure; `end` is the last line that was read.
    pub(super) fn into_structure(self, end: usize) -> Result<Structure> {
        if self.atoms.is_empty() {
            return Err(ended(
                end,
                "a loop with `_atom_site_fract_x`, `_y` and `_z`",
            ));
        }
        let lengths = complete(self.lengths, end, "`_cell_length_a`, `_b` and `_c`")?;
        let angles = complete(
            self.angles,
            end,
            "`_cell_angle_alpha`, `_beta` and `_gamma`",
        )?;
        let lattice = Lattice::from_parameters(lengths, angles).map_err(at(self.cell_line))?;
        let only_identity = self.operations.iter().all(Operation::is_identity);
        if let (true, Some((line, group))) = (only_identity, self.group) {
            let group = crate::text::excerpt(group);
            return Err(Error::NoOperations { line, group });
        }
        let mut sites = Vec::with_capacity(self.atoms.len());
        let mut lines = Vec::with_capacity(self.atoms.len());
        for atom in &self.atoms {
            let places = if only_identity {
                vec![atom.fractional]
            } else {
                orbit(&lattice, &self.operations, atom.fractional)
            };
            if !only_identity && sites.len() + places.len() > MOST_IMAGES {
                let expected = "at most 100000 sites made by symmetry";
                return Err(syntax(atom.line, expected, atom.element.symbol()));
            }
            for fractional in places {
                sites.push(Site {
                    element: atom.element,
                    fractional,
                });
                lines.push(atom.line);
            }
        }
        let structure = Structure::new(lattice, sites).map_err(at(end))?;
        separated(structure, &lines)
    }
}

/// Which of these names a tag is.
///
/// Tags ignore case, and the newer dictionaries write the first `_` after the
/// category as a dot.
fn position(names: &[&str], tag: &str) -> Option<usize> {
    let same = |(a, b): (u8, u8)| a.eq_ignore_ascii_case(&b) || (a == b'_' && b == b'.');
    names
        .iter()
        .position(|name| name.len() == tag.len() && name.bytes().zip(tag.bytes()).all(same))
}

/// Whether a name of a space group is that of P 1, or no name.
fn is_trivial(name: &str) -> bool {
    let mut letters = name
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace() && *byte != b'_');
    let letters = [letters.next(), letters.next(), letters.next()];
    matches!(
        letters,
        [None, ..] | [Some(b'1'), None, _] | [Some(b'P' | b'p'), Some(b'1'), None]
    )
}

/// For every column of the loop, the field of a row that it fills.
fn atom_columns(line: usize, tags: &[&str]) -> Result<Vec<usize>> {
    let columns: Vec<usize> = tags
        .iter()
        .map(|tag| position(&ATOM, tag).unwrap_or(IGNORED))
        .collect();
    if !(0..TYPE_SYMBOL).all(|axis| columns.contains(&axis)) {
        let expected = "columns `_atom_site_fract_x`, `_y` and `_z`";
        return Err(at(line)(Error::Missing { expected }));
    }
    if !columns.contains(&TYPE_SYMBOL) && !columns.contains(&LABEL) {
        let expected = "a column `_atom_site_type_symbol` or `_atom_site_label`";
        return Err(at(line)(Error::Missing { expected }));
    }
    Ok(columns)
}

fn atom(line: usize, fields: &[Token<'_>; IGNORED + 1]) -> Result<Atom> {
    let symbol = fields[TYPE_SYMBOL].value();
    let label = fields[LABEL].value();
    let element = match (symbol, label) {
        (Some(symbol), _) => species::of_type_symbol(line, symbol)?,
        (None, label) => species::of_label(line, label.unwrap_or("?"))?,
    };
    if fields[OCCUPANCY].value().is_some() {
        let occupancy = measured(line, fields[OCCUPANCY])?;
        // `1.0000` may have been `0.9999999` once
        if (occupancy - 1.0).abs() > 1e-6 {
            return Err(Error::PartialOccupancy {
                line,
                site: crate::text::excerpt(label.or(symbol).unwrap_or("?")),
                occupancy,
            });
        }
    }
    let mut fractional = [0.0; 3];
    for (value, &field) in fractional.iter_mut().zip(fields) {
        *value = measured(line, field)?;
    }
    Ok(Atom {
        line,
        element,
        fractional,
    })
}

/// A number, perhaps with its uncertainty as in `1.23(4)`.
fn measured(line: usize, token: Token<'_>) -> Result<f64> {
    let text = token.value().unwrap_or_default();
    let number = match text.split_once('(') {
        Some((number, uncertainty)) => {
            let digits = uncertainty.strip_suffix(')').unwrap_or_default();
            let valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            if valid { number } else { "" }
        }
        None => text,
    };
    finite(number).ok_or_else(|| syntax(line, "a number", token.text()))
}

fn complete(values: [Option<f64>; 3], end: usize, expected: &'static str) -> Result<Vec3> {
    match values {
        [Some(a), Some(b), Some(c)] => Ok([a, b, c]),
        _ => Err(ended(end, expected)),
    }
}

/// A loop must end with a full row, and have one.
fn full_rows(lexer: &mut Lexer<'_>, columns: usize, values: usize) -> Result<()> {
    if values > 0 && values.is_multiple_of(columns) {
        return Ok(());
    }
    lexer.peek()?; // so that the line is that of the word after the loop
    Err(Error::LoopValues {
        line: lexer.line(),
        columns,
        values,
    })
}
