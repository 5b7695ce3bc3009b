//! Which positions can be played on.

use crate::board::{Color, Position, Word};
use crate::rules::Rules;

/// Refuses positions that cannot be played on.
pub(super) fn check_position<W: Word>(rules: &Rules<W>, position: &Position<W>) -> Result<(), String> {
    for color in Color::ALL {
        if let Some(king) = rules.roles.king {
            let count = |p: &Position<W>| p.count(color, king) + p.in_hand(color, king);
            let kings = count(position);
            // As many as in the start position; while that is being read itself, at most one.
            let expected = if rules.start_fen().is_empty() { kings.min(1) } else { count(&rules.start) };
            let turns_king = rules.promotion.turns_to.contains(&Some(king)) && kings <= 1;
            if kings != expected && !turns_king {
                return Err(format!("{color:?} has {kings} kings; exactly {expected} was expected"));
            }
        }
        if let Some(pawn) = rules.roles.pawn {
            let last = rules.board.region(|_, r| r + 1 + rules.home_rank(color) == rules.board.ranks);
            let i = color.index();
            // A man that was turned over into a pawn may stand anywhere.
            let stuck = position.pieces(color, pawn) & last & rules.promotion.region[i] & !position.turned;
            if stuck.any() && rules.promotion.mandatory_for_pawns && !rules.promotion.choices[i].is_empty() {
                let square = rules.square_name(stuck.lowest());
                return Err(format!("a pawn of {color:?} stands on its last rank, on {square}"));
            }
        }
    }
    let over = rules.tallies.check_counting && position.checks_left[position.turn.index()] == 0;
    if rules.king_attacked(position, !position.turn) && !over {
        return Err(format!("{:?} is to move and could capture the king", position.turn));
    }
    Ok(())
}
