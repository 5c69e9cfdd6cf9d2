//! Folders that hold one recording in several tables.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use crate::{
    binary, driver_behaviour,
    error::TraceError,
    phyphox,
    recording::{Format, Recording},
    sensor_logger, single,
    table::{Source, Table},
};

/// A file in a folder that looks like a table.
#[derive(Debug)]
pub(crate) struct Member {
    path: PathBuf,
    /// The file's name without its extension, in lower case.
    pub(crate) stem: String,
    /// Which format its header belongs to, if any.
    pub(crate) format: Option<Format>,
}

impl Member {
    /// Its content.
    pub(crate) fn load(&self) -> Result<Source, TraceError> {
        load(&self.path)
    }
}

/// The content of the file at `path`.
pub(crate) fn load(path: &Path) -> Result<Source, TraceError> {
    let name = path.display().to_string();
    match std::fs::read(path) {
        Ok(bytes) => Ok(Source { name, bytes }),
        Err(e) => Err(TraceError::io(name, e)),
    }
}

/// The longest header that is looked at.
const HEADER_BYTES: u64 = 64 * 1024;

/// Reads the recording in the folder `path`.
pub(crate) fn read(path: &Path) -> Result<Recording, TraceError> {
    let members = members(path)?;
    let has = |format| members.iter().any(|m| m.format == Some(format));
    if has(Format::DriverBehaviour) {
        driver_behaviour::read(path, &members)
    } else if has(Format::SensorLogger) {
        sensor_logger::read(path, &members)
    } else if has(Format::Phyphox) {
        phyphox::read(path, &members)
    } else {
        read_only_trace(path, &members)
    }
}

/// A folder whose recording is one file, beside others that are no traces.
fn read_only_trace(path: &Path, members: &[Member]) -> Result<Recording, TraceError> {
    let traces: Vec<&Member> = members.iter().filter(|m| m.format.is_some()).collect();
    match traces[..] {
        [trace] => {
            let mut recording = single::read(&trace.load()?)?;
            recording.recognised_by = format!("the only trace in the folder: {}", recording.recognised_by);
            Ok(recording)
        }
        [] if members.is_empty() => Err(TraceError::NoData { path: path.display().to_string() }),
        [] => Err(TraceError::UnknownFormat {
            path: path.display().to_string(),
            found: format!("a folder with {}", names(members.iter())),
        }),
        _ => Err(TraceError::Ambiguous { path: path.display().to_string(), members: names(traces.iter().copied()) }),
    }
}

fn names<'m>(members: impl ExactSizeIterator<Item = &'m Member>) -> String {
    const MOST: usize = 8;
    let more = if members.len() > MOST { ", …" } else { "" };
    let names: Vec<_> =
        members.take(MOST).filter_map(|m| m.path.file_name()).map(|n| n.to_string_lossy().into_owned()).collect();
    names.join(", ") + more
}

/// The text files and binary recordings of a folder, by name, so that the order does not depend on the file system.
fn members(path: &Path) -> Result<Vec<Member>, TraceError> {
    let io = |e| TraceError::io(path.display(), e);
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(path).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    paths.into_iter().filter_map(|path| member(path).transpose()).collect()
}

/// The member at `path`; `None` when it is neither text nor a binary recording.
fn member(path: PathBuf) -> Result<Option<Member>, TraceError> {
    let io = |e| TraceError::io(path.display(), e);
    let mut bytes = Vec::new();
    File::open(&path).map_err(io)?.take(HEADER_BYTES).read_to_end(&mut bytes).map_err(io)?;
    let format = if binary::recognise(&bytes).is_some() {
        Some(Format::Binary)
    } else if bytes.contains(&0) {
        return Ok(None);
    } else {
        let head = Source { name: String::new(), bytes };
        Table::of(&head).and_then(|table| single::recognise(&table)).map(|(format, _)| format)
    };
    let stem = path.file_stem().map(|s| s.to_string_lossy().to_lowercase()).unwrap_or_default();
    Ok(Some(Member { path, stem, format }))
}
