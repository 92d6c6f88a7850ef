//! Structures as sites, pairs and triples of defects.

use std::collections::BTreeSet;

use crystal::DefectCluster;
use serde::{Deserialize, Serialize};
use symreg::Column;
use symreg::law::{Parts, Rise};

use super::elements::{properties, sublattice};
use super::geometry::{angles, channel, labels, triples_of};
use super::growing::{Growing, Names, Shared};
use super::{LawModelSettings, pairs::PairValues};
use crate::models::cluster_expansion::SAME_LAYER;

/// How structures become parts of a law.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Shape {
    pub(super) settings: LawModelSettings,
    pub(super) per_defect: bool,
    /// Whether the hosts are several: what they share is then told by the roles of
    /// defects, and what they do not, by their labels.
    pub(super) hosts_differ: bool,
}

impl Shape {
    pub(super) fn new(
        settings: &LawModelSettings,
        per_defect: bool,
        clusters: &[&DefectCluster],
    ) -> Self {
        Self {
            settings: settings.clone(),
            per_defect,
            hosts_differ: settings.any_host
                || clusters
                    .windows(2)
                    .any(|two| two[0].unit_cell() != two[1].unit_cell()),
        }
    }

    fn names(&self, cluster: &DefectCluster) -> Names {
        let defects = cluster.defects();
        let elements = cluster.unit_cell().sites().iter();
        let elements: BTreeSet<&str> = elements.map(|site| site.element.symbol()).collect();
        let host: String = elements.into_iter().collect();
        let roles: Vec<String> = defects.iter().map(|d| cluster.role(d)).collect();
        let property = self.settings.shared_by;
        let of_pairs = |role: &String| match property {
            Some(_) => sublattice(role).to_owned(),
            None => role.clone(),
        };
        let told = defects.iter().zip(&roles);
        let told = told.map(|(defect, role)| properties(defect, role));
        Names {
            properties: self.settings.sharing.then(|| told.collect()),
            shared: roles.iter().map(of_pairs).collect(),
            changes: property.map(|p| defects.iter().map(|d| p.change(d)).collect()),
            host: if self.hosts_differ {
                host
            } else {
                String::new()
            },
            roles,
            labels: labels(cluster),
            mirrored: if self.settings.mirrors {
                cluster.mirrored()
            } else {
                vec![false; defects.len()]
            },
            unit: cluster.lattice_constant(),
        }
    }

    fn pair_values<'a>(&'a self, cluster: &'a DefectCluster) -> PairValues<'a> {
        let settings = &self.settings;
        PairValues::new(cluster, &settings.pair_columns, settings.cutoff_angstrom)
    }

    /// How values rise from parts: a total adds up, an excitation is the lowest of all, or
    /// the lowest level of a matrix.
    pub(super) fn rise(&self) -> Rise {
        if self.per_defect {
            Rise::Sum
        } else if self.settings.coupled {
            Rise::LowestLevel
        } else {
            Rise::Lowest
        }
    }

    pub(super) fn parts(&self, clusters: &[&DefectCluster]) -> Parts {
        if self.per_defect {
            self.totals(clusters)
        } else {
            self.sites(clusters)
        }
    }

