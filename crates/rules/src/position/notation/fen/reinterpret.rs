//! Positions of other rules.

use crate::board::{Color, PieceType, Position, Word, squares};
use crate::position::notation::fen::check::check_position;
use crate::rules::Rules;

impl<W: Word> Rules<W> {
    /// A position of the rules `from` as these rules see it: the same men on the same squares. It is what a player with stale rules sees.
    /// Pieces correspond by letter; castling rights, hands, walls and clocks carry over where both rules have them; checks start to be
    /// counted afresh. `None` if the boards differ in size or these rules have no such position.
    #[must_use]
    pub fn reinterpret(&self, from: &Rules<W>, position: &Position<W>) -> Option<Position<W>> {
        if (self.board.files, self.board.ranks) != (from.board.files, from.board.ranks) {
            return None;
        }
        let own = |piece: PieceType| {
            let letter = from.pieces.list[piece.index()].letter;
            self.pieces.list.iter().position(|p| p.letter == letter).map(|t| PieceType(t as u8))
        };
        let mut seen = Position::empty();
        for square in squares(position.men()) {
            let (color, piece) = position.piece_on(square)?;
            seen.toggle(self.zobrist, color, own(piece)?, square);
            if self.plan.marks_promoted && position.promoted.has(square) && !position.turned.has(square) {
                seen.mark(square, None);
            }
        }
        if self.hands.drops.is_some() {
            for color in Color::ALL {
                for piece in from.types() {
                    for _ in 0..position.in_hand(color, piece) {
                        seen.change_hand(self.zobrist, color, own(piece)?, true);
                    }
                }
            }
        }
        for wall in squares(position.walls) {
            seen.toggle_wall(self.zobrist, wall);
        }
        seen.turn = position.turn;
        seen.halfmove_clock = position.halfmove_clock;
        seen.fullmove = position.fullmove;
        if self.castling.is_some() && from.castling.is_some() {
            seen.castling = position.castling;
            seen.castling_men = position.castling_men;
            seen.castling_king = position.castling_king;
            seen.castling_rook = position.castling_rook;
        }
        if self.gates.gating {
            seen.gates = position.gates;
        }
        seen.checks_left = if self.tallies.check_counting { self.start.checks_left } else { [0; 2] };
        if (self.pawns.double_step[0] | self.pawns.double_step[1]).any() {
            seen.en_passant = position.en_passant;
        }
        self.find_capturable(&mut seen);
        seen.key ^= seen.state_key(self.zobrist);
        check_position(self, &seen).is_ok().then_some(seen)
    }
}
