//! Reads games from PGN: the import format of the PGN standard, as programs and people really write it.
//!
//! Moves are left as text, since what they mean depends on the rules. Comments, variations, numeric annotations and escaped lines
//! are skipped. Nothing recurses, and what is kept of a game is bounded.

use rules::{is_null_move, without_en_passant_mark};
use thiserror::Error;

/// Tags of one game that are kept.
const MAX_TAGS: usize = 200;
/// The longest tag value, in bytes.
const MAX_VALUE: usize = 2000;
/// The longest move text, in bytes.
const MAX_TOKEN: usize = 64;
/// The byte order mark in UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// One game of a PGN file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PgnGame {
    /// Line on which it begins, from 1.
    pub line: usize,
    /// Tags in order, values without their escapes.
    pub tags: Vec<(String, String)>,
    /// Moves of the main line as they are written, without numbers and annotations, each with its line.
    pub moves: Vec<(usize, String)>,
    /// `1-0`, `0-1`, `1/2-1/2` (also for other ways of writing a draw) or `*`; `None` if the game ends without a result.
    pub result: Option<String>,
}

impl PgnGame {
    /// The value of the first tag with this name, in upper or lower case.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// The values of all tags with this name.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.tags.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
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

/// Reads the games of a text one after the other. After an error there are no more games.
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
        PgnReader { text: text.as_bytes(), at: 0, line: 1, max_moves }
    }

    /// The place where the reader stands: byte and line.
    pub(crate) fn place(&self) -> (usize, usize) {
        (self.at, self.line)
    }

    /// Moves to a place of the text that a reader has returned.
    pub(crate) fn go_to(&mut self, (at, line): (usize, usize)) {
        (self.at, self.line) = (at, line);
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Moves on by one byte. A line ends with a line feed, a carriage return, or both.
    fn step(&mut self) {
        let ends = match self.peek() {
            Some(b'\n') => self.at == 0 || self.text[self.at - 1] != b'\r',
            byte => byte == Some(b'\r'),
        };
        self.line += usize::from(ends);
        self.at += 1;
    }

    /// Whether a byte order mark stands here. Where files were put together, each may begin with one.
    fn at_mark(&self) -> bool {
        self.text[self.at..].starts_with(MARK)
    }

    /// Whether a line begins here.
    fn at_line(&self) -> bool {
        let before = &self.text[..self.at];
        before.is_empty() || before.ends_with(b"\n") || before.ends_with(b"\r") || before.ends_with(MARK)
    }

    fn error<T>(&self, line: usize, problem: impl Into<String>) -> Result<T, PgnError> {
        Err(PgnError { line, problem: problem.into() })
    }

    fn skip_line(&mut self) {
        while self.peek().is_some_and(|b| b != b'\n' && b != b'\r') {
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

    /// Text of the file for a message, cut to the length of the longest move.
    fn text_of(bytes: &[u8]) -> String {
        String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_TOKEN)]).into_owned()
    }

    /// Reads a tag `[Name "value"]` from its bracket on.
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
        while self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || b"_+#=:-".contains(&b)) {
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
                // Programs do not always escape quotes within a value, so the value ends at a quote before the bracket.
                Some(b'"') if self.closes_tag() => break,
                Some(b'\\') if matches!(self.text.get(self.at + 1), Some(b'"' | b'\\')) => {
                    self.at += 1;
                    value.push(self.text[self.at]);
                }
                Some(b'\n' | b'\r') | None => {
                    return self.error(line, format!("the value of tag {name} is never closed"));
                }
                Some(byte) => value.push(byte),
            }
            self.at += 1;
            if value.len() > MAX_VALUE {
                return self.error(line, format!("the value of tag {name} has more than {MAX_VALUE} bytes"));
            }
        }
        self.at += 1;
        blank(self);
        self.at += 1;
        Ok((name, String::from_utf8_lossy(&value).into_owned()))
    }

    /// Whether nothing but the closing bracket follows the quote that stands here.
    fn closes_tag(&self) -> bool {
        self.text[self.at + 1..].iter().find(|b| !b" \t".contains(b)) == Some(&b']')
    }

    /// Whether the tag that begins here is the first one of another game, although no move has ended the tags of this one: it comes
    /// after an empty line, and the game has a tag of its name.
    fn begins_another(&self, game: &PgnGame, last_tag: usize) -> bool {
        let mut ahead = self.clone();
        self.line > last_tag + 1 && ahead.tag().is_ok_and(|(name, _)| game.tag(&name).is_some())
    }

    /// Reads a word of the movetext.
    fn word(&mut self) -> Result<&'a [u8], PgnError> {
        let start = self.at;
        while self.peek().is_some_and(|b| !b.is_ascii_whitespace() && !b"{}();$[]<>\"".contains(&b)) && !self.at_mark()
        {
            self.at += 1;
        }
        let word = &self.text[start..self.at];
        if self.peek() == Some(b'}') && word.is_empty() {
            return self.error(self.line, "`}` closes no comment: comments in braces do not nest");
        }
        if word.is_empty() {
            let found = Self::text_of(&self.text[start..start + 1]);
            return self.error(self.line, format!("`{found}` has no place in the moves of a game"));
        }
        Ok(word)
    }

    /// Adds a move to the game, unless it has as many as are wanted.
    fn keep(&self, game: &mut PgnGame, line: usize, text: &str) -> Result<(), PgnError> {
        if text.len() > MAX_TOKEN {
            return self.error(line, format!("`{}` is too long for a move", files::excerpt(text, 40)));
        }
        if game.moves.len() < self.max_moves {
            game.moves.push((line, text.to_owned()));
        }
        Ok(())
    }

    /// Reads the next game; `None` at the end of the text.
    fn game(&mut self) -> Result<Option<PgnGame>, PgnError> {
        let mut game = PgnGame::default();
        let (mut depth, mut opened, mut moves, mut last_tag) = (0usize, 0, false, 0);
        while let Some(byte) = self.peek() {
            if self.at_mark() {
                self.at += MARK.len();
                continue;
            }
            if game.line == 0 && !byte.is_ascii_whitespace() {
                game.line = self.line;
            }
            match byte {
                b'%' if self.at_line() => self.skip_line(),
                _ if byte.is_ascii_whitespace() => self.step(),
                b';' => self.skip_line(),
                b'{' => self.skip_until(b'}', "comment")?,
                b'<' if depth == 0 && self.text[self.at..].starts_with(b"<>") => {
                    moves = true;
                    self.keep(&mut game, self.line, "<>")?;
                    self.at += 2;
                }
                b'<' => self.skip_until(b'>', "reserved token")?,
                b'[' if depth > 0 => return self.error(self.line, "a tag inside a variation"),
                // A game without a result ends at the tags of the next one.
                b'[' if moves || self.begins_another(&game, last_tag) => return Ok(Some(game)),
                b'[' => {
                    last_tag = self.line;
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
                    match classify(&String::from_utf8_lossy(word)) {
                        Word::Nothing => {}
                        Word::Result(result) => {
                            game.result = Some(result.to_owned());
                            return Ok(Some(game));
                        }
                        Word::Move(text) => self.keep(&mut game, line, text)?,
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
    Result(&'static str),
    Move(&'a str),
}

/// Signs that are annotations where they stand alone.
const SIGNS: &str = "!?=+-/#~±∓⩲⩱∞□⇆↑→⌓∆";

fn classify(word: &str) -> Word<'_> {
    if is_null_move(word) {
        return Word::Move(word);
    }
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    // A number before a move (`12.` or `12...`) or alone (`12`) is left out; `0-0` is a move.
    let behind = rest.trim_start_matches(['.', '…']);
    let rest = if behind.len() < rest.len() || rest.is_empty() { behind } else { word };
    match rest {
        "1-0" | "1–0" => return Word::Result("1-0"),
        "0-1" | "0–1" => return Word::Result("0-1"),
        "1/2-1/2" | "1/2–1/2" | "1/2" | "½-½" | "½–½" | "½" => return Word::Result("1/2-1/2"),
        "*" => return Word::Result("*"),
        _ => {}
    }
    let sign = !is_null_move(rest) && rest.chars().all(|c| SIGNS.contains(c));
    if sign || without_en_passant_mark(rest) == Some("") {
        return Word::Nothing;
    }
    Word::Move(rest.trim_end_matches(['!', '?']))
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
