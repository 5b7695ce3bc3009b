//! One game between two players.

use std::sync::Arc;

use rules::{Color, Game, Move, Outcome, Position, Rules};

use crate::player::{Choice, Player};

/// Length in plies, opening included, at which a game without a result is called a draw, unless told otherwise.
pub const DEFAULT_MAX_PLIES: usize = 512;

/// A finished game.
#[derive(Clone, Debug)]
pub struct GameRecord {
    /// The rules that it was played under.
    pub rules: Arc<Rules>,
    /// The first position.
    pub start: Position,
    /// All moves, the opening's first.
    pub moves: Vec<Move>,
    /// Number of moves that the opening prescribed.
    pub opening_plies: usize,
    /// What the players chose and thought, one for each move after the opening.
    pub choices: Vec<Choice>,
    /// The result.
    pub outcome: Outcome,
    /// Whether the game was called a draw for its length; the rules alone would have had it go on.
    pub capped: bool,
}

impl GameRecord {
    /// Number of moves, those of the opening included.
    #[must_use]
    pub fn plies(&self) -> usize {
        self.moves.len()
    }

    /// Who made (or was made to make) the move with this index into [`GameRecord::moves`].
    #[must_use]
    pub fn mover(&self, ply: usize) -> Color {
        if ply.is_multiple_of(2) { self.start.turn() } else { !self.start.turn() }
    }

    /// The choices of one side, in order.
    pub fn choices_of(&self, color: Color) -> impl Iterator<Item = &Choice> {
        let made = self.choices.iter().enumerate();
        made.filter(move |(index, _)| self.mover(self.opening_plies + index) == color).map(|(_, choice)| choice)
    }

    /// How many choices of one side were illegal and had to be replaced.
    #[must_use]
    pub fn illegal(&self, color: Color) -> u32 {
        self.choices_of(color).filter(|choice| choice.illegal).count() as u32
    }
}

/// Plays `game` on from where its opening ended, until it is over or has `max_plies` moves. The players must be made
/// for the game's rules and know that a new game starts ([`Player::new_game`]).
pub fn play_game(mut game: Game, white: &mut dyn Player, black: &mut dyn Player, max_plies: usize) -> GameRecord {
    let opening_plies = game.ply();
    let mut choices = Vec::new();
    while game.outcome().is_none() && game.ply() < max_plies {
        let choice = match game.position().turn() {
            Color::White => white.choose(&game),
            Color::Black => black.choose(&game),
        };
        choices.push(choice);
        game.play(choice.mv);
    }
    GameRecord {
        rules: Arc::clone(game.rules()),
        start: *game.start(),
        moves: game.moves().to_vec(),
        opening_plies,
        choices,
        outcome: game.outcome().unwrap_or(Outcome::Draw),
        capped: game.outcome().is_none(),
    }
}
