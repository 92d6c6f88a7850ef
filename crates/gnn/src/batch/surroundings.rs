//! Nodes and edges that have heard the same are one.
//!
//! What a [`MegNet`](crate::MegNetConfig) knows of an edge `j → i` and of a node `i`
//! after a block depends on what it knew before of
//!
//! ```text
//! edge    itself (before the first block its shape), its target, its source
//! node    itself (before the first block its species), all edges that end there
//! ```
//!
//! and on the state. Nodes, or edges, of a graph that agree in all this make up a
//! *class* with one row. In a supercell of MoS2 with three defects, 3,470 edges within
//! 5 Å are of 8, 200 and 1,160 classes in the first three blocks, and its 189 nodes of
//! 14, 58 and 142 after them. If all lengths differ, nothing is shared.
//!
//! After the first block the state is that of one structure, and classes are, too. What
//! the first block makes of an edge is shared by all structures of a batch that agree in
//! the species of the ends and in the range of atomic numbers of the crystal, which is
//! all that their states know.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use super::environments::union;
use super::{FlatEdge, FlatGraph, Members, Topology, to_u32};

/// The classes of one graph.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FlatSurroundings {
    /// A node of each class before the first block.
    nodes: Vec<u32>,
    blocks: Vec<FlatBlock>,
}

/// The classes after a block.
#[derive(Debug, Clone, PartialEq, Default)]
struct FlatBlock {
    /// Of each class of edges, the classes of its ends before the block, and in the
    /// place of the shape, but for the first block, its own.
    edges: Vec<FlatEdge>,
    /// How many edges it has.
    edge_counts: Vec<u32>,
    /// Of each class of nodes, its class before the block.
    own: Vec<u32>,
    /// Of each, the classes of the edges that end there, and how many of each.
    heard: Vec<Vec<(u32, u32)>>,
    /// How many nodes it has.
    node_counts: Vec<u32>,
}

/// Puts members into classes.
///
/// - returns: a member of each class, how many it has, and the class of each member.
fn classes<K: Hash + Eq + Copy>(keys: &[K]) -> (Vec<usize>, Vec<u32>, Vec<u32>) {
    let (first, mut of) = union(std::iter::once(keys));
    let of = of.remove(0);
    let mut counts = vec![0; first.len()];
    for &class in &of {
        counts[class as usize] += 1;
    }
    let first = first.into_iter().map(|(_, member)| member).collect();
    (first, counts, of)
}

/// Equal ones counted.
fn counted(mut all: Vec<u32>) -> Vec<(u32, u32)> {
    all.sort_unstable();
    let equal = all.chunk_by(|a, b| a == b);
    equal.map(|equal| (equal[0], to_u32(equal.len()))).collect()
}

impl FlatSurroundings {
    /// - `species`: of each node, the atomic numbers now and before.
    /// - `edges`: ordered by target.
    pub(super) fn new(species: &[(u32, u32)], edges: &[FlatEdge], blocks: usize) -> Self {
        let (nodes, _, mut of_nodes) = classes(species);
        let mut of_edges: Vec<u32> = edges.iter().map(|edge| edge.shape).collect();
        let blocks = (0..blocks).map(|_| {
            let joined = edges.iter().zip(&of_edges).map(|(edge, &own)| FlatEdge {
                target: of_nodes[edge.target as usize],
                source: of_nodes[edge.source as usize],
                shape: own,
            });
            let joined: Vec<FlatEdge> = joined.collect();
            let (first, edge_counts, after) = classes(&joined);
            let mut block = FlatBlock {
                edges: first.iter().map(|&edge| joined[edge]).collect(),
                edge_counts,
                ..FlatBlock::default()
            };
            of_edges = after;
            let mut heard = vec![Vec::new(); species.len()];
            for (edge, &class) in edges.iter().zip(&of_edges) {
                heard[edge.target as usize].push(class);
            }
            let heard: Vec<Vec<(u32, u32)>> = heard.into_iter().map(counted).collect();
            let keys: Vec<_> = of_nodes.iter().zip(&heard).collect();
            let (first, node_counts, after) = classes(&keys);
            block.node_counts = node_counts;
            for node in first {
                block.own.push(of_nodes[node]);
                block.heard.push(heard[node].clone());
            }
            of_nodes = after;
            block
        });
        let blocks = blocks.collect();
        Self {
            nodes: nodes.into_iter().map(to_u32).collect(),
            blocks,
        }
    }
}

