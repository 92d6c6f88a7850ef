//! Edges that have heard the same are one.
//!
//! What a [`GemNet`](crate::GemNetConfig) knows of an edge `c → a` begins with the
//! species of its ends and its length. In a block it hears the other edges that end
//! at `a`, with their angles, and so does its opposite; then the atoms hear their
//! edges, and the edges their atoms. Edges (or atoms) that agree in all this are one
//! *class* with one row; what a class hears alike is one link with a count. In a
//! crystal a row is computed for each different surrounding of an edge, not for the
//! edge.
//!
//! A block looks two edges further in every direction than the one before, so that
//! in a supercell with a few defects nearly all of the first block is shared, half
//! of the second, and little of the third. If all lengths differ, nothing is.
//!
//! Keys and orders are as in `environments`: classes are shared by the graphs of a
//! batch, and their rows are the same bits whichever edge they were taken from.

mod join;

#[cfg(test)]
use super::FlatGraph;
use super::environments::{Key, Seen, key_of, union};
use super::triplets::FlatTriplets;
use super::{FlatEdge, Shape, to_u32};
pub(crate) use join::{Block, Joined, Messages, Output, Sum, TripletSums};

/// Members (nodes or edges) of one graph that are alike.
#[derive(Debug, Clone, PartialEq)]
struct Classes {
    keys: Vec<Key>,
    /// A member of each class.
    first: Vec<u32>,
    /// The class of each member.
    of: Vec<u32>,
}

impl Classes {
    /// - `keys`: of each member.
    fn new(keys: impl Iterator<Item = Key>) -> Self {
        let members: Vec<Key> = keys.collect();
        let (first, mut of) = union(std::iter::once(members.as_slice()));
        Self {
            keys: first.iter().map(|&(_, member)| members[member]).collect(),
            first: first.iter().map(|&(_, member)| to_u32(member)).collect(),
            of: of.remove(0),
        }
    }

    fn key(&self, member: usize) -> Key {
        self.keys[self.of[member] as usize]
    }
}

/// The classes of one graph.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FlatMessages {
    pub(super) triplets: FlatTriplets,
    /// Before the first block and after each, with what comes out there.
    stages: Vec<Stage<Classes>>,
    blocks: Vec<Heard<Classes>>,
}

/// What there is before a block.
#[derive(Debug, Clone, PartialEq)]
struct Stage<T> {
    nodes: T,
    edges: T,
    /// Nodes, by the edges that end there.
    outputs: T,
}

/// What a block makes of edges before atoms hear of it.
#[derive(Debug, Clone, PartialEq)]
struct Heard<T> {
    /// Edges, by the other edges of their target.
    heard: T,
    /// Edges, by themselves and what they and their opposites have heard.
    updated: T,
}

/// A graph while its classes are found or joined.
#[derive(Clone, Copy)]
struct View<'a> {
    edges: &'a [FlatEdge],
    triplets: &'a FlatTriplets,
}

impl View<'_> {
    /// What an edge hears: the angle and the class of each other edge of its target.
    fn others(self, edge: usize, classes: &Classes) -> Vec<Seen> {
        let others = self.triplets.others(edge, self.edges[edge].target);
        let all = others.map(|(angle, other)| (angle, classes.of[other]));
        Seen::counted(all.collect(), &classes.keys)
    }

    /// What a node hears: the shape and the class of each edge that ends there.
    fn edges_of(self, node: usize, classes: &Classes) -> Vec<Seen> {
        let edges = self.triplets.edges_of(to_u32(node));
        let all = edges.map(|edge| (self.edges[edge].shape, classes.of[edge]));
        Seen::counted(all.collect(), &classes.keys)
    }
}

/// Finds the classes of a graph.
struct Finder<'a> {
    view: View<'a>,
    shapes: &'a [Shape],
    nodes: usize,
    /// Makes every member a class of its own, to test against: the graph's number.
    alone: Option<u32>,
}

