//! Classes of several graphs side by side, one row for each.

use std::sync::Arc;

use super::{Classes, FlatMessages, View};
use crate::batch::environments::{Link, Links, Seen, union};
use crate::batch::triplets::place;
use crate::batch::{FlatEdge, FlatGraph, PER_ANGSTROM, Topology, to_u32};

/// The classes of several graphs side by side: what each of their rows is made of.
#[derive(Debug, Clone)]
pub(crate) struct Messages {
    /// Atomic numbers of the nodes before the first block.
    pub(crate) species: Vec<u32>,
    /// The edges before the first block: their shape is that of the batch.
    pub(crate) edges: Joined,
    /// What comes out before the first block.
    pub(crate) output: Output,
    pub(crate) blocks: Vec<Block>,
    /// `(A,)`, the different cosines.
    pub(crate) cosines: Vec<f64>,
}

/// Rows of a block, in the order in which they are computed.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) sums: Arc<TripletSums>,
    pub(crate) updated: Updated,
    pub(crate) nodes: Nodes,
    /// Edges after the block: their shape in the topology is a row of `updated`.
    pub(crate) edges: Joined,
    pub(crate) output: Output,
}

/// Sums over the other edges of the target.
#[derive(Debug, Clone)]
pub(crate) struct TripletSums {
    /// From edges before the block, by angle.
    pub(crate) links: Links,
    /// Shape of the edge that hears.
    pub(crate) shapes: Vec<u32>,
    /// Edges in each row.
    pub(crate) counts: Vec<f64>,
}

/// Edges that have heard, and whose opposites have.
#[derive(Debug, Clone)]
pub(crate) struct Updated {
    /// Row before the block.
    pub(crate) edges: Vec<u32>,
    /// Row of the sums of itself.
    pub(crate) own: Vec<u32>,
    /// Row of the sums of the opposite edge.
    pub(crate) opposite: Vec<u32>,
    shapes: Vec<u32>,
    /// Edges in each row.
    pub(crate) counts: Vec<f64>,
}

/// Nodes that have heard their edges.
#[derive(Debug, Clone)]
pub(crate) struct Nodes {
    /// Row before the block.
    pub(crate) own: Vec<u32>,
    pub(crate) sum: Sum,
}

/// Sums over the edges of a node.
#[derive(Debug, Clone)]
pub(crate) struct Sum {
    pub(crate) links: Arc<Links>,
    /// Nodes in each row.
    pub(crate) counts: Vec<f64>,
}

/// Sums over the edges of a node, and which is that of each node.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    pub(crate) sum: Sum,
    pub(crate) of_nodes: Vec<u32>,
}

/// Edges that know their ends.
#[derive(Debug, Clone)]
pub(crate) struct Joined {
    /// Rows of the nodes at their ends, and of what the edges were made from.
    pub(crate) topology: Arc<Topology>,
    pub(crate) shapes: Arc<Vec<u32>>,
    /// Edges in each row.
    pub(crate) counts: Vec<f64>,
    /// Times that the edges of each row are heard.
    pub(crate) times_heard: Vec<f64>,
}

/// The same classes of several graphs, one row for each.
struct Set<'a> {
    flat: Vec<&'a Classes>,
    /// Graph and member that a row is taken from.
    first: Vec<(usize, usize)>,
    /// Of each graph, the rows of its classes.
    rows: Vec<Vec<u32>>,
}

impl<'a> Set<'a> {
    fn new(flat: impl Iterator<Item = &'a Classes>) -> Self {
        let flat: Vec<&Classes> = flat.collect();
        let (first, rows) = union(flat.iter().map(|classes| classes.keys.as_slice()));
        let member = |(graph, class): (usize, usize)| (graph, flat[graph].first[class] as usize);
        Self {
            first: first.into_iter().map(member).collect(),
            flat,
            rows,
        }
    }

    fn row(&self, (graph, member): (usize, usize)) -> u32 {
        self.rows[graph][self.flat[graph].of[member] as usize]
    }

    /// Row of every member of every graph.
    fn of_members(&self) -> Vec<u32> {
        let graphs = self.flat.iter().zip(&self.rows);
        let of = graphs.flat_map(|(flat, rows)| flat.of.iter().map(|&class| rows[class as usize]));
        of.collect()
    }

