//! Inputs of the fuzz targets: a part of those that they have collected, and all that once broke something. An input is a line, with bytes
//! escaped as in Rust.

#[path = "corpora/checks.rs"]
mod checks;

/// The bytes of an input that a line of a corpus escapes.
fn unescaped(line: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = line.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = match (first, after) {
            (b'\\', [b'x', a, b, after @ ..]) => {
                let hex = |c: &u8| (*c as char).to_digit(16).expect("two hexadecimal digits") as u8;
                bytes.push(16 * hex(a) + hex(b));
                after
            }
            (b'\\', [b'\\', after @ ..]) => {
                bytes.push(b'\\');
                after
            }
            _ => {
                bytes.push(*first);
                after
            }
        };
    }
    bytes
}

fn run(corpus: &str, check: fn(&[u8])) {
    let inputs = corpus.lines().map(unescaped);
    assert!(inputs.clone().count() > 100);
    inputs.for_each(|input| check(&input));
}

#[test]
fn any_text_is_a_rule_file_or_refused() {
    run(include_str!("corpora/rule_file.txt"), checks::rule_file);
}

#[test]
fn any_text_is_a_position_or_refused() {
    run(include_str!("corpora/fen.txt"), checks::fen);
}

#[test]
fn any_lines_are_moves_or_refused() {
    run(include_str!("corpora/moves.txt"), checks::moves);
}
