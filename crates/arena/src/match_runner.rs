//! Matches: rounds of two games each, played in parallel and counted in order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use rand::RngCore;
use rules::{Game, Rules};

use crate::game::{DEFAULT_MAX_PLIES, play_game};
use crate::match_result::{MatchResult, Round};
use crate::openings::{Opening, OpeningError};
use crate::player::Player;
use crate::random::{Purpose, stream};
use crate::stats::Sprt;

/// Makes one player per worker.
pub type MakePlayer<'a> = &'a (dyn Fn() -> Box<dyn Player> + Sync);

/// What is played.
#[derive(Clone, Debug)]
pub struct MatchConfig {
    /// The rules of the games.
    pub rules: Arc<Rules>,
    /// Openings, one per round; they are used again from the first where there are fewer than rounds.
    pub openings: Vec<Opening>,
    /// Number of rounds at most. A round is an opening played twice, the first player having White, then Black.
    pub rounds: u32,
    /// Index of the first round to be played: those before it are known from an interrupted match, and are not counted.
    pub first_round: u32,
    /// Seed of the players' random streams.
    pub seed: u64,
    /// Length in plies at which a game is called a draw.
    pub max_plies: usize,
    /// Test that may end the match before the last round.
    pub sprt: Option<Sprt>,
}

impl MatchConfig {
    /// A round for each opening, seed 0, the usual maximum length, no test.
    #[must_use]
    pub fn new(rules: Arc<Rules>, openings: Vec<Opening>) -> MatchConfig {
        let rounds = openings.len() as u32;
        MatchConfig { rules, openings, rounds, first_round: 0, seed: 0, max_plies: DEFAULT_MAX_PLIES, sprt: None }
    }
}

/// Plays a match on the current rayon thread pool. Each worker makes its own two players with `first` and `second`,
/// which must be made for the rules of the match.
///
/// `on_round` sees the rounds in order, each with the score up to it. With a test the match ends with the round that
/// decides it; rounds that other workers have begun by then are not counted. Rounds, score and end depend on `config`
/// and the players alone, not on the number of threads. `on_round` must not use rayon.
///
/// # Errors
/// If there is no opening, or one that the rules do not allow.
pub fn run_match(
    config: &MatchConfig,
    first: MakePlayer,
    second: MakePlayer,
    on_round: &mut (dyn FnMut(&Round, &MatchResult) + Send),
) -> Result<MatchResult, OpeningError> {
    let starts = config.openings.iter().map(|o| o.game(&config.rules)).collect::<Result<Vec<_>, _>>()?;
    if starts.is_empty() {
        return Err(OpeningError::Empty);
    }
    let result = MatchResult { sprt: config.sprt.map(|sprt| (sprt, None)), ..MatchResult::default() };
    let delivery = Mutex::new(Delivery { next: config.first_round, waiting: BTreeMap::new(), result, on_round });
    let (claimed, finished) = (AtomicU32::new(config.first_round), AtomicBool::new(false));
    let work = || {
        let mut players = [first(), second()];
        while !finished.load(Ordering::Relaxed) {
            let index = claimed.fetch_add(1, Ordering::Relaxed);
            if index >= config.rounds {
                break;
            }
            let round = play_round(config, &starts, index, &mut players);
            let decided = delivery.lock().expect("no worker panics while it delivers").accept(round);
            if decided {
                finished.store(true, Ordering::Relaxed);
            }
        }
    };
    rayon::scope(|scope| {
        for _ in 0..rayon::current_num_threads().min(config.rounds as usize) {
            scope.spawn(|_| work());
        }
    });
    Ok(delivery.into_inner().expect("no worker panicked").result)
}

/// Rounds come in as they end and go out in order.
struct Delivery<'a> {
    next: u32,
    waiting: BTreeMap<u32, Round>,
    result: MatchResult,
    on_round: &'a mut (dyn FnMut(&Round, &MatchResult) + Send),
}

impl Delivery<'_> {
    /// Counts what can be counted. True once the match is decided; nothing is counted from then on.
    fn accept(&mut self, round: Round) -> bool {
        self.waiting.insert(round.index, round);
        while !self.decided() {
            let Some(round) = self.waiting.remove(&self.next) else { return false };
            self.next += 1;
            self.result.count(&round);
            (self.on_round)(&round, &self.result);
        }
        true
    }

    fn decided(&self) -> bool {
        matches!(self.result.sprt, Some((_, Some(_))))
    }
}

fn play_round(config: &MatchConfig, starts: &[Game], index: u32, players: &mut [Box<dyn Player>; 2]) -> Round {
    let opening = index as usize % starts.len();
    let mut game = |number: u64| {
        for (player, seat) in players.iter_mut().zip(0..) {
            let mut rng = stream(config.seed, index.into(), 2 * number + seat, Purpose::PlayerSeed);
            player.new_game(rng.next_u64());
        }
        let [first, second] = players.each_mut().map(Box::as_mut);
        let (white, black) = if number == 0 { (first, second) } else { (second, first) };
        play_game(starts[opening].clone(), white, black, config.max_plies)
    };
    Round { index, opening, games: [game(0), game(1)] }
}
