//! Structures as sites, pairs and triples of defects.

use std::collections::BTreeSet;

use crystal::{DefectCluster, Pair};
use serde::{Deserialize, Serialize};
use symreg::law::{Item, Level, Parts, Rise};
use symreg::{Column, Expr, Op};

use super::elements::{ElementProperty, PROPERTIES, properties, sublattice};
use super::{LawModelSettings, pairs::PairValues};
use crate::models::cluster_expansion::SAME_LAYER;

/// Lengths are told apart to one in this many Å.
const PER_ANGSTROM: f64 = 1e3;

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
                pairs.add_pair(structure, both, &told);
            }
            for (name, sides) in triples_of(cluster, &names.labels) {
                let mut sorted = sides;
                sorted.sort_by(f64::total_cmp);
                if sorted[1] <= self.settings.triple_cutoff_angstrom {
                    let mut values = sides.to_vec();
                    if self.settings.triple_angles {
                        values.extend(angles(sides));
                    }
                    triples.add(structure, name, values);
                }
            }
        }
        let mirrors = Some(mirrors).filter(|_| self.settings.mirrors);
        let levels = [Some(all), Some(sites), mirrors, Some(pairs)];
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
                let layer = if flat { '=' } else { '/' };
                let told = |of: &[usize]| names.told(&pair, values.of(&pair), of);
                let ends = [(pair.first, pair.second), (pair.second, pair.first)];
                for (own, other) in ends {
                    let name = |of: &[String]| format!("{} by {} {layer}", of[own], of[other]);
                    let both = [&name(&names.shared)[..], &name(&names.labels)];
                    pairs.add_pair(first + own, both, &told(&[other]));
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
                    couplings.add_pair(member, both, &told(&[pair.first, pair.second]));
                }
            }
        }
        let mut levels = vec![host, sites];
        levels.extend(Some(mirrors).filter(|_| self.settings.mirrors));
        levels.push(pairs);
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

/// What the defects of a complex are called.
struct Names {
    /// Empty where there is one alone.
    host: String,
    roles: Vec<String>,
    /// What pairs of any host are told by: roles or sublattices.
    shared: Vec<String>,
    labels: Vec<String>,
    /// Whether a mirror plane through the defect maps the complex onto itself; false where
    /// this is not wanted.
    mirrored: Vec<bool>,
    /// Where they are wanted: none of a defect that is no replaced element.
    changes: Option<Vec<Option<f64>>>,
    /// Where they are wanted: by which functions may be shared.
    properties: Option<Vec<[f64; PROPERTIES.len()]>>,
    /// The lattice constant, Å.
    unit: f64,
}

/// What functions of a pair may depend on.
struct ToldPair {
    /// In lattice constants, and in Å.
    lengths: [f64; 2],
    /// Columns beside the distance.
    others: Vec<f64>,
    /// The product of what changes at both ends, 1 for a vacancy; where it is wanted.
    change: Option<f64>,
    /// The products of properties, where these are wanted.
    properties: Vec<f64>,
}

impl Names {
    /// - `of`: whose properties count.
    fn told(&self, pair: &Pair, others: Vec<f64>, whose: &[usize]) -> ToldPair {
        let product = |all: &[[f64; PROPERTIES.len()]], property: usize| -> f64 {
            whose.iter().map(|end| all[*end][property]).product()
        };
        let products = |all: &Vec<[f64; PROPERTIES.len()]>| {
            let each = 0..PROPERTIES.len();
            each.map(|property| rounded(product(all, property)))
                .collect()
        };
        let of = |changes: &Vec<Option<f64>>| {
            let ends = [pair.first, pair.second].into_iter();
            ends.map(|end| changes[end].unwrap_or(1.0)).product()
        };
        ToldPair {
            lengths: [rounded(pair.length / self.unit), rounded(pair.length)],
            others,
            change: self.changes.as_ref().map(of),
            properties: self.properties.as_ref().map_or_else(Vec::new, products),
        }
    }
}

/// A level, and where hosts differ another one below: what all hosts share by roles, with
/// lengths in lattice constants, and what is left by the labels of each.
struct Shared {
    roles: Option<Growing>,
    /// Replaced elements, where they are told by what changes and not by their role.
    replaced: Option<Growing>,
    labels: Growing,
}

