//! Opening books as files: lists of moves, EPD, PGN.

use std::path::Path;
use std::sync::Arc;

use rand::Rng;
use rules::{
    Game, InsufficientMaterial, Move, MoveError, MoveKind, MoveList, Rules, Word, is_null_move, without_en_passant_mark,
};
use thiserror::Error;

use crate::openings::Opening;
use crate::pgn_reader::{PgnGame, PgnReader};
use crate::random::{Purpose, stream};

/// The largest book that is read, in bytes.
pub const MAX_BOOK_BYTES: u64 = 1 << 26;
/// The most openings that one book may hold.
const MAX_OPENINGS: usize = 1_000_000;
/// The longest line of a list of moves or positions, in bytes.
const MAX_LINE: usize = 4096;
/// The byte order mark, which some editors put at the beginning of a file. Where files were put together, it may begin any line.
const MARK: char = '\u{feff}';
/// The most moves of one opening.
const MAX_PLIES: usize = 1000;

/// How a book is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookFormat {
    /// An opening per line: moves in UCI notation from the variant's start position. Lines that begin with `#` are
    /// comments.
    Moves,
    /// A position per line: a FEN, whole or without its counters, and EPD operations, of which `hmvc` and `fmvn` are
    /// used and all others passed over.
    Epd,
    /// Games: each begins at the position of its FEN tag, or at the variant's start position, and its first moves are taken.
    Pgn,
}

/// In which order a book's openings are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BookOrder {
    /// From the first.
    #[default]
    Sequential,
    /// Shuffled by a seed.
    Random,
}

/// Why a book cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}{}: {problem}", if *.line > 0 { format!(", line {}", .line) } else { String::new() })]
pub struct BookError {
    /// Name of the file.
    pub file: String,
    /// Line, from 1; 0 where no line is to blame.
    pub line: usize,
    /// What was found, and what was expected.
    pub problem: String,
}

/// A book whose form was found right. Only its text is kept, as a book may be far larger than a match. Whether its moves are legal
/// is checked for the openings that are used ([`Book::openings`]).
#[derive(Clone, Debug)]
pub struct Book {
    file: String,
    text: String,
    format: BookFormat,
    plies: usize,
    /// Where each opening begins in the text.
    places: Vec<Place>,
}

/// A byte and its line.
type Place = (usize, usize);

#[derive(Clone, Debug)]
struct Entry {
    line: usize,
    start: Option<String>,
    moves: Vec<(usize, String)>,
}

impl BookFormat {
    /// The format that a file's name ends in (`.epd`, `.fen`, `.pgn`); for other names the format that the first line looks like.
    #[must_use]
    pub fn of(name: &str, text: &str) -> BookFormat {
        let extension = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        match extension.as_str() {
            "epd" | "fen" => return BookFormat::Epd,
            "pgn" => return BookFormat::Pgn,
            _ => {}
        }
        let first = text
            .split(['\n', '\r'])
            .map(|line| line.trim_start_matches(MARK).trim())
            .find(|l| !l.is_empty() && !l.starts_with(['#', '%', ';', '{']));
        match first {
            Some(line) if line.starts_with('[') || line.starts_with("1.") => BookFormat::Pgn,
            Some(line) if line.split_whitespace().next().is_some_and(|field| field.contains('/')) => BookFormat::Epd,
            _ => BookFormat::Moves,
        }
    }
}

