//! Complexes that were put in by hand, and what laws sum over in them.

use approx::assert_relative_eq;
use crystal::{Lattice, Site, Structure, Vec3};

use symreg::law::Gather;

use super::*;
use crate::models::law::elements::ElementProperty;
use crate::models::law::{PairColumn, Tables};

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

/// Sides 3, 6 and √45: every vacancy has the two at its ends.
#[test]
fn neighbours_of_a_defect_are_gathered_where_that_is_asked_for() {
    let three = [cluster(&[(0, 0), (1, 0), (0, 2)], (0, 0))];
    let three: Vec<&DefectCluster> = three.iter().collect();
    let settings = LawModelSettings {
        neighbourhood: Some(Gather::Max),
        cutoff_angstrom: 10.0,
        ..LawModelSettings::default()
    };
    for per_defect in [true, false] {
        let shape = Shape::new(&settings, per_defect, &three);
        let parts = shape.parts(&three);
        let named = |level: &&symreg::law::Level| level.name == "neighbourhood";
        let level = parts.levels.iter().find(named).unwrap();
        assert_eq!(level.gather, Gather::Max);
        assert_eq!(level.channels, ["V_Po by V_Po ="]);
        let groups = level.groups().into_iter();
        let sides = groups.map(|group| group.iter().map(|item| item.values[0]).collect());
        let mut sides: Vec<Vec<f64>> = sides.collect();
        for own in &mut sides {
            own.sort_by(f64::total_cmp);
        }
        sides.sort_by(|a, b| a.iter().sum::<f64>().total_cmp(&b.iter().sum()));
        assert_eq!(sides, [[3.0, 6.0], [3.0, 6.708], [6.0, 6.708]]);
        let tables = serde_json::to_value(Tables::new(&parts, shape.rise())).unwrap();
        let rows = tables["tables"]["neighbourhood"].as_array().unwrap();
        assert_eq!(rows.len(), 3);
        let last = rows[0].as_array().unwrap().last().unwrap();
        assert_eq!(last.as_array().unwrap().len(), 2, "a list of distances");
    }
}
