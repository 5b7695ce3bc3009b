//! A game in progress: a position with its history.

use std::sync::Arc;

use crate::board::{Move, MoveList, Outcome, Position, Word};
use crate::position::ending::History;
use crate::rules::{Ending, Rules};

/// A position, how it came about, and what can happen next.
#[derive(Clone, Debug)]
pub struct Game<W: Word = u64> {
    rules: Arc<Rules<W>>,
    start: Position<W>,
    position: Position<W>,
    moves: Vec<Move>,
    history: History<W>,
    legal: MoveList,
    ending: Option<Ending>,
}

impl<W: Word> Game<W> {
    /// A game from the variant's start position.
    #[must_use]
    pub fn new(rules: Arc<Rules<W>>) -> Game<W> {
        let start = rules.start();
        Game::from_position(rules, start)
    }

    /// A game from any position of `rules`.
    #[must_use]
    pub fn from_position(rules: Arc<Rules<W>>, start: Position<W>) -> Game<W> {
        let mut game = Game {
            rules,
            start,
            position: start,
            moves: Vec::new(),
            history: History::new(),
            legal: MoveList::new(),
            ending: None,
        };
        game.refresh();
        game
    }

    fn refresh(&mut self) {
        self.rules.legal_moves(&self.position, &mut self.legal);
        self.ending = self.rules.ending(&self.position, &self.legal, &self.history);
    }

    /// Plays a move of [`Game::legal`].
    ///
    /// # Panics
    /// If the move is not legal.
    pub fn play(&mut self, mv: Move) {
        assert!(self.legal.contains(&mv), "{mv:?} is not legal in {}", self.rules.fen(&self.position));
        self.history.push(&self.rules, &self.position);
        self.moves.push(mv);
        self.rules.play(&mut self.position, mv);
        self.refresh();
    }

    /// The rules of the game.
    #[must_use]
    pub fn rules(&self) -> &Arc<Rules<W>> {
        &self.rules
    }

    /// The current position.
    #[must_use]
    pub fn position(&self) -> &Position<W> {
        &self.position
    }

    /// The first position.
    #[must_use]
    pub fn start(&self) -> &Position<W> {
        &self.start
    }

    /// Legal moves now. Not empty where a game has ended by repetition or the n-move rule: look at the outcome first.
    #[must_use]
    pub fn legal(&self) -> &MoveList {
        &self.legal
    }

    /// The result by the variant's own rules, if the game has ended.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.ending.map(|ending| ending.outcome)
    }

    /// How the game has ended, if it has.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// The moves so far.
    #[must_use]
    pub fn moves(&self) -> &[Move] {
        &self.moves
    }

    /// The positions before the current one.
    #[must_use]
    pub fn history(&self) -> &History<W> {
        &self.history
    }

    /// Number of moves so far.
    #[must_use]
    pub fn ply(&self) -> usize {
        self.moves.len()
    }

    /// How often the current position occurred before.
    #[must_use]
    pub fn repetitions(&self) -> u32 {
        self.history.repetitions(&self.rules, &self.position)
    }
}
