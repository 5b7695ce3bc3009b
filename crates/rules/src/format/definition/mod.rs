//! A variant as its rule file defines it: every key with a typed value, inherited from the parent where the section does not set it.

mod check;
mod effect;
mod read;
mod value_text;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::board::{Board, Region, Value};
use crate::format::betza::Step;
use crate::format::ini::{Place, RuleError};
use crate::format::keys::{Key, Kind};
use crate::format::setting::{Setting, Slots, TypeChoice};
use crate::format::slot::{PAWN, SLOTS};

/// A piece of the variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PieceDefinition {
    pub(crate) letter: char,
    /// The Betza notation that the section gives with the letter (`customPiece1 = n:CW`); `None` where the format's own holds.
    pub(crate) betza: Option<String>,
    /// How the piece moves by its notation. Double steps, promotion and captures in passing have keys of their own.
    pub(crate) steps: Arc<[Step]>,
}

/// Everything that a section and its ancestors say of a variant.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) name: String,
    /// Where the section stands: errors that concern no key of the section point there.
    place: Place,
    /// Where the section's own keys stand.
    places: BTreeMap<String, Place>,
    pub(crate) board: Board,
    /// By slot: the piece, if the variant has it.
    pub(crate) pieces: Vec<Option<PieceDefinition>>,
    /// By side and slot: the squares that the piece may enter. A piece without an entry may enter all.
    mobility: BTreeMap<(usize, usize), Region>,
    /// By key: its value for either side.
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

    /// An error about a key as it is written in the file. It points to the key's line, or to the section's if it does not set the key.
    pub(crate) fn error(&self, key: &str, message: impl AsRef<str>) -> RuleError {
        let mut place = self.places.get(key).cloned().unwrap_or_else(|| self.place.clone());
        key.clone_into(&mut place.key);
        place.error(message)
    }

    /// An error about a key, whichever side the section sets it for.
    pub(crate) fn key_error(&self, key: Key, message: impl AsRef<str>) -> RuleError {
        let names = [key.full_name(None), key.full_name(Some(0)), key.full_name(Some(1))];
        let name = names.iter().find(|n| self.places.contains_key(*n)).unwrap_or(&names[0]);
        self.error(name, message)
    }

    /// Whether the section itself sets a key, for either side or both.
    pub(crate) fn says(&self, key: Key) -> bool {
        [None, Some(0), Some(1)].into_iter().any(|side| self.places.contains_key(&key.full_name(side)))
    }

    /// The slots in use with their letters, in the format's order.
    pub(crate) fn letters(&self) -> impl Iterator<Item = (usize, char)> + '_ {
        self.pieces.iter().enumerate().filter_map(|(slot, piece)| piece.as_ref().map(|p| (slot, p.letter)))
    }

    /// The slots in use, as bits.
    pub(crate) fn present(&self) -> u64 {
        self.letters().fold(0, |bits, (slot, _)| bits | 1 << slot)
    }

    /// Whether the variant has the piece in `slot`.
    pub(crate) fn has(&self, slot: usize) -> bool {
        self.pieces[slot].is_some()
    }

    /// The value of a key for a side.
    fn get(&self, key: Key, side: usize) -> &Setting {
        &self.values[key as usize][side]
    }

    /// Whether a key that both sides share is `true`.
    pub(crate) fn flag(&self, key: Key) -> bool {
        self.flag_of(key, 0)
    }

    /// Whether a key is `true` for a side.
    pub(crate) fn flag_of(&self, key: Key, side: usize) -> bool {
        matches!(self.get(key, side), Setting::Flag(true))
    }

    /// The value of a key that [`Setting::Number`] holds.
    pub(crate) fn number(&self, key: Key) -> u32 {
        if let Setting::Number(n) = self.get(key, 0) { *n } else { 0 }
    }

    /// The result that a key names; `None` where it names none.
    pub(crate) fn result(&self, key: Key) -> Option<Value> {
        if let Setting::Result(value) = self.get(key, 0) { *value } else { None }
    }

    /// The squares that a key lists for a side, without those beyond the board.
    pub(crate) fn region_of(&self, key: Key, side: usize) -> Region {
        if let Setting::Region(region) = self.get(key, side) { region.clipped(self.board) } else { Region::NONE }
    }

    /// The pieces that a key lists for a side, without those that the variant does not have.
    pub(crate) fn types(&self, key: Key, side: usize) -> Slots {
        let slots = if let Setting::Types(slots) = self.get(key, side) { *slots } else { Slots::default() };
        Slots { bits: slots.bits & self.present(), ..slots }
    }

    /// The piece that a key names for a side; [`TypeChoice::None`] where the variant does not have it.
    pub(crate) fn choice(&self, key: Key, side: usize) -> TypeChoice {
        match self.get(key, side) {
            Setting::Type(TypeChoice::Slot(slot)) if !self.has(*slot) => TypeChoice::None,
            Setting::Type(choice) => *choice,
            _ => TypeChoice::None,
        }
    }

    /// The pairs that a key lists, without those of pieces that the variant does not have.
    pub(crate) fn pairs(&self, key: Key) -> Vec<(usize, u32)> {
        let Setting::Pairs(pairs) = self.get(key, 0) else { return Vec::new() };
        let here = |slot: usize| self.has(slot);
        let turns = key.kind() == Kind::Turns;
        pairs.iter().copied().filter(|(slot, other)| here(*slot) && (!turns || here(*other as usize))).collect()
    }

    /// The start position as the rule file writes it.
    pub(crate) fn start_fen(&self) -> &str {
        if let Setting::Text(fen) = self.get(Key::StartFen, 0) { fen } else { "" }
    }

    /// Replaces the start position.
    pub(crate) fn set_start_fen(&mut self, fen: String) {
        let values = &mut self.values[Key::StartFen as usize];
        *values = [Setting::Text(fen.clone()), Setting::Text(fen)];
    }

    /// The squares that a piece may enter; `None` if it may enter all.
    pub(crate) fn mobility(&self, side: usize, slot: usize) -> Option<Region> {
        self.mobility.get(&(side, slot)).map(|r| r.clipped(self.board)).filter(|r| !r.is_empty())
    }

    /// How the piece in `slot` moves; no steps if the variant does not have it.
    pub(crate) fn steps(&self, slot: usize) -> &[Step] {
        self.pieces[slot].as_ref().map_or(&[], |piece| &piece.steps)
    }

    /// Whether any piece has moves that it can make only from the squares of the double step.
    fn has_initial_moves(&self) -> bool {
        self.letters().any(|(slot, _)| self.steps(slot).iter().any(|step| step.initial))
    }

    /// Whether a side has pieces that promote and pieces to promote to.
    pub(crate) fn promotes(&self, side: usize) -> bool {
        let pawns = self.has(PAWN) || self.types(Key::PromotionPawnTypes, side).bits != 0;
        pawns && self.types(Key::PromotionPieceTypes, side).bits != 0
    }

    /// Whether moves build walls.
    pub(crate) fn builds_walls(&self) -> bool {
        self.number(Key::WallingRule) > 0
    }

    /// Whether any piece can be turned over into another, as in shogi.
    pub(crate) fn turns_over(&self) -> bool {
        !self.pairs(Key::PromotedPieceType).is_empty()
    }
}
