//! Exported laws are run in Python and compared with [`Law::predict`].

use std::{fmt::Write as _, fs, process::Command};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};
use symreg::{
    Column, Expr, FeatureBox, Format, Interval, Table, export_law,
    law::{Gather, Item, Known, Law, Level, Parts, Rise, Term},
};

use crate::export::{folder, output, python};

/// Relative to one: sums of a few rows in another order.
const TOLERANCE: f64 = 1e-9;

/// Structures of one law.
const STRUCTURES: usize = 3;

/// Names, columns and channels of levels; the last channel of each is one that the law
/// does not know. Names are words of the languages, those of columns occur twice.
const LEVELS: [(&str, &[&str], &[&str]); 9] = [
    ("structure", &[], &["", "other"]),
    ("lambda", &[], &["V_Mo", "S_\"x\\", "unknown"]),
    ("pair", &["r"], &["V_Mo-V_S /", "V_S-V_S =", "unknown"]),
    ("pair of any host", &["r"], &["V-V", "unknown"]),
    (
        "triple",
        &["a", "i", "channel"],
        &["A-B-C", "A-A-A", "unknown"],
    ),
    ("neighbour", &["r", "angle"], &["V_Mo", "V_S", "unknown"]),
    ("softest", &["r"], &["V_Mo", "unknown"]),
    ("mean", &["r"], &["V_Mo", "unknown"]),
    ("norm", &["r"], &["V_Mo", "unknown"]),
];

/// How items of a level are gathered.
const GATHERED: [Gather; 9] = [
    Gather::Sum,
    Gather::Sum,
    Gather::Sum,
    Gather::Sum,
    Gather::Sum,
    Gather::Max,
    Gather::SoftMin,
    Gather::Mean,
    Gather::Norm,
];

/// What the functions of a level may add up to, channel by channel.
const BOUNDS: [&[(f64, f64)]; 9] = [
    &[],
    &[],
    &[(-0.1, 0.15), (-0.05, 0.02)],
    &[],
    &[(-0.03, 0.02), (0.0, 0.01)],
    &[(-0.2, 0.1), (-0.01, 0.3)],
    &[],
    &[(-0.1, 0.0)],
    &[],
];

fn known(level: usize) -> Known {
    let (name, columns, channels) = LEVELS[level];
    let columns: Vec<Column> = columns.iter().map(|c| Column::new(*c, "Å")).collect();
    let sides = columns
        .iter()
        .map(|column| (column.clone(), vec![2.0, 8.0]));
    Known {
        name: name.to_owned(),
        domain: FeatureBox::around(&Table::new(sides.collect()).unwrap(), 0.0),
        columns,
        gather: GATHERED[level],
        bounds: BOUNDS[level]
            .iter()
            .map(|&(low, high)| Interval { low, high })
            .collect(),
        channels: channels[..channels.len() - 1]
            .iter()
            .map(|c| (*c).to_owned())
            .collect(),
    }
}

fn law(rise: Rise, temperature: f64) -> Law {
    let levels: Vec<Known> = (0..LEVELS.len()).map(known).collect();
    let term = |level: usize, shape: &str, range: (f64, f64), coefficients: &[f64]| Term {
        level,
        shape: Expr::parse(shape, LEVELS[level].1).unwrap(),
        range: Interval {
            low: range.0,
            high: range.1,
        },
        coefficients: coefficients.to_vec(),
        errors: vec![0.0; coefficients.len()],
    };
    let everywhere = (f64::NEG_INFINITY, f64::INFINITY);
    Law {
        terms: vec![
            term(0, "1", (1.0, 1.0), &[0.4]),
            term(1, "1", (1.0, 1.0), &[0.7, -0.3]),
            term(2, "exp(-0.4 * r) * cos(1.9 * r)", (-0.1, 0.2), &[2.0, -1.5]),
            term(2, "inv(r)^3", everywhere, &[0.0, 3.0]),
            // no pair of any host feels this
            term(3, "r", everywhere, &[0.0]),
            term(
                4,
                "inv(a * i) - 1 / (channel + 3)",
                (-0.05, 0.05),
                &[1.1, 0.9],
            ),
            term(5, "exp(-0.4 * r) * cos(angle)", (-0.1, 0.05), &[1.4, -2.0]),
            term(5, "inv(r)^3 - 0.1", everywhere, &[0.0, 0.8]),
            term(6, "0.3 - exp(-0.4 * r)", everywhere, &[0.6]),
            term(7, "exp(-0.4 * r)", (0.0, 0.2), &[-0.8]),
            term(8, "exp(-0.4 * r) - 0.1", everywhere, &[-0.9]),
        ],
        levels,
        rise,
        temperature,
        noise: 0.0,
    }
}

/// Of three members in a matrix of two levels.
const PLACES: [[usize; 2]; 3] = [[0, 0], [1, 1], [0, 1]];

