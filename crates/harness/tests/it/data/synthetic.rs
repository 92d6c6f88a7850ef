//! A tiny set in the layout of 2DMD, made by hand: four structures in two
//! subsets, with energies that fit together.

use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

use crystal::{Element, Lattice, Site, Structure, cif};
use harness::dataset::twodmd::{self, Texts};
use zip::write::SimpleFileOptions;

/// Folders of the two subsets.
pub(crate) const LOW: &str = "low_density_defects/MoS2";
pub(crate) const HIGH: &str = "high_density_defects/MoS2_500";

/// Energy of the pristine supercell, eV.
const PRISTINE: f64 = -100.0;

/// Chemical potentials, eV.
const POTENTIALS: [(&str, f64); 3] = [("Mo", -10.0), ("S", -4.0), ("Se", -3.5)];

/// A structure: its id and kind, and for each defect the site of the supercell
/// and what is there now.
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) defects: &'static [(usize, Option<&'static str>)],
    pub(crate) energy: f64,
    pub(crate) levels: [f64; 2],
}

// sites 0..9 are Mo, 9..27 S
pub(crate) const LOW_ROWS: [Row; 3] = [
    Row {
        id: "aa01",
        kind: "X1",
        defects: &[(9, None)],
        energy: -93.5,
        levels: [-1.0, 0.25],
    },
    Row {
        id: "aa02",
        kind: "X1",
        defects: &[(18, None)],
        energy: -93.25,
        levels: [-1.0, 0.5],
    },
    Row {
        id: "aa03",
        kind: "V4",
        defects: &[(0, None), (10, Some("Se"))],
        energy: -84.0,
        levels: [-0.5, -0.25],
    },
];

pub(crate) const HIGH_ROWS: [Row; 1] = [Row {
    id: "MoS2_Mo9Se1S17_b",
    kind: "Mo9Se1S17",
    defects: &[(11, Some("Se"))],
    energy: -99.0,
    levels: [-1.0, 0.75],
}];

fn element(symbol: &str) -> Element {
    symbol.parse().unwrap()
}

/// A layer in the manner of `MoS2`.
pub(crate) fn unit_cell() -> Structure {
    let lattice = Lattice::from_parameters([3.2, 3.2, 15.0], [90.0, 90.0, 120.0]).unwrap();
    let site = |symbol, fractional| Site {
        element: element(symbol),
        fractional,
    };
    let sites = vec![
        site("Mo", [1.0 / 3.0, 2.0 / 3.0, 0.5]),
        site("S", [2.0 / 3.0, 1.0 / 3.0, 0.4]),
        site("S", [2.0 / 3.0, 1.0 / 3.0, 0.6]),
    ];
    Structure::new(lattice, sites).unwrap()
}

impl Row {
    pub(crate) fn structure(&self) -> Structure {
        let grown = unit_cell().supercell([3, 3, 1]);
        let sites = grown
            .sites()
            .iter()
            .enumerate()
            .filter_map(|(index, site)| {
                match self.defects.iter().find(|(place, _)| *place == index) {
                    Some((_, None)) => None,
                    Some((_, Some(symbol))) => Some(Site {
                        element: element(symbol),
                        ..*site
                    }),
                    None => Some(*site),
                }
            });
        Structure::new(*grown.lattice(), sites.collect()).unwrap()
    }

    /// `E - E_pristine + Σ μ(removed) - Σ μ(added)`, by the list of defects.
    pub(crate) fn formation_energy(&self) -> f64 {
        let potential = |symbol: &str| POTENTIALS.iter().find(|(s, _)| *s == symbol).unwrap().1;
        let change = |&(site, after): &(usize, Option<&str>)| {
            potential(if site < 9 { "Mo" } else { "S" }) - after.map_or(0.0, potential)
        };
        self.energy - PRISTINE + self.defects.iter().map(change).sum::<f64>()
    }

    fn literal(&self) -> String {
        let defects = self.defects.iter().map(|&(site, after)| {
            let before = if site < 9 { "Mo" } else { "S" };
            match after {
                None => format!("{{'type': 'vacancy', 'element': '{before}'}}"),
                Some(after) => {
                    format!("{{'type': 'substitution', 'from': '{before}', 'to': '{after}'}}")
                }
            }
        });
        format!("[{}]", defects.collect::<Vec<_>>().join(", "))
    }
}

/// The files of a subset.
pub(crate) fn texts(rows: &[Row]) -> Texts {
    let mut texts = Texts {
        defects: "_id,descriptor_id,energy,homo,lumo\n".into(),
        targets: "_id,descriptor_id,formation_energy,formation_energy_per_site,homo_lumo_gap_min\n"
            .into(),
        descriptors: "_id,description,base,cell,pbc,defects\n".into(),
        elements: "element,chemical_potential\n".into(),
        initial_structures: format!("base,cell_size,energy\nMoS2,\"[3, 3, 1]\",{PRISTINE}\n"),
        unit_cells: vec![("MoS2".into(), cif::write(&unit_cell(), "MoS2"))],
        ..Texts::default()
    };
    for (symbol, potential) in POTENTIALS {
        let _ = writeln!(texts.elements, "{symbol},{potential}");
    }
    for row in rows {
        let [homo, lumo] = row.levels;
        let energy = row.formation_energy();
        let share = energy / row.defects.len() as f64;
        let kind = format!("d-{}", row.kind);
        let _ = writeln!(
            texts.defects,
            "{},{kind},{},{homo},{lumo}",
            row.id, row.energy
        );
        let _ = writeln!(
            texts.targets,
            "{},{kind},{energy},{share},{}",
            row.id,
            lumo - homo
        );
        if !texts.descriptors.contains(&kind) {
            let _ = writeln!(
                texts.descriptors,
                "{kind},{},MoS2,\"(3, 3, 1)\",\"[True, True, False]\",\"{}\"",
                row.kind,
                row.literal()
            );
        }
        let structure = cif::write(&row.structure(), row.kind);
        texts.structures.push((row.id.into(), structure));
    }
    texts
}

/// Writes both subsets, the first one changed by `change`.
pub(crate) fn write(folder: &Path, change: impl FnOnce(&mut Texts)) {
    let mut low = texts(&LOW_ROWS);
    change(&mut low);
    twodmd::write(&folder.join(LOW), &low).unwrap();
    twodmd::write(&folder.join(HIGH), &texts(&HIGH_ROWS)).unwrap();
}

/// All files below a folder with their paths.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in next.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
                found.push((name.to_owned(), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// The folder as a zip, below one more folder.
pub(crate) fn zip(folder: &Path) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files(folder) {
        let path = format!("2d-materials-point-defects/{path}");
        archive
            .start_file(path, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The folder as a tar.gz.
pub(crate) fn tar_gz(folder: &Path) -> Vec<u8> {
    let packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(packer);
    for (path, bytes) in files(folder) {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive
            .append_data(&mut header, format!("./{path}"), &*bytes)
            .unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

/// The archive that a server has, as the authors call it.
pub(crate) const ARCHIVE: &str = "2d-materials-point-defects-all.zip";

/// A zip of the set, changed by `change`.
pub(crate) fn archive(change: impl FnOnce(&mut Texts)) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), change);
    zip(folder.path())
}
