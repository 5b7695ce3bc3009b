//! Squares and moves as text (UCI, as Fairy-Stockfish writes it).

use thiserror::Error;

use crate::position::Position;
use crate::rules::Rules;
use crate::types::{Color, Move, MoveList, Square};

/// Why a move was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MoveError {
    /// Not of the form `e2e4` or `a7a8q` on this board.
    #[error("`{0}` is no move in UCI notation on this board (`e2e4`, `a7a8q`)")]
    Malformed(String),
    /// Well-formed, but not legal in the position.
    #[error("`{mv}` is not legal in `{fen}`")]
    Illegal {
        /// The move.
        mv: String,
        /// The position.
        fen: String,
    },
}

impl Rules {
    /// `a1`, `b1`, …
    #[must_use]
    pub fn square_name(&self, square: Square) -> String {
        format!("{}{}", (b'a' + square.0 % self.board.files) as char, square.0 / self.board.files + 1)
    }

    pub(crate) fn parse_square(&self, text: &str) -> Option<Square> {
        let file = (*text.as_bytes().first()?).checked_sub(b'a').filter(|f| *f < self.board.files)?;
        let rank = text.get(1..)?.parse::<u8>().ok()?.checked_sub(1).filter(|r| *r < self.board.ranks)?;
        Some(Square(rank * self.board.files + file))
    }

    /// Writes a move in UCI notation.
    #[must_use]
    pub fn uci(&self, mv: Move) -> String {
        let mut text = self.square_name(mv.from()) + &self.square_name(mv.to());
        text.extend(mv.promotion().map(|p| self.piece_letter(Color::Black, p)));
        text
    }

    /// Reads a move in UCI notation.
    ///
    /// # Errors
    /// If it is malformed, or not legal in `position`.
    pub fn parse_uci(&self, position: &Position, text: &str) -> Result<Move, MoveError> {
        if !is_move_like(text) {
            return Err(MoveError::Malformed(text.chars().take(20).collect()));
        }
        let mut moves = MoveList::new();
        self.legal_moves(position, &mut moves);
        moves
            .iter()
            .copied()
            .find(|m| self.uci(*m) == text)
            .ok_or_else(|| MoveError::Illegal { mv: text.to_owned(), fen: self.fen(position) })
    }
}

/// Whether the text is two squares and perhaps a letter, on whatever board.
fn is_move_like(text: &str) -> bool {
    let after_square = |text: &str| -> Option<usize> {
        let digits = text.bytes().skip(1).take_while(u8::is_ascii_digit).count();
        (text.as_bytes().first()?.is_ascii_lowercase() && (1..=2).contains(&digits)).then_some(1 + digits)
    };
    let rest = |text: &str| after_square(text).map(|end| text[end..].to_owned());
    let promotion = rest(text).and_then(|to| rest(&to));
    promotion.is_some_and(|p| p.len() <= 1 && p.bytes().all(|b| b.is_ascii_lowercase()))
}
