//! A game in progress: a position with its history.

use std::sync::Arc;

use crate::position::Position;
use crate::rules::Rules;
use crate::types::{Move, MoveList, Outcome};

/// A position, how it came about, and what can happen next.
#[derive(Clone, Debug)]
pub struct Game {
    rules: Arc<Rules>,
    start: Position,
    position: Position,
    moves: Vec<Move>,
    /// Keys of all positions before the current one.
    keys: Vec<u64>,
    legal: MoveList,
    outcome: Option<Outcome>,
}

impl Game {
    /// A game from the variant's start position.
    #[must_use]
    pub fn new(rules: Arc<Rules>) -> Game {
        let start = rules.start();
        Game::from_position(rules, start)
    }

    /// A game from any position of `rules`.
    #[must_use]
    pub fn from_position(rules: Arc<Rules>, start: Position) -> Game {
        let mut game = Game {
            rules,
            start,
            position: start,
            moves: Vec::new(),
            keys: Vec::new(),
            legal: MoveList::new(),
            outcome: None,
        };
        game.refresh();
        game
    }

    fn refresh(&mut self) {
        self.rules.legal_moves(&self.position, &mut self.legal);
        self.outcome = self.rules.outcome(&self.position, &self.legal, self.repetitions());
    }

    /// Plays a move of [`Game::legal`].
    ///
    /// # Panics
    /// If the move is not legal.
    pub fn play(&mut self, mv: Move) {
        assert!(self.legal.contains(&mv), "{} is not legal in {}", self.rules.uci(mv), self.rules.fen(&self.position));
        self.keys.push(self.position.key());
        self.moves.push(mv);
        self.rules.play(&mut self.position, mv);
        self.refresh();
    }

    /// The rules of the game.
    #[must_use]
    pub fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// The current position.
    #[must_use]
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// The first position.
    #[must_use]
    pub fn start(&self) -> &Position {
        &self.start
    }

    /// Legal moves now. Not empty where a game has ended by repetition or the n-move rule: look at the outcome first.
    #[must_use]
    pub fn legal(&self) -> &MoveList {
        &self.legal
    }

    /// How the game has ended, if it has.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }

    /// The moves so far.
    #[must_use]
    pub fn moves(&self) -> &[Move] {
        &self.moves
    }

    /// Keys of all positions before the current one, oldest first.
    #[must_use]
    pub fn keys(&self) -> &[u64] {
        &self.keys
    }

    /// Number of moves so far.
    #[must_use]
    pub fn ply(&self) -> usize {
        self.moves.len()
    }

    /// How often the current position occurred before.
    #[must_use]
    pub fn repetitions(&self) -> u32 {
        repetitions(&self.position, &self.keys)
    }
}

/// How often `position` occurs in `earlier`, the keys of the positions before it, oldest first.
#[must_use]
#[inline]
pub fn repetitions(position: &Position, earlier: &[u64]) -> u32 {
    // Nothing before the last capture or pawn move can come again, nor anything with the other side to move.
    let reversible = (position.halfmove_clock() as usize).min(earlier.len());
    let recent = &earlier[earlier.len() - reversible..];
    recent.iter().rev().skip(1).step_by(2).filter(|key| **key == position.key()).count() as u32
}
