//! When a game is over, and who has won.

use crate::position::Position;
use crate::rules::Rules;
use crate::types::{Color, MoveList, Outcome, Value};

impl Rules {
    /// How the game has ended in `position`, if it has. `moves` are its legal moves; `repetitions` says how often the position
    /// occurred earlier in the game.
    #[must_use]
    #[inline]
    pub fn outcome(&self, position: &Position, moves: &MoveList, repetitions: u32) -> Option<Outcome> {
        let turn = position.turn();
        if moves.is_empty() {
            return self.immediate_outcome(position).or_else(|| {
                let value = if self.in_check(position) { self.checkmate_value } else { self.stalemate_value };
                Some(Outcome::from_value(value, turn))
            });
        }
        if self.n_move_rule > 0 && position.halfmove_clock() >= 2 * self.n_move_rule {
            return Some(Outcome::Draw);
        }
        if self.n_fold_rule > 0 && repetitions + 1 >= self.n_fold_rule {
            return Some(Outcome::from_value(self.n_fold_value, turn));
        }
        None
    }

    /// Ends that need no look at the moves: extinction, then flags, then checks.
    #[inline]
    pub(crate) fn immediate_outcome(&self, position: &Position) -> Option<Outcome> {
        let turn = position.turn();
        if let Some(extinction) = &self.extinction {
            let gone = |own: u64, other: u64| {
                own.count_ones() <= extinction.count && other.count_ones() >= extinction.opponent_count
            };
            for side in [!turn, turn] {
                let types = extinction.types.iter().map(|t| position.of_type(*t));
                let all = extinction.all.then_some(!0);
                if types.chain(all).any(|men| gone(men & position.color(side), men & position.color(!side))) {
                    return Some(Outcome::from_value(extinction.value, side));
                }
            }
        }
        if let Some((piece, region)) = self.flags[(!turn).index()] {
            let men = position.color(!turn) & piece.map_or(!0, |p| position.of_type(p));
            if men & region != 0 {
                return Some(Outcome::from_value(Value::Loss, turn));
            }
        }
        if self.check_counting && position.checks_left[(!turn).index()] == 0 {
            return Some(Outcome::from_value(Value::Loss, turn));
        }
        None
    }

    /// Whether a side has reached its last check or flag already: such a position cannot be played on.
    pub(crate) fn already_won(&self, position: &Position, side: Color) -> bool {
        self.check_counting && position.checks_left[side.index()] == 0
    }
}
