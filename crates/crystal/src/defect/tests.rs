//! Defects that were put in by hand are found again.

use approx::assert_relative_eq;
use proptest::prelude::*;

use super::*;
use crate::{Error, Site, add};

/// Boron nitride: two sites, one of them on the border of the cell.
fn unit_cell() -> Structure {
    let lattice = Lattice::from_parameters([2.5, 2.5, 20.0], [90.0, 90.0, 120.0]).unwrap();
    let site = |symbol: &str, fractional| Site {
        element: symbol.parse().unwrap(),
        fractional,
    };
    let sites = vec![
        site("B", [-0.0, 0.999_999_99, 0.5]),
        site("N", [1.0 / 3.0, 2.0 / 3.0, 0.5]),
    ];
    let cell = Structure::new(lattice, sites).unwrap();
    cell.with_periodic([true, true, false])
}

fn rebuilt(like: &Structure, sites: Vec<Site>) -> Structure {
    let structure = Structure::new(*like.lattice(), sites).unwrap();
    structure.with_periodic(like.periodic())
}

fn found(sites: Vec<Site>) -> Result<DefectCluster, Error> {
    let grown = unit_cell().supercell([4, 4, 1]);
    DefectCluster::find(&rebuilt(&grown, sites), &unit_cell(), [4, 4, 1])
}

fn pristine() -> Vec<Site> {
    unit_cell().supercell([4, 4, 1]).sites().to_vec()
}

#[test]
fn nothing_is_wrong_with_the_pristine_host() {
    let cluster = found(pristine()).unwrap();
    assert_eq!(cluster.kind(), "pristine");
    assert!(cluster.defects().is_empty() && cluster.pairs_nearest().is_empty());
    let host: Vec<&str> = cluster.host().iter().map(|e| e.symbol()).collect();
    assert_eq!(host, ["B", "N"]);
}

#[test]
fn the_supercell_before_its_defects_is_in_its_own_lattice() {
    let grown = unit_cell().supercell([4, 2, 1]);
    let stretched = Lattice::from_parameters([10.002, 5.001, 20.0], [90.0, 90.0, 120.0]).unwrap();
    let sites = grown.sites()[1..].to_vec();
    let damaged = rebuilt(&grown.clone().with_lattice(stretched), sites);
    let cluster = DefectCluster::find(&damaged, &unit_cell(), [4, 2, 1]).unwrap();
    assert_eq!(
        (cluster.kind().as_str(), cluster.repeats()),
        ("V_B", [4, 2, 1])
    );
    let expected = rebuilt(&damaged, grown.sites().to_vec());
    assert_eq!(cluster.pristine(), expected);

    // digits that a file has no room for, an atom that has moved, another cell
    let mut rounded = damaged.sites().to_vec();
    for site in &mut rounded {
        site.fractional = site.fractional.map(|x| (x * 1e5).round() / 1e5);
    }
    rounded[3].fractional[0] += 0.01;
    rounded[4].fractional[1] += 1.0;
    rounded[5].fractional[2] -= 1.0;
    // half a tenth of an Å from its site, and in the cell below
    let near = rounded[6].fractional[2] + 0.0025;
    rounded[6].fractional[2] = near - 1.0;
    let rounded = rebuilt(&damaged, rounded);
    let aligned = cluster.aligned(&rounded);
    for (index, (site, exact)) in aligned.sites().iter().zip(damaged.sites()).enumerate() {
        match index {
            3 => assert_eq!(site, &rounded.sites()[3]),
            6 => assert_relative_eq!(site.fractional[2], near, epsilon = 1e-12),
            _ => assert_eq!(site, exact, "{index}"),
        }
    }
    let snapped = cluster.snapped(&rounded);
    for (index, (site, exact)) in snapped.sites().iter().zip(damaged.sites()).enumerate() {
        let mut expected = match index {
            3 | 6 => rounded.sites()[index],
            _ => *exact,
        };
        match index {
            4 => expected.fractional[1] += 1.0,
            5 => expected.fractional[2] -= 1.0,
            _ => {}
        }
        assert_eq!(site, &expected, "{index}");
    }
}

#[test]
fn each_sort_of_defect_is_named() {
    let mut sites = pristine();
    sites[16].element = "C".parse().unwrap(); // nitrogen of the first cell
    sites[17].element = "V".parse().unwrap();
    let lithium = Site {
        element: "Li".parse().unwrap(),
        fractional: [0.1, 0.1, 0.65],
    };
    sites.push(lithium);
    sites.remove(5); // boron of cell 1, 1
    let cluster = found(sites).unwrap();
    let labels: Vec<String> = cluster.defects().iter().map(Defect::label).collect();
    assert_eq!(labels, ["V_B", "C_N", "Vanadium_N", "i_Li"]);
    assert_eq!(cluster.kind(), "C_N+V_B+Vanadium_N+i_Li");

    let [vacancy, carbon, _, extra] = cluster.defects() else {
        panic!("four defects");
    };
    assert_eq!((vacancy.unit_site, vacancy.cell), (Some(0), [1, 1, 0]));
    assert_eq!((carbon.unit_site, carbon.cell), (Some(1), [0, 0, 0]));
    assert_eq!((extra.before, extra.unit_site), (None, None));
    assert_relative_eq!(extra.fractional[2], 0.65, epsilon = 1e-12);
    // a defect is on the site of the host, wrapped into the supercell
    assert_relative_eq!(vacancy.fractional[0], 0.25, epsilon = 1e-12);
    assert_relative_eq!(vacancy.fractional[1], 0.5, epsilon = 1e-8);
}

