#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod adjudication;
mod book;
mod book_maker;
mod factory;
mod failure;
mod game;
mod game_log;
mod interrupt;
mod job;
mod match_result;
mod match_runner;
mod openings;
mod pgn;
mod pgn_reader;
mod player;
mod random;
pub mod rating;
mod search_player;
mod shared;
mod spec;
mod stale;
pub mod stats;
pub mod tournament;
mod uci;

pub use adjudication::{Adjudication, AdjudicationError, DrawRule, ResignRule};
pub use book::{Book, BookError, BookFormat, BookOrder, MAX_BOOK_BYTES};
pub use book_maker::{Balance, BookLine, BookMaker, BookProgress, epd};
pub use factory::PlayerFactory;
pub use failure::{Failure, FailureKind, Forfeit, Forfeits};
pub use game::{Conditions, DEFAULT_MAX_PLIES, GameRecord, Termination, play_game, play_game_under};
pub use game_log::{Existing, GameLog, GameLogError};
pub use interrupt::{go_on, interrupted, outlive_file_limits, stop, stop_on_signals, stops};
pub use job::{MATCH_JOB, PairingInputs, do_rounds, match_job};
pub use match_result::{GameTally, MatchResult, MatchSummary, Round, RoundTally};
pub use match_runner::{MakePlayer, MatchConfig, MatchError, resume_match, run_match};
pub use openings::{Opening, OpeningError, RandomOpenings};
pub use pgn::{PgnTags, pgn, round_pgn};
pub use pgn_reader::{PgnError, PgnGame, PgnReader};
pub use player::{Choice, Clock, EngineInfo, Player, PolicyPlayer, RandomPlayer, RootInfo, Score};
pub use search_player::SearchPlayer;
pub use shared::{Shared, SharedJob, play_rounds, share_match};
pub use spec::{DEFAULT_NODES, DEFAULT_PLAYOUTS, Judge, Method, PlayerSpec, SpecError};
pub use stale::{StaleView, same_move};
pub use uci::{TimeControl, UciLimits, UciSpec};
