//! Recorded traces: every format in, one stream of samples out.
//!
//! ```
//! let csv = "t_ns,sensor,v1,v2,v3\n0,accel,0.1,0.0,9.81\n20000000,accel,0.1,0.0,9.80\n";
//! let recording = jounce_trace::from_reader("trace.csv", csv.as_bytes())?;
//! assert_eq!(recording.format, jounce_trace::Format::Native);
//! assert_eq!(recording.samples.len(), 2);
//! # Ok::<(), jounce_trace::TraceError>(())
//! ```
//!
//! A format is recognised by its header and, in a folder, by the folder's members, never by a trace's own name.
//! Whatever unit, sign, frame or clock a format uses, what comes out is what the engine wants: SI units, the device
//! frame, specific force, and times on the recording's inertial clock. What was converted is said in
//! [`Recording::notes`].
//!
//! A damaged row is skipped and counted ([`Recording::damaged`]); a file damaged throughout is a [`TraceError`].

use std::{
    io::{self, Read},
    path::Path,
};

mod binary;
mod clock;
mod driver_behaviour;
mod error;
mod folder;
pub mod inspect;
mod merged;
mod native;
mod phyphox;
mod recording;
mod sensor_log;
mod sensor_logger;
mod single;
mod table;
mod turns;
mod units;

pub use binary::write_binary;
pub use error::{Column, Damaged, DamagedRow, Problem, TraceError};
pub use native::write_native;
pub use recording::{ClockOffset, Format, Recording};

/// Reads the trace at `path`: a file, or a folder that holds one recording.
pub fn open(path: &Path) -> Result<Recording, TraceError> {
    if path.is_dir() {
        return folder::read(path);
    }
    let bytes = std::fs::read(path).map_err(|e| TraceError::io(path.display(), e))?;
    single::read(&table::Source { name: path.display().to_string(), bytes })
}

/// Reads a trace that is one file; `name` is what messages call it.
pub fn from_reader(name: &str, mut r: impl Read) -> Result<Recording, TraceError> {
    let mut bytes = Vec::new();
    r.read_to_end(&mut bytes).map_err(|e| TraceError::io(name, e))?;
    single::read(&table::Source { name: name.to_owned(), bytes })
}

/// Reads a trace that is one file from standard input.
pub fn read_stdin() -> Result<Recording, TraceError> {
    from_reader("-", io::stdin().lock())
}
