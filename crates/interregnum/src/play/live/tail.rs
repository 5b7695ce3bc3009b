//! A file of lines that grows, and may be begun anew.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// The most bytes that are read at once.
const AT_ONCE: u64 = 4 << 20;
/// The longest line that is kept.
const MAX_LINE: usize = 1 << 16;

/// Where the reading of a file stands.
#[derive(Default)]
pub(super) struct Tail {
    /// The number of the file on its device. A run that is resumed replaces its log by another file.
    inode: u64,
    at: u64,
    /// A last line that is not whole yet.
    torn: Vec<u8>,
}

/// What was read.
pub(super) struct News {
    /// Whether the file was begun anew, so that all lines before are void.
    pub(super) again: bool,
    /// Whole lines. One that is no text, or too long, is empty.
    pub(super) lines: Vec<String>,
    /// Whether more is there to be read at once.
    pub(super) more: bool,
}

impl Tail {
    /// Reads what was written since the last time, up to some megabytes. A file that is not there is empty.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn read(&mut self, path: &Path) -> Result<News, String> {
        let failed = |e: std::io::Error| format!("{}: {e}", path.display());
        let mut file = match files::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let again = self.at > 0;
                *self = Tail::default();
                return Ok(News { again, lines: Vec::new(), more: false });
            }
            Err(error) => return Err(failed(error)),
        };
        let found = file.metadata().map_err(failed)?;
        let again = self.at > 0 && (found.ino() != self.inode || found.len() < self.at);
        if again {
            *self = Tail::default();
        }
        self.inode = found.ino();
        let bytes = read_from(&mut file, self.at).map_err(failed)?;
        self.at += bytes.len() as u64;
        let more = self.at < found.len();
        let mut lines = Vec::new();
        for part in bytes.split_inclusive(|b| *b == b'\n') {
            if self.torn.len() + part.len() <= MAX_LINE {
                self.torn.extend_from_slice(part);
            } else {
                // A line that is longer is no row: it is passed over, its end included.
                self.torn.clear();
                self.torn.resize(MAX_LINE, b' ');
                if part.ends_with(b"\n") {
                    self.torn = b"\n".to_vec();
                }
            }
            if self.torn.ends_with(b"\n") {
                let line = std::mem::take(&mut self.torn);
                lines.push(String::from_utf8(line).map(|text| text.trim_end().to_owned()).unwrap_or_default());
            }
        }
        Ok(News { again, lines, more })
    }
}

fn read_from(file: &mut File, at: u64) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(AT_ONCE).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn lines_come_once_and_whole_also_after_a_new_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        let mut tail = Tail::default();
        assert!(tail.read(&path).unwrap().lines.is_empty());
        let mut file = std::fs::File::create(&path).unwrap();
        file.write_all(b"one\ntw").unwrap();
        assert_eq!(tail.read(&path).unwrap().lines, ["one"]);
        file.write_all(b"o\nthree\n").unwrap();
        let news = tail.read(&path).unwrap();
        assert!(news.lines == ["two", "three"] && !news.again && !news.more);
        // As a resumed run does: another file takes its place, even one of the same length.
        files::write(&path, b"one\ntwo\nthr33\n").unwrap();
        let news = tail.read(&path).unwrap();
        assert!(news.again && news.lines == ["one", "two", "thr33"]);
        files::write(&path, &[b"x".repeat(MAX_LINE * 3), b"\nlast\n".to_vec()].concat()).unwrap();
        assert_eq!(tail.read(&path).unwrap().lines, ["", "last"]);
        std::fs::remove_file(&path).unwrap();
        assert!(tail.read(&path).unwrap().again);
    }
}
