//! Structures in the JSON of pymatgen, as `Structure.as_dict()` makes it.
//!
//! Oxidation states, labels, properties and charges are passed over; a site
//! that several species share is refused.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::text::{at, ended, excerpt, syntax, without_mark};
use crate::{Element, Error, Lattice, Result, Site, Structure, Vec3};

mod lines;

/// Reads a structure.
///
/// The lattice is taken from `matrix`, or else from `a` to `gamma`; a site from
/// `abc`, or else from `xyz`.
///
/// # Errors
///
/// With a line, [`Error::Syntax`] or [`Error::Missing`] if the text is no JSON;
/// [`Error::Member`] names the member that is not what it should be;
/// [`Error::PartialOccupancy`], [`Error::UnknownElement`],
/// [`Error::SitesTooClose`] (closer than 0.5 Å) and those of [`Lattice`] where
/// the structure cannot be.
///
/// # Examples
///
/// ```
/// let text = r#"{
///   "lattice": {"a": 3.35, "b": 3.35, "c": 3.35, "alpha": 90, "beta": 90, "gamma": 90},
///   "sites": [{"species": [{"element": "Po", "occu": 1}], "abc": [0, 0, 0]}]
/// }"#;
/// assert_eq!(crystal::pymatgen::read(text)?.formula(), "Po1");
/// # Ok::<(), crystal::Error>(())
/// ```
pub fn read(text: &str) -> Result<Structure> {
    let text = without_mark(text);
    let root: Value = serde_json::from_str(text).map_err(|error| not_json(text, &error))?;
    let on = |name: &'static str| move |error| at(lines::of_member(text, name))(error);
    let lattice = lattice(&root["lattice"]).map_err(on("lattice"))?;
    let periodic = periodic(&root["lattice"]["pbc"]).map_err(on("lattice"))?;
    let list = root["sites"]
        .as_array()
        .ok_or_else(|| member("sites", "a list of sites", &root["sites"]))
        .map_err(on("sites"))?;
    let site_line = |index: usize| lines::of_site(text, index);
    let sites: Vec<Site> = list
        .iter()
        .enumerate()
        .map(|(index, value)| {
            site(index, value, &lattice, &|| site_line(index)).map_err(|error| match error {
                error @ Error::PartialOccupancy { .. } => error,
                error => at(site_line(index))(error),
            })
        })
        .collect::<Result<_>>()?;
    let structure = Structure::new(lattice, sites)
        .map_err(on("sites"))?
        .with_periodic(periodic);
    match structure.require_separation(crate::text::LEAST_SEPARATION) {
        Err(error @ Error::SitesTooClose { second, .. }) => Err(at(site_line(second))(error)),
        Err(error) => Err(error),
        Ok(()) => Ok(structure),
    }
}

/// What serde says, in the words of this crate.
fn not_json(text: &str, error: &serde_json::Error) -> Error {
    let line = error.line().max(1);
    if error.is_eof() {
        return ended(line, "the rest of a JSON document");
    }
    let found = text.lines().nth(line - 1).unwrap_or_default();
    let column = error.column().saturating_sub(1);
    // a column counts bytes and may fall inside a letter
    let start = (0..=column.min(found.len()))
        .rev()
        .find(|&i| found.is_char_boundary(i));
    syntax(line, "valid JSON", &found[start.unwrap_or(0)..])
}

fn member(path: impl Into<String>, expected: &'static str, found: &Value) -> Error {
    Error::Member {
        path: path.into(),
        expected,
        found: excerpt(&found.to_string()),
    }
}

fn lattice(value: &Value) -> Result<Lattice> {
    if let Some(rows) = value["matrix"].as_array() {
        let vectors: Option<Vec<Vec3>> = rows.iter().map(vector).collect();
        let rows = vectors.and_then(|vectors| vectors.try_into().ok());
        let expected = "three rows of three numbers";
        return Lattice::new(
            rows.ok_or_else(|| member("lattice.matrix", expected, &value["matrix"]))?,
        );
    }
    let parameter = |name: &str| {
        value[name].as_f64().ok_or_else(|| {
            let path = format!("lattice.{name}");
            member(path, "a number, or `lattice.matrix`", &value[name])
        })
    };
    Lattice::from_parameters(
        [parameter("a")?, parameter("b")?, parameter("c")?],
        [parameter("alpha")?, parameter("beta")?, parameter("gamma")?],
    )
}

