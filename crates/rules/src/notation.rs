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
        let well_formed = (4..=7).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if !well_formed {
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
