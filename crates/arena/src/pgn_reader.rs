//! Games as PGN, read: the import format of the PGN standard, as strangers write it.
//!
//! Moves are left as text, since what they mean depends on the rules. Comments, variations, numeric annotations and
//! escaped lines are passed over. Nothing recurses, and what is kept of a game is bounded.

use thiserror::Error;

/// Tags of one game that are kept.
const MAX_TAGS: usize = 200;
/// The longest tag value, in bytes.
const MAX_VALUE: usize = 2000;
/// The longest move text, in bytes.
const MAX_TOKEN: usize = 64;

/// One game of a PGN file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PgnGame {
    /// Line on which it begins, from 1.
    pub line: usize,
    /// Tags in order, values without their escapes.
    pub tags: Vec<(String, String)>,
    /// Moves of the main line as they are written, without numbers and annotation, and the line of each.
    pub moves: Vec<(usize, String)>,
    /// `1-0`, `0-1`, `1/2-1/2` or `*`; `None` if the game ends without.
    pub result: Option<String>,
}

impl PgnGame {
    /// The value of the first tag with this name.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.tags.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// What is wrong with a PGN file, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {problem}")]
pub struct PgnError {
    /// Line, from 1.
    pub line: usize,
    /// What was found, and what was expected.
    pub problem: String,
}

/// Reads the games of a text one after the other. After an error it is at its end.
#[derive(Clone, Debug)]
pub struct PgnReader<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
    max_moves: usize,
}

impl<'a> PgnReader<'a> {
    /// Reads `text`, keeping the first `max_moves` moves of each game.
    #[must_use]
    pub fn new(text: &'a str, max_moves: usize) -> PgnReader<'a> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        PgnReader { text: text.as_bytes(), at: 0, line: 1, max_moves }
    }

    /// Where the reader stands: byte and line.
    pub(crate) fn place(&self) -> (usize, usize) {
        (self.at, self.line)
    }

