//! Neighbours, graphs, defects and descriptors through the public interface.

use approx::assert_relative_eq;
use crystal::{
    CrystalGraph, DefectCluster, DefectDescriptor, Element, Lattice, Site, Structure, Vec3, add,
    neighbors, norm, sub,
};
use proptest::prelude::*;

fn structure(lattice: Lattice, sites: &[(&str, Vec3)]) -> Structure {
    let site = |&(symbol, fractional): &(&str, Vec3)| Site {
        element: symbol.parse().unwrap(),
        fractional,
    };
    Structure::new(lattice, sites.iter().map(site).collect()).unwrap()
}

/// The unit cell of a layer of molybdenum disulphide in vacuum.
fn mos2() -> Structure {
    let lengths = [3.190_315_7, 3.190_315_7, 14.879_004];
    let lattice = Lattice::from_parameters(lengths, [90.0, 90.0, 120.0]).unwrap();
    let third = 1.0 / 3.0;
    structure(
        lattice,
        &[
            ("Mo", [third, 2.0 * third, 0.25]),
            ("S", [2.0 * third, third, 0.144_826]),
            ("S", [2.0 * third, third, 0.355_174]),
        ],
    )
}

/// A small triclinic cell with sites outside of it.
fn skewed() -> Structure {
    let lattice = Lattice::from_parameters([4.0, 5.0, 6.0], [65.0, 70.0, 55.0]).unwrap();
    structure(
        lattice,
        &[
            ("Mo", [0.1, 0.2, 0.3]),
            ("S", [0.6, 0.7, 0.1]),
            ("S", [1.3, -0.4, 0.75]),
            ("Se", [-0.2, 0.55, 2.6]),
        ],
    )
}

/// The primitive cell of rock salt.
fn rock_salt() -> Structure {
    let half = 2.82;
    let rows = [[0.0, half, half], [half, 0.0, half], [half, half, 0.0]];
    structure(
        Lattice::new(rows).unwrap(),
        &[("Na", [0.0; 3]), ("Cl", [0.5; 3])],
    )
}

/// Number of pairs and sum of their lengths, from pymatgen 2026.10.24
/// (`find_points_in_spheres`, without the self pairs that it also returns); the
/// numbers also of ASE 3.29.0 (`primitive_neighbor_list`).
#[test]
fn pairs_are_those_of_two_other_programs() {
    let (bulk, layer, slab) = ([true; 3], [true, true, false], [false, true, true]);
    let large = mos2().supercell([8, 8, 1]);
    let table = [
        (&large, bulk, 5.0, 3584, 12_438.277_918),
        (&large, bulk, 10.0, 20_096, 139_818.516_937),
        (&large, bulk, 15.0, 55_936, 609_978.445_230),
        (&large, layer, 5.0, 3584, 12_438.277_918),
        (&large, layer, 15.0, 46_976, 485_387.122_977),
        (&mos2(), layer, 12.0, 464, 3_862.956_450),
        (&skewed(), bulk, 3.5, 24, 66.215_089),
        (&skewed(), bulk, 6.1, 174, 819.730_010),
        (&skewed(), bulk, 12.1, 1374, 12_615.152_848),
        (&skewed(), slab, 12.1, 266, 2_290.688_899),
        (&skewed(), [false, false, true], 12.1, 62, 472.180_843),
        (&rock_salt(), bulk, 3.0, 12, 33.84),
        (&rock_salt(), bulk, 9.0, 292, 2_036.695_051),
    ];
    for (structure, periodic, cutoff, count, sum) in table {
        let structure = structure.clone().with_periodic(periodic);
        let pairs = neighbors(&structure, cutoff).unwrap();
        assert_eq!(pairs.len(), count, "{periodic:?}, {cutoff} Å");
        let total: f64 = pairs.iter().map(|pair| pair.length).sum();
        // six decimals are printed above
        assert_relative_eq!(total, sum, epsilon = 1e-6);
    }
}

/// All lengths, sorted: what no choice of coordinates changes.
fn lengths(structure: &Structure, cutoff: f64) -> Vec<f64> {
    let pairs = neighbors(structure, cutoff).unwrap();
    let mut lengths: Vec<f64> = pairs.iter().map(|pair| pair.length).collect();
    lengths.sort_by(f64::total_cmp);
    lengths
}

fn assert_same(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        // positions are some 10 Å, doubles have 16 digits
        assert_relative_eq!(found, expected, epsilon = 1e-9);
    }
}

