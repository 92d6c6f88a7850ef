//! Graphs become tensors: the only place where petgraph is seen.
//!
//! A [`CrystalGraph`] is flattened once ([`FlatGraph`]); a [`Batch`] then puts
//! several of them side by side, as one large graph without edges between its
//! parts.
//!
//! # Shapes of edges
//!
//! In a crystal most edges are equally long: 16 supercells of MoS2 have 57
//! thousand edges within 5 Å and five lengths. What depends on the length alone
//! (radial basis, filters, the first edge network) is computed once per *shape*
//! and gathered. The rule: two edges have the same shape if their lengths, and
//! the heights |Δz| where a network looks at them, agree when rounded to 10⁻⁶ Å,
//! and so do their shells where it looks at these; the rounded value is used for
//! both. So a length moves by at most 5·10⁻⁷ Å,
//! far below what any structure is known to, and a prediction does not depend
//! on which graphs share a batch.
//!
//! Cosines of angles between edges follow the same rule, see `triplets`; nodes
//! that have seen the same are one where a network allows it, see `environments`,
//! and so are edges that have heard the same, see `messages` and `surroundings`.
//! What a graph is compared with goes along, see `references`.
//!
//! # Invariants
//!
//! 1. Nodes of a graph are next to each other, and so are edges.
//! 2. Edges are ordered by target: the edges that end at a node are next to
//!    each other, too.

mod environments;
mod members;
mod messages;
mod references;
mod surroundings;
mod triplets;

use std::collections::HashMap;
use std::sync::Arc;

use crystal::{Bond, CrystalGraph, Element};
use petgraph::visit::EdgeRef;

use crate::{Error, Result};
use environments::FlatEnvironments;
pub(crate) use environments::{Environments, Link, Links};
pub(crate) use members::Members;
use messages::FlatMessages;
pub(crate) use messages::{Block, Joined, Messages, Output, Sum, TripletSums};
use references::{nodes_of, with_references};
use surroundings::FlatSurroundings;
pub(crate) use surroundings::{BlockRows, Surroundings};
use triplets::FlatTriplets;

/// Lengths are known to one in this many Å.
const PER_ANGSTROM: f64 = 1e6;

/// What of an edge a network looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EdgeGeometry {
    /// The length; and of a node or an edge no more than what came along other edges
    /// of its graph, so that those with equal surroundings can be one.
    LengthAndSurroundings {
        /// Also the height, |Δz|, as for layers that lie in the xy plane.
        heights: bool,
        /// Also the number of the shell, as for defects of a layer; that of an edge
        /// without a shell is zero.
        shells: bool,
        /// How often nodes and edges listen to one another.
        layers: usize,
    },
    /// The length, the angles with the other edges that end at the same node,
    /// and the opposite edge.
    LengthAndAngles {
        /// Edges that are not among the nearest so many of both their ends are
        /// left out; equally near ones stay together.
        neighbors: usize,
        /// How often an edge listens to the others.
        layers: usize,
    },
    /// The length; and of a node no more than its species and what came along
    /// the edges that end there, so that equal environments can be one.
    LengthAndEnvironments {
        /// How often a node listens to its neighbours.
        layers: usize,
        /// Whether periodic images are neighbours, or only atoms of the cell as it is
        /// described.
        images: bool,
        /// Edges that are not among the nearest so many of their target are left
        /// out; equally near ones stay together.
        neighbors: Option<usize>,
    },
}

/// Length and height of an edge, in units of 10⁻⁶ Å, and its shell.
type Shape = (i64, i64, u16);

