//! The variants that a fuzz input's first byte selects from: a fixed list, so that a corpus keeps its meaning.

use std::sync::LazyLock;

use rules::{AnyRules, Catalog};

/// Append only. Names that the catalogue does not know stand for chess.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "chess", "gardner", "losalamos", "minishogi", "antichess", "atomic", "crazyhouse", "kingofthehill", "3check", "shatranj",
    "makruk", "breakthrough", "fischerandom", "horde", "racingkings", "seirawan", "sittuyin", "placement", "kyotoshogi",
    "dobutsu", "duck", "ataxx", "flipello", "clobber", "extinction", "berolina", "cambodian", "spartan", "torishogi", "amazons",
    "capablanca", "xiangqi", "shogi", "janggi", "grand", "shako", "courier", "capahouse", "caparandom", "grasshopper",
    "nightrider", "coregal", "koedem", "pocketknight", "gorogoro", "euroshogi", "jesonmor", "snailtrail", "isolation",
];

static RULES: LazyLock<Vec<AnyRules>> = LazyLock::new(|| {
    let catalog = Catalog::builtin();
    let chess = catalog.any("chess").expect("chess is built in");
    NAMES.iter().map(|name| catalog.any(name).unwrap_or_else(|_| chess.clone())).collect()
});

/// The variant of a selector.
pub fn select(selector: u8) -> &'static AnyRules {
    &RULES[usize::from(selector) % RULES.len()]
}
