//! Lines from standard input.

use std::io::{BufRead, Read as _};
use std::sync::mpsc::{Receiver, sync_channel};

use super::inbox::Input;

/// The longest command that is read, in bytes.
const MAX_LINE: usize = 1 << 20;
/// Lines that are read ahead of the session.
const READ_AHEAD: usize = 64;

/// Reads lines on a thread of its own until the input ends.
pub(super) fn listen() -> Receiver<Input> {
    let (sender, lines) = sync_channel(READ_AHEAD);
    std::thread::spawn(move || read(std::io::stdin().lock(), |line| sender.send(line).is_ok()));
    lines
}

/// Reads lines until the input ends or `hand_over` returns false. A line that is too long is skipped as a whole.
fn read(mut input: impl BufRead, mut hand_over: impl FnMut(Input) -> bool) {
    let mut line = Vec::new();
    loop {
        line.clear();
        if !matches!(input.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', &mut line), Ok(1..)) {
            return;
        }
        let next = if line.len() > MAX_LINE && !line.ends_with(b"\n") {
            if input.skip_until(b'\n').is_err() {
                return;
            }
            Input::TooLong { limit: MAX_LINE }
        } else {
            Input::Line(String::from_utf8_lossy(&line).trim().to_owned())
        };
        if !hand_over(next) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Vec<Input> {
        let mut found = Vec::new();
        read(text, |line| {
            found.push(line);
            true
        });
        found
    }

    #[test]
    fn the_tail_of_a_line_that_is_too_long_is_no_command() {
        let line = |text: &str| Input::Line(text.to_owned());
        let mut text = vec![b'x'; MAX_LINE];
        text.extend(b"\n");
        assert_eq!(lines(&text), [line(&"x".repeat(MAX_LINE))]);
        text = vec![b'x'; MAX_LINE + 1];
        text.extend(b"quit\nisready\r\n\n  go   nodes 1");
        assert_eq!(lines(&text), [Input::TooLong { limit: MAX_LINE }, line("isready"), line(""), line("go   nodes 1")]);
        assert_eq!(lines(&vec![b'x'; 3 * MAX_LINE]), [Input::TooLong { limit: MAX_LINE }]);
        assert_eq!(lines(b"go \xff\n"), [line("go \u{fffd}")]);
    }
}
