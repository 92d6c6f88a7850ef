//! A table has whole rows, and its fields are read again as they were written.
#![no_main]

use harness::dataset::csv::Table;
use libfuzzer_sys::fuzz_target;

fn written(table: &Table) -> String {
    let quote = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
    let line = |fields: &[String]| fields.iter().map(quote).collect::<Vec<_>>().join(",");
    let rows = table.rows().iter().map(|row| &row.fields[..]);
    let lines = [table.header()].into_iter().chain(rows).map(line);
    lines.collect::<Vec<_>>().join("\n")
}

fuzz_target!(|text: &str| {
    let table = match Table::parse("t.csv", text) {
        Ok(table) => table,
        Err(error) => return fuzz::assert_refusal(&error),
    };
    let lines = 1 + text.matches(['\n', '\r']).count();
    for row in table.rows() {
        assert_eq!(row.fields.len(), table.header().len());
        assert!(row.line <= lines);
        for column in 0..table.header().len() {
            if let Err(error) = table.number(row, column) {
                fuzz::assert_refusal(&error);
            }
        }
    }
    // a lone empty field is no record
    if table.header().len() > 1 {
        let again = Table::parse("t.csv", &written(&table)).unwrap();
        assert_eq!(again.header(), table.header());
        let fields = |table: &Table| -> Vec<_> {
            let rows = table.rows().iter();
            rows.map(|row| row.fields.clone()).collect()
        };
        assert_eq!(fields(&again), fields(&table));
    }
});
