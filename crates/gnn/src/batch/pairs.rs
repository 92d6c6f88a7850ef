//! Edges that look alike before anything has been heard of their surroundings.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Batch, Topology, to_u32};

/// Edges of one shape between alike nodes of alike crystals are one *pair*.
///
/// Two nodes are alike if they have the same atomic numbers, now and before, and
/// their crystals without defects have the same range of them. That is all that a
/// network can know of an edge in its first layer.
#[derive(Debug)]
pub(crate) struct Pairs {
    /// One edge of each pair, in the order in which they are first met.
    pub(crate) representatives: Arc<Topology>,
    /// All edges; the shape of an edge is its pair.
    pub(crate) edges: Arc<Topology>,
}

impl Pairs {
    pub(crate) fn of(batch: &Batch) -> Self {
        let kinds = kinds(batch);
        let mut known = HashMap::new();
        let all = &*batch.topology;
        let mut representatives = Topology::default();
        let mut pairs = Vec::with_capacity(all.edges());
        for (target, source, shape) in all.iter() {
            let ends = [target, source].map(|node| kinds[node as usize]);
            let next = to_u32(known.len());
            let pair = *known.entry((ends, shape)).or_insert(next);
            if pair == next {
                representatives.target.push(target);
                representatives.source.push(source);
                representatives.shape.push(shape);
            }
            pairs.push(pair);
        }
        Self {
            representatives: Arc::new(representatives),
            edges: Arc::new(Topology {
                shape: pairs,
                ..all.clone()
            }),
        }
    }
}

/// A number for each node, the same for nodes that are alike.
fn kinds(batch: &Batch) -> Vec<u32> {
    let mut known = HashMap::new();
    let graphs = batch.nodes_of_graphs.of_rows();
    let nodes = batch.now.iter().zip(&batch.was).zip(&graphs);
    nodes
        .map(|((&now, &was), &graph)| {
            let next = to_u32(known.len());
            let elements = batch.elements[graph as usize];
            *known.entry((now, was, elements)).or_insert(next)
        })
        .collect()
}