    /// For every row, something of the member that it is taken from.
    fn map<T>(&self, of: impl Fn((usize, usize)) -> T) -> Vec<T> {
        self.first.iter().map(|&member| of(member)).collect()
    }

    /// Sums of a number of every member.
    fn total(&self, of: impl Fn((usize, usize)) -> f64) -> Vec<f64> {
        let mut total = vec![0.0; self.first.len()];
        for (graph, flat) in self.flat.iter().enumerate() {
            for member in 0..flat.of.len() {
                total[self.row((graph, member)) as usize] += of((graph, member));
            }
        }
        total
    }

    fn counts(&self) -> Vec<f64> {
        self.total(|_| 1.0)
    }

    /// Links from the rows of another set.
    ///
    /// - `seen`: what a member sees, and of which kind that is in the batch.
    fn links(&self, sources: &Set<'_>, seen: impl Fn((usize, usize)) -> Vec<Seen>) -> Links {
        let mut links = Vec::new();
        for (target, &(graph, member)) in self.first.iter().enumerate() {
            links.extend(seen((graph, member)).into_iter().map(|seen| Link {
                target: to_u32(target),
                source: sources.rows[graph][seen.source as usize],
                kind: seen.kind,
                count: f64::from(seen.count),
            }));
        }
        Links {
            targets: self.first.len(),
            links,
        }
    }
}

/// The rows between two blocks.
struct State<'a> {
    nodes: Set<'a>,
    edges: Set<'a>,
    /// Of the rows of edges.
    shapes: Arc<Vec<u32>>,
}

/// Joins the classes of graphs.
struct Joiner<'a> {
    graphs: &'a [&'a FlatGraph],
    flat: Vec<&'a FlatMessages>,
    /// Of each graph, the rows of its cosines.
    angles: Vec<Vec<u32>>,
}

impl<'a> Joiner<'a> {
    fn set(&self, classes: impl Fn(&'a FlatMessages) -> &'a Classes) -> Set<'a> {
        Set::new(self.flat.iter().map(|&flat| classes(flat)))
    }

