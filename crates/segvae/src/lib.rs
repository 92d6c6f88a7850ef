//! SEGVAE: a variational autoencoder that learns to propose formulas.
//!
//! A network first learns the grammar from random formulas. A search then
//! repeats: sample thousands of formulas from the network, score them on the data,
//! teach the network the best. [`Search`] does so; [`Settings::default`] is the
//! published method, [`Settings::better`] ours.
//!
//! # Where to start
//!
//! [`grammar`] and [`operator`] are the language, [`predicate`] what formulas must
//! look like, [`library`] random formulas, [`network`] the autoencoder, [`mod@search`]
//! the loop.
//!
//! # Source
//!
//! Popov et al., `PeerJ` *Comput. Sci.* **9**, e1241 (2023), arXiv:2301.06064.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::float_cmp,
        reason = "a test fails by panicking, and equal floats are what it asks for"
    )
)]

pub mod bounds;
mod breed;
mod condition;
mod constants;
pub mod dimension;
pub mod elite;
pub mod error;
pub mod evaluate;
mod generator;
pub mod grammar;
mod latent;
pub mod library;
pub mod network;
pub mod operator;
pub mod predicate;
pub mod recovery;
mod score;
pub mod search;
pub mod settings;
mod source;
pub mod train;

pub use error::{Error, Result};
pub use generator::Generator;
pub use grammar::Grammar;
pub use operator::Function;
pub use predicate::Predicate;
pub use recovery::{met, recovered};
pub use search::{Best, Report, Search, State};
pub use settings::Settings;
pub use train::{Trainer, pretrain};
