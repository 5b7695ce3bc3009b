//! Writing: whole, or not at all.

use std::fs::File;
use std::io::{Error, ErrorKind, Result, Write as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use atomic_write_file::AtomicWriteFile;

use crate::read::kind;

/// The most links that are followed one after the other, as the kernel has it.
const MAX_LINKS: usize = 40;

/// Makes a regular file of these bytes, or replaces one: a temporary file beside it is written, synced and renamed, so that a reader
/// finds the old file or the new one. Links are followed, and stay. Devices and pipes are written to as they are.
///
/// # Errors
/// If the file cannot be written, is a folder, a socket or a block device, or a pipe that nobody reads.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let target = follow(path)?;
    match std::fs::metadata(&target) {
        Ok(found) if found.is_file() => replace(&target, bytes),
        Ok(found) if found.file_type().is_char_device() || found.file_type().is_fifo() => write_through(&target, bytes),
        Ok(found) => Err(Error::new(
            ErrorKind::InvalidInput,
            format!("is {}; a regular file was expected", kind(found.file_type())),
        )),
        Err(error) if error.kind() == ErrorKind::NotFound => replace(&target, bytes),
        Err(error) => Err(error),
    }
}

fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = AtomicWriteFile::open(path)?;
    file.write_all(bytes)?;
    file.commit()
}

/// Writes to what is there and stays there. Opened without waiting, since a pipe without a reader would hold the program for ever.
fn write_through(path: &Path, bytes: &[u8]) -> Result<()> {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    let file = File::options().write(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path);
    let mut file = file.map_err(|error| match error.raw_os_error() {
        Some(code) if code == rustix::io::Errno::NXIO.raw_os_error() => {
            Error::new(ErrorKind::BrokenPipe, "is a pipe that nobody reads")
        }
        _ => error,
    })?;
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    file.write_all(bytes)
}

/// Where a path leads, links followed one by one: the last of them may lead to a file that is not there yet.
fn follow(path: &Path) -> Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match std::fs::symlink_metadata(&path) {
            // Links in /proc name pipes by a text that is no path; the system alone can open them.
            Ok(found) if found.is_symlink() && !path.starts_with("/proc") => {
                let target = std::fs::read_link(&path)?;
                path = path.parent().unwrap_or(Path::new("")).join(target);
            }
            _ => return Ok(path),
        }
    }
    Err(Error::new(ErrorKind::InvalidInput, "leads through too many links"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed_and_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        write(&path("file"), b"one").unwrap();
        std::os::unix::fs::symlink("file", path("link")).unwrap();
        std::os::unix::fs::symlink("new", path("dangling")).unwrap();
        std::os::unix::fs::symlink("circle", path("circle")).unwrap();
        write(&path("link"), b"two").unwrap();
        write(&path("dangling"), b"three").unwrap();
        assert_eq!(std::fs::read(path("file")).unwrap(), b"two");
        assert_eq!(std::fs::read(path("new")).unwrap(), b"three");
        assert!(std::fs::symlink_metadata(path("link")).unwrap().is_symlink());
        assert!(write(&path("circle"), b"x").is_err());
    }

    #[test]
    fn devices_and_pipes_stay_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert!(write(&pipe, b"x").unwrap_err().to_string().contains("nobody reads"));
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::read(pipe).unwrap()
        });
        while let Err(error) = write(&pipe, b"to a reader") {
            assert!(error.to_string().contains("nobody reads"), "{error}");
            std::thread::yield_now();
        }
        assert_eq!(reader.join().unwrap(), b"to a reader");
        assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
        write(Path::new("/dev/null"), b"x").unwrap();
        assert!(std::fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        assert!(write(folder.path(), b"x").unwrap_err().to_string().contains("folder"));
    }
}
