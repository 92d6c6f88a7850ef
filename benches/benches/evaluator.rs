//! Values of random formulas: ours beside the crate `dynamic_expressions`.
//!
//! Both evaluate the same trees, of 1 to 50 nodes, over five columns, in one
//! thread; half of the leaves are constants. The set `arithmetic` has sums,
//! differences, products and quotients, `transcendental` has about 34 % exponential
//! functions, logarithms, sines and cosines, and 31 % arithmetic. Every tree is
//! prepared anew each time, as a search would, and nothing checks for finite
//! values.
//!
//! The throughput counts all nodes, leaves included, times rows. Our evaluator
//! works out constant subtrees once and not once a row.
//!
//! `SYMREG_LEVELS=avx2,portable` measures other instructions of ours too.

use std::{hint::black_box, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dynamic_expressions::{
    EvalContext, EvalOptions, GradContext, OperatorSet, PNode, PostfixExpr, eval_grad_tree_array,
    eval_tree_array_into,
    operator_enum::builtin::{Add, Cos, Div, Exp, Log, Mul, Sin, Sub},
    opset,
};
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use symreg::{Column, Level, Machine, Op, Table};

opset! {
    Single for f32 { Add, Sub, Mul, Div, Exp, Log, Sin, Cos }
}

opset! {
    Double for f64 { Add, Sub, Mul, Div, Exp, Log, Sin, Cos }
}

const COLUMNS: u32 = 5;

/// Rows, and how many trees are evaluated at a time: so few that this takes a few
/// milliseconds, and an interruption spoils a few samples only.
const SIZES: [(usize, usize); 3] = [(20, 1000), (300, 500), (10_000, 50)];
const ARITHMETIC: [Op; 4] = [Op::Add, Op::Sub, Op::Mul, Op::Div];
const TRANSCENDENTAL: [Op; 4] = [Op::Exp, Op::Log, Op::Sin, Op::Cos];

/// Share of the transcendental operations among those that are not leaves.
const SHARE: f64 = 0.52;

/// Appends a random tree of exactly so many nodes; an odd number where all
/// operations have two operands.
fn grow(size: usize, share: f64, random: &mut ChaCha8Rng, code: &mut Vec<Op>) {
    if size == 1 {
        code.push(if random.random_bool(0.5) {
            Op::Const(random.random_range(-2.0..2.0))
        } else {
            Op::Column(random.random_range(0..COLUMNS))
        });
    } else if size == 2 || random.random_bool(share) {
        grow(size - 1, share, random, code);
        code.push(TRANSCENDENTAL[random.random_range(0..4)]);
    } else {
        let mut left = random.random_range(1..size - 1);
        if share == 0.0 {
            left -= usize::from(left % 2 == 0);
        }
        grow(left, share, random, code);
        grow(size - 1 - left, share, random, code);
        code.push(ARITHMETIC[random.random_range(0..4)]);
    }
}

fn trees(share: f64) -> Vec<Vec<Op>> {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let tree = |_| {
        let mut code = Vec::new();
        let size: usize = random.random_range(1..=50);
        let odd = size - usize::from(size.is_multiple_of(2));
        let size = if share == 0.0 { odd } else { size };
        grow(size, share, &mut random, &mut code);
        code
    };
    (0..1000).map(tree).collect()
}

/// Columns of numbers from 0.1 to 3.
fn columns(rows: usize) -> Vec<Vec<f64>> {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let mut column = |_| (0..rows).map(|_| random.random_range(0.1..3.0)).collect();
    (0..COLUMNS).map(&mut column).collect()
}

/// The same tree for the other crate.
fn translated<O: OperatorSet>(code: &[Op], number: fn(f64) -> O::T) -> PostfixExpr<O::T, O, 2> {
    let operator = |name: &str, arity: u8| {
        let ids = O::ops_with_arity(arity).iter().copied();
        let named = |id: &u16| {
            let meta = O::meta(dynamic_expressions::OpId { arity, id: *id });
            meta.is_some_and(|meta| meta.name == name)
        };
        let op = ids
            .into_iter()
            .find(named)
            .expect("the operator is in the set");
        PNode::Op { arity, op }
    };
    let mut constants = Vec::new();
    let node = |op: &Op| match op {
        Op::Const(value) => {
            constants.push(number(*value));
            let idx = u16::try_from(constants.len() - 1).expect("trees are small");
            PNode::Const { idx }
        }
        Op::Column(index) => PNode::Var {
            feature: u16::try_from(*index).expect("there are few columns"),
        },
        op => operator(op.name(), u8::try_from(op.arity()).expect("one or two")),
    };
    let nodes = code.iter().map(node).collect();
    PostfixExpr::new(nodes, constants, dynamic_expressions::Metadata::default())
}

const OPTIONS: EvalOptions = EvalOptions {
    check_finite: false,
    early_exit: false,
};

/// Levels to measure: the best, and those asked for.
fn levels() -> Vec<Level> {
    let asked = std::env::var("SYMREG_LEVELS")
        .unwrap_or_default()
        .to_lowercase();
    let wanted = |level: &Level| {
        let name = format!("{level:?}").to_lowercase();
        *level == Level::best() || asked.split(',').any(|one| one == name)
    };
    Level::ALL.into_iter().rev().filter(wanted).collect()
}

/// Measures the other crate on the trees.
macro_rules! peer {
    ($group:ident, $name:literal, $set:ty, $number:expr, $codes:ident, $columns:ident, $rows:ident) => {
        let trees: Vec<_> = $codes
            .iter()
            .map(|code| translated::<$set>(code, $number))
            .collect();
        let numbers = $columns.iter().flatten().map(|value| $number(*value));
        let x = Array2::from_shape_vec((COLUMNS as usize, $rows), numbers.collect())
            .expect("columns of equal length");
        let mut context = EvalContext::<_, 2>::new($rows);
        let mut out = vec![$number(0.0); $rows];
        $group.bench_function(BenchmarkId::new($name, $rows), |b| {
            b.iter(|| {
                for tree in &trees {
                    eval_tree_array_into(
                        &mut out,
                        black_box(tree),
                        x.view(),
                        &mut context,
                        &OPTIONS,
                    );
                    black_box(&mut out);
                }
            });
        });
    };
}

fn values(criterion: &mut Criterion) {
    for (set, share) in [("arithmetic", 0.0), ("transcendental", SHARE)] {
        let all = trees(share);
        let mut group = criterion.benchmark_group(set);
        for (rows, count) in SIZES {
            let codes = &all[..count];
            let nodes: usize = codes.iter().map(Vec::len).sum();
            group.throughput(Throughput::Elements((nodes * rows) as u64));
            let columns = columns(rows);
            let named = columns.iter().enumerate();
            let named = named.map(|(i, values)| (Column::new(format!("x{i}"), ""), values.clone()));
            let table = Table::new(named.collect()).expect("columns of equal length");
            for level in levels() {
                let mut machine = Machine::at(level).expect("only what is there is measured");
                let mut out = vec![0.0; rows];
                group.bench_function(BenchmarkId::new(format!("symreg {level:?}"), rows), |b| {
                    b.iter(|| {
                        for code in codes {
                            machine.values(black_box(code), &table, &mut out);
                            black_box(&mut out);
                        }
                    });
                });
            }
            peer!(
                group,
                "dynamic_expressions f64",
                Double,
                |v: f64| v,
                codes,
                columns,
                rows
            );
            #[expect(clippy::cast_possible_truncation, reason = "that is what it measures")]
            let single = |v: f64| v as f32;
            peer!(
                group,
                "dynamic_expressions f32",
                Single,
                single,
                codes,
                columns,
                rows
            );
        }
        group.finish();
    }
}

fn derivatives(criterion: &mut Criterion) {
    let (rows, count) = SIZES[1];
    let columns = columns(rows);
    let named = columns.iter().enumerate();
    let named = named.map(|(i, values)| (Column::new(format!("x{i}"), ""), values.clone()));
    let table = Table::new(named.collect()).expect("columns of equal length");
    for (set, share) in [("arithmetic", 0.0), ("transcendental", SHARE)] {
        let codes = &trees(share)[..count];
        let nodes: usize = codes.iter().map(Vec::len).sum();
        let mut group = criterion.benchmark_group(format!("{set}, with derivatives"));
        group.throughput(Throughput::Elements((nodes * rows) as u64));
        let constants = |code: &Vec<Op>| {
            let constant = |op: &&Op| matches!(op, Op::Const(_));
            code.iter().filter(constant).count()
        };
        for level in levels() {
            let mut machine = Machine::at(level).expect("only what is there is measured");
            let mut out = vec![0.0; rows];
            let mut jacobian = vec![0.0; rows * 50];
            group.bench_function(BenchmarkId::new(format!("symreg {level:?}"), rows), |b| {
                b.iter(|| {
                    for code in codes {
                        let jacobian = &mut jacobian[..constants(code) * rows];
                        machine.derivatives(black_box(code), &table, &mut out, jacobian);
                        black_box(jacobian);
                    }
                });
            });
        }
        let trees: Vec<_> = codes
            .iter()
            .map(|code| translated::<Double>(code, |v| v))
            .collect();
        let numbers = columns.iter().flatten().copied().collect();
        let x = Array2::from_shape_vec((COLUMNS as usize, rows), numbers)
            .expect("columns of equal length");
        let mut context = GradContext::<f64, 2>::new(rows);
        group.bench_function(BenchmarkId::new("dynamic_expressions f64", rows), |b| {
            b.iter(|| {
                for tree in &trees {
                    let tree = black_box(tree);
                    black_box(eval_grad_tree_array(
                        tree,
                        x.view(),
                        false,
                        &mut context,
                        &OPTIONS,
                    ));
                }
            });
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .sample_size(100);
    targets = values, derivatives
}
criterion_main!(benches);
