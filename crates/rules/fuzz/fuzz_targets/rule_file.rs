//! See `rule_file` in `tests/corpora/checks.rs`.

#![no_main]

#[allow(dead_code)]
#[path = "../../tests/corpora/checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::rule_file(data));
