//! The numbers of other implementations: `tests/reference/reference.py` makes
//! them, and its file says which versions.

use approx::assert_relative_eq;
use serde_json::Value;
use statistics::{
    Alternative, Continuity, Curve, Interval, PairedT, Repeats, bca, bca_mean, benjamini_hochberg,
    bonferroni, friedman, holm, nemenyi, studentized_range_p, studentized_range_quantile, tost,
    tost_ratio, wilcoxon,
};

const ALTERNATIVES: [Alternative; 3] = [
    Alternative::TwoSided,
    Alternative::Greater,
    Alternative::Less,
];

/// The cases of a method; never none.
fn cases(method: &str) -> Vec<Value> {
    let golden: Value =
        serde_json::from_str(include_str!("../reference/golden.json")).expect("JSON");
    let cases = golden[method].as_array().expect("cases").clone();
    assert!(cases.len() > 3, "{method} has {} cases", cases.len());
    cases
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(number)
        .collect()
}

fn rows(value: &Value) -> Vec<Vec<f64>> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(numbers)
        .collect()
}

fn assert_close(found: &[f64], expected: &[f64], max_relative: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_relative_eq!(*found, *expected, max_relative = max_relative);
    }
}

#[test]
fn wilcoxon_as_scipy() {
    for case in cases("wilcoxon") {
        let differences = numbers(&case["differences"]);
        for alternative in ALTERNATIVES {
            for continuity in [Continuity::Corrected, Continuity::Plain] {
                let test = wilcoxon(&differences, alternative, continuity).unwrap();
                let expected = number(&case[format!("{alternative:?}{continuity:?}")]);
                assert_relative_eq!(test.p, expected, max_relative = 1e-10);
                assert_eq!(test.exact, case["exact"].as_bool().unwrap());
                assert_relative_eq!(test.positive, number(&case["positive"]));
            }
        }
    }
}

#[test]
fn friedman_as_scipy() {
    for case in cases("friedman") {
        let test = friedman(&rows(&case["errors"])).unwrap();
        assert_close(&test.average_ranks, &numbers(&case["average_ranks"]), 1e-14);
        let found = [test.chi_squared, test.p, test.f, test.f_p];
        let expected = ["chi_squared", "p", "f", "f_p"].map(|key| number(&case[key]));
        assert_close(&found, &expected, 1e-11);
    }
}

#[test]
fn nemenyi_as_scikit_posthocs_and_autorank() {
    let mut by_autorank = 0;
    for case in cases("friedman") {
        let test = nemenyi(&friedman(&rows(&case["errors"])).unwrap(), 0.05).unwrap();
        let expected = number(&case["critical_difference"]);
        assert_relative_eq!(test.critical_difference, expected, max_relative = 1e-12);
        if let Some(expected) = case["autorank_critical_difference"].as_f64() {
            // its quantile is with a large number of degrees of freedom
            assert_relative_eq!(test.critical_difference, expected, max_relative = 1e-5);
            by_autorank += 1;
        }
        for (found, expected) in test.p.iter().zip(rows(&case["pairs"])) {
            for (found, expected) in found.iter().zip(&expected) {
                // tails are one minus the other side, in both
                assert_relative_eq!(*found, *expected, epsilon = 1e-13);
            }
        }
    }
    assert_eq!(by_autorank, 1);
}

#[test]
fn studentized_range_as_scipy() {
    for case in cases("studentized_range") {
        let count = usize::try_from(case["count"].as_u64().unwrap()).unwrap();
        let (significance, quantile) = (number(&case["significance"]), number(&case["quantile"]));
        let found = studentized_range_quantile(significance, count).unwrap();
        assert_relative_eq!(found, quantile, max_relative = 1e-12);
        let p = studentized_range_p(quantile, count).unwrap();
        assert_relative_eq!(p, significance, max_relative = 1e-11);
    }
}

