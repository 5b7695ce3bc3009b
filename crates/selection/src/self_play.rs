//! Games of the champion against itself.

use std::ops::Range;
use std::sync::Arc;

use evaluator::{Network, NetworkEvaluator};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::Distribution as _;
use rayon::prelude::*;
use rules::{Color, Game, Move, Word};
use search::{Limit, Params, RootReport, Search};
use serde::{Deserialize, Serialize};

use crate::config::{ResignConfig, SelfPlayConfig};
use crate::regimes::Regime;
use crate::samples::Samples;

/// Parameters of all searches in self-play and gates, with the default `cpuct` unless another is given. The solver is off: it would stop a
/// search at a proof, and so change the shares of visits that are training targets. The shipped evaluators were selected without it.
pub(crate) fn search_params(cpuct: Option<f32>) -> Params {
    let default = Params { solver: false, ..Params::default() };
    Params { cpuct: cpuct.unwrap_or(default.cpuct), ..default }
}

/// Counts over games of self-play.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Games played.
    pub games: u64,
    /// Positions that are learnt from.
    pub positions: u64,
    /// Playouts of all searches.
    pub playouts: u64,
    /// Plies of all games.
    pub plies: u64,
    /// Games won by White; under a payoff, games worth more than 0 to White.
    pub white_wins: u64,
    /// Drawn games; under a payoff, games worth 0.
    pub draws: u64,
    /// Games that ended by resignation.
    pub resigned: u64,
    /// Games that went on although a side would have resigned.
    pub would_resign: u64,
    /// Games, among those of `would_resign`, that the side which would have resigned first did not lose; under a payoff, that were worth 0
    /// or more to it.
    pub false_resignations: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Tally) {
        self.games += other.games;
        self.positions += other.positions;
        self.playouts += other.playouts;
        self.plies += other.plies;
        self.white_wins += other.white_wins;
        self.draws += other.draws;
        self.resigned += other.resigned;
        self.would_resign += other.would_resign;
        self.false_resignations += other.false_resignations;
    }
}

/// One position of a finished game: a row of a shard.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Number of the regime whose rules the game was played under, from 0.
    pub regime: usize,
    /// Number of the game in its generation, from 0.
    pub game: u32,
    /// Plies of the game before the position.
    pub ply: u32,
    /// The position as a FEN.
    pub fen: String,
    /// The move that was played, in UCI notation.
    pub played: String,
    /// Playouts of the search; 0 if the move was random.
    pub playouts: u32,
    /// Whether the position is learnt from, which it is if its search was a full one.
    pub target: bool,
    /// Legal moves in UCI notation, the most visited first, or the chosen one first after sequential halving. Empty if there was no search.
    pub moves: Vec<String>,
    /// Visits of each of the moves; after sequential halving, probabilities of the improved policy in 65536ths.
    pub visits: Vec<u32>,
    /// Mean value of the search for the mover, -1 to 1; `None` if there was no search.
    pub value: Option<f32>,
    /// What the game was worth to the mover, -1 to 1. Without a payoff this is the game's result. A resigned game is worth -1 to the side
    /// that resigned, and a game that was cut off at `max_plies` is worth 0.
    pub worth: f32,
}

impl Row {
    /// The sign of [`Row::worth`]: 1, 0 or -1. Without a payoff this is the game's result for the mover.
    #[must_use]
    pub fn outcome(&self) -> i8 {
        i8::from(self.worth > 0.0) - i8::from(self.worth < 0.0)
    }
}

/// The games of a generation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Games {
    /// All positions, in the order of games and plies.
    pub rows: Vec<Row>,
    /// The positions that are learnt from, in the order of games and plies.
    pub samples: Samples,
    /// Counts over the games.
    pub tally: Tally,
}

impl Games {
    /// Adds games behind those that are there.
    pub(crate) fn append(&mut self, games: Games) {
        self.rows.extend(games.rows);
        self.samples.append(&games.samples);
        self.tally.add(&games.tally);
    }
}

/// The random stream of a (run seed, generation, game, purpose). The key holds nothing else, so draws do not depend on threads or clocks.
pub(crate) fn stream(seed: u64, generation: u32, game: u32, purpose: u8) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..12].copy_from_slice(&generation.to_le_bytes());
    key[12..16].copy_from_slice(&game.to_le_bytes());
    key[16] = purpose;
    ChaCha8Rng::from_seed(key)
}

