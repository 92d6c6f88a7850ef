//! Values of one operation at numbers from the standard input, as
//! `benches/scripts/accuracy.py` asks for them.
//!
//! Both streams are doubles in little-endian order: all first operands, then, for
//! an operation of two, all second operands; one value each comes back.
//!
//! ```text
//! cargo run --release -p benches --example values -- exp avx2 < in > out
//! ```

use std::io::{Error, Read, Result, Write, stdin, stdout};

use symreg::{Column, Level, Machine, Op, Table};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, op, level] = arguments.as_slice() else {
        return Err(Error::other("expected an operation and a level"));
    };
    let op = Op::named(op).ok_or_else(|| Error::other("no such operation"))?;
    let named = |candidate: &Level| format!("{candidate:?}").to_lowercase() == *level;
    let level = Level::ALL.into_iter().find(named);
    let machine = level.and_then(Machine::at);
    let mut machine = machine.ok_or_else(|| Error::other("this machine lacks the level"))?;

    let mut bytes = Vec::new();
    stdin().read_to_end(&mut bytes)?;
    let (numbers, _) = bytes.as_chunks::<8>();
    let numbers: Vec<f64> = numbers.iter().map(|b| f64::from_le_bytes(*b)).collect();
    let rows = numbers.len() / op.arity();
    let columns = numbers.chunks(rows).enumerate();
    let columns = columns.map(|(i, values)| (Column::new(format!("x{i}"), ""), values.to_vec()));
    let table = Table::new(columns.collect()).map_err(Error::other)?;

    let code: Vec<Op> = [Op::Column(0), Op::Column(1)]
        .into_iter()
        .take(op.arity())
        .chain([op])
        .collect();
    let mut out = vec![0.0; rows];
    machine.values(&code, &table, &mut out);
    let bytes: Vec<u8> = out.iter().flat_map(|value| value.to_le_bytes()).collect();
    stdout().write_all(&bytes)
}
