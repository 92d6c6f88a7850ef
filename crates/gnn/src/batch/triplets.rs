//! Pairs of edges that end at the same node, and the angles between them.
//!
//! A triplet `c → a ← b` is a pair of different edges with one target; two
//! images of one atom are two edges. As the edges of a target are next to each
//! other, all that is stored of the `n²` pairs of a node with `n` edges is the
//! index of their cosine, row by row; the diagonal is there and never read.
//!
//! In a crystal angles repeat as lengths do: cosines that agree when rounded to
//! 10⁻⁶ are one, and the rounded value is used.

use std::collections::HashMap;
use std::sync::Arc;

use crystal::{Bond, dot};

use super::{FlatEdge, PER_ANGSTROM, Segments, rounded, to_u32};

/// Of one graph.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FlatTriplets {
    /// The opposite of every edge.
    reverse: Vec<u32>,
    /// In units of 10⁻⁶; ascending, without repetition.
    cosines: Vec<i64>,
    /// Position in `cosines`, for the pairs of every node.
    angle: Vec<u32>,
}

impl FlatTriplets {
    /// - `edges`: ordered by target, every one with its opposite.
    pub(super) fn new(edges: &[(FlatEdge, &Bond)]) -> Self {
        let places: HashMap<_, u32> = edges
            .iter()
            .enumerate()
            .map(|(place, (edge, bond))| ((edge.source, edge.target, bond.image), to_u32(place)))
            .collect();
        let opposite = |&(edge, bond): &(FlatEdge, &Bond)| {
            places[&(edge.target, edge.source, bond.image.map(|i| -i))]
        };
        let pairs: Vec<i64> = edges
            .chunk_by(|(a, _), (b, _)| a.target == b.target)
            .flat_map(|at| {
                at.iter()
                    .flat_map(|(_, a)| at.iter().map(|(_, b)| cosine(a, b)))
            })
            .collect();
        let mut cosines = pairs.clone();
        cosines.sort_unstable();
        cosines.dedup();
        Self {
            reverse: edges.iter().map(opposite).collect(),
            angle: pairs.iter().map(|&c| place(&cosines, c)).collect(),
            cosines,
        }
    }
}

/// Rounded.
fn cosine(a: &Bond, b: &Bond) -> i64 {
    rounded(dot(a.vector, b.vector) / (a.length * b.length))
}

fn place(cosines: &[i64], cosine: i64) -> u32 {
    let found = cosines.binary_search(&cosine);
    to_u32(found.expect("the table was made from these cosines"))
}

/// Leaves out edges beyond the `count` nearest of either of their ends.
///
/// A node may keep more, if several are as near as the last; so what is kept
/// does not depend on the order of atoms, and every edge keeps its opposite.
pub(super) fn nearest(
    mut bonds: Vec<(u32, u32, &Bond)>,
    nodes: usize,
    count: usize,
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
        let ends = [source, target].map(|end| reach[end as usize]);
        ends.iter().all(|&reach| rounded(bond.length) <= reach)
    });
    bonds
}

/// Of several graphs side by side.
#[derive(Debug, Clone)]
pub(crate) struct Triplets {
    /// The opposite of every edge, `(E,)`.
    pub(crate) reverse: Vec<u32>,
    /// `(A,)`, the different cosines.
    pub(crate) cosines: Vec<f64>,
    /// Row of the cosine, for the pairs of every node.
    angle: Vec<u32>,
    edges_of_nodes: Arc<Segments>,
}

