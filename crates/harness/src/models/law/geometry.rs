//! Pairs and triples of defects, as a law tells them apart.

use crystal::{DefectCluster, Pair};

use crate::models::cluster_expansion::SAME_LAYER;

/// Lengths are told apart to one in this many Å.
const PER_ANGSTROM: f64 = 1e3;

/// The kinds of all defects.
pub(super) fn labels(cluster: &DefectCluster) -> Vec<String> {
    let defects = cluster.defects().iter();
    defects.map(crystal::Defect::label).collect()
}

pub(super) fn rounded(length: f64) -> f64 {
    (length * PER_ANGSTROM).round() / PER_ANGSTROM
}

/// The name of a channel: sorted labels, and whether the pairs are flat.
pub(super) fn channel(labels: &[&str], flat: &[bool]) -> String {
    let mut labels = labels.to_vec();
    labels.sort_unstable();
    let layers: String = flat.iter().map(|f| if *f { '=' } else { '/' }).collect();
    format!("{} {layers}", labels.join("-"))
}

/// Two defects as a law knows them, where directions do not count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PairOfKinds {
    labels: [String; 2],
    flat: bool,
    /// In units of the length in which lengths are told apart.
    length: i64,
}

impl PairOfKinds {
    pub(super) fn channel(&self) -> String {
        channel(&self.labels(), &[self.flat])
    }

    pub(super) fn labels(&self) -> [&str; 2] {
        self.labels.each_ref().map(String::as_str)
    }

    /// In Å.
    pub(super) fn length(&self) -> f64 {
        self.length as f64 / PER_ANGSTROM
    }

    /// The same at a distance farther by so many units.
    pub(super) fn moved(&self, by: i64) -> Self {
        Self {
            length: self.length + by,
            ..self.clone()
        }
    }
}

/// All pairs of a complex, in their nearest images.
#[expect(
    clippy::cast_possible_truncation,
    reason = "cells are not as large as that"
)]
pub(super) fn pairs_of_kinds(cluster: &DefectCluster, labels: &[String]) -> Vec<PairOfKinds> {
    let pair = |pair: Pair| {
        let mut labels = [pair.first, pair.second].map(|end| labels[end].clone());
        labels.sort_unstable();
        PairOfKinds {
            labels,
            flat: pair.offset_z.abs() < SAME_LAYER,
            length: (pair.length * PER_ANGSTROM).round() as i64,
        }
    };
    cluster.pairs_nearest().into_iter().map(pair).collect()
}

/// Every triple of defects: its channel, and the sides opposite to the third, second
/// and first defect in the order of their labels.
///
/// Where labels are equal, the order is the one with the smallest sides, so that it does
/// not depend on how the defects are numbered.
pub(super) fn triples_of(cluster: &DefectCluster, labels: &[String]) -> Vec<(String, [f64; 3])> {
    let count = labels.len();
    let mut sides = vec![(0.0, true); count * count];
    for pair in cluster.pairs_nearest() {
        let side = (rounded(pair.length), pair.offset_z.abs() < SAME_LAYER);
        sides[pair.first * count + pair.second] = side;
        sides[pair.second * count + pair.first] = side;
    }
    let mut found = Vec::new();
    for i in 0..count {
        for j in i + 1..count {
            for k in j + 1..count {
                let orders = [
                    [i, j, k],
                    [i, k, j],
                    [j, i, k],
                    [j, k, i],
                    [k, i, j],
                    [k, j, i],
                ];
                let told = orders.into_iter().map(|[a, b, c]| {
                    let names = [&labels[a], &labels[b], &labels[c]].map(String::as_str);
                    let three = [(a, b), (a, c), (b, c)].map(|(x, y)| sides[x * count + y]);
                    (names, three)
                });
                let first = told.reduce(|a, b| if before(&b, &a) { b } else { a });
                if let Some((names, three)) = first {
                    let flat = three.map(|(_, flat)| flat);
                    found.push((channel(&names, &flat), three.map(|(length, _)| length)));
                }
            }
        }
    }
    found
}

/// The angles at the first, second and third defect of a triple, in radians.
///
/// Sides are those of nearest images, which need not close: such a triple is stretched.
pub(super) fn angles([a, b, c]: [f64; 3]) -> [f64; 3] {
    let between = |one: f64, other: f64, opposite: f64| {
        let cosine = (one * one + other * other - opposite * opposite) / (2.0 * one * other);
        rounded(cosine.clamp(-1.0, 1.0).acos())
    };
    [between(a, b, c), between(a, c, b), between(b, c, a)]
}

type Told<'a> = ([&'a str; 3], [(f64, bool); 3]);

fn before(a: &Told, b: &Told) -> bool {
    let lengths = |told: &Told| told.1.map(|(length, _)| length);
    a.0.cmp(&b.0)
        .then(
            lengths(a)
                .partial_cmp(&lengths(b))
                .unwrap_or(std::cmp::Ordering::Equal),
        )
        .is_lt()
}
