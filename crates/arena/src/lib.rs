//! Who plays whom, and what the results are worth: players, openings, games, matches, statistics, records.

#![forbid(unsafe_code)]

mod adjudication;
mod factory;
mod failure;
mod game;
mod match_log;
mod match_result;
mod match_runner;
mod openings;
mod pgn;
mod player;
mod random;
mod search_player;
mod spec;
mod stale;
pub mod stats;
mod uci;

pub use adjudication::{Adjudication, AdjudicationError, DrawRule, ResignRule};
pub use factory::PlayerFactory;
pub use failure::{Failure, FailureKind, Forfeit, Forfeits};
pub use game::{Conditions, DEFAULT_MAX_PLIES, GameRecord, Termination, play_game, play_game_under};
pub use match_log::{Existing, MatchLog, MatchLogError};
pub use match_result::{GameTally, MatchResult, MatchSummary, Round, RoundTally};
pub use match_runner::{MakePlayer, MatchConfig, MatchError, resume_match, run_match};
pub use openings::{Opening, OpeningError, RandomOpenings};
pub use pgn::{PgnTags, pgn};
pub use player::{Choice, Clock, EngineInfo, Player, PolicyPlayer, RandomPlayer, RootInfo, Score};
pub use search_player::SearchPlayer;
pub use spec::{DEFAULT_PLAYOUTS, Judge, PlayerSpec, SpecError};
pub use uci::{TimeControl, UciLimits, UciSpec};
