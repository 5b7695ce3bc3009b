//! Writes files whole or not at all.

use std::fs::File;
use std::io::{Error, ErrorKind, Result, Write as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use atomic_write_file::AtomicWriteFile;

use crate::read::{irregular, open_regular};

/// The most symbolic links that are followed one after the other: Linux's own limit.
const MAX_LINKS: usize = 40;

/// Writes a regular file of these bytes, in place of the old one if there is one: a temporary file beside it is written, synced and
/// renamed, so that a reader finds the old file or the new one. A symbolic link is followed and stays a link. A device or a pipe is
/// not replaced but written to.
///
/// # Errors
/// If the file cannot be written, is a folder, a socket or a block device, or a pipe that nobody reads.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let target = follow(path)?;
    match std::fs::metadata(&target) {
        Ok(found) if found.is_file() && is_open_file(&target) => write_through(&target, bytes),
        Ok(found) if found.is_file() => replace(&target, bytes),
        Ok(found) if found.file_type().is_char_device() || found.file_type().is_fifo() => write_through(&target, bytes),
        Ok(found) => Err(irregular(found.file_type())),
        Err(error) if error.kind() == ErrorKind::NotFound => replace(&target, bytes),
        Err(error) => Err(error),
    }
}

/// Writes a file under a name of the program's own choice, in a folder that may have come from somebody else: as [`write`] does, but a
/// symbolic link is replaced by the file, and what it leads to is left alone.
///
/// # Errors
/// The errors of [`write`].
pub fn write_own(path: &Path, bytes: &[u8]) -> Result<()> {
    if path.is_symlink() { replace(path, bytes) } else { write(path, bytes) }
}

/// Opens a log for reading and writing: a regular file, made if there is none. Everything that is written goes to its end, whatever
/// was read.
///
/// # Errors
/// If the file cannot be opened, or is a folder, a device, a pipe or a socket: a log must be read back, which these cannot be.
pub fn append(path: &Path) -> Result<File> {
    open_regular(File::options().read(true).append(true).create(true), path)
}

/// Makes a folder, and those of the folders that it stands in that are missing.
///
/// # Errors
/// If it cannot be made; the error names what stands in the way, a file or a link that leads nowhere.
pub fn create_folder(path: &Path) -> Result<()> {
    check_folder(path)?;
    std::fs::create_dir_all(path)
}

/// Checks that [`create_folder`] would find or make a folder and that files could be written in it, as far as can be told without
/// trying.
///
/// # Errors
/// If something stands in the way, which the error names.
pub fn check_folder(path: &Path) -> Result<()> {
    let wrong = |at: &Path, what: &str| {
        let place = if at == path { String::new() } else { format!("cannot be made, because {} ", at.display()) };
        Error::new(ErrorKind::NotADirectory, format!("{place}is {what}; a folder was expected"))
    };
    for at in path.ancestors() {
        let at = if at.as_os_str().is_empty() { Path::new(".") } else { at };
        match std::fs::metadata(at) {
            Ok(found) if found.is_dir() => return Ok(rustix::fs::access(at, rustix::fs::Access::WRITE_OK)?),
            Ok(_) => return Err(wrong(at, "no folder")),
            // There is no file behind the links of this path: it is nothing, or a link.
            Err(_) if at.is_symlink() => return Err(wrong(at, "a link that leads nowhere")),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = AtomicWriteFile::open(path)?;
    file.write_all(bytes)?;
    file.commit()
}

/// Writes to a device or a pipe, which stays where it is. It is opened without waiting, since a pipe without a reader would hold
/// the program for ever.
fn write_through(path: &Path, bytes: &[u8]) -> Result<()> {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    // Appends, since a file that the shell has opened for this program may hold something already.
    let file = File::options().append(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path);
    let mut file = file.map_err(|error| match error.raw_os_error() {
        Some(code) if code == rustix::io::Errno::NXIO.raw_os_error() => {
            Error::new(ErrorKind::BrokenPipe, "is a pipe that nobody reads")
        }
        _ => error,
    })?;
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    file.write_all(bytes)
}

/// Whether a path stands for a file that is open already, as `/dev/stdout` and `/dev/fd/1` do. The links behind such a path may
/// hold texts that are no paths, so that only the system can open it.
fn is_open_file(path: &Path) -> bool {
    path.parent()
        .and_then(|folder| std::fs::canonicalize(folder).ok())
        .is_some_and(|folder| folder.starts_with("/proc"))
}

/// The path at the end of all symbolic links, which are followed one by one: the file at the end need not be there yet.
fn follow(path: &Path) -> Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match std::fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() && !is_open_file(&path) => {
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
    fn links_under_the_programs_own_names_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        write(&path("file"), b"one").unwrap();
        for (link, target) in [("link", "file"), ("dangling", "new"), ("device", "/dev/null")] {
            std::os::unix::fs::symlink(target, path(link)).unwrap();
            write_own(&path(link), b"two").unwrap();
            assert!(std::fs::symlink_metadata(path(link)).unwrap().is_file(), "{link}");
            assert_eq!(std::fs::read(path(link)).unwrap(), b"two");
        }
        assert!(std::fs::read(path("file")).unwrap() == b"one" && !path("new").exists());
        write_own(&path("file"), b"three").unwrap();
        assert_eq!(std::fs::read(path("file")).unwrap(), b"three");
        assert!(write_own(folder.path(), b"x").is_err());
    }

    #[test]
    fn files_that_are_open_already_are_written_to() {
        use std::os::fd::AsRawFd as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let open = File::create(&path).unwrap();
        for place in ["/proc/self/fd", "/dev/fd"] {
            write(&Path::new(place).join(open.as_raw_fd().to_string()), b"line\n").unwrap();
        }
        assert_eq!(std::fs::read(&path).unwrap(), b"line\nline\n");
    }

    #[test]
    fn logs_are_regular_files_that_grow() {
        use std::io::Read as _;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        append(&path("log")).unwrap().write_all(b"one").unwrap();
        let mut log = append(&path("log")).unwrap();
        let mut found = String::new();
        log.read_to_string(&mut found).unwrap();
        log.write_all(b"two").unwrap();
        assert_eq!((found.as_str(), std::fs::read(path("log")).unwrap().as_slice()), ("one", &b"onetwo"[..]));
        rustix::fs::mknodat(rustix::fs::CWD, path("pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        for (wrong, what) in
            [(path("pipe"), "a pipe"), (path(""), "irectory"), (PathBuf::from("/dev/null"), "a device")]
        {
            let error = append(&wrong).unwrap_err().to_string();
            assert!(error.contains(what), "{wrong:?}: {error}");
        }
    }

    #[test]
    fn folders_are_made_and_what_stands_in_the_way_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        create_folder(&path("a/b/c")).unwrap();
        create_folder(&path("a/b/c")).unwrap();
        assert!(path("a/b/c").is_dir());
        write(&path("file"), b"").unwrap();
        std::os::unix::fs::symlink("nowhere", path("link")).unwrap();
        std::os::unix::fs::symlink("a", path("folder")).unwrap();
        create_folder(&path("folder/d")).unwrap();
        for (wrong, what) in [
            ("file", "is no folder"),
            ("file/b", "file is no folder"),
            ("link", "leads nowhere"),
            ("link/b", "link is a link that leads nowhere"),
        ] {
            let error = create_folder(&path(wrong)).unwrap_err().to_string();
            assert!(error.contains(what) && error.contains("a folder was expected"), "{wrong}: {error}");
        }
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
