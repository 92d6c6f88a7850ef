//! The surroundings of all sites, and the cutoffs that angles are taken within.

use std::collections::{BTreeMap, HashMap};

use crate::neighbors::neighbors;
use crate::{Element, Result, Structure, Vec3, add, sub};

/// How far surroundings reach for histograms, Å.
pub(super) const REACH: f64 = 10.0;

/// Width of a bin of distances, Å.
pub(super) const BIN: f64 = 0.1;

/// Distances that rounding could take below a border are above it, Å.
const ROUNDING: f64 = 1e-6;

/// Shells beyond are not told apart, bins.
const LAST_SHELL: usize = 50;

/// Vectors nearer to each other than about this are one, Å.
const SAME_VECTOR: f64 = 1e-5;

/// A neighbour of a site.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bond {
    pub(super) target: usize,
    pub(super) image: [i32; 3],
    /// Å.
    pub(super) length: f64,
    /// Which of the distinct vectors leads there.
    pub(super) vector: usize,
}

/// All neighbours up to some distance.
pub(super) struct Bonds {
    reach: f64,
    list: Vec<Bond>,
    /// Where the bonds of a site begin; one more than there are sites.
    starts: Vec<usize>,
    vectors: Vec<Vec3>,
    elements: Vec<Element>,
}

impl Bonds {
    /// - `reach`: Å.
    pub(super) fn of(structure: &Structure, reach: f64) -> Result<Self> {
        let pairs = neighbors(structure, reach)?;
        let positions = structure.positions();
        let mut starts = vec![0; positions.len() + 1];
        let mut list = Vec::with_capacity(pairs.len());
        let mut vectors = Vectors::default();
        for pair in pairs {
            let image = structure.lattice().cartesian(pair.image.map(f64::from));
            let target = add(positions[pair.target], image);
            list.push(Bond {
                target: pair.target,
                image: pair.image,
                length: pair.length,
                vector: vectors.place(sub(target, positions[pair.source])),
            });
            starts[pair.source + 1] = list.len();
        }
        for site in 1..starts.len() {
            starts[site] = starts[site].max(starts[site - 1]);
        }
        let elements = structure.sites().iter().map(|site| site.element);
        Ok(Self {
            reach,
            list,
            starts,
            vectors: vectors.distinct,
            elements: elements.collect(),
        })
    }

    /// How far they reach, Å.
    pub(super) fn reach(&self) -> f64 {
        self.reach
    }

    /// Number of sites.
    pub(super) fn sites(&self) -> usize {
        self.elements.len()
    }

    /// The bonds of a site.
    pub(super) fn around(&self, site: usize) -> &[Bond] {
        &self.list[self.starts[site]..self.starts[site + 1]]
    }

    /// The distinct vectors of all bonds, Å.
    pub(super) fn vectors(&self) -> &[Vec3] {
        &self.vectors
    }

    /// For each site its bonds shorter than a cutoff.
    pub(super) fn within(&self, cutoff: f64) -> Vec<Vec<Bond>> {
        let near = |bond: &&Bond| bond.length < cutoff - ROUNDING;
        (0..self.sites())
            .map(|site| self.around(site).iter().filter(near).copied().collect())
            .collect()
    }

    /// How many bonds have a length in each bin of [`BIN`], both ends counted.
    pub(super) fn lengths(&self) -> Vec<usize> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "lengths are from 0 to the reach"
        )]
        let bin = |length: f64| ((length + ROUNDING) / BIN) as usize;
        let mut counts = vec![0; bin(self.reach)];
        let last = counts.len() - 1;
        for bond in &self.list {
            // the last bin has both its borders
            counts[bin(bond.length).min(last)] += 1;
        }
        counts
    }

    /// The cutoffs after the first and the second shell of neighbours, Å.
    ///
    /// A shell is a run of filled bins. A cutoff is half way between the last
    /// bin of a shell and the first of the next; shells that begin at 5 Å or
    /// later count as bins.
    pub(super) fn shells(&self) -> [f64; 2] {
        let counts = self.lengths().into_iter().enumerate();
        let filled: Vec<usize> = counts
            .filter_map(|(bin, count)| (count > 0).then_some(bin))
            .collect();
        let end = |from: usize| {
            let next = |bin: &usize| filled.get(bin + 1).copied();
            (from..filled.len()).find(|&bin| {
                next(&bin).is_none_or(|next| {
                    next > filled[bin] + 1 || next >= LAST_SHELL || filled[bin] >= LAST_SHELL
                })
            })
        };
        let cutoff = |last: Option<usize>| {
            let last = last?;
            let next = filled.get(last + 1).copied();
            let both = filled[last] + next.unwrap_or(filled[last] + 2);
            Some(0.5 * BIN * both as f64)
        };
        let first = end(0);
        let second = first.and_then(|last| end(last + 1)).or(first);
        [first, second].map(|last| cutoff(last).unwrap_or(0.0))
    }

    /// The cutoff within which every pair of elements has its first shell, Å.
    ///
    /// For each pair of elements all distances are sorted; its
    /// cutoff is in the middle of the first gap of 0.1 Å or more, and the
    /// largest of all pairs is taken. Where a pair has no gap, its cutoff is its
    /// largest distance.
    pub(super) fn pair_shell(&self) -> f64 {
        const GAP: f64 = 0.1;
        let mut lengths: BTreeMap<[Element; 2], Vec<f64>> = BTreeMap::new();
        for site in 0..self.sites() {
            for bond in self.around(site) {
                let mut pair = [self.elements[site], self.elements[bond.target]];
                pair.sort();
                lengths.entry(pair).or_default().push(bond.length);
            }
        }
        let cutoffs = lengths.into_values().map(|mut lengths| {
            lengths.sort_by(f64::total_cmp);
            let gap = lengths.windows(2).find(|pair| pair[1] - pair[0] >= GAP);
            let last = lengths.last().copied().unwrap_or(0.0);
            gap.map_or(last, |pair| 0.5 * (pair[0] + pair[1]))
        });
        cutoffs.fold(0.0, f64::max)
    }
}

/// Vectors, each kept once.
#[derive(Default)]
struct Vectors {
    distinct: Vec<Vec3>,
    known: HashMap<[i64; 3], usize>,
}

impl Vectors {
    /// Where a vector is among the distinct ones.
    fn place(&mut self, vector: Vec3) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "vectors are short")]
        let key = vector.map(|x| (x / SAME_VECTOR).round() as i64);
        *self.known.entry(key).or_insert_with(|| {
            self.distinct.push(vector);
            self.distinct.len() - 1
        })
    }
}
