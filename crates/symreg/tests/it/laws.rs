//! Laws without noise are found again, to the last digits.

use std::ops::ControlFlow;

use symreg::{
    Expr, Op, ParetoFront, Table, propose::Chance, search, search_with, variation::Builder,
};

use crate::{go_on, run, settings, table};

/// `rows` points from `low` to `high` and the law at these.
fn samples(law: impl Fn(f64) -> f64, low: f64, high: f64, rows: u32) -> (Table, Vec<f64>) {
    let step = (high - low) / f64::from(rows - 1);
    let x: Vec<f64> = (0..rows).map(|i| low + step * f64::from(i)).collect();
    let y = x.iter().map(|x| law(*x)).collect();
    (table(vec![x]), y)
}

/// Largest error between and a little beyond the training rows, within the box.
fn worst(front: &ParetoFront, law: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let margin = 0.09 * (high - low);
    let (fresh, truth) = samples(law, low - margin, high + margin, 331);
    let values = front.best().expr.evaluate(&fresh).unwrap();
    let errors = values.iter().zip(truth).map(|(v, t)| (v - t).abs());
    errors.fold(0.0, f64::max)
}

#[test]
fn a_sum_of_a_square_and_a_wave_is_found() {
    let law = |x: f64| 2.5 * x * x - 1.3 * x.cos() + 0.7;
    let (table, y) = samples(law, -3.0, 3.0, 60);
    let front = run(&table, &y, &settings(100_000), 3).unwrap();
    assert!(
        worst(&front, law, -3.0, 3.0) < 1e-8,
        "{}",
        front.best().expr
    );
}

/// Nguyen-1 to 4: sums of the powers up to the third, …, sixth, 20 points
/// from -1 to 1 as in Uy et al., Genet. Program. Evolvable Mach. 12, 91 (2011).
#[test]
fn sums_of_powers_are_found() {
    for highest in 3..=6 {
        let law = |x: f64| (1..=highest).map(|n| x.powi(n)).sum::<f64>();
        let (table, y) = samples(law, -1.0, 1.0, 20);
        let front = run(&table, &y, &settings(150_000), 1).unwrap();
        let worst = worst(&front, law, -1.0, 1.0);
        assert!(
            worst < 1e-6,
            "{highest}: {} off by {worst}",
            front.best().expr
        );
    }
}

#[test]
fn constants_inside_of_functions_are_found() {
    let law = |x: f64| 4.0 - 3.0 * (-0.8 * x).exp();
    let (table, y) = samples(law, 0.5, 5.0, 40);
    let front = run(&table, &y, &settings(100_000), 5).unwrap();
    assert!(worst(&front, law, 0.5, 5.0) < 1e-6, "{}", front.best().expr);
}

#[test]
fn equal_seeds_give_equal_fronts_and_others_differ() {
    let (table, mut y) = samples(|x| (1.7 * x).sin() / (x + 0.3), 0.5, 9.0, 50);
    for (i, y) in y.iter_mut().enumerate() {
        *y += 0.01 * (i * 37 % 11) as f64;
    }
    let settings = settings(10_000);
    let front = run(&table, &y, &settings, 7).unwrap();
    assert_eq!(front, run(&table, &y, &settings, 7).unwrap());
    assert_ne!(front, run(&table, &y, &settings, 8).unwrap());
}

#[test]
fn members_are_what_they_say() {
    let (table, y) = samples(|x| x.ln() * x.sqrt() + 1.0 / x, 0.5, 9.0, 50);
    let front = run(&table, &y, &settings(10_000), 2).unwrap();
    for member in front.members() {
        let values = member.expr.evaluate(&table).unwrap();
        let squares: f64 = values.iter().zip(&y).map(|(v, t)| (v - t) * (v - t)).sum();
        let error = (squares / y.len() as f64).sqrt();
        assert!(
            (error - member.error).abs() <= 1e-6 * error + 1e-9,
            "{}",
            member.expr
        );
        assert_eq!(member.complexity, member.expr.complexity());
        assert!(member.expr.bounds(front.domain()).is_some());
        let text = member.expr.text(&table.names());
        assert_eq!(Expr::parse(&text, &table.names()).unwrap(), member.expr);
    }
}

#[test]
fn a_search_that_is_broken_off_returns_what_it_has() {
    let (table, mut y) = samples(|x| (3.0 * x).sin() * x, 0.5, 9.0, 50);
    y[7] += 0.1; // no law is exact
    let mut reports = 0;
    let mut watch = |progress: &symreg::Progress| {
        reports += 1;
        assert!(progress.evaluations <= progress.budget);
        if reports == 3 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let front = search(&table, &y, &settings(1_000_000), 2, &mut watch).unwrap();
    assert_eq!(reports, 3);
    assert!(!front.members().is_empty());
}

#[test]
fn blind_chance_is_a_proposer_too() {
    let (table, y) = samples(|x| 3.0 * x * x + 1.0, 0.5, 9.0, 50);
    let mut chance = Chance::new(Builder::new(&[Op::Add, Op::Mul], 1), 3);
    let front = search_with(&mut chance, &table, &y, &settings(5_000), 1, &mut go_on).unwrap();
    assert!(front.best().error < 1e-9);
}
