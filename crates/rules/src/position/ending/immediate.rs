//! Ends that show before the moves are known.

use crate::board::{Color, Outcome, PieceType, Position, Word};
use crate::rules::{Ending, EndingKind, Rules};

impl<W: Word> Rules<W> {
    /// The end of the game by extinction, a goal, castling, checks, kings that face each other, two passes or a full board.
    pub(crate) fn immediate_ending(&self, position: &Position<W>) -> Option<Ending> {
        if !self.plan.immediate_ends {
            return None;
        }
        self.extinction_ending(position)
            .or_else(|| self.flag_ending(position))
            .or_else(|| self.castling_ending(position))
            .or_else(|| self.check_ending(position))
            .or_else(|| self.drawn_ending(position))
    }

    /// The end of the game by a side that has too few men. Where men are pseudo-royal, only a blast can take the last ones.
    fn extinction_ending(&self, position: &Position<W>) -> Option<Ending> {
        let extinction = self.extinction.as_ref().filter(|e| !e.pseudo_royal || self.captures.blast)?;
        let value = extinction.value?;
        let turn = position.turn();
        for side in [!turn, turn] {
            let claim = u32::from(extinction.claim && side == turn);
            let gone = |own: u32, other: u32| own <= extinction.count && other >= extinction.opponent_count + claim;
            let ending = Ending {
                kind: EndingKind::Extinction,
                favours: Some(!side),
                outcome: Outcome::from_value(value, side),
            };
            let mut types = extinction.types;
            while types != 0 {
                let piece = PieceType(types.trailing_zeros() as u8);
                let count = |side: Color| position.count(side, piece) + position.in_hand(side, piece);
                if gone(count(side), count(!side)) {
                    return Some(ending);
                }
                types &= types - 1;
            }
            let all = |side: Color| {
                position.color(side).count() + if self.hands.drops.is_some() { position.hand_size(side) } else { 0 }
            };
            if extinction.all && gone(all(side), all(!side)) {
                return Some(ending);
            }
        }
        None
    }

    /// The end of the game by a side that castled where that wins, or can no longer castle where that loses.
    fn castling_ending(&self, position: &Position<W>) -> Option<Ending> {
        let castling = self.castling.as_ref().filter(|c| c.wins != 0)?;
        let turn = position.turn();
        if let Some(mv) = position.past.last.filter(|mv| mv.is_castling()) {
            let wing = self.castling_wing(mv).unwrap_or(0);
            if castling.wins >> (2 * (!turn).index() + wing) & 1 == 1 {
                return Some(Ending::lost(EndingKind::Castling, turn));
            }
        }
        let rights = |side: Color| castling.wins & 3 << (2 * side.index());
        let lost = |side: &Color| rights(*side) != 0 && position.castling & rights(*side) == 0;
        [!turn, turn].into_iter().find(lost).map(|side| Ending::lost(EndingKind::Castling, side))
    }

    /// The end of the game by the last check that a side had to give.
    fn check_ending(&self, position: &Position<W>) -> Option<Ending> {
        let turn = position.turn();
        let given = self.tallies.check_counting && position.checks_left[(!turn).index()] == 0;
        given.then(|| Ending::lost(EndingKind::Checks, turn))
    }

    /// The end of the game by kings that face each other, two passes or a full board: a draw, unless material decides.
    fn drawn_ending(&self, position: &Position<W>) -> Option<Ending> {
        let (turn, past) = (position.turn(), &position.past);
        let facing = past.last.is_some() && past.facing_before && self.kings.bikjang && self.kings_face(position);
        let passed = past.passed && past.passed_before && !self.walls.or_move;
        let full = self.tallies.full_board_ends && (self.squares.all & !position.occupied()).is_empty();
        let kinds = [(facing, EndingKind::Bikjang), (passed, EndingKind::Passes), (full, EndingKind::FullBoard)];
        let (_, kind) = kinds.into_iter().find(|(holds, _)| *holds)?;
        Some(Ending { kind, favours: Some(!turn), outcome: Outcome::from_value(self.draw_value(position), turn) })
    }
}
