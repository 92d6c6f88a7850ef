//! Fits a table and predicts another.
//!
//! `boost_csv TRAIN TEST SETTINGS SEED` reads two tables of numbers with a line
//! of names and the target in the last column, and settings as JSON; it prints a
//! prediction per line, and the seconds of the fit to the error stream.

use std::ops::ControlFlow::Continue;
use std::path::Path;
use std::time::Instant;

type Failure = Box<dyn std::error::Error>;

fn read(path: &str) -> Result<(Vec<Vec<f64>>, Vec<f64>), Failure> {
    let text = std::fs::read_to_string(Path::new(path))?;
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for line in text.lines().skip(1) {
        for (index, cell) in line.split(',').enumerate() {
            if columns.len() <= index {
                columns.push(Vec::new());
            }
            columns[index].push(cell.trim().parse()?);
        }
    }
    let targets = columns.pop().ok_or("a table without columns")?;
    Ok((columns, targets))
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "an example")]
fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [train, test, settings, seed] = arguments.as_slice() else {
        return Err("usage: boost_csv TRAIN TEST SETTINGS SEED".into());
    };
    let settings: boost::Settings = serde_json::from_str(&std::fs::read_to_string(settings)?)?;
    let (columns, targets) = read(train)?;
    let start = Instant::now();
    let seed = seed.parse()?;
    let model = boost::fit(&columns, &targets, None, None, &settings, seed, |_| {
        Continue(())
    })?;
    let seconds = start.elapsed().as_secs_f64();
    for prediction in model.predict(&read(test)?.0)? {
        println!("{prediction:e}");
    }
    eprintln!("{seconds}");
    Ok(())
}