#[test]
fn paired_t_as_scipy_and_corrected_as_written_out() {
    for case in cases("student") {
        let (first, second) = (numbers(&case["first"]), numbers(&case["second"]));
        let differences: Vec<f64> = first.iter().zip(&second).map(|(a, b)| a - b).collect();
        let overlapping = Repeats::Overlapping {
            test_over_train: number(&case["ratio"]),
        };
        for (repeats, key) in [(Repeats::Independent, "plain"), (overlapping, "corrected")] {
            let test = PairedT::new(&differences, repeats).unwrap();
            let expected = &case[key];
            assert_relative_eq!(test.t(0.0), number(&expected["t"]), max_relative = 1e-11);
            for alternative in ALTERNATIVES {
                let p = number(&expected[format!("{alternative:?}")]);
                assert_relative_eq!(test.p(0.0, alternative), p, max_relative = 1e-10);
            }
            let Interval { low, high, .. } = test.interval(0.95).unwrap();
            assert_close(&[low, high], &numbers(&expected["interval"]), 1e-9);
        }
    }
}

#[test]
fn equivalence_as_statsmodels_and_corrected_as_written_out() {
    for case in cases("student") {
        let (first, second) = (numbers(&case["first"]), numbers(&case["second"]));
        let differences: Vec<f64> = first.iter().zip(&second).map(|(a, b)| a - b).collect();
        let overlapping = Repeats::Overlapping {
            test_over_train: number(&case["ratio"]),
        };
        for (repeats, key) in [
            (Repeats::Independent, "tost"),
            (overlapping, "corrected_tost"),
        ] {
            let test = tost(&differences, number(&case["margin"]), repeats).unwrap();
            assert_relative_eq!(test.p(), number(&case[key]), max_relative = 1e-10);
        }
        let margin = number(&case["ratio_margin"]);
        let test = tost_ratio(&first, &second, margin, Repeats::Independent).unwrap();
        let expected = number(&case["tost_ratio"]);
        assert_relative_eq!(test.p(), expected, max_relative = 1e-10);
    }
}

#[test]
fn adjusted_p_as_statsmodels() {
    for case in cases("many") {
        let p = numbers(&case["p"]);
        assert_close(&holm(&p).unwrap(), &numbers(&case["holm"]), 1e-14);
        assert_close(
            &bonferroni(&p).unwrap(),
            &numbers(&case["bonferroni"]),
            1e-14,
        );
        let found = benjamini_hochberg(&p).unwrap();
        assert_close(&found, &numbers(&case["found"]), 1e-14);
    }
}

/// The ends are percentiles of 9999 draws, each placed to about 3 % of a standard
/// error, and so is the correction for bias. Intervals without one of the two
/// corrections are further off.
#[test]
fn bca_as_scipy_with_many_draws() {
    for case in cases("bca") {
        let values = numbers(&case["values"]);
        let interval = match case["statistic"].as_str().unwrap() {
            "mean" => bca_mean(&values, 0.95, "golden"),
            _ => bca(&values, deviation, 0.95, "golden"),
        };
        let Interval {
            low,
            high,
            standard_error,
            ..
        } = interval.unwrap();
        let expected = number(&case["standard_error"]);
        assert_relative_eq!(standard_error, expected, max_relative = 0.03);
        assert_relative_eq!(low, number(&case["low"]), epsilon = 0.12 * expected);
        assert_relative_eq!(high, number(&case["high"]), epsilon = 0.12 * expected);
    }
}

fn deviation(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let center = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|x| (x - center).powi(2)).sum();
    (squares / (count - 1.0)).sqrt()
}

#[test]
fn curves_as_scipy() {
    for case in cases("curves") {
        let (sizes, errors) = (numbers(&case["sizes"]), numbers(&case["errors"]));
        let curve = Curve::fit(&sizes, &errors).unwrap();
        let squares: f64 = sizes
            .iter()
            .zip(&errors)
            .map(|(n, e)| (e.ln() - curve.error(*n).ln()).powi(2))
            .sum();
        // never a worse fit than SciPy's, but for rounding
        assert!(
            squares <= number(&case["squares"]) * (1.0 + 1e-9) + 1e-15,
            "{squares:e}"
        );
        let asymptote = number(&case["asymptote"]);
        assert_relative_eq!(
            curve.asymptote,
            asymptote,
            max_relative = 1e-6,
            epsilon = 1e-9
        );
        assert_relative_eq!(curve.factor, number(&case["factor"]), max_relative = 1e-6);
        assert_relative_eq!(
            curve.exponent,
            number(&case["exponent"]),
            max_relative = 1e-6
        );
    }
}
