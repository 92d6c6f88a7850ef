//! Formulas that someone wrote to do harm: a named error, or an answer in moderate time
//! and memory.

use std::thread;

use symreg::canonical::{Canonical, Numbers};
use symreg::units::{Constants, Dimensions};
use symreg::{Column, Error, Expr, FeatureBox, Format, Unit, export, simplify};

use crate::table;

/// Nodes of the longest formula that is read.
const MOST: usize = 10_000;

/// As small as the stacks of threads usually are.
const STACK: usize = 2 << 20;

const FORMATS: [Format; 8] = [
    Format::Text,
    Format::Latex,
    Format::Sympy,
    Format::Python,
    Format::C99,
    Format::Rust,
    Format::Prefix,
    Format::Json,
];

/// The longest chains that are read: sums, products, signs, functions.
fn longest() -> Vec<String> {
    let chain = |join: &str| vec!["x"; MOST / 2].join(join);
    vec![
        chain(" + "),
        chain(" - "),
        chain(" * "),
        chain(" / "),
        format!("{}x", "-".repeat(400)),
        format!("{}x{}", "exp(".repeat(498), ")".repeat(498)),
        format!("{}x{}", "x * (2.0 - ".repeat(498), ")".repeat(498)),
    ]
}

#[test]
fn what_is_too_long_or_too_deep_is_refused() {
    let many = vec!["x"; MOST].join("+");
    let too_long = Error::TooLong {
        nodes: 2 * MOST - 1,
        most: MOST,
    };
    assert_eq!(Expr::parse(&many, &["x"]), Err(too_long.clone()));
    let prefix = format!("{}{}", "add ".repeat(MOST - 1), "x ".repeat(MOST));
    assert_eq!(export::from_prefix(&prefix, &["x"]), Err(too_long.clone()));
    let json = format!(
        r#"{{"names":["x"],"postfix":[{}{{"column":0}}]}}"#,
        r#"{"column":0},"neg","#.repeat(MOST)
    );
    let refused = export::from_json(&json).unwrap_err().to_string();
    assert_eq!(
        refused,
        "a formula must have at most 10000 nodes, found 20001"
    );
    for nested in ["(", "exp(", "-(", "x^(", "pow(x,", "x*(1+"] {
        let message = Expr::parse(&nested.repeat(200_000), &["x"]);
        assert!(message.unwrap_err().to_string().contains("500 levels"));
    }
    assert!("(".repeat(1_000_000).parse::<Unit>().is_err());
    assert!(export::from_json(&"[".repeat(1_000_000)).is_err());
}

#[test]
fn a_message_is_short_and_safe_to_print() {
    let name = "y".repeat(1_000_000);
    for text in [&name[..], "\u{1b}[2J", "1\r.2", &format!("{name}^2")] {
        for message in [
            Expr::parse(text, &["x"]).unwrap_err().to_string(),
            export::from_prefix(text, &["x"]).unwrap_err().to_string(),
            text.parse::<Unit>().unwrap_err().to_string(),
        ] {
            assert!(message.len() < 1000, "{} bytes", message.len());
            assert!(!message.contains(char::is_control), "{message}");
        }
    }
}

#[test]
fn the_longest_formulas_need_no_large_stack() {
    let all = || {
        let units = [Column::new("x", "Å")];
        let units = Dimensions::new(&units, "eV", Constants::Coefficients).unwrap();
        let domain = FeatureBox::around(&table(vec![vec![0.1, 2.0]]), 0.0);
        for text in longest() {
            let expr = Expr::parse(&text, &["x"]).unwrap();
            for format in FORMATS {
                assert!(!export(&expr, &["x"], format).is_empty());
            }
            assert_eq!(Expr::parse(&expr.text(&["x"]), &["x"]).as_ref(), Ok(&expr));
            let _ = (expr.folded(), expr.plain_signs(), expr.rounded(3));
            let _ = units.check(&expr);
            let _ = Canonical::new(&expr, Numbers::Values).to_string();
            let _ = simplify(&expr, &domain);
        }
    };
    let thread = thread::Builder::new().stack_size(STACK);
    thread.spawn(all).unwrap().join().unwrap();
}
