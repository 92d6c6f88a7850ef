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
//! or, with a [`Readout`], what this makes of `ssp(x_i A + a) B + b` of all nodes, with `A` of
//! shape `(h, h/2)`, as in SchNet; the last block then has no `φ_u`, which nothing would read.
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
//! `u` starts as two zeros, or as the lowest and highest atomic number of the host.
//!
//! The same network serves full structures and the sparse graph of
//! defects alone. A graph without edges is allowed: sums over them are zero.
//!
//! # How it is computed
//!
//! `[x_i, x_j, e, u] W = x_i W_i + x_j W_j + e W_e + u W_u`, so that products
//! are taken on nodes and graphs and only added on edges. Edges and nodes that have
//! heard the same so far are one row ([`Surroundings`]), and a pool counts how often
//! each is there: `N` and `E` are numbers of rows, which grow from block to block.
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

mod head;

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use crate::batch::{Batch, BlockRows, Surroundings};
use crate::layers::{Embedding, Mlp, Start, are_in_order, fan_in, gather};
use crate::network::Network;
use crate::ops::{Activation, EdgeRows, Pooling, activate, edge_sum, pool};
use crate::parameters::{Parameters, constant};
use crate::radial::{GaussianBasis, positive};
use crate::readout::Readout;
use crate::{Error, Result};
use head::{AttentionHead, Head, NumbersHead};

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
    /// Steps of Set2Set, where there is no `readout`.
    pub set2set_steps: usize,
    /// How nodes become a graph; if not given, by Set2Set of nodes and edges, as published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readout: Option<Readout>,
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
            readout: None,
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
    head: Head,
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
                let is_read = block + 1 < config.blocks || config.readout.is_none();
                Block::new(config, p, &format!("blocks.{block}"), inputs, is_read)
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            basis: GaussianBasis::new(config.cutoff, config.gaussians, config.sigma)?,
            config: config.clone(),
            embedding,
            blocks,
            head: match config.readout {
                None => Head::Attention(AttentionHead::new(config, p)?),
                Some(readout) => Head::Numbers(NumbersHead::new(p, h, readout)?),
            },
            parameters,
        })
    }

    /// `(N, ·)`.
    fn node_inputs(&self, known: &Surroundings) -> Result<Tensor> {
        let [now, was] = [&known.nodes.now, &known.nodes.was];
        match &self.embedding {
            None => {
                let numbers: Vec<f64> = now
                    .iter()
                    .zip(was)
                    .flat_map(|(&now, &was)| [now, was])
                    .map(f64::from)
                    .collect();
                constant(&numbers, &[now.len(), 2], self.parameters.place())
            }
            Some(embedding) => {
                let parts = [embedding.forward(now)?, embedding.forward(was)?];
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

    /// `(G, 2)`, references among the graphs.
    fn state_inputs(&self, batch: &Batch) -> Result<Tensor> {
        let graphs = batch.elements.len();
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
        let known = batch.surroundings.as_ref();
        let known = known.filter(|known| known.blocks.len() == self.blocks.len());
        let known = known.ok_or(Error::Geometry {
            missing: "surroundings after every block",
        })?;
        let mut features = Features {
            edges: self.edge_inputs(batch)?,
            nodes: self.node_inputs(known)?,
            state: self.state_inputs(batch)?,
        };
        let mut graphs = &known.nodes.graphs;
        for (index, (block, rows)) in self.blocks.iter().zip(&known.blocks).enumerate() {
            let dense = match index {
                0 => block.dense_first(&features, self.embedding.is_none())?,
                _ => block.dense(&features)?,
            };
            let added = if index == 0 { &dense } else { &features };
            features = block.forward(&dense, added, graphs, rows)?;
            graphs = &rows.graphs;
        }
        let last = &known.blocks[self.blocks.len() - 1];
        match &self.head {
            Head::Attention(head) => head.forward(&features, last),
            Head::Numbers(head) => head.forward(&features, last, batch),
        }
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }
}

/// What a block reads and writes: `(N, ·)`, `(G, ·)`, and of edges `(E, ·)`, before
/// the first block `(U, ·)`.
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
    /// None where nothing reads the state.
    state: Option<Split<3>>,
    node_pooling: Pooling,
    state_pooling: Pooling,
}

impl Block {
    /// - `is_read`: whether something reads the state after the block.
    fn new(
        config: &MegNetConfig,
        parameters: &mut Parameters,
        name: &str,
        [edge, node, state]: [usize; 3],
        is_read: bool,
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
            state: if is_read {
                let parts = ["edges", "nodes", "state"];
                Some(Split::new(parameters, &name("state"), parts, h)?)
            } else {
                None
            },
            node_pooling: config.node_pooling,
            state_pooling: config.state_pooling,
        })
    }

    /// What the dense layers make of what there is before the first block.
    fn dense_first(&self, input: &Features, constant_nodes: bool) -> Result<Features> {
        let [edge, node, state] = &self.dense;
        Ok(Features {
            edges: edge.forward_constant(&input.edges)?,
            nodes: if constant_nodes {
                node.forward_constant(&input.nodes)?
            } else {
                node.forward(&input.nodes)?
            },
            state: state.forward_constant(&input.state)?,
        })
    }

    fn dense(&self, input: &Features) -> Result<Features> {
        let [edge, node, state] = &self.dense;
        Ok(Features {
            edges: edge.forward(&input.edges)?,
            nodes: node.forward(&input.nodes)?,
            state: state.forward(&input.state)?,
        })
    }

    /// - `added`: to the output.
    /// - `graphs`: of each row of nodes before the block.
    fn forward(
        &self,
        from: &Features,
        added: &Features,
        graphs: &[u32],
        rows: &BlockRows,
    ) -> Result<Features> {
        let edges = self.edges(from, graphs, rows)?;
        let nodes = self.nodes(from, &edges, rows)?;
        let state = match &self.state {
            Some(split) => (self.state(split, from, [&edges, &nodes], rows)? + &added.state)?,
            None => added.state.clone(),
        };
        Ok(Features {
            edges: (edges + gather(&added.edges, rows.topology.shapes())?)?,
            nodes: (nodes + gather(&added.nodes, &rows.own)?)?,
            state,
        })
    }

    /// `e'` of the module's equations.
    fn edges(&self, from: &Features, graphs: &[u32], rows: &BlockRows) -> Result<Tensor> {
        let [target, source, edge, state] = &self.edge.parts;
        let to_target = activate(
            &from.state.matmul(state)?,
            &self.edge.bias,
            Activation::Identity,
        )?;
        let to_target = (from.nodes.matmul(target)? + gather(&to_target, graphs)?)?;
        let per_edge = are_in_order(rows.topology.shapes(), from.edges.dim(0)?);
        let edges = edge_sum(
            &to_target,
            &from.nodes.matmul(source)?,
            &from.edges.matmul(edge)?,
            &rows.topology,
            if per_edge {
                EdgeRows::PerEdge
            } else {
                EdgeRows::PerShape
            },
            Activation::ShiftedSoftplus,
        )?;
        self.edge.rest.forward(&edges)
    }

    /// `x'` of the module's equations.
    ///
    /// - `edges`: `e'`, `(E, h)`.
    fn nodes(&self, from: &Features, edges: &Tensor, rows: &BlockRows) -> Result<Tensor> {
        let [edge, node, state] = &self.node.parts;
        let around = pool(edges, &rows.edges_of_nodes, self.node_pooling)?;
        let own = gather(&from.nodes.matmul(node)?, &rows.own)?;
        let told = gather(&from.state.matmul(state)?, &rows.graphs)?;
        self.node.finish(&((around.matmul(edge)? + own)? + told)?)
    }

    /// `u'` of the module's equations.
    ///
    /// - `split`: `φ_u`.
    fn state(
        &self,
        split: &Split<3>,
        from: &Features,
        [edges, nodes]: [&Tensor; 2],
        rows: &BlockRows,
    ) -> Result<Tensor> {
        let [edge, node, state] = &split.parts;
        let all_edges = pool(edges, &rows.edges_of_graphs, self.state_pooling)?;
        let all_nodes = pool(nodes, &rows.nodes_of_graphs, self.state_pooling)?;
        let sum = (all_edges.matmul(edge)? + all_nodes.matmul(node)?)?;
        split.finish(&(sum + from.state.matmul(state)?)?)
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
