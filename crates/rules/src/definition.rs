//! A variant as its rule file defines it: typed, resolved against its parent, not yet compiled.

mod check;
mod read;
mod write;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use crate::betza::{self, Step};
use crate::board::{Board, Region, Value};
use crate::ini::{Place, RuleError};
use crate::keys::{Key, Kind};

/// The pieces that the format knows by name, with their Betza notation, in the format's order.
/// The king comes after the custom pieces.
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
const NAMED: usize = 36;
const CUSTOM: usize = 25;
/// Slots of pieces that rules speak of.
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
const SLOTS: usize = KING + 1;

/// The slot of a piece key (`knight`, `customPiece3`, `king`).
fn slot_of(key: &str) -> Option<usize> {
    if key == "king" {
        return Some(KING);
    }
    if let Some(number) = key.strip_prefix("customPiece") {
        let n: usize = number.parse().ok().filter(|n: &usize| n.to_string() == number)?;
        return (1..=CUSTOM).contains(&n).then(|| NAMED + n - 1);
    }
    NAMED_PIECES.iter().position(|(name, _)| *name == key)
}

/// The name of a slot's piece.
pub(crate) fn slot_name(slot: usize) -> String {
    match slot {
        KING => "king".to_owned(),
        s if s >= NAMED => format!("customPiece{}", s - NAMED + 1),
        s => NAMED_PIECES[s].0.to_owned(),
    }
}

pub(crate) fn piece_names() -> impl Iterator<Item = String> {
    (0..SLOTS).map(slot_name)
}

/// The side and slot of `mobilityRegionWhiteKing` and its like.
fn mobility_of(key: &str) -> Option<(usize, usize)> {
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

/// A piece of the variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PieceDefinition {
    pub(crate) letter: char,
    /// Given with the letter (`customPiece1 = n:CW`), otherwise the format's own.
    pub(crate) betza: Option<String>,
    /// How it moves; what pawns do besides are rules of their own.
    pub(crate) steps: Arc<[Step]>,
}

/// How the piece in `slot` moves where its notation is not given.
fn named_steps(slot: usize) -> Arc<[Step]> {
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

/// A set of piece slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slots {
    pub(crate) bits: u64,
    /// `*`: all of a side's men counted together, as one more type.
    pub(crate) all: bool,
    /// The piece named last, where that one stands for the others: captured promoted pawns come to hand as it.
    last: Option<usize>,
}

impl Slots {
    /// The piece that stands for the others.
    pub(crate) fn main(self) -> Option<usize> {
        self.last.filter(|slot| self.has(*slot)).or_else(|| self.bits.checked_ilog2().map(|slot| slot as usize))
    }

    pub(crate) fn has(self, slot: usize) -> bool {
        self.bits >> slot & 1 == 1
    }
}

/// The value of a key that names one piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeChoice {
    /// `-`
    None,
    /// `*`
    Any,
    /// A letter.
    Slot(usize),
}

/// The value of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    Flag(bool),
    /// A number; also a file or rank from 0, the number of a choice, castling rights as bits.
    Number(u32),
    Result(Option<Value>),
    Region(Region),
    Types(Slots),
    Type(TypeChoice),
    /// Slots with numbers or slots.
    Pairs(Vec<(usize, u32)>),
    Text(String),
}

impl Setting {
    pub(crate) fn slots(bits: u64) -> Setting {
        Setting::Types(Slots { bits, ..Slots::default() })
    }
}

/// All that a section and its ancestors say.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) name: String,
    /// Where the section stands: errors that concern no key of the section point there.
    place: Place,
    /// Where the section's own keys stand.
    places: BTreeMap<String, Place>,
    pub(crate) board: Board,
    pub(crate) pieces: Vec<Option<PieceDefinition>>,
    mobility: BTreeMap<(usize, usize), Region>,
    values: Vec<[Setting; 2]>,
}

impl Definition {
    /// What a section without a parent starts from: the rules of chess, without pieces.
    fn template() -> Definition {
        Definition {
            name: String::new(),
            place: Place::default(),
            places: BTreeMap::new(),
            board: Board { files: 8, ranks: 8 },
            pieces: vec![None; SLOTS],
            mobility: BTreeMap::new(),
            values: Key::ALL.iter().map(|key| [key.default(0), key.default(1)]).collect(),
        }
    }

    /// An error about a key, which points to its line if the section has it.
    pub(crate) fn error(&self, key: &str, message: impl AsRef<str>) -> RuleError {
        let mut place = self.places.get(key).cloned().unwrap_or_else(|| self.place.clone());
        key.clone_into(&mut place.key);
        place.error(message)
    }

