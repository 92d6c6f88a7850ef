//! POSCAR and CONTCAR files of VASP 5 and later.
//!
//! The element line is required: files of VASP 4 leave it out, and what their
//! atoms are is then known only to another file. Flags of selective dynamics and
//! velocities are passed over.
//!
//! # Source
//!
//! The format is described in the VASP manual, page *POSCAR*.

use std::fmt::Write as _;
use std::iter::Enumerate;
use std::vec::IntoIter;

use crate::text::{at, ended, excerpt, lines, number, separated, syntax, vector};
use crate::{Element, Error, Lattice, Result, Site, Structure, Vec3};

/// Reads a structure.
///
/// # Errors
///
/// All carry the line, as [`Error::At`] or themselves: [`Error::Syntax`] and
/// [`Error::Missing`] for a text that is no POSCAR of VASP 5;
/// [`Error::UnknownElement`], [`Error::FlatLattice`] and
/// [`Error::SitesTooClose`] (closer than 0.5 Å) where the structure cannot be.
///
/// # Examples
///
/// ```
/// let text = "rock salt
/// 5.64
///   0.5 0.5 0.0
///   0.0 0.5 0.5
///   0.5 0.0 0.5
/// Na Cl
/// 1 1
/// Direct
///   0.0 0.0 0.0
///   0.5 0.5 0.5
/// ";
/// let structure = crystal::poscar::read(text)?;
/// assert_eq!(structure.formula(), "Na1 Cl1");
/// assert!((structure.lattice().volume() - 5.64_f64.powi(3) / 4.0).abs() < 1e-9);
/// # Ok::<(), crystal::Error>(())
/// ```
pub fn read(text: &str) -> Result<Structure> {
    let mut reader = Reader {
        lines: lines(text).into_iter().enumerate(),
        line: 1,
    };
    reader.next("a comment line")?;
    let scale_text = reader.next("a scale factor")?;
    let scale_line = reader.line;
    let mut rows = [[0.0; 3]; 3];
    for row in &mut rows {
        *row = reader.vector("three basis vectors")?;
    }
    let scale = scale_factors(scale_line, scale_text, rows)?;
    let lattice = Lattice::new(rows.map(|row| scaled(row, scale))).map_err(at(reader.line))?;
    let elements = reader.elements()?;
    let direct = reader.is_direct()?;
    let mut sites = Vec::new();
    let mut lines = Vec::new();
    for (element, count) in elements {
        for _ in 0..count {
            let point = reader.vector("a position for every atom")?;
            let fractional = if direct {
                point
            } else {
                lattice.fractional(scaled(point, scale))
            };
            sites.push(Site {
                element,
                fractional,
            });
            lines.push(reader.line);
        }
    }
    let structure = Structure::new(lattice, sites).map_err(at(reader.line))?;
    separated(structure, &lines)
}

