use proptest::prelude::*;

use super::*;
use crate::arbitrary;

const NAMES: [&str; 5] = ["d", "r", "E", "q", "n"];

fn units(constants: Constants) -> Dimensions {
    let columns = ["Å", "nm", "eV", "meV", ""];
    let columns = NAMES.iter().zip(columns).map(|(n, u)| Column::new(*n, u));
    Dimensions::new(&columns.collect::<Vec<_>>(), "eV", constants).unwrap()
}

fn formula(text: &str) -> Expr {
    Expr::parse(text, &NAMES).unwrap()
}

fn message(text: &str, constants: Constants) -> String {
    match units(constants).check(&formula(text)) {
        Ok(unit) => unit.to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn exp_of_a_length_is_refused() {
    for constants in [
        Constants::Free,
        Constants::Coefficients,
        Constants::Dimensionless,
    ] {
        assert_eq!(
            message("E * exp(-d)", constants),
            "exp needs a dimensionless argument, got Å"
        );
    }
}

#[test]
fn broken_expectations_are_said_with_their_units() {
    let said = |text| message(text, Constants::Dimensionless);
    assert_eq!(
        said("E + d"),
        "add needs operands of one unit, got eV and Å"
    );
    assert_eq!(
        said("E - q"),
        "sub needs operands of one unit, got eV and meV (1 eV is 1000 meV)"
    );
    assert_eq!(
        said("E * sin(d / r)"),
        "sin needs a dimensionless argument, got Å nm^-1, which is 0.1"
    );
    assert_eq!(said("d^2"), "the target is in eV, the formula gives Å^2");
    assert_eq!(
        said("q"),
        "the target is in eV, the formula gives meV (1 eV is 1000 meV)"
    );
    assert_eq!(
        said("max(E, 2)"),
        "max needs operands of one unit, got eV and 1"
    );
    assert_eq!(
        said("pow(E, n)"),
        "pow of eV needs a constant fraction such as 1.5 as its exponent"
    );
    assert_eq!(
        said("pow(n, d)"),
        "pow needs a dimensionless exponent, got Å"
    );
    assert_eq!(
        said("E + 2.0"),
        "add needs operands of one unit, got eV and 1"
    );
    let narrow = Dimensions::new(&[], "eV", Constants::Free).unwrap();
    assert_eq!(
        narrow.check(&formula("d")).unwrap_err().to_string(),
        "column 0 is needed, but there are units for 0 columns"
    );
}

#[test]
fn roots_and_powers_have_fractional_units() {
    for text in [
        "sqrt(E) * sqrt(E)",
        "cbrt(E^3)",
        "cbrt(E)^2 * pow(E, 1/3)",
        "sqrt(E^2 * d / d)",
        "pow(E, 1.5) / sqrt(E)",
        "E * tanh(n) * pi",
        "abs(-E) * 2",
        "E^4 * E^-4 * E + inv(1/E)",
        "E * d^-2 / inv(square(d))",
    ] {
        assert_eq!(
            units(Constants::Dimensionless).violations(formula(text).code()),
            0,
            "{text}"
        );
    }
    let root = units(Constants::Free)
        .check(&formula("sqrt(E)"))
        .unwrap_err();
    assert_eq!(
        root.to_string(),
        "the target is in eV, the formula gives eV^(1/2)"
    );
}

#[test]
fn constants_absorb_what_their_rule_allows() {
    let fits = |text, constants| units(constants).fits(formula(text).code());
    let rules = [
        Constants::Free,
        Constants::Coefficients,
        Constants::Dimensionless,
    ];
    for (text, expected) in [
        ("E * exp(-d / 2.0)", [true, true, false]),
        ("2.0 * d + 1.0 * n - 3.0", [true, true, false]),
        ("2.0 - E", [true, true, false]),
        ("2.0 * (E + 1.0)", [true, false, false]),
        ("2.0 * exp(n + 1.0)", [true, true, false]),
        ("E * exp(n + 1.0)", [true, true, true]),
        ("E * log(d + 1.0)", [false, false, false]),
        ("2.0 * log(2.0 * d + 1.0)", [true, true, false]),
        ("max(E, 0.5)", [true, false, false]),
        ("2.0 * pow(d, 1.37)", [false, false, false]),
        ("2.0 * pow(0.3 * d, 1.37)", [true, true, false]),
        ("E * pow(n, 1.37)", [true, true, true]),
        ("3 * d", [false, false, false]),
    ] {
        assert_eq!(rules.map(|rule| fits(text, rule)), expected, "{text}");
    }
}

#[test]
fn a_declared_constant_has_its_unit_under_every_rule() {
    let kelvin = [Column::new("T", "K")];
    let boltzmann = 8.617_333_262e-5;
    for constants in [Constants::Free, Constants::Dimensionless] {
        let units = Dimensions::new(&kelvin, "eV", constants).unwrap();
        let units = units.with_constant(boltzmann, "eV/K".parse().unwrap());
        let parsed = |text| Expr::parse(text, &["T"]).unwrap();
        assert!(units.check(&parsed("1.5 * T * 8.617333262e-5")).is_ok());
        assert!(units.check(&parsed("8.617333262e-5 * T^2")).is_err());
    }
}

#[test]
fn violations_are_counted_once_each() {
    let count = |text| units(Constants::Free).violations(formula(text).code());
    assert_eq!(count("E"), 0);
    assert_eq!(count("exp(d) * E"), 1);
    assert_eq!(count("exp(d) + log(E) + E"), 3);
    assert_eq!(count("exp(d + E)"), 2);
}

#[test]
fn shapes_are_judged_without_their_coefficient() {
    let units = units(Constants::Coefficients);
    assert!(units.fits_scaled(formula("d^2").code()));
    assert!(!units.fits(formula("d^2").code()));
    assert!(!units.fits_scaled(formula("exp(d)").code()));
}

#[test]
fn code_that_is_no_formula_does_not_fit() {
    let units = units(Constants::Free);
    assert!(!units.fits(&[]));
    assert!(!units.fits(&[Op::Add]));
    assert!(!units.fits(&[Op::Column(2), Op::Column(2)]));
}

#[test]
fn a_column_with_an_unknown_unit_is_refused_by_name() {
    let message = |unit, target| {
        let units = Dimensions::new(&[Column::new("d", unit)], target, Constants::Free);
        units.unwrap_err().to_string()
    };
    let expected = "unit of `d`: unknown unit `parrots` in `parrots`; known are m, g, s,";
    assert!(message("parrots", "eV").starts_with(expected));
    assert!(message("Å", "eV^").starts_with("unit of `target`: unit `eV^`: expected"));
}

proptest! {
    /// The three ways to ask agree, under every rule, and each rule allows what
    /// the stricter one does where no constant is declared.
    #[test]
    fn check_count_and_pruning_agree(expr in arbitrary::expr(5)) {
        let mut stricter = false;
        for rule in [Constants::Dimensionless, Constants::Coefficients, Constants::Free] {
            let units = units(rule);
            let fits = units.fits(expr.code());
            prop_assert_eq!(units.check(&expr).is_ok(), fits);
            prop_assert_eq!(units.violations(expr.code()) == 0, fits);
            prop_assert!(fits || !stricter, "{} under {:?}", expr, rule);
            stricter = fits;
        }
    }

    /// Where all columns are plain and so is the target, everything fits.
    #[test]
    fn without_units_nothing_is_refused(expr in arbitrary::expr(5)) {
        let columns: Vec<_> = NAMES.iter().map(|name| Column::new(*name, "")).collect();
        let plain = Dimensions::new(&columns, "", Constants::Dimensionless).unwrap();
        prop_assert_eq!(plain.check(&expr), Ok(Unit::dimensionless()));
    }

    /// What units are for: a formula that fits says the same in larger units.
    /// Lengths are measured in units of 2¹² and energies of 2⁻¹², whose square
    /// and cube roots are powers of two, so that rounding is hardly disturbed.
    #[test]
    fn what_fits_does_not_depend_on_the_size_of_the_units(
        expr in arbitrary::expr(3).prop_filter("of one unit", |expr| unit_of(expr).is_some()),
    ) {
        const LENGTH: f64 = 4096.0;
        const ENERGY: f64 = 1.0 / 4096.0;
        let unit = unit_of(&expr).unwrap();
        let factor = unit.symbols().iter().fold(1.0, |factor, (symbol, exponent)| {
            let size: f64 = if symbol == "Å" { LENGTH } else { ENERGY };
            factor * size.powf(exponent.value())
        });
        let values = |length: f64, energy: f64| {
            let scaled = |by: f64| [0.7, 1.3, 2.9].map(|value| value * by).to_vec();
            let table = crate::Table::new(vec![
                (Column::new("d", "Å"), scaled(length)),
                (Column::new("E", "eV"), scaled(energy)),
                (Column::new("n", ""), scaled(1.0)),
            ]);
            expr.evaluate(&table.unwrap())
        };
        if let (Ok(small), Ok(large)) = (values(1.0, 1.0), values(LENGTH, ENERGY)) {
            for (small, large) in small.iter().zip(&large) {
                let off = (small * factor - large).abs();
                prop_assert!(off <= 1e-9 * large.abs(), "{expr} in {unit}: {small} {large}");
            }
        }
    }
}

/// Unit of a formula over `d` in Å, `E` in eV and a plain number, all constants
/// plain, if it has any.
fn unit_of(expr: &Expr) -> Option<Unit> {
    let given = Given {
        columns: ["Å", "eV", ""].map(|unit| unit.parse().unwrap()).to_vec(),
        target: Unit::dimensionless(),
        declared: Vec::new(),
    };
    let only_target = &mut |mismatch| matches!(mismatch, Mismatch::Target { .. });
    match walk(expr.code(), &given, Constants::Dimensionless, only_target)? {
        Kind::Known(unit) => Some(unit),
        Kind::Constant | Kind::Free => None,
    }
}
