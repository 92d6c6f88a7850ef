//! Extended XYZ: frames with a lattice, named columns and further values.
//!
//! A frame is a line with the number of atoms, a line of `key=value` pairs, and
//! one line per atom. `Lattice` (nine numbers, row by row) is required, since a
//! [`Structure`] has one: a molecule needs a box with `pbc="F F F"`.
//! `Properties` names the columns; other columns than species and positions are
//! passed over, other pairs are returned.
//!
//! # Source
//!
//! The format is that of the libAtoms `extxyz` specification and of ASE.

mod pairs;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::iter::{Enumerate, Peekable};
use std::vec::IntoIter;

use crate::text::{at, ended, lines, number, separated, syntax, vector};
use crate::{Lattice, Result, Site, Structure};

/// A structure and what else its frame says.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// The atoms and their cell.
    pub structure: Structure,
    /// Values by key, without `Lattice`, `Properties` and `pbc`; a key without
    /// a value is `T`.
    pub info: BTreeMap<String, String>,
}

/// Keys that describe the structure itself.
const OWN_KEYS: [&str; 3] = ["Lattice", "Properties", "pbc"];

/// Reads all frames of a text.
///
/// # Errors
///
/// All carry the line, as [`crate::Error::At`] or themselves:
/// [`crate::Error::Syntax`] and [`crate::Error::Missing`] for a text that is no
/// extended XYZ, or has no frame; [`crate::Error::UnknownElement`],
/// [`crate::Error::FlatLattice`] and [`crate::Error::SitesTooClose`] (closer
/// than 0.5 Å) where a structure cannot be.
///
/// # Examples
///
/// ```
/// let text = r#"1
/// Lattice="3.35 0 0 0 3.35 0 0 0 3.35" energy=-1.5 pbc="T T F"
/// Po 0.0 0.0 0.0
/// "#;
/// let frames = crystal::xyz::read(text)?;
/// assert_eq!(frames[0].structure.periodic(), [true, true, false]);
/// assert_eq!(frames[0].info["energy"], "-1.5");
/// # Ok::<(), crystal::Error>(())
/// ```
pub fn read(text: &str) -> Result<Vec<Frame>> {
    let mut lines = lines(text).into_iter().enumerate().peekable();
    let mut frames = Vec::new();
    let mut last = 1;
    loop {
        while let Some((index, _)) = lines.next_if(|(_, line)| line.trim().is_empty()) {
            last = index + 1;
        }
        if lines.peek().is_none() {
            break;
        }
        frames.push(frame(&mut lines, &mut last)?);
    }
    if frames.is_empty() {
        return Err(ended(last, "a number of atoms"));
    }
    Ok(frames)
}

type NumberedLines<'a> = Peekable<Enumerate<IntoIter<&'a str>>>;

/// The next line, its number left in `last`.
fn next<'a>(
    lines: &mut NumberedLines<'a>,
    last: &mut usize,
    expected: &'static str,
) -> Result<&'a str> {
    let (index, text) = lines.next().ok_or_else(|| ended(*last, expected))?;
    *last = index + 1;
    Ok(text)
}

fn frame(lines: &mut NumberedLines<'_>, last: &mut usize) -> Result<Frame> {
    let text = next(lines, last, "a number of atoms")?;
    let count: usize = text
        .trim()
        .parse()
        .map_err(|_| syntax(*last, "a number of atoms", text))?;
    let comment = next(lines, last, "a line with `Lattice=\"…\"`")?;
    let comment_line = *last;
    let mut info = pairs::read(comment_line, comment)?;
    let lattice = lattice(comment_line, info.get("Lattice"), comment)?;
    let periodic = periodic(comment_line, info.get("pbc"))?;
    let columns = columns(comment_line, info.get("Properties"))?;
    let mut sites = Vec::new();
    let mut site_lines = Vec::new();
    for _ in 0..count {
        let text = next(lines, last, "a line for every atom")?;
        sites.push(site(*last, text, columns, &lattice)?);
        site_lines.push(*last);
    }
    let structure = Structure::new(lattice, sites).map_err(at(comment_line))?;
    let structure = separated(structure.with_periodic(periodic), &site_lines)?;
    info.retain(|key, _| !OWN_KEYS.contains(&key.as_str()));
    Ok(Frame { structure, info })
}

