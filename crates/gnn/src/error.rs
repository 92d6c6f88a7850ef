//! What can go wrong between a graph and a prediction.

/// Why a network could not be built, trained or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting of a network or of its training lies outside its range.
    #[error("{name} must be {expected}, got {value}")]
    Setting {
        /// Name of the setting.
        name: &'static str,
        /// What would have been accepted.
        expected: &'static str,
        /// Its value.
        value: f64,
    },

    /// A graph has bonds that the radial basis of the network does not reach.
    #[error("a bond of {length:.3} Å is longer than the network's cutoff of {cutoff} Å")]
    BeyondCutoff {
        /// Length of the bond, Å.
        length: f64,
        /// Cutoff of the network, Å.
        cutoff: f64,
    },

    /// An element has no row in the embedding table.
    #[error("the embedding knows atomic numbers below {rows}, got {number}")]
    UnknownSpecies {
        /// The atomic number.
        number: u32,
        /// Rows of the table.
        rows: usize,
    },

    /// A graph was flattened for another network.
    #[error("the network looks at {missing}, but the graph was flattened without them")]
    Geometry {
        /// What the network looks at: angles, environments, surroundings.
        missing: &'static str,
    },

    /// A graph has a reference that the network does not look at, or none where it does.
    #[error("graph {index} was to come {}", if *.expected { "with a reference to compare it with" } else { "without a reference" })]
    Reference {
        /// Position of the graph, counted from 0.
        index: usize,
        /// Whether the network compares graphs with references.
        expected: bool,
    },

    /// Weights are those of a network with other settings.
    #[error("the weights to begin with are of a network with other settings")]
    OtherNetwork,

    /// There is nothing to learn from.
    #[error("training needs at least one structure, got none")]
    NoData,

    /// Graphs and targets do not belong together.
    #[error("every graph needs one target, got {graphs} graphs and {targets} targets")]
    Unpaired {
        /// How many graphs.
        graphs: usize,
        /// How many targets.
        targets: usize,
    },

    /// Graphs and weights do not belong together.
    #[error("every graph needs one weight, got {graphs} graphs and {weights} weights")]
    Unweighted {
        /// How many graphs.
        graphs: usize,
        /// How many weights.
        weights: usize,
    },

    /// A target is not a number.
    #[error("target {index} must be finite, got {value}")]
    TargetNotFinite {
        /// Its position, counted from 0.
        index: usize,
        /// Its value.
        value: f64,
    },

    /// Training ran away: the loss is not a number any more.
    #[error(
        "the loss became {loss} in epoch {epoch}; a smaller learning rate or clipping may help"
    )]
    Diverged {
        /// The epoch, counted from 1.
        epoch: usize,
        /// The loss.
        loss: f64,
    },

    /// A trained network answers with something that is not a number.
    #[error("the prediction for graph {index} is {value}")]
    PredictionNotFinite {
        /// Position of the graph, counted from 0.
        index: usize,
        /// What was predicted.
        value: f64,
    },

    /// Weights to be set do not fit the network.
    #[error("parameter `{name}` has {expected} numbers, got {found}")]
    Weights {
        /// Name of the parameter.
        name: String,
        /// How many numbers the network has there; 0 if it has no such parameter.
        expected: usize,
        /// How many were given.
        found: usize,
    },

    /// A file of weights is not one.
    #[error("the weights cannot be read or written: {0}")]
    Safetensors(#[from] safetensors::SafeTensorError),

    /// The tensor library refused an operation.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;