    fn view(&self, graph: usize) -> View<'a> {
        View {
            edges: &self.graphs[graph].edges,
            triplets: &self.flat[graph].triplets,
        }
    }

    fn edge(&self, (graph, member): (usize, usize)) -> FlatEdge {
        self.graphs[graph].edges[member]
    }

    /// - `shapes`: of the rows of `edges`.
    fn sum(&self, nodes: &Set<'_>, edges: &Set<'_>, shapes: &[u32]) -> Sum {
        let mut links = nodes.links(edges, |(graph, node)| {
            self.view(graph).edges_of(node, edges.flat[graph])
        });
        for link in &mut links.links {
            link.kind = shapes[link.source as usize];
        }
        Sum {
            links: Arc::new(links),
            counts: nodes.counts(),
        }
    }

    /// - `rows`: those before this stage's block.
    fn output(&self, stage: usize, rows: &State<'_>) -> Output {
        let outputs = self.set(|flat| &flat.stages[stage].outputs);
        Output {
            sum: self.sum(&outputs, &rows.edges, &rows.shapes),
            of_nodes: outputs.of_members(),
        }
    }

    /// - `made_from`: the row of what each row of `edges` was made from.
    /// - `shapes`: of the rows of `edges`.
    fn joined(
        &self,
        edges: &Set<'_>,
        nodes: &Set<'_>,
        made_from: Vec<u32>,
        shapes: Vec<u32>,
    ) -> Joined {
        let end = |of: fn(FlatEdge) -> u32| {
            edges.map(|(graph, edge)| nodes.row((graph, of(self.edge((graph, edge))) as usize)))
        };
        let topology = Topology {
            target: end(|edge| edge.target),
            source: end(|edge| edge.source),
            shape: made_from,
        };
        Joined {
            topology: Arc::new(topology),
            shapes: Arc::new(shapes),
            counts: edges.counts(),
            times_heard: edges.total(|(graph, edge)| {
                let target = self.edge((graph, edge)).target;
                (self.flat[graph].triplets.edges_of(target).len() - 1) as f64
            }),
        }
    }

    fn sums(&self, heard: &Set<'_>, before: &State<'_>) -> TripletSums {
        let links = heard.links(&before.edges, |(graph, edge)| {
            let mut seen = self.view(graph).others(edge, before.edges.flat[graph]);
            for seen in &mut seen {
                seen.kind = self.angles[graph][seen.kind as usize];
            }
            seen
        });
        TripletSums {
            links,
            shapes: heard.map(|member| before.shapes[before.edges.row(member) as usize]),
            counts: heard.counts(),
        }
    }

    fn updated(&self, updated: &Set<'_>, heard: &Set<'_>, before: &State<'_>) -> Updated {
        let edges = updated.map(|member| before.edges.row(member));
        let shapes = edges.iter().map(|&row| before.shapes[row as usize]);
        Updated {
            shapes: shapes.collect(),
            edges,
            own: updated.map(|member| heard.row(member)),
            opposite: updated.map(|(graph, edge)| {
                let opposite = self.flat[graph].triplets.reverse[edge];
                heard.row((graph, opposite as usize))
            }),
            counts: updated.counts(),
        }
    }

    fn block(&self, block: usize, before: &State<'_>) -> (Block, State<'a>) {
        let heard = self.set(|flat| &flat.blocks[block].heard);
        let changed = self.set(|flat| &flat.blocks[block].updated);
        let updated = self.updated(&changed, &heard, before);
        let nodes = self.set(|flat| &flat.stages[block + 1].nodes);
        let edges = self.set(|flat| &flat.stages[block + 1].edges);
        let made_from = edges.map(|member| changed.row(member));
        let shapes = made_from.iter().map(|&row| updated.shapes[row as usize]);
        let shapes = shapes.collect();
        let joined = self.joined(&edges, &nodes, made_from, shapes);
        let moved = Nodes {
            own: nodes.map(|member| before.nodes.row(member)),
            sum: self.sum(&nodes, &changed, &updated.shapes),
        };
        let after = State {
            shapes: Arc::clone(&joined.shapes),
            nodes,
            edges,
        };
        let block = Block {
            sums: Arc::new(self.sums(&heard, before)),
            updated,
            nodes: moved,
            edges: joined,
            output: self.output(block + 1, &after),
        };
        (block, after)
    }
}

impl Messages {
    /// - `graphs`: with messages, all of equally many blocks.
    /// - `shapes`: of every edge of every graph, in the batch.
    pub(crate) fn new(graphs: &[&FlatGraph], shapes: &[u32]) -> Option<Self> {
        let flat: Option<Vec<_>> = graphs.iter().map(|g| g.messages.as_ref()).collect();
        let flat = flat?;
        let mut cosines: Vec<i64> = flat
            .iter()
            .flat_map(|flat| flat.triplets.cosines.iter().copied())
            .collect();
        cosines.sort_unstable();
        cosines.dedup();
        let angles = flat.iter().map(|flat| {
            let own = flat.triplets.cosines.iter();
            own.map(|&cosine| place(&cosines, cosine)).collect()
        });
        let joiner = Joiner {
            graphs,
            angles: angles.collect(),
            flat,
        };
        let mut first_edges = vec![0];
        for graph in graphs {
            first_edges.push(first_edges[first_edges.len() - 1] + graph.edges());
        }
        let nodes = joiner.set(|flat| &flat.stages[0].nodes);
        let species = nodes.map(|(graph, node)| graphs[graph].now[node]);
        let edges = joiner.set(|flat| &flat.stages[0].edges);
        let of_edges = edges.map(|(graph, edge)| shapes[first_edges[graph] + edge]);
        let first = joiner.joined(&edges, &nodes, of_edges.clone(), of_edges);
        let mut state = State {
            shapes: Arc::clone(&first.shapes),
            nodes,
            edges,
        };
        let output = joiner.output(0, &state);
        let depth = joiner.flat.iter().map(|flat| flat.blocks.len()).min();
        let mut blocks = Vec::new();
        for block in 0..depth.unwrap_or(0) {
            let (rows, next) = joiner.block(block, &state);
            blocks.push(rows);
            state = next;
        }
        Some(Self {
            species,
            edges: first,
            output,
            blocks,
            cosines: cosines.iter().map(|&c| c as f64 / PER_ANGSTROM).collect(),
        })
    }
}
