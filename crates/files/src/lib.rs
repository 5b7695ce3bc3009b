#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod error;
mod failure;
mod read;
mod text;
mod write;

pub use error::FileError;
pub use failure::is_failure;
pub use read::{STDIN, open, read, read_input, read_to_string};
pub use text::{excerpt, excerpt_of_ends, place, printable, printable_json};
pub use write::{append, check_folder, create_folder, write, write_own};
