//! Which format a single file is in.

use crate::{
    binary, driver_behaviour,
    error::TraceError,
    merged, native, phyphox,
    recording::{Format, Recording},
    sensor_log, sensor_logger,
    table::{Source, Table},
};

/// A format that is one file, and by what it was recognised.
pub(crate) fn recognise(table: &Table<'_>) -> Option<(Format, &'static str)> {
    // Phyphox comes last: its headers are told by their units alone.
    native::recognise(table)
        .map(|why| (Format::Native, why))
        .or_else(|| sensor_log::recognise(table).map(|why| (Format::SensorLog, why)))
        .or_else(|| merged::recognise(table).map(|why| (Format::SensorLoggerMerged, why)))
        .or_else(|| sensor_logger::recognise(table).map(|why| (Format::SensorLogger, why)))
        .or_else(|| driver_behaviour::recognise(table).map(|why| (Format::DriverBehaviour, why)))
        .or_else(|| phyphox::recognise(table).map(|why| (Format::Phyphox, why)))
}

/// Reads `source` in whatever format it is.
pub(crate) fn read(source: &Source) -> Result<Recording, TraceError> {
    if let Some(why) = binary::recognise(&source.bytes) {
        return binary::read(source, why);
    }
    let Some(table) = Table::of(source) else {
        return Err(TraceError::NoData { path: source.name.clone() });
    };
    match recognise(&table) {
        Some((Format::Native, why)) => native::read(table, why),
        Some((Format::SensorLog, why)) => sensor_log::read(&table, why),
        Some((Format::SensorLoggerMerged, why)) => merged::read(&table, why),
        Some((Format::SensorLogger, why)) => sensor_logger::read_alone(&table, why),
        Some((Format::Phyphox, why)) => phyphox::read_alone(&table, why),
        Some((format @ (Format::Binary | Format::DriverBehaviour), _)) => {
            Err(TraceError::LoneTable { path: source.name.clone(), format })
        }
        None => Err(TraceError::UnknownFormat { path: source.name.clone(), found: found(source, &table) }),
    }
}

fn found(source: &Source, table: &Table<'_>) -> String {
    if source.bytes.starts_with(b"PK\x03\x04") {
        "a zip archive: unpack it first".to_owned()
    } else if source.bytes.contains(&0) {
        "binary data".to_owned()
    } else {
        format!("line 1 {:?}", table.header_excerpt())
    }
}
