//! Positions as text.

use std::fmt::Write as _;

use thiserror::Error;

use crate::position::Position;
use crate::rules::Rules;
use crate::types::{Color, PieceType, Square, squares};

/// Why a FEN was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("FEN `{fen}`: {message}")]
pub struct FenError {
    /// The FEN, cut off after 100 characters.
    pub fen: String,
    /// Which field is wrong, what was found and what would be valid.
    pub message: String,
}

/// Reads a FEN of `rules`, checking that its position can stand on the board.
pub(crate) fn parse(rules: &Rules, fen: &str) -> Result<Position, FenError> {
    parse_fields(rules, fen).map_err(|message| FenError { fen: fen.chars().take(100).collect(), message })
}

fn parse_fields(rules: &Rules, fen: &str) -> Result<Position, String> {
    let mut fields = fen.split_ascii_whitespace().peekable();
    let mut position = Position::empty();
    read_board(rules, fields.next().ok_or("is empty; a piece placement was expected")?, &mut position)?;
    position.turn = match fields.next() {
        Some("w") => Color::White,
        Some("b") => Color::Black,
        other => {
            return Err(format!("side to move is `{}`; `w` or `b` was expected", other.unwrap_or("")));
        }
    };
    // Some rule files leave out castling and en passant altogether.
    let short = fields.peek().is_some_and(|f| f.starts_with(|c: char| c.is_ascii_digit()) && !f.contains('+'));
    if !short {
        read_castling(rules, fields.next().unwrap_or("-"), &mut position)?;
        read_en_passant(rules, fields.next().unwrap_or("-"), &mut position)?;
    }
    let counted = fields.peek().is_some_and(|f| f.contains('+')).then(|| fields.next()).flatten();
    if rules.check_counting {
        // As in the format's own programs, a missing count means that the next check wins.
        position.checks_left = read_checks(counted.unwrap_or("1+1"))?;
    } else if let Some(counted) = counted {
        return Err(format!("has a check count `{counted}`, but {} does not count checks", rules.name));
    }
    position.halfmove_clock = number(fields.next(), "half-move clock", 0)?;
    position.fullmove = number(fields.next(), "move number", 1)?.max(1);
    if let Some(extra) = fields.next() {
        return Err(format!("has a field too many: `{extra}`"));
    }
    check(rules, &position)?;
    position.key ^= rules.zobrist.state(&position);
    Ok(position)
}

fn number(field: Option<&str>, what: &str, default: u16) -> Result<u16, String> {
    field.map_or(Ok(default), |f| {
        f.parse().map_err(|_| format!("{what} is `{f}`; a number from 0 to 65535 was expected"))
    })
}

fn read_board(rules: &Rules, field: &str, position: &mut Position) -> Result<(), String> {
    let (files, ranks) = (rules.board.files, rules.board.ranks);
    let rows: Vec<&str> = field.split('/').collect();
    if rows.len() != usize::from(ranks) {
        return Err(format!("has {} ranks; {} has {ranks}", rows.len(), rules.name));
    }
    for (i, row) in rows.iter().enumerate() {
        let rank = ranks - 1 - i as u8;
        let wrong_width = || format!("rank {} `{row}` does not fill exactly {files} files", rank + 1);
        let mut file = 0u8;
        let mut letters = row.chars().peekable();
        while let Some(letter) = letters.next() {
            if let Some(digit) = letter.to_digit(10) {
                let mut gap = digit;
                while let Some(next) = letters.peek().and_then(|c| c.to_digit(10)) {
                    gap = gap * 10 + next;
                    letters.next();
                    if gap > 12 {
                        return Err(wrong_width());
                    }
                }
                file = file.saturating_add(gap as u8);
                continue;
            }
            let lower = letter.to_ascii_lowercase();
            let Some(t) = rules.pieces.iter().position(|p| p.letter == lower) else {
                let known: String = rules.pieces.iter().map(|p| p.letter).collect();
                return Err(format!(
                    "`{letter}` in rank {} is no piece of {}; its pieces are `{known}`",
                    rank + 1,
                    rules.name
                ));
            };
            if file >= files {
                return Err(wrong_width());
            }
            let color = if letter.is_ascii_uppercase() { Color::White } else { Color::Black };
            position.toggle(&rules.zobrist, color, PieceType(t as u8), Square(rank * files + file));
            file += 1;
        }
        if file != files {
            return Err(wrong_width());
        }
    }
    Ok(())
}

fn read_castling(rules: &Rules, field: &str, position: &mut Position) -> Result<(), String> {
    if field == "-" {
        return Ok(());
    }
    for letter in field.chars() {
        let index = "KQkq"
            .find(letter)
            .ok_or_else(|| format!("castling field is `{field}`; letters of `KQkq` or `-` were expected"))?;
        let color = if index < 2 { Color::White } else { Color::Black };
        let possible = rules.castling[index / 2].get(index % 2).filter(|c| {
            let stands =
                |piece: Option<PieceType>, on: Square| piece.is_some_and(|p| position.pieces(color, p) & on.bit() != 0);
            stands(rules.royal, c.king) && stands(rules.rook, c.rook)
        });
        match possible {
            Some(castling) => position.castling |= castling.right,
            None => {
                return Err(format!(
                    "castling right `{letter}` without king and rook on their squares, or castling is not in {}",
                    rules.name
                ));
            }
        }
    }
    Ok(())
}

