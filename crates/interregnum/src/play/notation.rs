//! Games as PGN. A change of the rules amid the game, which PGN does not know, is a comment and a tag of our own.

use std::fmt::Write as _;

use arena::PgnReader;
use rules::{Game, MoveError, Word};

use super::record::{AnyGame, Played, Record, Segment, with_game};
use super::rules::{RuleBook, RulesSpec};

/// The tag that holds the rules of all parts of the game, as JSON.
const TAG: &str = "InterregnumRules";
/// The longest line of moves, in characters.
const LINE: usize = 80;
/// The most moves that are read.
const MAX_MOVES: usize = 2000;

/// The game as PGN, with these names of the players.
pub(super) fn write(record: &Record, played: &Played, white: &str, black: &str) -> String {
    let mut text = String::new();
    let mut tag = |name: &str, value: &str| {
        let escaped = files::printable(value).replace('\\', "\\\\").replace('"', "\\\"");
        let _ = writeln!(text, "[{name} \"{escaped}\"]");
    };
    let ending = with_game!(played.last(), game => game.ending());
    let result = ending.map_or_else(|| "*".to_owned(), |ending| ending.outcome.to_string());
    tag("Event", "Interregnum");
    tag("Site", "?");
    tag("Date", "????.??.??");
    tag("Round", "-");
    tag("White", white);
    tag("Black", black);
    tag("Result", &result);
    tag("Variant", &record.segments[0].rules.variant);
    let (start, usual) =
        with_game!(&played.parts[0], game => (game.rules().fen(game.start()), game.rules().start_fen().to_owned()));
    if record.fen.is_some() && start != usual {
        tag("SetUp", "1");
        tag("FEN", &start);
    }
    let plain = |spec: &RulesSpec| spec.edit.is_empty() && spec.payoff.is_empty();
    if record.segments.len() > 1 || !plain(&record.segments[0].rules) || record.before.is_some() {
        // Numbers of moves tell where each part ends; the moves themselves stand below.
        let parts: Vec<(&RulesSpec, usize)> = record.segments.iter().map(|s| (&s.rules, s.moves.len())).collect();
        tag(TAG, &serde_json::json!({ "before": record.before, "parts": parts }).to_string());
    }
    text.push('\n');
    let mut words = Vec::new();
    let mut before = record.before.as_ref();
    for (number, (part, segment)) in played.parts.iter().zip(&record.segments).enumerate() {
        if let Some(old) = before.filter(|_| number > 0) {
            let changes = RuleBook::changes(old, &segment.rules);
            let lines =
                changes.iter().map(|(key, value)| format!("{key} = {}", value.as_deref().unwrap_or("as before")));
            let comment =
                format!("{{the rules change: {}}}", lines.collect::<Vec<_>>().join("; ").replace(['{', '}'], ""));
            words.extend(comment.split(' ').map(str::to_owned));
        }
        with_game!(part, game => write_moves(game, &mut words));
        before = Some(&segment.rules);
    }
    words.push(result);
    let mut column = 0;
    for word in words {
        if column > 0 && column + 1 + word.len() > LINE {
            text.push('\n');
            column = 0;
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        column += word.len();
        text.push_str(&word);
    }
    text.push('\n');
    text
}

fn write_moves<W: Word>(game: &Game<W>, words: &mut Vec<String>) {
    let rules = game.rules();
    let mut position = *game.start();
    for (i, mv) in game.moves().iter().enumerate() {
        let white = position.turn() == rules::Color::White;
        if white || i == 0 {
            words.push(format!("{}{}", position.ply() / 2 + 1, if white { "." } else { "..." }));
        }
        words.push(rules.san(&position, *mv));
        rules.play(&mut position, *mv);
    }
}

/// The first game of a PGN text.
///
/// # Errors
/// What is wrong with the text, its rules, or a move, with the line.
pub(super) fn read(text: &str, book: &RuleBook) -> Result<Record, String> {
    let game =
        PgnReader::new(text, MAX_MOVES).next().ok_or("there is no game in this text")?.map_err(|e| e.to_string())?;
    let tag = |name: &str| game.tag(name);
    let (before, parts) = match tag(TAG) {
        Some(own) => {
            #[derive(serde::Deserialize)]
            struct Own {
                before: Option<RulesSpec>,
                parts: Vec<(RulesSpec, usize)>,
            }
            let own: Own = serde_json::from_str(own).map_err(|e| format!("tag {TAG}: {e}"))?;
            (own.before, own.parts)
        }
        None => {
            let named = tag("Variant").unwrap_or("chess").to_ascii_lowercase();
            let plain: String = named.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
            let usual = ["standard", "normal", "fromposition", "classical"].contains(&plain.as_str());
            let known = book.catalog().names().find(|name| *name == named || *name == plain);
            let variant = if usual { Some("chess") } else { known };
            let variant = variant.ok_or_else(|| format!("there is no variant `{}`", files::excerpt(&named, 60)))?;
            (None, vec![(RulesSpec { variant: variant.to_owned(), ..RulesSpec::default() }, usize::MAX)])
        }
    };
    let mut record = Record { fen: tag("FEN").map(str::to_owned), before, segments: Vec::new() };
    let mut moves = game.moves.iter();
    let last = parts.len().saturating_sub(1);
    for (i, (rules, count)) in parts.into_iter().enumerate() {
        record.segments.push(Segment { rules, moves: Vec::new() });
        let mut played = record.play(book)?;
        let part = played.parts.last_mut().ok_or("a game was expected")?;
        let count = if i == last { usize::MAX } else { count };
        let found = with_game!(part, game => follow(game, moves.by_ref().take(count)))?;
        if let Some(segment) = record.segments.last_mut() {
            segment.moves = found;
        }
    }
    record.play(book).map(|_| record)
}

/// Plays moves of a text. Returns them in UCI notation.
fn follow<'a, W: Word>(
    game: &mut Game<W>,
    moves: impl Iterator<Item = &'a (usize, String)>,
) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for (line, text) in moves {
        let mv = find(game, text).map_err(|e| format!("line {line}: {e}"))?;
        found.push(game.rules().uci(game.position(), mv));
        game.play(mv);
    }
    Ok(found)
}

