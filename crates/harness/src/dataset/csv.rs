//! Small tables of text, as in RFC 4180.
//!
//! The tables beside a data set's structures have a few thousand rows, so they
//! are read whole, as text; every number that is taken out of them can say in
//! which file, line and column it stood.

use std::collections::HashSet;

use anyhow::Result;

use crate::error::{UserError, excerpt};

/// Columns that are listed where one is missing.
const LISTED: usize = 20;

/// A table with a header.
///
/// # Invariants
///
/// Every row has as many fields as the header; only [`Table::parse`] checks
/// this.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    name: String,
    header: Vec<String>,
    rows: Vec<Row>,
}

/// One record of a [`Table`].
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Where it starts in the file, counted from 1.
    pub line: usize,
    /// Its fields, in the order of the header.
    pub fields: Vec<String>,
}

impl Table {
    /// Reads a table.
    ///
    /// - `name`: the file, for error messages.
    /// - `text`: records of comma-separated fields; a field in double quotes may
    ///   hold commas, line ends and doubled quotes. Empty lines are skipped.
    ///
    /// # Errors
    ///
    /// [`UserError`] for a missing or repeated header, a quote that never
    /// closes, or a record with another number of fields than the header.
    ///
    /// # Examples
    ///
    /// ```
    /// # use harness::dataset::csv::Table;
    /// let table = Table::parse("a.csv", "id,note\n1,\"x, \"\"y\"\"\"\n")?;
    /// assert_eq!(table.rows()[0].fields[1], "x, \"y\"");
    /// # Ok::<(), anyhow::Error>(())
    /// ```
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let mut records = records(name, text)?.into_iter();
        let header = records
            .next()
            .ok_or_else(|| UserError::new(format!("{name}: expected a header, found nothing")))?
            .fields;
        let mut known = HashSet::new();
        if let Some(twice) = header.iter().find(|column| !known.insert(*column)) {
            return Err(UserError::new(format!(
                "{name}: line 1: column `{}` stands there twice",
                excerpt(twice)
            )));
        }
        let rows: Vec<Row> = records.collect();
        if let Some(row) = rows.iter().find(|row| row.fields.len() != header.len()) {
            return Err(UserError::new(format!(
                "{name}: line {}: expected {} fields as in the header, found {}",
                row.line,
                header.len(),
                row.fields.len()
            )));
        }
        Ok(Self {
            name: name.to_owned(),
            header,
            rows,
        })
    }

    /// The file it came from.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of the columns.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The records, in the order of the file.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The position of a column, if there is one of this name.
    #[must_use]
    pub fn find(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|name| name == column)
    }

    /// The position of a column that must be there.
    ///
    /// # Errors
    ///
    /// [`UserError`] with the columns that there are.
    pub fn column(&self, column: &str) -> Result<usize> {
        self.find(column).ok_or_else(|| {
            let listed = self.header.iter().take(LISTED);
            let mut listed: Vec<String> = listed.map(|name| excerpt(name)).collect();
            if self.header.len() > LISTED {
                listed.push(format!("… ({} columns)", self.header.len()));
            }
            UserError::new(format!(
                "{}: line 1: no column `{column}` among {}",
                self.name,
                listed.join(", ")
            ))
        })
    }

    /// A number, or `None` where the field is empty.
    ///
    /// # Errors
    ///
    /// [`UserError`] if the field is not a finite number.
    pub fn number(&self, row: &Row, column: usize) -> Result<Option<f64>> {
        let field = row.fields[column].trim();
        if field.is_empty() {
            return Ok(None);
        }
        match field.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value)),
            _ => Err(self.wrong(row, column, "a finite number")),
        }
    }

    /// A number that must be there.
    ///
    /// # Errors
    ///
    /// [`UserError`] if the field is empty or not a finite number.
    pub fn required(&self, row: &Row, column: usize) -> Result<f64> {
        self.number(row, column)?
            .ok_or_else(|| self.wrong(row, column, "a finite number"))
    }

    /// The error for a field that is not what it must be.
    #[must_use]
    pub fn wrong(&self, row: &Row, column: usize, expected: &str) -> anyhow::Error {
        UserError::new(format!(
            "{}: line {}: column `{}`: expected {expected}, found `{}`",
            self.name,
            row.line,
            excerpt(&self.header[column]),
            excerpt(&row.fields[column])
        ))
    }
}

/// Splits a text into records, the header among them.
fn records(name: &str, text: &str) -> Result<Vec<Row>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut records = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while !rest.is_empty() {
        let start = line;
        let mut fields = Vec::new();
        loop {
            let (field, after) = field(rest).ok_or_else(|| {
                UserError::new(format!(
                    "{name}: line {start}: a quote opens and never closes"
                ))
            })?;
            let used = &rest[..rest.len() - after.len()];
            line += line_ends(used);
            fields.push(field);
            if let Some(next) = after.strip_prefix(',') {
                rest = next;
                continue;
            }
            line += usize::from(!after.is_empty());
            let next = ["\r\n", "\n", "\r"]
                .iter()
                .find_map(|end| after.strip_prefix(end));
            rest = next.unwrap_or_default();
            break;
        }
        let blank = fields.len() == 1 && fields[0].trim().is_empty();
        if !blank {
            records.push(Row {
                line: start,
                fields,
            });
        }
    }
    Ok(records)
}

