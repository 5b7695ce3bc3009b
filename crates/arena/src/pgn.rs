//! Game records as PGN.
//!
//! Moves are written in UCI notation (`e2e4`, `a7a8q`), which names a move in every variant. The PGN reader of
//! python-chess accepts it as fully specified SAN. Comments hold `{estimate/playouts}` from the mover's side, or
//! `{pawns/depth time}` for external engines.
//!
//! The tag `Result` is the result by the variant's own rules. Games under another payoff have three more tags: `Payoff` with its entries
//! (`stalemate=0.5,flag=-1`), `Ending` with the kind of ending (`stalemate`) where the rules ended the game, and `WhiteWorth` with what the
//! game was worth to White, from -1 to 1.

use std::fmt::Write;

use rules::{Color, Outcome, Word};

use crate::factory::PlayerFactory;
use crate::failure::Forfeit;
use crate::game::{GameRecord, Termination};
use crate::match_result::Round;
use crate::player::{Choice, EngineInfo, Score};

/// Lines of movetext are broken at this length (PGN standard, 4.3: export format).
const LINE: usize = 80;
/// The start position of chess, for which PGN needs no tag FEN.
const ORTHODOX: &str = "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1";

/// What the tags of a game say beyond what its record knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PgnTags {
    /// Name of the match.
    pub event: String,
    /// Numbers of round and game, such as `12.1`.
    pub round: String,
    /// Name of White, which is its player specification.
    pub white: String,
    /// Name of Black.
    pub black: String,
    /// Hash of White's weights; empty where there are none.
    pub white_weights: String,
    /// Hash of Black's weights; empty where there are none.
    pub black_weights: String,
    /// Further tags; names of letters, digits and underscores only.
    pub more: Vec<(String, String)>,
}