/// Periodic along all vectors, unless `pbc` says otherwise.
fn periodic(value: &Value) -> Result<[bool; 3]> {
    if value.is_null() {
        return Ok([true; 3]);
    }
    let flags: Option<Vec<bool>> = value
        .as_array()
        .and_then(|flags| flags.iter().map(Value::as_bool).collect());
    flags
        .and_then(|flags| flags.try_into().ok())
        .ok_or_else(|| member("lattice.pbc", "three booleans", value))
}

fn vector(value: &Value) -> Option<Vec3> {
    let numbers: Option<Vec<f64>> = value.as_array()?.iter().map(Value::as_f64).collect();
    numbers?.try_into().ok()
}

/// - `line`: finds the line of the site, for an error that must know it.
fn site(index: usize, value: &Value, lattice: &Lattice, line: &dyn Fn() -> usize) -> Result<Site> {
    let path = |name: &str| format!("sites[{index}].{name}");
    let species = &value["species"];
    let first = &species[0];
    let symbol = first["element"].as_str().ok_or_else(|| {
        let expected = "a list of `{element, occu}`";
        member(path("species"), expected, species)
    })?;
    let occupancy = match &first["occu"] {
        Value::Null => 1.0,
        number => number
            .as_f64()
            .ok_or_else(|| member(path("species[0].occu"), "a number", number))?,
    };
    let shared = species.as_array().is_some_and(|list| list.len() > 1);
    if shared || (occupancy - 1.0).abs() > 1e-6 {
        return Err(Error::PartialOccupancy {
            line: line(),
            site: value["label"].as_str().map_or(excerpt(symbol), excerpt),
            occupancy,
        });
    }
    let fractional = match (vector(&value["abc"]), vector(&value["xyz"])) {
        (Some(fractional), _) => fractional,
        (None, Some(position)) if value["abc"].is_null() => lattice.fractional(position),
        _ => {
            let expected = "three numbers, here or as `xyz`";
            return Err(member(path("abc"), expected, &value["abc"]));
        }
    };
    Ok(Site {
        element: element(symbol)?,
        fractional,
    })
}

/// The element of a symbol as `Mo`, or of a species as `Mo4+`.
fn element(symbol: &str) -> Result<Element> {
    let end = symbol.find(|c: char| !c.is_ascii_alphabetic());
    symbol[..end.unwrap_or(symbol.len())]
        .parse()
        .map_err(|_| Error::UnknownElement {
            found: excerpt(symbol),
        })
}

/// Writes a structure so that `Structure.from_dict(json.loads(text))` reads it.
///
/// Numbers have as many digits as it takes to read the same ones back.
///
/// # Examples
///
/// ```
/// # use crystal::{Lattice, Site, Structure, pymatgen};
/// let lattice = Lattice::from_parameters([3.35; 3], [90.0; 3])?;
/// let site = Site { element: "Po".parse()?, fractional: [0.0, 0.0, 1.0 / 3.0] };
/// let structure = Structure::new(lattice, vec![site])?.with_periodic([true, true, false]);
/// assert_eq!(pymatgen::read(&pymatgen::write(&structure))?, structure);
/// # Ok::<(), crystal::Error>(())
/// ```
#[must_use]
pub fn write(structure: &Structure) -> String {
    let lattice = structure.lattice();
    let [a, b, c] = lattice.lengths();
    let [alpha, beta, gamma] = lattice.angles();
    let head = json!({
        "matrix": lattice.rows(),
        "pbc": structure.periodic(),
        "a": a, "b": b, "c": c,
        "alpha": alpha, "beta": beta, "gamma": gamma,
        "volume": lattice.volume(),
    });
    let mut text = format!(
        "{{\"@module\":\"pymatgen.core.structure\",\"@class\":\"Structure\",\"charge\":0,\n\
         \"lattice\":{head},\n\"sites\":["
    );
    for (index, site) in structure.sites().iter().enumerate() {
        let symbol = site.element.symbol();
        let entry = json!({
            "species": [{"element": symbol, "occu": 1}],
            "abc": site.fractional,
            "xyz": structure.position(index),
            "label": symbol,
            "properties": {},
        });
        let comma = if index == 0 { "" } else { "," };
        // writing to a `String` cannot fail
        let _ = write!(text, "{comma}\n{entry}");
    }
    text.push_str("\n]}\n");
    text
}