fn lattice(line: usize, value: Option<&String>, comment: &str) -> Result<Lattice> {
    const EXPECTED: &str = "`Lattice=\"ax ay az bx by bz cx cy cz\"` (a molecule needs a box)";
    let value = value.ok_or_else(|| syntax(line, EXPECTED, comment))?;
    let numbers: Vec<f64> = value
        .split_whitespace()
        .map(|field| number(line, field))
        .collect::<Result<_>>()?;
    let rows: &[f64; 9] = numbers
        .as_slice()
        .try_into()
        .map_err(|_| syntax(line, EXPECTED, value))?;
    let [ax, ay, az, bx, by, bz, cx, cy, cz] = *rows;
    Lattice::new([[ax, ay, az], [bx, by, bz], [cx, cy, cz]]).map_err(at(line))
}

/// Periodic along all vectors, unless `pbc` says otherwise.
fn periodic(line: usize, value: Option<&String>) -> Result<[bool; 3]> {
    let Some(value) = value else {
        return Ok([true; 3]);
    };
    let flags: Option<Vec<bool>> = value
        .split_whitespace()
        .map(|flag| match flag {
            "T" | "True" | "true" | "1" => Some(true),
            "F" | "False" | "false" | "0" => Some(false),
            _ => None,
        })
        .collect();
    flags
        .and_then(|flags| flags.try_into().ok())
        .ok_or_else(|| syntax(line, "three flags as `pbc=\"T T F\"`", value))
}

/// Where species and positions stand in the lines of a frame.
#[derive(Debug, Clone, Copy)]
struct Columns {
    species: usize,
    position: usize,
}

fn columns(line: usize, value: Option<&String>) -> Result<Columns> {
    const EXPECTED: &str = "columns as `species:S:1:pos:R:3`";
    let Some(value) = value else {
        return Ok(Columns {
            species: 0,
            position: 1,
        });
    };
    let refuse = || syntax(line, EXPECTED, value);
    let fields: Vec<&str> = value.split(':').collect();
    let (mut species, mut position, mut start) = (None, None, 0_usize);
    for column in fields.chunks(3) {
        let [name, kind, width] = *column else {
            return Err(refuse());
        };
        let width: usize = width.parse().map_err(|_| refuse())?;
        match (name, kind, width) {
            ("species", "S", 1) => species = Some(start),
            ("pos", "R", 3) => position = Some(start),
            ("species" | "pos", ..) => return Err(refuse()),
            (_, "S" | "R" | "I" | "L", _) => {}
            _ => return Err(refuse()),
        }
        start = start.checked_add(width).ok_or_else(refuse)?;
    }
    Ok(Columns {
        species: species.ok_or_else(refuse)?,
        position: position.ok_or_else(refuse)?,
    })
}

fn site(line: usize, text: &str, columns: Columns, lattice: &Lattice) -> Result<Site> {
    let symbol = text
        .split_whitespace()
        .nth(columns.species)
        .ok_or_else(|| syntax(line, "a species and three numbers", text))?;
    let mut fields = text.split_whitespace().skip(columns.position);
    let position = vector(line, &mut fields, text)?;
    Ok(Site {
        element: symbol.parse().map_err(at(line))?,
        fractional: lattice.fractional(position),
    })
}

