//! Levels while items are added to them.

use crystal::Pair;
use symreg::law::{Gather, Item, Level};
use symreg::{Column, Expr, Op};

use super::elements::{ElementProperty, PROPERTIES};
use super::geometry::rounded;
use super::levels::Shape;

/// What the defects of a complex are called.
pub(super) struct Names {
    /// Empty where there is one alone.
    pub(super) host: String,
    pub(super) roles: Vec<String>,
    /// What pairs of any host are told by: roles or sublattices.
    pub(super) shared: Vec<String>,
    pub(super) labels: Vec<String>,
    /// Whether a mirror plane through the defect maps the complex onto itself; false where
    /// this is not wanted.
    pub(super) mirrored: Vec<bool>,
    /// Where they are wanted: none of a defect that is no replaced element.
    pub(super) changes: Option<Vec<Option<f64>>>,
    /// Where they are wanted: by which functions may be shared.
    pub(super) properties: Option<Vec<[f64; PROPERTIES.len()]>>,
    /// The lattice constant, Å.
    pub(super) unit: f64,
}

/// What functions of a pair may depend on.
pub(super) struct ToldPair {
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
    pub(super) fn told(&self, pair: &Pair, others: Vec<f64>, whose: &[usize]) -> ToldPair {
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
pub(super) struct Shared {
    roles: Option<Growing>,
    /// Replaced elements, where they are told by what changes and not by their role.
    replaced: Option<Growing>,
    labels: Growing,
}

impl Shared {
    /// A level whose items count alike.
    pub(super) fn new(shape: &Shape, name: &str) -> Self {
        let differ = shape.hosts_differ;
        let role = || Growing::new(&format!("{name} of any host"), Vec::new(), 0, true);
        Self {
            roles: differ.then(role),
            replaced: None,
            labels: Growing::new(name, Vec::new(), 0, !differ),
        }
    }

    /// The same, but near zero unless the data ask for more.
    pub(super) fn shrunk(mut self) -> Self {
        let levels = self.roles.iter_mut().chain([&mut self.labels]);
        levels.for_each(|growing| growing.level.free = false);
        self
    }

    /// Sites; with a property of elements, what replaced ones cost is proportional to its
    /// change.
    pub(super) fn of_sites(shape: &Shape) -> Self {
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
    pub(super) fn of_pairs(shape: &Shape, name: &str, ends: usize) -> Self {
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

    /// What the neighbours of a defect do to it together, if that is asked for.
    pub(super) fn of_neighbourhoods(shape: &Shape) -> Option<Self> {
        let gather = shape.settings.neighbourhood?;
        let mut shared = Self::of_pairs(shape, "neighbourhood", 1);
        let levels = shared.roles.iter_mut().chain([&mut shared.labels]);
        levels.for_each(|growing| growing.level.gather = gather);
        Some(shared)
    }

    /// - `names`: the channel by role and by label.
    pub(super) fn add(&mut self, member: usize, names: [&str; 2]) {
        if let Some(level) = &mut self.roles {
            level.add((member, 0), names[0].to_owned(), Vec::new());
        }
        self.labels
            .add((member, 0), names[1].to_owned(), Vec::new());
    }

    pub(super) fn add_site(&mut self, member: usize, names: &Names, site: usize) {
        let (role, label) = (names.roles[site].clone(), names.labels[site].clone());
        let change = names.changes.as_ref().and_then(|all| all[site]);
        match (&mut self.replaced, &mut self.roles, change) {
            (Some(level), _, Some(change)) => level.add((member, 0), role, vec![change]),
            (_, Some(level), _) => level.add((member, 0), role, Vec::new()),
            _ => {}
        }
        self.labels.add((member, 0), label, Vec::new());
    }

    pub(super) fn add_mirror(&mut self, member: usize, names: &Names, site: usize) {
        if names.mirrored[site] {
            self.add(member, [&names.roles[site], &names.labels[site]]);
        }
    }

    /// - `place`: the member, and the group in it.
    /// - `names`: the channel of any host and by label.
    pub(super) fn add_pair(&mut self, place: (usize, usize), names: [&str; 2], pair: &ToldPair) {
        let values = |length: f64| [&[length][..], &pair.others].concat();
        if let Some(level) = &mut self.roles {
            let mut values = values(pair.lengths[0]);
            values.extend(pair.change);
            values.extend(&pair.properties);
            level.add(place, names[0].to_owned(), values);
        }
        let mut values = values(pair.lengths[1]);
        values.extend(&pair.properties);
        self.labels.add(place, names[1].to_owned(), values);
    }

    pub(super) fn levels(self) -> impl Iterator<Item = Level> {
        let shared = self.roles.into_iter().chain(self.replaced);
        let all = shared.chain([self.labels]);
        all.map(|growing| growing.level)
    }
}

/// A level that items are added to.
pub(super) struct Growing {
    pub(super) level: Level,
}

impl Growing {
    /// - `distances`: how many of the columns are such; of several, as the sides of a
    ///   triple, effects are small.
    pub(super) fn new(name: &str, columns: Vec<Column>, distances: usize, free: bool) -> Self {
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
                gather: Gather::Sum,
                items: Vec::new(),
            },
        }
    }

    pub(super) fn add(
        &mut self,
        (member, group): (usize, usize),
        channel: String,
        values: Vec<f64>,
    ) {
        let known = self.level.channels.iter().position(|name| *name == channel);
        let channel = known.unwrap_or_else(|| {
            self.level.channels.push(channel);
            self.level.channels.len() - 1
        });
        self.level.items.push(Item {
            member,
            channel,
            group,
            values,
        });
    }
}