/// Plays games of a generation, by their numbers, on the current thread pool, under each regime in turn. `cpuct` replaces the default constant of PUCT.
/// Random streams are keyed by the run's seed, the number of the generation and that of the game. `finished` is called with the counts of each game when it
/// ends, in the order in which games end. The result does not depend on the number of threads.
///
/// # Panics
/// If `regimes` is empty, or the network does not fit the rules of a regime.
pub fn play_games<W: Word>(
    regimes: &[Regime<W>],
    network: &Arc<Network>,
    config: &SelfPlayConfig,
    cpuct: Option<f32>,
    (seed, generation): (u64, u32),
    numbers: Range<u32>,
    finished: &(dyn Fn(&Tally) + Sync),
) -> Games {
    let games: Vec<Games> = numbers
        .into_par_iter()
        .map_init(
            || {
                let evaluators: Vec<_> = regimes.iter().map(|r| r.evaluator(network)).collect();
                let search = Search::new(search_params(cpuct)).expect("PUCT without batches is possible");
                (evaluators, search)
            },
            |(evaluators, search), number| {
                let rng = stream(seed, generation, number, 0);
                let index = number as usize % regimes.len();
                let evaluator = &mut evaluators[index];
                let played = Player { regime: &regimes[index], config, evaluator, search, rng }.play(index, number);
                finished(&played.tally);
                played
            },
        )
        .collect();
    let mut all = Games::default();
    games.into_iter().for_each(|game| all.append(game));
    all
}

/// How the move of a position was found.
enum Found {
    /// Drawn at random.
    Random(Move),
    /// Found by a search. Holds whether the search was a full one, and the index of the move that is played among the report's moves.
    Searched(RootReport, bool, usize),
}

/// Plays both sides of one game.
struct Player<'a, W: Word = u64> {
    regime: &'a Regime<W>,
    config: &'a SelfPlayConfig,
    evaluator: &'a mut NetworkEvaluator,
    search: &'a mut Search<W>,
    rng: ChaCha8Rng,
}

impl<W: Word> Player<'_, W> {
    fn play(mut self, regime: usize, number: u32) -> Games {
        let mut game = Game::new(Arc::clone(&self.regime.rules));
        // The tree may hold a game that this thread played before.
        self.search.clear();
        let mut found = Vec::new();
        let random_plies = self.rng.random_range(0..=self.config.random_plies);
        let mut resignation = self.config.resign.map(|config| Resignation::new(config, &mut self.rng));
        let mut resigned = None;
        while game.outcome().is_none() && game.ply() < self.config.max_plies as usize && resigned.is_none() {
            let next = if game.ply() < random_plies as usize {
                Found::Random(random_move(&game, &mut self.rng))
            } else {
                self.search(&game)
            };
            let mv = match &next {
                Found::Random(mv) => *mv,
                Found::Searched(root, full, chosen) => {
                    if let Some(resignation) = resignation.as_mut().filter(|_| *full) {
                        resigned = resignation.judge(game.position().turn(), root.value);
                    }
                    root.moves[*chosen].mv
                }
            };
            found.push((*game.position(), next));
            game.play(mv);
        }
        let worth = |color: Color| match (game.ending(), resigned) {
            (Some(ending), _) => game.rules().worth(ending, color),
            (None, Some(loser)) => {
                if loser == color {
                    -1.0
                } else {
                    1.0
                }
            }
            (None, None) => 0.0,
        };
        let for_white = worth(Color::White);
        let mut games = Games::default();
        for (ply, (position, found)) in found.into_iter().enumerate() {
            let worth = worth(position.turn());
            let mut row = Row {
                regime,
                game: number,
                ply: ply as u32,
                fen: self.regime.rules.fen(&position),
                played: String::new(),
                playouts: 0,
                target: false,
                moves: Vec::new(),
                visits: Vec::new(),
                value: None,
                worth,
            };
            match found {
                Found::Random(mv) => row.played = self.regime.rules.uci(&position, mv),
                Found::Searched(root, full, chosen) => {
                    row.moves = root.moves.iter().map(|m| self.regime.rules.uci(&position, m.mv)).collect();
                    row.visits = root.moves.iter().map(|m| m.visits).collect();
                    row.played.clone_from(&row.moves[chosen]);
                    (row.playouts, row.target, row.value) = (root.playouts, full, Some(root.value));
                    games.tally.playouts += u64::from(root.playouts);
                    if full {
                        let moves: Vec<(Move, u32)> = root.moves.iter().map(|m| (m.mv, m.visits)).collect();
                        games.samples.push(self.regime, &position, &moves, worth, root.value);
                    }
                }
            }
            games.rows.push(row);
        }
        let tally = &mut games.tally;
        (tally.games, tally.positions, tally.plies) = (1, games.samples.len() as u64, games.rows.len() as u64);
        (tally.white_wins, tally.draws) = (u64::from(for_white > 0.0), u64::from(for_white == 0.0));
        tally.resigned = u64::from(resigned.is_some());
        if let Some(side) = resignation.and_then(|r| r.would) {
            let lost = worth(side) < 0.0;
            (tally.would_resign, tally.false_resignations) = (1, u64::from(!lost));
        }
        games
    }

    fn search(&mut self, game: &Game<W>) -> Found {
        let config = self.config;
        let full = config.full_share >= 1.0 || self.rng.random::<f64>() < config.full_share;
        if let Some(considered) = config.considered.filter(|_| full) {
            return self.search_by_halving(game, considered);
        }
        let root = if full {
            let noise = dirichlet(game.legal().len(), config.noise_concentration, &mut self.rng);
            let limit = Limit::Playouts(config.playouts);
            self.search.run_noisy(game, self.evaluator, limit, config.noise_share, &noise)
        } else {
            if !config.reuse_tree {
                self.search.clear();
            }
            self.search.run(game, self.evaluator, Limit::Playouts(config.fast_playouts))
        };
        let tempered = game.ply() < config.temperature_plies as usize;
        let chosen = if tempered { draw_by_visits(&root, &mut self.rng) } else { 0 };
        Found::Searched(root, full, chosen)
    }

    /// Searches by sequential halving with Gumbel noise, which chooses the move. The visits of the report are replaced by the improved
    /// policy in 65536ths, because that is what the network learns.
    fn search_by_halving(&mut self, game: &Game<W>, considered: u32) -> Found {
        let mut gumbel = || -libm::logf(-libm::logf(self.rng.random_range(f32::MIN_POSITIVE..1.0)));
        let noise: Vec<f32> = (0..game.legal().len()).map(|_| gumbel()).collect();
        self.search.clear();
        let mut root = self.search.run_halving(game, self.evaluator, self.config.playouts, considered, &noise);
        let policy = self.search.improved_policy();
        for m in &mut root.moves {
            let share = policy.iter().find(|(mv, _)| *mv == m.mv).map_or(0.0, |(_, share)| *share);
            m.visits = (share * WHOLE_POLICY).round() as u32;
        }
        Found::Searched(root, true, 0)
    }
}

