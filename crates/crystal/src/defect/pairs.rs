//! Pairs of defects, over images or in the nearest one.

use super::DefectCluster;
use crate::neighbors::{nearest_vector, neighbors_of_points};
use crate::{Vec3, add, cross, dot, norm, scale, sub};

/// Two defects, one image apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Index of the first defect.
    pub first: usize,
    /// Index of the second defect, larger than `first`.
    pub second: usize,
    /// Distance, Å.
    pub length: f64,
    /// How much higher the second is, along the normal of the first two vectors
    /// of the cell, Å. Zero for two defects of one layer.
    pub offset_z: f64,
    /// From the first to this image of the second, Å.
    pub vector: Vec3,
}

impl DefectCluster {
    /// Every pair of different defects in every image not farther than
    /// `cutoff`, sorted by first and second; a pair comes once for each image.
    ///
    /// - `cutoff`: Å. Nothing is within one that is not positive and finite.
    #[must_use]
    pub fn pairs_within(&self, cutoff: f64) -> Vec<Pair> {
        let points: Vec<Vec3> = self.defects.iter().map(|d| d.fractional).collect();
        let all = neighbors_of_points(&self.lattice, self.periodic, &points, cutoff);
        let all = all.unwrap_or_default().into_iter();
        all.filter(|pair| pair.source < pair.target)
            .map(|pair| {
                let apart = sub(points[pair.target], points[pair.source]);
                let vector = self
                    .lattice
                    .cartesian(add(apart, pair.image.map(f64::from)));
                self.pair(pair.source, pair.target, vector)
            })
            .collect()
    }

    /// Every pair of different defects once, in its nearest image; sorted by
    /// first and second.
    ///
    /// Of several images at one distance (within rounding) any one is taken.
    #[must_use]
    pub fn pairs_nearest(&self) -> Vec<Pair> {
        let count = self.defects.len();
        (0..count)
            .flat_map(|first| (first + 1..count).map(move |second| (first, second)))
            .map(|(first, second)| {
                let [from, to] = [first, second].map(|site| self.defects[site].fractional);
                let vector = nearest_vector(&self.lattice, self.periodic, from, to);
                self.pair(first, second, vector)
            })
            .collect()
    }

    fn pair(&self, first: usize, second: usize, vector: Vec3) -> Pair {
        let [a, b, _] = self.lattice.rows();
        let normal = cross(a, b);
        Pair {
            first,
            second,
            length: norm(vector),
            offset_z: dot(vector, scale(1.0 / norm(normal), normal)),
            vector,
        }
    }
}
