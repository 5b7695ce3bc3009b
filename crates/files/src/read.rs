//! Reads regular files up to a limit of size.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Read, Result};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;

/// The name that stands for standard input where a command reads any input.
pub const STDIN: &str = "-";

/// The bytes of a regular file.
///
/// # Errors
/// If the file cannot be read, has more than `limit` bytes, or is a folder, a device, a pipe or a socket: those have no size that could
/// be checked, and may never end or never begin.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let file = open(path)?;
    if file.metadata()?.len() > limit {
        return Err(too_large(limit));
    }
    take(file, limit)
}

/// Opens a regular file to be read piece by piece, for files that may be larger than memory should hold: the caller sets the limits.
///
/// # Errors
/// If the file cannot be opened, or is a folder, a device, a pipe or a socket.
pub fn open(path: &Path) -> Result<File> {
    open_regular(File::options().read(true), path)
}

/// Opens a file with the given options. Anything but a regular file is an error, and the other end of a pipe is not waited for.
pub(crate) fn open_regular(options: &mut OpenOptions, path: &Path) -> Result<File> {
    let opened = options.custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path);
    let file = opened.map_err(|error| match error.raw_os_error() {
        // Opening a socket fails with this code, and so does opening a pipe for writing that nobody reads.
        Some(code) if code == Errno::NXIO.raw_os_error() => {
            std::fs::metadata(path).map_or(error, |m| irregular(m.file_type()))
        }
        _ => error,
    })?;
    let found = file.metadata()?.file_type();
    if found.is_file() { Ok(file) } else { Err(irregular(found)) }
}

/// The error for something that stands where a regular file was expected.
pub(crate) fn irregular(found: std::fs::FileType) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("is {}; a regular file was expected", kind(found)))
}

/// Reads a regular file as [`read`] does, as UTF-8, without the byte order mark that some editors put in front.
///
/// # Errors
/// The errors of [`read`]; bytes that are not UTF-8, for which the error names the line.
pub fn read_to_string(path: &Path, limit: u64) -> Result<String> {
    to_text(read(path, limit)?)
}

/// Reads a text as [`read_to_string`] does, or all of standard input if the path is `-`.
///
/// # Errors
/// The errors of [`read_to_string`], which also hold for standard input.
pub fn read_input(path: &Path, limit: u64) -> Result<String> {
    if path == Path::new(STDIN) {
        return to_text(take(std::io::stdin().lock(), limit)?);
    }
    read_to_string(path, limit)
}

/// Reads to the end, or fails after `limit` bytes: a file may have grown since its size was asked for.
fn take(input: impl Read, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(too_large(limit));
    }
    Ok(bytes)
}

fn too_large(limit: u64) -> Error {
    Error::new(ErrorKind::FileTooLarge, format!("is larger than expected: at most {limit} bytes are read"))
}

fn to_text(bytes: Vec<u8>) -> Result<String> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = 1 + error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count();
        Error::new(ErrorKind::InvalidData, format!("is not UTF-8 text from line {line} on"))
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// The kind of a file in words, for an error.
fn kind(file_type: std::fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    match file_type {
        t if t.is_dir() => "a folder",
        t if t.is_fifo() => "a pipe",
        t if t.is_socket() => "a socket",
        t if t.is_char_device() || t.is_block_device() => "a device",
        _ => "no regular file",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_within_the_limit_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert!(read(&path, 4).unwrap_err().to_string().contains("at most 4 bytes"));
        assert!(open(&path).is_ok() && open(folder.path()).is_err() && open(Path::new("/dev/zero")).is_err());
        assert!(read(folder.path(), 5).unwrap_err().to_string().contains("folder"));
        assert!(read(Path::new("/dev/zero"), 5).unwrap_err().to_string().contains("a device"));
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert!(read(&pipe, 5).unwrap_err().to_string().contains("a pipe"), "and nobody waits for its other end");
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert!(read(&socket, 5).unwrap_err().to_string().contains("a socket"));
        assert_eq!(read(&folder.path().join("none"), 5).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn files_whose_size_is_not_stated_are_read_within_the_limit() {
        let path = Path::new("/proc/self/maps");
        assert_eq!(std::fs::metadata(path).unwrap().len(), 0);
        assert!(read(path, 1 << 20).unwrap().len() > 10);
        assert!(read(path, 10).unwrap_err().to_string().contains("at most 10 bytes"));
    }

    #[test]
    fn text_loses_its_byte_order_mark_and_errors_name_the_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "\u{feff}[a:chess]").unwrap();
        assert_eq!(read_to_string(&path, 100).unwrap(), "[a:chess]");
        std::fs::write(&path, b"one\ntwo \xff\n").unwrap();
        assert!(read_to_string(&path, 100).unwrap_err().to_string().contains("line 2"));
    }
}
