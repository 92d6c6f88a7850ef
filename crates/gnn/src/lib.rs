//! Graph networks for crystals: MEGNet, SchNet and `GemNet` in candle.
//!
//! A [`NetworkConfig`] says which network; [`train()`] fits it to graphs and
//! targets by a [`Recipe`]; the [`Trained`] network predicts.
//!
//! # Threads
//!
//! One training runs on one thread, so that many run side by side (but where
//! [`Recipe::parts`] asks for more). Our own operations are serial; candle's are
//! not, and listen to the environment: matrix products to `RAYON_NUM_THREADS`
//! (read at every product), elementwise operations on 65,536 numbers or more to
//! `CANDLE_NUM_THREADS`, or else to `RAYON_NUM_THREADS` (read once, when the first
//! such operation starts a pool).
//! A program sets both to 1 before it starts any thread. Results are the same
//! for any number of threads.
//!
//! # Where to start
//!
//! `megnet`, `schnet` and `gemnet` state their equations at the head of their
//! files; `batch` is where graphs become tensors. A new
//! network is a file and a variant of [`NetworkConfig`].

mod batch;
mod error;
mod gemnet;
mod layers;
mod megnet;
mod network;
mod ops;
mod parameters;
mod radial;
mod readout;
mod schnet;
mod set2set;
mod train;

pub use candle_core::Device;

pub use batch::{Batch, EdgeGeometry, FlatGraph};
pub use error::{Error, Result};
pub use gemnet::{GemNet, GemNetConfig, RadialBasis};
pub use megnet::{MegNet, MegNetConfig, Species, State};
pub use network::{Network, NetworkConfig};
pub use ops::Pooling;
pub use parameters::{Parameters, Place};
pub use radial::{GaussianBasis, cosine_cutoff, polynomial_envelope};
pub use readout::Readout;
pub use schnet::{SchNet, SchNetConfig};
pub use train::{
    Description, Epoch, Loss, Optimizer, Recipe, Samples, Schedule, Trained, Trainer, train,
};