proptest! {
    #[test]
    fn a_translation_changes_no_distance(by in prop::array::uniform3(-3.0..3.0)) {
        let moved = |site: &Site| Site {
            fractional: add(site.fractional, by),
            ..*site
        };
        let sites = skewed().sites().iter().map(moved).collect();
        let moved = Structure::new(*skewed().lattice(), sites).unwrap();
        assert_same(&lengths(&moved, 6.3), &lengths(&skewed(), 6.3));
    }

    #[test]
    fn a_rotation_changes_no_distance(angle in 0.0..6.3_f64, tilt in 0.0..6.3_f64) {
        let ((sin, cos), (sin_tilt, cos_tilt)) = (angle.sin_cos(), tilt.sin_cos());
        let turn = |[x, y, z]: Vec3| {
            let [x, y] = [cos * x - sin * y, sin * x + cos * y];
            [x, cos_tilt * y - sin_tilt * z, sin_tilt * y + cos_tilt * z]
        };
        let lattice = Lattice::new(skewed().lattice().rows().map(turn)).unwrap();
        let turned = Structure::new(lattice, skewed().sites().to_vec()).unwrap();
        assert_same(&lengths(&turned, 6.3), &lengths(&skewed(), 6.3));
    }

    #[test]
    fn a_supercell_repeats_every_distance(repeats in prop::array::uniform3(1_usize..4)) {
        let copies = repeats.iter().product();
        let cell = lengths(&skewed(), 6.3);
        let expected: Vec<f64> = cell.iter().flat_map(|&d| vec![d; copies]).collect();
        assert_same(&lengths(&skewed().supercell(repeats), 6.3), &expected);
    }

    #[test]
    fn another_order_of_the_sites_changes_no_distance(
        order in Just(vec![0, 1, 2, 3]).prop_shuffle(),
    ) {
        let sites = order.iter().map(|&site| skewed().sites()[site]).collect();
        let shuffled = Structure::new(*skewed().lattice(), sites).unwrap();
        assert_same(&lengths(&shuffled, 6.3), &lengths(&skewed(), 6.3));
    }
}

#[test]
fn an_edge_leads_from_its_source_to_an_image_of_its_target() {
    let crystal = skewed();
    let graph = CrystalGraph::of_structure(&crystal, 6.3).unwrap();
    assert_eq!(graph.node_count(), 4);
    assert_eq!(graph.edge_count(), lengths(&crystal, 6.3).len());
    for (source, target, bond) in graph.edges() {
        let image = crystal.lattice().cartesian(bond.image.map(f64::from));
        let there = add(crystal.position(target), image);
        let vector = sub(there, crystal.position(source));
        assert_relative_eq!(norm(sub(vector, bond.vector)), 0.0, epsilon = 1e-12);
        assert_relative_eq!(norm(bond.vector), bond.length, epsilon = 1e-12);
    }
}

#[test]
fn an_atom_of_a_structure_is_known_now_but_not_before() {
    let graph = CrystalGraph::of_structure(&rock_salt(), 3.0).unwrap();
    let chlorine = graph.nodes().nth(1).unwrap();
    assert_eq!(chlorine.now.map(Element::symbol), Some("Cl"));
    assert_eq!((chlorine.was, chlorine.site), (None, 1));
}

/// That layer without the atoms at some indices of its 8 × 8 supercell.
fn without(removed: &[usize]) -> DefectCluster {
    let layer = mos2().with_periodic([true, true, false]);
    let full = layer.supercell([8, 8, 1]);
    let kept = full.sites().iter().enumerate();
    let kept = kept.filter_map(|(index, site)| (!removed.contains(&index)).then_some(*site));
    let damaged = Structure::new(*full.lattice(), kept.collect()).unwrap();
    let damaged = damaged.with_periodic([true, true, false]);
    DefectCluster::find(&damaged, &layer, [8, 8, 1]).unwrap()
}

#[test]
fn a_sparse_graph_has_parallel_edges_but_none_to_itself() {
    // both on one row along the first vector, half the cell apart
    let cluster = without(&[0, 32]);
    let side = 8.0 * 3.190_315_7;
    let graph = CrystalGraph::of_defects(&cluster, side / 2.0 + 0.1, [true, true, false]).unwrap();
    let edges: Vec<_> = graph
        .edges()
        .map(|(source, target, bond)| (source, target, bond.image))
        .collect();
    assert_eq!(
        edges,
        [
            (0, 1, [-1, 0, 0]),
            (0, 1, [0, 0, 0]),
            (1, 0, [0, 0, 0]),
            (1, 0, [1, 0, 0])
        ]
    );
    // its own image is within 26 Å, and yet no edge
    let wide = CrystalGraph::of_defects(&cluster, 26.0, [true, true, false]).unwrap();
    assert!(wide.edges().all(|(source, target, _)| source != target));
    let vacancy = graph.nodes().next().unwrap();
    assert_eq!(vacancy.now, None);
    assert_eq!(vacancy.was.map(Element::symbol), Some("Mo"));
}

#[test]
fn a_sparse_graph_may_have_no_edges_or_no_nodes() {
    let lone = CrystalGraph::of_defects(&without(&[5]), 10.0, [true; 3]).unwrap();
    assert_eq!((lone.node_count(), lone.edge_count()), (1, 0));
    let pristine = CrystalGraph::of_defects(&without(&[]), 10.0, [true; 3]).unwrap();
    assert_eq!((pristine.node_count(), pristine.edge_count()), (0, 0));
}

