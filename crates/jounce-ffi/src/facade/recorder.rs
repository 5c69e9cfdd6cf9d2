//! A recording of what a host pushes, to be replayed at a desk.

use std::{fs::File, path::Path, sync::Mutex};

use jounce_wire::recording::Writer;

use super::JounceError;
use crate::{abi::samples_of, registry::lock, session::Failure};

/// Writes packed samples into a binary recording, a file of its own, that `jounce replay` reads. Samples of a sensor that
/// was refused are the host's to leave out.
#[derive(Debug, uniffi::Object)]
pub struct JounceRecorder {
    writer: Mutex<Writer<File>>,
}

/// What the system says of a file, without its name.
#[expect(clippy::needless_pass_by_value, reason = "as map_err gives it")]
fn unwritten(error: std::io::Error) -> JounceError {
    JounceError::Invalid(format!("the recording cannot be written: {}", error.kind()))
}

#[uniffi::export]
impl JounceRecorder {
    /// Begins a recording in place of whatever file is there. `utc_offset_ns`: UTC, ns since 1970, minus the samples' clock.
    #[uniffi::constructor]
    pub fn new(path: &str, utc_offset_ns: i64) -> Result<Self, JounceError> {
        let begin = || {
            let mut writer = Writer::new(File::create(Path::new(path))?)?;
            writer.utc_offset_ns(utc_offset_ns)?;
            Ok(writer)
        };
        Ok(Self { writer: Mutex::new(begin().map_err(unwritten)?) })
    }

    /// Adds packed samples, as they are pushed.
    pub fn push_batch(&self, packed: &[u8]) -> Result<(), JounceError> {
        let samples = samples_of(packed).map_err(|failure: Failure| JounceError::from(failure))?;
        let mut writer = lock(&self.writer);
        samples.iter().try_for_each(|sample| writer.push(sample)).map_err(unwritten)
    }

    /// Writes all of it, so that it is not lost with the process.
    pub fn sync(&self) -> Result<(), JounceError> {
        lock(&self.writer).sync().map_err(unwritten)
    }
}