impl Book {
    /// Reads a book from a file. `plies` limits the moves that are taken from each entry.
    ///
    /// # Errors
    /// If the file cannot be read, is too large or malformed, or holds no opening.
    pub fn load(path: &Path, plies: Option<u32>) -> Result<Book, BookError> {
        let file = files::printable(&path.display().to_string()).into_owned();
        let error = |problem: String| BookError { file: file.clone(), line: 0, problem };
        let bytes = files::read(path, MAX_BOOK_BYTES).map_err(|e| error(e.to_string()))?;
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return Err(error("is UTF-16 text; UTF-8 or Latin-1 was expected".to_owned()));
        }
        // Text that is not UTF-8 is read as Latin-1, the encoding of the PGN standard.
        let latin = |bytes: Vec<u8>| bytes.into_iter().map(char::from).collect::<String>().replace("ï»¿", "");
        let text = String::from_utf8(bytes).unwrap_or_else(|e| latin(e.into_bytes()));
        Book::parse(&file, &text, BookFormat::of(&file, &text), plies)
    }

    /// Reads a book from its text; errors name it `file`.
    ///
    /// # Errors
    /// The errors of [`Book::load`], except those of reading the file.
    pub fn parse(file: &str, text: &str, format: BookFormat, plies: Option<u32>) -> Result<Book, BookError> {
        let plies = plies.map_or(MAX_PLIES, |plies| plies as usize).min(MAX_PLIES);
        let mut book = Book { file: file.to_owned(), text: text.to_owned(), format, plies, places: Vec::new() };
        let mut place = (0, 1);
        while let Some((entry, next)) = book.entry(place)? {
            if book.places.len() >= MAX_OPENINGS {
                return Err(book.error(entry.line, format!("more than {MAX_OPENINGS} openings")));
            }
            book.places.push(place);
            place = next;
        }
        if book.places.is_empty() {
            return Err(book.error(0, "holds no opening".to_owned()));
        }
        Ok(book)
    }

    fn error(&self, line: usize, problem: String) -> BookError {
        BookError { file: self.file.clone(), line, problem }
    }

    /// The first opening at or after a place, and where it ends; `None` at the end of the text.
    fn entry(&self, place: Place) -> Result<Option<(Entry, Place)>, BookError> {
        if self.format == BookFormat::Pgn {
            let mut reader = PgnReader::new(&self.text, self.plies);
            reader.go_to(place);
            let Some(game) = reader.next() else { return Ok(None) };
            let game = game.map_err(|e| self.error(e.line, e.problem))?;
            let start = start_of(&game).map_err(|problem| self.error(game.line, problem))?;
            return Ok(Some((Entry { line: game.line, start, moves: game.moves }, reader.place())));
        }
        let (mut at, mut number) = place;
        while at < self.text.len() {
            let rest = &self.text[at..];
            let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
            let behind = &rest[end..];
            at += end + if behind.starts_with("\r\n") { 2 } else { 1 };
            let (line, this) = (rest[..end].trim_start_matches(MARK).trim(), number);
            number += 1;
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if line.len() > MAX_LINE {
                return Err(self.error(this, format!("{} bytes; at most {MAX_LINE} were expected", line.len())));
            }
            let entry = if self.format == BookFormat::Epd {
                let start = epd(line).map_err(|problem| self.error(this, problem))?;
                Entry { line: this, start: Some(start), moves: Vec::new() }
            } else {
                let moves = line.split_whitespace().take(self.plies).map(|m| (this, m.to_owned()));
                Entry { line: this, start: None, moves: moves.collect() }
            };
            return Ok(Some((entry, (at, number))));
        }
        Ok(None)
    }

    /// Number of openings.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a book is never empty")]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// The first `count` openings in the given order, or all of them if there are fewer, checked against the rules.
    ///
    /// # Errors
    /// If one of these openings has a position or move that the rules do not allow, or ends the game.
    pub fn openings<W: Word>(
        &self,
        rules: &Arc<Rules<W>>,
        order: BookOrder,
        seed: u64,
        count: usize,
    ) -> Result<Vec<Opening>, BookError> {
        let mut indices: Vec<usize> = (0..self.places.len()).collect();
        let count = count.min(indices.len());
        if order == BookOrder::Random {
            let mut rng = stream(seed, 0, 0, Purpose::BookOrder);
            for i in 0..count {
                let other = rng.random_range(i as u32..indices.len() as u32) as usize;
                indices.swap(i, other);
            }
        }
        let insufficient = InsufficientMaterial::new(Arc::clone(rules));
        let opening = |i: &usize| {
            let entry = self.entry(self.places[*i])?;
            let (entry, _) = entry.ok_or_else(|| self.error(0, "has an opening less than before".to_owned()))?;
            self.opening(rules, &insufficient, &entry)
        };
        indices[..count].iter().map(opening).collect()
    }

    fn opening<W: Word>(
        &self,
        rules: &Arc<Rules<W>>,
        insufficient: &InsufficientMaterial<W>,
        entry: &Entry,
    ) -> Result<Opening, BookError> {
        let error = |line: usize, problem: String| self.error(line, problem);
        let start = match &entry.start {
            None => rules.start(),
            Some(fen) => rules.parse_fen(fen).map_err(|e| error(entry.line, safe(&e)))?,
        };
        let mut game = Game::from_position(Arc::clone(rules), start);
        let over = |game: &Game<W>, line: usize| {
            let how = match game.outcome() {
                Some(outcome) => outcome.to_string(),
                None if insufficient.holds(game.position()) => "a draw by insufficient material".to_owned(),
                None => return Ok(()),
            };
            Err(error(line, format!("the game is over ({how}): an opening must leave something to play")))
        };
        over(&game, entry.line)?;
        let mut moves = Vec::new();
        for (line, text) in &entry.moves {
            let mv = read_move(rules, &game, text).map_err(|e| error(*line, safe(&e)))?;
            moves.push(rules.uci(game.position(), mv));
            game.play(mv);
            over(&game, *line)?;
        }
        let start = entry.start.as_ref().map(|_| rules.fen(game.start()));
        Ok(Opening { start, moves })
    }
}

/// The position at which a game begins by its tags, if they name one.
fn start_of(game: &PgnGame) -> Result<Option<String>, String> {
    for name in ["FEN", "SetUp", "Variant"] {
        let mut values = game.values(name);
        let first = values.next();
        if values.any(|value| Some(value) != first) {
            return Err(format!("tag {name} is given twice, with different values"));
        }
    }
    match (game.tag("FEN").filter(|fen| !fen.trim().is_empty()), game.tag("SetUp")) {
        (None, Some("1")) => Err("tag SetUp is 1, but there is no tag FEN".to_owned()),
        (fen, _) => Ok(fen.map(str::to_owned)),
    }
}