/// A graph as plain columns.
#[derive(Debug, Clone, PartialEq)]
pub struct FlatGraph {
    now: Vec<u32>,
    was: Vec<u32>,
    /// Lowest and highest atomic number of the crystal without defects.
    elements: [u32; 2],
    /// Ordered by target, then source, then shape.
    edges: Vec<FlatEdge>,
    /// Ascending, without repetition.
    shapes: Vec<Shape>,
    /// Where the network looks at angles.
    messages: Option<FlatMessages>,
    /// Where the network allows it.
    environments: Option<FlatEnvironments>,
    /// Where the network allows it.
    surroundings: Option<FlatSurroundings>,
    /// What the graph is compared with, and what the difference is divided by.
    reference: Option<(Arc<FlatGraph>, f64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct FlatEdge {
    target: u32,
    source: u32,
    /// Position in `shapes`.
    shape: u32,
}

impl FlatGraph {
    /// Flattens a graph, without what it is compared with.
    ///
    /// Atomic numbers are zero for "nothing": a vacancy now, an interstitial
    /// before. Where the graph does not know what was before on any node, as
    /// for a full structure, nothing is taken to have changed.
    #[must_use]
    pub fn new(graph: &CrystalGraph, geometry: EdgeGeometry) -> Self {
        let bonds = bonds(graph, geometry);
        let host = graph.host();
        let graph = graph.graph();
        let number = |element: Option<Element>| element.map_or(0, |e| u32::from(e.atomic_number()));
        let (heights, shells) = match geometry {
            EdgeGeometry::LengthAndSurroundings {
                heights, shells, ..
            } => (heights, shells),
            _ => (false, false),
        };
        let shape = |bond: &Bond| {
            let height = if heights { bond.vector[2].abs() } else { 0.0 };
            let shell = if shells { bond.shell.unwrap_or(0) } else { 0 };
            (rounded(bond.length), rounded(height), shell)
        };
        let mut shapes: Vec<Shape> = bonds.iter().map(|(_, _, bond)| shape(bond)).collect();
        shapes.sort_unstable();
        shapes.dedup();
        let mut edges: Vec<(FlatEdge, &Bond)> = bonds
            .into_iter()
            .map(|(source, target, bond)| {
                let edge = FlatEdge {
                    target,
                    source,
                    shape: position(&shapes, shape(bond)),
                };
                (edge, bond)
            })
            .collect();
        edges.sort_unstable_by_key(|&(edge, bond)| (edge, bond.image));
        let now: Vec<u32> = graph.node_weights().map(|atom| number(atom.now)).collect();
        let was: Vec<u32> = graph.node_weights().map(|atom| number(atom.was)).collect();
        let known = was.iter().any(|&z| z > 0);
        let triplets = match geometry {
            EdgeGeometry::LengthAndAngles { layers, .. } => {
                Some((FlatTriplets::new(&edges, now.len()), layers))
            }
            _ => None,
        };
        let edges: Vec<FlatEdge> = edges.into_iter().map(|(edge, _)| edge).collect();
        let messages = triplets.map(|(triplets, layers)| {
            FlatMessages::new(&now, (&edges, &shapes), triplets, layers, None)
        });
        let environments = match geometry {
            EdgeGeometry::LengthAndEnvironments { layers, .. } => {
                Some(FlatEnvironments::new(&now, &edges, &shapes, layers))
            }
            _ => None,
        };
        let was = if known { was } else { now.clone() };
        let surroundings = match geometry {
            EdgeGeometry::LengthAndSurroundings { layers, .. } => {
                let species: Vec<(u32, u32)> = now.iter().copied().zip(was.clone()).collect();
                Some(FlatSurroundings::new(&species, &edges, layers))
            }
            _ => None,
        };
        let host: Vec<u32> = host.iter().map(|&element| number(Some(element))).collect();
        Self {
            elements: range(if host.is_empty() { &was } else { &host }),
            was,
            now,
            edges,
            shapes,
            messages,
            environments,
            surroundings,
            reference: None,
        }
    }

    /// Flattens graphs and those that they are compared with, each of these once.
    #[must_use]
    pub fn several(graphs: &[CrystalGraph], geometry: EdgeGeometry) -> Vec<Self> {
        let mut known: HashMap<*const CrystalGraph, Arc<Self>> = HashMap::new();
        let flat = |graph: &CrystalGraph| {
            let reference = graph.reference().map(|reference| {
                let flat = known.entry(Arc::as_ptr(&reference.graph));
                let flat = flat.or_insert_with(|| Arc::new(Self::new(&reference.graph, geometry)));
                (flat.clone(), reference.divisor)
            });
            let mut flat = Self::new(graph, geometry);
            if let Some((host, _)) = &reference {
                flat.elements = host.elements;
            }
            Self { reference, ..flat }
        };
        graphs.iter().map(flat).collect()
    }

    /// Number of nodes.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.now.len()
    }

    /// Number of edges, both directions and all images counted.
    #[must_use]
    pub fn edges(&self) -> usize {
        self.edges.len()
    }

    /// Refuses edges that reach further than a network does.
    ///
    /// # Errors
    ///
    /// [`Error::BeyondCutoff`].
    pub fn check_cutoff(&self, cutoff: f64) -> Result<()> {
        if let Some((reference, _)) = &self.reference {
            reference.check_cutoff(cutoff)?;
        }
        match self.shapes.last() {
            // a neighbour at the cutoff itself is in, whatever the rounding
            Some(&(length, _, _)) if angstrom(length) > cutoff + 1.0 / PER_ANGSTROM => {
                Err(Error::BeyondCutoff {
                    length: angstrom(length),
                    cutoff,
                })
            }
            _ => Ok(()),
        }
    }
}

/// The lowest and the highest number above zero; zeros, if there is none.
fn range(numbers: &[u32]) -> [u32; 2] {
    let present = || numbers.iter().copied().filter(|&z| z > 0);
    [present().min(), present().max()].map(Option::unwrap_or_default)
}

/// Source, target and bond of the edges that a network sees.
fn bonds(graph: &CrystalGraph, geometry: EdgeGeometry) -> Vec<(u32, u32, &Bond)> {
    let references = graph.graph().edge_references();
    let all = references.map(|edge| {
        let (source, target) = (to_u32(edge.source().index()), to_u32(edge.target().index()));
        (source, target, edge.weight())
    });
    match geometry {
        EdgeGeometry::LengthAndAngles { neighbors, .. } => {
            nearest(all.collect(), graph.node_count(), neighbors, Ends::Both)
        }
        EdgeGeometry::LengthAndEnvironments {
            images, neighbors, ..
        } => {
            let seen = all.filter(|(_, _, bond)| images || bond.image == [0; 3]);
            let count = neighbors.unwrap_or(usize::MAX);
            nearest(seen.collect(), graph.node_count(), count, Ends::Target)
        }
        EdgeGeometry::LengthAndSurroundings { .. } => all.collect(),
    }
}

/// For which of its ends an edge must be among the nearest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Target,
    Both,
}

