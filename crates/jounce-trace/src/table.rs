//! Tables of named columns, whatever separates them, and the count of their damaged rows.
//!
//! Quotes are stripped, not obeyed: these tables hold numbers and names, and obeying them would let one stray
//! quote swallow the rest of the file.

use std::{borrow::Cow, fmt::Write as _, num::NonZeroU64};

use csv::{ByteRecord, ReaderBuilder, Terminator};
use jounce::{
    sample::Triad,
    time::{Timestamp, ns_from_s},
};

use crate::error::{Column, Damaged, DamagedRow, Problem, TraceError};

/// The bytes of a file, and what to call it.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// A header and the rows below it.
#[derive(Debug)]
pub(crate) struct Table<'s> {
    source: &'s Source,
    pub(crate) separator: u8,
    pub(crate) columns: Vec<String>,
    has_header: bool,
}

/// Far beyond every sensor and every date in seconds, and far from where converting units would overflow.
const LARGEST: f64 = 1e12;

/// How many fields a row may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// As many as the header; empty ones may follow.
    Header,
    /// The reader of the rows decides.
    Free,
}

/// One row.
#[derive(Debug)]
pub(crate) struct Row<'r> {
    fields: &'r ByteRecord,
    separator: u8,
}

/// What is wrong with a row, and in which column (from 0).
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) column: Option<usize>,
    pub(crate) problem: Problem,
}

impl<'s> Table<'s> {
    /// The table in `source`; `None` when there is nothing but blank lines and comments.
    pub(crate) fn of(source: &'s Source) -> Option<Self> {
        let line = header_line(&source.bytes)?;
        let separator = separator_of(line);
        let columns = line.split(|&b| b == separator).map(|field| text(bare(field)).into_owned()).collect();
        Some(Self { source, separator, columns, has_header: true })
    }

    /// The same table with its first line taken for a row, under the header `columns`.
    pub(crate) fn without_header(mut self, columns: &[&str]) -> Self {
        self.columns = columns.iter().map(|&c| c.to_owned()).collect();
        self.has_header = false;
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.source.name
    }

    /// The column named `name`.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.eq_ignore_ascii_case(name))
    }

    /// The column named `name`, which the format cannot do without.
    pub(crate) fn require(&self, name: &str) -> Result<usize, TraceError> {
        self.find(name)
            .ok_or_else(|| TraceError::MissingColumn { path: self.source.name.clone(), column: name.to_owned() })
    }

    /// The columns named `prefix` + axis + `suffix`.
    pub(crate) fn axes(&self, prefix: &str, suffix: &str) -> Option<[usize; 3]> {
        let axis = |axis: &str| self.find(&format!("{prefix}{axis}{suffix}"));
        Some([axis("x")?, axis("y")?, axis("z")?])
    }

    /// The header, cut to a readable length.
    pub(crate) fn header_excerpt(&self) -> String {
        excerpt(&self.columns.join(&char::from(self.separator).to_string()))
    }

    /// Hands every row to `read`. Damaged ones are counted; many of them are an error.
    pub(crate) fn for_each(
        &self,
        width: Width,
        damaged: &mut Damaged,
        mut read: impl FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), TraceError> {
        let bytes = without_bom(&self.source.bytes);
        let mut reader = ReaderBuilder::new()
            .delimiter(self.separator)
            .terminator(Terminator::Any(b'\n'))
            .quoting(false)
            .comment(Some(b'#'))
            .flexible(true)
            .has_headers(false)
            .from_reader(bytes);
        let mut fields = ByteRecord::new();
        let mut skip_header = self.has_header;
        let mut tally = Tally::default();
        while reader.read_byte_record(&mut fields).map_err(|e| TraceError::io(self.name(), e.into()))? {
            let row = Row { fields: &fields, separator: self.separator };
            if row.is_blank() || std::mem::take(&mut skip_header) {
                continue;
            }
            let outcome = self.check_width(width, &row).and_then(|()| read(&row));
            let damaged_row = outcome.err().map(|fault| self.damaged_row(line_of_last(&reader, bytes), fault));
            tally.count(damaged_row, damaged)?;
        }
        tally.finish()
    }

    fn check_width(&self, width: Width, row: &Row<'_>) -> Result<(), Fault> {
        let expected = self.columns.len();
        let found = row.fields.len();
        let surplus_is_empty = (expected..found).all(|i| row.bytes(i).is_empty());
        if width == Width::Free || found == expected || (found > expected && surplus_is_empty) {
            return Ok(());
        }
        Err(Fault::field_count(found, expected, found > expected))
    }

    fn damaged_row(&self, line: u64, fault: Fault) -> DamagedRow {
        let column = fault
            .column
            .map(|index| Column { number: index + 1, name: self.columns.get(index).cloned().unwrap_or_default() });
        DamagedRow { path: self.source.name.clone(), line: NonZeroU64::new(line), column, problem: fault.problem }
    }
}

