//! A variant as its rule file defines it: typed, resolved against its parent, not yet compiled.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::betza::{self, Step};
use crate::ini::{Entry, Place, RuleError, Section};
use crate::keys::{Key, Kind, Meaning, OLD_NAMES, RANK_KEYS, Sides, meaning};
use crate::lines::Board;
use crate::region::{MAX_FILES, MAX_RANKS, Region};
use crate::types::Value;

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

    /// Reads a section on top of its parent.
    ///
    /// # Errors
    /// Names the key that is unknown, refused, or has a value that it cannot have.
    pub(crate) fn read(section: &Section, parent: Option<&Definition>) -> Result<Definition, RuleError> {
        let mut definition = parent.cloned().unwrap_or_else(Definition::template);
        definition.name = section.name.clone();
        definition.place = section.place.clone();
        definition.places = section.entries.iter().map(|e| (e.key.clone(), e.place.clone())).collect();
        let other =
            |key: &str| matches!(key, "maxRank" | "maxFile") || slot_of(key).is_some() || mobility_of(key).is_some();
        let mut rules = Vec::new();
        for entry in &section.entries {
            if let Meaning::Rule(key, sides) = meaning(entry, other)? {
                rules.push((entry, key, sides));
            }
        }
        // Letters first: the values of other keys are written in them, wherever they stand in the section.
        definition.read_board(section)?;
        definition.read_pieces(&section.entries)?;
        for entry in &section.entries {
            definition.read_old_key(entry)?;
        }
        // What is said of one side overrides what is said of both.
        rules.sort_by_key(|(_, _, sides)| std::cmp::Reverse(sides.len()));
        for (entry, key, sides) in rules {
            let setting = definition.setting(entry, key.kind(), key)?;
            for side in sides {
                definition.values[key as usize][*side] = setting.clone();
            }
        }
        // As in the format's own programs, a child cannot bring double steps back without naming their squares.
        if !definition.flag(Key::DoubleStep) {
            definition.values[Key::DoubleStepRegion as usize] = [Region::NONE; 2].map(Setting::Region);
        }
        Ok(definition)
    }

    fn read_board(&mut self, section: &Section) -> Result<(), RuleError> {
        for entry in &section.entries {
            match entry.key.as_str() {
                "maxRank" => self.board.ranks = integer(entry, 3, u32::from(MAX_RANKS))? as u8,
                "maxFile" => {
                    self.board.files = match entry.value.as_bytes() {
                        [letter @ b'c'..=b'l'] => letter - b'a' + 1,
                        _ => integer(entry, 3, u32::from(MAX_FILES)).map_err(|e| RuleError {
                            message: format!("{}, or a letter from c to l", e.message),
                            ..e
                        })? as u8,
                    }
                }
                key => {
                    if let Some(at) = mobility_of(key) {
                        let region = self.region(entry)?;
                        self.mobility.insert(at, region);
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads the pieces. A new piece takes its letter from an inherited one, which is then no longer in the game.
    fn read_pieces(&mut self, entries: &[Entry]) -> Result<(), RuleError> {
        let mut own: Vec<(usize, &Entry)> =
            entries.iter().filter_map(|e| slot_of(&e.key).map(|slot| (slot, e))).collect();
        own.sort_by_key(|(slot, _)| *slot);
        let mut added = Vec::new();
        for (slot, entry) in &own {
            match read_piece(entry, *slot)? {
                Some(piece) => added.push((slot, entry, piece)),
                None => self.remove_piece(*slot),
            }
        }
        for (slot, entry, piece) in added {
            let other = self.letters().find(|(s, l)| s != slot && *l == piece.letter).map(|(s, _)| s);
            if let Some(other) = other {
                // One that comes later in this section gets its own letter then.
                if own.iter().any(|(s, _)| *s == other && other < *slot) {
                    return Err(entry.place.error(format!(
                        "the letter `{}` stands for {}, too; give one of them another letter",
                        piece.letter,
                        slot_name(other)
                    )));
                }
                self.remove_piece(other);
            }
            // `e` in a custom piece's notation: it captures in passing.
            if slot_of(&entry.key) != Some(KING) && piece.betza.as_ref().is_some_and(|b| b.contains('e')) {
                for setting in &mut self.values[Key::EnPassantTypes as usize] {
                    if let Setting::Types(slots) = setting {
                        slots.bits |= 1 << slot;
                    }
                }
            }
            self.pieces[*slot] = Some(piece);
        }
        Ok(())
    }

    /// Takes a piece out of the game, also out of what pawns promote to.
    fn remove_piece(&mut self, slot: usize) {
        self.pieces[slot] = None;
        for setting in &mut self.values[Key::PromotionPieceTypes as usize] {
            if let Setting::Types(slots) = setting {
                slots.bits &= !(1 << slot);
            }
        }
    }

    fn read_old_key(&mut self, entry: &Entry) -> Result<(), RuleError> {
        if let Some((_, names)) = OLD_NAMES.iter().find(|(name, _)| *name == entry.key) {
            for (key, sides) in names.iter().filter_map(|name| Key::find(name)) {
                let setting = self.setting(entry, key.kind(), key)?;
                for side in sides {
                    self.values[key as usize][*side] = setting.clone();
                }
            }
        }
        if RANK_KEYS.contains(&entry.key.as_str()) {
            let rank = integer(entry, 1, self.board.ranks.into())? as u8;
            let mirrored = self.board.ranks + 1 - rank;
            let (key, low) = match entry.key.as_str() {
                "promotionRank" => (Key::PromotionRegion, None),
                "doubleStepRankMin" => (Key::DoubleStepRegion, Some(rank)),
                _ => (Key::DoubleStepRegion, Some(2.min(rank))),
            };
            self.values[key as usize] = match low {
                None => [Region::ranks(rank, self.board.ranks), Region::ranks(1, mirrored)].map(Setting::Region),
                Some(low) => {
                    [Region::ranks(low, rank), Region::ranks(mirrored, self.board.ranks + 1 - low)].map(Setting::Region)
                }
            };
        }
        Ok(())
    }

    fn setting(&self, entry: &Entry, kind: Kind, key: Key) -> Result<Setting, RuleError> {
        let text = entry.value.as_str();
        Ok(match kind {
            Kind::Flag => Setting::Flag(match text {
                "true" => true,
                "false" => false,
                other => return Err(entry.place.error(format!("`{other}` is neither `true` nor `false`"))),
            }),
            Kind::Number(low, high) => Setting::Number(integer(entry, low, high)?),
            Kind::Result => Setting::Result(match text {
                "win" => Some(Value::Win),
                "loss" => Some(Value::Loss),
                "draw" => Some(Value::Draw),
                "none" if key == Key::ExtinctionValue => None,
                other => return Err(entry.place.error(format!("`{other}` is none of `win`, `loss`, `draw`"))),
            }),
            Kind::Region => Setting::Region(self.region(entry)?),
            Kind::Types => {
                let mut slots = Slots::default();
                for letter in text.chars().filter(|c| !c.is_whitespace()) {
                    match letter {
                        '-' => break,
                        '*' if key == Key::ExtinctionPieceTypes => slots.all = true,
                        '*' => {
                            return Err(entry.place.error(
                                "`*` stands for all men counted together, which only extinctionPieceTypes can mean; list letters",
                            ));
                        }
                        _ => {
                            let slot = self.slot(entry, letter)?;
                            slots.bits |= 1 << slot;
                            slots.last = (key == Key::PromotionPawnTypes).then_some(slot);
                        }
                    }
                }
                Setting::Types(slots)
            }
            Kind::Type => {
                let mut letters = text.chars();
                Setting::Type(match (letters.next(), letters.next()) {
                    (Some('*'), None) if matches!(key, Key::FlagPiece | Key::MustDropType) => TypeChoice::Any,
                    (Some('-'), None) => TypeChoice::None,
                    (Some(letter), None) => TypeChoice::Slot(self.slot(entry, letter)?),
                    _ => return Err(entry.place.error(format!("`{text}` is not one piece letter"))),
                })
            }
            Kind::File => Setting::Number(match text.as_bytes() {
                [letter @ b'a'..=b'l'] => u32::from(letter - b'a'),
                _ => integer(entry, 1, u32::from(MAX_FILES))? - 1,
            }),
            Kind::Rank => Setting::Number(integer(entry, 1, u32::from(MAX_RANKS))? - 1),
            Kind::Choice(words) => {
                let known = words.iter().position(|w| *w == text);
                Setting::Number(
                    known.ok_or_else(|| entry.place.error(format!("`{text}` is none of `{}`", words.join("`, `"))))?
                        as u32,
                )
            }
            Kind::Rights => {
                let mut rights = 0;
                for letter in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
                    rights |= 1
                        << "KQkq".find(letter).ok_or_else(|| {
                            entry.place.error(format!(
                                "`{letter}` is no castling right; letters of `KQkq` or `-` were expected"
                            ))
                        })?;
                }
                Setting::Number(rights)
            }
            Kind::Limits | Kind::Turns => {
                // A section adds to what it inherits; `q:0` and `g:-` take back.
                let mut pairs = match self.get(key, 0) {
                    Setting::Pairs(inherited) => inherited.clone(),
                    _ => Vec::new(),
                };
                for pair in text.split_whitespace().filter(|p| *p != "-") {
                    let bad = || {
                        let example = if kind == Kind::Limits { "`q:1 r:2`" } else { "`p:g s:g`" };
                        entry.place.error(format!("`{pair}` is no pair of a piece and its value, such as {example}"))
                    };
                    let (piece, value) = pair.split_once(':').ok_or_else(bad)?;
                    let one = |text: &str| {
                        let mut letters = text.chars();
                        letters.next().filter(|_| letters.next().is_none())
                    };
                    let slot = self.slot(entry, one(piece).ok_or_else(bad)?)?;
                    pairs.retain(|(s, _)| *s != slot);
                    if kind == Kind::Limits {
                        let limit = value.parse::<u32>().ok().filter(|n| *n <= 120).ok_or_else(bad)?;
                        pairs.extend((limit > 0).then_some((slot, limit)));
                    } else if value != "-" {
                        pairs.push((slot, self.slot(entry, one(value).ok_or_else(bad)?)? as u32));
                    }
                }
                pairs.sort_unstable();
                Setting::Pairs(pairs)
            }
            Kind::Text => Setting::Text(text.to_owned()),
        })
    }

    fn region(&self, entry: &Entry) -> Result<Region, RuleError> {
        let region = Region::parse(&entry.value).ok_or_else(|| {
            entry.place.error(format!(
                "`{}` is no list of squares: `d4 e5`, `*8` for a rank, `a*` for a file or `-` for none was expected",
                entry.value
            ))
        })?;
        if region.clipped(self.board).is_empty() && !region.is_empty() {
            return Err(entry.place.error(format!(
                "none of the squares `{}` lies on the board of {} files and {} ranks",
                entry.value, self.board.files, self.board.ranks
            )));
        }
        Ok(region)
    }

    fn slot(&self, entry: &Entry, letter: char) -> Result<usize, RuleError> {
        let wanted = letter.to_ascii_lowercase();
        self.letters().find(|(_, l)| *l == wanted).map(|(slot, _)| slot).ok_or_else(|| {
            let known: String = self.letters().map(|(_, l)| l).collect();
            entry.place.error(format!("`{letter}` is no piece of this variant; its pieces are `{known}`"))
        })
    }

    /// An error about a key, which points to its line if the section has it.
    pub(crate) fn error(&self, key: &str, message: impl Into<String>) -> RuleError {
        let mut place = self.places.get(key).cloned().unwrap_or_else(|| self.place.clone());
        key.clone_into(&mut place.key);
        place.error(message)
    }

    /// An error about a key of either side.
    pub(crate) fn key_error(&self, key: Key, message: impl Into<String>) -> RuleError {
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

    /// How the piece in `slot` moves; what pawns do besides are rules of their own.
    pub(crate) fn steps(&self, slot: usize) -> Result<Vec<Step>, RuleError> {
        let own = self.pieces[slot].as_ref().and_then(|p| p.betza.as_deref());
        let named = match slot {
            KING => "K",
            s if s >= NAMED => "",
            s => NAMED_PIECES[s].1,
        };
        betza::parse(own.unwrap_or(named)).map_err(|e| self.error(&slot_name(slot), e.to_string()))
    }

    /// Whether a piece has moves that only its first squares allow.
    fn has_initial_moves(&self) -> bool {
        self.letters().any(|(slot, _)| self.steps(slot).is_ok_and(|steps| steps.iter().any(|s| s.initial)))
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

    /// Why a key makes no difference under the other keys, if it makes none.
    fn without_effect(&self, key: Key, side: usize) -> Option<&'static str> {
        use Key::*;
        let unless = |condition: bool, reason: &'static str| (!condition).then_some(reason);
        let drops = self.flag(PieceDrops);
        let castling = self.flag(Castling);
        let folds = self.number(NFoldRule) > 0;
        let extinction = self.result(ExtinctionValue).is_some();
        let steps = (self.flag(DoubleStep) && !self.region_of(DoubleStepRegion, side).is_empty()
            || !self.region_of(TripleStepRegion, side).is_empty())
            && (self.has(PAWN) || self.has_initial_moves());
        match key {
            PromotionRegion => unless(
                self.promotes(side) || self.turns_over() || drops && self.has(PAWN) || self.has(PAWN),
                "has no effect without a piece that promotes",
            ),
            PromotionPawnTypes => unless(
                self.types(PromotionPieceTypes, side).bits != 0 || self.flag(CapturesToHand),
                "has no effect without promotionPieceTypes",
            ),
            PromotionPieceTypes => unless(
                self.has(PAWN) || self.types(PromotionPawnTypes, side).bits != 0,
                "has no effect without a piece of promotionPawnTypes",
            ),
            SittuyinPromotion => unless(self.has(PAWN), "has no effect without pawns"),
            PromotionLimit => {
                unless(self.promotes(0) || self.promotes(1) || self.turns_over(), "has no effect without promotions")
            }
            PiecePromotionOnCapture | MandatoryPiecePromotion | PieceDemotion => {
                unless(self.turns_over(), "has no effect without promotedPieceType")
            }
            DropPromoted => {
                unless(drops && self.turns_over(), "has no effect without pieceDrops and promotedPieceType")
            }
            BlastImmuneTypes | PetrifyBlastPieces => {
                unless(self.flag(BlastOnCapture), "has no effect without blastOnCapture = true")
            }
            DoubleStepRegion => unless(
                self.flag(DoubleStep) && (self.has(PAWN) || self.has_initial_moves()),
                "has no effect without doubleStep = true and a piece that makes it",
            ),
            TripleStepRegion => unless(self.has(PAWN), "has no effect without pawns"),
            EnPassantRegion | EnPassantTypes => unless(
                steps || {
                    let other = 1 - side;
                    (self.flag(DoubleStep) && !self.region_of(DoubleStepRegion, other).is_empty())
                        || !self.region_of(TripleStepRegion, other).is_empty()
                },
                "has no effect without double or triple steps",
            ),
            Chess960
            | CastlingKingsideFile
            | CastlingQueensideFile
            | CastlingRank
            | CastlingKingFile
            | CastlingKingPiece
            | CastlingRookKingsideFile
            | CastlingRookQueensideFile
            | CastlingRookPieces
            | OppositeCastling
            | CastlingWins => unless(castling, "has no effect without castling = true"),
            CastlingDroppedPiece => unless(castling && drops, "has no effect without castling and pieceDrops"),
            DropChecks
            | FirstRankPawnDrops
            | PromotionZonePawnDrops
            | SittuyinRookDrop
            | DropOppositeColoredBishop
            | DropNoDoubled
            | MustDrop => unless(drops, "has no effect without pieceDrops = true"),
            DropNoDoubledCount => unless(
                drops && self.choice(DropNoDoubled, 0) != TypeChoice::None,
                "has no effect without pieceDrops and dropNoDoubled",
            ),
            MustDropType => unless(drops && self.flag(MustDrop), "has no effect without mustDrop = true"),
            DropRegion => {
                unless(drops || self.flag(SeirawanGating), "has no effect without pieceDrops or seirawanGating")
            }
            CapturesToHand => {
                unless(drops || self.flag(SeirawanGating), "has no effect without pieceDrops or seirawanGating")
            }
            DropLoop => unless(self.flag(CapturesToHand), "has no effect without capturesToHand = true"),
            SeirawanGating | CambodianMoves => unless(self.flag(Gating), "has no effect without gating = true"),
            Gating => unless(
                self.flag(SeirawanGating) || self.flag(CambodianMoves),
                "has no effect without seirawanGating or cambodianMoves",
            ),
            WallingRegion | WallOrMove => unless(self.number(WallingRule) > 0, "has no effect without wallingRule"),
            NFoldValue | NFoldValueAbsolute | PerpetualCheckIllegal | MoveRepetitionIllegal | ChasingRule => {
                unless(folds, "has no effect without nFoldRule")
            }
            StalematePieceCount => {
                unless(self.result(StalemateValue) != Some(Value::Draw), "has no effect while stalemateValue is draw")
            }
            CheckmateValue => unless(
                self.has(KING) || self.flag(ExtinctionPseudoRoyal),
                "has no effect without a king or a pseudo-royal piece",
            ),
            ShogiPawnDropMateIllegal => {
                unless(self.has(SHOGI_PAWN) && drops, "has no effect without shogiPawn and pieceDrops")
            }
            ShatarMateRule | MakpongRule | FlyingGeneral | BikjangRule | CheckCounting | Checking => {
                unless(self.has(KING), "has no effect in a variant without a king")
            }
            SoldierPromotionRank => unless(self.has(SOLDIER), "has no effect without soldiers"),
            ExtinctionClaim | ExtinctionOpponentPieceCount => {
                unless(extinction, "has no effect without extinctionValue")
            }
            ExtinctionPieceCount | ExtinctionPieceTypes => unless(
                extinction || self.flag(ExtinctionPseudoRoyal),
                "has no effect without extinctionValue or extinctionPseudoRoyal",
            ),
            ExtinctionPseudoRoyal => unless(
                self.types(ExtinctionPieceTypes, 0).bits != 0,
                "has no effect without extinctionPieceTypes that name pieces",
            ),
            ExtinctionValue => unless(
                self.types(ExtinctionPieceTypes, 0) != Slots::default(),
                "has no effect without extinctionPieceTypes",
            ),
            DupleCheck => {
                unless(self.flag(ExtinctionPseudoRoyal), "has no effect without extinctionPseudoRoyal = true")
            }
            FlagPiece => unless(!self.region_of(FlagRegion, side).is_empty(), "has no effect without flagRegion"),
            FlagPieceCount | FlagPieceBlockedWin | FlagMove | FlagPieceSafe => unless(
                [0, 1].iter().any(|s| !self.region_of(FlagRegion, *s).is_empty()),
                "has no effect without flagRegion",
            ),
            _ => None,
        }
    }

    /// Refuses keys of the section itself that make no difference, and keys that contradict each other.
    pub(crate) fn check(&self) -> Result<(), RuleError> {
        for (name, place) in &self.places {
            // Without the pieces that they speak of these say nothing yet, but published files have them.
            if [Key::ExtinctionPieceTypes.name(), Key::ShogiPawnDropMateIllegal.name()].contains(&name.as_str()) {
                continue;
            }
            if let Some((key, sides)) = Key::find(name) {
                let changed = sides.iter().any(|s| !self.is_default(key, *s));
                let reasons: Vec<_> = sides.iter().filter_map(|s| self.without_effect(key, *s)).collect();
                if changed && reasons.len() == sides.len() {
                    return Err(place.error(reasons[0]));
                }
            }
            if let Some((_, slot)) = mobility_of(name)
                && !self.has(slot)
            {
                return Err(place.error(format!("has no effect: the variant has no {}", slot_name(slot))));
            }
        }
        self.contradictions()
    }

    fn contradictions(&self) -> Result<(), RuleError> {
        use Key::*;
        let king = self.has(KING);
        let pseudo_royal = self.flag(ExtinctionPseudoRoyal);
        let clash = |condition: bool, key: Key, message: &str| {
            if condition { Err(self.key_error(key, message)) } else { Ok(()) }
        };
        let castles = self.flag(Castling);
        let files = u32::from(self.board.files);
        clash(
            king && self.flag(BlastOnCapture),
            BlastOnCapture,
            "cannot be combined with a royal king: use a commoner with extinction rules",
        )?;
        clash(
            king && self.number(WallingRule) == 2,
            WallingRule,
            "`duck` cannot be combined with a royal king: use a commoner with extinction rules",
        )?;
        clash(
            self.flag(PieceDrops) && self.number(WallingRule) > 0,
            WallingRule,
            "walls cannot be combined with pieceDrops",
        )?;
        clash(
            self.number(WallingRule) > 0
                && [Pass, PassOnStalemate].iter().any(|k| self.flag_of(*k, 0) || self.flag_of(*k, 1)),
            WallingRule,
            "with walls to build, nobody can pass: wallOrMove alone lets a side build without moving",
        )?;
        for (key, other) in [(PromotedPieceType, self.turns_over()), (Gating, self.flag(Gating))] {
            clash(self.builds_walls() && other, key, "cannot be combined with walls")?;
        }
        clash(self.flag(MustCapture) && self.flag(MustDrop), MustDrop, "cannot be combined with mustCapture")?;
        let immune = |key| self.types(key, 0).bits != 0 && (king || pseudo_royal);
        clash(immune(BlastImmuneTypes), BlastImmuneTypes, "cannot be combined with a king or pseudo-royal pieces")?;
        clash(
            immune(MutuallyImmuneTypes),
            MutuallyImmuneTypes,
            "cannot be combined with a king or pseudo-royal pieces",
        )?;
        clash(
            self.types(PetrifyOnCaptureTypes, 0).has(KING),
            PetrifyOnCaptureTypes,
            "a royal king cannot turn to stone: use a commoner with extinction rules",
        )?;
        clash(
            self.flag(FlagPieceSafe) && self.flag(BlastOnCapture),
            FlagPieceSafe,
            "cannot be combined with blastOnCapture",
        )?;
        clash(self.flag(CheckCounting) && !self.flag(Checking), CheckCounting, "needs checking = true")?;
        clash(
            castles && self.number(CastlingRank) >= self.board.ranks.into() && self.says(CastlingRank),
            CastlingRank,
            "lies beyond the board",
        )?;
        clash(
            castles && self.number(CastlingQueensideFile) >= self.number(CastlingKingsideFile),
            CastlingQueensideFile,
            "must lie to the left of castlingKingsideFile",
        )?;
        for key in [CastlingKingsideFile, CastlingQueensideFile, CastlingKingFile] {
            clash(castles && self.says(key) && self.number(key) >= files, key, "lies beyond the board")?;
        }
        for side in 0..2 {
            clash(
                castles
                    && king
                    && self.says(CastlingKingPiece)
                    && self.choice(CastlingKingPiece, side) != TypeChoice::Slot(KING),
                CastlingKingPiece,
                "must be the king in a variant that has one",
            )?;
        }
        clash(
            self.types(PromotionPieceTypes, 0).has(KING) || self.types(PromotionPieceTypes, 1).has(KING),
            PromotionPieceTypes,
            "a pawn cannot become a second royal king: use a commoner",
        )?;
        clash(self.number(ChasingRule) > 0 && !king, ChasingRule, "needs a king")
    }

    /// All that makes a difference, one key per line in a fixed order: equal rules have equal texts.
    pub(crate) fn canonical(&self) -> String {
        self.lines().into_iter().fold(String::new(), |mut text, (key, value)| {
            let _ = writeln!(text, "{key} = {value}");
            text
        })
    }

    /// Keys and values that make a difference to a section without a parent.
    fn lines(&self) -> Vec<(String, String)> {
        self.lines_on(&Definition::template())
    }

    /// Keys and values that turn `base` into this variant.
    pub(crate) fn lines_on(&self, base: &Definition) -> Vec<(String, String)> {
        let mut lines = Vec::new();
        // What a reader of the lines holds before the rules: the base with this variant's board and pieces.
        let mut held = base.clone();
        if self.board.ranks != base.board.ranks {
            lines.push(("maxRank".to_owned(), self.board.ranks.to_string()));
        }
        if self.board.files != base.board.files {
            lines.push(("maxFile".to_owned(), ((b'a' + self.board.files - 1) as char).to_string()));
        }
        held.board = self.board;
        for slot in 0..SLOTS {
            if self.pieces[slot] == base.pieces[slot] {
                continue;
            }
            let value = match &self.pieces[slot] {
                None => "-".to_owned(),
                Some(PieceDefinition { letter, betza: None }) => letter.to_string(),
                Some(PieceDefinition { letter, betza: Some(betza) }) => format!("{letter}:{betza}"),
            };
            lines.push((slot_name(slot), value));
        }
        // Reading the pieces changes what pawns promote to, and who captures in passing.
        let entries =
            lines.iter().map(|(key, value)| Entry { place: Place::default(), key: key.clone(), value: value.clone() });
        let _ = held.read_pieces(&entries.collect::<Vec<_>>());
        held.pieces.clone_from(&self.pieces);
        for side in 0..2 {
            for (slot, _) in self.letters() {
                let (mine, theirs) = (self.mobility(side, slot), held.mobility(side, slot));
                if mine != theirs {
                    let mut name = slot_name(slot);
                    name[..1].make_ascii_uppercase();
                    let key = format!("mobilityRegion{}{name}", ["White", "Black"][side]);
                    lines.push((key, mine.unwrap_or_default().text(self.board)));
                }
            }
        }
        for key in Key::ALL {
            let text = |definition: &Definition, side| definition.value_text(*key, side);
            let differs = |side| {
                // What the base has switched on must be called off, even where this variant gives it nothing to act on.
                let matters = self.without_effect(*key, side).is_none()
                    || [base, &held].iter().any(|d| d.without_effect(*key, side).is_none())
                        && self.is_default(*key, side);
                matters && text(self, side) != text(&held, side)
            };
            match (key.sides(), differs(0), differs(1)) {
                (_, false, false) => {}
                (Sides::One, ..) => lines.push((key.full_name(None), text(self, 0) + &self.taken_back(*key, &held))),
                (Sides::Both, ..) if text(self, 0) == text(self, 1) => lines.push((key.full_name(None), text(self, 0))),
                (_, white, black) => {
                    for side in [(white, 0), (black, 1)].into_iter().filter_map(|(d, s)| d.then_some(s)) {
                        lines.push((key.full_name(Some(side)), text(self, side)));
                    }
                }
            }
        }
        lines
    }

    /// Pairs that `base` has and this variant has not, written so that they are taken back.
    fn taken_back(&self, key: Key, base: &Definition) -> String {
        let nothing = if key.kind() == Kind::Limits { "0" } else { "-" };
        let own = self.pairs(key);
        let gone = base.pairs(key).into_iter().filter(|(slot, _)| own.iter().all(|(s, _)| s != slot));
        gone.filter_map(|(slot, _)| self.pieces[slot].as_ref().map(|p| format!(" {}:{nothing}", p.letter))).collect()
    }

    /// Whether a key says what it says where nothing is said.
    fn is_default(&self, key: Key, side: usize) -> bool {
        let mut silent = self.clone();
        silent.values[key as usize][side] = key.default(side);
        self.value_text(key, side) == silent.value_text(key, side)
    }

    /// A key's value as it is written, without what the variant does not have.
    fn value_text(&self, key: Key, side: usize) -> String {
        let letter = |slot: usize| self.pieces[slot].as_ref().map_or('-', |p| p.letter);
        match (key.kind(), self.get(key, side)) {
            (Kind::Types, _) => {
                let slots = self.types(key, side);
                let main = slots.main();
                let others = self.letters().filter(|(slot, _)| slots.has(*slot) && Some(*slot) != main);
                let letters: String = others.map(|(_, letter)| letter).chain(main.map(letter)).collect();
                match (slots.all, letters.is_empty()) {
                    (true, _) => format!("*{letters}"),
                    (false, true) => "-".to_owned(),
                    (false, false) => letters,
                }
            }
            (Kind::Type, _) => match self.choice(key, side) {
                TypeChoice::None => "-".to_owned(),
                TypeChoice::Any => "*".to_owned(),
                TypeChoice::Slot(slot) => letter(slot).to_string(),
            },
            (Kind::Region, _) => self.region_of(key, side).text(self.board),
            (Kind::Limits, _) => join(self.pairs(key).iter().map(|(slot, n)| format!("{}:{n}", letter(*slot)))),
            (Kind::Turns, _) => join(
                self.pairs(key).iter().map(|(slot, other)| format!("{}:{}", letter(*slot), letter(*other as usize))),
            ),
            (_, Setting::Flag(flag)) => flag.to_string(),
            (_, Setting::Result(value)) => value.map_or_else(|| "none".to_owned(), |v| v.to_string()),
            (Kind::File, Setting::Number(n)) => ((b'a' + *n as u8) as char).to_string(),
            (Kind::Rank, Setting::Number(n)) => (n + 1).to_string(),
            (Kind::Choice(words), Setting::Number(n)) => words[*n as usize % words.len()].to_owned(),
            (Kind::Rights, Setting::Number(n)) => {
                let letters: String =
                    "KQkq".chars().enumerate().filter(|(i, _)| n >> i & 1 == 1).map(|(_, c)| c).collect();
                if letters.is_empty() { "-".to_owned() } else { letters }
            }
            (_, Setting::Number(n)) => n.to_string(),
            (_, Setting::Text(text)) => text.clone(),
            _ => String::new(),
        }
    }
}

fn join(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    if words.is_empty() { "-".to_owned() } else { words.join(" ") }
}

fn read_piece(entry: &Entry, slot: usize) -> Result<Option<PieceDefinition>, RuleError> {
    let (letter, betza) = match entry.value.split_once(':') {
        Some((letter, betza)) => (letter.trim(), Some(betza.trim().to_owned())),
        None => (entry.value.as_str(), None),
    };
    let custom = slot >= NAMED;
    match letter.as_bytes() {
        b"-" => return Ok(None),
        [byte] if byte.is_ascii_alphabetic() => {}
        _ => {
            return Err(entry.place.error(format!("`{letter}` is not one letter a to z, or `-` for none")));
        }
    }
    let letter = letter.to_ascii_lowercase().chars().next().unwrap_or('?');
    if betza.is_some() && !custom {
        return Err(entry.place.error("only customPiece1 to customPiece25 and the king take a Betza string"));
    }
    if custom && slot != KING && betza.is_none() {
        return Err(entry.place.error("a custom piece needs its moves: `letter:Betza`, for instance `n:CW`"));
    }
    Ok(Some(PieceDefinition { letter, betza }))
}

fn integer(entry: &Entry, low: u32, high: u32) -> Result<u32, RuleError> {
    entry
        .value
        .parse()
        .ok()
        .filter(|n| (low..=high).contains(n))
        .ok_or_else(|| entry.place.error(format!("`{}` is no whole number from {low} to {high}", entry.value)))
}
