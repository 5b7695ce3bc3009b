//! What a summary holds, for other programs and for plain text.

mod csv;
mod markdown;
mod parquet;
mod table;

pub use csv::csv;
pub use markdown::markdown;
pub use parquet::{base64, cells};
pub use table::table;