impl Row<'_> {
    fn bytes(&self, column: usize) -> &[u8] {
        bare(self.fields.get(column).unwrap_or_default())
    }

    fn is_blank(&self) -> bool {
        self.fields.len() <= 1 && self.bytes(0).is_empty()
    }

    /// Fields up to the last one that is not empty.
    pub(crate) fn used(&self) -> usize {
        (0..self.fields.len()).rev().find(|&i| !self.bytes(i).is_empty()).map_or(0, |i| i + 1)
    }

    pub(crate) fn text(&self, column: usize) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes(column))
    }

    /// A number; empty, NaN and infinity are none.
    pub(crate) fn number(&self, column: usize) -> Result<f64, Fault> {
        let parsed = std::str::from_utf8(self.bytes(column)).ok().and_then(|text| {
            // Where something else separates the fields, a comma in a number is a decimal comma.
            let number = if self.separator != b',' && text.contains(',') && !text.contains('.') {
                text.replacen(',', ".", 1).parse::<f64>()
            } else {
                text.parse::<f64>()
            };
            number.ok().filter(|n| n.is_finite())
        });
        parsed.ok_or_else(|| self.fault(column, "a number"))
    }

    /// A number, or `None` where the app had none: no such column, an empty field, `NaN` or `null`.
    pub(crate) fn known(&self, column: Option<usize>) -> Result<Option<f64>, Fault> {
        let Some(column) = column else { return Ok(None) };
        let text = self.bytes(column);
        let unknown = text.is_empty() || text.eq_ignore_ascii_case(b"nan") || text.eq_ignore_ascii_case(b"null");
        if unknown {
            return Ok(None);
        }
        let number = self.number(column)?;
        if number.abs() > LARGEST { Err(self.fault(column, "a number a sensor can give")) } else { Ok(Some(number)) }
    }

    /// A number that is never negative, where `None` and anything below zero mean that it is not known.
    pub(crate) fn known_positive(&self, column: Option<usize>) -> Result<Option<f64>, Fault> {
        Ok(self.known(column)?.filter(|&n| n >= 0.0))
    }

    /// A coordinate, degrees; what is wrong with it is said without repeating it.
    pub(crate) fn coordinate(&self, column: Option<usize>) -> Result<Option<f64>, Fault> {
        self.known(column).map_err(Fault::without_text)
    }

    /// Three axes at `t`; `None` where the app had none.
    pub(crate) fn triad(&self, t: Timestamp, columns: [usize; 3]) -> Result<Option<Triad>, Fault> {
        let [x, y, z] = columns.map(|c| self.known(Some(c)));
        Ok(match (x?, y?, z?) {
            (Some(x), Some(y), Some(z)) => Some(Triad { t, x, y, z }),
            (None, None, None) => None,
            (x, y, _) => {
                let empty = if x.is_none() { 0 } else { 1 + usize::from(y.is_some()) };
                return Err(self.fault(columns.get(empty).copied().unwrap_or_default(), "a number"));
            }
        })
    }

    /// Whole nanoseconds.
    pub(crate) fn nanoseconds(&self, column: usize) -> Result<Timestamp, Fault> {
        let parsed = std::str::from_utf8(self.bytes(column)).ok().and_then(|text| text.parse().ok());
        parsed.map(Timestamp::from_ns).ok_or_else(|| self.fault(column, "whole nanoseconds"))
    }

    /// Seconds, as nanoseconds.
    pub(crate) fn seconds(&self, column: usize) -> Result<Timestamp, Fault> {
        self.number(column).map(|s| Timestamp::from_ns(ns_from_s(s))).map_err(|_| self.fault(column, "seconds"))
    }

    /// `expected` does not stand in `column`.
    pub(crate) fn fault(&self, column: usize, expected: &'static str) -> Fault {
        let found = Some(excerpt(&self.text(column)));
        Fault { column: Some(column), problem: Problem::BadValue { expected, found } }
    }
}

