//! What must hold for any bytes. The fuzz targets use it, and so does the ordinary test that runs a part of their corpora.

use std::sync::{Arc, LazyLock};

use rules::{AnyRules, Catalog, Game, MoveList, Rules, Word, with_rules};

static BUILTIN: LazyLock<Catalog> = LazyLock::new(Catalog::builtin);

/// The variants among which the first byte of an input selects. Names are only ever appended, so that inputs keep their meaning; names that
/// the catalogue does not know stand for chess.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "chess", "gardner", "losalamos", "minishogi", "antichess", "atomic", "crazyhouse", "kingofthehill", "3check", "shatranj",
    "makruk", "breakthrough", "fischerandom", "horde", "racingkings", "seirawan", "sittuyin", "placement", "kyotoshogi",
    "dobutsu", "duck", "ataxx", "flipello", "clobber", "extinction", "berolina", "cambodian", "spartan", "torishogi", "amazons",
    "capablanca", "xiangqi", "shogi", "janggi", "grand", "shako", "courier", "capahouse", "caparandom", "grasshopper",
    "nightrider", "coregal", "koedem", "pocketknight", "gorogoro", "euroshogi", "jesonmor", "snailtrail", "isolation",
];

static RULES: LazyLock<Vec<AnyRules>> = LazyLock::new(|| {
    let chess = BUILTIN.any("chess").expect("chess is built in");
    NAMES.iter().map(|name| BUILTIN.any(name).unwrap_or_else(|_| chess.clone())).collect()
});

/// The variant and the text of an input.
fn selected(data: &[u8]) -> Option<(&'static AnyRules, &str)> {
    let (selector, text) = data.split_first()?;
    Some((&RULES[usize::from(*selector) % RULES.len()], std::str::from_utf8(text).ok()?))
}

/// Any text as a rule file: it is loaded or refused, and what is loaded compiles or is refused, but nothing panics or runs away.
pub fn rule_file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut catalog = BUILTIN.clone();
    let Ok(loaded) = catalog.load_text("fuzz", text) else { return };
    for refusal in &loaded.refused {
        assert!(refusal.to_string().chars().count() <= 400);
    }
    for name in loaded.names.iter().take(4) {
        let rules = catalog.any(name).expect("what was loaded compiles");
        with_rules!(rules, rules => {
            let mut moves = MoveList::new();
            rules.legal_moves(&rules.start(), &mut moves);
        });
    }
}

/// Any text as a FEN: what is accepted can be played on, and is written so that it reads back as the same position. The first byte
/// selects the variant.
pub fn fen(data: &[u8]) {
    let Some((rules, text)) = selected(data) else { return };
    with_rules!(rules, rules => check(rules, text));
}

/// Any lines as UCI moves: those that are legal are played, the others are refused. The first byte selects the variant.
pub fn moves(data: &[u8]) {
    let Some((rules, text)) = selected(data) else { return };
    with_rules!(rules, rules => play(rules, text));
}

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