#[test]
fn equal_defects_are_counted() {
    let sites = pristine()[2..].to_vec();
    assert_eq!(found(sites).unwrap().kind(), "2V_B");
}

#[test]
fn a_cell_of_another_size_is_refused_by_the_length_that_differs() {
    let grown = unit_cell().supercell([4, 4, 1]);
    let error = DefectCluster::find(&grown, &unit_cell(), [4, 5, 1]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the unit cell, repeated, has b = 12.5000, but the structure has 10.0000"
    );
}

#[test]
fn a_host_that_is_repeated_zero_times_is_refused() {
    let error = DefectCluster::find(&unit_cell(), &unit_cell(), [1, 1, 0]).unwrap_err();
    assert_eq!(error, Error::NoRepeats { axis: 2 });
}

#[test]
fn another_origin_is_refused() {
    let shift = |site: Site| Site {
        fractional: add(site.fractional, [0.0, 0.0, 0.1]),
        ..site
    };
    let error = found(pristine().into_iter().map(shift).collect()).unwrap_err();
    let expected = 32;
    assert_eq!(
        error,
        Error::ForeignHost {
            matched: 0,
            expected
        }
    );
}

#[test]
fn two_atoms_in_one_place_are_refused() {
    // on a site of the host, and on none
    for place in [pristine()[3].fractional, [0.1, 0.1, 0.65]] {
        let mut sites = pristine();
        let element = "Li".parse().unwrap();
        let twice = Site {
            element,
            fractional: place,
        };
        sites.extend([twice, twice]);
        let error = found(sites).unwrap_err();
        assert!(matches!(error, Error::SitesTooClose { .. }), "{error}");
    }
}

#[test]
fn pairs_by_hand() {
    let mut sites = pristine();
    sites.remove(2); // boron of cell 0, 2
    sites.remove(0); // boron of cell 0, 0
    let cluster = found(sites).unwrap();
    // 5 Å apart to both sides
    let near = cluster.pairs_within(5.1);
    assert_eq!(near.len(), 2);
    for pair in near.iter().chain(&cluster.pairs_nearest()) {
        assert_eq!((pair.first, pair.second), (0, 1));
        assert_relative_eq!(pair.length, 5.0, epsilon = 1e-9);
        assert_relative_eq!(pair.offset_z, 0.0, epsilon = 1e-9);
    }
    assert!(cluster.pairs_within(-1.0).is_empty());
    assert_relative_eq!(
        cluster.inscribed_diameter(),
        10.0 * 0.75_f64.sqrt(),
        epsilon = 1e-9
    );
}

proptest! {
    /// Whatever is removed and replaced is found, although the file rounds to 8
    /// decimals, atoms moved a little, and cells are chosen at will.
    #[test]
    fn what_was_changed_is_found(
        changes in prop::collection::btree_map(0_usize..32, any::<bool>(), 0..12),
        noise in prop::collection::vec(prop::array::uniform3(-0.01..0.01), 32),
        images in prop::collection::vec(prop::array::uniform2(-2_i32..3), 32),
    ) {
        let mut sites = Vec::new();
        for (index, site) in pristine().into_iter().enumerate() {
            let [i, j] = images[index].map(f64::from);
            let [x, y, z] = noise[index];
            let place = add(site.fractional, [i + x, j + y, 0.1 * z]);
            let fractional = place.map(|x| (x * 1e8).round() / 1e8);
            match changes.get(&index) {
                Some(true) => {}
                Some(false) => sites.push(Site { element: "C".parse().unwrap(), fractional }),
                None => sites.push(Site { fractional, ..site }),
            }
        }
        let cluster = found(sites).unwrap();
        let place = |defect: &Defect| {
            let [a, b, _] = defect.cell.map(|n| usize::try_from(n).unwrap());
            (defect.unit_site.unwrap() * 16 + a * 4 + b, defect.after.is_none())
        };
        let found: BTreeMap<usize, bool> = cluster.defects().iter().map(place).collect();
        prop_assert_eq!(&found, &changes);
        for defect in cluster.defects() {
            prop_assert!(defect.fractional.iter().all(|x| (0.0..1.0).contains(x)));
        }
    }
}

/// Boron is the cation; another material of the same structure has the same roles.
#[test]
fn roles_do_not_name_elements() {
    let mut sites = pristine();
    sites[16].element = "C".parse().unwrap(); // nitrogen
    sites.remove(5); // boron
    let cluster = found(sites).unwrap();
    let roles: Vec<String> = cluster.defects().iter().map(|d| cluster.role(d)).collect();
    assert_eq!(roles, ["V_cation", "X_anion"]);
    assert_relative_eq!(cluster.lattice_constant(), 2.5);
}

proptest! {
    /// Wherever a complex lies in the cell, also across its border.
    #[test]
    fn a_configuration_does_not_depend_on_where_it_is(rows in 0_usize..4, other in 1_usize..16) {
        // boron sites come first, four cells a row
        let told = |rows: usize| {
            let gone = [4 * rows, (other + 4 * rows) % 16];
            let sites = pristine().into_iter().enumerate();
            let kept = sites.filter(|(index, _)| !gone.contains(index));
            found(kept.map(|(_, site)| site).collect()).unwrap().configuration()
        };
        prop_assert_eq!(told(0), told(rows));
    }
}