impl Shared {
    /// A level whose items count alike.
    fn new(shape: &Shape, name: &str) -> Self {
        let differ = shape.hosts_differ;
        let role = || Growing::new(&format!("{name} of any host"), Vec::new(), 0, true);
        Self {
            roles: differ.then(role),
            replaced: None,
            labels: Growing::new(name, Vec::new(), 0, !differ),
        }
    }

    /// The same, but near zero unless the data ask for more.
    fn shrunk(mut self) -> Self {
        let levels = self.roles.iter_mut().chain([&mut self.labels]);
        levels.for_each(|growing| growing.level.free = false);
        self
    }

    /// Sites; with a property of elements, what replaced ones cost is proportional to its
    /// change.
    fn of_sites(shape: &Shape) -> Self {
        let change = |property: ElementProperty| {
            let columns = vec![property.column()];
            let mut growing = Growing::new("substitution of any host", columns, 0, true);
            growing.level.signed = 1;
            growing.level.given = Expr::new(vec![Op::Column(0)]).ok();
            growing
        };
        let property = shape.settings.shared_by.filter(|_| shape.hosts_differ);
        Self {
            replaced: property.map(change),
            ..Self::new(shape, "site")
        }
    }

    /// A level of pairs: their distance, and what is wanted beside it.
    ///
    /// - `ends`: of how many defects properties are multiplied.
    fn of_pairs(shape: &Shape, name: &str, ends: usize) -> Self {
        let settings = &shape.settings;
        let columns = |unit: &str| -> Vec<Column> {
            let others = settings.pair_columns.iter();
            let others = others.map(|column| column.column());
            [Column::new("r", unit)].into_iter().chain(others).collect()
        };
        let shared = PROPERTIES.iter().filter(|_| settings.sharing);
        let unit = |unit: &str| match (unit, ends) {
            ("", _) | (_, 1) => unit.to_owned(),
            _ => format!("{unit}^{ends}"),
        };
        let shared: Vec<Column> = shared
            .map(|(name, of)| Column::new(*name, unit(of)))
            .collect();
        let growing = |name: &str, columns: Vec<Column>| {
            let columns = [&columns[..], &shared].concat();
            let mut growing = Growing::new(name, columns, 1, false);
            growing.level.properties = shared.len();
            growing
        };
        let role = || {
            let mut columns = columns("a");
            columns.extend(settings.shared_by.map(|_| Column::new("change", "")));
            let mut growing = growing(&format!("{name} of any host"), columns);
            // elsewhere, what changes may have the other sign
            growing.level.signed = shared.len() + usize::from(settings.shared_by.is_some());
            growing
        };
        Self {
            roles: shape.hosts_differ.then(role),
            replaced: None,
            labels: growing(name, columns("Å")),
        }
    }

    /// - `names`: the channel by role and by label.
    fn add(&mut self, member: usize, names: [&str; 2]) {
        if let Some(level) = &mut self.roles {
            level.add(member, names[0].to_owned(), Vec::new());
        }
        self.labels.add(member, names[1].to_owned(), Vec::new());
    }

    fn add_site(&mut self, member: usize, names: &Names, site: usize) {
        let (role, label) = (names.roles[site].clone(), names.labels[site].clone());
        let change = names.changes.as_ref().and_then(|all| all[site]);
        match (&mut self.replaced, &mut self.roles, change) {
            (Some(level), _, Some(change)) => level.add(member, role, vec![change]),
            (_, Some(level), _) => level.add(member, role, Vec::new()),
            _ => {}
        }
        self.labels.add(member, label, Vec::new());
    }

    fn add_mirror(&mut self, member: usize, names: &Names, site: usize) {
        if names.mirrored[site] {
            self.add(member, [&names.roles[site], &names.labels[site]]);
        }
    }

    /// - `names`: the channel of any host and by label.
    fn add_pair(&mut self, member: usize, names: [&str; 2], pair: &ToldPair) {
        let values = |length: f64| [&[length][..], &pair.others].concat();
        if let Some(level) = &mut self.roles {
            let mut values = values(pair.lengths[0]);
            values.extend(pair.change);
            values.extend(&pair.properties);
            level.add(member, names[0].to_owned(), values);
        }
        let mut values = values(pair.lengths[1]);
        values.extend(&pair.properties);
        self.labels.add(member, names[1].to_owned(), values);
    }

