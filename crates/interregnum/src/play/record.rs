//! A game as a page keeps it: moves in UCI notation under one set of rules after another. The server remembers no game.

use std::sync::Arc;

use rules::{AnyRules, Game, Rules, Word, with_rules};
use serde::{Deserialize, Serialize};

use super::rules::{RuleBook, RulesSpec};

/// The most changes of the rules in a game, the first rules included.
const MAX_SEGMENTS: usize = 20;
/// The most moves of a game.
const MAX_MOVES: usize = 2000;
/// The longest position or move, in bytes.
const MAX_TEXT: usize = 400;

/// A game.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    /// FEN of the first position; the start position of the first rules if left out.
    #[serde(default)]
    pub(super) fen: Option<String>,
    /// The rules before the change, where they changed before the first move.
    #[serde(default)]
    pub(super) before: Option<RulesSpec>,
    /// What was played under which rules: at least one. Each begins in the last position of the one before it.
    pub(super) segments: Vec<Segment>,
}

/// Moves under one set of rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Segment {
    /// The rules.
    pub(super) rules: RulesSpec,
    /// The moves in UCI notation.
    #[serde(default)]
    pub(super) moves: Vec<String>,
}

/// Part of a game under one set of rules, on a board of either word.
pub(super) enum AnyGame {
    /// At most 64 squares and 16 kinds of men.
    Small(Box<Game<u64>>),
    /// More.
    Large(Box<Game<u128>>),
}

/// Runs the same code for a game on either word.
macro_rules! with_game {
    ($any:expr, $game:ident => $body:expr) => {
        match $any {
            $crate::play::record::AnyGame::Small($game) => $body,
            $crate::play::record::AnyGame::Large($game) => $body,
        }
    };
}
pub(super) use with_game;

/// A game that was played through.
pub(super) struct Played {
    /// A part for each segment of the record.
    pub(super) parts: Vec<AnyGame>,
    /// The rules before the last change, where there was one.
    pub(super) old_rules: Option<AnyRules>,
}

impl Played {
    /// The last part, in which the game stands.
    pub(super) fn last(&self) -> &AnyGame {
        self.parts.last().expect("a record has a segment")
    }
}

impl Record {
    /// The rules before the last change.
    pub(super) fn old_rules(&self) -> Option<&RulesSpec> {
        let before = self.segments.len().checked_sub(2).map(|i| &self.segments[i].rules);
        before.or(self.before.as_ref())
    }

    /// Plays the game.
    ///
    /// # Errors
    /// What is wrong with the rules, the position, or a move; which rules have no such position.
    pub(super) fn play(&self, book: &RuleBook) -> Result<Played, String> {
        let moves: usize = self.segments.iter().map(|segment| segment.moves.len()).sum();
        if self.segments.is_empty() || self.segments.len() > MAX_SEGMENTS || moves > MAX_MOVES {
            return Err(format!(
                "a game has up to {MAX_SEGMENTS} sets of rules and {MAX_MOVES} moves, and at least one set of rules"
            ));
        }
        let texts = self.segments.iter().flat_map(|segment| &segment.moves).chain(&self.fen);
        if texts.into_iter().any(|text| text.len() > MAX_TEXT) {
            return Err("a move or position is too long".to_owned());
        }
        let mut parts: Vec<AnyGame> = Vec::new();
        for segment in &self.segments {
            let rules = book.compile(&segment.rules)?;
            let part = match (parts.last(), &rules) {
                (None, AnyRules::Small(rules)) => AnyGame::Small(Box::new(first(rules, self.fen.as_deref())?)),
                (None, AnyRules::Large(rules)) => AnyGame::Large(Box::new(first(rules, self.fen.as_deref())?)),
                (Some(AnyGame::Small(before)), AnyRules::Small(rules)) => {
                    AnyGame::Small(Box::new(following(before, rules, segment.rules.title())?))
                }
                (Some(AnyGame::Large(before)), AnyRules::Large(rules)) => {
                    AnyGame::Large(Box::new(following(before, rules, segment.rules.title())?))
                }
                // Rules with more kinds of men than the word holds: the position is taken over as text.
                (Some(before), rules) => {
                    let fen = with_game!(before, game => game.rules().fen(game.position()));
                    match rules {
                        AnyRules::Small(rules) => AnyGame::Small(Box::new(first(rules, Some(&fen))?)),
                        AnyRules::Large(rules) => AnyGame::Large(Box::new(first(rules, Some(&fen))?)),
                    }
                }
            };
            let mut part = part;
            with_game!(&mut part, game => play_moves(game, &segment.moves)?);
            parts.push(part);
        }
        let old_rules = self.old_rules().map(|spec| book.compile(spec)).transpose()?;
        Ok(Played { parts, old_rules })
    }
}

