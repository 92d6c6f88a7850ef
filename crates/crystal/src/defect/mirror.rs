//! Which defects see their complex mirrored.

use super::{Defect, DefectCluster};
use crate::isometry::{Isometry, TOLERANCE, is_mirror, isometries, turn};
use crate::{Site, Vec3, add, norm, sub};

/// Unit cells beyond which no image is looked at.
const FAR: f64 = 1e6;

impl DefectCluster {
    /// Of each defect, whether a mirror plane of the host goes through it that maps the
    /// complex onto itself; not the plane of a flat layer, which maps all.
    ///
    /// Electronic states of a defect that such a plane keeps apart cannot mix. A lone defect
    /// has all mirror planes of its site.
    #[must_use]
    pub fn mirrored(&self) -> Vec<bool> {
        let mirrors = isometries(self.unit_cell.lattice());
        let mirrors: Vec<Isometry> = mirrors.into_iter().filter(is_mirror).collect();
        let places: Vec<Vec3> = self.defects.iter().map(|d| self.in_cells(d)).collect();
        let keeps = |mirror: &Isometry, about: Vec3| {
            self.keeps_host(mirror, about) && self.keeps_defects(mirror, about, &places)
        };
        let mirrored = |own: &Vec3| mirrors.iter().any(|mirror| keeps(mirror, *own));
        places.iter().map(mirrored).collect()
    }

    /// Where a defect is, in units of the vectors of the unit cell.
    fn in_cells(&self, defect: &Defect) -> Vec3 {
        std::array::from_fn(|axis| defect.fractional[axis] * self.repeats[axis] as f64)
    }

    fn keeps_host(&self, mirror: &Isometry, about: Vec3) -> bool {
        let sites = self.unit_cell.sites();
        let image = |place: Vec3| reflected(mirror, place, about);
        let kept = |site: &Site| {
            let mut alike = sites.iter().filter(|other| other.element == site.element);
            alike.any(|other| self.meet(image(site.fractional), other.fractional, [1.0; 3]))
        };
        let next = (0..3).filter(|axis| self.periodic[*axis]).map(|axis| {
            let mut shift = [0.0; 3];
            shift[axis] = 1.0;
            shift
        });
        let shifts: Vec<Vec3> = next.chain([[0.0; 3]]).collect();
        let stays = |site: &Site| {
            shifts.iter().all(|shift| {
                let place = add(site.fractional, *shift);
                self.meet(image(place), place, [FAR; 3])
            })
        };
        !sites.iter().all(stays) && sites.iter().all(kept)
    }

    fn keeps_defects(&self, mirror: &Isometry, about: Vec3, places: &[Vec3]) -> bool {
        let repeats = self.repeats.map(|count| count as f64);
        let kind = |d: &Defect| (d.before, d.after);
        self.defects.iter().zip(places).all(|(defect, place)| {
            let image = reflected(mirror, *place, about);
            let mut others = self.defects.iter().zip(places);
            others.any(|(other, at)| kind(other) == kind(defect) && self.meet(image, *at, repeats))
        })
    }

    /// Whether two places are one, up to so many unit cells along each vector.
    fn meet(&self, one: Vec3, other: Vec3, period: Vec3) -> bool {
        let apart = sub(one, other);
        let apart = std::array::from_fn(|axis| {
            apart[axis] - period[axis] * (apart[axis] / period[axis]).round()
        });
        norm(self.unit_cell.lattice().cartesian(apart)) < TOLERANCE
    }
}

/// The image of a place in a mirror plane through another.
fn reflected(mirror: &Isometry, place: Vec3, about: Vec3) -> Vec3 {
    add(turn(mirror, sub(place, about)), about)
}

#[cfg(test)]
mod tests {
    use crate::{DefectCluster, Lattice, Site, Structure};

    /// Vacancies in MoS2, 8 × 8: cells of the metal, the upper and the lower sulphur.
    fn mirrored(metal: [usize; 2], upper: &[[usize; 2]], lower: &[[usize; 2]]) -> bool {
        let lattice = Lattice::from_parameters([3.19, 3.19, 20.0], [90.0, 90.0, 120.0]).unwrap();
        let site = |symbol: &str, fractional| Site {
            element: symbol.parse().unwrap(),
            fractional,
        };
        let sites = vec![
            site("Mo", [1.0 / 3.0, 2.0 / 3.0, 0.5]),
            site("S", [2.0 / 3.0, 1.0 / 3.0, 0.578]),
            site("S", [2.0 / 3.0, 1.0 / 3.0, 0.422]),
        ];
        let cell = Structure::new(lattice, sites).unwrap();
        let whole = cell.supercell([8, 8, 1]);
        let gone: Vec<[f64; 3]> = [(0, &[metal][..]), (1, upper), (2, lower)]
            .into_iter()
            .flat_map(|(kind, cells)| {
                let at = cell.sites()[kind].fractional;
                let place = move |c: &[usize; 2]| {
                    [
                        (at[0] + c[0] as f64) / 8.0,
                        (at[1] + c[1] as f64) / 8.0,
                        at[2],
                    ]
                };
                cells.iter().map(place).collect::<Vec<_>>()
            })
            .collect();
        let near = |a: [f64; 3], b: [f64; 3]| (0..3).all(|k| (a[k] - b[k]).abs() < 1e-6);
        let kept = whole.sites().iter();
        let kept = kept.filter(|site| !gone.iter().any(|place| near(*place, site.fractional)));
        let structure = Structure::new(*whole.lattice(), kept.copied().collect()).unwrap();
        let found = DefectCluster::find(&structure, &cell, [8, 8, 1]).unwrap();
        assert_eq!(found.defects().len(), gone.len());
        let metal = found.defects().iter().position(|d| d.label() == "V_Mo");
        found.with_periodic([true, true, false]).mirrored()[metal.unwrap()]
    }

    #[test]
    fn a_vacancy_of_the_metal_has_the_mirror_planes_that_its_complex_leaves() {
        let metal = [4, 4];
        assert!(mirrored(metal, &[], &[]), "alone");
        // the three nearest sulphurs and the next three lie on planes, the third shell on none
        for near in [[4, 4], [3, 4], [4, 5], [3, 5], [5, 5], [3, 3]] {
            assert!(mirrored(metal, &[near], &[]), "{near:?}");
            assert!(mirrored(metal, &[], &[near]), "{near:?}");
        }
        assert!(!mirrored(metal, &[[5, 4]], &[]));
        // above each other the layer is a plane; two nearest of one layer lie on both sides of
        // one, and of both layers they do not
        assert!(mirrored(metal, &[[5, 4]], &[[5, 4]]));
        assert!(mirrored(metal, &[[4, 4], [3, 4]], &[]));
        assert!(!mirrored(metal, &[[4, 4]], &[[3, 4]]));
        // across the border of the supercell
        assert!(mirrored([0, 0], &[[7, 0]], &[]));
        assert!(!mirrored([0, 0], &[[1, 0]], &[]));
    }
}
