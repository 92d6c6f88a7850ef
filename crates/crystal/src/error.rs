//! What can be wrong with a structure or with the text of one.

use crate::Element;

/// Why a structure, or something made from it, could not be built.
///
/// A variant names the expectation that was broken and carries the values that
/// broke it. Which *file* it was is known to the caller, who adds it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A symbol or an atomic number names no element.
    #[error("`{found}` is not a chemical element")]
    UnknownElement {
        /// What stood where a symbol was expected.
        found: String,
    },

    /// The three basis vectors do not span space.
    #[error("the basis vectors must span space, but the cell volume is {volume:.3e} Å³")]
    FlatLattice {
        /// Volume of the cell, in Å³.
        volume: f64,
    },

    /// A coordinate, length or angle is not finite.
    #[error("{what} must be finite, got {value}")]
    NotFinite {
        /// Which number it was.
        what: &'static str,
        /// Its value.
        value: f64,
    },

    /// A coordinate so large that its place in a cell is lost in rounding.
    #[error("a coordinate must be within {most} cells of the origin, got {value}")]
    FarAway {
        /// The coordinate, in units of a basis vector.
        value: f64,
        /// The largest allowed.
        most: f64,
    },

    /// A length that must be positive is not.
    #[error("{name} must be positive and finite, got {value} Å")]
    Length {
        /// Name of the parameter.
        name: &'static str,
        /// Its value, in Å.
        value: f64,
    },

    /// A structure without sites.
    #[error("a structure needs at least one site, got none")]
    NoSites,

    /// Two sites are closer than atoms can be.
    #[error("sites {first} and {second} must be at least {least} Å apart, got {distance:.4} Å")]
    SitesTooClose {
        /// Index of the first site, counted from 0.
        first: usize,
        /// Index of the second site, counted from 0.
        second: usize,
        /// Their distance, in Å.
        distance: f64,
        /// The smallest distance allowed, in Å.
        least: f64,
    },

    /// A line of a text is not what its format allows there.
    #[error("line {line}: expected {expected}, found `{found}`")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// What would have been accepted.
        expected: &'static str,
        /// What stood there.
        found: String,
    },

    /// A text ended before something it must contain.
    #[error("expected {expected}, but the text ended")]
    Missing {
        /// What was still expected.
        expected: &'static str,
    },

    /// An error at a known line of a text.
    #[error("line {line}: {source}")]
    At {
        /// Counted from 1.
        line: usize,
        /// What was wrong there.
        source: Box<Error>,
    },

    /// A site is occupied by less or more than one atom.
    #[error(
        "line {line}: site `{site}` has occupancy {occupancy}; only fully occupied sites (1) are supported"
    )]
    PartialOccupancy {
        /// Counted from 1.
        line: usize,
        /// Label of the site.
        site: String,
        /// Its occupancy.
        occupancy: f64,
    },

    /// A unit cell is to be repeated zero times.
    #[error("the unit cell must be repeated at least once along vector {axis}, got 0")]
    NoRepeats {
        /// Which vector, counted from 0.
        axis: usize,
    },

    /// A lattice is not that of the repeated unit cell.
    #[error(
        "the unit cell, repeated, has {what} = {expected:.4}, but the structure has {found:.4}"
    )]
    NotASupercell {
        /// The length (Å) or angle (degrees) that differs.
        what: &'static str,
        /// Its value in the repeated unit cell.
        expected: f64,
        /// Its value in the structure.
        found: f64,
    },

    /// A structure has few atoms where its host has sites.
    #[error("at least half of the host's {expected} sites must hold an atom, got {matched}")]
    ForeignHost {
        /// Number of sites that hold an atom.
        matched: usize,
        /// Number of sites of the host.
        expected: usize,
    },

    /// An atom that has no neighbour, however far one looks.
    #[error("a lone atom that is not periodic has no neighbour")]
    LoneAtom,

    /// An element of which a table of measured values has nothing.
    #[error("{what} of {element} is needed, but none is tabulated")]
    NotTabulated {
        /// What was looked for.
        what: &'static str,
        /// The element.
        element: Element,
    },

    /// A name that no family of structural features has.
    #[error("`{found}` is not a family of structural features")]
    UnknownFamily {
        /// What stood where a name was expected.
        found: String,
    },

    /// The values of a table do not fill its rows.
    #[error("a table of {columns} columns needs whole rows, got {values} values")]
    RaggedTable {
        /// Number of columns.
        columns: usize,
        /// Number of values.
        values: usize,
    },

    /// Two columns of a table have one name.
    #[error("column names must differ, `{name}` comes twice")]
    RepeatedColumn {
        /// The name.
        name: String,
    },

    /// The values of a loop do not fill its rows.
    #[error("line {line}: a loop of {columns} columns cannot be filled by {values} values")]
    LoopValues {
        /// Where the loop ends, counted from 1.
        line: usize,
        /// How many columns it has.
        columns: usize,
        /// How many values it has.
        values: usize,
    },

    /// A space group is named, but how it repeats the sites is not said.
    #[error(
        "line {line}: space group `{group}` is named, but its symmetry operations are not listed"
    )]
    NoOperations {
        /// Where the group is named, counted from 1.
        line: usize,
        /// Its name or number, as in the text.
        group: String,
    },

    /// A member of a JSON document is not what its schema says.
    #[error("`{path}`: expected {expected}, found `{found}`")]
    Member {
        /// Where, as `sites[3].abc`.
        path: String,
        /// What would have been accepted.
        expected: &'static str,
        /// What stood there.
        found: String,
    },
}

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;
