//! Files that appear complete, or not at all.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use tempfile::NamedTempFile;

use crate::source::is_dash;

/// Where an output goes. Nothing is left behind unless [`Output::finish`] was reached.
#[derive(Debug)]
pub(crate) struct Output {
    writer: BufWriter<Target>,
    path: Option<PathBuf>,
}

#[derive(Debug)]
enum Target {
    Stdout(io::Stdout),
    /// A pipe or a device: there is nothing to rename.
    Direct(File),
    /// A file under a passing name, beside the final one.
    Beside(NamedTempFile),
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(stdout) => stdout.write(bytes),
            Self::Direct(file) => file.write(bytes),
            Self::Beside(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.flush(),
            Self::Direct(file) => file.flush(),
            Self::Beside(file) => file.flush(),
        }
    }
}

impl Output {
    /// Opens `path`; `None` and `-` are standard output.
    pub(crate) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        match path {
            Some(path) if !is_dash(path) => Self::create(path).with_context(|| cannot_write(path)),
            _ => Ok(Self { writer: BufWriter::new(Target::Stdout(io::stdout())), path: None }),
        }
    }

    fn create(path: &Path) -> io::Result<Self> {
        // The file behind a link is replaced, not the link.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let target = match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(metadata) if !metadata.is_file() => Target::Direct(File::options().write(true).open(&path)?),
            _ => Target::Beside(passing_file(path.parent().unwrap_or(Path::new("")))?),
        };
        Ok(Self { writer: BufWriter::new(target), path: Some(path) })
    }

    /// Makes the output complete: flushes it and gives a file its name.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let target = self.writer.into_inner().map_err(io::IntoInnerError::into_error);
        let Some(path) = self.path else {
            return Ok(target?.flush()?);
        };
        let finish = || match target? {
            Target::Beside(file) => file.persist(&path).map(drop).map_err(|error| error.error),
            mut other => other.flush(),
        };
        finish().with_context(|| cannot_write(&path))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

fn cannot_write(path: &Path) -> String {
    format!("{}: cannot be written", path.display())
}

/// A temporary file in `folder` with the rights of an ordinary one.
fn passing_file(folder: &Path) -> io::Result<NamedTempFile> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".jounce-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The umask takes its share, as for any new file.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
