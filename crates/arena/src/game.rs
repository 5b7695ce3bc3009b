//! One game between two players.

use std::sync::Arc;

use rules::{Color, Ending, Game, InsufficientMaterial, Move, Outcome, Position, Rules, Word};

use crate::adjudication::{Adjudication, Adjudicator};
use crate::failure::Forfeit;
use crate::interrupt::Since;
use crate::player::{Choice, Player};

/// Length in plies, opening included, at which a game without a result is called a draw, unless told otherwise.
pub const DEFAULT_MAX_PLIES: usize = 512;

/// A finished game.
#[derive(Clone, Debug)]
pub struct GameRecord<W: Word = u64> {
    /// The rules that it was played under.
    pub rules: Arc<Rules<W>>,
    /// The first position.
    pub start: Position<W>,
    /// All moves, the opening's first.
    pub moves: Vec<Move>,
    /// Number of moves that the opening prescribed.
    pub opening_plies: usize,
    /// What the players chose and thought, one for each move after the opening.
    pub choices: Vec<Choice>,
    /// The result by the variant's own rules, whatever their payoff.
    pub outcome: Outcome,
    /// How the rules ended the game; `None` where something else did.
    pub ending: Option<Ending>,
    /// What ended the game.
    pub termination: Termination,
    /// For a player that had to be started again before the game: what had happened to it since its last game.
    pub incidents: Vec<(Color, String)>,
}

/// What ended a game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Termination {
    /// The rules of the game.
    Rules,
    /// Neither side has the men to win any more ([`rules::InsufficientMaterial`]): a draw.
    InsufficientMaterial,
    /// The game reached its greatest length and was called a draw; by the rules it would go on.
    MaxPlies,
    /// The scores of the players, by a rule of the match.
    Adjudicated,
    /// The failure of a player.
    Forfeit(Forfeit),
    /// A signal to the program ([`crate::stop_on_signals`]). The game has no result, and no match counts it.
    Interrupted,
}

/// What ends games besides the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// Length in plies, opening included, at which a game is called a draw.
    pub max_plies: usize,
    /// Rules by which the players' scores end a game.
    pub adjudication: Adjudication,
}

impl<W: Word> GameRecord<W> {
    /// Number of moves, those of the opening included.
    #[must_use]
    pub fn plies(&self) -> usize {
        self.moves.len()
    }

    /// What the game was worth to a side, in [-1, 1]: an end by the rules as their payoff has it, forfeits and verdicts by the players' scores
    /// as they were won, drawn or lost, and any other end nothing.
    #[must_use]
    pub fn worth(&self, color: Color) -> f32 {
        self.ending.map_or_else(|| self.outcome.for_color(color) as f32, |ending| self.rules.worth(ending, color))
    }

    /// Whether the game was called a draw for its length.
    #[must_use]
    pub fn capped(&self) -> bool {
        self.termination == Termination::MaxPlies
    }

    /// The failure that ended the game, if one did.
    #[must_use]
    pub fn forfeit(&self) -> Option<&Forfeit> {
        match &self.termination {
            Termination::Forfeit(forfeit) => Some(forfeit),
            _ => None,
        }
    }

    /// The side whose move has this index in [`GameRecord::moves`].
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

/// Plays `game` on from the end of its opening until it is over or has `max_plies` moves. The players must be made for the rules of
/// the game, and must have been told that a new game starts ([`Player::new_game`]).
pub fn play_game<W: Word>(
    game: Game<W>,
    white: &mut dyn Player<W>,
    black: &mut dyn Player<W>,
    max_plies: usize,
) -> GameRecord<W> {
    play_game_under(game, white, black, &Conditions { max_plies, adjudication: Adjudication::default() })
}

/// Plays a game as [`play_game`] does, and ends it under the given conditions.
pub fn play_game_under<W: Word>(
    game: Game<W>,
    white: &mut dyn Player<W>,
    black: &mut dyn Player<W>,
    conditions: &Conditions,
) -> GameRecord<W> {
    play_game_to_the_end(game, white, black, conditions, None)
}

/// Plays a game as [`play_game_under`] does. With `insufficient` it also ends as a draw where neither side has the men to win any
/// more.
pub(crate) fn play_game_to_the_end<W: Word>(
    mut game: Game<W>,
    white: &mut dyn Player<W>,
    black: &mut dyn Player<W>,
    conditions: &Conditions,
    insufficient: Option<&InsufficientMaterial<W>>,
) -> GameRecord<W> {
    let since = Since::now();
    let opening_plies = game.ply();
    let mut choices = Vec::new();
    let mut adjudicator = Adjudicator::new(conditions.adjudication);
    let (outcome, termination) = loop {
        if let Some(ending) = game.ending() {
            break (ending.outcome, Termination::Rules);
        }
        if insufficient.is_some_and(|material| material.holds(game.position())) {
            break (Outcome::Draw, Termination::InsufficientMaterial);
        }
        if since.interrupted().is_some() {
            break (Outcome::Draw, Termination::Interrupted);
        }
        if game.ply() >= conditions.max_plies {
            break (Outcome::Draw, Termination::MaxPlies);
        }
        let turn = game.position().turn();
        let (mover, clock): (&mut dyn Player<W>, _) = match turn {
            Color::White => (&mut *white, black.clock()),
            Color::Black => (&mut *black, white.clock()),
        };
        mover.see_clock(clock);
        let choice = match mover.choose(&game) {
            Ok(choice) => choice,
            Err(failure) => break (loss(turn), Termination::Forfeit(Forfeit { loser: turn, failure })),
        };
        choices.push(choice);
        game.play(choice.mv);
        if game.outcome().is_none()
            && let Some(outcome) = adjudicator.after(turn, &choice, game.ply())
        {
            break (outcome, Termination::Adjudicated);
        }
    };
    GameRecord {
        rules: Arc::clone(game.rules()),
        start: *game.start(),
        moves: game.moves().to_vec(),
        opening_plies,
        choices,
        outcome,
        ending: game.ending().filter(|_| termination == Termination::Rules),
        termination,
        incidents: Vec::new(),
    }
}

fn loss(color: Color) -> Outcome {
    if color == Color::White { Outcome::BlackWins } else { Outcome::WhiteWins }
}
