//! Exported formulas are run in their languages and compared with the evaluator.
//!
//! Python needs `NumPy` and `SymPy`; the variable `TYCHO_PYTHON` may name an
//! interpreter that has both. What is not there is skipped with a message.

use std::{
    fmt::Write as _,
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use symreg::{
    Column, Expr, FeatureBox, Op, Table,
    export::{Format, export, from_json, from_prefix},
    expr::subtree,
};

/// Names that are no identifiers, or words of a language.
const NAMES: [&str; 3] = ["d(Mo-S)", "exp", "λ"];

/// Rows at which values are compared.
const ROWS: usize = 12;

/// Relative to the value or one, whichever is larger: powers in different
/// libraries err by some units in the last place, which later operations
/// may multiply by a few thousands.
const TOLERANCE: f64 = 1e-10;

/// One formula, its points and its values.
struct Case {
    expr: Expr,
    values: Vec<f64>,
}

fn points() -> Table {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut column = |name: &str, low: f64, high: f64| {
        let values = (0..ROWS).map(|_| random.random_range(low..high)).collect();
        (Column::new(name, ""), values)
    };
    Table::new(vec![
        column(NAMES[0], 0.5, 2.0),
        column(NAMES[1], -1.5, 1.5),
        column(NAMES[2], 1.0, 3.0),
    ])
    .unwrap()
}

/// Every operation on its own, and random formulas of all of them, as far as
/// they are defined and of moderate size around the points.
fn cases(table: &Table) -> Vec<Case> {
    let domain = FeatureBox::around(table, 0.0);
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let powers = [-9, -4, -2, 4, 9].map(Op::Powi);
    let operations: Vec<Op> = Op::NAMED.into_iter().chain(powers).collect();
    let single = operations.iter().map(|&op| {
        let mut code = vec![Op::Column(0), Op::Column(2)];
        code.truncate(op.arity());
        code.push(op);
        Expr::new(code).unwrap()
    });
    let mut exprs: Vec<Expr> = single.collect();
    while exprs.len() < 150 {
        let mut code = Vec::new();
        grow(&mut code, 5, &operations, &mut random);
        exprs.push(Expr::new(code).unwrap());
        if !is_calm(exprs.last().unwrap(), &domain) {
            exprs.pop();
        }
    }
    let case = |expr: Expr| Case {
        values: expr.evaluate(table).unwrap(),
        expr,
    };
    exprs.into_iter().map(case).collect()
}

/// Whether no part of the formula is larger than a thousand, so that the sine of
/// a large number, or its difference from another, does not magnify rounding.
fn is_calm(expr: &Expr, domain: &FeatureBox) -> bool {
    (0..expr.code().len()).all(|root| {
        let part = Expr::new(expr.code()[subtree(expr.code(), root)].to_vec()).unwrap();
        let bounds = part.bounds(domain);
        bounds.is_some_and(|bounds| bounds.low.abs().max(bounds.high.abs()) < 1e3)
    })
}

fn grow(code: &mut Vec<Op>, depth: usize, operations: &[Op], random: &mut ChaCha8Rng) {
    if depth == 0 || random.random_bool(0.2) {
        code.push(match random.random_range(0..8) {
            0 => Op::Const(random.random_range(-3.0..3.0)),
            1 => Op::Integer(random.random_range(-5..6)),
            2 => Op::Pi,
            _ => Op::Column(random.random_range(0..3)),
        });
        return;
    }
    let op = operations[random.random_range(0..operations.len())];
    for _ in 0..op.arity() {
        grow(code, depth - 1, operations, random);
    }
    code.push(op);
}

/// Columns that occur: the arguments of an exported function.
fn arguments(expr: &Expr) -> Vec<usize> {
    let occurs = |column: &usize| {
        let same = |op: &Op| matches!(op, Op::Column(index) if *index as usize == *column);
        expr.code().iter().any(same)
    };
    (0..NAMES.len()).filter(occurs).collect()
}

fn row(expr: &Expr, table: &Table, row: usize) -> Vec<String> {
    let value = |column: usize| format!("{:?}", table.values(column)[row]);
    arguments(expr).into_iter().map(value).collect()
}

/// A folder below `target`, emptied.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// What a program printed; panics with what it said if it failed.
pub(crate) fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn exists(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Compares one number a line, formula after formula, row after row.
fn compare(format: Format, cases: &[Case], printed: &str) {
    let mut lines = printed.lines();
    for case in cases {
        for (row, value) in case.values.iter().enumerate() {
            let line = lines.next().unwrap();
            let there: f64 = line.trim().parse().unwrap();
            assert!(
                (there - value).abs() <= TOLERANCE * value.abs().max(1.0),
                "{format}, row {row}: {there}, not {value}, for {}\n{}",
                case.expr,
                export(&case.expr, &NAMES, format)
            );
        }
    }
    assert_eq!(lines.next(), None);
}

#[test]
fn no_operation_is_missing_from_what_is_compared() {
    let cases = cases(&points());
    let occurs = |wanted: &dyn Fn(&Op) -> bool| {
        let ops = || cases.iter().flat_map(|case| case.expr.code());
        ops().filter(|op| wanted(op)).count() > 1
    };
    for op in Op::NAMED {
        assert!(occurs(&|other| *other == op), "{op:?}");
    }
    assert!(occurs(&|op| *op == Op::Pi));
    assert!(occurs(&|op| matches!(op, Op::Const(_))));
    assert!(occurs(&|op| matches!(op, Op::Integer(_))));
    assert!(occurs(&|op| matches!(op, Op::Powi(_))));
}

#[test]
fn text_prefix_and_json_are_read_again() {
    for case in cases(&points()) {
        let written = |format| export(&case.expr, &NAMES, format);
        assert_eq!(
            Expr::parse(&written(Format::Text), &NAMES).unwrap(),
            case.expr
        );
        assert_eq!(
            from_prefix(&written(Format::Prefix), &NAMES).unwrap(),
            case.expr
        );
        let (expr, names) = from_json(&written(Format::Json)).unwrap();
        assert_eq!((expr, names.len()), (case.expr, NAMES.len()));
    }
}

#[test]
fn latex_has_as_many_opening_as_closing_braces() {
    for case in cases(&points()) {
        let latex = export(&case.expr, &NAMES, Format::Latex);
        let count = |c: char| latex.matches(c).count();
        assert_eq!(count('{'), count('}'), "{latex}");
        let left = latex.matches(r"\left").count();
        assert_eq!(left, latex.matches(r"\right").count(), "{latex}");
    }
}

#[test]
fn rust_gives_the_same_values() {
    let (table, folder) = (points(), folder("export-rust"));
    let cases = cases(&table);
    let (mut program, mut main) = (String::new(), String::new());
    for (i, case) in cases.iter().enumerate() {
        let source = export(&case.expr, &NAMES, Format::Rust);
        write!(program, "mod f{i} {{\n{source}}}\n").unwrap();
        for row_index in 0..ROWS {
            let arguments = row(&case.expr, &table, row_index).join(", ");
            writeln!(main, "println!(\"{{:?}}\", f{i}::formula({arguments}));").unwrap();
        }
    }
    write!(program, "fn main() {{\n{main}}}\n").unwrap();
    let (source, binary) = (folder.join("formulas.rs"), folder.join("formulas"));
    fs::write(&source, program).unwrap();
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let mut compile = Command::new(rustc);
    compile.args(["--edition", "2024", "-Dwarnings", "-Aunused_parens", "-o"]);
    output(compile.arg(&binary).arg(&source));
    compare(Format::Rust, &cases, &output(&mut Command::new(&binary)));
}

#[test]
fn c99_gives_the_same_values() {
    if !exists("cc", &["--version"]) {
        eprintln!("skipped: there is no C compiler `cc`");
        return;
    }
    let (table, folder) = (points(), folder("export-c99"));
    let cases = cases(&table);
    let (mut program, mut main) = ("#include <stdio.h>\n".to_owned(), String::new());
    for (i, case) in cases.iter().enumerate() {
        let source = export(&case.expr, &NAMES, Format::C99);
        write!(program, "#define formula f{i}\n{source}#undef formula\n").unwrap();
        for row_index in 0..ROWS {
            let arguments = row(&case.expr, &table, row_index).join(", ");
            writeln!(main, "printf(\"%.17g\\n\", f{i}({arguments}));").unwrap();
        }
    }
    write!(program, "int main(void)\n{{\n{main}return 0;\n}}\n").unwrap();
    let (source, binary) = (folder.join("formulas.c"), folder.join("formulas"));
    fs::write(&source, program).unwrap();
    let mut compile = Command::new("cc");
    compile.args([
        "-std=c99",
        "-pedantic-errors",
        "-Wall",
        "-Wextra",
        "-Werror",
    ]);
    compile.arg("-o").arg(&binary).arg(&source).arg("-lm");
    output(&mut compile);
    compare(Format::C99, &cases, &output(&mut Command::new(&binary)));
}

/// Runs exported scripts one after the other; each line of the input is the
/// JSON of a source and of the points, by name of the column.
const DRIVER: &str = r#"
import json, sys

for line in open(sys.argv[1], encoding="utf-8"):
    case = json.loads(line)
    space = {}
    exec(case["source"], space)
    if case["format"] == "python":
        import numpy as np

        columns = [np.array(column) for column in case["columns"]]
        values = space["formula"](*columns) + np.zeros(case["rows"])
    else:
        formula = space["formula"]
        values = []
        for row in range(case["rows"]):
            at = {
                symbol: case["columns"][case["names"].index(symbol.name)][row]
                for symbol in formula.free_symbols
            }
            values.append(formula.evalf(17, subs=at))
    for value in values:
        print(repr(float(value)))
"#;

/// An interpreter that has a module, if there is one.
pub(crate) fn python(module: &str) -> Option<String> {
    let python = std::env::var("TYCHO_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = exists(&python, &["-c", &format!("import {module}")]);
    if !found {
        eprintln!("skipped: `{python}` has no {module}; TYCHO_PYTHON may name one that has");
    }
    found.then_some(python)
}

fn check_python(format: Format, module: &str) {
    let Some(python) = python(module) else {
        return;
    };
    let (table, folder) = (points(), folder(&format!("export-{format}")));
    let cases = cases(&table);
    let mut lines = String::new();
    for case in &cases {
        let arguments = arguments(&case.expr);
        let line = serde_json::json!({
            "format": format.name(),
            "source": export(&case.expr, &NAMES, format),
            "rows": ROWS,
            "names": arguments.iter().map(|i| NAMES[*i]).collect::<Vec<_>>(),
            "columns": arguments.iter().map(|i| table.values(*i)).collect::<Vec<_>>(),
        });
        writeln!(lines, "{line}").unwrap();
    }
    let (input, driver) = (folder.join("cases.json"), folder.join("driver.py"));
    fs::write(&input, lines).unwrap();
    fs::write(&driver, DRIVER).unwrap();
    let printed = output(Command::new(python).arg(&driver).arg(&input));
    compare(format, &cases, &printed);
}

#[test]
fn numpy_gives_the_same_values() {
    check_python(Format::Python, "numpy");
}

#[test]
fn sympy_gives_the_same_values() {
    check_python(Format::Sympy, "sympy");
}
