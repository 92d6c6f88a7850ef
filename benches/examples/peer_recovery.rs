//! Recovery of known laws by the crate `symbolic_regression`, on the rows of the
//! recovery example of symreg.
//!
//! ```text
//! recovery data N 0.1 5 101 > rows.jsonl
//! RAYON_NUM_THREADS=1 cargo run --release -p benches --example peer_recovery -- rows.jsonl
//! ```
//!
//! One JSON line a run on the standard output, a table on the standard error, with
//! the scores of the example. `picked` is the formula by the rule `best` of `PySR`, whose
//! engine the crate ports: of those with at most 1.5 times the least loss, the one
//! before which the loss falls most steeply, in its logarithm over the complexity.
//! `front` is the best on the front. Defaults, but for at most 30 nodes (Feynman
//! 40), evaluations as the rows say, and an end where the mean square falls below 1e-12.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "that is its output"
)]

use std::{error::Error, fs};

use dynamic_expressions::{
    EvalOptions, Operators, eval_tree_array, operator_enum::presets::BuiltinOpsF64,
};
use ndarray::{Array1, Array2};
use serde::Deserialize;
use symbolic_regression::{Dataset, EarlyStop, Options, PopMember, equation_search};

type Member = PopMember<f64, BuiltinOpsF64, 2>;

/// Rows, column by column.
#[derive(Deserialize)]
struct Part {
    columns: Vec<Vec<f64>>,
    y: Vec<f64>,
}

impl Part {
    fn columns(&self) -> Array2<f64> {
        let values = self.columns.iter().flatten().copied().collect();
        Array2::from_shape_vec((self.columns.len(), self.y.len()), values)
            .expect("columns are as long as the target")
    }

    /// `1 - R²`; infinite where the formula has no value.
    fn unexplained(&self, member: &Member) -> f64 {
        let options = EvalOptions {
            check_finite: true,
            early_exit: false,
        };
        let (values, _) = eval_tree_array(&member.expr, self.columns().view(), &options);
        if values.iter().any(|value| !value.is_finite()) {
            return f64::INFINITY;
        }
        let mean = self.y.iter().sum::<f64>() / self.y.len() as f64;
        let left: f64 = values
            .iter()
            .zip(&self.y)
            .map(|(v, y)| (v - y).powi(2))
            .sum();
        left / self.y.iter().map(|y| (y - mean).powi(2)).sum::<f64>()
    }
}

/// One law, with the noise and the seed of its rows.
#[derive(Deserialize)]
struct Data {
    suite: String,
    law: String,
    noise: f64,
    seed: u64,
    evaluations: u64,
    train: Part,
    inside: Part,
    wide: Part,
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("the file of rows is the argument")?;
    let (mut found, mut exact, mut seconds) = ([0, 0], [0, 0], Vec::new());
    for line in fs::read_to_string(path)?.lines() {
        let data: Data = serde_json::from_str(line)?;
        let start = cpu_seconds()?;
        let front = searched(&data)?;
        let spent = cpu_seconds()? - start;
        let best = |part: &Part| {
            let all = front.iter().map(|member| part.unexplained(member));
            all.fold(f64::INFINITY, f64::min)
        };
        let picked = picked(&front).ok_or("the front is empty")?;
        let inside = [data.inside.unexplained(picked), best(&data.inside)];
        let wide = [data.wide.unexplained(picked), best(&data.wide)];
        for i in 0..2 {
            found[i] += u32::from(inside[i] < 1e-3);
            exact[i] += u32::from(wide[i] < 1e-6);
        }
        seconds.push(spent);
        let row = serde_json::json!({
            "suite": data.suite, "law": data.law, "noise": data.noise, "seed": data.seed,
            "one_minus_r2": inside[0], "one_minus_r2_wide": wide[0],
            "front_one_minus_r2": inside[1], "front_one_minus_r2_wide": wide[1],
            "cpu_seconds": spent, "formula": picked.expr.to_string(),
        });
        println!("{row}");
    }
    seconds.sort_by(f64::total_cmp);
    let share = |count: u32| 100.0 * f64::from(count) / seconds.len() as f64;
    eprintln!(
        "R2 {:.0} / {:.0}  exact {:.0} / {:.0}  CPU s {:.2}",
        share(found[0]),
        share(found[1]),
        share(exact[0]),
        share(exact[1]),
        seconds[seconds.len() / 2],
    );
    Ok(())
}

/// Seconds that the threads of this process have spent on a CPU.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let mut nanoseconds = 0.0;
    for task in fs::read_dir("/proc/self/task")? {
        let text = fs::read_to_string(task?.path().join("schedstat"))?;
        let first = text.split(' ').next().unwrap_or_default();
        nanoseconds += first.parse::<f64>()?;
    }
    Ok(nanoseconds / 1e9)
}

fn searched(data: &Data) -> Result<Vec<Member>, Box<dyn Error>> {
    let feynman = data.suite == "F";
    let mut names = vec!["+", "sub", "*", "/", "exp", "log", "sin", "cos"];
    if feynman {
        names.push("sqrt");
    }
    let options = Options::<f64, 2> {
        operators: Operators::from_names::<BuiltinOpsF64, _>(names)?,
        seed: data.seed,
        niterations: 1_000_000,
        max_evals: data.evaluations,
        maxsize: if feynman { 40 } else { 30 },
        progress: false,
        deterministic: true,
        early_stop_condition: Some(EarlyStop::below(1e-12)),
        ..Options::default()
    };
    let y = Array1::from(data.train.y.clone());
    let rows = Dataset::new(data.train.columns(), y);
    let result = equation_search::<_, BuiltinOpsF64, 2>(&rows, &options);
    Ok(result.hall_of_fame.pareto_front())
}

/// The choice of `PySR`, `model_selection = "best"`.
fn picked(front: &[Member]) -> Option<&Member> {
    let least = front.last()?.loss.max(0.0);
    let fall = |i: usize| {
        let (before, here) = (i.checked_sub(1).map(|b| &front[b]), &front[i]);
        before.map_or(0.0, |before| {
            let steps = (here.complexity - before.complexity) as f64;
            (before.loss / here.loss.max(f64::MIN_POSITIVE)).ln() / steps
        })
    };
    (0..front.len())
        .filter(|&i| front[i].loss <= 1.5 * least)
        .max_by(|&a, &b| fall(a).total_cmp(&fall(b)))
        .map(|i| &front[i])
}
