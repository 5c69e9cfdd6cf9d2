//! Label files: `trace,kind,start_s,end_s[,direction]`, a label a row.

#[cfg(test)]
mod tests;

use std::{
    fmt,
    io::{self, Read},
};

use csv::{ReaderBuilder, StringRecord, Trim};
use jounce::event::{EventKind, Side};

use crate::{Label, label::has_side};

/// What the first line must be.
const HEADER: &str = "the header trace,kind,start_s,end_s[,direction]";

/// A column of a label file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Which trace.
    Trace,
    /// What happened.
    Kind,
    /// When it began, s.
    Start,
    /// When it ended, s.
    End,
    /// To which side; the column may be left out.
    Direction,
}

impl Field {
    const ALL: [Self; 5] = [Self::Trace, Self::Kind, Self::Start, Self::End, Self::Direction];

    /// Its name in the header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Kind => "kind",
            Self::Start => "start_s",
            Self::End => "end_s",
            Self::Direction => "direction",
        }
    }
}

/// What is wrong with a label file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: line {line}{}: expected {expected}{}", in_column(.column.as_ref()), but_found(.found.as_deref()))]
pub struct LabelError {
    /// The file.
    pub path: String,
    /// From 1.
    pub line: u64,
    /// Position, from 1, and name of the column at fault, where it is one.
    pub column: Option<(usize, Field)>,
    /// What belongs there.
    pub expected: String,
    /// What stands there instead.
    pub found: Option<String>,
}

fn in_column(column: Option<&(usize, Field)>) -> String {
    column.map(|(number, field)| format!(", column {number} ({})", field.name())).unwrap_or_default()
}

fn but_found(found: Option<&str>) -> String {
    found.map(|found| format!(", found {found:?}")).unwrap_or_default()
}

/// A label and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// From 1.
    pub line: u64,
    /// Which trace it is of, as written.
    pub trace: String,
    /// The label itself.
    pub label: Label,
}

/// A label file as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelFile {
    path: String,
    columns: [Option<usize>; Field::ALL.len()],
    /// Columns of which nothing is known here.
    pub not_read: Vec<String>,
    /// In the order of the file; at least one.
    pub rows: Vec<Row>,
}

impl LabelFile {
    /// Reads a label file; messages call it `path`. Columns may stand in any order; a line that begins with `#` is a
    /// comment.
    pub fn read(path: &str, mut r: impl Read) -> Result<Self, LabelError> {
        let mut file =
            Self { path: path.to_owned(), columns: [None; Field::ALL.len()], not_read: Vec::new(), rows: Vec::new() };
        let mut bytes = Vec::new();
        let read = r.read_to_end(&mut bytes);
        read.map_err(|error| file.error(1, None, format!("a file that can be read ({error})"), None))?;
        let mut line = 0;
        let mut has_header = false;
        for text in bytes.split(|byte| *byte == b'\n') {
            line += 1;
            let text = std::str::from_utf8(text).map_err(|_| file.error(line, None, "UTF-8 text", None))?;
            let text = text.trim_start_matches('\u{feff}').trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let record = fields(text).ok_or_else(|| file.error(line, None, "values separated by commas", None))?;
            if has_header {
                let row = file.row(line, &record)?;
                file.rows.push(row);
            } else {
                file.header(line, &record)?;
                has_header = true;
            }
        }
        if file.rows.is_empty() {
            let expected = if has_header { "at least one label" } else { HEADER };
            return Err(file.error(line, None, expected, None));
        }
        Ok(file)
    }

    /// Something that is wrong with a field of a row, found out only by whoever knows the traces.
    pub fn error_in(&self, row: &Row, field: Field, expected: impl Into<String>) -> LabelError {
        let found = match field {
            Field::Trace => Some(row.trace.clone()),
            Field::Kind => Some(row.label.name().to_owned()),
            Field::Start | Field::End | Field::Direction => None,
        };
        self.error(row.line, Some(field), expected, found)
    }