/// The FEN of a line of EPD: its fields up to the first operation, with the counters of `hmvc` and `fmvn` where they
/// are missing.
fn epd(line: &str) -> Result<String, String> {
    let (mut fields, mut rest) = (Vec::new(), line);
    loop {
        rest = rest.trim_start();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let field = rest[..end].trim_end_matches(';');
        // After side, castling rights and en passant square no field of a FEN begins with a letter.
        let operation = fields.len() >= 4 && field.starts_with(|c: char| c.is_ascii_alphabetic());
        if field.is_empty() || operation {
            break;
        }
        fields.push(field);
        let closed = rest[..end].ends_with(';');
        rest = &rest[end..];
        if closed {
            break;
        }
    }
    if fields.len() < 4 {
        return Err(format!("{} fields; at least board, side, castling and en passant were expected", fields.len()));
    }
    let mut fen = fields.join(" ");
    if fields.len() == 4 || (fields.len() == 5 && fields[4].contains('+')) {
        let mut counters = ["0".to_owned(), "1".to_owned()];
        for operation in operations(rest) {
            let mut words = operation.split_whitespace();
            let slot = match words.next() {
                Some("hmvc") => 0,
                Some("fmvn") => 1,
                _ => continue,
            };
            let value = words.next().filter(|v| v.parse::<u32>().is_ok());
            counters[slot] = value
                .ok_or_else(|| format!("`{}`: a whole number was expected", files::excerpt(operation.trim(), 40)))?
                .to_owned();
        }
        fen.push_str(&format!(" {} {}", counters[0], counters[1]));
    }
    Ok(fen)
}

/// The text of an error, safe to show whatever the file holds.
fn safe(error: &dyn std::fmt::Display) -> String {
    files::excerpt(&error.to_string(), 300)
}

/// The operations of a line of EPD, which semicolons separate, except between quotes.
fn operations(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == ';' && !quoted
    })
}

/// Reads a move as PGN files have it: SAN, UCI notation, or SAN with more or less of what identifies the move, as long
/// as one legal move is meant.
pub(crate) fn read_move<W: Word>(rules: &Rules<W>, game: &Game<W>, text: &str) -> Result<Move, MoveError> {
    if is_null_move(text) {
        return Err(MoveError::Null(text.to_owned()));
    }
    // Some programs write the drop `P@e4` as `@e4`.
    if text.starts_with('@') {
        return read_move(rules, game, &format!("P{text}"));
    }
    let typeset = |c: char| matches!(c, '‐' | '‑' | '–' | '—' | '−' | '×');
    if text.contains(typeset) {
        return read_move(rules, game, &text.replace('×', "x").replace(typeset, "-"));
    }
    if text.starts_with("o-o") {
        return read_move(rules, game, &text.replace('o', "O"));
    }
    let position = game.position();
    let bytes = text.as_bytes();
    let looks_like_uci = bytes.len() >= 4 && bytes[0].is_ascii_lowercase() && bytes[1].is_ascii_digit();
    if looks_like_uci && let Ok(mv) = rules.find_uci(position, game.legal(), text) {
        return Ok(mv);
    }
    let strict = rules.parse_san(position, text).or_else(|e| rules.find_uci(position, game.legal(), text).or(Err(e)));
    let in_passing = || {
        let mv = loosely(rules, game, without_en_passant_mark(text)?)?;
        (mv.kind() == MoveKind::EnPassant).then_some(mv)
    };
    strict.or_else(|e| loosely(rules, game, text).or_else(in_passing).ok_or(e))
}

/// Reads SAN with more or less than the standard has: `Ng1f3` and `Ng1-f3` for `Nf3`, `ed5` for `exd5`, `e8Q` for `e8=Q`.
fn loosely<W: Word>(rules: &Rules<W>, game: &Game<W>, text: &str) -> Option<Move> {
    let plain = |text: &str| text.replace(['x', ':', '-', '=', '+', '#'], "");
    let wanted = plain(text);
    if wanted.is_empty() || wanted.len() > 16 || text.contains('@') {
        return None;
    }
    let position = game.position();
    let found: MoveList = game
        .legal()
        .iter()
        .copied()
        .filter(|mv| !mv.is_drop() && !mv.is_castling())
        .filter(|mv| {
            let Some((_, piece)) = position.piece_on(mv.from()) else { return false };
            let letter = rules.pieces()[piece.index()].letter.to_string().to_ascii_uppercase();
            let from = rules.square_name(mv.from());
            let after = rules.uci(position, *mv)[from.len()..].to_ascii_lowercase();
            let target = rules.square_name(mv.to());
            let tail = format!("{target}{}", plain(&after[target.len().min(after.len())..]).to_ascii_uppercase());
            let rank = &from[1..];
            ["", &from[..1], rank, &from].iter().any(|origin| {
                let with = |man: &str| format!("{man}{origin}{tail}") == wanted;
                with(&letter) || (letter == "P" && with(""))
            })
        })
        .collect();
    (found.len() == 1).then(|| found[0])
}
