//! A snapshot in a file that is whole at every moment.
//!
//! An operating system ends an app without asking, also in the midst of writing, and a battery ends a phone. So what is new
//! is written beside the old, brought to the disk, and put in its place by one renaming. The platform adapters do the same.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

/// Puts `bytes` in the place of what was kept before. Whatever ends the process, or the device: what is there afterwards is
/// all of the one or all of the other.
pub fn save(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(path);
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    // Else the renaming may reach the disk before the bytes do.
    file.sync_all()?;
    drop(file);
    fs::rename(&beside, path)?;
    sync_folder(path)
}

/// What was kept; `None` when nothing is.
pub fn load(path: &Path) -> io::Result<Option<Vec<u8>>> {
    some(fs::read(path))
}

/// Keeps nothing any more, nor what an interrupted [`save`] has left beside.
pub fn forget(path: &Path) -> io::Result<()> {
    some(fs::remove_file(beside(path)))?;
    some(fs::remove_file(path))?;
    Ok(())
}

/// Where the new is written: in the same folder, since a renaming is one step only there.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".new");
    name.into()
}

fn some<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

/// The renaming itself must reach the disk; elsewhere than on Unix a folder cannot be brought there.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_saved_is_kept_until_it_is_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state");
        assert_eq!(load(&path).expect("it can be looked for"), None);
        for bytes in [&b"a longer one"[..], b"short", b""] {
            save(&path, bytes).expect("somewhere to write");
            assert_eq!(load(&path).expect("it can be read").as_deref(), Some(bytes));
        }
        fs::write(beside(&path), b"ha").expect("somewhere to write");
        assert_eq!(load(&path).expect("it can be read").as_deref(), Some(&b""[..]));
        forget(&path).expect("it can be deleted");
        forget(&path).expect("nothing is there");
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
    }

    #[test]
    fn what_cannot_be_written_leaves_the_old() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state");
        save(&path, b"old").expect("somewhere to write");
        fs::create_dir(beside(&path)).expect("somewhere to write");
        assert!(save(&path, b"new").is_err());
        assert_eq!(load(&path).expect("it can be read").as_deref(), Some(&b"old"[..]));
    }
}