fn read_en_passant(rules: &Rules, field: &str, position: &mut Position) -> Result<(), String> {
    if field == "-" {
        return Ok(());
    }
    let square = rules
        .parse_square(field)
        .ok_or_else(|| format!("en passant field is `{field}`; a square or `-` was expected"))?;
    let (us, them) = (position.turn, !position.turn);
    let pawns = |color| rules.pawn.map_or(0, |p| position.pieces(color, p));
    let forward = if us == Color::White { 1 } else { -1 };
    let stepped = rules.board.step(square.0, -forward, 0).is_some_and(|s| pawns(them) & (1 << s) != 0);
    let came_from = rules.board.step(square.0, forward, 0);
    let clear =
        position.occupied() & square.bit() == 0 && came_from.is_some_and(|s| position.occupied() & (1 << s) == 0);
    if !stepped || !clear || came_from.is_none_or(|s| rules.double_step_region[them.index()] >> s & 1 == 0) {
        return Err(format!("en passant square {field}, but no pawn can have just passed over it"));
    }
    if squares(pawns(us)).any(|s| rules.pawn_attacks(us, s) & square.bit() != 0) {
        position.en_passant = square.0;
    }
    Ok(())
}

fn read_checks(field: &str) -> Result<[u8; 2], String> {
    let digit = |text: &str| text.parse::<u8>().ok().filter(|n| *n <= 9);
    field
        .split_once('+')
        .and_then(|(white, black)| Some([digit(white)?, digit(black)?]))
        .ok_or_else(|| format!("check count is `{field}`; checks left to give, such as `3+3`, were expected"))
}

fn check(rules: &Rules, position: &Position) -> Result<(), String> {
    for color in Color::ALL {
        if let Some(king) = rules.royal {
            let kings = position.pieces(color, king).count_ones();
            if kings != 1 {
                return Err(format!("{color:?} has {kings} kings; exactly 1 was expected"));
            }
        }
        if let Some(pawn) = rules.pawn {
            let last = rules.board.ranks - 1;
            let stuck = squares(position.pieces(color, pawn))
                .find(|s| s.0 / rules.board.files == if color == Color::White { last } else { 0 });
            if let Some(square) = stuck {
                return Err(format!("a pawn of {color:?} stands on its last rank, on {}", rules.square_name(square)));
            }
        }
    }
    if rules.king_attacked(position, !position.turn) && !rules.already_won(position, position.turn) {
        return Err(format!("{:?} is to move and could capture the king", position.turn));
    }
    Ok(())
}

impl Rules {
    /// Reads a FEN.
    ///
    /// # Errors
    /// Names the field that is malformed, or says why the position is impossible: a king missing or left to be captured, a
    /// pawn on its last rank, castling or en passant without the men for it.
    pub fn parse_fen(&self, fen: &str) -> Result<Position, FenError> {
        parse(self, fen)
    }

    /// Writes a FEN, as Fairy-Stockfish does.
    #[must_use]
    pub fn fen(&self, position: &Position) -> String {
        let mut fen = String::new();
        let files = self.board.files;
        for rank in (0..self.board.ranks).rev() {
            let mut gap = 0;
            for file in 0..files {
                match position.piece_on(Square(rank * files + file)) {
                    None => gap += 1,
                    Some((color, piece)) => {
                        if gap > 0 {
                            let _ = write!(fen, "{gap}");
                        }
                        gap = 0;
                        fen.push(self.piece_letter(color, piece));
                    }
                }
            }
            if gap > 0 {
                let _ = write!(fen, "{gap}");
            }
            if rank > 0 {
                fen.push('/');
            }
        }
        fen.push_str(if position.turn == Color::White { " w " } else { " b " });
        for (i, letter) in "KQkq".chars().enumerate() {
            if position.castling >> i & 1 == 1 {
                fen.push(letter);
            }
        }
        if position.castling == 0 {
            fen.push('-');
        }
        match position.en_passant {
            Position::NO_SQUARE => fen.push_str(" -"),
            square => {
                let _ = write!(fen, " {}", self.square_name(Square(square)));
            }
        }
        if self.check_counting {
            let _ = write!(fen, " {}+{}", position.checks_left[0], position.checks_left[1]);
        }
        let _ = write!(fen, " {} {}", position.halfmove_clock, position.fullmove);
        fen
    }

    /// The same men on the same squares, read by these rules: how a player with stale rules sees a position of `from`'s.
    /// Pieces correspond by letter, castling rights and clocks carry over, checks start to be counted afresh.
    /// `None` if the boards differ in size or these rules have no such position.
    #[must_use]
    pub fn reinterpret(&self, from: &Rules, position: &Position) -> Option<Position> {
        if (self.board.files, self.board.ranks) != (from.board.files, from.board.ranks) {
            return None;
        }
        let mut seen = Position::empty();
        for square in squares(position.occupied()) {
            let (color, piece) = position.piece_on(square)?;
            let letter = from.pieces[piece.index()].letter;
            let own = self.pieces.iter().position(|p| p.letter == letter)?;
            seen.toggle(&self.zobrist, color, PieceType(own as u8), square);
        }
        seen.turn = position.turn;
        seen.halfmove_clock = position.halfmove_clock;
        seen.fullmove = position.fullmove;
        for castling in self.castling.iter().flatten() {
            seen.castling |= position.castling & castling.right;
        }
        seen.checks_left = if self.check_counting { self.start.checks_left } else { [0; 2] };
        if self.double_step_region != [0, 0] {
            seen.en_passant = position.en_passant;
        }
        seen.key ^= self.zobrist.state(&seen);
        check(self, &seen).is_ok().then_some(seen)
    }
}
