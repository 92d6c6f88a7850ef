//! CSV with empty cells for what is not known.

use polars::prelude::{CsvWriter, DataFrame, IntoColumn, NamedFrom, SerWriter, Series};

/// Significant digits of a number in a CSV: more than any error bar carries,
/// few enough to read.
const DIGITS: usize = 8;

/// The cells of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Words; quoted where they need it.
    Text(Vec<String>),
    /// Whole numbers; empty where there is none.
    Count(Vec<Option<usize>>),
    /// Numbers, rounded to eight significant digits; empty where there is none.
    Number(Vec<Option<f64>>),
}

/// A CSV with a header line and one line a row.
///
/// # Panics
///
/// If columns differ in length or share a name, or a number is not finite.
///
/// # Examples
///
/// ```
/// use harness::table::{Column, csv};
/// let text = csv(vec![
///     ("model", Column::Text(vec!["ridge".into(), "mean".into()])),
///     ("mae", Column::Number(vec![Some(4.25), None])),
/// ]);
/// assert_eq!(text, "model,mae\nridge,4.25\nmean,\n");
/// ```
#[must_use]
pub fn csv(columns: Vec<(&str, Column)>) -> String {
    let columns = columns
        .into_iter()
        .map(|(name, cells)| series(name, cells).into_column())
        .collect();
    let mut frame =
        DataFrame::new_infer_height(columns).expect("columns of a table are equally long");
    let mut bytes = Vec::new();
    CsvWriter::new(&mut bytes)
        .finish(&mut frame)
        .expect("writing into memory cannot fail");
    String::from_utf8(bytes).expect("a table of strings and numbers is UTF-8")
}

fn series(name: &str, cells: Column) -> Series {
    match cells {
        Column::Text(words) => {
            // an empty word is an empty cell, not a pair of quotes
            let words: Vec<Option<String>> = words
                .into_iter()
                .map(|word| Some(word).filter(|word| !word.is_empty()))
                .collect();
            Series::new(name.into(), words)
        }
        Column::Count(counts) => {
            let wide: Vec<Option<u64>> = counts.into_iter().map(|c| c.map(|c| c as u64)).collect();
            Series::new(name.into(), wide)
        }
        Column::Number(numbers) => {
            // as words: polars would write a whole number as 40.0
            let words: Vec<Option<String>> = numbers
                .into_iter()
                .map(|x| x.map(|x| rounded(x).to_string()))
                .collect();
            Series::new(name.into(), words)
        }
    }
}

/// A number with at most [`DIGITS`] significant digits.
fn rounded(value: f64) -> f64 {
    assert!(value.is_finite(), "a number in a table must be finite");
    format!("{value:.*e}", DIGITS - 1)
        .parse()
        .expect("a printed number can be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_commas_are_quoted_and_digits_cut() {
        let text = csv(vec![
            ("formula", Column::Text(vec!["a, b".to_owned()])),
            ("n", Column::Count(vec![Some(3)])),
            ("x", Column::Number(vec![Some(1.0 / 3.0)])),
            ("whole", Column::Number(vec![Some(40.0)])),
            ("none", Column::Text(vec![String::new()])),
        ]);
        assert_eq!(text, "formula,n,x,whole,none\n\"a, b\",3,0.33333333,40,\n");
    }

    #[test]
    #[should_panic(expected = "must be finite")]
    fn a_number_that_is_not_one_is_a_bug() {
        let _ = csv(vec![("x", Column::Number(vec![Some(f64::NAN)]))]);
    }
}
