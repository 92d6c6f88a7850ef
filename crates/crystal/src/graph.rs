//! Graphs of atoms and of defects.
//!
//! Nodes are sites, edges are pairs of sites within a cutoff. Two sites of a
//! small cell can be near each other in several images at once, therefore the
//! graph is one with parallel edges, and every edge knows its image.
//!
//! # Invariants
//!
//! 1. Node `i` is site `i` of the structure, or defect `i` of the cluster.
//! 2. Every edge has its opposite: same length, opposite image and vector; the
//!    shell is seen from the other end, and may differ.
//! 3. Edges are sorted by source, target and image.

use std::sync::Arc;

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::layer_shells::along_layer;
use crate::neighbors::{Neighbor, neighbors_of_points};
use crate::{DefectCluster, Element, Lattice, LayerShells, Result, Structure, Vec3, sub};

/// How far shells are known, in units of the cutoff: the lattice of a structure
/// may differ from that of its host by 0.1 %.
const REACH: f64 = 1.01;

/// What sits on a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Atom {
    /// The element; none is a vacancy.
    pub now: Option<Element>,
    /// The element of the host there; none if that is not known, or if the atom
    /// is on no site of the host.
    pub was: Option<Element>,
    /// Index of the site in the structure, or of the defect in the cluster.
    pub site: usize,
}

/// An edge, from its source to one image of its target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bond {
    /// The cell of the target, relative to where it is listed.
    pub image: [i32; 3],
    /// Distance, Å.
    pub length: f64,
    /// Source to target, Å.
    pub vector: Vec3,
    /// Between two defects on sites of the host, the number of the shell on which
    /// the target lies, seen from the source: 0 for the nearest sites of its
    /// element, as in [`LayerShells`].
    pub shell: Option<u16>,
}

/// A directed graph of sites, with one edge for each pair and image.
///
/// # Examples
///
/// ```
/// # use crystal::{CrystalGraph, Lattice, Site, Structure};
/// let lattice = Lattice::new([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]])?;
/// let site = Site { element: "Po".parse()?, fractional: [0.0; 3] };
/// let simple_cubic = Structure::new(lattice, vec![site])?;
/// let graph = CrystalGraph::of_structure(&simple_cubic, 2.1)?;
/// assert_eq!((graph.node_count(), graph.edge_count()), (1, 6));
/// let (source, target, bond) = graph.edges().next().expect("six edges");
/// assert_eq!((source, target, bond.image), (0, 0, [-1, 0, 0])); // its own image
/// assert_eq!(bond.vector, [-2.0, 0.0, 0.0]); // Å
/// # Ok::<(), crystal::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CrystalGraph {
    graph: DiGraph<Atom, Bond>,
    host: Vec<Element>,
    reference: Option<Reference>,
}

/// What a graph is compared with.
#[derive(Debug, Clone)]
pub struct Reference {
    /// The other graph.
    pub graph: Arc<CrystalGraph>,
    /// What the difference is divided by: 1, or the number of defects for a property that
    /// is a total divided by it.
    pub divisor: f64,
}

impl CrystalGraph {
    /// The graph of all atoms of a structure, along its periodic axes.
    ///
    /// - `cutoff`: Å, inclusive. An atom is bonded to its own images too.
    ///
    /// # Errors
    ///
    /// [`Error::Length`](crate::Error::Length) if the cutoff is not positive and
    /// finite.
    pub fn of_structure(structure: &Structure, cutoff: f64) -> Result<Self> {
        let atoms = structure.sites().iter().enumerate();
        let atoms = atoms.map(|(site, found)| Atom {
            now: Some(found.element),
            was: None,
            site,
        });
        let points: Vec<Vec3> = structure.sites().iter().map(|s| s.fractional).collect();
        let lattice = structure.lattice();
        let pairs = neighbors_of_points(lattice, structure.periodic(), &points, cutoff)?;
        let graph = joined(atoms, &pairs, lattice, &points, |_, _| None);
        Ok(Self {
            graph,
            host: Vec::new(),
            reference: None,
        })
    }

    /// The same graph, of which only the difference to another one matters, as that of
    /// a supercell with defects to that of the supercell without.
    #[must_use]
    pub fn less(mut self, reference: Reference) -> Self {
        self.reference = Some(reference);
        self
    }

