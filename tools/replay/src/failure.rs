//! What a run ends with when it fails.

use std::{error::Error, fmt, io};

/// The input could not be read, or the output not be written.
const EXIT_FAILED: u8 = 1;
/// The command was used in a wrong way; clap ends with the same code.
const EXIT_USAGE: u8 = 2;

/// Arguments that are fine one by one, but not together.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (see jounce --help)", self.0)
    }
}

impl Error for Usage {}

pub(crate) fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<Usage>() { EXIT_USAGE } else { EXIT_FAILED }
}

pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
