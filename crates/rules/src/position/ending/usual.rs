//! What endings of a kind are worth under the rules, whatever the position.

use crate::board::{Value, Word};
use crate::rules::{EndingKind, Rules};

/// A worth where the rules know an ending, nothing where they do not.
fn known(holds: bool, worth: Option<f32>) -> Option<f32> {
    if holds { worth } else { None }
}

/// The worth to the other side than the one that a value is told for: the side to move, or the one whose men are gone.
fn turned(value: Value) -> f32 {
    match value {
        Value::Win => -1.0,
        Value::Draw => 0.0,
        Value::Loss => 1.0,
    }
}

impl<W: Word> Rules<W> {
    /// What an ending of this kind is worth to the side that it favours, in [-1, 1], whatever the position; `None` where these rules know no
    /// such ending, or its worth depends on the men.
    #[must_use]
    pub fn usual_worth(&self, kind: EndingKind) -> Option<f32> {
        if let Some(worth) = self.payoff.worth(kind) {
            return Some(worth);
        }
        let draw = self.tallies.material.is_none().then_some(0.0);
        let value = |value: Value| if value == Value::Draw { draw } else { Some(turned(value)) };
        let (mates, tallies, repetition) = (&self.mates, &self.tallies, &self.repetition);
        match kind {
            EndingKind::Checkmate => known(self.kings.checking && !mates.shatar, Some(turned(mates.checkmate_value))),
            EndingKind::Stalemate => known(!mates.stalemate_piece_count, value(mates.stalemate_value)),
            EndingKind::Extinction => self.extinction.as_ref().and_then(|extinction| extinction.value).map(turned),
            EndingKind::Flag => known(self.flags.is_some(), Some(1.0)),
            EndingKind::Castling => known(self.castling.as_ref().is_some_and(|castling| castling.wins != 0), Some(1.0)),
            EndingKind::Checks => known(tallies.check_counting, Some(1.0)),
            EndingKind::Bikjang => known(self.kings.bikjang, draw),
            EndingKind::Passes => known(self.passes.any(), draw),
            EndingKind::FullBoard => known(tallies.full_board_ends, draw),
            EndingKind::Repetition => {
                known(repetition.n_fold > 0 && !repetition.judges_moves(), value(repetition.value))
            }
            EndingKind::MoveRule => known(tallies.n_move_rule > 0, draw),
            EndingKind::Counting => known(tallies.counting.is_some(), Some(0.0)),
            EndingKind::Count => known(self.payoff.count_at_ply().is_some(), Some(1.0)),
        }
    }
}
