//! A formula is printed as text that is read as the same formula, in every notation.
#![no_main]

use libfuzzer_sys::fuzz_target;
use symreg::{Error, Expr, Format, export};

const NAMES: [&str; 3] = ["x", "exp", "d(Mo–S) `1`, Å"];

fuzz_target!(|text: &str| {
    let Ok(expr) = Expr::parse(text, &NAMES) else {
        return;
    };
    let again = Expr::parse(&expr.text(&NAMES), &NAMES);
    // parentheses that precedence asks for may be too many
    if !matches!(
        again,
        Err(Error::Parse {
            expected: "at most 500 levels",
            ..
        })
    ) {
        assert_eq!(again.as_ref(), Ok(&expr));
    }
    let prefix = export(&expr, &NAMES, Format::Prefix);
    assert_eq!(export::from_prefix(&prefix, &NAMES).as_ref(), Ok(&expr));
    let json = export(&expr, &NAMES, Format::Json);
    assert_eq!(export::from_json(&json).unwrap().0, expr);
    let _ = expr.latex(&NAMES);
    let folded = expr.folded();
    assert!(folded.code().len() <= expr.code().len());
    let plain = expr.plain_signs();
    assert_eq!(plain.code().len(), expr.code().len());
    let _ = expr.rounded(3).to_string();
});
