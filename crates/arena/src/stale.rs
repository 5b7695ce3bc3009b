//! A game as a player sees it that believes in other rules.

use std::sync::Arc;

use rules::{Color, Game, Move, Position, Rules, Word, squares};

/// Follows a game under the rules that a player believes in.
pub struct StaleView<W: Word = u64> {
    rules: Arc<Rules<W>>,
    /// Moves of the true game that `seen` has followed.
    followed: Vec<Move>,
    /// The game under the believed rules; `None` before the first move, and where these rules do not have the position.
    seen: Option<Game<W>>,
}

impl<W: Word> StaleView<W> {
    /// A view under the rules that a player believes in.
    #[must_use]
    pub fn new(rules: Arc<Rules<W>>) -> StaleView<W> {
        StaleView { rules, followed: Vec::new(), seen: None }
    }

    pub(crate) fn clear(&mut self) {
        self.followed.clear();
        self.seen = None;
    }

    /// The current position of the true game under the believed rules, with as much of its history as they can explain.
    pub fn follow(&mut self, game: &Game<W>) -> Option<&Game<W>> {
        if !game.moves().starts_with(&self.followed) {
            self.clear();
        }
        if self.seen.is_none() && self.followed.is_empty() {
            self.seen = self.read(game.rules(), game.start());
        }
        for mv in &game.moves()[self.followed.len()..] {
            self.seen = self.seen.take().and_then(|seen| played(seen, game.rules(), *mv));
        }
        self.followed.clear();
        self.followed.extend_from_slice(game.moves());
        if !self.seen.as_ref().is_some_and(|seen| same_men(seen, game)) {
            self.seen = self.read(game.rules(), game.position());
        }
        self.seen.as_ref()
    }

    fn read(&self, from: &Rules<W>, position: &Position<W>) -> Option<Game<W>> {
        let position = self.rules.reinterpret(from, position)?;
        Some(Game::from_position(Arc::clone(&self.rules), position))
    }
}

/// Plays a move of the true game in `seen`, if it is legal there.
fn played<W: Word>(mut seen: Game<W>, from: &Rules<W>, mv: Move) -> Option<Game<W>> {
    let mv = if seen.outcome().is_none() { same_move(from, mv, seen.rules(), seen.legal())? } else { return None };
    seen.play(mv);
    Some(seen)
}

/// The move among `legal` (of `to`) that has the address of `mv` (of `from`): origin, target, promotion letter, wall.
#[must_use]
pub fn same_move<W: Word>(from: &Rules<W>, mv: Move, to: &Rules<W>, legal: &[Move]) -> Option<Move> {
    if (from.files(), from.ranks()) != (to.files(), to.ranks()) {
        return None;
    }
    let letter = |rules: &Rules<W>, mv: Move| mv.promotion().map(|p| rules.pieces()[p.index()].letter);
    let address = (mv.from(), mv.to(), letter(from, mv), mv.wall());
    legal.iter().copied().find(|m| (m.from(), m.to(), letter(to, *m), m.wall()) == address)
}

/// Whether the same side is to move and the same men stand on the same squares in both games.
fn same_men<W: Word>(seen: &Game<W>, game: &Game<W>) -> bool {
    let men = |game: &Game<W>| -> Option<Vec<(u8, Color, char)>> {
        squares(game.position().men())
            .map(|square| {
                let (color, piece) = game.position().piece_on(square)?;
                Some((square.0, color, game.rules().pieces()[piece.index()].letter))
            })
            .collect()
    };
    let (seen_at, game_at) = (seen.position(), game.position());
    seen_at.turn() == game_at.turn() && seen_at.occupied() == game_at.occupied() && men(seen) == men(game)
}