/// Leaves out edges beyond the `count` nearest of their target, or of either end.
///
/// A node may keep more, if several are as near as the last; so what is kept
/// does not depend on the order of atoms. With both ends every edge keeps its
/// opposite.
fn nearest(
    mut bonds: Vec<(u32, u32, &Bond)>,
    nodes: usize,
    count: usize,
    ends: Ends,
) -> Vec<(u32, u32, &Bond)> {
    let mut lengths = vec![Vec::new(); nodes];
    for &(_, target, bond) in &bonds {
        lengths[target as usize].push(rounded(bond.length));
    }
    let reach: Vec<i64> = lengths
        .into_iter()
        .map(|mut lengths| {
            lengths.sort_unstable();
            lengths.get(count.max(1) - 1).copied().unwrap_or(i64::MAX)
        })
        .collect();
    bonds.retain(|&(source, target, bond)| {
        let near = |end: u32| rounded(bond.length) <= reach[end as usize];
        near(target) && (ends == Ends::Target || near(source))
    });
    bonds
}

#[expect(clippy::cast_possible_truncation, reason = "lengths in Å are small")]
fn rounded(length: f64) -> i64 {
    (length * PER_ANGSTROM).round() as i64
}

fn angstrom(rounded: i64) -> f64 {
    rounded as f64 / PER_ANGSTROM
}

pub(crate) fn to_u32(index: usize) -> u32 {
    u32::try_from(index).expect("a batch has fewer than 2³² nodes and edges")
}

fn position(shapes: &[Shape], shape: Shape) -> u32 {
    to_u32(
        shapes
            .binary_search(&shape)
            .expect("the table was made from the shapes of these edges"),
    )
}

/// Who is bonded to whom, and by which shape of edge.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Topology {
    target: Vec<u32>,
    source: Vec<u32>,
    shape: Vec<u32>,
}

impl Topology {
    #[cfg(test)]
    pub(crate) fn new(source: Vec<u32>, target: Vec<u32>, shape: Vec<u32>) -> Self {
        Self {
            target,
            source,
            shape,
        }
    }

    pub(crate) fn edges(&self) -> usize {
        self.target.len()
    }

    /// `(target, source, shape)` of all edges.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u32, u32)> {
        let ends = self.target.iter().zip(&self.source);
        ends.zip(&self.shape).map(|((&t, &s), &c)| (t, s, c))
    }

    /// Shape of every edge, `(E,)`.
    pub(crate) fn shapes(&self) -> &[u32] {
        &self.shape
    }
}