/// Lines with their numbers.
struct Reader<'a> {
    lines: Enumerate<IntoIter<&'a str>>,
    line: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self, expected: &'static str) -> Result<&'a str> {
        let (index, text) = self
            .lines
            .next()
            .ok_or_else(|| ended(self.line, expected))?;
        self.line = index + 1;
        Ok(text)
    }

    fn vector(&mut self, expected: &'static str) -> Result<Vec3> {
        let text = self.next(expected)?;
        vector(self.line, &mut text.split_whitespace(), text)
    }

    /// The element line and the line of counts.
    fn elements(&mut self) -> Result<Vec<(Element, usize)>> {
        const SYMBOLS: &str =
            "element symbols (files of VASP 4 lack them: add a line as `Mo S` before the counts)";
        let text = self.next(SYMBOLS)?;
        let symbols: Vec<&str> = text.split_whitespace().collect();
        if symbols
            .first()
            .is_none_or(|first| first.starts_with(|c: char| c.is_ascii_digit()))
        {
            return Err(syntax(self.line, SYMBOLS, text));
        }
        let elements: Vec<Element> = symbols
            .iter()
            .map(|symbol| element(symbol).map_err(at(self.line)))
            .collect::<Result<_>>()?;
        let text = self.next("a number of atoms for every element")?;
        let counts: Vec<usize> = text
            .split_whitespace()
            .map_while(|count| count.parse().ok())
            .collect();
        if counts.len() != elements.len() || counts.len() != text.split_whitespace().count() {
            let expected = "a number of atoms for every element";
            return Err(syntax(self.line, expected, text));
        }
        Ok(elements.into_iter().zip(counts).collect())
    }

    /// The line that says how positions are given, after that of selective
    /// dynamics if there is one.
    fn is_direct(&mut self) -> Result<bool> {
        const EXPECTED: &str = "`Direct` or `Cartesian`";
        let mut text = self.next(EXPECTED)?;
        let initial = |text: &str| text.trim_start().bytes().next().unwrap_or(b' ');
        if matches!(initial(text), b's' | b'S') {
            text = self.next(EXPECTED)?;
        }
        match initial(text) {
            b'd' | b'D' => Ok(true),
            b'c' | b'C' | b'k' | b'K' => Ok(false),
            _ => Err(syntax(self.line, EXPECTED, text)),
        }
    }
}

/// The element of a symbol as `Mo`, or of a potential as `Mo_pv` or `Mo/2ae1`.
fn element(symbol: &str) -> Result<Element> {
    let end = symbol.find(['_', '/']).unwrap_or(symbol.len());
    symbol[..end].parse().map_err(|_| Error::UnknownElement {
        found: excerpt(symbol),
    })
}

/// Factors for x, y and z: one number, three, or the negative of the volume.
fn scale_factors(line: usize, text: &str, rows: [Vec3; 3]) -> Result<Vec3> {
    const EXPECTED: &str =
        "a positive scale factor, three of them, or the negative of the volume in Å³";
    // comments may follow, so only what is a number counts
    let first = text.split_whitespace().next().unwrap_or_default();
    let scale = number(line, first).map_err(|_| syntax(line, EXPECTED, text))?;
    let mut fields = text.split_whitespace();
    if let Ok(three) = vector(line, &mut fields, text) {
        if three.iter().all(|&factor| factor > 0.0) {
            return Ok(three);
        }
        return Err(syntax(line, EXPECTED, text));
    }
    if scale > 0.0 {
        return Ok([scale; 3]);
    }
    if scale == 0.0 {
        return Err(syntax(line, EXPECTED, text));
    }
    let unscaled = Lattice::new(rows).map_err(at(line))?;
    Ok([(-scale / unscaled.volume()).cbrt(); 3])
}

fn scaled(point: Vec3, factors: Vec3) -> Vec3 {
    [
        point[0] * factors[0],
        point[1] * factors[1],
        point[2] * factors[2],
    ]
}