    fn header(&mut self, line: u64, record: &StringRecord) -> Result<(), LabelError> {
        for (at, name) in record.iter().enumerate() {
            match Field::ALL.iter().position(|field| field.name() == name).and_then(|i| self.columns.get_mut(i)) {
                Some(Some(_)) => return Err(self.error(line, None, format!("the column {name} once"), None)),
                Some(slot) => *slot = Some(at),
                None => self.not_read.push(name.to_owned()),
            }
        }
        let is_missing = |field: &Field| self.at(*field).is_none() && *field != Field::Direction;
        if Field::ALL.iter().any(is_missing) {
            let found = record.iter().collect::<Vec<_>>().join(",");
            return Err(self.error(line, None, HEADER, Some(found)));
        }
        Ok(())
    }

    fn row(&self, line: u64, record: &StringRecord) -> Result<Row, LabelError> {
        let wrong = |field: Field, expected: String| {
            let found = record.get(self.at(field).unwrap_or(usize::MAX)).unwrap_or_default();
            self.error(line, Some(field), expected, Some(found.to_owned()))
        };
        let text = |field: Field| -> Result<&str, LabelError> {
            let at = self.at(field).unwrap_or(usize::MAX);
            let missing = || self.error(line, Some(field), "a value in this column", None);
            record.get(at).filter(|text| !text.is_empty()).ok_or_else(missing)
        };
        let number = |field: Field| -> Result<f64, LabelError> {
            let parsed = text(field)?.parse().ok().filter(|value: &f64| value.is_finite());
            parsed.ok_or_else(|| wrong(field, "a number of seconds since the trace's begin".to_owned()))
        };
        let kind = kind(text(Field::Kind)?).map_err(|expected| wrong(Field::Kind, expected))?;
        let (start_s, end_s) = (number(Field::Start)?, number(Field::End)?);
        if end_s < start_s {
            return Err(wrong(Field::End, format!("an end not before the start at {start_s} s")));
        }
        let side = self.at(Field::Direction).and_then(|at| record.get(at)).filter(|text| !text.is_empty());
        let direction = match side {
            None => None,
            Some(_) if !kind.is_some_and(has_side) => {
                let name = kind.map_or(Label::CALM, EventKind::name);
                return Err(wrong(Field::Direction, format!("nothing: {name} has no direction")));
            }
            Some("left") => Some(Side::Left),
            Some("right") => Some(Side::Right),
            Some(_) => return Err(wrong(Field::Direction, "left, right or nothing".to_owned())),
        };
        Ok(Row { line, trace: text(Field::Trace)?.to_owned(), label: Label { kind, start_s, end_s, direction } })
    }

    fn at(&self, field: Field) -> Option<usize> {
        let index = Field::ALL.iter().position(|other| *other == field)?;
        self.columns.get(index).copied().flatten()
    }

    fn error(&self, line: u64, field: Option<Field>, expected: impl Into<String>, found: Option<String>) -> LabelError {
        let column = field.map(|field| (self.at(field).map_or(0, |at| at + 1), field));
        LabelError { path: self.path.clone(), line, column, expected: expected.into(), found }
    }
}

/// The values of one line.
fn fields(line: &str) -> Option<StringRecord> {
    let mut reader = ReaderBuilder::new().has_headers(false).trim(Trim::All).from_reader(line.as_bytes());
    reader.records().next()?.ok()
}

/// A kind by its name; none of `none`. The error says what is known.
fn kind(name: &str) -> Result<Option<EventKind>, String> {
    if name == Label::CALM {
        return Ok(None);
    }
    let known = || {
        let names: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.name()).collect();
        format!("one of {}, or none", names.join(", "))
    };
    EventKind::ALL.into_iter().find(|kind| kind.name() == name).map(Some).ok_or_else(known)
}

/// Writes labels of one trace as a label file.
pub fn write_labels<'a>(labels: impl IntoIterator<Item = &'a Label>, trace: &str, w: impl io::Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(w);
    csv.write_record(Field::ALL.map(Field::name))?;
    for label in labels {
        let times = [seconds(label.start_s), seconds(label.end_s)];
        csv.write_record([trace, label.name(), &times[0], &times[1], label.direction.map_or("", Side::name)])?;
    }
    csv.flush()
}

/// Hundredths, never a negative zero.
fn seconds(s: f64) -> String {
    let text = format!("{s:.2}");
    if text == "-0.00" { "0.00".to_owned() } else { text }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