    fn levels(self) -> impl Iterator<Item = Level> {
        let shared = self.roles.into_iter().chain(self.replaced);
        let all = shared.chain([self.labels]);
        all.map(|growing| growing.level)
    }
}

/// The kinds of all defects.
pub(super) fn labels(cluster: &DefectCluster) -> Vec<String> {
    let defects = cluster.defects().iter();
    defects.map(crystal::Defect::label).collect()
}

fn rounded(length: f64) -> f64 {
    (length * PER_ANGSTROM).round() / PER_ANGSTROM
}

/// The name of a channel: sorted labels, and whether the pairs are flat.
fn channel(labels: &[&str], flat: &[bool]) -> String {
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
fn angles([a, b, c]: [f64; 3]) -> [f64; 3] {
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

/// A level that items are added to.
struct Growing {
    level: Level,
}

impl Growing {
    /// - `distances`: how many of the columns are such; of several, as the sides of a
    ///   triple, effects are small.
    fn new(name: &str, columns: Vec<Column>, distances: usize, free: bool) -> Self {
        Self {
            level: Level {
                name: name.to_owned(),
                columns,
                distances,
                signed: 0,
                properties: 0,
                given: None,
                channels: Vec::new(),
                free,
                decays: true,
                subtle: distances > 1,
                items: Vec::new(),
            },
        }
    }

    fn add(&mut self, member: usize, channel: String, values: Vec<f64>) {
        let known = self.level.channels.iter().position(|name| *name == channel);
        let channel = known.unwrap_or_else(|| {
            self.level.channels.push(channel);
            self.level.channels.len() - 1
        });
        self.level.items.push(Item {
            member,
            channel,
            values,
        });
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use crystal::{Lattice, Site, Structure, Vec3};

    use super::*;
    use crate::models::law::PairColumn;

    /// Vacancies in a square layer of polonium, 8 × 8, the cells moved by a shift.
    fn cluster(vacancies: &[(usize, usize)], shift: (usize, usize)) -> DefectCluster {
        let lattice = Lattice::new([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 15.0]]).unwrap();
        let site = |fractional: Vec3| Site {
            element: "Po".parse().unwrap(),
            fractional,
        };
        let cell = Structure::new(lattice, vec![site([0.0, 0.0, 0.5])]).unwrap();
        let whole = cell.supercell([8, 8, 1]);
        let gone = |index: usize| {
            let (i, j) = (index / 8, index % 8);
            let at = |v: &(usize, usize)| ((v.0 + shift.0) % 8, (v.1 + shift.1) % 8) == (i, j);
            vacancies.iter().any(at)
        };
        let kept = whole.sites().iter().enumerate().filter(|(i, _)| !gone(*i));
        let sites = kept.map(|(_, site)| *site).collect();
        let structure = Structure::new(*whole.lattice(), sites).unwrap();
        let found = DefectCluster::find(&structure, &cell, [8, 8, 1]).unwrap();
        found.with_periodic([true, true, false])
    }

    fn triple(cluster: &DefectCluster) -> (String, [f64; 3]) {
        let labels: Vec<String> = cluster
            .defects()
            .iter()
            .map(crystal::Defect::label)
            .collect();
        triples_of(cluster, &labels).remove(0)
    }

    /// Sides 3, 6 and √45, whichever defect comes first.
    #[test]
    fn a_triple_of_equal_defects_is_told_by_its_sorted_sides() {
        let vacancies = [(0, 0), (1, 0), (0, 2)];
        for shift in [(0, 0), (7, 0), (0, 7), (7, 7), (3, 6)] {
            let (channel, lengths) = triple(&cluster(&vacancies, shift));
            assert_eq!(channel, "V_Po-V_Po-V_Po ===");
            for (length, expected) in lengths.into_iter().zip([3.0, 6.0, 45_f64.sqrt()]) {
                assert_relative_eq!(length, expected, epsilon = 1e-3);
            }
        }
    }

    /// A right angle at the first, and what follows from sides 3 and 6 beside it.
    #[test]
    fn triples_tell_angles_where_they_are_asked_for() {
        let three = [cluster(&[(0, 0), (1, 0), (0, 2)], (0, 0))];
        let three: Vec<&DefectCluster> = three.iter().collect();
        let settings = LawModelSettings {
            triple_angles: true,
            ..LawModelSettings::default()
        };
        let parts = Shape::new(&settings, true, &three).parts(&three);
        let triples = parts.levels.last().unwrap();
        assert_eq!((triples.distances, triples.columns.len()), (3, 6));
        let values = &triples.items[0].values;
        let expected = [std::f64::consts::FRAC_PI_2, 2.0_f64.atan(), 0.5_f64.atan()];
        for (value, expected) in values[3..].iter().zip(expected) {
            assert_relative_eq!(*value, expected, epsilon = 1e-3);
        }
        assert_relative_eq!(
            angles([1.0, 1.0, 3.0])[0],
            std::f64::consts::PI,
            epsilon = 1e-3
        );
    }

    #[test]
    fn a_law_for_any_host_has_levels_by_role_too() {
        let both = [cluster(&[(0, 0), (2, 0)], (0, 0))];
        let both: Vec<&DefectCluster> = both.iter().collect();
        let settings = LawModelSettings {
            any_host: true,
            ..LawModelSettings::default()
        };
        let parts = Shape::new(&settings, true, &both).parts(&both);
        let named = |name: &str| parts.levels.iter().find(|l| l.name == name).unwrap();
        let pair = named("pair of any host");
        assert_eq!(pair.channels, ["V_site-V_site ="]);
        assert_eq!(pair.items[0].values, [2.0], "lattice constants of 3 Å");
        assert_eq!(named("pair").items[0].values, [6.0]);
        assert!(named("site of any host").free && !named("site").free);
        assert_eq!(named("structure").channels, ["Po"]);
    }

    /// In a square lattice of 3 Å: next to each other, over the diagonal, two steps, and a
    /// knight's move.
    #[test]
    fn pairs_tell_shell_parity_and_angle_when_they_are_asked_for() {
        let all = [(1, 0), (1, 1), (2, 0), (2, 1)].map(|to| cluster(&[(0, 0), to], (0, 0)));
        let all: Vec<&DefectCluster> = all.iter().collect();
        let settings = LawModelSettings {
            pair_columns: vec![PairColumn::Angle, PairColumn::Shell, PairColumn::Parity],
            cutoff_angstrom: 10.0,
            ..LawModelSettings::default()
        };
        for per_defect in [true, false] {
            let parts = Shape::new(&settings, per_defect, &all).parts(&all);
            let pairs = parts.levels.iter().find(|level| level.distances == 1);
            let pairs = pairs.unwrap();
            let names: Vec<&str> = pairs.columns.iter().map(|c| c.name.as_str()).collect();
            assert_eq!(names, ["r", "angle", "shell", "parity"]);
            let mut told: Vec<&[f64]> = pairs.items.iter().map(|i| &i.values[..]).collect();
            told.dedup();
            let expected: [[f64; 4]; 4] = [
                [3.0, 0.0, 1.0, 1.0],
                [4.243, 0.785, 2.0, 0.0],
                [6.0, 0.0, 3.0, 1.0],
                [6.708, 0.464, 4.0, 0.0],
            ];
            assert_eq!(told, expected.each_ref().map(|row| &row[..]));
        }
    }

    /// The flat layer is a plane for all and none.
    #[test]
    fn defects_that_see_their_complex_mirrored_are_told_where_it_is_wanted() {
        let none = [cluster(&[(0, 0), (2, 0), (6, 0), (3, 5)], (0, 0))];
        let line = [cluster(&[(0, 0), (2, 0), (6, 0)], (0, 0))];
        let settings = LawModelSettings {
            mirrors: true,
            ..LawModelSettings::default()
        };
        let count = |clusters: &[DefectCluster], per_defect| {
            let clusters: Vec<&DefectCluster> = clusters.iter().collect();
            let parts = Shape::new(&settings, per_defect, &clusters).parts(&clusters);
            let level = parts
                .levels
                .into_iter()
                .find(|l| l.name == "mirror")
                .unwrap();
            assert!(!level.free && level.columns.is_empty());
            level
                .items
                .iter()
                .map(|item| item.member)
                .collect::<Vec<_>>()
        };
        // all lie on the line, a plane across the layer
        assert_eq!(count(&line, true), [0, 0, 0]);
        assert_eq!(count(&line, false), [1, 2, 3]);
        assert!(count(&none, true).is_empty());
    }

    /// Two vacancies of polonium: products of what is gone.
    #[test]
    fn pairs_tell_properties_where_sharing_is_chosen() {
        let both = [cluster(&[(0, 0), (2, 0)], (0, 0))];
        let both: Vec<&DefectCluster> = both.iter().collect();
        let settings = LawModelSettings {
            sharing: true,
            ..LawModelSettings::default()
        };
        let gone: crystal::Element = "Po".parse().unwrap();
        let radius = gone.covalent_radius().unwrap();
        let valence = f64::from(gone.valence_electrons());
        for (per_defect, power) in [(true, 2), (false, 1)] {
            let parts = Shape::new(&settings, per_defect, &both).parts(&both);
            let pairs = parts.levels.iter().find(|level| level.distances == 1);
            let pairs = pairs.unwrap();
            assert_eq!((pairs.properties, pairs.columns.len()), (5, 6));
            let unit = if power == 2 { "Å^2" } else { "Å" };
            assert_eq!(pairs.columns[2].unit, unit);
            let values = &pairs.items[0].values;
            assert_relative_eq!(values[0], 6.0);
            assert_relative_eq!(values[1], 1.0);
            assert_relative_eq!(values[2], (-radius).powi(power), epsilon = 1e-3);
            assert_relative_eq!(values[4], (-valence).powi(power));
        }
        let both = LawModelSettings {
            any_host: true,
            shared_by: Some(ElementProperty::Radius),
            ..settings
        };
        let refused = both.checked().unwrap_err().to_string();
        assert!(
            refused.starts_with("shared_by: expected sharing = false"),
            "{refused}"
        );
    }

    /// Records and files of before stay what they are.
    #[test]
    fn columns_that_are_not_asked_for_are_not_written_down() {
        let text = toml::to_string(&LawModelSettings::default()).unwrap();
        for word in [
            "pair_columns",
            "triple_angles",
            "coupled",
            "proposer",
            "sharing",
            "mirrors",
        ] {
            assert!(!text.contains(word), "{text}");
        }
        let text = format!("{text}pair_columns = [\"shell\", \"shell\"]\n");
        let twice: LawModelSettings = toml::from_str(&text).unwrap();
        let refused = twice.checked().unwrap_err().to_string();
        assert_eq!(
            refused,
            "pair_columns: each at most once, found Shell twice"
        );
    }

    /// Tungsten for molybdenum and molybdenum for tungsten have opposite changes in one
    /// channel.
    #[test]
    fn replaced_elements_are_told_by_what_changes() {
        let lattice = Lattice::new([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 15.0]]).unwrap();
        let of = |host: &str, other: &str| {
            let site = |element: &str, fractional: Vec3| Site {
                element: element.parse().unwrap(),
                fractional,
            };
            let cell = vec![site(host, [0.0, 0.0, 0.5]), site("S", [0.5, 0.5, 0.4])];
            let cell = Structure::new(lattice, cell).unwrap();
            let whole = cell.supercell([8, 8, 1]);
            let mut sites = whole.sites().to_vec();
            // the first of each element
            let metal = sites
                .iter()
                .position(|s| s.element.symbol() == host)
                .unwrap();
            sites[metal].element = other.parse().unwrap();
            let sulphur = sites
                .iter()
                .position(|s| s.element.symbol() == "S")
                .unwrap();
            sites.remove(sulphur);
            let structure = Structure::new(*whole.lattice(), sites).unwrap();
            let found = DefectCluster::find(&structure, &cell, [8, 8, 1]).unwrap();
            found.with_periodic([true, true, false])
        };
        let both = [of("Mo", "W"), of("W", "Mo")];
        let both: Vec<&DefectCluster> = both.iter().collect();
        let settings = LawModelSettings {
            any_host: true,
            shared_by: Some(ElementProperty::Radius),
            cutoff_angstrom: 8.0,
            ..LawModelSettings::default()
        };
        for per_defect in [true, false] {
            let parts = Shape::new(&settings, per_defect, &both).parts(&both);
            let named = |part: &str| {
                let mut levels = parts.levels.iter();
                levels.find(|level| level.name.starts_with(part)).unwrap()
            };
            let replaced = named("substitution");
            assert_eq!(replaced.channels, ["X_cation"]);
            let change = replaced.items[0].values[0];
            assert!(change > 0.05, "tungsten is larger: {change} Å");
            assert_relative_eq!(replaced.items[1].values[0], -change);
            assert_eq!(named("site of any host").channels, ["V_anion"]);
            let pairs = parts.levels.iter().find(|l| l.columns.len() == 2).unwrap();
            let [first, .., last] = &pairs.items[..] else {
                panic!("no pairs")
            };
            // beside a vacancy, which counts as one
            assert_relative_eq!(first.values[1], change);
            assert_relative_eq!(last.values[1], -change);
            assert!(pairs.channels[0].contains("cation"), "{:?}", pairs.channels);
        }
        let alone = LawModelSettings {
            any_host: false,
            ..settings
        };
        let refused = alone.checked().unwrap_err().to_string();
        assert_eq!(refused, "shared_by: expected any_host = true beside it");
    }

    #[test]
    fn a_total_is_divided_and_a_gap_is_the_lowest_of_host_and_sites() {
        let both = [
            cluster(&[(0, 0)], (0, 0)),
            cluster(&[(0, 0), (2, 0)], (0, 0)),
        ];
        let both: Vec<&DefectCluster> = both.iter().collect();
        let parts = |per_defect| {
            let shape = Shape::new(&LawModelSettings::default(), per_defect, &both);
            shape.parts(&both)
        };
        let channels = |parts: &Parts, name: &str| {
            let level = parts.levels.iter().find(|level| level.name == name);
            level.unwrap().channels.clone()
        };
        let total = parts(true);
        assert_eq!(total.divisors, [1.0, 2.0]);
        assert_eq!(total.members, [0, 1]);
        assert_eq!(channels(&total, "pair"), ["V_Po-V_Po ="]);
        let gap = parts(false);
        assert_eq!(gap.divisors, [1.0, 1.0]);
        assert_eq!(gap.members, [0, 0, 1, 1, 1]);
        assert_eq!(channels(&gap, "neighbour"), ["V_Po by V_Po ="]);
        // a neighbour at 6 Å, and its images at no less than 18 Å
        let neighbours = &gap.levels[2].items;
        let told: Vec<_> = neighbours.iter().map(|i| (i.member, &i.values)).collect();
        assert_eq!(told, [(3, &vec![6.0]), (4, &vec![6.0])]);
        assert!(gap.places.is_empty());
    }

    #[test]
    fn coupled_levels_are_a_matrix_of_host_and_sites() {
        let both = [
            cluster(&[(0, 0)], (0, 0)),
            cluster(&[(0, 0), (2, 0)], (0, 0)),
        ];
        let both: Vec<&DefectCluster> = both.iter().collect();
        let settings = LawModelSettings {
            coupled: true,
            ..LawModelSettings::default()
        };
        let shape = Shape::new(&settings, false, &both);
        assert_eq!(shape.rise(), Rise::LowestLevel);
        let parts = shape.parts(&both);
        assert_eq!(parts.members, [0, 0, 1, 1, 1, 1]);
        let expected = [[0, 0], [1, 1], [0, 0], [1, 1], [2, 2], [1, 2]];
        assert_eq!(parts.places, expected);
        let coupling = parts.levels.last().unwrap();
        assert_eq!(coupling.channels, ["V_Po-V_Po ="]);
        assert_eq!(coupling.items.len(), 1);
        assert_eq!(
            (coupling.items[0].member, coupling.items[0].values[0]),
            (5, 6.0)
        );
        // a total has no levels
        assert_eq!(Shape::new(&settings, true, &both).rise(), Rise::Sum);
    }
}
