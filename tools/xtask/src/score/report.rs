//! Tables of figures, for people and as JSON.

use std::{fmt, fs::File, path::Path};

use anyhow::Context;

/// Figures under one title.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Table {
    title: String,
    columns: Vec<String>,
    rows: Vec<Row>,
    /// What should be known when reading it.
    notes: Vec<String>,
}

#[derive(Debug, serde::Serialize)]
struct Row {
    what: String,
    unit: &'static str,
    /// Not finite: not known, or never reached; null in JSON.
    values: Vec<f64>,
}

impl Table {
    pub(crate) fn new(title: impl Into<String>, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        Self { title: title.into(), columns, rows: Vec::new(), notes: Vec::new() }
    }

    /// A row with one value a column.
    pub(crate) fn row(&mut self, what: impl Into<String>, unit: &'static str, values: &[f64]) {
        self.rows.push(Row { what: what.into(), unit, values: values.to_vec() });
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNIT: usize = 6;
        let width = self.rows.iter().map(|row| row.what.chars().count()).max().unwrap_or(0);
        let cells: Vec<usize> = self.columns.iter().map(|column| column.chars().count().max(7)).collect();
        writeln!(f, "{}", self.title)?;
        write!(f, "  {:width$} {:UNIT$}", "", "")?;
        for (column, cell) in self.columns.iter().zip(&cells) {
            write!(f, "  {column:>cell$}")?;
        }
        writeln!(f)?;
        for row in &self.rows {
            write!(f, "  {:width$} {:UNIT$}", row.what, row.unit)?;
            for (value, &cell) in row.values.iter().zip(&cells) {
                write!(f, "  {:>cell$}", figure(*value))?;
            }
            writeln!(f)?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "  {note}"))
    }
}

/// Three significant digits or so.
fn figure(value: f64) -> String {
    match value.abs() {
        _ if value.is_nan() => "–".to_owned(),
        size if size.is_infinite() => "never".to_owned(),
        size if size >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// Writes the tables as JSON.
pub(crate) fn write_json(tables: &[Table], path: &Path) -> anyhow::Result<()> {
    let file = File::create(path).with_context(|| format!("{}: cannot be written", path.display()))?;
    serde_json::to_writer_pretty(file, tables)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_under_their_columns() {
        let mut table = Table::new("Speed", &["median", "95 %"]);
        table.row("error", "m/s", &[0.123_45, f64::INFINITY]);
        table.row("lag", "s", &[1.5, f64::NAN]);
        table.note("as recorded");
        let lines = [
            "Speed",
            "                 median     95 %",
            "  error m/s       0.123    never",
            "  lag   s          1.50        –",
        ];
        assert_eq!(table.to_string(), format!("{}\n  as recorded\n", lines.join("\n")));
    }

    #[test]
    fn json_has_null_for_what_is_not_known() {
        let mut table = Table::new("t", &["a"]);
        table.row("r", "m", &[f64::NAN]);
        let json = serde_json::to_value(&table).expect("plain data");
        assert!(json["rows"][0]["values"][0].is_null());
    }
}
