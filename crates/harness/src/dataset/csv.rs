//! Small tables of text, as in RFC 4180.
//!
//! The tables beside a data set's structures have a few thousand rows, so they
//! are read whole, as text; every number that is taken out of them can say in
//! which file, line and column it stood.

use anyhow::Result;

use crate::error::UserError;

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
        for (index, column) in header.iter().enumerate() {
            if header[..index].contains(column) {
                return Err(UserError::new(format!(
                    "{name}: line 1: column `{column}` stands there twice"
                )));
            }
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
            UserError::new(format!(
                "{}: line 1: no column `{column}` among {}",
                self.name,
                self.header.join(", ")
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
            self.name, row.line, self.header[column], row.fields[column]
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
            line += used.bytes().filter(|&byte| byte == b'\n').count();
            fields.push(field);
            if let Some(next) = after.strip_prefix(',') {
                rest = next;
                continue;
            }
            rest = match after.find('\n') {
                Some(end) => {
                    line += 1;
                    &after[end + 1..]
                }
                None => "",
            };
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

/// The field at the beginning of a text, and what follows it; `None` if its
/// quote never closes.
fn field(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([',', '\n']).unwrap_or(text.len());
        let (field, after) = text.split_at(end);
        return Some((field.trim_end_matches('\r').to_owned(), after));
    };
    let mut value = String::new();
    loop {
        let end = rest.find('"')?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        let Some(more) = rest.strip_prefix('"') else {
            // what stands between the closing quote and the comma is not data
            let after = rest.find([',', '\n']).unwrap_or(rest.len());
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
