//! The model against hand calculations, folding and its symmetries.

use approx::assert_relative_eq;
use proptest::prelude::*;

use super::*;
use crate::parameters::FOLDED_S;

const GAMMA: Vec3 = [0.0; 3];
const K: Vec3 = [1.0 / 3.0, 1.0 / 3.0, 0.0];

fn without(structure: &Structure, gone: usize) -> Structure {
    let mut sites = structure.sites().to_vec();
    sites.remove(gone);
    Structure::new(*structure.lattice(), sites)
        .unwrap()
        .with_periodic(structure.periodic())
}

/// The cell after an in-plane and a perpendicular stretch.
fn stretched(plane: f64, normal: f64) -> Structure {
    let cell = Model::mos2().unit_cell();
    let [a, b, c] = cell.lattice().rows();
    let rows = [
        crystal::scale(plane, a),
        crystal::scale(plane, b),
        crystal::scale(normal, c),
    ];
    Structure::new(Lattice::new(rows).unwrap(), cell.sites().to_vec())
        .unwrap()
        .with_periodic(cell.periodic())
}

/// At Γ the symmetric and antisymmetric p combinations along z decouple from all
/// but 3z²−r², which leaves a 2 × 2 and a 1 × 1 block.
#[test]
fn bands_at_gamma_by_hand() {
    let model = Model::mos2();
    let bands = model.bands(&model.unit_cell(), GAMMA).unwrap();
    let d: f64 = -1.094 + 6.0 * (-0.895 / 4.0 + 0.228 * 3.0 / 4.0);
    let p: f64 = -6.886 - 6.0 * 0.467 - 1.225;
    let tilt = (3.0_f64 / 7.0).sqrt(); // direction cosine of the bond with z
    let hop = 2.0_f64.sqrt() * 3.0 * tilt * (3.689 / 7.0 + 3.0_f64.sqrt() * 4.0 / 7.0 * -1.241);
    let (mean, split) = (0.5 * (d + p), (0.25 * (d - p).powi(2) + hop * hop).sqrt());
    let expected = [mean - split, -6.886 - 6.0 * 0.467 + 1.225, mean + split];
    for level in expected {
        // rounding only
        assert!(
            bands.iter().any(|band| (band - level).abs() < 1e-9),
            "{level} is not among {bands:?}"
        );
    }
}

/// Monolayer `MoS₂` has a direct gap at K of about 1.8 eV.
#[test]
fn the_gap_is_direct_at_k() {
    let model = Model::mos2();
    let cell = model.unit_cell();
    let mut edges = Vec::new();
    for (i, j) in (0..12).flat_map(|i| (0..12).map(move |j| (i, j))) {
        let k = [f64::from(i) / 12.0, f64::from(j) / 12.0, 0.0];
        let bands = model.bands(&cell, k).unwrap();
        edges.push((bands[6], bands[7]));
    }
    let top = edges.iter().map(|edge| edge.0).fold(f64::MIN, f64::max);
    let bottom = edges.iter().map(|edge| edge.1).fold(f64::MAX, f64::min);
    let at_k = model.bands(&cell, K).unwrap();
    // rounding only
    assert_relative_eq!(at_k[6], top, epsilon = 1e-9);
    assert_relative_eq!(at_k[7], bottom, epsilon = 1e-9);
    // a property of the parameters, to the digits that are quoted
    assert_relative_eq!(bottom - top, 1.822, epsilon = 5e-4);
}

#[test]
fn the_bands_of_the_cell_are_the_levels_of_the_supercell() {
    let model = Model::mos2();
    let cell = model.unit_cell();
    let mut folded = Vec::new();
    for (i, j) in (0..6).flat_map(|i| (0..6).map(move |j| (i, j))) {
        let k = [f64::from(i) / 6.0, f64::from(j) / 6.0, 0.0];
        folded.extend(model.bands(&cell, k).unwrap());
    }
    folded.sort_by(f64::total_cmp);
    let levels = model.energy(&cell.supercell([6, 6, 1])).unwrap();
    assert_eq!(levels.levels().len(), folded.len());
    for (level, band) in levels.levels().iter().zip(folded) {
        // two eigenvalue problems of different size: rounding only
        assert_relative_eq!(*level, band, epsilon = 1e-9);
    }
}

#[test]
fn the_hamiltonian_is_symmetric() {
    let model = Model::mos2();
    let structure = without(&model.unit_cell().supercell([3, 3, 1]), 12);
    let matrix = model.hamiltonian(&structure).unwrap();
    for (i, row) in matrix.iter().enumerate() {
        for (j, value) in row.iter().enumerate() {
            assert_relative_eq!(*value, matrix[j][i], epsilon = 1e-12);
        }
    }
}

/// Three metals lose a bond: their levels come down by `τ` in all, and
/// nothing else in the Hamiltonian changes its trace.
#[test]
fn a_missing_chalcogen_takes_its_s_orbital_with_it() {
    let model = Model::mos2();
    let perfect = model.unit_cell().supercell([3, 3, 1]);
    let defective = without(&perfect, 9);
    let trace = |structure: &Structure| {
        let matrix = model.hamiltonian(structure).unwrap();
        (0..matrix.len()).map(|i| matrix[i][i]).sum::<f64>()
    };
    let chalcogen = 2.0 * -3.559 - 6.886;
    let change = trace(&defective) - trace(&perfect) + chalcogen;
    assert_relative_eq!(change, -3.0 * FOLDED_S, epsilon = 1e-9);
    let electronic = model.energy(&defective).unwrap();
    assert_relative_eq!(
        electronic.s_electron_energy(),
        6.0 * FOLDED_S,
        epsilon = 1e-9
    );
    let none = model.energy(&perfect).unwrap().s_electron_energy();
    assert!(none.abs() < f64::EPSILON, "{none}");
}

