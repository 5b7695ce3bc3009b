//! What the name before a `=` stands for: a key, a piece, an older name, something that is refused, or nothing that is known.

use std::sync::LazyLock;

use crate::format::ini::{Entry, RuleError};
use crate::format::keys::Key;
use crate::format::slot::piece_names;
use crate::format::spelling::edit_distance;

/// Keys that say how other programs show or value a game; they are no rules.
const PRESENTATION: &[&str] = &["pieceToCharTable", "pieceValueEg", "pieceValueMg", "pocketSize", "variantTemplate"];

/// Keys of games without chess-like movement, each with the reason why it is refused.
const REFUSED: &[(&str, &str)] = &[
    ("collinearN", "it ends games in which men are placed in rows"),
    ("connectDiagonal", "it belongs to games in which men are placed in rows"),
    ("connectHorizontal", "it belongs to games in which men are placed in rows"),
    ("connectN", "it ends games in which men are placed in rows"),
    ("connectNxN", "it ends games in which men are placed in squares"),
    ("connectPieceTypes", "it belongs to games in which men are placed in rows"),
    ("connectRegion1Black", "it ends games in which men are placed in chains"),
    ("connectRegion1White", "it ends games in which men are placed in chains"),
    ("connectRegion2Black", "it ends games in which men are placed in chains"),
    ("connectRegion2White", "it ends games in which men are placed in chains"),
    ("connectValue", "it belongs to games in which men are placed in rows"),
    ("connectVertical", "it belongs to games in which men are placed in rows"),
    ("dropOnTop", "it belongs to games in which men are only placed"),
    ("enclosingDrop", "it belongs to games in which men are placed to enclose others"),
    ("enclosingDropStart", "it belongs to games in which men are placed to enclose others"),
    ("flipEnclosedPieces", "it belongs to games in which enclosed men change sides"),
    ("twoBoards", "it belongs to games of four players on two boards"),
];

/// Older names of keys, with the keys that they set.
pub(crate) const OLD_NAMES: &[(&str, &[&str])] = &[
    ("whiteFlag", &["flagRegionWhite"]),
    ("blackFlag", &["flagRegionBlack"]),
    ("whiteDropRegion", &["dropRegionWhite"]),
    ("blackDropRegion", &["dropRegionBlack"]),
    ("castlingRookPiece", &["castlingRookPieces"]),
    ("pawnTypes", &["promotionPawnTypes", "enPassantTypes", "nMoveRuleTypes"]),
];
/// Older keys that name ranks where today's name squares.
pub(crate) const RANK_KEYS: &[&str] = &["promotionRank", "doubleStepRank", "doubleStepRankMin"];

/// What a name in a rule file stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Meaning {
    /// A key, and the sides that it speaks of.
    Rule(Key, &'static [usize]),
    /// A piece, the size of the board, a mobility region, or an older name of a key.
    Other,
    /// A key that does not concern the rules.
    Presentation,
}

/// Finds out what the key of an entry stands for. `known` tells the names of pieces, of the board's size and of mobility regions.
///
/// # Errors
/// If the format does not have the key (with the nearest one that it has), or if the key is refused (with the reason).
pub(crate) fn meaning(entry: &Entry, known: impl Fn(&str) -> bool) -> Result<Meaning, RuleError> {
    let key = entry.key.as_str();
    if let Some((key, sides)) = Key::find(key) {
        return Ok(Meaning::Rule(key, sides));
    }
    if known(key) || OLD_NAMES.iter().any(|(name, _)| *name == key) || RANK_KEYS.contains(&key) {
        return Ok(Meaning::Other);
    }
    if PRESENTATION.contains(&key) {
        return Ok(Meaning::Presentation);
    }
    if let Some((_, reason)) = REFUSED.iter().find(|(name, _)| *name == key) {
        // A value that switches the rule off leaves a game that can be played.
        if ["false", "none", "0", "-"].contains(&entry.value.as_str()) {
            return Ok(Meaning::Presentation);
        }
        return Err(entry.place.error(format!("this key is refused: {reason}, not of chess-like movement")));
    }
    static KNOWN: LazyLock<Vec<String>> = LazyLock::new(|| {
        let board = ["maxRank".to_owned(), "maxFile".to_owned()];
        Key::ALL.iter().flat_map(|k| k.names()).chain(board).chain(piece_names()).collect()
    });
    let nearest = KNOWN.iter().min_by_key(|known| edit_distance(known, key)).map_or("", String::as_str);
    Err(entry.place.error(format!("unknown key; did you mean `{nearest}`?")))
}
