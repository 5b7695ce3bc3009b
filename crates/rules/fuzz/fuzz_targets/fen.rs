//! Any text as a FEN: what is accepted can be played on, and is written so that it reads back as the same position.
//!
//! The first byte selects the variant, the rest is the FEN.

#![no_main]

#[path = "../variants.rs"]
mod variants;

use libfuzzer_sys::fuzz_target;
use rules::{MoveList, Rules, Word, with_rules};

fuzz_target!(|data: &[u8]| {
    let Some((selector, fen)) = data.split_first() else { return };
    let Ok(fen) = std::str::from_utf8(fen) else { return };
    with_rules!(variants::select(*selector), rules => check(rules, fen));
});

fn check<W: Word>(rules: &Rules<W>, fen: &str) {
    let Ok(position) = rules.parse_fen(fen) else { return };
    let mut moves = MoveList::new();
    rules.legal_moves(&position, &mut moves);
    for mv in &moves {
        let mut next = position;
        rules.play(&mut next, *mv);
    }
    let written = rules.fen(&position);
    match rules.parse_fen(&written) {
        Ok(again) => {
            assert!(again == position, "{}: `{fen}` was written as `{written}`, another position", rules.name())
        }
        Err(error) => panic!("{}: `{fen}` was written as `{written}`, which is refused: {error}", rules.name()),
    }
}
