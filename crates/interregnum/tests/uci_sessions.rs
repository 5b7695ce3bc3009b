//! Sessions with clients, replayed: `tests/data/uci/*.txt`.
//!
//! Lines that begin with `>` are sent, as many at once as stand together. Each line that begins with `<` is waited for; others may come
//! before it. No line may match what begins with `!`. In patterns `*` stands for any text and `?` for any character. At the end the
//! input is closed: the program must end well, with one `bestmove` for each `go`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Far longer than any answer takes: for sessions that would hang.
const PATIENCE: Duration = Duration::from_secs(120);

fn data() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data"))
}

/// Whether a text is of the form that a pattern describes.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = &pattern[1..];
            matches(rest, text) || text.chars().next().is_some_and(|c| matches(pattern, &text[c.len_utf8()..]))
        }
        Some(wanted) => text.chars().next().is_some_and(|c| {
            (wanted == '?' || c == wanted) && matches(&pattern[wanted.len_utf8()..], &text[c.len_utf8()..])
        }),
    }
}

/// The program, run where none of its files are.
struct Engine {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<String>,
    folder: tempfile::TempDir,
}

impl Engine {
    fn start() -> Engine {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_interregnum"))
            .arg("uci")
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Engine { input: child.stdin.take(), child, output: lines, folder }
    }

    fn send(&mut self, text: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        input.flush().unwrap();
    }

    /// The next line; `None` when the program has ended, or says nothing for long.
    fn next(&self) -> Option<String> {
        self.output.recv_timeout(PATIENCE).ok()
    }

    /// Closes the input. Returns the rest of the output.
    fn end(mut self) -> Vec<String> {
        drop(self.input.take());
        let rest = std::iter::from_fn(|| self.next()).collect();
        assert!(self.child.wait().unwrap().success());
        drop(self.folder);
        rest
    }
}

fn replay(name: &str, text: &str) {
    let mut engine = Engine::start();
    let (mut sent, mut searches, mut seen) = (String::new(), 0, Vec::new());
    for (number, line) in text.lines().enumerate() {
        let place = format!("{name}:{}", number + 1);
        if let Some(command) = line.strip_prefix("> ") {
            sent.push_str(command);
            sent.push('\n');
            searches += usize::from(command.split(' ').next() == Some("go"));
        } else if let Some(pattern) = line.strip_prefix("< ") {
            engine.send(&std::mem::take(&mut sent));
            loop {
                let line = engine.next().unwrap_or_else(|| panic!("{place}: nothing came after {seen:#?}"));
                let found = matches(pattern, &line);
                let skipped_best = !found && line.starts_with("bestmove");
                seen.push(line);
                assert!(!skipped_best, "{place}: `{pattern}` was expected before the last of {seen:#?}");
                if found {
                    break;
                }
            }
        } else {
            assert!(line.is_empty() || line.starts_with(['#', '!']), "{place}: what is this?");
        }
    }
    engine.send(&sent);
    seen.extend(engine.end());
    assert_eq!(seen.iter().filter(|line| line.starts_with("bestmove")).count(), searches, "{name}: {seen:#?}");
    for pattern in text.lines().filter_map(|line| line.strip_prefix("! ")) {
        let found = seen.iter().find(|line| matches(pattern, line));
        assert_eq!(found, None, "{name}");
    }
}

#[test]
fn clients_get_the_answers_that_they_wait_for() {
    let mut names = 0;
    for entry in std::fs::read_dir(data().join("uci")).unwrap() {
        let path = entry.unwrap().path();
        replay(&path.file_name().unwrap().to_string_lossy(), &std::fs::read_to_string(&path).unwrap());
        names += 1;
    }
    assert!(names >= 7);
}

#[test]
fn names_of_variants_are_played_or_refused_loudly() {
    let text = std::fs::read_to_string(data().join("variant-names.txt")).unwrap();
    let names: Vec<(&str, &str)> =
        text.lines().filter_map(|line| line.split_once(": ")).filter(|(n, _)| !n.starts_with('#')).collect();
    assert!(names.len() > 200);
    let mut engine = Engine::start();
    for (name, verdict) in names {
        engine.send(&format!("setoption name UCI_Variant value {name}\nposition startpos\ngo nodes 1\n"));
        let mut lines = Vec::new();
        while !lines.last().is_some_and(|line: &String| line.starts_with("bestmove")) {
            lines.push(engine.next().unwrap());
        }
        let first = match verdict {
            "played" => format!("info string variant {name} files * ranks * pocket * template * startpos *"),
            "unknown" => format!("info string ERROR: variant `{name}` is unknown*"),
            other => panic!("{name}: {other}"),
        };
        assert!(matches(&first, &lines[0]), "{name}: {first} was expected of {lines:#?}");
        let refused = lines.last().is_some_and(|line| line == "bestmove (none)");
        assert_eq!(refused, verdict != "played", "{lines:#?}");
    }
    engine.end();
}

#[test]
fn a_line_that_is_too_long_is_refused_as_a_whole() {
    let mut engine = Engine::start();
    engine.send(&format!("{}quit\nisready\n", "position ".repeat(200_000)));
    assert!(engine.next().unwrap().contains("a line of more than 1048576 bytes was not read"));
    assert_eq!(engine.next().unwrap(), "readyok");
    // A long game is no such line.
    engine.send(&format!("position startpos moves{}\ngo nodes 1\n", " g1f3 g8f6 f3g1 f6g8".repeat(2000)));
    let lines = engine.end();
    assert!(lines.iter().any(|line| line.starts_with("bestmove ") && line != "bestmove (none)"), "{lines:#?}");
}

/// What the engine says of a Gardner search with these weights, without speeds.
fn gardner_search(weights: &str, search: &str) -> Vec<String> {
    let mut engine = Engine::start();
    engine.send(&format!(
        "setoption name UCI_Variant value gardner\nsetoption name EvalFile value {weights}\n\
         setoption name Search value {search}\ngo nodes 3000\n"
    ));
    let mut lines = Vec::new();
    loop {
        let line = engine.output.recv_timeout(PATIENCE).expect("a move");
        if line.starts_with("info depth") || line.starts_with("bestmove") {
            lines.push(line.split(" nps ").next().unwrap_or_default().to_owned());
        }
        if line.starts_with("bestmove") {
            break;
        }
    }
    drop(engine.input.take());
    assert!(engine.child.wait().unwrap().success());
    lines
}

#[test]
fn where_no_search_is_asked_for_the_card_of_the_weights_chooses() {
    let folder = tempfile::tempdir().unwrap();
    let set = |search: &str| {
        let path = folder.path().join(format!("{search}.safetensors")).to_str().unwrap().to_owned();
        let done = Command::new(env!("CARGO_BIN_EXE_interregnum"))
            .args(["model", "set-search", "gardner-1", search, "--out", &path])
            .status();
        assert!(done.unwrap().success());
        path
    };
    let (of_mcts, of_alphabeta) = (set("mcts"), set("alphabeta"));
    let [mcts, alphabeta] = ["mcts", "alphabeta"].map(|search| gardner_search("gardner-1", search));
    assert_ne!(mcts, alphabeta);
    assert_eq!(gardner_search(&of_mcts, "auto"), mcts);
    assert_eq!(gardner_search(&of_alphabeta, "auto"), alphabeta);
    assert_eq!(gardner_search("gardner-1", "auto"), alphabeta, "a card that says nothing");
    assert_eq!(gardner_search(&of_mcts, "alphabeta"), alphabeta, "the option goes before the card");
}
