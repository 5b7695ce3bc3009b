//! Random streams, keyed by the purpose that they serve and never by thread or clock.

use evaluator::Relabel;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rules::{Move, MoveList, Rules, Square, Word};

/// The purpose of a stream. The numbers determine the program's results: new ones may be added, but none may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Moves of an opening.
    Opening = 1,
    /// The seed that a player gets before a game.
    PlayerSeed = 2,
    /// A move of the random player.
    RandomMove = 3,
    /// The seed that a player with a seed of its own takes for a game.
    OwnSeed = 4,
    /// Moves of a candidate for a book.
    BookLine = 5,
    /// The seed of the judge of a candidate for a book.
    BookJudge = 6,
    /// The order in which a book is used.
    BookOrder = 7,
    /// The seed of a pairing of a tournament.
    Pairing = 8,
}

/// The stream of one (seed, index, step, purpose). Streams with different keys are independent.
pub(crate) fn stream(seed: u64, index: u64, step: u64, purpose: Purpose) -> ChaCha8Rng {
    let mut key = [0; 32];
    for (bytes, part) in key.chunks_exact_mut(8).zip([seed, index, step, purpose as u64]) {
        bytes.copy_from_slice(&part.to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}

/// Sorts moves by origin, target, letter of the promotion and wall, an order that no change of the move generator can affect. With
/// `relabel` the squares are those of the unrelabelled board, so that the moves of a mirrored game come in mirrored order.
pub(crate) fn sort_by_address<W: Word>(rules: &Rules<W>, moves: &mut MoveList, relabel: Option<&Relabel>) {
    let square = |s: Square| relabel.map_or(s, |r| r.square(s));
    let letter = |mv: Move| mv.promotion().map(|p| rules.pieces()[p.index()].letter);
    moves.sort_unstable_by_key(|mv| (square(mv.from()), square(mv.to()), letter(*mv), mv.wall().map(square)));
}
