//! Names of columns as identifiers of every language at once.

use crate::Expr;

/// Words that mean something in one of the languages, or in what is written
/// around the formula.
const RESERVED: &str = "\
    formula math np numpy sympy cbrt f64 main \
    False None True and as assert async await break class continue def del elif else except \
    finally for from global if import in is lambda nonlocal not or pass raise return try while \
    with yield match case type print \
    auto char const default do double enum extern float goto inline int long register restrict \
    short signed sizeof static struct switch typedef union unsigned void volatile \
    exp log sin cos tanh sqrt pow fabs fmin fmax abs min max pi \
    abstract become box crate dyn final fn gen impl let loop macro mod move mut override priv pub \
    ref self Self super trait true false try typeof unsafe unsized use virtual where";

/// The columns that occur, in order, each with its identifier.
///
/// # Panics
///
/// If there are fewer names than the formula has columns.
pub(super) fn arguments<'a>(expr: &Expr, names: &[&'a str]) -> Vec<(u32, &'a str, String)> {
    let mut columns: Vec<u32> = expr
        .code()
        .iter()
        .filter_map(|op| match *op {
            crate::Op::Column(index) => Some(index),
            _ => None,
        })
        .collect();
    columns.sort_unstable();
    columns.dedup();
    let given: Vec<&str> = columns.iter().map(|c| names[*c as usize]).collect();
    let numbered = columns.iter().copied().zip(given.iter().copied());
    let words = identifiers(numbered, &[]);
    let both = columns.iter().zip(&given).zip(words);
    both.map(|((column, name), word)| (*column, *name, word))
        .collect()
}

/// An identifier for each name, different from the others, from words that are taken and
/// from every word of the languages.
///
/// - `names`: each with a number, for one without letters and digits.
pub(super) fn identifiers<'a>(
    names: impl IntoIterator<Item = (u32, &'a str)>,
    taken: &[&str],
) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (number, name) in names {
        let plain = identifier(name, number);
        let is_taken = |candidate: &String| {
            let mut words = RESERVED.split_whitespace().chain(taken.iter().copied());
            words.any(|word| word == candidate) || found.contains(candidate)
        };
        let mut candidate = plain.clone();
        let mut copies = 1;
        while is_taken(&candidate) {
            copies += 1;
            candidate = format!("{plain}_{copies}");
        }
        found.push(candidate);
    }
    found
}

/// Letters, digits and single underscores, beginning with a letter.
fn identifier(name: &str, column: u32) -> String {
    let mut identifier = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            identifier.push(c);
        } else if let Some(spelled) = spelled(c) {
            identifier.push_str(spelled);
        } else if !identifier.is_empty() && !identifier.ends_with('_') {
            identifier.push('_');
        }
    }
    let trimmed = identifier.trim_end_matches('_');
    if trimmed.is_empty() {
        format!("x{column}")
    } else if trimmed.starts_with(|c: char| c.is_ascii_digit()) {
        format!("x_{trimmed}")
    } else {
        trimmed.to_owned()
    }
}

/// Letters that physics has names for.
fn spelled(c: char) -> Option<&'static str> {
    const LETTERS: &str = "αβγδεζηθκλμνξπρσςτφχψωΓΔΘΛΞΠΣΦΨΩ";
    const WORDS: &str = "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi pi \
        rho sigma sigma tau phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega";
    let position = LETTERS.chars().position(|letter| letter == c)?;
    WORDS.split_whitespace().nth(position)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_columns(names: &[&str]) -> Vec<String> {
        let mut code = vec![crate::Op::Column(0)];
        for column in 1..names.len() {
            code.extend([
                crate::Op::Column(u32::try_from(column).unwrap()),
                crate::Op::Add,
            ]);
        }
        let expr = Expr::new(code).unwrap();
        let arguments = arguments(&expr, names);
        arguments.into_iter().map(|(_, _, name)| name).collect()
    }

    #[test]
    fn names_become_identifiers() {
        assert_eq!(
            of_columns(&["d(Mo-S)", "n_V2", "λ", "2nd", "x y", "±", "__x"]),
            ["d_Mo_S", "n_V2", "lambda_2", "x_2nd", "x_y", "x5", "x"]
        );
    }

    #[test]
    fn identifiers_differ_from_each_other_and_from_reserved_words() {
        assert_eq!(
            of_columns(&["a-b", "a_b", "a b", "exp", "fn", "double", "formula"]),
            [
                "a_b",
                "a_b_2",
                "a_b_3",
                "exp_2",
                "fn_2",
                "double_2",
                "formula_2"
            ]
        );
    }

    #[test]
    fn only_columns_that_occur_are_arguments() {
        let expr = Expr::parse("c + a", &["a", "b", "c"]).unwrap();
        let arguments = arguments(&expr, &["a", "b", "c"]);
        let columns: Vec<u32> = arguments.iter().map(|(column, ..)| *column).collect();
        assert_eq!(columns, [0, 2]);
    }
}
