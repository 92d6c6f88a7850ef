//! GemNet-T: edges that listen to one another through the angles between them.
//!
//! An atom `a` has features `h_a`; every directed edge `c → a`, images counted
//! singly, has features `m_ca`. With the rectified `s(x) = x σ(x) / 0.6`, the
//! radial basis `e(d)` times its envelope, and the angular functions `Y_s`, the
//! real spherical harmonics with `m = 0`, of the angle `∠cab`, a block is
//!
//! ```text
//! u_ca = s((s(m_ca A) ⊙ e(d_ca) R) D)                     (E, t)  down to t features
//! v_ca = Σ_{b≠c} bilinear(u_ba; e(d_ca), Y(∠cab))         (E, o)  see `ops::bilinear`
//! x_ca = (s(v_ca U) + s(v_ac U')) / √2                    (E, e)  both directions
//! x_ca ← residual layers of (s(m_ca B) + x_ca) / √2
//! m_ca ← residual layers of (m_ca + x_ca) / √2
//! h_a  ← (h_a + dense(Σ_c m_ca ⊙ e(d_ca) R')) / √2        (N, a)
//! m_ca ← (m_ca + residual layers of s([h_c, h_a, m_ca] C)) / √2
//! ```
//!
//! Before the first block and after each, an output block makes one number of
//! every atom from its edges; these are added up, and read out over the atoms
//! ([`Readout`](crate::Readout)). There is no bias anywhere: an atom without edges
//! gives exactly zero.
//!
//! # What is shared
//!
//! Whatever depends on the length of an edge alone is computed for the `U`
//! shapes of edges, and angular functions for the different cosines of a batch.
//! Edges and atoms that have heard the same have one row (see `batch::messages`):
//! `E` and `N` are then the numbers of these, and grow from block to block.
//!
//! # Scale factors
//!
//! Where variances change (products with a basis, sums over neighbours) the
//! published network multiplies by a number that restores them, fitted once to
//! the random weights. Training starts with this, see
//! [`Network::prepare`](crate::Network::prepare); a network as built has ones.
//!
//! # Source
//!
//! Gasteiger, Becker & Günnemann, *NeurIPS* (2021), in the form for energies
//! alone of the Open Catalyst project. Other than there, the embedding has rows
//! for the atomic numbers 0 (a vacancy) to 82 instead of 1 to 83; of too many
//! neighbours those are kept that are near to both ends of an edge; frequencies
//! of the Bessel basis are not trained.

mod bases;
mod config;
mod interaction;
mod layers;
mod model;
mod output;
mod scale;
mod triplet;

pub use config::{GemNetConfig, RadialBasis};
pub use model::GemNet;
