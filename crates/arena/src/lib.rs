//! Who plays whom, and what the results are worth: players, openings, games, matches, statistics, records.

#![forbid(unsafe_code)]

mod factory;
mod game;
mod match_result;
mod match_runner;
mod openings;
mod pgn;
mod player;
mod random;
pub mod rating;
mod search_player;
mod spec;
mod stale;
pub mod stats;

pub use factory::PlayerFactory;
pub use game::{DEFAULT_MAX_PLIES, GameRecord, play_game};
pub use match_result::{MatchResult, MatchSummary, Round};
pub use match_runner::{MakePlayer, MatchConfig, run_match};
pub use openings::{Opening, OpeningError, RandomOpenings};
pub use pgn::{PgnTags, pgn};
pub use player::{Choice, Player, PolicyPlayer, RandomPlayer, RootInfo};
pub use search_player::SearchPlayer;
pub use spec::{DEFAULT_PLAYOUTS, Judge, PlayerSpec, SpecError};
