//! MEGNet: edges, nodes and a global state that update one another.
//!
//! With node features `x`, edge features `e`, state `u`, `j → i` an edge and
//! `P` a pooling (mean, sum or maximum), one block is
//!
//! ```text
//! x, e, u  ← D_x(x), D_e(e), D_u(u)                 dense: in → 2h → h
//! e'_ij    = φ_e[x_i, x_j, e_ij, u]                 4h → 2h → 2h → h    (E, h)
//! x'_i     = φ_v[P_j e'_ij, x_i, u]                 3h → 2h → 2h → h    (N, h)
//! u'       = φ_u[P e', P x', u]                     3h → 2h → 2h → h    (G, h)
//! ```
//!
//! where every layer is followed by `ssp(x) = ln(½ eˣ + ½)`, and the block's
//! input is added to its output: before the dense layers, or, in the first
//! block, after them, because only then the widths agree. The prediction is
//!
//! ```text
//! [Set2Set(x), Set2Set(e), u]  5h → h → h/2 → 1
//! ```
//!
//! Inputs: a node is two atomic numbers, of what is there now and of what was
//! there in the pristine crystal (zero for nothing, as for a vacancy), plain or
//! embedded. An edge is Gaussians of its length and, where the layer's normal is
//! z, of |Δz|; between defects also the number of the shell that the source sees
//! the target on, and its parity:
//!
//! ```text
//! e = [gaussians(d), gaussians(|Δz|), shell, shell mod 2]     K + K + 2
//! ```
//!
//! The same network serves full structures and the sparse graph of
//! defects alone. A graph without edges is allowed: sums over them are zero.
//!
//! # How it is computed
//!
//! `[x_i, x_j, e, u] W = x_i W_i + x_j W_j + e W_e + u W_u`, so that products
//! are taken on nodes and graphs and only added on edges. In the first block
//! `D_e(e) W_e` depends on the shape of an edge alone and is computed once per
//! shape; `φ_e`, and what the second block makes of `e` before it looks at nodes,
//! depend on what an edge joins besides, and are computed once per *pair*
//! ([`Pairs`]).
//!
//! # Source
//!
//! Chen et al., *Chem. Mater.* **31**, 3564 (2019). Widths, the sparse form and
//! the published settings: Kazeev et al., *npj Comput. Mater.* **9**, 113
//! (2023). Shells are the last two features of their edges, which they call EOS.
//! Here they are what [`LayerShells`](crystal::LayerShells) says. The released
//! code has other numbers on the same edges: it looks up the distance in space,
//! for like pairs of a binary host among the shells of the other element, and
//! for unlike pairs takes the first radius above about twice the distance, or
//! the first of all where there is none.

use std::sync::Arc;

use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::batch::{Batch, Pairs, Topology};
use crate::layers::{Embedding, Linear, Mlp, Start, fan_in};
use crate::network::Network;
use crate::ops::{Activation, EdgeRows, Pooling, activate, edge_sum, pool};
use crate::parameters::{Parameters, constant, indices};
use crate::radial::{GaussianBasis, positive};
use crate::set2set::Set2Set;
use crate::{Error, Result};

/// Rows of an embedding: nothing, and all 118 elements.
const SPECIES: usize = 119;

/// How the two atomic numbers of a node enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Species {
    /// As two plain numbers.
    Numbers,
    /// As one learned vector for each, of this many features.
    Embedded(usize),
}

/// How the state of a graph starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Two zeros.
    Zero,
    /// The lowest and highest atomic number of the crystal without defects: of the
    /// host, where the graph knows it, else of the pristine species of its nodes.
    Elements,
}