    /// An error about a key of either side.
    pub(crate) fn key_error(&self, key: Key, message: impl AsRef<str>) -> RuleError {
        let names = [key.full_name(None), key.full_name(Some(0)), key.full_name(Some(1))];
        let name = names.iter().find(|n| self.places.contains_key(*n)).unwrap_or(&names[0]);
        self.error(name, message)
    }

    /// Whether the section itself speaks of a key.
    pub(crate) fn says(&self, key: Key) -> bool {
        [None, Some(0), Some(1)].into_iter().any(|side| self.places.contains_key(&key.full_name(side)))
    }

    /// The slots in use with their letters, in the format's order.
    pub(crate) fn letters(&self) -> impl Iterator<Item = (usize, char)> + '_ {
        self.pieces.iter().enumerate().filter_map(|(slot, piece)| piece.as_ref().map(|p| (slot, p.letter)))
    }

    /// The slots in use.
    pub(crate) fn present(&self) -> u64 {
        self.letters().fold(0, |bits, (slot, _)| bits | 1 << slot)
    }

    pub(crate) fn has(&self, slot: usize) -> bool {
        self.pieces[slot].is_some()
    }

    fn get(&self, key: Key, side: usize) -> &Setting {
        &self.values[key as usize][side]
    }

    pub(crate) fn flag(&self, key: Key) -> bool {
        self.flag_of(key, 0)
    }

    pub(crate) fn flag_of(&self, key: Key, side: usize) -> bool {
        matches!(self.get(key, side), Setting::Flag(true))
    }

    pub(crate) fn number(&self, key: Key) -> u32 {
        if let Setting::Number(n) = self.get(key, 0) { *n } else { 0 }
    }

    pub(crate) fn result(&self, key: Key) -> Option<Value> {
        if let Setting::Result(value) = self.get(key, 0) { *value } else { None }
    }

    /// Squares of a region that lie on the board.
    pub(crate) fn region_of(&self, key: Key, side: usize) -> Region {
        if let Setting::Region(region) = self.get(key, side) { region.clipped(self.board) } else { Region::NONE }
    }

    /// The pieces of a set that the variant has.
    pub(crate) fn types(&self, key: Key, side: usize) -> Slots {
        let slots = if let Setting::Types(slots) = self.get(key, side) { *slots } else { Slots::default() };
        Slots { bits: slots.bits & self.present(), ..slots }
    }

    pub(crate) fn choice(&self, key: Key, side: usize) -> TypeChoice {
        match self.get(key, side) {
            Setting::Type(TypeChoice::Slot(slot)) if !self.has(*slot) => TypeChoice::None,
            Setting::Type(choice) => *choice,
            _ => TypeChoice::None,
        }
    }

    pub(crate) fn pairs(&self, key: Key) -> Vec<(usize, u32)> {
        let Setting::Pairs(pairs) = self.get(key, 0) else { return Vec::new() };
        let here = |slot: usize| self.has(slot);
        let turns = key.kind() == Kind::Turns;
        pairs.iter().copied().filter(|(slot, other)| here(*slot) && (!turns || here(*other as usize))).collect()
    }

    pub(crate) fn start_fen(&self) -> &str {
        if let Setting::Text(fen) = self.get(Key::StartFen, 0) { fen } else { "" }
    }

    pub(crate) fn set_start_fen(&mut self, fen: String) {
        let values = &mut self.values[Key::StartFen as usize];
        *values = [Setting::Text(fen.clone()), Setting::Text(fen)];
    }

    /// Where a piece may go, if not everywhere.
    pub(crate) fn mobility(&self, side: usize, slot: usize) -> Option<Region> {
        self.mobility.get(&(side, slot)).map(|r| r.clipped(self.board)).filter(|r| !r.is_empty())
    }

    /// How the piece in `slot` moves; not at all if the variant has none.
    pub(crate) fn steps(&self, slot: usize) -> &[Step] {
        self.pieces[slot].as_ref().map_or(&[], |piece| &piece.steps)
    }

    /// Whether a piece has moves that only its first squares allow.
    fn has_initial_moves(&self) -> bool {
        self.letters().any(|(slot, _)| self.steps(slot).iter().any(|step| step.initial))
    }

    pub(crate) fn promotes(&self, side: usize) -> bool {
        let pawns = self.has(PAWN) || self.types(Key::PromotionPawnTypes, side).bits != 0;
        pawns && self.types(Key::PromotionPieceTypes, side).bits != 0
    }

    pub(crate) fn builds_walls(&self) -> bool {
        self.number(Key::WallingRule) > 0
    }

    pub(crate) fn turns_over(&self) -> bool {
        !self.pairs(Key::PromotedPieceType).is_empty()
    }
}
