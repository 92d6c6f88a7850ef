//! The laws to be found again, with the ranges of their variables.
//!
//! Nguyen-1 to 12: Uy, Hoai, O'Neill, `McKay` & Galván-López, *Genet. Program.
//! Evolvable Mach.* **12**, 91 (2011), with the numbers of rows of Petersen et
//! al., arXiv 1912.04871: 20 for one variable, 100 for two. Nguyen-9 to 12 are
//! sampled from 0 to 1.
//!
//! The Feynman equations and their ranges: Udrescu & Tegmark, *Sci. Adv.* **6**,
//! eaay2631 (2020), table S1 and its `FeynmanEquations.csv`; 300 rows.

use std::f64::consts::PI;

use symreg::Op;

/// One law.
#[derive(Clone)]
pub(crate) struct Problem {
    pub(crate) name: &'static str,
    /// Lowest and highest value of every variable.
    pub(crate) ranges: Vec<(f64, f64)>,
    pub(crate) rows: usize,
    pub(crate) law: fn(&[f64]) -> f64,
    pub(crate) suite: Suite,
}

/// A family of laws.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suite {
    Nguyen,
    Feynman,
}

impl Suite {
    pub(crate) fn letter(self) -> &'static str {
        match self {
            Self::Nguyen => "N",
            Self::Feynman => "F",
        }
    }

    /// Passes over the rows that a search may make.
    pub(crate) fn evaluations(self) -> u64 {
        match self {
            Self::Nguyen => 1_000_000,
            Self::Feynman => 300_000,
        }
    }

    /// The same for every tool that is compared.
    pub(crate) fn operators(self) -> Vec<Op> {
        let mut used = vec![
            Op::Add,
            Op::Sub,
            Op::Mul,
            Op::Div,
            Op::Exp,
            Op::Log,
            Op::Sin,
            Op::Cos,
        ];
        if self == Self::Feynman {
            used.push(Op::Sqrt);
        }
        used
    }

    pub(crate) fn problems(self) -> Vec<Problem> {
        match self {
            Self::Nguyen => nguyen(),
            Self::Feynman => feynman(),
        }
    }
}

fn powers(x: f64, highest: i32) -> f64 {
    (1..=highest).map(|n| x.powi(n)).sum()
}

fn nguyen() -> Vec<Problem> {
    let one = |name, low, high, law| Problem {
        name,
        ranges: vec![(low, high)],
        rows: 20,
        law,
        suite: Suite::Nguyen,
    };
    let two = |name, law| Problem {
        name,
        ranges: vec![(0.0, 1.0); 2],
        rows: 100,
        law,
        suite: Suite::Nguyen,
    };
    vec![
        one("N1", -1.0, 1.0, |v| powers(v[0], 3)),
        one("N2", -1.0, 1.0, |v| powers(v[0], 4)),
        one("N3", -1.0, 1.0, |v| powers(v[0], 5)),
        one("N4", -1.0, 1.0, |v| powers(v[0], 6)),
        one("N5", -1.0, 1.0, |v| (v[0] * v[0]).sin() * v[0].cos() - 1.0),
        one("N6", -1.0, 1.0, |v| v[0].sin() + (v[0] + v[0] * v[0]).sin()),
        one("N7", 0.0, 2.0, |v| {
            (v[0] + 1.0).ln() + (v[0] * v[0] + 1.0).ln()
        }),
        one("N8", 0.0, 4.0, |v| v[0].sqrt()),
        two("N9", |v| v[0].sin() + (v[1] * v[1]).sin()),
        two("N10", |v| 2.0 * v[0].sin() * v[1].cos()),
        two("N11", |v| v[0].powf(v[1])),
        two("N12", |v| {
            v[0].powi(4) - v[0].powi(3) + 0.5 * v[1] * v[1] - v[1]
        }),
    ]
}

/// The usual ranges.
const FIVE: (f64, f64) = (1.0, 5.0);
const THREE: (f64, f64) = (1.0, 3.0);

fn feynman() -> Vec<Problem> {
    let law = |name, ranges: &[(f64, f64)], law| Problem {
        name,
        ranges: ranges.to_vec(),
        rows: 300,
        law,
        suite: Suite::Feynman,
    };
    vec![
        law("I.6.2a", &[THREE], |v| {
            (-v[0] * v[0] / 2.0).exp() / (2.0 * PI).sqrt()
        }),
        law("I.6.2b", &[THREE; 3], |v| {
            let z = (v[1] - v[2]) / v[0];
            (-z * z / 2.0).exp() / ((2.0 * PI).sqrt() * v[0])
        }),
        law("I.8.14", &[FIVE; 4], |v| (v[0] - v[1]).hypot(v[2] - v[3])),
        law("I.12.2", &[FIVE; 4], |v| {
            v[0] * v[1] / (4.0 * PI * v[2] * v[3] * v[3])
        }),
        law("I.15.10", &[FIVE, (1.0, 2.0), (3.0, 10.0)], |v| {
            v[0] * v[1] / (1.0 - (v[1] / v[2]).powi(2)).sqrt()
        }),
        law("I.16.6", &[FIVE; 3], |v| {
            (v[1] + v[2]) / (1.0 + v[1] * v[2] / (v[0] * v[0]))
        }),
        law("I.18.4", &[FIVE; 4], |v| {
            (v[0] * v[2] + v[1] * v[3]) / (v[0] + v[1])
        }),
        law("I.27.6", &[FIVE; 3], |v| 1.0 / (1.0 / v[0] + v[2] / v[1])),
        law("I.29.16", &[FIVE; 4], |v| {
            let cosine = (v[2] - v[3]).cos();
            (v[0] * v[0] + v[1] * v[1] - 2.0 * v[0] * v[1] * cosine).sqrt()
        }),
        law("I.30.3", &[FIVE; 3], |v| {
            let (many, one) = ((v[2] * v[1] / 2.0).sin(), (v[1] / 2.0).sin());
            v[0] * (many / one).powi(2)
        }),
        law("I.37.4", &[FIVE; 3], |v| {
            v[0] + v[1] + 2.0 * (v[0] * v[1]).sqrt() * v[2].cos()
        }),
        law("I.40.1", &[FIVE; 6], |v| {
            v[0] * (-v[1] * v[4] * v[2] / (v[5] * v[3])).exp()
        }),
        law("I.44.4", &[FIVE; 5], |v| {
            v[0] * v[1] * v[2] * (v[4] / v[3]).ln()
        }),
        law("I.50.26", &[THREE; 4], |v| {
            let cosine = (v[1] * v[2]).cos();
            v[0] * (cosine + v[3] * cosine * cosine)
        }),
        law("II.35.18", &[THREE; 5], |v| {
            let z = v[3] * v[4] / (v[1] * v[2]);
            v[0] / (z.exp() + (-z).exp())
        }),
        law("III.17.37", &[FIVE; 3], |v| {
            v[0] * (1.0 + v[1] * v[2].cos())
        }),
    ]
}