/// Settings of a [`MegNet`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MegNetConfig {
    /// Å.
    pub cutoff: f64,
    /// Features, `h`; even.
    pub width: usize,
    /// Number of blocks.
    pub blocks: usize,
    /// Number of Gaussians from 0 to the cutoff.
    pub gaussians: usize,
    /// Their width σ in `exp(-((d - μ)/σ)²)`, Å.
    pub sigma: f64,
    /// Whether edges know |Δz|; predictions then depend on how the structure is
    /// turned.
    pub heights: bool,
    /// Whether edges know their shell and its parity; for graphs of defects, as
    /// others have no shells.
    pub shells: bool,
    /// How species enter.
    pub species: Species,
    /// How the state starts.
    pub state: State,
    /// Edges of a node become one.
    pub node_pooling: Pooling,
    /// Edges, and nodes, of a graph become one.
    pub state_pooling: Pooling,
    /// Steps of Set2Set.
    pub set2set_steps: usize,
}

impl Default for MegNetConfig {
    /// [`small`](Self::small).
    fn default() -> Self {
        Self::small()
    }
}

impl MegNetConfig {
    /// The full-structure network of Kazeev et al.: 46,625 parameters.
    #[must_use]
    pub fn published_full() -> Self {
        Self {
            cutoff: 5.0,
            width: 16,
            blocks: 3,
            gaussians: 10,
            sigma: 0.5,
            heights: true,
            shells: false,
            species: Species::Numbers,
            state: State::Elements,
            node_pooling: Pooling::Sum,
            state_pooling: Pooling::Max,
            set2set_steps: 1,
        }
    }

    /// Their network on defect graphs for the formation energy: 719,745
    /// parameters.
    #[must_use]
    pub fn published_sparse_energy() -> Self {
        Self {
            cutoff: 12.0,
            width: 64,
            shells: true,
            node_pooling: Pooling::Max,
            ..Self::published_full()
        }
    }

    /// Their network on defect graphs for the gap: 513,409 parameters.
    #[must_use]
    pub fn published_sparse_gap() -> Self {
        Self {
            cutoff: 13.0,
            width: 64,
            blocks: 2,
            shells: true,
            node_pooling: Pooling::Sum,
            state_pooling: Pooling::Mean,
            ..Self::published_full()
        }
    }

    /// For few structures: means everywhere, species embedded.
    #[must_use]
    pub fn small() -> Self {
        Self {
            width: 32,
            blocks: 2,
            gaussians: 20,
            species: Species::Embedded(16),
            state: State::Zero,
            node_pooling: Pooling::Mean,
            state_pooling: Pooling::Mean,
            ..Self::published_full()
        }
    }

    /// Features of an edge, a node and the state before the first block.
    fn inputs(&self) -> [usize; 3] {
        let per_length = if self.heights { 2 } else { 1 };
        let of_shell = if self.shells { 2 } else { 0 };
        let node = match self.species {
            Species::Numbers => 2,
            Species::Embedded(width) => 2 * width,
        };
        [per_length * self.gaussians + of_shell, node, 2]
    }

    fn check(&self) -> Result<()> {
        positive("the number of blocks", self.blocks as f64)?;
        positive("the number of Set2Set steps", self.set2set_steps as f64)?;
        if self.species == Species::Embedded(0) {
            positive("the width of the embedding", 0.0)?;
        }
        if self.width < 2 || !self.width.is_multiple_of(2) {
            return Err(Error::Setting {
                name: "the width of a MEGNet",
                expected: "even and positive",
                value: self.width as f64,
            });
        }
        Ok(())
    }
}

/// The network of the module's equations.
#[derive(Debug)]
pub struct MegNet {
    config: MegNetConfig,
    basis: GaussianBasis,
    embedding: Option<Embedding>,
    blocks: Vec<Block>,
    /// Of nodes, and of edges.
    readouts: [Set2Set; 2],
    head: [Linear; 3],
    parameters: Parameters,
}

