//! From a structure and its unit cell to the defects.

use super::{Defect, DefectCluster};
use crate::neighbors::nearest_vector;
use crate::{Error, Lattice, Result, Site, Structure, Vec3, add, norm, sub};

/// How far an atom may be from a site of the host and still be on it, Å.
const TOLERANCE: f64 = 0.3;

/// How far rounded coordinates may put an atom from its site, Å.
const ROUNDING: f64 = 1e-3;

/// Relative deviation of lengths and angles up to which two lattices are equal.
const LATTICE_TOLERANCE: f64 = 1e-3;

impl DefectCluster {
    /// The defects of a structure: what differs from its unit cell, repeated.
    ///
    /// An atom within 0.3 Å of a site of the host, over all images, is on that
    /// site. A site without an atom is a vacancy, one with another element a
    /// substitution, and an atom on no site is an extra one. The orientation of
    /// the two lattices in space does not matter, the origin does.
    ///
    /// The cluster keeps the periodicity of the structure.
    ///
    /// # Errors
    ///
    /// - [`Error::NoRepeats`] if the unit cell is to be repeated zero times.
    /// - [`Error::NotASupercell`] if a length or an angle differs by more than
    ///   0.1 % from that of the repeated unit cell.
    /// - [`Error::ForeignHost`] if most sites of the host have no atom.
    /// - [`Error::SitesTooClose`] if two atoms are on one site.
    ///
    /// # Examples
    ///
    /// ```
    /// # use crystal::{DefectCluster, Lattice, Site, Structure};
    /// let lattice = Lattice::from_parameters([2.5, 2.5, 20.0], [90.0, 90.0, 120.0])?;
    /// let site = |symbol: &str, fractional| -> crystal::Result<Site> {
    ///     Ok(Site { element: symbol.parse()?, fractional })
    /// };
    /// let b = site("B", [1.0 / 3.0, 2.0 / 3.0, 0.5])?;
    /// let n = site("N", [2.0 / 3.0, 1.0 / 3.0, 0.5])?;
    /// let unit_cell = Structure::new(lattice, vec![b, n])?;
    ///
    /// let grown = unit_cell.supercell([4, 4, 1]);
    /// let mut sites = grown.sites().to_vec();
    /// sites[0].element = "C".parse()?; // was boron
    /// sites.pop(); // was nitrogen
    /// let damaged = Structure::new(*grown.lattice(), sites)?;
    ///
    /// let cluster = DefectCluster::find(&damaged, &unit_cell, [4, 4, 1])?;
    /// assert_eq!(cluster.kind(), "C_B+V_N");
    /// # Ok::<(), crystal::Error>(())
    /// ```
    pub fn find(structure: &Structure, unit_cell: &Structure, repeats: [usize; 3]) -> Result<Self> {
        if let Some(axis) = repeats.iter().position(|&count| count == 0) {
            return Err(Error::NoRepeats { axis });
        }
        check_lattice(structure.lattice(), &unit_cell.lattice().supercell(repeats))?;
        let host = Host { unit_cell, repeats };
        let (occupants, extra) = host.occupy(structure)?;
        let mut defects = host.differences(structure, &occupants);
        check_extra(structure, &extra)?;
        for index in extra {
            defects.push(host.extra(&structure.sites()[index], structure.periodic()));
        }
        Ok(Self {
            lattice: *structure.lattice(),
            periodic: structure.periodic(),
            unit_cell: unit_cell.clone(),
            repeats,
            host: unit_cell.composition().into_keys().collect(),
            defects,
        })
    }

    /// The structure with its atoms that are on a site of the host but for rounding, within
    /// 10⁻³ Å, exactly there: printed coordinates make one length many. They stay in the image
    /// that they are in, which is part of what a cell without images is.
    ///
    /// - `structure`: the one that the defects were found in.
    #[must_use]
    pub fn snapped(&self, structure: &Structure) -> Structure {
        self.on_sites(structure, |_, cell| cell)
    }

