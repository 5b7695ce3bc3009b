//! Who plays whom, and what the results are worth: players, openings, games, matches, statistics, records.

#![forbid(unsafe_code)]

mod book;
mod book_maker;
mod factory;
mod game;
mod match_result;
mod match_runner;
mod openings;
mod pgn;
mod pgn_reader;
mod player;
mod random;
pub mod rating;
mod search_player;
mod spec;
mod stale;
pub mod stats;
pub mod tournament;

pub use book::{Book, BookError, BookFormat, BookOrder, MAX_BOOK_BYTES};
pub use book_maker::{Balance, BookLine, BookMaker, BookProgress, epd};
pub use factory::PlayerFactory;
pub use game::{DEFAULT_MAX_PLIES, GameRecord, play_game};
pub use match_result::{MatchResult, MatchSummary, Round};
pub use match_runner::{MakePlayer, MatchConfig, run_match};
pub use openings::{Opening, OpeningError, RandomOpenings};
pub use pgn::{PgnTags, pgn};
pub use pgn_reader::{PgnError, PgnGame, PgnReader};
pub use player::{Choice, Player, PolicyPlayer, RandomPlayer, RootInfo};
pub use search_player::SearchPlayer;
pub use spec::{DEFAULT_PLAYOUTS, Judge, PlayerSpec, SpecError};