impl MegNet {
    pub(crate) fn new(config: &MegNetConfig, mut parameters: Parameters) -> Result<Self> {
        config.check()?;
        let p = &mut parameters;
        let h = config.width;
        let embedding = match config.species {
            Species::Numbers => None,
            Species::Embedded(width) => Some(Embedding::new(p, "embedding", [SPECIES, width])?),
        };
        let blocks = (0..config.blocks)
            .map(|block| {
                let inputs = if block == 0 { config.inputs() } else { [h; 3] };
                Block::new(config, p, &format!("blocks.{block}"), inputs)
            })
            .collect::<Result<_>>()?;
        let readouts = [
            Set2Set::new(p, "readout.nodes", h, config.set2set_steps)?,
            Set2Set::new(p, "readout.edges", h, config.set2set_steps)?,
        ];
        let mut layer = |name, shape, act| Linear::new(p, name, shape, act, Start::FanIn);
        let head = [
            layer("head.0", [5 * h, h], Activation::ShiftedSoftplus)?,
            layer("head.1", [h, h / 2], Activation::ShiftedSoftplus)?,
            layer("head.2", [h / 2, 1], Activation::Identity)?,
        ];
        Ok(Self {
            basis: GaussianBasis::new(config.cutoff, config.gaussians, config.sigma)?,
            config: config.clone(),
            embedding,
            blocks,
            readouts,
            head,
            parameters,
        })
    }

    /// `(N, ·)`.
    fn node_inputs(&self, batch: &Batch) -> Result<Tensor> {
        match &self.embedding {
            None => {
                let pairs = batch.now.iter().zip(&batch.was);
                let numbers: Vec<f64> = pairs
                    .flat_map(|(&now, &was)| [now, was])
                    .map(f64::from)
                    .collect();
                constant(&numbers, &[batch.nodes(), 2], self.parameters.place())
            }
            Some(embedding) => {
                let parts = [
                    embedding.forward(&batch.now)?,
                    embedding.forward(&batch.was)?,
                ];
                Ok(Tensor::cat(&parts, 1)?)
            }
        }
    }

    /// `(U, K)`, or with heights `(U, 2K)`; with shells two columns more.
    fn edge_inputs(&self, batch: &Batch) -> Result<Tensor> {
        let shape = [batch.shapes(), self.basis.dim()];
        let place = self.parameters.place();
        let gaussians = |lengths: &[f64]| constant(&self.basis.expand(lengths), &shape, place);
        let mut parts = vec![gaussians(&batch.lengths)?];
        if self.config.heights {
            parts.push(gaussians(&batch.heights)?);
        }
        if self.config.shells {
            let with_parity = batch.shells.iter().flat_map(|&shell| [shell, shell % 2]);
            let numbers: Vec<f64> = with_parity.map(f64::from).collect();
            parts.push(constant(&numbers, &[batch.shapes(), 2], place)?);
        }
        Ok(Tensor::cat(&parts, 1)?)
    }

    /// `(G, 2)`.
    fn state_inputs(&self, batch: &Batch) -> Result<Tensor> {
        let graphs = batch.graphs();
        let numbers = match self.config.state {
            State::Zero => vec![0.0; 2 * graphs],
            State::Elements => {
                let numbers = batch.elements.as_flattened().iter();
                numbers.map(|&z| f64::from(z)).collect()
            }
        };
        constant(&numbers, &[graphs, 2], self.parameters.place())
    }
}

impl Network for MegNet {
    fn forward(&self, batch: &Batch) -> Result<Tensor> {
        let place = Indexed::new(batch, &self.parameters.place().device)?;
        let mut features = Features {
            edges: self.edge_inputs(batch)?,
            nodes: self.node_inputs(batch)?,
            state: self.state_inputs(batch)?,
        };
        for (index, block) in self.blocks.iter().enumerate() {
            features = match index {
                0 => block.first(&features, &place, self.embedding.is_none())?,
                1 => block.later(&features, &place, EdgeRows::Shared)?,
                _ => block.later(&features, &place, EdgeRows::Own)?,
            };
        }
        if self.blocks.len() == 1 {
            features.edges = place.to_edges(&features.edges)?;
        }
        let parts = [
            self.readouts[0].forward(&features.nodes, &batch.nodes_of_graphs)?,
            self.readouts[1].forward(&features.edges, &batch.edges_of_graphs)?,
            features.state,
        ];
        let x = Tensor::cat(&parts, 1)?;
        let x = self.head.iter().try_fold(x, |x, layer| layer.forward(&x))?;
        Ok(x.squeeze(1)?)
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }
}