    /// Goes on from a place of the same text.
    pub(crate) fn go_to(&mut self, (at, line): (usize, usize)) {
        (self.at, self.line) = (at, line);
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn step(&mut self) {
        self.line += usize::from(self.peek() == Some(b'\n'));
        self.at += 1;
    }

    fn error<T>(&self, line: usize, problem: impl Into<String>) -> Result<T, PgnError> {
        Err(PgnError { line, problem: problem.into() })
    }

    fn skip_line(&mut self) {
        while self.peek().is_some_and(|b| b != b'\n') {
            self.at += 1;
        }
    }

    fn skip_until(&mut self, end: u8, what: &str) -> Result<(), PgnError> {
        let line = self.line;
        while let Some(byte) = self.peek() {
            self.step();
            if byte == end {
                return Ok(());
            }
        }
        self.error(line, format!("a {what} that begins here is never closed"))
    }

    /// A piece of the text that is cut for messages.
    fn text_of(bytes: &[u8]) -> String {
        String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_TOKEN)]).into_owned()
    }

    /// `[Name "value"]`, at its bracket.
    fn tag(&mut self) -> Result<(String, String), PgnError> {
        let line = self.line;
        let blank = |reader: &mut Self| {
            while reader.peek().is_some_and(|b| b == b' ' || b == b'\t') {
                reader.at += 1;
            }
        };
        self.at += 1;
        blank(self);
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_') {
            self.at += 1;
        }
        let name = Self::text_of(&self.text[start..self.at]);
        blank(self);
        if name.is_empty() || self.peek() != Some(b'"') {
            return self.error(line, "a tag was expected: [Name \"value\"]");
        }
        self.at += 1;
        let mut value = Vec::new();
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') if matches!(self.text.get(self.at + 1), Some(b'"' | b'\\')) => {
                    self.at += 1;
                    value.push(self.text[self.at]);
                }
                Some(b'\n') | None => return self.error(line, format!("the value of tag {name} is never closed")),
                Some(byte) => value.push(byte),
            }
            self.at += 1;
            if value.len() > MAX_VALUE {
                return self.error(line, format!("the value of tag {name} has more than {MAX_VALUE} bytes"));
            }
        }
        self.at += 1;
        blank(self);
        if self.peek() != Some(b']') {
            return self.error(line, format!("tag {name}: `]` was expected after its value"));
        }
        self.at += 1;
        Ok((name, String::from_utf8_lossy(&value).into_owned()))
    }

    /// A word of the movetext.
    fn word(&mut self) -> Result<&'a [u8], PgnError> {
        let start = self.at;
        while self.peek().is_some_and(|b| !b.is_ascii_whitespace() && !b"{}();$[]<>\"".contains(&b)) {
            self.at += 1;
        }
        let word = &self.text[start..self.at];
        if word.is_empty() {
            let found = Self::text_of(&self.text[start..start + 1]);
            return self.error(self.line, format!("`{found}` has no place in the moves of a game"));
        }
        Ok(word)
    }

    /// The next game; `None` at the end of the text.
    fn game(&mut self) -> Result<Option<PgnGame>, PgnError> {
        let mut game = PgnGame::default();
        let (mut depth, mut opened, mut moves) = (0usize, 0, false);
        while let Some(byte) = self.peek() {
            if game.line == 0 && !byte.is_ascii_whitespace() {
                game.line = self.line;
            }
            match byte {
                b'%' if self.at == 0 || self.text[self.at - 1] == b'\n' => self.skip_line(),
                _ if byte.is_ascii_whitespace() => self.step(),
                b';' => self.skip_line(),
                b'{' => self.skip_until(b'}', "comment")?,
                b'<' => self.skip_until(b'>', "reserved token")?,
                b'[' if depth > 0 => return self.error(self.line, "a tag inside a variation"),
                // A game without a result ends where the next one's tags begin.
                b'[' if moves => return Ok(Some(game)),
                b'[' => {
                    let tag = self.tag()?;
                    if game.tags.len() >= MAX_TAGS {
                        return self.error(self.line, format!("more than {MAX_TAGS} tags"));
                    }
                    game.tags.push(tag);
                }
                b'(' => {
                    opened = if depth == 0 { self.line } else { opened };
                    depth += 1;
                    self.at += 1;
                }
                b')' if depth == 0 => return self.error(self.line, "`)` without a variation"),
                b')' => {
                    depth -= 1;
                    self.at += 1;
                }
                b'$' => {
                    self.at += 1;
                    while self.peek().is_some_and(|b| b.is_ascii_digit()) {
                        self.at += 1;
                    }
                }
                _ => {
                    let line = self.line;
                    let word = self.word()?;
                    if depth > 0 {
                        continue;
                    }
                    moves = true;
                    match classify(word) {
                        Word::Nothing => {}
                        Word::Result(result) => {
                            game.result = Some(result);
                            return Ok(Some(game));
                        }
                        Word::Move(text) if text.len() > MAX_TOKEN => {
                            return self.error(line, format!("`{}…` is too long for a move", Self::text_of(text)));
                        }
                        Word::Move(text) if game.moves.len() < self.max_moves => {
                            game.moves.push((line, Self::text_of(text)));
                        }
                        Word::Move(_) => {}
                    }
                }
            }
        }
        if depth > 0 {
            return self.error(opened, "a variation that begins here is never closed");
        }
        Ok((moves || !game.tags.is_empty()).then_some(game))
    }
}

enum Word<'a> {
    /// A move number or an annotation.
    Nothing,
    Result(String),
    Move(&'a [u8]),
}

fn classify(word: &[u8]) -> Word<'_> {
    if let Ok(result @ ("1-0" | "0-1" | "1/2-1/2" | "*")) = std::str::from_utf8(word) {
        return Word::Result(result.to_owned());
    }
    let digits = word.iter().take_while(|b| b.is_ascii_digit()).count();
    let dots = word[digits..].iter().take_while(|b| **b == b'.').count();
    // `12.` or `12...` before a move, or `12` alone; `0-0` is a move.
    let rest = if dots > 0 || digits == word.len() { &word[digits + dots..] } else { word };
    let end = rest.len() - rest.iter().rev().take_while(|b| matches!(b, b'!' | b'?')).count();
    if end == 0 || rest == b"e.p." { Word::Nothing } else { Word::Move(&rest[..end]) }
}

impl Iterator for PgnReader<'_> {
    type Item = Result<PgnGame, PgnError>;

    fn next(&mut self) -> Option<Self::Item> {
        let game = self.game();
        if game.is_err() {
            self.at = self.text.len();
        }
        game.transpose()
    }
}