#[test]
fn the_vacuum_is_crossed_only_if_asked() {
    let cluster = without(&[64, 128]); // two sulphur atoms above each other
    let edges = |periodic| {
        let graph = CrystalGraph::of_defects(&cluster, 12.0, periodic).unwrap();
        graph.edge_count()
    };
    assert_eq!(edges([true, true, false]), 2); // 3.13 Å through the layer
    assert_eq!(edges([true; 3]), 4); // and 11.75 Å through the vacuum
}

/// Source, target and shell of the edges of a sparse graph.
fn shells(cluster: &DefectCluster, cutoff: f64) -> Vec<(usize, usize, Option<u16>)> {
    let graph = CrystalGraph::of_defects(cluster, cutoff, [true, true, false]).unwrap();
    let edges = graph.edges();
    edges
        .map(|(source, target, bond)| (source, target, bond.shell))
        .collect()
}

#[test]
fn an_edge_of_a_sparse_graph_tells_its_shell() {
    // metals two steps apart along a row: the third shell after a and √3 a
    assert_eq!(
        shells(&without(&[0, 16]), 6.5),
        [(0, 1, Some(2)), (1, 0, Some(2))]
    );
    // sulphur above sulphur: none before the first
    assert_eq!(
        shells(&without(&[64, 128]), 3.2),
        [(0, 1, Some(0)), (1, 0, Some(0))]
    );
    // a metal, the nearest sulphur and the next but one, a step along the zigzag chain
    let [first, third] = [Some(0), Some(2)];
    assert_eq!(
        shells(&without(&[0, 64, 72]), 6.0),
        [
            (0, 1, first),
            (0, 2, third),
            (1, 0, first),
            (1, 2, first),
            (2, 0, third),
            (2, 1, first)
        ]
    );
}

#[test]
fn shells_are_known_at_the_cutoff_in_a_lattice_a_little_longer_than_that_of_the_host() {
    let host = mos2();
    let stretched = |lengths: Vec3| {
        let lattice = Lattice::from_parameters(lengths, [90.0, 90.0, 120.0]).unwrap();
        let sites = host.supercell([8, 8, 1]).sites().to_vec();
        let kept = sites.into_iter().enumerate();
        let kept = kept.filter(|(index, _)| ![0, 32].contains(index));
        let damaged = Structure::new(lattice, kept.map(|(_, site)| site).collect()).unwrap();
        DefectCluster::find(&damaged, &host, [8, 8, 1]).unwrap()
    };
    for factor in [0.9991, 1.0, 1.0009] {
        let side = 8.0 * 3.190_315_7 * factor;
        let cluster = stretched([side, side, 14.879_004]);
        let edges = shells(&cluster, side / 2.0 + 1e-6);
        // 4 a, after √13 a: the eighth of the triangular lattice
        assert!(edges.iter().all(|edge| edge.2 == Some(7)), "{edges:?}");
        assert_eq!(edges.len(), 4);
    }
}

#[test]
fn only_sites_of_the_host_have_shells() {
    let layer = mos2();
    let full = layer.supercell([4, 4, 1]);
    let mut sites = full.sites()[1..].to_vec();
    sites.push(Site {
        element: "Li".parse().unwrap(),
        fractional: [0.1, 0.15, 0.5],
    });
    let damaged = Structure::new(*full.lattice(), sites).unwrap();
    let cluster = DefectCluster::find(&damaged, &layer, [4, 4, 1]).unwrap();
    let edges = shells(&cluster, 6.0);
    assert!(!edges.is_empty() && edges.iter().all(|edge| edge.2.is_none()));
    let whole = CrystalGraph::of_structure(&layer, 5.0).unwrap();
    assert!(whole.edges().all(|(_, _, bond)| bond.shell.is_none()));
}

/// The index of a site of the 8 × 8 supercell after a lattice translation.
fn translated(index: usize, by: [usize; 2]) -> usize {
    let (site, a, b) = (index / 64, index / 8 % 8, index % 8);
    site * 64 + (a + by[0]) % 8 * 8 + (b + by[1]) % 8
}

proptest! {
    /// A cluster does not care where the crystal begins.
    #[test]
    fn features_do_not_see_a_lattice_translation(
        removed in prop::collection::btree_set(0_usize..192, 1..6),
        by in prop::array::uniform2(0_usize..8),
    ) {
        let removed: Vec<usize> = removed.into_iter().collect();
        let moved: Vec<usize> = removed.iter().map(|&index| translated(index, by)).collect();
        let (here, there) = (without(&removed), without(&moved));
        prop_assert_eq!(here.kind(), there.kind());
        let table = DefectDescriptor::learn(&[&here]).describe(&[&here, &there]);
        assert_same(table.row(0), table.row(1));
        let sorted = |cluster: &DefectCluster| {
            let edges = shells(cluster, 13.0).into_iter();
            let mut numbers: Vec<_> = edges.map(|(_, _, shell)| shell.unwrap()).collect();
            numbers.sort_unstable();
            numbers
        };
        prop_assert_eq!(sorted(&here), sorted(&there));
    }
}
