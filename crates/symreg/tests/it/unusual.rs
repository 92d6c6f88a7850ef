//! Input that no law stands behind: a named error or a trivial front, no panic.

use symreg::{Column, Error, Table};

use crate::{run, settings, table};

#[test]
fn broken_data_are_refused_by_name() {
    let x = table(vec![vec![1.0, 2.0]]);
    let fails = |table: &Table, y: &[f64]| run(table, y, &settings(100), 1).unwrap_err();
    assert_eq!(fails(&table(vec![vec![]]), &[]), Error::NoRows);
    assert_eq!(fails(&table(vec![]), &[]), Error::NoRows);
    assert_eq!(
        fails(&x, &[1.0]).to_string(),
        "`target` must have 2 rows, found 1"
    );
    assert_eq!(
        fails(&x, &[1.0, f64::NAN]).to_string(),
        "`target` must be finite, found NaN in row 1"
    );
}

#[test]
fn where_nothing_can_be_learnt_the_front_is_one_constant() {
    let one_row = run(&table(vec![vec![3.0]]), &[7.0], &settings(1000), 1).unwrap();
    let constant_target = run(
        &table(vec![vec![1.0, 2.0, 3.0]]),
        &[0.1; 3],
        &settings(1000),
        1,
    );
    let no_columns = run(&table(vec![]), &[1.0, 3.0], &settings(1000), 1).unwrap();
    let constant_column = run(
        &table(vec![vec![4.0; 3]]),
        &[1.0, 2.0, 3.0],
        &settings(1000),
        1,
    );
    for (front, value) in [
        (one_row, "7"),
        (constant_target.unwrap(), "0.1"),
        (no_columns, "2"),
        (constant_column.unwrap(), "2"),
    ] {
        assert_eq!(front.members().len(), 1);
        let found: f64 = front.best().expr.to_string().parse().unwrap();
        let wanted: f64 = value.parse().unwrap();
        assert!((found - wanted).abs() < 1e-12);
    }
}

#[test]
fn huge_and_tiny_values_do_no_harm() {
    let x: Vec<f64> = (1..20).map(f64::from).collect();
    for power in [-300, -150, 150, 300] {
        let unit = 10_f64.powi(power);
        let scaled = |values: &[f64]| values.iter().map(|v| v * unit).collect::<Vec<_>>();
        for (column, y) in [(scaled(&x), x.clone()), (x.clone(), scaled(&x))] {
            let front = run(&table(vec![column.clone()]), &y, &settings(1000), 1).unwrap();
            assert!(front.best().error.is_finite());
            assert!(front.best().expr.evaluate(&table(vec![column])).is_ok());
        }
    }
}

#[test]
fn values_at_the_ends_of_the_numbers_do_no_harm() {
    let extremes = vec![f64::MAX, -f64::MAX, 1.0, f64::MIN_POSITIVE, 0.0];
    let columns = vec![(Column::new("x", ""), extremes.clone())];
    let table = Table::new(columns).unwrap();
    let front = run(&table, &[1.0, 2.0, 3.0, 4.0, 5.0], &settings(500), 1).unwrap();
    assert!(front.best().error.is_finite());
    assert!(run(&table, &extremes, &settings(500), 1).is_ok());
}