    /// Structures that add up, divided by their numbers of defects.
    ///
    /// The host alone has nothing of a total, but for an error of its reference: its constant
    /// is shrunk. Where nearly all complexes have as many defects of each sort, it could else
    /// take the place of what these cost.
    fn totals(&self, clusters: &[&DefectCluster]) -> Parts {
        let mut all = Shared::new(self, "structure").shrunk();
        let mut sites = Shared::of_sites(self);
        let mut mirrors = Shared::new(self, "mirror").shrunk();
        let mut pairs = Shared::of_pairs(self, "pair", 2);
        let mut neighbourhoods = Shared::of_neighbourhoods(self);
        let mut columns = ["a", "b", "c"].map(|side| Column::new(side, "Å")).to_vec();
        if self.settings.triple_angles {
            columns.extend(["alpha", "beta", "gamma"].map(|angle| Column::new(angle, "rad")));
        }
        let mut triples = Growing::new("triple", columns, 3, false);
        for (structure, cluster) in clusters.iter().enumerate() {
            let names = self.names(cluster);
            all.add(structure, ["", &names.host]);
            for site in 0..names.labels.len() {
                sites.add_site(structure, &names, site);
                mirrors.add_mirror(structure, &names, site);
            }
            let values = self.pair_values(cluster);
            for pair in cluster.pairs_within(self.settings.cutoff_angstrom) {
                let flat = pair.offset_z.abs() < SAME_LAYER;
                let name = |of: &[String]| channel(&[&of[pair.first], &of[pair.second]], &[flat]);
                let both = [&name(&names.shared)[..], &name(&names.labels)];
                let told = names.told(&pair, values.of(&pair), &[pair.first, pair.second]);
                pairs.add_pair((structure, 0), both, &told);
                if let Some(level) = &mut neighbourhoods {
                    for (own, other) in [(pair.first, pair.second), (pair.second, pair.first)] {
                        let name = |of: &[String]| neighbour(of, own, other, flat);
                        let both = [&name(&names.shared)[..], &name(&names.labels)];
                        let told = names.told(&pair, values.of(&pair), &[other]);
                        level.add_pair((structure, own), both, &told);
                    }
                }
            }
            for (name, sides) in triples_of(cluster, &names.labels) {
                let mut sorted = sides;
                sorted.sort_by(f64::total_cmp);
                if sorted[1] <= self.settings.triple_cutoff_angstrom {
                    let mut values = sides.to_vec();
                    if self.settings.triple_angles {
                        values.extend(angles(sides));
                    }
                    triples.add((structure, 0), name, values);
                }
            }
        }
        let mirrors = Some(mirrors).filter(|_| self.settings.mirrors);
        let levels = [Some(all), Some(sites), mirrors, Some(pairs), neighbourhoods];
        let levels = levels.into_iter().flatten().flat_map(Shared::levels);
        let count = |cluster: &&DefectCluster| cluster.defects().len().max(1) as f64;
        Parts::totals(
            levels.chain([triples.level]).collect(),
            clusters.iter().map(count).collect(),
        )
    }

    /// Structures whose members are the host and every defect, these shifted by the
    /// others.
    fn sites(&self, clusters: &[&DefectCluster]) -> Parts {
        let mut host = Shared::new(self, "host");
        let mut sites = Shared::of_sites(self);
        let mut mirrors = Shared::new(self, "mirror").shrunk();
        let mut pairs = Shared::of_pairs(self, "neighbour", 1);
        let mut neighbourhoods = Shared::of_neighbourhoods(self);
        let mut couplings = Shared::of_pairs(self, "coupling", 2);
        let (mut members, mut places) = (Vec::new(), Vec::new());
        for (structure, cluster) in clusters.iter().enumerate() {
            let names = self.names(cluster);
            host.add(members.len(), ["", &names.host]);
            let first = members.len() + 1;
            let count = names.labels.len();
            for site in 0..count {
                sites.add_site(first + site, &names, site);
                mirrors.add_mirror(first + site, &names, site);
            }
            members.extend(std::iter::repeat_n(structure, 1 + count));
            places.extend((0..=count).map(|site| [site; 2]));
            let values = self.pair_values(cluster);
            for pair in cluster.pairs_within(self.settings.cutoff_angstrom) {
                let flat = pair.offset_z.abs() < SAME_LAYER;
                let told = |of: &[usize]| names.told(&pair, values.of(&pair), of);
                let ends = [(pair.first, pair.second), (pair.second, pair.first)];
                for (own, other) in ends {
                    let name = |of: &[String]| neighbour(of, own, other, flat);
                    let both = [&name(&names.shared)[..], &name(&names.labels)];
                    let told = told(&[other]);
                    pairs.add_pair((first + own, 0), both, &told);
                    if let Some(level) = &mut neighbourhoods {
                        level.add_pair((first + own, 0), both, &told);
                    }
                }
                if self.settings.coupled {
                    let place = [1 + pair.first, 1 + pair.second];
                    let known = (first + count..places.len()).find(|m| places[*m] == place);
                    let member = known.unwrap_or_else(|| {
                        members.push(structure);
                        places.push(place);
                        places.len() - 1
                    });
                    let name =
                        |of: &[String]| channel(&[&of[pair.first], &of[pair.second]], &[flat]);
                    let both = [&name(&names.shared)[..], &name(&names.labels)];
                    couplings.add_pair((member, 0), both, &told(&[pair.first, pair.second]));
                }
            }
        }
        let mut levels = vec![host, sites];
        levels.extend(Some(mirrors).filter(|_| self.settings.mirrors));
        levels.push(pairs);
        levels.extend(neighbourhoods);
        if self.settings.coupled {
            levels.push(couplings);
        } else {
            places.clear();
        }
        Parts {
            levels: levels.into_iter().flat_map(Shared::levels).collect(),
            members,
            places,
            divisors: vec![1.0; clusters.len()],
        }
    }
}

/// The name of the channel of what one defect does to another.
fn neighbour(names: &[String], own: usize, other: usize, flat: bool) -> String {
    let layer = if flat { '=' } else { '/' };
    format!("{} by {} {layer}", names[own], names[other])
}

#[cfg(test)]
mod tests;
