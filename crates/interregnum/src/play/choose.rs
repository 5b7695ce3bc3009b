//! An opponent's move.

use std::sync::Arc;

use arena::Player;
use rules::{Game, Rules, Word};
use serde_json::{Value, json};

use super::jobs::{Cancel, Job, Task};
use super::minds::white;
use super::players::{PlayerSpec, Prepared};
use super::record::{Played, on_word, with_game};

/// A player that is to move in a game.
struct Choose<W: Word> {
    player: Box<dyn Player<W>>,
    game: Game<W>,
}

/// The work of choosing a move.
///
/// # Errors
/// If the game is over, or the player cannot play it.
pub(super) fn job(
    prepared: &Prepared<'_>,
    spec: &PlayerSpec,
    played: &Played,
    seed: u64,
    cancel: &Arc<Cancel>,
) -> Result<Box<dyn Job>, String> {
    with_game!(played.last(), game => {
        let old = on_word(played.old_rules.as_ref()).unwrap_or_else(|| Arc::clone(game.rules()));
        make(prepared, spec, game, &old, seed, cancel)
    })
}

fn make<W: Word>(
    prepared: &Prepared<'_>,
    spec: &PlayerSpec,
    game: &Game<W>,
    old: &Arc<Rules<W>>,
    seed: u64,
    cancel: &Arc<Cancel>,
) -> Result<Box<dyn Job>, String> {
    if game.ending().is_some() {
        return Err("the game is over".to_owned());
    }
    let mut player = prepared.player(old, game.rules(), spec.playouts, cancel)?;
    player.new_game(seed);
    Ok(Box::new(Choose { player, game: game.clone() }))
}

impl<W: Word> Job for Choose<W> {
    fn step(&mut self, task: &Task) -> bool {
        let game = &self.game;
        let (rules, position) = (game.rules(), game.position());
        let answer = match self.player.choose(game) {
            Ok(choice) => json!({
                "uci": rules.uci(position, choice.mv),
                "san": rules.san(position, choice.mv),
                "estimate": choice.estimate.map(|value| white(value, position.turn())),
                "illegal": choice.illegal,
                "playouts": choice.root.map(|root| root.playouts),
            }),
            Err(failure) => json!({ "error": files::excerpt(&format!("{failure:?}"), 200) }),
        };
        // The move of a search that was given up is none.
        task.tell(if task.cancel.is_over() { Value::Null } else { answer });
        false
    }
}