/// Writes a structure with direct coordinates.
///
/// Sites keep their order: an element is named again where it comes again.
/// Numbers have as many digits as it takes to read the same ones back. Which
/// axes are periodic cannot be said.
///
/// - `comment`: the first line; line breaks in it become spaces.
///
/// # Examples
///
/// ```
/// # use crystal::{Lattice, Site, Structure, poscar};
/// let lattice = Lattice::from_parameters([3.35; 3], [90.0; 3])?;
/// let site = Site { element: "Po".parse()?, fractional: [0.0, 0.0, 1.0 / 3.0] };
/// let structure = Structure::new(lattice, vec![site])?;
/// assert_eq!(poscar::read(&poscar::write(&structure, "polonium"))?, structure);
/// # Ok::<(), crystal::Error>(())
/// ```
#[must_use]
pub fn write(structure: &Structure, comment: &str) -> String {
    let mut text = comment.replace(['\n', '\r'], " ");
    text.push_str("\n1.0\n");
    for [x, y, z] in structure.lattice().rows() {
        // writing to a `String` cannot fail
        let _ = writeln!(text, "{x} {y} {z}");
    }
    let runs: Vec<&[Site]> = structure
        .sites()
        .chunk_by(|a, b| a.element == b.element)
        .collect();
    let symbols: Vec<&str> = runs.iter().map(|run| run[0].element.symbol()).collect();
    let counts: Vec<String> = runs.iter().map(|run| run.len().to_string()).collect();
    let _ = writeln!(text, "{}\n{}\nDirect", symbols.join(" "), counts.join(" "));
    for site in structure.sites() {
        let [x, y, z] = site.fractional;
        let _ = writeln!(text, "{x} {y} {z}");
    }
    text
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::norm;

    const HEAD: &str = "layer\n2.0\n1.5 0 0\n0 1.5 0\n0 0 5\n";

    #[test]
    fn cartesian_positions_are_scaled_with_the_lattice() {
        let text =
            format!("{HEAD}Mo_pv S\n1 1\nSelective dynamics\nKart\n0 0 0 T T F\n0.75 0 1 T T T\n");
        let structure = read(&text).unwrap();
        assert_eq!(structure.formula(), "S1 Mo1");
        // 0.75 of 1.5, whatever the scale
        assert_relative_eq!(structure.sites()[1].fractional[0], 0.5, epsilon = 1e-15);
        assert_relative_eq!(
            norm(structure.position(1)),
            1.5_f64.hypot(2.0),
            epsilon = 1e-12
        );
    }

    #[test]
    fn a_negative_scale_is_the_volume() {
        let text = "cube\n-64 ! volume\n1 0 0\n0 1 0\n0 0 1\nPo\n1\nD\n0 0 0\n\n0.1 0.2 0.3\n";
        let structure = read(text).unwrap();
        assert_relative_eq!(structure.lattice().lengths()[0], 4.0, epsilon = 1e-12);
        assert_eq!(structure.sites().len(), 1); // velocities are no sites
    }

    #[test]
    fn broken_texts_are_refused_with_their_line() {
        for (tail, expected) in [
            (
                "1 2\nDirect\n0 0 0\n",
                "line 6: expected element symbols (files of VASP 4",
            ),
            ("Mo Xx\n1 1\n", "line 6: `Xx` is not a chemical element"),
            (
                "Mo S\n1\nDirect\n",
                "line 7: expected a number of atoms for every element",
            ),
            (
                "Mo S\n1 -1\nDirect\n",
                "line 7: expected a number of atoms for every element",
            ),
            (
                "Mo\n1\n0 0 0\n",
                "line 8: expected `Direct` or `Cartesian`, found `0 0 0`",
            ),
            (
                "Mo\n2\nDirect\n0 0 0\n",
                "line 9: expected a position for every atom, but",
            ),
            (
                "Mo\n1\nDirect\n0 0\n",
                "line 9: expected three numbers, found `0 0`",
            ),
            (
                "Mo\n1\nDirect\n0 NaN 0\n",
                "line 9: expected a number, found `NaN`",
            ),
            (
                "Mo\n0\nDirect\n",
                "line 8: a structure needs at least one site",
            ),
            (
                "Mo\n2\nDirect\n0 0 0\n1 0 0\n",
                "line 10: sites 0 and 1 must be at least 0.5 Å",
            ),
            (
                "Mo\n99999999999999999\nDirect\n",
                "line 8: expected a position for every",
            ),
        ] {
            let error = read(&format!("{HEAD}{tail}")).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
        assert!(
            read("c\n0.0\n1 0 0\n0 1 0\n0 0 1\n")
                .unwrap_err()
                .to_string()
                .starts_with("line 2:")
        );
        assert!(
            read("c\n1\n1 0 0\n0 1 0\n1 1 0\n")
                .unwrap_err()
                .to_string()
                .starts_with("line 5:")
        );
        assert_eq!(
            read("").unwrap_err().to_string(),
            "line 1: expected a comment line, but the text ended"
        );
    }
}
