//! Counting the leaves of the move tree: the standard check of move generation.

use crate::position::Position;
use crate::rules::Rules;
use crate::types::{Move, MoveList};

/// Number of move sequences of length `depth` from `position`. Repetition and the n-move rule do not end them.
#[must_use]
pub fn perft(rules: &Rules, position: &Position, depth: u32) -> u64 {
    if depth == 0 {
        return 1;
    }
    let mut moves = MoveList::new();
    rules.legal_moves(position, &mut moves);
    if depth == 1 {
        return moves.len() as u64;
    }
    moves.iter().map(|mv| perft(rules, &after(rules, position, *mv), depth - 1)).sum()
}

/// [`perft`] split by first move, in generation order.
#[must_use]
pub fn divide(rules: &Rules, position: &Position, depth: u32) -> Vec<(Move, u64)> {
    let mut moves = MoveList::new();
    rules.legal_moves(position, &mut moves);
    moves.iter().map(|mv| (*mv, perft(rules, &after(rules, position, *mv), depth.saturating_sub(1)))).collect()
}

fn after(rules: &Rules, position: &Position, mv: Move) -> Position {
    let mut next = *position;
    rules.play(&mut next, mv);
    next
}
