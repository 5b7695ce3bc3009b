//! Matches: rounds of two games each, played in parallel and counted in order.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use rand::RngCore;
use rules::{Game, InsufficientMaterial, Rules, Word};
use thiserror::Error;

use crate::adjudication::Adjudication;
use crate::game::{Conditions, DEFAULT_MAX_PLIES, GameRecord, play_game_to_the_end};
use crate::interrupt::{self, Since};
use crate::match_result::{MatchResult, Round, RoundTally};
use crate::openings::{Opening, OpeningError};
use crate::player::Player;
use crate::random::{Purpose, stream};
use crate::spec::SpecError;
use crate::stats::Sprt;

/// Makes a player; each worker makes its own.
pub type MakePlayer<'a, W = u64> = &'a (dyn Fn() -> Box<dyn Player<W>> + Sync);

/// What is played.
#[derive(Clone, Debug)]
pub struct MatchConfig<W: Word = u64> {
    /// The rules of the games.
    pub rules: Arc<Rules<W>>,
    /// Openings, one per round; they are used again from the first where there are fewer than rounds.
    pub openings: Vec<Opening>,
    /// Number of rounds at most. A round is an opening played twice, the first player having White, then Black.
    pub rounds: u32,
    /// Seed of the players' random streams.
    pub seed: u64,
    /// Length in plies at which a game is called a draw.
    pub max_plies: usize,
    /// Rules by which the players' scores end a game.
    pub adjudication: Adjudication,
    /// Whether games end as draws where nobody can win any more with the men that are left ([`InsufficientMaterial`]). Under a payoff games
    /// go on: where nobody can win, an ending may still be worth something.
    pub insufficient_material: bool,
    /// Whether one pair of players plays all rounds one after the other, for players that remember earlier games. If not, every thread has a
    /// pair of its own.
    pub in_order: bool,
    /// Test that may end the match before the last round. It needs games that are won, drawn or lost.
    pub sprt: Option<Sprt>,
}

impl<W: Word> MatchConfig<W> {
    /// A match with one round for each opening, seed 0 and the usual greatest length, without adjudication, ends by insufficient
    /// material or a test.
    #[must_use]
    pub fn new(rules: Arc<Rules<W>>, openings: Vec<Opening>) -> MatchConfig<W> {
        let rounds = openings.len() as u32;
        MatchConfig {
            rules,
            openings,
            rounds,
            seed: 0,
            max_plies: DEFAULT_MAX_PLIES,
            adjudication: Adjudication::default(),
            insufficient_material: false,
            in_order: false,
            sprt: None,
        }
    }
}

impl<W: Word> MatchConfig<W> {
    /// What ends games besides the rules.
    pub(crate) fn conditions(&self) -> Conditions {
        Conditions { max_plies: self.max_plies, adjudication: self.adjudication }
    }

    /// Refuses a test that the payoff of the rules leaves nothing to count for. [`run_match`] does so, too.
    ///
    /// # Errors
    /// If there is a test, and games may be worth fractions.
    pub fn check_test(&self) -> Result<(), MatchError> {
        let payoff = self.rules.payoff();
        let fits = self.sprt.is_none() || payoff.is_ternary();
        if fits { Ok(()) } else { Err(MatchError::SprtOfFractions(payoff.to_string())) }
    }
}

/// Why a match did not take place, or came to a halt.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MatchError {
    /// There is no opening, or one that the rules do not allow.
    #[error(transparent)]
    Opening(#[from] OpeningError),
    /// A sequential test of games that may be worth fractions.
    #[error(
        "SPRT tests counts of wins, draws and losses; under the payoff {0} games may be worth fractions: play a fixed number of rounds"
    )]
    SprtOfFractions(String),
    /// A player that cannot be started.
    #[error(transparent)]
    Player(#[from] SpecError),
    /// A signal stopped the match ([`crate::stop_on_signals`]); its number.
    #[error("stopped by {}", interrupt::name(*.0))]
    Interrupted(i32),
    /// Rounds could not be shared with others, or others are to play them first.
    #[error("{0}")]
    Work(String),
}

