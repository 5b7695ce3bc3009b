//! The pieces that the format knows. Each has a number, its slot, in every variant, whether the variant has the piece or not.

use std::sync::{Arc, LazyLock};

use crate::format::betza::{self, Step};

/// The pieces that have names, with their Betza notation, in the format's order. The custom pieces come after them, then the king.
const NAMED_PIECES: [(&str, &str); NAMED] = [
    ("pawn", "fmWfcF"),
    ("knight", "N"),
    ("bishop", "B"),
    ("rook", "R"),
    ("queen", "Q"),
    ("fers", "F"),
    ("alfil", "A"),
    ("fersAlfil", "FA"),
    ("silver", "FfW"),
    ("aiwok", "RNF"),
    ("bers", "RF"),
    ("archbishop", "BN"),
    ("chancellor", "RN"),
    ("amazon", "QN"),
    ("knibis", "mNcB"),
    ("biskni", "mBcN"),
    ("kniroo", "mNcR"),
    ("rookni", "mRcN"),
    ("shogiPawn", "fW"),
    ("lance", "fR"),
    ("shogiKnight", "fN"),
    ("gold", "WfF"),
    ("dragonHorse", "BW"),
    ("clobber", "cW"),
    ("breakthrough", "fmWfF"),
    ("immobile", ""),
    ("cannon", "mRcpR"),
    ("janggiCannon", "pR"),
    ("soldier", "fsW"),
    ("horse", "nN"),
    ("elephant", "nA"),
    ("janggiElephant", "nZ"),
    ("banner", "RcpRnN"),
    ("wazir", "W"),
    ("commoner", "K"),
    ("centaur", "KN"),
];
/// Number of pieces that have names, without the king; the slot of `customPiece1`.
pub(crate) const NAMED: usize = 36;
/// Number of custom pieces.
const CUSTOM: usize = 25;
pub(crate) const PAWN: usize = 0;
pub(crate) const KNIGHT: usize = 1;
pub(crate) const BISHOP: usize = 2;
pub(crate) const ROOK: usize = 3;
pub(crate) const FERS: usize = 5;
pub(crate) const SILVER: usize = 8;
pub(crate) const BERS: usize = 10;
pub(crate) const SHOGI_PAWN: usize = 18;
pub(crate) const IMMOBILE: usize = 25;
pub(crate) const CANNON: usize = 26;
pub(crate) const JANGGI_CANNON: usize = 27;
pub(crate) const SOLDIER: usize = 28;
pub(crate) const HORSE: usize = 29;
pub(crate) const ELEPHANT: usize = 30;
pub(crate) const JANGGI_ELEPHANT: usize = 31;
pub(crate) const WAZIR: usize = 33;
pub(crate) const KING: usize = NAMED + CUSTOM;
/// Number of slots.
pub(crate) const SLOTS: usize = KING + 1;

/// The slot that a key of a rule file names (`knight`, `customPiece3`, `king`).
pub(crate) fn slot_of(key: &str) -> Option<usize> {
    if key == "king" {
        return Some(KING);
    }
    if let Some(number) = key.strip_prefix("customPiece") {
        let n: usize = number.parse().ok().filter(|n: &usize| n.to_string() == number)?;
        return (1..=CUSTOM).contains(&n).then(|| NAMED + n - 1);
    }
    NAMED_PIECES.iter().position(|(name, _)| *name == key)
}

/// The key that names the piece of a slot.
pub(crate) fn slot_name(slot: usize) -> String {
    match slot {
        KING => "king".to_owned(),
        s if s >= NAMED => format!("customPiece{}", s - NAMED + 1),
        s => NAMED_PIECES[s].0.to_owned(),
    }
}

/// The keys that name pieces.
pub(crate) fn piece_names() -> impl Iterator<Item = String> {
    (0..SLOTS).map(slot_name)
}

/// The side and slot that a key for a mobility region names (`mobilityRegionWhiteKing`).
pub(crate) fn mobility_of(key: &str) -> Option<(usize, usize)> {
    let rest = key.strip_prefix("mobilityRegion")?;
    let (side, piece) = match (rest.strip_prefix("White"), rest.strip_prefix("Black")) {
        (Some(piece), _) => (0, piece),
        (_, Some(piece)) => (1, piece),
        _ => return None,
    };
    let mut letters = piece.chars();
    let first = letters.next().filter(char::is_ascii_uppercase)?.to_ascii_lowercase();
    slot_of(&format!("{first}{}", letters.as_str())).map(|slot| (side, slot))
}

/// How the piece in `slot` moves where a rule file does not give its notation.
pub(crate) fn named_steps(slot: usize) -> Arc<[Step]> {
    static STEPS: LazyLock<Vec<Arc<[Step]>>> = LazyLock::new(|| {
        let steps = |betza: &str| betza::parse(betza).expect("the format's own pieces are valid").into();
        (0..SLOTS)
            .map(|slot| match slot {
                KING => steps("K"),
                s => NAMED_PIECES.get(s).map_or_else(Arc::default, |(_, betza)| steps(betza)),
            })
            .collect()
    });
    Arc::clone(&STEPS[slot])
}
