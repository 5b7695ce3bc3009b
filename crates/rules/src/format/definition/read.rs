//! A section of a rule file, read on top of its parent.

use crate::board::{MAX_FILES, MAX_RANKS, Region, Value};
use crate::format::betza;
use crate::format::definition::{Definition, PieceDefinition};
use crate::format::ini::{Entry, RuleError, Section, quotable};
use crate::format::keys::{Key, Kind};
use crate::format::meaning::{Meaning, OLD_NAMES, RANK_KEYS, meaning};
use crate::format::setting::{Setting, Slots, TypeChoice};
use crate::format::slot::{KING, NAMED, mobility_of, named_steps, slot_name, slot_of};

impl Definition {
    /// Reads a section on top of its parent.
    ///
    /// # Errors
    /// Names the first key that is unknown, refused, or has a value that it cannot have.
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
        // The board and the pieces first, wherever they stand in the section: other keys name squares and letters.
        definition.read_board(section)?;
        definition.read_pieces(&section.entries)?;
        for entry in &section.entries {
            definition.read_old_key(entry)?;
        }
        // A key for one side overrides the key for both, whichever stands first.
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

    /// Reads the size of the board and the regions that pieces may enter.
    fn read_board(&mut self, section: &Section) -> Result<(), RuleError> {
        for entry in &section.entries {
            match entry.key.as_str() {
                "maxRank" => self.board.ranks = integer(entry, 3, u32::from(MAX_RANKS))? as u8,
                "maxFile" => {
                    self.board.files = match entry.plain().as_bytes() {
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
    pub(super) fn read_pieces(&mut self, entries: &[Entry]) -> Result<(), RuleError> {
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
                // A piece of this section in a later slot gets a letter of its own when its turn comes.
                if own.iter().any(|(s, _)| *s == other && other < *slot) {
                    return Err(entry.place.error(format!(
                        "the letter `{}` stands for {}, too; give one of them another letter",
                        piece.letter,
                        slot_name(other)
                    )));
                }
                self.remove_piece(other);
            }
            // The letter `e` in a custom piece's notation says that it captures in passing.
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

    /// Takes a piece out of the variant, and out of what pawns promote to.
    fn remove_piece(&mut self, slot: usize) {
        self.pieces[slot] = None;
        for setting in &mut self.values[Key::PromotionPieceTypes as usize] {
            if let Setting::Types(slots) = setting {
                slots.bits &= !(1 << slot);
            }
        }
    }

    /// Reads an entry whose key has an older name or is one of [`RANK_KEYS`]; others are left alone.
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

    /// Reads the value of an entry as one of `key`.
    fn setting(&self, entry: &Entry, kind: Kind, key: Key) -> Result<Setting, RuleError> {
        let text = match kind {
            Kind::Flag | Kind::Result | Kind::Choice(_) => entry.value.as_str(),
            _ => entry.plain(),
        };
        Ok(match kind {
            Kind::Flag => Setting::Flag(match text {
                "true" => true,
                "false" => false,
                _ => return Err(entry.place.error(format!("`{}` is neither `true` nor `false`", entry.shown()))),
            }),
            Kind::Number(low, high) => Setting::Number(integer(entry, low, high)?),
            Kind::Result => Setting::Result(match text {
                "win" => Some(Value::Win),
                "loss" => Some(Value::Loss),
                "draw" => Some(Value::Draw),
                "none" if key == Key::ExtinctionValue => None,
                _ => return Err(entry.place.error(format!("`{}` is none of `win`, `loss`, `draw`", entry.shown()))),
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
                    _ => return Err(entry.place.error(format!("`{}` is not one piece letter", entry.shown()))),
                })
            }
            Kind::File => Setting::Number(match text.as_bytes() {
                [letter @ b'a'..=b'l'] => u32::from(letter - b'a'),
                _ => integer(entry, 1, u32::from(MAX_FILES))? - 1,
            }),
            Kind::Rank => Setting::Number(integer(entry, 1, u32::from(MAX_RANKS))? - 1),
            Kind::Choice(words) => {
                let known = words.iter().position(|w| *w == text);
                let message = || format!("`{}` is none of `{}`", entry.shown(), words.join("`, `"));
                Setting::Number(known.ok_or_else(|| entry.place.error(message()))? as u32)
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
                // A section adds pairs to those that it inherits; `q:0` and `g:-` take one back.
                let mut pairs = match self.get(key, 0) {
                    Setting::Pairs(inherited) => inherited.clone(),
                    _ => Vec::new(),
                };
                for pair in text.split_whitespace().filter(|p| *p != "-") {
                    let bad = || {
                        let example = if kind == Kind::Limits { "`q:1 r:2`" } else { "`p:g s:g`" };
                        let pair = quotable(pair);
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

    /// Reads the value of an entry as a list of squares, at least one of which must lie on the board.
    fn region(&self, entry: &Entry) -> Result<Region, RuleError> {
        let region = Region::parse(entry.plain()).ok_or_else(|| {
            entry.place.error(format!(
                "`{}` is no list of squares: `d4 e5`, `*8` for a rank, `a*` for a file or `-` for none was expected",
                entry.shown()
            ))
        })?;
        if region.clipped(self.board).is_empty() && !region.is_empty() {
            return Err(entry.place.error(format!(
                "none of the squares `{}` lies on the board of {} files and {} ranks",
                entry.shown(),
                self.board.files,
                self.board.ranks
            )));
        }
        Ok(region)
    }

    /// The slot of the piece of a letter.
    fn slot(&self, entry: &Entry, letter: char) -> Result<usize, RuleError> {
        let wanted = letter.to_ascii_lowercase();
        self.letters().find(|(_, l)| *l == wanted).map(|(slot, _)| slot).ok_or_else(|| {
            let known: String = self.letters().map(|(_, l)| l).collect();
            entry.place.error(format!("`{letter}` is no piece of this variant; its pieces are `{known}`"))
        })
    }
}

/// The longest notation of a piece, in bytes.
const MAX_BETZA_BYTES: usize = 200;

/// Reads the entry of a piece; `None` if it takes the piece out of the variant.
fn read_piece(entry: &Entry, slot: usize) -> Result<Option<PieceDefinition>, RuleError> {
    let (letter, betza) = match entry.value.split_once(':') {
        Some((letter, betza)) => (letter.trim(), Some(betza.trim())),
        None => (entry.plain(), None),
    };
    let custom = slot >= NAMED;
    match letter.as_bytes() {
        b"-" => return Ok(None),
        [byte] if byte.is_ascii_alphabetic() => {}
        _ => {
            let letter = quotable(letter);
            return Err(entry.place.error(format!("`{letter}` is not one letter a to z, or `-` for none")));
        }
    }
    let letter = letter.to_ascii_lowercase().chars().next().unwrap_or('?');
    let steps = match betza {
        Some(_) if !custom => {
            return Err(entry.place.error("only customPiece1 to customPiece25 and the king take a Betza string"));
        }
        Some(betza) if betza.len() > MAX_BETZA_BYTES => {
            return Err(entry.place.error(format!("a Betza string has at most {MAX_BETZA_BYTES} bytes")));
        }
        Some(betza) => betza::parse(betza).map_err(|e| entry.place.error(e.to_string()))?.into(),
        None if custom && slot != KING => {
            return Err(entry.place.error("a custom piece needs its moves: `letter:Betza`, for instance `n:CW`"));
        }
        None => named_steps(slot),
    };
    Ok(Some(PieceDefinition { letter, betza: betza.map(str::to_owned), steps }))
}

/// Reads the value of an entry as a whole number from `low` to `high`.
fn integer(entry: &Entry, low: u32, high: u32) -> Result<u32, RuleError> {
    entry
        .plain()
        .parse()
        .ok()
        .filter(|n| (low..=high).contains(n))
        .ok_or_else(|| entry.place.error(format!("`{}` is no whole number from {low} to {high}", entry.shown())))
}
