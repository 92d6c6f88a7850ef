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
use std::ops::Range;

use crystal::{Bond, dot};

use super::{FlatEdge, rounded, to_u32};

/// Of one graph.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FlatTriplets {
    /// The opposite of every edge.
    pub(super) reverse: Vec<u32>,
    /// In units of 10⁻⁶; ascending, without repetition.
    pub(super) cosines: Vec<i64>,
    /// Position in `cosines`, for the pairs of every node.
    angle: Vec<u32>,
    /// Edges and pairs of every node begin here; one more for the end.
    starts: Vec<[usize; 2]>,
}

impl FlatTriplets {
    /// - `edges`: ordered by target, every one with its opposite.
    pub(super) fn new(edges: &[(FlatEdge, &Bond)], nodes: usize) -> Self {
        let places: HashMap<_, u32> = edges
            .iter()
            .enumerate()
            .map(|(place, (edge, bond))| ((edge.source, edge.target, bond.image), to_u32(place)))
            .collect();
        let opposite = |&(edge, bond): &(FlatEdge, &Bond)| {
            places[&(edge.target, edge.source, bond.image.map(|i| -i))]
        };
        let mut starts = vec![[0, 0]];
        let mut pairs = Vec::new();
        for node in 0..nodes {
            let [start, _] = starts[node];
            let degree = edges[start..]
                .iter()
                .take_while(|(edge, _)| edge.target as usize == node)
                .count();
            let at = &edges[start..start + degree];
            pairs.extend(
                at.iter()
                    .flat_map(|(_, a)| at.iter().map(|(_, b)| cosine(a, b))),
            );
            starts.push([start + degree, pairs.len()]);
        }
        let mut cosines = pairs.clone();
        cosines.sort_unstable();
        cosines.dedup();
        Self {
            reverse: edges.iter().map(opposite).collect(),
            angle: pairs.iter().map(|&c| place(&cosines, c)).collect(),
            cosines,
            starts,
        }
    }

    /// The edges that end at a node.
    pub(super) fn edges_of(&self, node: u32) -> Range<usize> {
        let [start, _] = self.starts[node as usize];
        let [end, _] = self.starts[node as usize + 1];
        start..end
    }

    /// Angle with, and place of, every other edge that ends where an edge does.
    pub(super) fn others(&self, edge: usize, target: u32) -> impl Iterator<Item = (u32, usize)> {
        let [_, pairs] = self.starts[target as usize];
        let edges = self.edges_of(target);
        let row = pairs + (edge - edges.start) * edges.len();
        let angles = &self.angle[row..row + edges.len()];
        let all = angles.iter().copied().zip(edges);
        all.filter(move |&(_, other)| other != edge)
    }
}

/// Rounded.
fn cosine(a: &Bond, b: &Bond) -> i64 {
    rounded(dot(a.vector, b.vector) / (a.length * b.length))
}

/// Where a number is in an ascending table.
pub(super) fn place(table: &[i64], number: i64) -> u32 {
    let found = table.binary_search(&number);
    to_u32(found.expect("the table was made from these numbers"))
}

#[cfg(test)]
mod tests {
    use crystal::{CrystalGraph, Element, Lattice, Site, Structure};

    use super::super::{EdgeGeometry, FlatEdge, FlatGraph};

    /// A square lattice and a second atom in each cell, off its middle.
    fn flat(neighbors: usize) -> FlatGraph {
        let lattice = Lattice::from_parameters([3.0, 3.0, 20.0], [90.0; 3]).unwrap();
        let site = |x| Site {
            element: Element::from_atomic_number(16).unwrap(),
            fractional: [x, 0.0, 0.0],
        };
        let cell = Structure::new(lattice, vec![site(0.0), site(0.4)]).unwrap();
        let graph = CrystalGraph::of_structure(&cell, 3.1).unwrap();
        let geometry = EdgeGeometry::LengthAndAngles {
            neighbors,
            layers: 1,
        };
        FlatGraph::new(&graph, geometry)
    }

    #[test]
    fn equally_near_neighbours_stay_or_go_together() {
        // 1.2, 1.8 and four times 3.0 Å around both atoms
        for (neighbors, left) in [(1, 1), (2, 2), (3, 6), (50, 6)] {
            assert_eq!(flat(neighbors).edges(), 2 * left, "{neighbors}");
        }
    }

    #[test]
    fn every_edge_has_its_opposite() {
        for neighbors in [2, 50] {
            let flat = flat(neighbors);
            let reverse = &flat.messages.as_ref().unwrap().triplets.reverse;
            for (edge, &opposite) in reverse.iter().enumerate() {
                let [one, other] = [edge, opposite as usize].map(|edge| flat.edges[edge]);
                assert_eq!(
                    (other.target, other.source, other.shape),
                    (one.source, one.target, one.shape)
                );
                assert_ne!(edge, opposite as usize);
                assert_eq!(reverse[opposite as usize] as usize, edge);
            }
        }
    }

    #[test]
    fn angles_by_hand() {
        // along x both neighbours are at 180° of each other
        let flat = flat(2);
        let triplets = &flat.messages.as_ref().unwrap().triplets;
        assert_eq!(triplets.cosines, [-1_000_000, 1_000_000]);
        for (edge, FlatEdge { target, .. }) in flat.edges.iter().enumerate() {
            let edges = triplets.edges_of(*target);
            let other = edges.start + edges.end - 1 - edge;
            let others: Vec<_> = triplets.others(edge, *target).collect();
            assert_eq!(others, [(0, other)]);
        }
    }
}