/// Writes one frame; a text of several is their concatenation.
///
/// Positions are Cartesian, with as many digits as it takes to read the same
/// ones back.
///
/// - `info`: further values by key; `Lattice`, `Properties` and `pbc` among
///   them are left out, as the structure says them.
///
/// # Examples
///
/// ```
/// # use std::collections::BTreeMap;
/// # use crystal::{Lattice, Site, Structure, xyz};
/// let lattice = Lattice::from_parameters([3.0; 3], [90.0; 3])?;
/// let site = Site { element: "Po".parse()?, fractional: [0.0, 0.0, 0.5] };
/// let structure = Structure::new(lattice, vec![site])?.with_periodic([true, true, false]);
/// let info = BTreeMap::from([("source".to_owned(), "made up".to_owned())]);
/// let frames = xyz::read(&xyz::write(&structure, &info))?;
/// assert_eq!(frames[0].structure, structure);
/// assert_eq!(frames[0].info, info);
/// # Ok::<(), crystal::Error>(())
/// ```
#[must_use]
pub fn write(structure: &Structure, info: &BTreeMap<String, String>) -> String {
    let numbers: Vec<String> = structure
        .lattice()
        .rows()
        .iter()
        .flatten()
        .map(f64::to_string)
        .collect();
    let flags = structure.periodic().map(|p| if p { "T" } else { "F" });
    let mut text = format!(
        "{}\nLattice=\"{}\" Properties=species:S:1:pos:R:3 pbc=\"{}\"",
        structure.sites().len(),
        numbers.join(" "),
        flags.join(" "),
    );
    for (key, value) in info {
        if !OWN_KEYS.contains(&key.as_str()) {
            // writing to a `String` cannot fail
            let _ = write!(text, " {}={}", pairs::quote(key), pairs::quote(value));
        }
    }
    text.push('\n');
    for (site, [x, y, z]) in structure.sites().iter().zip(structure.positions()) {
        let _ = writeln!(text, "{} {x} {y} {z}", site.element);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: &str = "Lattice=\"4 0 0 0 4 0 0 0 4\"";

    fn site(symbol: &str, fractional: [f64; 3]) -> Site {
        Site {
            element: symbol.parse().unwrap(),
            fractional,
        }
    }

    #[test]
    fn columns_in_any_order_and_two_frames() {
        let text = format!(
            "2\n{BOX} Properties=tag:I:1:pos:R:3:forces:R:3:species:S:1 name='a b'\n\
             1 0 0 0 9 9 9 Mo\n2 2 0 0 9 9 9 S\n\n1\n{BOX} pbc=\"F F F\" relaxed\nC 1 2 3\n\n"
        );
        let frames = read(&text).unwrap();
        assert_eq!(frames.len(), 2);
        assert_eq!(frames[0].structure.formula(), "S1 Mo1");
        // a quarter and a half are exact
        assert_eq!(frames[0].structure.sites()[1], site("S", [0.5, 0.0, 0.0]));
        assert_eq!(frames[0].info["name"], "a b");
        assert_eq!(frames[1].structure.periodic(), [false; 3]);
        assert_eq!(frames[1].info["relaxed"], "T");
    }

    #[test]
    fn broken_texts_are_refused_with_their_line() {
        for (text, expected) in [
            (
                String::new(),
                "line 1: expected a number of atoms, but the text ended",
            ),
            (
                "x\n".into(),
                "line 1: expected a number of atoms, found `x`",
            ),
            ("1\n".into(), "line 1: expected a line with `Lattice"),
            ("1\nwater\nO 0 0 0\n".into(), "line 2: expected `Lattice="),
            (
                format!("2\n{BOX}\nO 0 0 0\n"),
                "line 3: expected a line for every atom, but",
            ),
            (
                format!("1\n{BOX}\nXx 0 0 0\n"),
                "line 3: `Xx` is not a chemical element",
            ),
            (
                format!("1\n{BOX}\nO 0 nan 0\n"),
                "line 3: expected a number, found `nan`",
            ),
            (
                format!("1\n{BOX}\nO 0 0\n"),
                "line 3: expected three numbers",
            ),
            (
                format!("1\n{BOX} pbc=T\nO 0 0 0\n"),
                "line 2: expected three flags",
            ),
            (
                format!("1\n{BOX} Properties=pos:R:3\nO 0 0\n"),
                "line 2: expected columns",
            ),
            (
                format!("0\n{BOX}\n"),
                "line 2: a structure needs at least one site",
            ),
            (
                format!("2\n{BOX}\nO 0 0 0\nO 4 0 0\n"),
                "line 4: sites 0 and 1 must be",
            ),
            (
                "1\nLattice=\"1 0\nO 0 0 0\n".into(),
                "line 2: expected a closing quote",
            ),
            (
                "1\nLattice=\"0 0 0 0 0 0 0 0 0\"\nO 0 0 0\n".into(),
                "line 2: the basis vectors",
            ),
            (
                "99999999999999999999\n".into(),
                "line 1: expected a number of atoms",
            ),
        ] {
            let error = read(&text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
