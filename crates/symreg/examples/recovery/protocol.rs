//! One run: data, search, choice and scores.

use std::fs;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use symreg::{Candidate, Column, Objective, ParetoFront, Rule, Table, settings::Safety};

use crate::problems::Problem;

/// Rows on which formulas are scored.
const FRESH: usize = 1000;

/// Most fitted constants of a formula that is to be a skeleton of the law.
const SKELETON: usize = 6;

/// What became of one run.
pub(crate) struct Outcome {
    pub(crate) selected: Score,
    /// The best value of each criterion on the front.
    pub(crate) best: Score,
    pub(crate) found: Found,
}

/// What a search leaves.
pub(crate) struct Found {
    pub(crate) front: ParetoFront,
    /// Seconds of one thread on a CPU.
    pub(crate) seconds: f64,
    /// Passes over the rows.
    pub(crate) evaluations: u64,
    /// Whether the law was found by other protocols, by their names.
    pub(crate) otherwise: Vec<(&'static str, bool)>,
}

/// How close one formula is to the law.
#[derive(Clone)]
pub(crate) struct Score {
    /// `1 - R²` on the range of the training rows.
    pub(crate) inside: f64,
    /// `1 - R²` on the widened range.
    pub(crate) wide: f64,
    pub(crate) skeleton: bool,
    pub(crate) formula: String,
}

impl Score {
    pub(crate) fn found(&self) -> bool {
        self.inside < 1e-3
    }

    pub(crate) fn exact(&self) -> bool {
        self.wide < 1e-6
    }
}

impl Outcome {
    /// Root mean square error of the chosen formula over that of the best on
    /// the front, less one; nothing where the law was found to six digits.
    pub(crate) fn off(&self) -> f64 {
        let floor = |unexplained: f64| unexplained.max(1e-12).sqrt();
        floor(self.selected.inside) / floor(self.best.inside) - 1.0
    }