/// What is far away does not count: doubling the supercell doubles the
/// energy, up to the k points that Γ of the smaller one lacks.
#[test]
fn energy_grows_with_size() {
    let model = Model::mos2();
    let per_cell = |n: usize| {
        let structure = model.unit_cell().supercell([n, n, 1]);
        model.energy(&structure).unwrap().total_energy() / (n * n) as f64
    };
    // the sum over k converges fast in an insulator
    assert_relative_eq!(per_cell(6), per_cell(9), epsilon = 2e-3);
    // and what is periodic with 3 cells is periodic with 6, exactly
    let model = Model::mos2();
    let cell = model.unit_cell().supercell([3, 3, 1]);
    let k_mean: f64 = [[0.0, 0.0], [0.5, 0.0], [0.0, 0.5], [0.5, 0.5]]
        .iter()
        .map(|[x, y]| {
            let bands = model.bands(&cell, [*x, *y, 0.0]).unwrap();
            2.0 * bands[..63].iter().sum::<f64>()
        })
        .sum();
    let large = model.energy(&cell.supercell([2, 2, 1])).unwrap();
    assert_relative_eq!(large.band_energy(), k_mean, epsilon = 1e-7);
}

/// Half a percent to either side, all forces point back.
#[test]
fn the_perfect_crystal_is_in_equilibrium() {
    let model = Model::mos2();
    let energy = |plane: f64, normal: f64| {
        let structure = stretched(plane, normal).supercell([6, 6, 1]);
        model.energy(&structure).unwrap().total_energy()
    };
    let rest = energy(1.0, 1.0);
    for (plane, normal) in [
        (0.995, 0.995),
        (1.005, 1.005),
        (0.995, 1.0),
        (1.005, 1.0),
        (1.0, 0.995),
        (1.0, 1.005),
    ] {
        let cost = energy(plane, normal) - rest;
        assert!(cost > 0.0, "{plane} {normal}: {cost} eV");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// The crystal may be turned about z, turned over and moved.
    #[test]
    fn does_not_see_where_the_crystal_lies(
        angle in 0.0..6.0_f64,
        over in any::<bool>(),
        shift in prop::array::uniform3(-0.4..0.4_f64),
        gone in 0..27_usize,
    ) {
        let model = Model::mos2();
        let here = without(&model.unit_cell().supercell([3, 3, 1]), gone);
        let (sine, cosine) = angle.sin_cos();
        let z = if over { -1.0 } else { 1.0 };
        let rows = here.lattice().rows().map(|[x, y, height]| {
            [cosine * x - sine * y, sine * x + cosine * y, z * height]
        });
        let sites = here.sites().iter().map(|site| Site {
            element: site.element,
            fractional: crystal::add(site.fractional, shift),
        });
        let there = Structure::new(Lattice::new(rows).unwrap(), sites.collect())
            .unwrap()
            .with_periodic(here.periodic());
        let (here, there) = (model.energy(&here).unwrap(), model.energy(&there).unwrap());
        // eigenvalues of matrices of size 100: rounding only
        assert_relative_eq!(here.total_energy(), there.total_energy(), epsilon = 1e-8);
        assert_relative_eq!(here.gap(), there.gap(), epsilon = 1e-8);
    }
}

#[test]
fn an_element_without_orbitals_is_refused_by_name() {
    let model = Model::mos2();
    let cell = model.unit_cell();
    let mut sites = cell.sites().to_vec();
    sites[1].element = element("C");
    let carbide = Structure::new(*cell.lattice(), sites).unwrap();
    assert_eq!(
        model.energy(&carbide).unwrap_err().to_string(),
        "site 1 must be Mo, W, S or Se, got C"
    );
}

#[test]
fn atoms_on_top_of_each_other_are_refused() {
    let model = Model::mos2();
    let cell = model.unit_cell();
    let mut sites = cell.sites().to_vec();
    sites[2].fractional = sites[1].fractional;
    sites[2].fractional[2] += 0.05;
    let crowded = Structure::new(*cell.lattice(), sites).unwrap();
    assert!(matches!(
        model.energy(&crowded),
        Err(Error::SitesTooClose { distance, .. }) if (distance - 0.75).abs() < 1e-9
    ));
}

/// A metal vacancy beside a chalcogen vacancy takes one of its three broken
/// bonds away; alone it leaves the chalcogens' s orbitals where they are.
#[test]
fn broken_bonds_are_counted() {
    let model = Model::mos2();
    let perfect = model.unit_cell().supercell([4, 4, 1]);
    let energy = |structure: &Structure| model.energy(structure).unwrap().s_electron_energy();
    let without_metal = without(&perfect, 0);
    assert!(energy(&without_metal).abs() < f64::EPSILON);
    let neighbor = crystal::neighbors(&perfect, 2.5)
        .unwrap()
        .into_iter()
        .find(|pair| pair.source == 0)
        .unwrap();
    let both = without(&without_metal, neighbor.target - 1);
    assert_relative_eq!(energy(&both), 4.0 * FOLDED_S, epsilon = 1e-9);
}