    /// The same, with atoms near a site also in its image: distances that the structure has in
    /// common with the [supercell without defects](Self::pristine) are then equal.
    ///
    /// - `structure`: the one that the defects were found in.
    #[must_use]
    pub fn aligned(&self, structure: &Structure) -> Structure {
        self.on_sites(structure, |host, cell| {
            host.wrapped(cell).map(|count| count as f64)
        })
    }

    /// - `image`: which copy of the unit cell an atom that is in another is put into.
    fn on_sites(&self, structure: &Structure, image: impl Fn(&Host, Vec3) -> Vec3) -> Structure {
        let host = Host {
            unit_cell: &self.unit_cell,
            repeats: self.repeats,
        };
        structure.clone().moved(|point| match host.nearest(point) {
            Some((unit_site, cell, distance)) if distance <= ROUNDING => {
                host.place(unit_site, image(&host, cell))
            }
            Some((_, cell, _)) => {
                let away = sub(image(&host, cell), cell);
                add(point, host.in_supercells(away))
            }
            None => point,
        })
    }
}

/// A unit cell and how often it is repeated.
struct Host<'a> {
    unit_cell: &'a Structure,
    repeats: [usize; 3],
}

impl Host<'_> {
    /// Number of sites; as many as can be counted where there are more.
    fn len(&self) -> usize {
        let cells = self
            .repeats
            .iter()
            .fold(1, |n: usize, &r| n.saturating_mul(r));
        cells.saturating_mul(self.unit_cell.sites().len())
    }

    /// Refuses, before anything is kept for each of its sites, a host most of whose
    /// sites must be empty.
    fn not_much_larger_than(&self, structure: &Structure) -> Result<()> {
        let (atoms, expected) = (structure.sites().len(), self.len());
        if atoms < expected.div_ceil(2) {
            let matched = atoms;
            return Err(Error::ForeignHost { matched, expected });
        }
        Ok(())
    }

    /// Which atom of the structure is on which site of the host, and the atoms
    /// on none.
    fn occupy(&self, structure: &Structure) -> Result<(Vec<Option<usize>>, Vec<usize>)> {
        self.not_much_larger_than(structure)?;
        let mut occupants: Vec<Option<usize>> = vec![None; self.len()];
        let mut extra = Vec::new();
        for (index, site) in structure.sites().iter().enumerate() {
            match self.site_at(site.fractional) {
                None => extra.push(index),
                Some(place) => match occupants[place] {
                    None => occupants[place] = Some(index),
                    Some(first) => return Err(too_close(structure, first, index, 2.0 * TOLERANCE)),
                },
            }
        }
        let matched = occupants.iter().flatten().count();
        if 2 * matched < self.len() {
            return Err(Error::ForeignHost {
                matched,
                expected: self.len(),
            });
        }
        Ok((occupants, extra))
    }

    /// The index of the site of the host at a point of the supercell.
    fn site_at(&self, point: Vec3) -> Option<usize> {
        let (unit_site, cell, _) = self.nearest(point)?;
        Some(self.index(unit_site, self.wrapped(cell)))
    }

    /// The site of the host at a point of the supercell, as the site and the copy of the
    /// unit cell, also of those beyond the supercell, and how far it is, Å.
    fn nearest(&self, point: Vec3) -> Option<(usize, Vec3, f64)> {
        let point = self.in_unit_cells(point);
        let sites = self.unit_cell.sites().iter().enumerate();
        // the nearest, where a unit cell has sites within the tolerance
        let mut best = None;
        let mut nearest = TOLERANCE;
        for (unit_site, site) in sites {
            let apart = sub(point, site.fractional);
            let cell = apart.map(f64::round);
            let distance = norm(self.unit_cell.lattice().cartesian(sub(apart, cell)));
            if distance <= nearest {
                nearest = distance;
                best = Some((unit_site, cell, distance));
            }
        }
        best
    }

    /// Where a site is, in units of the vectors of the supercell.
    fn place(&self, unit_site: usize, cell: Vec3) -> Vec3 {
        let site = self.unit_cell.sites()[unit_site].fractional;
        self.in_supercells(add(site, cell))
    }

    /// What is in units of the vectors of the unit cell in those of the supercell.
    fn in_supercells(&self, point: Vec3) -> Vec3 {
        std::array::from_fn(|axis| point[axis] / self.repeats[axis] as f64)
    }

    /// A point of the supercell in units of the vectors of the unit cell.
    fn in_unit_cells(&self, point: Vec3) -> Vec3 {
        std::array::from_fn(|axis| point[axis] * self.repeats[axis] as f64)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to the number of repeats"
    )]
    fn wrapped(&self, cell: Vec3) -> [usize; 3] {
        std::array::from_fn(|axis| {
            // exact: both are whole numbers
            cell[axis].rem_euclid(self.repeats[axis] as f64) as usize
        })
    }

    fn index(&self, unit_site: usize, cell: [usize; 3]) -> usize {
        let along = cell.iter().zip(self.repeats);
        along.fold(unit_site, |index, (&cell, count)| index * count + cell)
    }

    /// The vacancies and substitutions, in the order of the host's sites.
    fn differences(&self, structure: &Structure, occupants: &[Option<usize>]) -> Vec<Defect> {
        let [_, nb, nc] = self.repeats;
        let cells = self.len() / self.unit_cell.sites().len();
        let mut defects = Vec::new();
        for (index, occupant) in occupants.iter().enumerate() {
            let unit_site = index / cells;
            let site = self.unit_cell.sites()[unit_site];
            let after = occupant.map(|atom| structure.sites()[atom].element);
            if after == Some(site.element) {
                continue;
            }
            let cell = [index % cells / (nb * nc), index / nc % nb, index % nc];
            let place = self.place(unit_site, cell.map(|count| count as f64));
            defects.push(Defect {
                before: Some(site.element),
                after,
                fractional: wrapped(place, structure.periodic()),
                unit_site: Some(unit_site),
                cell: signed(cell),
            });
        }
        defects
    }

    fn extra(&self, site: &Site, periodic: [bool; 3]) -> Defect {
        let cell = self.wrapped(self.in_unit_cells(site.fractional).map(f64::floor));
        Defect {
            before: None,
            after: Some(site.element),
            fractional: wrapped(site.fractional, periodic),
            unit_site: None,
            cell: signed(cell),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a supercell of two thousand million cells fits no memory"
)]
fn signed(cell: [usize; 3]) -> [i32; 3] {
    cell.map(|count| count as i32)
}

