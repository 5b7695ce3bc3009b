//! Writing FENs.

use std::fmt::Write as _;

use crate::board::{Color, Position, Word, squares};
use crate::rules::Rules;

impl<W: Word> Rules<W> {
    /// Writes a FEN, as Fairy-Stockfish does.
    #[must_use]
    pub fn fen(&self, position: &Position<W>) -> String {
        let mut fen = String::new();
        self.write_board(position, &mut fen);
        fen.push_str(if position.turn == Color::White { " w " } else { " b " });
        self.write_castling(position, &mut fen);
        let (limit, counted) = position.counting;
        if limit > 0 {
            let _ = write!(fen, " {limit}");
        } else if position.en_passant.is_empty() {
            fen.push_str(" -");
        } else {
            fen.push(' ');
            for square in squares(position.en_passant) {
                fen.push_str(&self.square_name(square));
            }
        }
        if self.tallies.check_counting {
            let _ = write!(fen, " {}+{}", position.checks_left[0], position.checks_left[1]);
        }
        let clock = if limit > 0 { counted } else { position.halfmove_clock };
        let _ = write!(fen, " {clock} {}", position.fullmove);
        fen
    }
}
