//! What the readers of all fields use.

use files::excerpt;

/// The beginning of a field, short enough that an error which quotes it has room for the reason.
pub(super) fn shown(field: &str) -> String {
    excerpt(field, 60)
}

/// Reads a field as a whole number; `default` where the field is missing.
pub(super) fn number(field: Option<&str>, what: &str, default: u16) -> Result<u16, String> {
    field.map_or(Ok(default), |f| {
        f.parse().map_err(|_| format!("{what} is `{}`; a number from 0 to 65535 was expected", shown(f)))
    })
}
