//! Any lines as UCI moves: those that are legal are played, the others are refused.
//!
//! The first byte selects the variant, the rest are the moves, one a line.

#![no_main]

#[path = "../variants.rs"]
mod variants;

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use rules::{Game, Rules, Word, with_rules};

fuzz_target!(|data: &[u8]| {
    let Some((selector, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    with_rules!(variants::select(*selector), rules => play(rules, text));
});

fn play<W: Word>(rules: &Arc<Rules<W>>, text: &str) {
    let mut game = Game::new(Arc::clone(rules));
    for line in text.lines().take(256) {
        let Ok(mv) = rules.parse_uci(game.position(), line) else { continue };
        assert!(game.legal().contains(&mv), "{}: `{line}` was read as a move that is not legal", rules.name());
        let written = rules.uci(game.position(), mv);
        assert_eq!(
            rules.parse_uci(game.position(), &written),
            Ok(mv),
            "{}: `{line}` was written as `{written}`",
            rules.name()
        );
        game.play(mv);
        if game.outcome().is_some() {
            return;
        }
    }
    // A position that can be played on can be written and read.
    let fen = rules.fen(game.position());
    let again =
        rules.parse_fen(&fen).unwrap_or_else(|e| panic!("{}: a position of a game is refused: {e}", rules.name()));
    assert_eq!(again.key(), game.position().key(), "{}: `{fen}` read back has another key", rules.name());
}