    /// The sparse graph of the defects alone.
    ///
    /// A node tells what sits on a site now and what was there in the host. Two
    /// different defects have an edge for each image within the cutoff; a defect
    /// has none to its own images. An edge tells its shell where both ends are
    /// sites of the host. Without a pair within the cutoff the graph has no edges,
    /// and for the pristine host no nodes either.
    ///
    /// - `cutoff`: Å, inclusive.
    /// - `periodic`: along which vectors images are taken, whatever the cluster
    ///   itself says. The source takes all three, even for a layer in vacuum.
    ///
    /// # Errors
    ///
    /// [`Error::Length`](crate::Error::Length) if the cutoff is not positive and
    /// finite.
    ///
    /// # Source
    ///
    /// Kazeev et al., *npj Comput. Mater.* **9**, 113 (2023).
    pub fn of_defects(cluster: &DefectCluster, cutoff: f64, periodic: [bool; 3]) -> Result<Self> {
        let atoms = cluster.defects().iter().enumerate();
        let atoms = atoms.map(|(site, defect)| Atom {
            now: defect.after,
            was: defect.before,
            site,
        });
        let points: Vec<Vec3> = cluster.defects().iter().map(|d| d.fractional).collect();
        let mut pairs = neighbors_of_points(cluster.lattice(), periodic, &points, cutoff)?;
        pairs.retain(|pair| pair.source != pair.target);
        let shells = LayerShells::new(cluster.unit_cell(), REACH * cutoff)?;
        let shell = |pair: &Neighbor, vector| {
            let [source, target] = [pair.source, pair.target].map(|end| cluster.defects()[end]);
            let distance = along_layer(cluster.lattice(), vector);
            let index = shells.index(source.unit_site?, target.before?, distance)?;
            Some(u16::try_from(index).unwrap_or(u16::MAX))
        };
        Ok(Self {
            graph: joined(atoms, &pairs, cluster.lattice(), &points, shell),
            host: cluster.host().to_vec(),
            reference: None,
        })
    }

    /// The graph itself.
    #[must_use]
    pub fn graph(&self) -> &DiGraph<Atom, Bond> {
        &self.graph
    }

    /// Of a graph of defects, the elements of the host, each once, in the order of
    /// atomic numbers; of others none.
    #[must_use]
    pub fn host(&self) -> &[Element] {
        &self.host
    }

    /// What this one is to be compared with.
    #[must_use]
    pub fn reference(&self) -> Option<&Reference> {
        self.reference.as_ref()
    }

    /// The nodes, in the order of the sites.
    pub fn nodes(&self) -> impl Iterator<Item = &Atom> {
        self.graph.node_weights()
    }

    /// The edges as source, target and bond, sorted by source, target and image.
    pub fn edges(&self) -> impl Iterator<Item = (usize, usize, &Bond)> {
        let edges = self.graph.edge_references();
        edges.map(|edge| (edge.source().index(), edge.target().index(), edge.weight()))
    }

    /// Number of nodes.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.graph.node_count()
    }

    /// Number of directed edges.
    #[must_use]
    pub fn edge_count(&self) -> usize {
        self.graph.edge_count()
    }
}

/// Sites and pairs as a graph.
fn joined(
    atoms: impl Iterator<Item = Atom>,
    pairs: &[Neighbor],
    lattice: &Lattice,
    points: &[Vec3],
    shell: impl Fn(&Neighbor, Vec3) -> Option<u16>,
) -> DiGraph<Atom, Bond> {
    let mut graph = DiGraph::with_capacity(points.len(), pairs.len());
    for atom in atoms {
        graph.add_node(atom);
    }
    for pair in pairs {
        let apart = sub(points[pair.target], points[pair.source]);
        let apart = std::array::from_fn(|axis| apart[axis] + f64::from(pair.image[axis]));
        let vector = lattice.cartesian(apart);
        let bond = Bond {
            image: pair.image,
            length: pair.length,
            vector,
            shell: shell(pair, vector),
        };
        let (source, target) = (NodeIndex::new(pair.source), NodeIndex::new(pair.target));
        graph.add_edge(source, target, bond);
    }
    graph
}
