//! Reading FENs.

use files::excerpt;
use thiserror::Error;

use crate::board::{Color, Position, Word};
use crate::position::notation::fen::board::read_board;
use crate::position::notation::fen::castling::read_castling;
use crate::position::notation::fen::check::check_position;
use crate::position::notation::fen::en_passant::read_en_passant;
use crate::position::notation::fen::field::{number, shown};
use crate::rules::Rules;

/// Why a FEN was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("FEN `{fen}`: {message}")]
pub struct FenError {
    /// The FEN, at most 100 characters of it, without what a terminal would act on.
    pub fen: String,
    /// Which field is wrong, what was found and what would be valid.
    pub message: String,
}

impl<W: Word> Rules<W> {
    /// Reads a FEN.
    ///
    /// # Errors
    /// Names the field that is malformed, or says why the position is impossible: a king missing or left to be captured, a
    /// pawn on its last rank, castling or en passant without the men for it.
    pub fn parse_fen(&self, fen: &str) -> Result<Position<W>, FenError> {
        read(self, fen).map_err(|message| FenError { fen: excerpt(fen, 100), message: excerpt(&message, 250) })
    }
}

/// Reads a FEN; the error is [`FenError::message`].
fn read<W: Word>(rules: &Rules<W>, fen: &str) -> Result<Position<W>, String> {
    let mut fields = fen.split_ascii_whitespace().peekable();
    let mut position = Position::empty();
    read_board(rules, fields.next().ok_or("is empty; a piece placement was expected")?, &mut position)?;
    position.turn = match fields.next() {
        // As in the format's own programs, White is to move where nothing is said.
        Some("w") | None => Color::White,
        Some("b") => Color::Black,
        other => {
            return Err(format!("side to move is `{}`; `w` or `b` was expected", shown(other.unwrap_or_default())));
        }
    };
    // Some rule files leave out castling and en passant altogether.
    let short = fields.peek().is_some_and(|f| f.starts_with(|c: char| c.is_ascii_digit()));
    let mut limit = None;
    if !short {
        read_castling(rules, fields.next().unwrap_or("-"), &mut position)?;
        let field = fields.next().unwrap_or("-");
        let last = fields.clone().count() == 1;
        if last && field.bytes().all(|b| b.is_ascii_digit()) {
            // The en passant field is missing. As in the format's own programs, the number stands in its place and means nothing.
        } else if rules.tallies.counting.is_some() && field.starts_with(|c: char| c.is_ascii_digit()) {
            limit = Some(number(Some(field), "counting limit", 0)?).filter(|limit| *limit > 0);
        } else {
            read_en_passant(rules, field, &mut position)?;
        }
    }
    let counted = fields.peek().is_some_and(|f| f.contains('+')).then(|| fields.next()).flatten();
    if rules.tallies.check_counting {
        // As in the format's own programs, a missing count means that the next check wins.
        position.checks_left = read_checks(counted.unwrap_or("1+1"))?;
    } else if let Some(counted) = counted {
        return Err(format!("has a check count `{}`, but {} does not count checks", shown(counted), rules.name));
    }
    position.halfmove_clock = number(fields.next(), "half-move clock", 0)?;
    position.fullmove = number(fields.next(), "move number", 1)?.max(1);
    if let Some(given) = fields.next_if(|f| rules.tallies.check_counting && counted.is_none() && f.starts_with('+')) {
        position.checks_left = read_checks_given(given)?;
    }
    if let Some(limit) = limit {
        position.counting = (limit, position.halfmove_clock);
        position.halfmove_clock = 0;
    }
    if let Some(extra) = fields.next() {
        return Err(format!("has a field too many: `{}`", shown(extra)));
    }
    check_position(rules, &position)?;
    rules.find_capturable(&mut position);
    position.key ^= position.state_key(rules.zobrist);
    if rules.mates.shatar {
        rules.note_shak(&mut position);
    }
    Ok(position)
}

/// Reads checks that the sides still have to give, such as `3+2`.
fn read_checks(field: &str) -> Result<[u8; 2], String> {
    let digit = |text: &str| text.parse::<u8>().ok().filter(|n| *n <= 9);
    field
        .split_once('+')
        .and_then(|(white, black)| Some([digit(white)?, digit(black)?]))
        .ok_or_else(|| format!("check count is `{}`; checks left to give, such as `3+3`, were expected", shown(field)))
}

/// Reads checks that were given, out of three, such as `+1+0`.
fn read_checks_given(field: &str) -> Result<[u8; 2], String> {
    let given =
        read_checks(&field[1..]).map_err(|_| format!("checks given are `{}`; `+0+0` was expected", shown(field)))?;
    Ok(given.map(|n| 3_u8.saturating_sub(n)))
}