impl Finder<'_> {
    fn classes(&self, members: usize, mut write: impl FnMut(usize, &mut Vec<u8>)) -> Classes {
        let mut text = Vec::new();
        Classes::new((0..members).map(|member| {
            text.clear();
            write(member, &mut text);
            if let Some(graph) = self.alone {
                text.extend(graph.to_le_bytes());
                text.extend(to_u32(member).to_le_bytes());
            }
            key_of(&text)
        }))
    }

    fn length(&self, shape: u32) -> i64 {
        self.shapes[shape as usize].0
    }

    /// Nodes by what they are and the edges that end there.
    fn sums(&self, own: Option<&Classes>, edges: &Classes) -> Classes {
        self.classes(self.nodes, |node, text| {
            text.extend(own.iter().flat_map(|own| own.key(node)));
            let seen = self.view.edges_of(node, edges);
            Seen::write(&seen, |shape| self.length(shape), &edges.keys, text);
        })
    }

    fn joined(&self, nodes: &Classes, edges: Option<&Classes>) -> Classes {
        self.classes(self.view.edges.len(), |place, text| {
            let edge = self.view.edges[place];
            let ends = [edge.source, edge.target];
            text.extend(ends.iter().flat_map(|&node| nodes.key(node as usize)));
            match edges {
                Some(edges) => text.extend(edges.key(place)),
                None => text.extend(self.length(edge.shape).to_le_bytes()),
            }
        })
    }

    fn stage(&self, nodes: Classes, edges: Option<&Classes>) -> Stage<Classes> {
        let edges = self.joined(&nodes, edges);
        Stage {
            outputs: self.sums(None, &edges),
            nodes,
            edges,
        }
    }

    fn heard(&self, edges: &Classes) -> Heard<Classes> {
        let View {
            edges: all,
            triplets,
        } = self.view;
        let heard = self.classes(all.len(), |edge, text| {
            text.extend(self.length(all[edge].shape).to_le_bytes());
            let seen = self.view.others(edge, edges);
            let cosine = |angle| triplets.cosines[angle as usize];
            Seen::write(&seen, cosine, &edges.keys, text);
        });
        let updated = self.classes(all.len(), |edge, text| {
            let opposite = triplets.reverse[edge] as usize;
            text.extend(edges.key(edge));
            text.extend([edge, opposite].iter().flat_map(|&edge| heard.key(edge)));
        });
        Heard { heard, updated }
    }
}

impl FlatMessages {
    /// - `species`: atomic numbers of the nodes.
    /// - `edges`: ordered by target; their lengths are in `shapes`.
    /// - `alone`: if every member is to be a class of its own, the graph's number.
    pub(super) fn new(
        species: &[u32],
        (edges, shapes): (&[FlatEdge], &[Shape]),
        triplets: FlatTriplets,
        blocks: usize,
        alone: Option<u32>,
    ) -> Self {
        let finder = Finder {
            view: View {
                edges,
                triplets: &triplets,
            },
            shapes,
            nodes: species.len(),
            alone,
        };
        let nodes = finder.classes(species.len(), |node, text| {
            text.extend(species[node].to_le_bytes());
        });
        let mut stage = finder.stage(nodes, None);
        let (mut stages, mut heard) = (Vec::new(), Vec::new());
        for _ in 0..blocks {
            let block = finder.heard(&stage.edges);
            let nodes = finder.sums(Some(&stage.nodes), &block.updated);
            let next = finder.stage(nodes, Some(&block.updated));
            stages.push(std::mem::replace(&mut stage, next));
            heard.push(block);
        }
        stages.push(stage);
        Self {
            triplets,
            stages,
            blocks: heard,
        }
    }
}

/// Every edge and every node for itself, with a cosine for every triplet of every
/// block: the plain path, to test the other against.
#[cfg(test)]
pub(super) fn without_sharing(graphs: &[&FlatGraph], shapes: &[u32]) -> Option<Messages> {
    let alone = graphs.iter().enumerate().map(|(number, &graph)| {
        let mut graph = graph.clone();
        let messages = graph.messages.take()?;
        let edges = (graph.edges.as_slice(), graph.shapes.as_slice());
        let (triplets, blocks) = (messages.triplets, messages.blocks.len());
        let number = Some(to_u32(number));
        let messages = FlatMessages::new(&graph.now, edges, triplets, blocks, number);
        graph.messages = Some(messages);
        Some(graph)
    });
    let alone: Vec<FlatGraph> = alone.collect::<Option<_>>()?;
    let mut messages = Messages::new(&alone.iter().collect::<Vec<_>>(), shapes)?;
    let mut cosines = Vec::new();
    for block in &mut messages.blocks {
        for link in &mut std::sync::Arc::make_mut(&mut block.sums).links.links {
            cosines.push(messages.cosines[link.kind as usize]);
            link.kind = to_u32(cosines.len() - 1);
        }
    }
    messages.cosines = cosines;
    Some(messages)
}