/// Where a field without quotes ends.
const STOPS: [char; 3] = [',', '\n', '\r'];

/// How many lines end in a text: in `\n`, `\r\n` or a lone `\r`.
fn line_ends(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_end = |(index, &byte): (usize, &u8)| {
        byte == b'\n' || (byte == b'\r' && bytes.get(index + 1) != Some(&b'\n'))
    };
    bytes.iter().enumerate().filter(|&at| is_end(at)).count()
}

/// The field at the beginning of a text, and what follows it; `None` if its
/// quote never closes.
fn field(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find(STOPS).unwrap_or(text.len());
        let (field, after) = text.split_at(end);
        return Some((field.to_owned(), after));
    };
    let mut value = String::new();
    loop {
        let end = rest.find('"')?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        let Some(more) = rest.strip_prefix('"') else {
            // what stands between the closing quote and the comma is not data
            let after = rest.find(STOPS).unwrap_or(rest.len());
            return Some((value, &rest[after..]));
        };
        value.push('"');
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_line_ends_and_a_byte_order_mark() {
        let text = "\u{feff}a,b\r\n1,\"x\ny, \"\"z\"\"\"\r\n\r\n,\n";
        let table = Table::parse("t.csv", text).unwrap();
        assert_eq!(table.header, ["a", "b"]);
        assert_eq!(table.rows[0].fields, ["1", "x\ny, \"z\""]);
        assert_eq!(table.rows[0].line, 2);
        assert_eq!(table.rows[1].fields, ["", ""]);
        assert_eq!(table.rows[1].line, 5);
    }

    #[test]
    fn lines_end_in_every_way() {
        let lines = ["a,b", "1,\"x\r\ny\"", "", "2,z"];
        for end in ["\n", "\r\n", "\r"] {
            let table = Table::parse("t.csv", &lines.join(end)).unwrap();
            assert_eq!(table.rows[0].fields, ["1", "x\r\ny"]);
            assert_eq!(table.rows[1].fields, ["2", "z"]);
            assert_eq!(table.rows[1].line, 5, "{end:?}");
        }
    }

    #[test]
    fn a_million_columns_are_read_and_not_listed() {
        let header: Vec<String> = (0..1_000_000).map(|i| format!("c{i}")).collect();
        let row = vec!["1"; 1_000_000].join(",");
        let text = format!("{}\n{row}\n", header.join(","));
        let table = Table::parse("t.csv", &text).unwrap();
        assert_eq!(table.find("c999999"), Some(999_999));
        let error = table.column("id").unwrap_err().to_string();
        assert!(error.ends_with("c18, c19, … (1000000 columns)"), "{error}");
        let error = Table::parse("t.csv", &format!("{text}1\n")).unwrap_err();
        assert!(error.to_string().contains("expected 1000000 fields"));
    }

    #[test]
    fn a_long_field_is_shown_in_part() {
        let text = format!("id\n\"\u{1b}[2J\n{}\"\n", "x".repeat(1_000_000));
        let table = Table::parse("t.csv", &text).unwrap();
        let error = table.required(&table.rows[0], 0).unwrap_err().to_string();
        assert!(
            error.len() < 300 && !error.contains(char::is_control),
            "{error}"
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let refused = |text| Table::parse("t.csv", text).unwrap_err().to_string();
        assert_eq!(refused(""), "t.csv: expected a header, found nothing");
        assert_eq!(
            refused("a,a\n"),
            "t.csv: line 1: column `a` stands there twice"
        );
        assert_eq!(
            refused("a,b\n1,2\n3\n"),
            "t.csv: line 3: expected 2 fields as in the header, found 1"
        );
        assert_eq!(
            refused("a\n\"x\n"),
            "t.csv: line 2: a quote opens and never closes"
        );
        let table = Table::parse("t.csv", "id,e\nx,nan\ny,\n").unwrap();
        assert_eq!(
            table.number(&table.rows[0], 1).unwrap_err().to_string(),
            "t.csv: line 2: column `e`: expected a finite number, found `nan`"
        );
        assert_eq!(table.number(&table.rows[1], 1).unwrap(), None);
        assert_eq!(
            table.column("f").unwrap_err().to_string(),
            "t.csv: line 1: no column `f` among id, e"
        );
    }

    proptest! {
        /// Whatever is quoted comes back.
        #[test]
        fn quoted_fields_return(
            rows in prop::collection::vec(
                prop::collection::vec("[a-z\",\n ]{0,6}", 3), 0..6),
        ) {
            let quote = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let mut text = "a,b,c\n".to_owned();
            for row in &rows {
                text += &row.iter().map(quote).collect::<Vec<_>>().join(",");
                text.push('\n');
            }
            let table = Table::parse("t.csv", &text).unwrap();
            let back: Vec<_> = table.rows.into_iter().map(|row| row.fields).collect();
            prop_assert_eq!(back, rows);
        }
    }
}