impl Triplets {
    pub(super) fn new(graphs: &[&FlatTriplets], edges_of_nodes: &Arc<Segments>) -> Self {
        let mut cosines: Vec<i64> = graphs.iter().flat_map(|g| g.cosines.clone()).collect();
        cosines.sort_unstable();
        cosines.dedup();
        let (mut reverse, mut angle) = (Vec::new(), Vec::new());
        for graph in graphs {
            let first = to_u32(reverse.len());
            reverse.extend(graph.reverse.iter().map(|&edge| first + edge));
            let places: Vec<u32> = graph.cosines.iter().map(|&c| place(&cosines, c)).collect();
            angle.extend(graph.angle.iter().map(|&c| places[c as usize]));
        }
        Self {
            reverse,
            cosines: cosines.iter().map(|&c| c as f64 / PER_ANGSTROM).collect(),
            angle,
            edges_of_nodes: Arc::clone(edges_of_nodes),
        }
    }

    /// The same, with a cosine for every pair.
    #[cfg(test)]
    pub(super) fn without_sharing(&self) -> Self {
        let cosines = self.angle.iter().map(|&c| self.cosines[c as usize]);
        Self {
            cosines: cosines.collect(),
            angle: (0..to_u32(self.angle.len())).collect(),
            ..self.clone()
        }
    }

    /// Pairs of every edge with each edge of its target, one row for each edge:
    /// first edge of the target, and rows of the cosines.
    pub(crate) fn of_edges(&self) -> impl Iterator<Item = (usize, &[u32])> {
        let mut read = 0;
        self.edges_of_nodes.iter().flat_map(move |edges| {
            let count = edges.len();
            let pairs = &self.angle[read..read + count * count];
            read += count * count;
            let rows = pairs.chunks_exact(count.max(1));
            rows.map(move |row| (edges.start, row))
        })
    }
}

#[cfg(test)]
mod tests {
    use crystal::{CrystalGraph, Element, Lattice, Site, Structure};

    use super::super::{Batch, EdgeGeometry, FlatGraph};

    /// A square lattice and a second atom in each cell, off its middle.
    fn batch(neighbors: usize) -> Batch {
        let lattice = Lattice::from_parameters([3.0, 3.0, 20.0], [90.0; 3]).unwrap();
        let site = |x| Site {
            element: Element::from_atomic_number(16).unwrap(),
            fractional: [x, 0.0, 0.0],
        };
        let cell = Structure::new(lattice, vec![site(0.0), site(0.4)]).unwrap();
        let graph = CrystalGraph::of_structure(&cell, 3.1).unwrap();
        let flat = FlatGraph::new(&graph, EdgeGeometry::LengthAndAngles { neighbors });
        Batch::new(&[&flat, &flat])
    }

    #[test]
    fn equally_near_neighbours_stay_or_go_together() {
        // 1.2, 1.8 and four times 3.0 Å around every one of four atoms
        for (neighbors, left) in [(1, 1), (2, 2), (3, 6), (50, 6)] {
            assert_eq!(batch(neighbors).edges(), 4 * left, "{neighbors}");
        }
    }

    #[test]
    fn every_edge_has_its_opposite() {
        for neighbors in [2, 50] {
            let batch = batch(neighbors);
            let edges: Vec<(u32, u32, u32)> = batch.topology.iter().collect();
            let reverse = &batch.triplets.as_ref().unwrap().reverse;
            for (edge, &opposite) in reverse.iter().enumerate() {
                let (target, source, shape) = edges[edge];
                assert_eq!(edges[opposite as usize], (source, target, shape));
                assert_ne!(edge, opposite as usize);
                assert_eq!(reverse[opposite as usize] as usize, edge);
            }
        }
    }

    #[test]
    fn angles_by_hand() {
        // along x both neighbours are at 0° or 180° of each other
        let batch = batch(2);
        let triplets = batch.triplets.unwrap();
        assert_eq!(triplets.cosines, [-1.0, 1.0]);
        for (place, (first, row)) in triplets.of_edges().enumerate() {
            let cosines: Vec<f64> = row.iter().map(|&c| triplets.cosines[c as usize]).collect();
            let expected = [[1.0, -1.0], [-1.0, 1.0]];
            assert_eq!(cosines, expected[place - first]);
        }
    }
}