/// Several graphs side by side.
///
/// `G` graphs have `N` nodes, `E` edges and `U` different shapes of edges.
#[derive(Debug, Clone)]
pub struct Batch {
    /// `(N,)`, atomic numbers; 0 for a vacancy.
    pub(crate) now: Vec<u32>,
    /// `(U,)`, Å.
    pub(crate) lengths: Vec<f64>,
    /// `(U,)`, Å; zero where the network does not look at them.
    pub(crate) heights: Vec<f64>,
    /// `(U,)`, counted from 0; zero where the network does not look at them.
    pub(crate) shells: Vec<u16>,
    /// Of each graph, and each that it is compared with, lowest and highest atomic number of
    /// the crystal without defects.
    pub(crate) elements: Vec<[u32; 2]>,
    pub(crate) topology: Arc<Topology>,
    /// Of each graph, its own place, and, counted negatively, that of what it is compared with,
    /// both divided by its divisor.
    pub(crate) compared: Arc<Members>,
    /// Nodes of each graph, and of what it is compared with, counted alike.
    pub(crate) nodes_of_graphs: Arc<Members>,
    /// If all graphs have them.
    pub(crate) messages: Option<Messages>,
    /// If all graphs have them.
    pub(crate) environments: Option<Environments>,
    /// If all graphs have them.
    pub(crate) surroundings: Option<Surroundings>,
}

impl Batch {
    /// Puts graphs side by side, and after them what they are compared with.
    #[must_use]
    pub fn new(graphs: &[&FlatGraph]) -> Self {
        let (all, compared) = with_references(graphs);
        let mut shapes: Vec<Shape> = all.iter().flat_map(|g| g.shapes.clone()).collect();
        shapes.sort_unstable();
        shapes.dedup();
        Self::with_shapes(&all, compared, &shapes)
    }

    /// The same, with every edge as a shape of its own: the plain path, to test
    /// the other against.
    #[cfg(test)]
    pub(crate) fn without_sharing(graphs: &[&FlatGraph]) -> Self {
        let mut batch = Self::new(graphs);
        let (graphs, _) = with_references(graphs);
        let graphs = graphs.as_slice();
        let shape_of_edge = batch.topology.shapes().iter().map(|&s| s as usize);
        batch.shells = shape_of_edge.clone().map(|s| batch.shells[s]).collect();
        (batch.lengths, batch.heights) = shape_of_edge
            .map(|s| (batch.lengths[s], batch.heights[s]))
            .unzip();
        let topology = Topology {
            shape: (0..to_u32(batch.topology.edges())).collect(),
            ..(*batch.topology).clone()
        };
        batch.messages = messages::without_sharing(graphs, &topology.shape);
        batch.topology = Arc::new(topology);
        batch.surroundings = Surroundings::without_sharing(graphs, &batch.topology);
        batch.environments = batch.environments.map(|shared| {
            Environments::without_sharing(&batch.now, &batch.topology, shared.layers.len())
        });
        batch
    }

    fn with_shapes(graphs: &[&FlatGraph], compared: Members, shapes: &[Shape]) -> Self {
        let edges = graphs.iter().map(|g| g.edges()).sum();
        let mut topology = Topology {
            target: Vec::with_capacity(edges),
            source: Vec::with_capacity(edges),
            shape: Vec::with_capacity(edges),
        };
        let mut first = 0;
        let places: Vec<Vec<u32>> = graphs
            .iter()
            .map(|graph| graph.shapes.iter().map(|&s| position(shapes, s)).collect())
            .collect();
        for (graph, places) in graphs.iter().zip(&places) {
            for edge in &graph.edges {
                topology.target.push(first + edge.target);
                topology.source.push(first + edge.source);
                topology.shape.push(places[edge.shape as usize]);
            }
            first += to_u32(graph.nodes());
        }
        let environments: Option<Vec<_>> = graphs.iter().map(|g| g.environments.as_ref()).collect();
        Self {
            now: graphs.iter().flat_map(|g| g.now.iter().copied()).collect(),
            lengths: shapes.iter().map(|shape| angstrom(shape.0)).collect(),
            heights: shapes.iter().map(|shape| angstrom(shape.1)).collect(),
            shells: shapes.iter().map(|shape| shape.2).collect(),
            elements: graphs.iter().map(|g| g.elements).collect(),
            messages: Messages::new(graphs, &topology.shape),
            topology: Arc::new(topology),
            environments: environments.map(|e| Environments::new(&e, &places)),
            surroundings: Surroundings::new(graphs, &places),
            nodes_of_graphs: Arc::new(nodes_of(graphs, &compared)),
            compared: Arc::new(compared),
        }
    }

    /// Number of graphs, without those that they are compared with.
    #[must_use]
    pub fn graphs(&self) -> usize {
        self.nodes_of_graphs.len()
    }

    /// Number of nodes of all graphs, and of those that they are compared with.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.now.len()
    }

    /// Number of edges of all graphs, and of those that they are compared with.
    #[must_use]
    pub fn edges(&self) -> usize {
        self.topology.edges()
    }

    /// Number of different shapes of edges.
    #[must_use]
    pub fn shapes(&self) -> usize {
        self.lengths.len()
    }
}
