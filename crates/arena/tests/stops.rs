//! A stop that is taken back at once. It is one of the whole process: no other test may stand here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arena::{Choice, Failure, MatchConfig, MatchError, Player, RandomOpenings, RandomPlayer, run_match};
use rules::{Catalog, Game};

/// Moves that were chosen.
static CHOSEN: AtomicU32 = AtomicU32::new(0);

/// A player during whose first move the program is told to stop, and to go on.
struct Stopping(RandomPlayer);

impl Player for Stopping {
    fn choose(&mut self, game: &Game) -> Result<Choice, Failure> {
        if CHOSEN.fetch_add(1, Ordering::SeqCst) == 0 {
            arena::stop(2);
            arena::go_on();
        }
        self.0.choose(game)
    }

    fn new_game(&mut self, seed: u64) {
        Player::<u64>::new_game(&mut self.0, seed);
    }
}

#[test]
fn a_match_ends_at_a_stop_though_it_is_taken_back_and_the_next_is_played() {
    let rules = Catalog::builtin().rules("gardner").unwrap();
    let openings = RandomOpenings::new(1, 2..=2).generate(&rules, 4).unwrap();
    let config = MatchConfig { rounds: 4, in_order: true, ..MatchConfig::new(Arc::clone(&rules), openings) };
    let player = || -> Box<dyn Player> { Box::new(Stopping(RandomPlayer::new())) };
    let stopped = run_match(&config, &player, &player, &mut |_, _| panic!("no round counts"));
    assert!(matches!(stopped, Err(MatchError::Interrupted(2))), "{stopped:?}");
    assert_eq!(CHOSEN.load(Ordering::SeqCst), 1, "neither the game nor the next of its round goes on");
    let played = run_match(&config, &player, &player, &mut |_, _| ()).unwrap();
    assert_eq!(played.summary().games, 8);
}
