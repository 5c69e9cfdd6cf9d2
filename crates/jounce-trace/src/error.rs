//! What can be wrong with a trace, and where.

use std::{fmt, num::NonZeroU64, ops::Range};

/// A file or folder that cannot be read as a trace.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// The operating system refused.
    #[error("{path}: {source}")]
    Io {
        /// What was to be read.
        path: String,
        /// Why it could not be.
        source: std::io::Error,
    },
    /// Nothing but blank lines and comments.
    #[error("{path}: no data")]
    NoData {
        /// The empty file or folder.
        path: String,
    },
    /// Neither the header nor the folder's members are those of a known format.
    #[error("{path}: not a trace format known here ({}); found {found}", crate::Format::NAMES)]
    UnknownFormat {
        /// The file or folder.
        path: String,
        /// The header, or the members, as found.
        found: String,
    },
    /// A folder holds several recordings, and nothing says which is meant.
    #[error("{path}: more than one trace in this folder: {members}")]
    Ambiguous {
        /// The folder.
        path: String,
        /// The names of the traces.
        members: String,
    },
    /// One damaged row; made from a [`DamagedRow`] by whoever tolerates none.
    #[error("{0}")]
    Row(#[from] DamagedRow),
    /// So many rows are damaged that the file is not what its header says.
    #[error("{first} ({damaged} of {rows} rows read so far are damaged)")]
    Damaged {
        /// The first damaged row.
        first: DamagedRow,
        /// How many are damaged.
        damaged: u64,
        /// Of how many rows.
        rows: u64,
    },
    /// A column that the format cannot do without.
    #[error("{path}: line 1: expected a column {column:?}")]
    MissingColumn {
        /// The file.
        path: String,
        /// The column's name.
        column: String,
    },
    /// Values whose size does not fit their unit.
    #[error(
        "{path}: {stream}: median magnitude {median_magnitude:.2}, expected about 9.8 (m/s²); this looks like g: \
         convert to m/s², with the sign that makes a phone face up read +9.8 on z"
    )]
    WrongUnit {
        /// The file or folder.
        path: String,
        /// The stream: `accel`.
        stream: &'static str,
        /// Median length of its vectors, in its own unit.
        median_magnitude: f64,
    },
    /// Acceleration without gravity is no specific force, and gravity is what tells up from down.
    #[error("{path}: only acceleration without gravity ({found}); the accelerometer with gravity is needed")]
    NoGravity {
        /// The file or folder.
        path: String,
        /// What was found instead.
        found: String,
    },
    /// A table that does not say which sensor it is of.
    #[error("{path}: one table of a {format} recording does not say which sensor it is of: give the folder")]
    LoneTable {
        /// The file.
        path: String,
        /// The recording's format.
        format: crate::Format,
    },
}

impl TraceError {
    pub(crate) fn io(path: impl fmt::Display, source: std::io::Error) -> Self {
        Self::Io { path: path.to_string(), source }
    }
}

/// A row that was skipped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {}{problem}", place(*.line, .column.as_ref()))]
pub struct DamagedRow {
    /// The file.
    pub path: String,
    /// Line in the file, from 1; none in a binary file.
    pub line: Option<NonZeroU64>,
    /// The column at fault, where it is one.
    pub column: Option<Column>,
    /// What is wrong.
    pub problem: Problem,
}

/// Line and column, as far as there are any.
fn place(line: Option<NonZeroU64>, column: Option<&Column>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!("line {line}, {column}: "),
        (Some(line), None) => format!("line {line}: "),
        (None, _) => String::new(),
    }
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Position, from 1.
    pub number: usize,
    /// Name in the header; empty where the header has none.
    pub name: String,
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}", self.number)?;
        if self.name.is_empty() { Ok(()) } else { write!(f, " ({})", self.name) }
    }
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Too few or too many fields.
    #[error("wrong number of fields: {found}, expected {expected}{}", if *decimal_comma { " (decimal comma?)" } else { "" })]
    FieldCount {
        /// Fields in the row.
        found: usize,
        /// Fields that belong there.
        expected: usize,
        /// Whether decimal commas would explain it.
        decimal_comma: bool,
    },
    /// Fields are separated by something else than this format's comma.
    #[error(
        "wrong number of fields: 1, expected fields separated by commas, found {separator:?} \
         (decimal comma? use a decimal point and commas between the fields)"
    )]
    Separator {
        /// What separates them.
        separator: char,
    },
    /// A stretch of a binary file.
    #[error("bytes {} to {} are damaged", .at.start, .at.end)]
    Bytes {
        /// Where.
        at: Range<usize>,
    },
    /// A binary file that ends too early.
    #[error("the file is cut off within the frame that begins at byte {at}")]
    CutOff {
        /// Where the last frame begins.
        at: usize,
    },
    /// A field that cannot be read.
    #[error("expected {expected}{}", .found.as_ref().map(|f| format!(", found {f:?}")).unwrap_or_default())]
    BadValue {
        /// What belongs there.
        expected: &'static str,
        /// What stands there; nothing is said of a field that holds a coordinate.
        found: Option<String>,
    },
}

impl Problem {
    /// Whether a decimal comma would explain it.
    pub const fn suggests_decimal_comma(&self) -> bool {
        matches!(self, Self::FieldCount { decimal_comma: true, .. } | Self::Separator { .. })
    }
}

/// The rows of a recording that were skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damaged {
    /// How many.
    pub count: u64,
    /// The first [`Damaged::REMEMBERED`] of them.
    pub rows: Vec<DamagedRow>,
}

impl Damaged {
    /// How many rows are remembered; more would only fill the screen.
    pub const REMEMBERED: usize = 20;

    pub(crate) fn push(&mut self, row: DamagedRow) {
        self.count += 1;
        if self.rows.len() < Self::REMEMBERED {
            self.rows.push(row);
        }
    }
}