/// Structures with rows of every level and channel, inside and outside of what the law
/// has seen; an extreme has three members a structure.
fn parts(rise: Rise) -> Parts {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let each = if rise == Rise::Sum { 1 } else { 3 };
    let members = (0..STRUCTURES * each).map(|member| member / each).collect();
    let level = |((name, columns, channels), gather): ((&str, &[&str], &[&str]), Gather)| {
        let mut items = Vec::new();
        for member in 0..STRUCTURES * each {
            // every member has a row
            for row in 0..=random.random_range(0..6) {
                items.push(Item {
                    member,
                    channel: (member + row) % channels.len(),
                    group: row / 2,
                    values: columns
                        .iter()
                        .map(|_| random.random_range(1.0..10.0))
                        .collect(),
                });
            }
        }
        Level {
            name: name.to_owned(),
            columns: columns.iter().map(|c| Column::new(*c, "Å")).collect(),
            distances: columns.len(),
            signed: 0,
            properties: 0,
            given: None,
            channels: channels.iter().map(|c| (*c).to_owned()).collect(),
            free: false,
            decays: false,
            subtle: false,
            gather,
            items,
        }
    };
    let places = PLACES.into_iter().cycle().take(STRUCTURES * each);
    Parts {
        levels: LEVELS.into_iter().zip(GATHERED).map(level).collect(),
        members,
        places: places.collect(),
        divisors: (0..STRUCTURES).map(|s| 1.0 + (s % 3) as f64).collect(),
    }
}

/// The rows of one structure, as exported functions take them.
fn tables(parts: &Parts, structure: usize, rise: Rise) -> Value {
    let mut tables = Map::new();
    for level in &parts.levels {
        let groups = level.groups().into_iter();
        let own = groups.filter(|items| parts.members[items[0].member] == structure);
        let rows = own.map(|items| {
            let item = items[0];
            let member = match rise {
                Rise::Sum => None,
                Rise::LowestLevel => Some(json!(parts.places[item.member])),
                _ => Some(json!(item.member)),
            };
            let channel = json!(level.channels[item.channel]);
            let values = (0..item.values.len()).map(|column| {
                let all: Vec<f64> = items.iter().map(|item| item.values[column]).collect();
                if level.gather.is_sum() {
                    json!(all[0])
                } else {
                    json!(all)
                }
            });
            Value::Array(member.into_iter().chain([channel]).chain(values).collect())
        });
        tables.insert(level.name.clone(), Value::Array(rows.collect()));
    }
    Value::Object(tables)
}

const LAWS: [(Rise, f64); 5] = [
    (Rise::Sum, 0.0),
    (Rise::Lowest, 0.07),
    // so cold that exponentials underflow
    (Rise::Lowest, 1e-4),
    (Rise::Highest, 0.2),
    (Rise::LowestLevel, 0.1),
];

const DRIVER: &str = r#"
import json, sys

for line in open(sys.argv[1], encoding="utf-8"):
    case = json.loads(line)
    space = {}
    exec(case["source"], space)
    function = space["formula" if case["format"] == "python" else "value"]
    for tables, divisor in case["structures"]:
        print(repr(float(function(tables, divisor))))
"#;

fn check(format: Format, module: &str) {
    let Some(python) = python(module) else {
        return;
    };
    let (mut lines, mut expected) = (String::new(), Vec::new());
    for (rise, temperature) in LAWS {
        let (law, parts) = (law(rise, temperature), parts(rise));
        expected.extend(law.predict(&parts).unwrap());
        let structures =
            (0..STRUCTURES).map(|s| json!([tables(&parts, s, rise), parts.divisors[s]]));
        let line = json!({
            "format": format.name(),
            "source": export_law(&law, &Column::new("gap", "eV"), format).unwrap(),
            "structures": structures.collect::<Vec<_>>(),
        });
        writeln!(lines, "{line}").unwrap();
    }
    let folder = folder(&format!("export-law-{format}"));
    let (input, driver) = (folder.join("cases.json"), folder.join("driver.py"));
    fs::write(&input, lines).unwrap();
    fs::write(&driver, DRIVER).unwrap();
    let printed = output(Command::new(python).arg(&driver).arg(&input));
    let found: Vec<f64> = printed.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(found.len(), expected.len());
    for (place, (found, expected)) in found.iter().zip(&expected).enumerate() {
        let differ = (found - expected).abs();
        assert!(
            differ <= TOLERANCE,
            "{format}, {place}: {found}, not {expected}"
        );
    }
}

#[test]
fn numpy_gives_the_values_of_a_law() {
    check(Format::Python, "numpy");
}

#[test]
fn sympy_gives_the_values_of_a_law() {
    check(Format::Sympy, "sympy");
}

/// What is compared must depend on borders and unknown channels, or it shows nothing.
#[test]
fn structures_reach_beyond_what_the_law_has_seen() {
    for (rise, temperature) in LAWS {
        let (law, parts) = (law(rise, temperature), parts(rise));
        let values = law.predict(&parts).unwrap();
        assert!(values.windows(2).all(|two| (two[0] - two[1]).abs() > 1e-6));
        let mut open = law.clone();
        for level in &mut open.levels {
            level.bounds.clear();
        }
        let unbound = open.predict(&parts).unwrap();
        assert_ne!(unbound, values);
        for term in &mut open.terms {
            term.range = Interval {
                low: f64::NEG_INFINITY,
                high: f64::INFINITY,
            };
        }
        assert_ne!(open.predict(&parts).unwrap(), unbound);
    }
}

#[test]
fn other_formats_have_no_whole_law() {
    let law = law(Rise::Sum, 0.0);
    for format in Format::ALL {
        let written = export_law(&law, &Column::new("gap", "eV"), format);
        let whole = matches!(format, Format::Latex | Format::Sympy | Format::Python);
        assert_eq!(written.is_some(), whole, "{format}");
    }
}
