//! How far the rules of two variants are apart.

use std::sync::Arc;

use crate::board::{MoveList, Outcome, Position, Word, mix};
use crate::position::Game;
use crate::position::History;
use crate::rules::Rules;

/// The longest random game, in plies.
const MAX_PLIES: usize = 200;

/// Positions from play under two sets of rules, and those in which the rules disagree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Distance {
    /// Positions looked at, half of them from random games under either rules.
    pub positions: u32,
    /// Positions whose legal moves or outcome differ, or that the other rules do not have.
    pub differing: u32,
    /// Positions that the other rules do not have; they are counted in `differing`, too.
    pub foreign: u32,
}

impl Distance {
    /// Share of positions that differ, from 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        f64::from(self.differing) / f64::from(self.positions.max(1))
    }
}

/// Measures the distance between two sets of rules for boards of one size: the share of positions from uniformly random games, half
/// of them played under each rules, whose legal moves (in UCI notation) or outcome differ. Pieces correspond by letter. The same
/// seed gives the same positions. `None` if the boards differ in size.
#[must_use]
pub fn distance<W: Word>(a: &Arc<Rules<W>>, b: &Arc<Rules<W>>, positions: u32, seed: u64) -> Option<Distance> {
    if (a.files(), a.ranks()) != (b.files(), b.ranks()) {
        return None;
    }
    let mut distance = Distance::default();
    for (under, other, stream) in [(a, b, 0), (b, a, 1)] {
        let mut state = mix(seed ^ stream << 63);
        let mut seen = 0;
        while seen < positions.div_ceil(2) {
            let mut game = Game::new(Arc::clone(under));
            while seen < positions.div_ceil(2) && game.ply() < MAX_PLIES {
                seen += 1;
                distance.positions += 1;
                match other.reinterpret(under, game.position()) {
                    None => {
                        distance.foreign += 1;
                        distance.differing += 1;
                    }
                    Some(position) => {
                        distance.differing += u32::from(view(under, game.position()) != view(other, &position));
                    }
                }
                if game.outcome().is_some() {
                    break;
                }
                state = mix(state.wrapping_add(0x9e37_79b9_7f4a_7c15));
                let mv = game.legal()[(state % game.legal().len() as u64) as usize];
                game.play(mv);
            }
        }
    }
    Some(distance)
}

/// What rules say of a position: its legal moves in UCI notation, sorted, and its outcome.
fn view<W: Word>(rules: &Rules<W>, position: &Position<W>) -> (Vec<String>, Option<Outcome>) {
    let mut moves = MoveList::new();
    rules.legal_moves(position, &mut moves);
    let outcome = rules.outcome(position, &moves, &History::new());
    let mut texts: Vec<String> = moves.iter().map(|mv| rules.uci(position, *mv)).collect();
    texts.sort_unstable();
    (texts, outcome)
}