fn first<W: Word>(rules: &Arc<Rules<W>>, fen: Option<&str>) -> Result<Game<W>, String> {
    let start = fen.map_or_else(|| Ok(rules.start()), |fen| rules.parse_fen(fen)).map_err(|e| e.to_string())?;
    Ok(Game::from_position(Arc::clone(rules), start))
}

/// The game that goes on from the last position of another under these rules.
fn following<W: Word>(before: &Game<W>, rules: &Arc<Rules<W>>, title: &str) -> Result<Game<W>, String> {
    let seen = rules.reinterpret(before.rules(), before.position());
    let position = seen.ok_or_else(|| {
        format!("{title} has no such position as this one; change the rules from the start of a game instead")
    })?;
    Ok(Game::from_position(Arc::clone(rules), position))
}

fn play_moves<W: Word>(game: &mut Game<W>, moves: &[String]) -> Result<(), String> {
    for text in moves {
        if game.ending().is_some_and(|_| game.legal().is_empty()) {
            return Err(format!("the game was over before {}", files::excerpt(text, 20)));
        }
        let mv = game.rules().find_uci(game.position(), game.legal(), text);
        // Passing has its own notation in some programs, which the rules read as a move of no squares.
        game.play(mv.map_err(|e| e.to_string())?);
    }
    Ok(())
}

/// The rules on a word, if they are played on it.
pub(super) fn on_word<W: Word>(rules: Option<&AnyRules>) -> Option<Arc<Rules<W>>> {
    rules.and_then(|rules| rules.clone().on())
}

/// Whether an old and a new set of rules differ.
pub(super) fn differ(old: Option<&AnyRules>, hash: &str) -> bool {
    old.is_some_and(|old| with_rules!(old, rules => rules.hash()) != hash)
}

#[cfg(test)]
mod tests {
    use rules::Catalog;

    use super::*;

    fn record(json: &str) -> Record {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_game_goes_on_under_other_rules() {
        let book = RuleBook::new(Catalog::builtin());
        let played = record(
            r#"{"segments":[{"rules":{"variant":"gardner"},"moves":["b2b3"]},
            {"rules":{"variant":"gardner","name":"hill","edit":{"flagPiece":"k","flagRegion":"c3"}},"moves":["d4d3"]}]}"#,
        )
        .play(&book)
        .unwrap();
        assert_eq!(played.parts.len(), 2);
        let fen = with_game!(played.last(), game => game.rules().fen(game.position()));
        assert_eq!(fen, "rnbqk/ppp1p/1P1p1/P1PPP/RNBQK w - - 0 2");
        assert_eq!(with_game!(&played.parts[1], game => game.moves().len()), 1);
    }

    #[test]
    fn what_makes_no_game_is_refused_with_its_reason() {
        let book = RuleBook::new(Catalog::builtin());
        let why = |json: &str| record(json).play(&book).err().unwrap();
        assert!(why(r#"{"segments":[]}"#).contains("at least one"));
        assert!(why(r#"{"segments":[{"rules":{"variant":"nonesuch"}}]}"#).contains("nonesuch"));
        assert!(why(r#"{"segments":[{"rules":{"variant":"gardner"},"moves":["a1a5"]}]}"#).contains("a1a5"));
        assert!(why(r#"{"fen":"8/8","segments":[{"rules":{"variant":"gardner"}}]}"#).len() > 10);
        let other = r#"{"segments":[{"rules":{"variant":"gardner"}},{"rules":{"variant":"chess"}}]}"#;
        assert!(why(other).contains("no such position"));
    }
}