/// The classes of several graphs side by side.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    /// Before the first block.
    pub(crate) nodes: Nodes,
    pub(crate) blocks: Vec<BlockRows>,
}

/// Rows of nodes before the first block.
#[derive(Debug, Clone, Default)]
pub(crate) struct Nodes {
    /// Atomic numbers now, and before.
    pub(crate) now: Vec<u32>,
    pub(crate) was: Vec<u32>,
    pub(crate) graphs: Vec<u32>,
}

/// The rows of a block.
#[derive(Debug, Clone)]
pub(crate) struct BlockRows {
    /// Of each row of edges, those of its ends before the block, and its own (before
    /// the first block its shape).
    pub(crate) topology: Arc<Topology>,
    /// Of each row of nodes, the one before the block.
    pub(crate) own: Vec<u32>,
    /// Of each row of nodes, its graph.
    pub(crate) graphs: Vec<u32>,
    /// The edges that end there, of each row of nodes.
    pub(crate) edges_of_nodes: Arc<Members>,
    pub(crate) edges_of_graphs: Arc<Members>,
    pub(crate) nodes_of_graphs: Arc<Members>,
}

/// Joins the classes of graphs.
struct Joiner<'a> {
    graphs: &'a [&'a FlatGraph],
    flat: Vec<&'a FlatSurroundings>,
    /// Of each graph, the rows of its classes of nodes begin here.
    nodes: Vec<u32>,
    /// Of each graph, the row of each class of edges, or the place of each shape.
    edges: Vec<Vec<u32>>,
}

/// What the first block can know of an edge: shape, species of its ends, and what the
/// state of its graph knows.
type Pair = (u32, [(u32, u32); 2], [u32; 2]);

impl Joiner<'_> {
    /// Where the rows of each graph begin, if it has so many.
    fn begins(&self, counts: impl Fn(&FlatSurroundings) -> usize) -> Vec<u32> {
        let running = self.flat.iter().scan(0, |begin, flat| {
            let own = *begin;
            *begin += counts(flat);
            Some(to_u32(own))
        });
        running.collect()
    }

    fn pair(&self, graph: usize, edge: FlatEdge, shape: u32) -> Pair {
        let of = |class: u32| {
            let node = self.flat[graph].nodes[class as usize] as usize;
            (self.graphs[graph].now[node], self.graphs[graph].was[node])
        };
        let ends = [of(edge.target), of(edge.source)];
        (shape, ends, self.graphs[graph].elements)
    }

    /// The rows of edges, and of each graph those of its classes.
    fn edges(&self, block: usize) -> (Topology, Vec<Vec<u32>>) {
        let mut topology = Topology::default();
        let mut known: HashMap<Pair, u32> = HashMap::new();
        let mut rows = Vec::with_capacity(self.flat.len());
        for (graph, flat) in self.flat.iter().enumerate() {
            let begin = self.nodes[graph];
            let own = flat.blocks[block].edges.iter().map(|&edge| {
                let shape = self.edges[graph][edge.shape as usize];
                let next = to_u32(topology.edges());
                if block == 0 {
                    let pair = self.pair(graph, edge, shape);
                    let row = *known.entry(pair).or_insert(next);
                    if row != next {
                        return row;
                    }
                }
                topology.target.push(begin + edge.target);
                topology.source.push(begin + edge.source);
                topology.shape.push(shape);
                next
            });
            rows.push(own.collect());
        }
        (topology, rows)
    }

    fn block(&mut self, block: usize) -> BlockRows {
        let (topology, edges) = self.edges(block);
        let mut rows = BlockRows {
            topology: Arc::new(topology),
            own: Vec::new(),
            graphs: Vec::new(),
            edges_of_nodes: Arc::default(),
            edges_of_graphs: Arc::default(),
            nodes_of_graphs: Arc::default(),
        };
        let mut of_nodes = Members::default();
        let [mut edges_of_graphs, mut nodes_of_graphs] = [Members::default(), Members::default()];
        let after = self.begins(|flat| flat.blocks[block].own.len());
        for (graph, flat) in self.flat.iter().enumerate() {
            let flat = &flat.blocks[block];
            let edges = &edges[graph];
            for (&own, heard) in flat.own.iter().zip(&flat.heard) {
                rows.own.push(self.nodes[graph] + own);
                rows.graphs.push(to_u32(graph));
                let heard = heard.iter();
                of_nodes.push(heard.map(|&(class, n)| (edges[class as usize], f64::from(n))));
            }
            let counts = flat.edge_counts.iter().map(|&n| f64::from(n));
            edges_of_graphs.push(edges.iter().copied().zip(counts));
            let counts = flat.node_counts.iter().map(|&n| f64::from(n));
            nodes_of_graphs.push((after[graph]..).zip(counts));
        }
        rows.edges_of_nodes = Arc::new(of_nodes);
        rows.edges_of_graphs = Arc::new(edges_of_graphs);
        rows.nodes_of_graphs = Arc::new(nodes_of_graphs);
        (self.nodes, self.edges) = (after, edges);
        rows
    }
}