/// A batch, and the indices that bring state to nodes, shapes to pairs and pairs to
/// edges.
struct Indexed<'a> {
    batch: &'a Batch,
    pairs: Pairs,
    graph_of_node: Tensor,
    shape_of_pair: Tensor,
    pair_of_edge: Tensor,
}

impl<'a> Indexed<'a> {
    fn new(batch: &'a Batch, device: &Device) -> Result<Self> {
        let pairs = Pairs::of(batch);
        Ok(Self {
            batch,
            graph_of_node: indices(&batch.nodes_of_graphs.of_rows(), device)?,
            shape_of_pair: indices(pairs.representatives.shapes(), device)?,
            pair_of_edge: indices(pairs.edges.shapes(), device)?,
            pairs,
        })
    }

    /// `(P, ·)` to `(E, ·)`.
    fn to_edges(&self, pairs: &Tensor) -> Result<Tensor> {
        Ok(pairs.index_select(&self.pair_of_edge, 0)?)
    }

    /// `(G, ·)` to `(N, ·)`.
    fn to_nodes(&self, state: &Tensor) -> Result<Tensor> {
        Ok(state.index_select(&self.graph_of_node, 0)?)
    }
}

/// What a block reads and writes: `(N, ·)`, `(G, ·)`, and of edges `(U, ·)` before the
/// first block, `(P, ·)` before the second, then `(E, ·)`.
#[derive(Debug)]
struct Features {
    edges: Tensor,
    nodes: Tensor,
    state: Tensor,
}

#[derive(Debug)]
struct Block {
    dense: [Mlp; 3],
    edge: Split<4>,
    node: Split<3>,
    state: Split<3>,
    node_pooling: Pooling,
    state_pooling: Pooling,
}

impl Block {
    fn new(
        config: &MegNetConfig,
        parameters: &mut Parameters,
        name: &str,
        [edge, node, state]: [usize; 3],
    ) -> Result<Self> {
        let h = config.width;
        let mut dense = |part, inputs| {
            let name = format!("{name}.dense.{part}");
            Mlp::new(parameters, &name, &[inputs, 2 * h, h], Start::FanIn)
        };
        let dense = [
            dense("edge", edge)?,
            dense("node", node)?,
            dense("state", state)?,
        ];
        let name = |part| format!("{name}.{part}");
        Ok(Self {
            dense,
            edge: Split::new(
                parameters,
                &name("edge"),
                ["target", "source", "edge", "state"],
                h,
            )?,
            node: Split::new(parameters, &name("node"), ["edges", "node", "state"], h)?,
            state: Split::new(parameters, &name("state"), ["edges", "nodes", "state"], h)?,
            node_pooling: config.node_pooling,
            state_pooling: config.state_pooling,
        })
    }

    /// The first block: edge features come per shape and go per pair, and what is
    /// added to the output is what the dense layers made.
    fn first(
        &self,
        input: &Features,
        place: &Indexed<'_>,
        constant_nodes: bool,
    ) -> Result<Features> {
        let [edge, node, state] = &self.dense;
        let dense = Features {
            edges: edge.forward_constant(&input.edges)?,
            nodes: if constant_nodes {
                node.forward_constant(&input.nodes)?
            } else {
                node.forward(&input.nodes)?
            },
            state: state.forward_constant(&input.state)?,
        };
        let pairs = self.edges(
            &dense,
            place,
            &place.pairs.representatives,
            EdgeRows::Shared,
        )?;
        let [nodes, state] = self.rest(&dense, place, &place.to_edges(&pairs)?)?;
        let added = dense.edges.index_select(&place.shape_of_pair, 0)?;
        Ok(Features {
            edges: (pairs + added)?,
            nodes: (nodes + dense.nodes)?,
            state: (state + dense.state)?,
        })
    }