impl From<work::WorkError> for MatchError {
    fn from(error: work::WorkError) -> MatchError {
        match (&error, interrupt::interrupted()) {
            (work::WorkError::Stopped, Some(signal)) => MatchError::Interrupted(signal),
            _ => MatchError::Work(error.to_string()),
        }
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
/// If there is no opening, or one that the rules do not allow, a test goes with a payoff of fractions, a player cannot be started (internal
/// ones always can), or a signal stops the match.
pub fn run_match<W: Word>(
    config: &MatchConfig<W>,
    first: MakePlayer<W>,
    second: MakePlayer<W>,
    on_round: &mut (dyn FnMut(&Round<W>, &MatchResult) + Send),
) -> Result<MatchResult, MatchError> {
    resume_match(config, &[], first, second, &mut |round, result| {
        on_round(round, result);
        ControlFlow::Continue(())
    })
}

/// Plays a match as [`run_match`] does, of which the first rounds have been played before: those of `done` are counted, and the
/// match goes on after them. It also ends when `on_round` breaks. Players that remember earlier games know nothing of `done`.
///
/// # Errors
/// The errors of [`run_match`]. `on_round` has seen all rounds that count.
pub fn resume_match<W: Word>(
    config: &MatchConfig<W>,
    done: &[RoundTally],
    first: MakePlayer<W>,
    second: MakePlayer<W>,
    on_round: &mut (dyn FnMut(&Round<W>, &MatchResult) -> ControlFlow<()> + Send),
) -> Result<MatchResult, MatchError> {
    let since = Since::now();
    let starts = starts(config)?;
    let payoff = config.rules.payoff();
    config.check_test()?;
    let mut result = MatchResult::new(payoff, config.sprt);
    done.iter().for_each(|round| result.count(round));
    let next = u32::try_from(done.len()).unwrap_or(u32::MAX);
    let delivery = Delivery {
        next,
        waiting: BTreeMap::new(),
        result,
        on_round,
        stopped: false,
        error: None,
        since,
        interrupted: None,
    };
    let (claimed, finished) = (AtomicU32::new(next), AtomicBool::new(delivery.ended()));
    let delivery = Mutex::new(delivery);
    let insufficient = insufficient(config);
    let work = || {
        let mut players = [first(), second()];
        while !finished.load(Ordering::Relaxed) {
            let index = claimed.fetch_add(1, Ordering::Relaxed);
            if index >= config.rounds {
                break;
            }
            let round = play_round(config, &starts, index, &mut players, insufficient.as_ref(), since);
            let ended = delivery.lock().expect("no worker panics while it delivers").accept(round);
            if ended {
                finished.store(true, Ordering::Relaxed);
            }
        }
    };
    let threads = if config.in_order { 1 } else { rayon::current_num_threads() };
    rayon::scope(|scope| {
        for _ in 0..threads.min(config.rounds.saturating_sub(next) as usize) {
            scope.spawn(|_| work());
        }
    });
    let delivery = delivery.into_inner().expect("no worker panicked");
    match (delivery.error, delivery.interrupted) {
        (_, Some(signal)) => Err(MatchError::Interrupted(signal)),
        (Some(error), _) => Err(error.into()),
        _ => Ok(delivery.result),
    }
}

/// What tells dead positions, if they end games.
pub(crate) fn insufficient<W: Word>(config: &MatchConfig<W>) -> Option<InsufficientMaterial<W>> {
    let dead = config.insufficient_material && config.rules.payoff().is_default();
    dead.then(|| InsufficientMaterial::new(Arc::clone(&config.rules)))
}

/// The positions that the games of a match begin with, one for each opening.
pub(crate) fn starts<W: Word>(config: &MatchConfig<W>) -> Result<Vec<Game<W>>, OpeningError> {
    let starts = config.openings.iter().map(|o| o.game(&config.rules)).collect::<Result<Vec<_>, _>>()?;
    if starts.is_empty() { Err(OpeningError::Empty) } else { Ok(starts) }
}

/// Takes rounds in the order in which they end, and counts them in the order of their numbers.
struct Delivery<'a, W: Word = u64> {
    next: u32,
    waiting: BTreeMap<u32, Round<W>>,
    result: MatchResult,
    on_round: &'a mut (dyn FnMut(&Round<W>, &MatchResult) -> ControlFlow<()> + Send),
    /// Whether `on_round` has ended the match.
    stopped: bool,
    /// Why no more rounds are played, if a player could not be started.
    error: Option<SpecError>,
    /// Since when signals stop the match, and the one that did.
    since: Since,
    interrupted: Option<i32>,
}

impl<W: Word> Delivery<'_, W> {
    /// Takes a round and counts all that are next in order. True once the match has ended; nothing is counted from then on.
    fn accept(&mut self, round: Result<Round<W>, SpecError>) -> bool {
        // At a signal the engines are killed, which may have ended this round: it must not count.
        if !self.ended() {
            self.interrupted = self.since.interrupted();
        }
        match round {
            Ok(round) => {
                self.waiting.insert(round.index, round);
            }
            Err(error) => {
                self.error.get_or_insert(error);
            }
        }
        while !self.ended() {
            let Some(round) = self.waiting.remove(&self.next) else { return false };
            self.next += 1;
            self.result.count(&round.tally());
            self.stopped = (self.on_round)(&round, &self.result).is_break();
        }
        true
    }

    fn ended(&self) -> bool {
        self.stopped || self.error.is_some() || self.interrupted.is_some() || self.result.is_decided()
    }
}

pub(crate) fn play_round<W: Word>(
    config: &MatchConfig<W>,
    starts: &[Game<W>],
    index: u32,
    players: &mut [Box<dyn Player<W>>; 2],
    insufficient: Option<&InsufficientMaterial<W>>,
    since: Since,
) -> Result<Round<W>, SpecError> {
    let opening = index as usize % starts.len();
    let conditions = config.conditions();
    let mut game = |number: usize| {
        let mut incidents = Vec::new();
        for (seat, player) in players.iter_mut().enumerate() {
            incidents.extend(player.prepare()?.map(|incident| (Round::color(seat, number), incident)));
            let mut rng = stream(config.seed, index.into(), (2 * number + seat) as u64, Purpose::PlayerSeed);
            player.new_game(rng.next_u64());
        }
        let [first, second] = players.each_mut().map(Box::as_mut);
        let (white, black) = if number == 0 { (first, second) } else { (second, first) };
        let record = play_game_to_the_end(starts[opening].clone(), white, black, &conditions, insufficient, since);
        for (seat, player) in players.iter_mut().enumerate() {
            player.game_over(record.worth(Round::color(seat, number)));
        }
        Ok(GameRecord { incidents, ..record })
    };
    Ok(Round { index, opening, games: [game(0)?, game(1)?] })
}
