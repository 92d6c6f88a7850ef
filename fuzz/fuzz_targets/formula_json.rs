//! A formula in JSON is printed as JSON, and if it is short as text, that is read as the
//! same formula.
#![no_main]

use libfuzzer_sys::fuzz_target;
use symreg::{Expr, Format, export};

fuzz_target!(|text: &str| {
    if let Ok((expr, names)) = export::from_json(text) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let json = export(&expr, &names, Format::Json);
        assert_eq!(export::from_json(&json).unwrap().0, expr);
        let distinct = (1..names.len()).all(|i| !names[..i].contains(&names[i]));
        // deeper than texts may be nested, perhaps
        let shallow = expr.code().len() < 200;
        if distinct && shallow {
            assert_eq!(Expr::parse(&expr.text(&names), &names), Ok(expr));
        }
    }
});