    /// Later blocks: the input itself is added.
    ///
    /// - `rows`: whether edge features come per pair.
    fn later(&self, input: &Features, place: &Indexed<'_>, rows: EdgeRows) -> Result<Features> {
        let [edge, node, state] = &self.dense;
        let dense = Features {
            edges: edge.forward(&input.edges)?,
            nodes: node.forward(&input.nodes)?,
            state: state.forward(&input.state)?,
        };
        let edges = self.edges(&dense, place, &place.pairs.edges, rows)?;
        let [nodes, state] = self.rest(&dense, place, &edges)?;
        let added = match rows {
            EdgeRows::Own => input.edges.clone(),
            EdgeRows::Shared => place.to_edges(&input.edges)?,
        };
        Ok(Features {
            edges: (edges + added)?,
            nodes: (nodes + &input.nodes)?,
            state: (state + &input.state)?,
        })
    }

    /// `e'` of the module's equations, one row for each edge of the topology.
    fn edges(
        &self,
        from: &Features,
        place: &Indexed<'_>,
        topology: &Arc<Topology>,
        rows: EdgeRows,
    ) -> Result<Tensor> {
        let [target, source, edge, state] = &self.edge.parts;
        let to_target = activate(
            &from.state.matmul(state)?,
            &self.edge.bias,
            Activation::Identity,
        )?;
        let to_target = (from.nodes.matmul(target)? + place.to_nodes(&to_target)?)?;
        let edges = edge_sum(
            &to_target,
            &from.nodes.matmul(source)?,
            &from.edges.matmul(edge)?,
            topology,
            rows,
            Activation::ShiftedSoftplus,
        )?;
        self.edge.rest.forward(&edges)
    }

    /// `x'` and `u'` of the module's equations.
    ///
    /// - `edges`: `e'`, `(E, h)`.
    fn rest(&self, from: &Features, place: &Indexed<'_>, edges: &Tensor) -> Result<[Tensor; 2]> {
        let batch = place.batch;
        let [edge, node, state] = &self.node.parts;
        let around = pool(edges, &batch.edges_of_nodes, self.node_pooling)?;
        let sum = (around.matmul(edge)? + from.nodes.matmul(node)?)?;
        let nodes = self
            .node
            .finish(&(sum + place.to_nodes(&from.state.matmul(state)?)?)?)?;

        let [edge, node, state] = &self.state.parts;
        let all_edges = pool(edges, &batch.edges_of_graphs, self.state_pooling)?;
        let all_nodes = pool(&nodes, &batch.nodes_of_graphs, self.state_pooling)?;
        let sum = (all_edges.matmul(edge)? + all_nodes.matmul(node)?)?;
        let state = self.state.finish(&(sum + from.state.matmul(state)?)?)?;
        Ok([nodes, state])
    }
}

/// `Ph → 2h → 2h → h`, with the first matrix split into its `P` parts.
#[derive(Debug)]
struct Split<const P: usize> {
    /// `(h, 2h)` each.
    parts: [Tensor; P],
    /// `(2h,)`.
    bias: Tensor,
    rest: Mlp,
}

impl<const P: usize> Split<P> {
    fn new(parameters: &mut Parameters, name: &str, parts: [&str; P], h: usize) -> Result<Self> {
        let bound = fan_in(P * h);
        let mut matrices = Vec::with_capacity(P);
        for part in parts {
            matrices.push(parameters.uniform(format!("{name}.0.{part}"), &[h, 2 * h], bound)?);
        }
        Ok(Self {
            parts: matrices
                .try_into()
                .expect("one matrix was made for each part"),
            bias: parameters.uniform(format!("{name}.0.bias"), &[2 * h], bound)?,
            rest: Mlp::new(
                parameters,
                &format!("{name}.rest"),
                &[2 * h, 2 * h, h],
                Start::FanIn,
            )?,
        })
    }

    /// What follows the sum of the parts' products.
    fn finish(&self, sum: &Tensor) -> Result<Tensor> {
        let sum = activate(sum, &self.bias, Activation::ShiftedSoftplus)?;
        self.rest.forward(&sum)
    }
}
