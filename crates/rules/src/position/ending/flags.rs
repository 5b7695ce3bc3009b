//! Goals that men reach.

use crate::board::{Color, MoveList, Outcome, Position, Word, squares};
use crate::rules::{Ending, EndingKind, Rules};

impl<W: Word> Rules<W> {
    /// The end of the game by men on goal squares.
    pub(super) fn flag_ending(&self, position: &Position<W>) -> Option<Ending> {
        let flags = self.flags.as_ref()?;
        let turn = position.turn();
        let reached = |side: Color| self.flag_reached(position, side);
        // The side to move reached its goal a move ago, and the other side has had its answer.
        if (flags.extra_move || flags.safe) && reached(turn) {
            let answered = flags.extra_move && turn == Color::White && self.has_king_as_flag(!turn)
                || flags.safe && !flags.extra_move;
            if answered && reached(!turn) {
                return Some(Ending { kind: EndingKind::Flag, favours: None, outcome: Outcome::Draw });
            }
            return Some(Ending::lost(EndingKind::Flag, !turn));
        }
        let at_once = !flags.extra_move || flags.safe || self.has_king_as_flag(turn);
        (at_once && reached(!turn) && !self.king_can_follow(position)).then(|| Ending::lost(EndingKind::Flag, turn))
    }

    /// Whether it is a side's king that must reach the goal.
    fn has_king_as_flag(&self, side: Color) -> bool {
        self.roles.king.is_some() && self.flags.as_ref().is_some_and(|f| f.piece[side.index()] == self.roles.king)
    }

    /// Whether enough men of a side stand on its goal squares.
    fn flag_reached(&self, position: &Position<W>, side: Color) -> bool {
        let Some(flags) = &self.flags else { return false };
        let i = side.index();
        if flags.absent[i] {
            return false;
        }
        let men = flags.piece[i].map_or_else(|| position.color(side), |p| position.pieces(side, p));
        let there = flags.region[i] & men;
        if there.is_empty() {
            return false;
        }
        let blocked = flags.blocked_win && (flags.region[i] & !position.occupied()).is_empty();
        if there.count() < flags.count && !blocked {
            return false;
        }
        if flags.safe && (!flags.extra_move || side != position.turn()) && there.count() == flags.count {
            return squares(there).all(|s| self.attackers(position, s, !side, position.occupied()).is_empty());
        }
        true
    }

    /// Whether Black is to move and its king can reach the goal at once, after White's has (racing kings).
    fn king_can_follow(&self, position: &Position<W>) -> bool {
        let turn = position.turn();
        let Some(flags) = self.flags.as_ref().filter(|f| f.extra_move) else { return false };
        if turn == Color::White || !self.has_king_as_flag(turn) || self.king_attacked(position, turn) {
            return false;
        }
        let region = flags.region[turn.index()];
        let (Some(royal), Some(king)) = (self.roles.king, self.king(position, turn)) else { return false };
        if (self.mover(turn, royal).capture.targets(&self.lines, king, position.occupied()) & region).is_empty() {
            return false;
        }
        let mut moves = MoveList::new();
        self.moves_in_play(position, &mut moves);
        moves.iter().any(|mv| mv.from() == king && !mv.is_drop() && region.has(mv.to()))
    }
}
