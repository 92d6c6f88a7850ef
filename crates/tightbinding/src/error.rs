//! What can be wrong with a structure or a request.

/// Why the model has no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The model has no orbitals for an element.
    #[error("site {site} must be Mo, W, S or Se, got {found}")]
    NoOrbitals {
        /// Index of the site, counted from 0.
        site: usize,
        /// What sits there.
        found: crystal::Element,
    },

    /// Two atoms are so close that the power laws mean nothing.
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

    /// Every level is filled or every level is empty, so there is no gap.
    #[error(
        "a gap needs filled and empty levels, but {electrons} electrons fill {levels} levels in pairs"
    )]
    NoGap {
        /// Number of electrons.
        electrons: usize,
        /// Number of levels, each with room for two.
        levels: usize,
    },

    /// The eigenvalue solver did not converge.
    #[error("the eigenvalues of a {size} by {size} Hamiltonian did not converge")]
    NotConverged {
        /// Number of orbitals.
        size: usize,
    },

    /// A supercell without cells.
    #[error("a supercell needs at least one cell along each vector, got {repeats:?}")]
    EmptySupercell {
        /// Cells along the first and the second vector.
        repeats: [usize; 2],
    },

    /// A label names none of the seventeen defect complexes.
    #[error("`{found}` names none of the defect complexes X1 to X5, V1 to V6 and S1 to S6")]
    UnknownComplex {
        /// What stood where a label was expected.
        found: String,
    },

    /// A configuration does not fit into the supercell.
    #[error("{label} needs {expected} distinct sites of its own sublattices, got {sites:?}")]
    WrongSites {
        /// Label of the complex.
        label: &'static str,
        /// Number of its defects.
        expected: usize,
        /// The sites that were given.
        sites: Vec<usize>,
    },

    /// More structures were asked for than there are.
    #[error(
        "the supercell holds {available} inequivalent configurations, but {wanted} were asked for"
    )]
    TooFewConfigurations {
        /// How many there are.
        available: usize,
        /// How many were asked for.
        wanted: usize,
    },

    /// The structure itself is impossible.
    #[error(transparent)]
    Crystal(#[from] crystal::Error),
}

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;
