//! Counting the leaves of the move tree: the standard check of move generation.

use std::hint::black_box;

use crate::board::{Move, MoveList, Position, Word};
use crate::rules::Rules;

/// Number of move sequences of length `depth` from `position`. Repetition and the n-move rule do not end them. The last moves are
/// counted without being made.
#[must_use]
pub fn perft<W: Word>(rules: &Rules<W>, position: &Position<W>, depth: u32) -> u64 {
    let mut room = vec![MoveList::new(); depth as usize];
    count(rules, position, &mut room, false)
}

/// Number of move sequences of length `depth` from `position`, counted as by [`perft`], but with the last moves made, too: slower, and a
/// check of making moves.
#[must_use]
pub fn perft_made<W: Word>(rules: &Rules<W>, position: &Position<W>, depth: u32) -> u64 {
    let mut room = vec![MoveList::new(); depth as usize];
    count(rules, position, &mut room, true)
}

/// [`perft`] split by first move, in generation order.
#[must_use]
pub fn divide<W: Word>(rules: &Rules<W>, position: &Position<W>, depth: u32) -> Vec<(Move, u64)> {
    let mut moves = MoveList::new();
    rules.legal_moves(position, &mut moves);
    moves.iter().map(|mv| (*mv, perft(rules, &after(rules, position, *mv), depth.saturating_sub(1)))).collect()
}

/// Number of move sequences as long as `room`, which has a list of moves for each ply. `made` says whether the last moves are made.
fn count<W: Word>(rules: &Rules<W>, position: &Position<W>, room: &mut [MoveList], made: bool) -> u64 {
    let Some((moves, deeper)) = room.split_first_mut() else { return 1 };
    if deeper.is_empty() && !made {
        return rules.count_moves(position, moves);
    }
    rules.legal_moves(position, moves);
    let mut nodes = 0;
    let mut next = *position;
    for mv in moves.iter() {
        rules.play_from(position, &mut next, *mv);
        // The made leaf is looked at, so that the compiler cannot leave out making it.
        nodes += if deeper.is_empty() {
            u64::from(black_box(&next).turn() != position.turn())
        } else {
            count(rules, &next, deeper, made)
        };
    }
    nodes
}

#[inline]
fn after<W: Word>(rules: &Rules<W>, position: &Position<W>, mv: Move) -> Position<W> {
    let mut next = *position;
    rules.play(&mut next, mv);
    next
}