impl Fault {
    pub(crate) const fn field_count(found: usize, expected: usize, decimal_comma: bool) -> Self {
        Self { column: None, problem: Problem::FieldCount { found, expected, decimal_comma } }
    }

    pub(crate) fn without_text(mut self) -> Self {
        if let Problem::BadValue { found, .. } = &mut self.problem {
            *found = None;
        }
        self
    }
}

/// Counts rows, and says when a file is damaged throughout.
#[derive(Debug, Default)]
struct Tally {
    rows: u64,
    damaged: u64,
    first: Option<DamagedRow>,
}

impl Tally {
    /// So many rows of the wrong shape at the very start, and the file is not what its header says.
    const LEADING: u64 = 3;
    /// From so many rows on, a share of damaged ones means something.
    const ROWS_FOR_SHARE: u64 = 20;
    /// More than one row in so many damaged is no accident.
    const TOLERATED_ONE_IN: u64 = 10;

    fn count(&mut self, row: Option<DamagedRow>, damaged: &mut Damaged) -> Result<(), TraceError> {
        self.rows += 1;
        if let Some(row) = row {
            self.damaged += 1;
            let shape = matches!(row.problem, Problem::FieldCount { .. } | Problem::Separator { .. });
            self.first.get_or_insert_with(|| row.clone());
            damaged.push(row);
            if shape && self.damaged == self.rows && self.rows >= Self::LEADING {
                return self.systematic();
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), TraceError> {
        let many = self.rows >= Self::ROWS_FOR_SHARE && self.damaged * Self::TOLERATED_ONE_IN > self.rows;
        // A single row may have been cut off; one written with decimal commas was not.
        let comma = self.first.as_ref().is_some_and(|first| first.problem.suggests_decimal_comma());
        let all = self.damaged == self.rows && (self.rows >= Self::LEADING || comma);
        if many || all { self.systematic() } else { Ok(()) }
    }

    fn systematic(&mut self) -> Result<(), TraceError> {
        self.first
            .take()
            .map_or(Ok(()), |first| Err(TraceError::Damaged { first, damaged: self.damaged, rows: self.rows }))
    }
}

/// Line of the row read last. Every row is one line, because quotes are not obeyed; the reader stands behind it.
fn line_of_last(reader: &csv::Reader<&[u8]>, bytes: &[u8]) -> u64 {
    let end = reader.position();
    let last = usize::try_from(end.byte()).ok().and_then(|end| bytes.get(end.checked_sub(1)?));
    end.line() - u64::from(last == Some(&b'\n'))
}

/// The first line that is neither blank nor a comment.
pub(crate) fn header_line(bytes: &[u8]) -> Option<&[u8]> {
    without_bom(bytes).split(|&b| b == b'\n').map(<[u8]>::trim_ascii).find(|line| !line.is_empty() && line[0] != b'#')
}

fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// Whichever separator the header has most of; a comma when it has none.
fn separator_of(header: &[u8]) -> u8 {
    let count = |separator: u8| header.split(|&b| b == separator).count();
    // `max_by_key` takes the last of equals.
    [b'|', b'\t', b';', b','].into_iter().max_by_key(|&s| count(s)).unwrap_or(b',')
}

/// A field without its padding and quotes.
fn bare(field: &[u8]) -> &[u8] {
    let field = field.trim_ascii();
    field.strip_prefix(b"\"").and_then(|f| f.strip_suffix(b"\"")).unwrap_or(field).trim_ascii()
}

/// Text in UTF-8, or else in Latin-1, in which older exports write `°` and `µ`.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().copied().map(char::from).collect(), Cow::Borrowed)
}

/// `text` cut to what fits in a message, with control characters made visible.
pub(crate) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 100;
    let mut short = String::new();
    for c in text.chars().take(LONGEST) {
        if c.is_control() {
            // Writing to a string does not fail.
            let _ = write!(short, "{}", c.escape_default());
        } else {
            short.push(c);
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}