/// Writes one game, followed by an empty line. No dates or times: the same game gives the same text.
#[must_use]
pub fn pgn<W: Word>(record: &GameRecord<W>, tags: &PgnTags) -> String {
    let rules = &record.rules;
    let result = record.outcome.to_string();
    let fen = rules.fen(&record.start);
    let mut text = String::new();
    let mut tag = |name: &str, value: &str| {
        let _ = writeln!(text, "[{name} \"{}\"]", escaped(value));
    };
    tag("Event", &tags.event);
    tag("Site", "?");
    tag("Date", "????.??.??");
    tag("Round", &tags.round);
    tag("White", &tags.white);
    tag("Black", &tags.black);
    tag("Result", &result);
    tag("Variant", rules.name());
    if fen != ORTHODOX {
        tag("SetUp", "1");
        tag("FEN", &fen);
    }
    tag("PlyCount", &record.plies().to_string());
    tag(
        "Termination",
        match &record.termination {
            Termination::Rules | Termination::InsufficientMaterial => "normal",
            Termination::MaxPlies | Termination::Adjudicated => "adjudication",
            Termination::Forfeit(forfeit) => forfeit.failure.kind.termination(),
            Termination::Interrupted => "unterminated",
        },
    );
    tag("RulesHash", rules.hash());
    if !rules.payoff().is_default() {
        tag("Payoff", &rules.payoff().to_string());
        if let Some(ending) = record.ending {
            tag("Ending", ending.kind.name());
        }
        tag("WhiteWorth", &record.worth(Color::White).to_string());
    }
    for (name, hash) in [("WhiteWeights", &tags.white_weights), ("BlackWeights", &tags.black_weights)] {
        if !hash.is_empty() {
            tag(name, hash);
        }
    }
    for (name, value) in &tags.more {
        tag(name, value);
    }
    text.push('\n');
    let mut column = 0;
    for token in movetext(record, tags).iter().chain([&result]) {
        if column > 0 && column + 1 + token.len() > LINE {
            text.push('\n');
            column = 0;
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(token);
        column += token.len();
    }
    text.push_str("\n\n");
    text
}

/// Writes both games of a round between two players of these names. `number` and a point stand before the numbers of the games.
/// `adjudication` says what ends games besides the rules, if anything was asked for.
#[must_use]
pub fn round_pgn<W: Word>(
    round: &Round<W>,
    event: &str,
    number: &str,
    players: [(&str, &PlayerFactory<W>); 2],
    adjudication: Option<&str>,
) -> String {
    let mut text = String::new();
    for (index, game) in round.games.iter().enumerate() {
        let [first, second] = players;
        let [white, black] = if Round::color(0, index) == Color::White { [first, second] } else { [second, first] };
        let weights = |player: &PlayerFactory<W>| player.weights_hash().unwrap_or_default().to_owned();
        let mut more = Vec::new();
        for (color, (name, player)) in [("White", white), ("Black", black)] {
            let spec = player.spec().to_string();
            more.extend((spec != name).then(|| (format!("{color}Spec"), spec)));
            more.extend(player.engine_id().map(|id| (format!("{color}Engine"), id.to_owned())));
        }
        more.extend(adjudication.map(|text| ("Adjudication".to_owned(), text.to_owned())));
        let tags = PgnTags {
            event: event.to_owned(),
            round: format!("{number}.{}", index + 1),
            white: white.0.to_owned(),
            black: black.0.to_owned(),
            white_weights: weights(white.1),
            black_weights: weights(black.1),
            more,
        };
        text += &pgn(game, &tags);
    }
    text
}

/// The numbers, moves and comments of a game. None of them may be broken across lines.
fn movetext<W: Word>(record: &GameRecord<W>, tags: &PgnTags) -> Vec<String> {
    let name = |color| format!("{color:?} ({})", if color == Color::White { &tags.white } else { &tags.black });
    let mut tokens = Vec::new();
    for (color, incident) in &record.incidents {
        tokens.push(remark(&format!("{} was started again: since its last game it {incident}", name(*color))));
    }
    // The number of the full move is the last field of the FEN.
    let fen = record.rules.fen(&record.start);
    let first_number: usize = fen.rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or(1);
    let black_starts = usize::from(record.start.turn() == Color::Black);
    for (ply, mv) in record.rules.uci_line(&record.start, &record.moves).into_iter().enumerate() {
        let number = first_number + (ply + black_starts) / 2;
        match record.mover(ply) {
            Color::White => tokens.push(format!("{number}.")),
            // After a comment PGN repeats the number before a move of Black.
            Color::Black if tokens.last().is_none_or(|t| t.starts_with('{')) => tokens.push(format!("{number}...")),
            Color::Black => {}
        }
        tokens.push(mv);
        let comment = match ply.checked_sub(record.opening_plies) {
            None => "book".to_owned(),
            Some(index) => comment(&record.choices[index]),
        };
        if !comment.is_empty() {
            tokens.push(format!("{{{comment}}}"));
        }
    }
    match &record.termination {
        Termination::Rules | Termination::Interrupted => {}
        Termination::InsufficientMaterial => tokens.push("{drawn by insufficient material}".to_owned()),
        Termination::MaxPlies => {
            debug_assert_eq!(record.outcome, Outcome::Draw);
            tokens.push(format!("{{drawn at the maximum length of {} plies}}", record.plies()));
        }
        Termination::Adjudicated => tokens.push("{adjudicated by the players' scores}".to_owned()),
        Termination::Forfeit(Forfeit { loser, failure }) => {
            tokens.push(remark(&format!("{} forfeits: it {failure}", name(*loser))));
        }
    }
    tokens
}

/// Any text as one line, without what a terminal acts on.
fn plain(text: &str) -> String {
    files::printable(&text.replace(['\n', '\r', '\t'], " ")).into_owned()
}

/// A comment of any text, in which braces are replaced (PGN standard, 5: commentary).
fn remark(text: &str) -> String {
    format!("{{{}}}", plain(text).replace('{', "(").replace('}', ")"))
}

/// Writes what an engine said of its move as cutechess and fastchess do, such as `+0.35/12 0.105s`: pawns for the mover (or `+M5`
/// for a mate), depth, time.
fn engine_comment(info: &EngineInfo) -> String {
    let mut text = match info.score {
        Some(Score::Centipawns(score)) => format!("{:+.2}", f64::from(score) / 100.0),
        Some(Score::Mate(moves)) => format!("{}M{}", if moves > 0 { '+' } else { '-' }, moves.unsigned_abs()),
        None => String::new(),
    };
    if let (Some(depth), Some(_)) = (info.depth, info.score) {
        let _ = write!(text, "/{depth}");
    }
    let space = if text.is_empty() { "" } else { " " };
    let _ = write!(text, "{space}{:.3}s", info.time.as_secs_f64());
    text
}

fn comment(choice: &Choice) -> String {
    if let Some(info) = &choice.engine {
        return engine_comment(info);
    }
    let mut text = String::new();
    if let Some(estimate) = choice.estimate {
        let _ = write!(text, "{estimate:+.2}");
    }
    if let Some(root) = choice.root {
        let _ = write!(text, "/{}", root.playouts);
    }
    if choice.illegal {
        text.push_str(if text.is_empty() { "illegal choice replaced" } else { " illegal choice replaced" });
    }
    text
}

/// Any text as the value of a tag, with quotes and backslashes escaped (PGN standard, 7: tokens).
fn escaped(value: &str) -> String {
    plain(value).replace('\\', "\\\\").replace('"', "\\\"")
}