/// The legal move that a text names in SAN or UCI notation.
fn find<W: Word>(game: &Game<W>, text: &str) -> Result<rules::Move, MoveError> {
    let (rules, position) = (game.rules(), game.position());
    rules.parse_san(position, text).or_else(|e| rules.find_uci(position, game.legal(), text).or(Err(e)))
}

/// The move that a text names at the end of a game, in UCI notation.
///
/// # Errors
/// Why there is no such move.
pub(super) fn find_move(played: &Played, text: &str) -> Result<String, String> {
    fn of<W: Word>(game: &Game<W>, text: &str) -> Result<String, String> {
        let mv = find(game, text.trim()).map_err(|e| e.to_string())?;
        Ok(game.rules().uci(game.position(), mv))
    }
    match played.last() {
        AnyGame::Small(game) => of(game, text),
        AnyGame::Large(game) => of(game, text),
    }
}

#[cfg(test)]
mod tests {
    use rules::Catalog;

    use super::*;

    #[test]
    fn a_game_with_a_change_of_the_rules_comes_back_from_its_text() {
        let book = RuleBook::new(Catalog::builtin());
        let json = r#"{"segments":[{"rules":{"variant":"gardner"},"moves":["b2b3","d4d3"]},
            {"rules":{"variant":"gardner","name":"hill \"x\"","edit":{"flagPiece":"k","flagRegion":"c3"}},"moves":["c2d3"]}]}"#;
        let record: Record = serde_json::from_str(json).unwrap();
        let text = write(&record, &record.play(&book).unwrap(), "you", "frozen <b>");
        assert!(text.contains("{the rules change: flagPiece = k; flagRegion = c3}"), "{text}");
        assert_eq!(read(&text, &book).unwrap(), record);
    }

    #[test]
    fn games_of_others_are_read() {
        let book = RuleBook::new(Catalog::builtin());
        let record = read("[Variant \"Crazyhouse\"]\n\n1. e4 d5 2. exd5 Qxd5 3. P@e4 *", &book).unwrap();
        assert_eq!(record.segments[0].moves, ["e2e4", "d7d5", "e4d5", "d8d5", "P@e4"]);
        assert_eq!(read("1. e4 e5 *", &book).unwrap().segments[0].rules.variant, "chess");
        for (text, why) in [("", "no game"), ("1. e5 *", "line 1"), ("[Variant \"Nonesuch\"]\n\n*", "nonesuch")] {
            assert!(read(text, &book).unwrap_err().contains(why), "{text}");
        }
    }
}
