//! Files of every format, with numbers by independent tools.
//!
//! Formulas, numbers of sites, volumes (Å³) and nearest distances (Å) are by
//! pymatgen 2026.10.24, those of XYZ files by ASE 3.29.0 and pymatgen; the awkward
//! CIF, which pymatgen does not read, is by gemmi and pymatgen.

use std::fs;
use std::path::Path;

use approx::assert_relative_eq;
use crystal::{Structure, cif, norm, poscar, pymatgen, xyz};

fn data(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// By definition, all pairs; only for a cell with more than one site.
fn nearest_distance(structure: &Structure) -> f64 {
    let sites = structure.sites();
    let pairs = (0..sites.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    let distance = |(i, j): (usize, usize)| {
        norm(structure.nearest_image(sites[i].fractional, sites[j].fractional))
    };
    pairs.map(distance).fold(f64::MAX, f64::min)
}

#[track_caller]
fn check(structure: &Structure, formula: &str, volume: f64, nearest: f64, tolerance: f64) {
    assert_eq!(structure.formula(), formula);
    assert_relative_eq!(structure.lattice().volume(), volume, epsilon = 1e-7);
    assert_relative_eq!(nearest_distance(structure), nearest, epsilon = tolerance);
}

/// The tools print eight decimals.
const PRINTED: f64 = 1e-7;

#[test]
fn cif_files_agree_with_independent_tools() {
    // thirds of three digits put an atom 0.001·a beside its place
    let truncated = 0.01;
    // thirds of five digits: pymatgen takes them for exact, we keep them
    let snapped = 1e-4;
    for (name, formula, volume, nearest, tolerance) in [
        (
            "nacl-conventional-fm-3m",
            "Na4 Cl4",
            179.425_230_44,
            2.820_1,
            PRINTED,
        ),
        (
            "hcp-mg-truncated-thirds",
            "Mg2",
            46.481_778_06,
            3.196_038_47,
            truncated,
        ),
        (
            "mos2-2h-p63mmc",
            "S4 Mo2",
            106.351_414_63,
            2.417_632_42,
            snapped,
        ),
        (
            "srtio3-perovskite-pm-3m",
            "O3 Ti1 Sr1",
            59.547_442_62,
            1.952_5,
            PRINTED,
        ),
        (
            "quartz-uncertainties",
            "O6 Si3",
            113.131_154_06,
            1.604_703_85,
            snapped,
        ),
        (
            "loop-order-and-text-fields",
            "S4 Zn4",
            158.278_965_94,
            2.342_295_61,
            PRINTED,
        ),
        (
            "hbn-labels-without-group",
            "B1 N1",
            108.599_862_76,
            1.445_685_07,
            PRINTED,
        ),
    ] {
        let structure = cif::read(&data(&format!("{name}.cif"))).unwrap();
        check(&structure, formula, volume, nearest, tolerance);
    }
}

#[test]
fn other_files_agree_with_independent_tools() {
    let rutile = poscar::read(&data("rutile-cartesian-selective.poscar")).unwrap();
    check(&rutile, "O4 Ti2", 62.449_817_91, 1.946_517_41, PRINTED);
    let phosphorus = poscar::read(&data("black-phosphorus-negative-scale.poscar")).unwrap();
    check(&phosphorus, "P4", 303.653_570_48, 2.220_201_92, PRINTED);
    let frames = xyz::read(&data("mos2-layer-two-frames.xyz")).unwrap();
    assert_eq!(frames.len(), 2);
    check(
        &frames[0].structure,
        "S2 Mo1",
        157.636_715_28,
        2.411_824_2,
        PRINTED,
    );
    check(
        &frames[1].structure,
        "S3 Mo2",
        315.273_430_56,
        2.411_824_2,
        PRINTED,
    );
    let layer = pymatgen::read(&data("wse2-layer-pbc.json")).unwrap();
    check(&layer, "Se2 W1", 177.922_277_92, 2.535_552_8, PRINTED);
}

#[test]
fn both_frames_of_an_xyz_keep_their_values() {
    let frames = xyz::read(&data("mos2-layer-two-frames.xyz")).unwrap();
    assert_eq!(frames[0].info["name"], "MoS2 layer");
    assert_eq!(frames[1].info["name"], "one vacancy");
    assert_eq!(frames[1].info["energy_like"], "-21.5");
    assert_eq!(frames[1].info["relaxed"], "T");
    assert_eq!(frames[1].structure.periodic(), [true, true, false]);
}

#[test]
fn a_layer_in_json_is_not_periodic_across() {
    let layer = pymatgen::read(&data("wse2-layer-pbc.json")).unwrap();
    assert_eq!(layer.periodic(), [true, true, false]);
}

#[test]
fn a_group_without_its_operations_is_refused() {
    let text = data("nacl-conventional-fm-3m.cif");
    let head = text.find("loop_").unwrap();
    let atoms = text.rfind("loop_").unwrap();
    let without = format!("{}{}", &text[..head], &text[atoms..]);
    assert_eq!(
        cif::read(&without).unwrap_err().to_string(),
        "line 2: space group `F m -3 m` is named, but its symmetry operations are not listed"
    );
}

/// The primitive cells of the 2DMD data, where the environment says they are.
#[test]
fn real_unit_cells_are_read() {
    let Ok(shared) = std::env::var("TYCHO_SHARED") else {
        eprintln!("skipped: no ../shared");
        return;
    };
    let mut files = Vec::new();
    let mut folders = vec![Path::new(&shared).join("datasets/2dmd")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "cif")
                && path.parent().is_some_and(|p| p.ends_with("unit_cells"))
            {
                files.push(path);
            }
        }
    }
    assert!(!files.is_empty(), "no unit_cells below {shared}");
    for file in files {
        let structure = cif::read(&fs::read_to_string(&file).unwrap()).unwrap();
        let nearest = nearest_distance(&structure);
        // bonds of layered materials: 1.45 Å in h-BN, 2.65 Å in InSe
        assert!(
            (1.4..2.8).contains(&nearest),
            "{}: {nearest}",
            file.display()
        );
    }
}
