//! A search that keeps units.

use std::ops::ControlFlow;

use symreg::settings::Units;
use symreg::units::Constants;
use symreg::{Column, Dimensions, Settings, Table, search};

/// Energies `q·r/d + q/2` of charges `q` (in eV) at distances `d` with ranges `r`.
fn data() -> (Table, Vec<f64>) {
    let rows = 0..60_u32;
    let column = |step: u32, low: f64, high: f64| -> Vec<f64> {
        let share = |i: u32| f64::from(i * step % 61) / 60.0;
        rows.clone()
            .map(|i| low + (high - low) * share(i))
            .collect()
    };
    let (d, r, q) = (
        column(7, 1.0, 5.0),
        column(13, 1.0, 3.0),
        column(29, 0.5, 2.0),
    );
    let energy = |((d, r), q): ((&f64, &f64), &f64)| q * r / d + q / 2.0;
    let y = d.iter().zip(&r).zip(&q).map(energy).collect();
    let columns = [("d", "Å", d), ("r", "Å", r), ("q", "eV", q)];
    let columns = columns.map(|(name, unit, values)| (Column::new(name, unit), values));
    (Table::new(columns.into()).unwrap(), y)
}

fn settings(constants: Constants) -> Settings {
    let mut settings = Settings::default();
    settings.search.evaluations = 60_000;
    settings.units = Some(Units {
        target: "eV".to_owned(),
        constants,
    });
    settings
}

/// Every formula of the front passes the check that has messages, which is
/// another piece of code than the one that the search prunes by.
#[test]
fn every_formula_of_the_front_keeps_them() {
    let (table, y) = data();
    for constants in [Constants::Coefficients, Constants::Dimensionless] {
        let go_on = &mut |_: &symreg::Progress| ControlFlow::Continue(());
        let front = search(&table, &y, &settings(constants), 1, go_on).unwrap();
        let units = Dimensions::new(table.columns(), "eV", constants).unwrap();
        for member in front.all().filter(|member| member.expr.columns() > 0) {
            assert_eq!(units.check(&member.expr).err(), None, "{}", member.expr);
        }
        // an offset in eV is refused where constants are plain numbers, and all
        // closed-form fits have one
        if constants == Constants::Coefficients {
            let law = front.best();
            assert!(law.error < 1e-9, "{} {}", law.expr, law.error);
        }
        assert!(front.members().len() > 1);
    }
}

#[test]
fn a_unit_that_nobody_knows_is_refused() {
    let (table, y) = data();
    let mut settings = settings(Constants::Free);
    settings.units.as_mut().unwrap().target = "furlong".to_owned();
    let go_on = &mut |_: &symreg::Progress| ControlFlow::Continue(());
    let error = search(&table, &y, &settings, 1, go_on).unwrap_err();
    assert!(error.to_string().contains("furlong"), "{error}");
}