/// The factor by which probabilities of the improved policy are multiplied, so that whole numbers can hold them in place of visits.
const WHOLE_POLICY: f32 = 65536.0;

/// Decides when a side of a game resigns.
struct Resignation {
    config: ResignConfig,
    /// Whether the game goes on after a resignation, which shows whether the resignation was wrong.
    played_out: bool,
    /// How many full searches of each side in a row had a value below the bound.
    hopeless: [u32; 2],
    /// The side that would have resigned first, if the game goes on after a resignation.
    would: Option<Color>,
}

impl Resignation {
    fn new(config: ResignConfig, rng: &mut ChaCha8Rng) -> Resignation {
        Resignation { config, played_out: rng.random::<f64>() < config.played_out, hopeless: [0; 2], would: None }
    }

    /// Takes in the value of a full search of the mover. Returns the mover if it resigns now.
    fn judge(&mut self, mover: Color, value: f32) -> Option<Color> {
        let hopeless = &mut self.hopeless[mover.index()];
        *hopeless = if value < self.config.below { *hopeless + 1 } else { 0 };
        if *hopeless < self.config.searches {
            return None;
        }
        if self.played_out {
            self.would.get_or_insert(mover);
            return None;
        }
        Some(mover)
    }
}

/// A uniformly random legal move. Moves are sorted before the draw (by piece type, then by squares, drops last), so that a seed gives the
/// same move in whatever order the generator lists moves.
fn random_move<W: Word>(game: &Game<W>, rng: &mut ChaCha8Rng) -> Move {
    let mut moves: Vec<Move> = game.legal().to_vec();
    moves.sort_by_key(|mv| {
        let piece = game.position().piece_on(mv.from()).map_or(usize::MAX, |(_, piece)| piece.index());
        (piece, mv.from(), mv.to(), mv.promotion(), *mv)
    });
    moves[rng.random_range(0..moves.len())]
}

/// A draw from the symmetric Dirichlet distribution over `moves` moves, whose parameters add up to `concentration`: gamma variates, divided
/// by their sum.
fn dirichlet(moves: usize, concentration: f32, rng: &mut ChaCha8Rng) -> Vec<f32> {
    let gamma = rand_distr::Gamma::new(f64::from(concentration) / moves as f64, 1.0).expect("positive parameters");
    let draws: Vec<f64> = (0..moves).map(|_| gamma.sample(rng).max(1e-30)).collect();
    let sum: f64 = draws.iter().sum();
    draws.iter().map(|d| (d / sum) as f32).collect()
}

/// Index of a move that is drawn with probabilities in proportion to visits; 0 if no move has visits.
fn draw_by_visits(root: &RootReport, rng: &mut ChaCha8Rng) -> usize {
    let total: u32 = root.moves.iter().map(|m| m.visits).sum();
    let mut left = rng.random_range(0..total.max(1));
    for (i, m) in root.moves.iter().enumerate() {
        if left < m.visits {
            return i;
        }
        left -= m.visits;
    }
    0
}