/// The same point in the cell, along the periodic axes.
fn wrapped(point: Vec3, periodic: [bool; 3]) -> Vec3 {
    std::array::from_fn(|axis| {
        if !periodic[axis] {
            return point[axis];
        }
        let inside = point[axis].rem_euclid(1.0);
        // a tiny negative number becomes 1 by rounding
        if inside < 1.0 { inside } else { 0.0 }
    })
}

fn check_lattice(found: &Lattice, expected: &Lattice) -> Result<()> {
    let names = ["a", "b", "c", "alpha", "beta", "gamma"];
    let of = |lattice: &Lattice| lattice.lengths().into_iter().chain(lattice.angles());
    for (what, (found, expected)) in names.into_iter().zip(of(found).zip(of(expected))) {
        if (found - expected).abs() > LATTICE_TOLERANCE * expected {
            return Err(Error::NotASupercell {
                what,
                expected,
                found,
            });
        }
    }
    Ok(())
}

fn too_close(structure: &Structure, first: usize, second: usize, least: f64) -> Error {
    let [from, to] = [first, second].map(|site| structure.sites()[site].fractional);
    let vector = nearest_vector(structure.lattice(), structure.periodic(), from, to);
    Error::SitesTooClose {
        first,
        second,
        distance: norm(vector),
        least,
    }
}

/// Extra atoms must not sit on top of each other.
fn check_extra(structure: &Structure, extra: &[usize]) -> Result<()> {
    let place = |index: usize| structure.sites()[index].fractional;
    for (count, &second) in extra.iter().enumerate() {
        for &first in &extra[..count] {
            let (lattice, periodic) = (structure.lattice(), structure.periodic());
            let vector = nearest_vector(lattice, periodic, place(first), place(second));
            if norm(vector) < TOLERANCE {
                return Err(too_close(structure, first, second, TOLERANCE));
            }
        }
    }
    Ok(())
}
