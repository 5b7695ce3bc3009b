//! What comes from outside, and what goes there: files that are read within a limit, files that are written whole or not at all, and
//! text of strangers that is shown without what a terminal would act on.
//!
//! ```
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("a.txt");
//! files::write(&path, b"one line\n")?;
//! assert_eq!(files::read_to_string(&path, 100)?, "one line\n");
//! assert!(files::read(&path, 3).unwrap_err().to_string().contains("at most 3"));
//! assert_eq!(files::printable("a\u{1b}[31mred"), "a\\u{1b}[31mred");
//! # Ok::<(), std::io::Error>(())
//! ```

#![forbid(unsafe_code)]

mod read;
mod text;
mod write;

pub use read::{STDIN, read, read_input, read_to_string};
pub use text::{excerpt, printable};
pub use write::write;
