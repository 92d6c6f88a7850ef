//! The formula as a function or script, with what it needs around it.

use super::{
    identifiers::arguments,
    operations::{Language, write},
};
use crate::{Expr, Op};

pub(super) fn sympy(expr: &Expr, names: &[&str]) -> String {
    let symbols = lines(expr, names, |name, identifier| {
        Some(format!("{identifier} = sympy.Symbol({name}, real=True)"))
    });
    let cube_root = if expr.code().contains(&Op::Cbrt) {
        "\n\ndef cbrt(a):\n    return sympy.sign(a) * sympy.Abs(a) ** sympy.Rational(1, 3)\n\n\n"
    } else {
        "\n"
    };
    let mut formula = body(expr, names, Language::Sympy);
    if symbols.is_empty() {
        // Numbers alone would be one of Python.
        formula = format!("sympy.sympify({formula})");
    }
    format!("import sympy\n{cube_root}{symbols}formula = {formula}\n")
}

pub(super) fn python(expr: &Expr, names: &[&str]) -> String {
    let arguments = list(expr, names, "");
    let comment = comment(expr, names, "    #");
    let formula = body(expr, names, Language::Python);
    format!("import numpy as np\n\n\ndef formula({arguments}):\n{comment}    return {formula}\n")
}

pub(super) fn c99(expr: &Expr, names: &[&str]) -> String {
    let arguments = match list(expr, names, "double ") {
        none if none.is_empty() => "void".to_owned(),
        some => some,
    };
    let comment = comment(expr, names, "//");
    let formula = body(expr, names, Language::C99);
    format!(
        "#include <math.h>\n\n{comment}double formula({arguments})\n{{\n    return {formula};\n}}\n"
    )
}

pub(super) fn rust(expr: &Expr, names: &[&str]) -> String {
    let arguments = arguments(expr, names);
    let list: Vec<String> = arguments
        .iter()
        .map(|(_, _, identifier)| format!("{identifier}: f64"))
        .collect();
    let comment = comment(expr, names, "//");
    let formula = body(expr, names, Language::Rust);
    format!(
        "{comment}#[allow(non_snake_case)]\npub fn formula({}) -> f64 {{\n    {formula}\n}}\n",
        list.join(", ")
    )
}

fn body(expr: &Expr, names: &[&str], language: Language) -> String {
    let arguments = arguments(expr, names);
    let name = |index: u32| {
        let argument = arguments.iter().find(|(column, ..)| *column == index);
        argument
            .map(|(_, _, identifier)| identifier.clone())
            .expect("every column of the formula is an argument")
    };
    write(expr, language, &name)
}

fn list(expr: &Expr, names: &[&str], kind: &str) -> String {
    let arguments = arguments(expr, names).into_iter();
    let arguments = arguments.map(|(_, _, identifier)| format!("{kind}{identifier}"));
    arguments.collect::<Vec<_>>().join(", ")
}

/// One line for each argument that is not called as its column.
fn comment(expr: &Expr, names: &[&str], mark: &str) -> String {
    lines(expr, names, |name, identifier| {
        let differs = name.trim_matches('"') != identifier;
        differs.then(|| format!("{mark} {identifier}: {name}"))
    })
}

/// A line for each argument, given the quoted name and the identifier.
fn lines(expr: &Expr, names: &[&str], line: impl Fn(&str, &str) -> Option<String>) -> String {
    let mut lines = String::new();
    for (_, name, identifier) in arguments(expr, names) {
        if let Some(line) = line(&quoted(name), &identifier) {
            lines.push_str(&line);
            lines.push('\n');
        }
    }
    lines
}

/// In double quotes and on one line, as Python reads it; since the quote comes
/// last, no backslash joins a comment of C with the next line.
pub(super) fn quoted(name: &str) -> String {
    let escaped = name.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
            format!("\\u{:04x}", u32::from(c))
        }
        c => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{Format, export};

    const NAMES: [&str; 3] = ["d(Mo-S)", "unused", "exp"];

    fn exported(format: Format) -> String {
        let expr = Expr::parse("2.5 * `exp`^2 - cbrt(-`d(Mo-S)` / 3)", &NAMES).unwrap();
        export(&expr, &NAMES, format)
    }

    #[test]
    fn python_by_hand() {
        assert_eq!(
            exported(Format::Python),
            "import numpy as np


def formula(d_Mo_S, exp_2):
    # d_Mo_S: \"d(Mo-S)\"
    # exp_2: \"exp\"
    return 2.5 * exp_2**2 - np.cbrt(-d_Mo_S / 3.0)
"
        );
    }

    #[test]
    fn sympy_by_hand() {
        assert_eq!(
            exported(Format::Sympy),
            "import sympy


def cbrt(a):
    return sympy.sign(a) * sympy.Abs(a) ** sympy.Rational(1, 3)


d_Mo_S = sympy.Symbol(\"d(Mo-S)\", real=True)
exp_2 = sympy.Symbol(\"exp\", real=True)
formula = 2.5 * exp_2**2 - cbrt(-d_Mo_S / sympy.Integer(3))
"
        );
    }

    #[test]
    fn c_by_hand() {
        assert_eq!(
            exported(Format::C99),
            "#include <math.h>

// d_Mo_S: \"d(Mo-S)\"
// exp_2: \"exp\"
double formula(double d_Mo_S, double exp_2)
{
    return 2.5 * pow(exp_2, 2.0) - cbrt(-d_Mo_S / 3.0);
}
"
        );
        let three = Expr::parse("3", &[]).unwrap();
        assert!(export(&three, &[], Format::C99).contains("double formula(void)"));
    }

    #[test]
    fn names_cannot_leave_their_comment() {
        let names = ["a\nb\\", "\"\u{2028}*/"];
        let expr = Expr::new(vec![Op::Column(0), Op::Column(1), Op::Add]).unwrap();
        let c = export(&expr, &names, Format::C99);
        assert!(
            c.contains("// a_b: \"a\\u000ab\\\\\"\n// x1: \"\\\"\\u2028*/\"\ndouble"),
            "{c}"
        );
    }
}