    pub(crate) fn json(&self, problem: &Problem, noise: f64, seed: u64) -> String {
        let mut line = serde_json::json!({
            "suite": problem.suite.letter(),
            "law": problem.name,
            "noise": noise,
            "seed": seed,
            "rows": problem.rows,
            "one_minus_r2": self.selected.inside,
            "one_minus_r2_wide": self.selected.wide,
            "skeleton": self.selected.skeleton,
            "front_one_minus_r2": self.best.inside,
            "front_one_minus_r2_wide": self.best.wide,
            "front_skeleton": self.best.skeleton,
            "cpu_seconds": self.found.seconds,
            "evaluations": self.found.evaluations,
            "formula": self.selected.formula,
        });
        for (protocol, found) in &self.found.otherwise {
            line[*protocol] = (*found).into();
        }
        line.to_string()
    }
}

/// A table of fresh rows and the clean law there; ranges widened upward by a
/// part of their length.
fn sample(
    problem: &Problem,
    rows: usize,
    wider: f64,
    random: &mut ChaCha8Rng,
) -> (Table, Vec<f64>) {
    let mut columns = vec![Vec::with_capacity(rows); problem.ranges.len()];
    let mut target = Vec::with_capacity(rows);
    for _ in 0..rows {
        let draw = |&(low, high): &(f64, f64)| {
            low + random.random_range(0.0..1.0) * (high - low) * (1.0 + wider)
        };
        let row: Vec<f64> = problem.ranges.iter().map(draw).collect();
        target.push((problem.law)(&row));
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    let named = columns.into_iter().enumerate();
    let named = named.map(|(i, values)| (Column::new(format!("x{i}"), ""), values));
    (Table::new(named.collect()).unwrap(), target)
}

fn with_noise(clean: &[f64], part: f64, random: &mut ChaCha8Rng) -> Vec<f64> {
    let square = clean.iter().map(|y| y * y).sum::<f64>() / clean.len() as f64;
    let deviation = part * square.sqrt();
    let mut normal = || {
        let u: f64 = random.random_range(0.0..1.0);
        let v: f64 = random.random_range(0.0..1.0);
        let radius: f64 = (-2.0 * (1.0 - u).ln()).sqrt();
        radius * (std::f64::consts::TAU * v).cos()
    };
    clean.iter().map(|y| y + deviation * normal()).collect()
}

/// Seconds that this thread has spent on a CPU.
pub(crate) fn seconds() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds: Option<f64> = text.split(' ').next().and_then(|n| n.parse().ok());
    nanoseconds.unwrap_or(f64::NAN) / 1e9
}

/// The rows of one run.
struct Data {
    exam: Exam,
    target: Vec<f64>,
}

impl Data {
    fn draw(problem: &Problem, noise: f64, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let (table, clean) = sample(problem, problem.rows, 0.0, &mut random);
        let target = with_noise(&clean, noise, &mut random);
        let exam = Exam {
            inside: sample(problem, FRESH, 0.0, &mut random),
            wide: sample(problem, FRESH, 0.5, &mut random),
            table,
            clean,
        };
        Self { exam, target }
    }
}

/// The rows of one run, as a line of JSON for other tools.
pub(crate) fn data(problem: &Problem, noise: f64, seed: u64) -> String {
    let Data { exam, target } = Data::draw(problem, noise, seed);
    let part = |table: &Table, y: &[f64]| {
        let count = table.columns().len();
        let columns: Vec<&[f64]> = (0..count).map(|column| table.values(column)).collect();
        serde_json::json!({ "columns": columns, "y": y })
    };
    let line = serde_json::json!({
        "suite": problem.suite.letter(),
        "law": problem.name,
        "noise": noise,
        "seed": seed,
        "evaluations": problem.suite.evaluations(),
        "train": part(&exam.table, &target),
        "inside": part(&exam.inside.0, &exam.inside.1),
        "wide": part(&exam.wide.0, &exam.wide.1),
    });
    line.to_string()
}

/// A search of the rows and the targets; the clean law is there for protocols only.
pub(crate) type Searching<'a> = dyn Fn(&Table, &[f64], &[f64]) -> Found + 'a;

/// Draws rows, searches, and scores what was found.
///
/// - `search`: is given the rows, the targets and the clean law there, which only
///   a protocol may look at.
pub(crate) fn run(problem: &Problem, noise: f64, seed: u64, search: &Searching<'_>) -> Outcome {
    let Data { exam, target } = Data::draw(problem, noise, seed);
    let found = search(&exam.table, &target, &exam.clean);
    let front = &found.front;
    let scores: Vec<Score> = front.all().map(|m| exam.score(m)).collect();
    let chosen = Rule::DescriptionLength.choose(front, &exam.table, &target);
    let selected = exam.score(chosen.unwrap());
    let least = |of: fn(&Score) -> f64| scores.iter().map(of).fold(f64::INFINITY, f64::min);
    let best = Score {
        inside: least(|s| s.inside),
        wide: least(|s| s.wide),
        skeleton: scores.iter().any(|s| s.skeleton),
        formula: String::new(),
    };
    Outcome {
        selected,
        best,
        found,
    }
}

/// What a formula is examined on.
struct Exam {
    inside: (Table, Vec<f64>),
    wide: (Table, Vec<f64>),
    table: Table,
    clean: Vec<f64>,
}

impl Exam {
    fn score(&self, candidate: &Candidate) -> Score {
        let names = self.table.names();
        Score {
            inside: unexplained(candidate, &self.inside),
            wide: unexplained(candidate, &self.wide),
            skeleton: self.is_skeleton(candidate),
            formula: candidate.expr.rounded(6).text(&names),
        }
    }

    /// Whether the formula is exact once its constants are those of the law.
    fn is_skeleton(&self, candidate: &Candidate) -> bool {
        let is_constant = |op: &&symreg::Op| matches!(op, symreg::Op::Const(_));
        if candidate.expr.code().iter().filter(is_constant).count() > SKELETON {
            return false;
        }
        let mut objective = Objective::new(&self.table, &self.clean, 12, Safety::default());
        objective
            .polish(&candidate.expr, 200)
            .is_some_and(|fitted| unexplained(&fitted, &self.wide) < 1e-6)
    }
}

/// `1 - R²`; infinite where the formula has no value.
fn unexplained(candidate: &Candidate, (table, truth): &(Table, Vec<f64>)) -> f64 {
    let Ok(values) = candidate.expr.evaluate(table) else {
        return f64::INFINITY;
    };
    let mean = truth.iter().sum::<f64>() / truth.len() as f64;
    let squares = |other: &dyn Fn(usize) -> f64| -> f64 {
        (0..truth.len())
            .map(|i| (truth[i] - other(i)).powi(2))
            .sum()
    };
    squares(&|i| values[i]) / squares(&|_| mean)
}