impl Surroundings {
    /// None, unless all have surroundings of equally many blocks.
    ///
    /// - `shapes`: of each graph, the place of its shapes in those of the batch.
    pub(super) fn new(graphs: &[&FlatGraph], shapes: &[Vec<u32>]) -> Option<Self> {
        let flat: Option<Vec<_>> = graphs.iter().map(|g| g.surroundings.as_ref()).collect();
        let flat = flat?;
        let mut nodes = Nodes::default();
        for (number, (graph, flat)) in graphs.iter().zip(&flat).enumerate() {
            let rows = flat.nodes.iter().map(|&node| node as usize);
            nodes.now.extend(rows.clone().map(|node| graph.now[node]));
            nodes.was.extend(rows.clone().map(|node| graph.was[node]));
            nodes.graphs.extend(rows.map(|_| to_u32(number)));
        }
        let depth = flat.first().map_or(0, |flat| flat.blocks.len());
        if flat.iter().any(|flat| flat.blocks.len() != depth) {
            return None;
        }
        let mut joiner = Joiner {
            graphs,
            flat,
            nodes: Vec::new(),
            edges: shapes.to_vec(),
        };
        joiner.nodes = joiner.begins(|flat| flat.nodes.len());
        let blocks = (0..depth).map(|block| joiner.block(block));
        let blocks = blocks.collect();
        Some(Self { nodes, blocks })
    }

    /// Every node and every edge for itself: the plain path, to test the other against.
    ///
    /// - `topology`: of all edges, each of a shape of its own.
    #[cfg(test)]
    pub(super) fn without_sharing(graphs: &[&FlatGraph], topology: &Arc<Topology>) -> Option<Self> {
        let own = |counts: fn(&FlatGraph) -> usize| {
            Arc::new(Members::of_counts(graphs.iter().map(|graph| counts(graph))))
        };
        let nodes_of_graphs = own(FlatGraph::nodes);
        let mut degrees = vec![0; nodes_of_graphs.rows().len()];
        for &target in &topology.target {
            degrees[target as usize] += 1;
        }
        let block = BlockRows {
            topology: Arc::clone(topology),
            own: nodes_of_graphs.rows().to_vec(),
            graphs: nodes_of_graphs.groups(),
            edges_of_nodes: Arc::new(Members::of_counts(degrees)),
            edges_of_graphs: own(FlatGraph::edges),
            nodes_of_graphs,
        };
        let blocks = graphs.first()?.surroundings.as_ref()?.blocks.len();
        Some(Self {
            nodes: Nodes {
                now: graphs.iter().flat_map(|g| g.now.clone()).collect(),
                was: graphs.iter().flat_map(|g| g.was.clone()).collect(),
                graphs: block.graphs.clone(),
            },
            blocks: vec![block; blocks],
        })
    }
}
