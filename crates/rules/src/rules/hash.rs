//! Hashes of rules.

use sha2::{Digest, Sha256};

/// The first eight bytes of the SHA-256 of a text, in hexadecimal digits.
pub(crate) fn hash_of(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect()
}
