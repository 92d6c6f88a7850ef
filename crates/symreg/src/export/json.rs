//! Formulas as JSON: the names of all columns and postfix code.
//!
//! ```json
//! {"names":["d"],"postfix":[{"const":4.1},{"column":0},"neg","exp","mul"]}
//! ```

use serde::{Deserialize, Serialize};

use crate::{Error, Expr, Op};

/// Why a text is no formula in JSON.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// No JSON, or other fields than those of a formula.
    #[error("expected a formula as JSON: {0}")]
    Syntax(#[from] serde_json::Error),
    /// Code that is no formula.
    #[error(transparent)]
    Formula(#[from] Error),
    /// A column without a name.
    #[error("column {} has no name, there are {names}", columns - 1)]
    Nameless {
        /// Number of columns that the code needs.
        columns: usize,
        /// Number of names.
        names: usize,
    },
}

/// What is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    names: Vec<String>,
    postfix: Vec<Node>,
}

#[derive(Serialize, Deserialize)]
struct Node(#[serde(with = "Token")] Op);

/// The operations by their names. The compiler compares this list with that of
/// [`Op`].
#[derive(Serialize, Deserialize)]
#[serde(remote = "Op", rename_all = "snake_case")]
enum Token {
    Const(f64),
    Integer(i32),
    Pi,
    Column(u32),
    Add,
    Sub,
    Mul,
    Div,
    Neg,
    Square,
    Cube,
    Sqrt,
    Cbrt,
    Exp,
    Log,
    Sin,
    Cos,
    Tanh,
    Abs,
    Inv,
    Powi(i8),
    Pow,
    Min,
    Max,
}

/// One line of JSON.
pub(super) fn write(expr: &Expr, names: &[&str]) -> String {
    assert!(
        names.len() >= expr.columns(),
        "every column must have a name"
    );
    let written = Written {
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        postfix: expr.code().iter().map(|op| Node(*op)).collect(),
    };
    serde_json::to_string(&written).expect("names and finite numbers can be written as JSON")
}

/// Reads what [`Format::Json`](super::Format::Json) writes: the formula and the
/// names of the columns.
///
/// # Errors
///
/// [`JsonError`].
///
/// # Examples
///
/// ```
/// use symreg::{Expr, export::from_json};
/// let (expr, names) = from_json(r#"{"names":["d"],"postfix":[{"column":0},"exp"]}"#)?;
/// assert_eq!(expr.text(&[&names[0]]), "exp(d)");
/// # Ok::<(), symreg::export::JsonError>(())
/// ```
pub fn from_json(text: &str) -> Result<(Expr, Vec<String>), JsonError> {
    let written: Written = serde_json::from_str(text)?;
    let expr = Expr::read(written.postfix.into_iter().map(|node| node.0).collect())?;
    let (columns, names) = (expr.columns(), written.names.len());
    if columns > names {
        return Err(JsonError::Nameless { columns, names });
    }
    Ok((expr, written.names))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::arbitrary;

    const NAMES: [&str; 3] = ["x", "\"\\", "d(Mo–S) `1`, Å\n"];

    #[test]
    fn names_are_those_of_the_operations() {
        for op in Op::NAMED {
            let token = serde_json::to_string(&Node(op)).unwrap();
            assert_eq!(token, format!("\"{}\"", op.name()));
        }
    }

    #[test]
    fn what_is_no_formula_is_refused() {
        let message = |text: &str| from_json(text).unwrap_err().to_string();
        assert!(message("{}").starts_with("expected a formula as JSON: missing field `names`"));
        assert!(message(r#"{"names":[],"postfix":["add"]}"#).contains("exactly one value"));
        assert!(message(r#"{"names":[],"postfix":["sinh"]}"#).contains("unknown variant `sinh`"));
        assert_eq!(
            message(r#"{"names":["x"],"postfix":[{"column":1}]}"#),
            "column 1 has no name, there are 1"
        );
        assert!(
            message(r#"{"names":["x"],"postfix":[{"column":0},{"powi":2}]}"#).contains("found 2")
        );
    }

    proptest! {
        #[test]
        fn written_and_read_are_inverse(expr in arbitrary::expr(3)) {
            let (again, names) = from_json(&write(&expr, &NAMES)).unwrap();
            prop_assert_eq!(again, expr);
            prop_assert_eq!(names, NAMES);
        }
    }
}
