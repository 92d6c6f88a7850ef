//! A law as it is written, before anyone has looked whether its parts fit together.

use super::{Known, Law, Rise, Term};
use crate::{Error, Interval};

/// The fields of [`Law`].
#[derive(serde::Deserialize)]
pub(super) struct Written {
    levels: Vec<Known>,
    terms: Vec<Term>,
    rise: Rise,
    temperature: f64,
    noise: f64,
}

impl TryFrom<Written> for Law {
    type Error = Error;

    fn try_from(written: Written) -> Result<Self, Error> {
        let refuse = |what| Err(Error::Law { what });
        if !written.levels.iter().all(has_a_side_for_each_column) {
            return refuse("a level has not one range for each column");
        }
        if !written.levels.iter().all(has_bounds_for_each_channel) {
            return refuse("a level has not one range for each channel");
        }
        for term in &written.terms {
            let Some(level) = written.levels.get(term.level) else {
                return refuse("a term is of a level that is not there");
            };
            let channels = level.channels.len();
            if term.coefficients.len() != channels || term.errors.len() != channels {
                return refuse("a term has not one coefficient for each channel");
            }
            if term.shape.columns() > level.columns.len() {
                return refuse("a function is of more columns than its level has");
            }
            if !is_interval(term.range) {
                return refuse("a range ends before it begins");
            }
        }
        Ok(Self {
            levels: written.levels,
            terms: written.terms,
            rise: written.rise,
            temperature: written.temperature,
            noise: written.noise,
        })
    }
}

fn has_a_side_for_each_column(level: &Known) -> bool {
    let sides = level.domain.sides();
    sides.len() == level.columns.len() && sides.iter().copied().all(is_interval)
}

fn has_bounds_for_each_channel(level: &Known) -> bool {
    let bounds = &level.bounds;
    let all = bounds.is_empty() || bounds.len() == level.channels.len();
    all && bounds.iter().copied().all(is_interval)
}

fn is_interval(range: Interval) -> bool {
    range.low <= range.high
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One term of pairs, with these words in place of others.
    fn read(changes: &[(&str, &str)]) -> Result<Law, String> {
        let mut text = r#"{"levels":[{"name":"pair","columns":[{"name":"d","unit":"Å"}],
            "channels":["A-B","A-A"],"domain":[{"low":1.0,"high":9.0}]}],
            "terms":[{"level":0,"shape":[{"Column":0},"Exp"],"range":{"low":0.5,"high":2.0},
            "coefficients":[1.0,0.0],"errors":[0.1,0.1]}],
            "rise":"sum","temperature":0.0,"noise":0.1}"#
            .to_owned();
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        serde_json::from_str(&text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_law_whose_parts_do_not_fit_is_refused() {
        let law = read(&[]).unwrap();
        let text = serde_json::to_string(&law).unwrap();
        assert_eq!(serde_json::from_str::<Law>(&text).unwrap(), law);
        for (from, to, expected) in [
            ("\"level\":0", "\"level\":1", "level that is not there"),
            ("[1.0,0.0]", "[1.0]", "one coefficient for each channel"),
            ("[0.1,0.1]", "[]", "one coefficient for each channel"),
            (
                "\"Column\":0",
                "\"Column\":1",
                "more columns than its level",
            ),
            ("\"low\":0.5", "\"low\":3.0", "ends before it begins"),
            (
                "\"channels\"",
                "\"bounds\":[{\"low\":0.0,\"high\":1.0}],\"channels\"",
                "one range for each channel",
            ),
            ("\"low\":1.0", "\"low\":10.0", "one range for each column"),
            (
                "[{\"low\":1.0,\"high\":9.0}]",
                "[]",
                "one range for each column",
            ),
        ] {
            let refused = read(&[(from, to)]).unwrap_err();
            assert!(refused.contains(expected), "{refused}");
        }
    }

    #[test]
    fn columns_that_are_not_those_of_the_law_are_an_error() {
        let law = read(&[]).unwrap();
        assert_eq!(
            law.effect(0, "A-B", &[vec![0.0, 100.0]]).unwrap(),
            [2.0, 2.0]
        );
        let bounds =
            "\"bounds\":[{\"low\":-1.0,\"high\":1.5},{\"low\":0.0,\"high\":0.0}],\"channels\"";
        let held = read(&[("\"channels\"", bounds)]).unwrap();
        assert_eq!(
            held.effect(0, "A-B", &[vec![-9.0, 100.0]]).unwrap(),
            [1.5, 1.5]
        );
        assert!(law.effect(0, "A-B", &[]).is_err());
        assert!(law.effect(0, "A-B", &[vec![1.0], vec![1.0]]).is_err());
    }
}
