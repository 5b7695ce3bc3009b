//! A variant as its rule file defines it: typed, resolved against its parent, not yet compiled.

use std::fmt::Write as _;

use crate::betza::{self, Step};
use crate::ini::{Entry, Place, RuleError, Section};
use crate::keys;
use crate::types::{Color, MAX_PIECE_TYPES, Value};

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
/// The pawn's slot: the one piece that promotes and captures en passant.
pub(crate) const PAWN: usize = 0;
/// The rook's slot: the piece that castles with the king.
pub(crate) const ROOK: usize = 3;
/// The king's slot: the one piece that is royal.
pub(crate) const KING: usize = NAMED + CUSTOM;
const SLOTS: usize = KING + 1;

/// The slot of a piece key (`knight`, `customPiece3`, `king`).
fn slot_of(key: &str) -> Option<usize> {
    if key == "king" {
        return Some(KING);
    }
    if let Some(number) = key.strip_prefix("customPiece") {
        let n: usize = number.parse().ok()?;
        return (1..=CUSTOM).contains(&n).then(|| NAMED + n - 1);
    }
    NAMED_PIECES[..NAMED].iter().position(|(name, _)| *name == key)
}

fn slot_name(slot: usize) -> String {
    match slot {
        KING => "king".to_owned(),
        s if s >= NAMED => format!("customPiece{}", s - NAMED + 1),
        s => NAMED_PIECES[s].0.to_owned(),
    }
}

/// A set of piece slots, or `*`: all of a side's men counted together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slots {
    pub(crate) bits: u64,
    pub(crate) all: bool,
}

/// A piece of the variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PieceDefinition {
    pub(crate) letter: char,
    /// Given with the letter (`customPiece1 = n:CW`), otherwise the format's own.
    pub(crate) betza: Option<String>,
}

/// All that a section and its ancestors say.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) name: String,
    /// Where the section stands: errors that concern no single key point there.
    pub(crate) place: Place,
    pub(crate) ranks: u8,
    pub(crate) files: u8,
    pub(crate) pieces: Vec<Option<PieceDefinition>>,
    pub(crate) start_fen: String,
    pub(crate) promotion_region: [Region; 2],
    pub(crate) promotion_types: [Slots; 2],
    pub(crate) double_step: bool,
    pub(crate) double_step_region: [Region; 2],
    pub(crate) castling: bool,
    pub(crate) must_capture: bool,
    pub(crate) check_counting: bool,
    pub(crate) n_move_rule: u32,
    pub(crate) n_fold_rule: u32,
    pub(crate) n_fold_value: Value,
    pub(crate) stalemate_value: Value,
    pub(crate) checkmate_value: Value,
    pub(crate) extinction_value: Option<Value>,
    pub(crate) extinction_types: Slots,
    pub(crate) extinction_count: u32,
    pub(crate) extinction_opponent_count: u32,
    /// `None` stands for any piece.
    pub(crate) flag_piece: [Option<usize>; 2],
    pub(crate) flag_region: [Region; 2],
}

/// A list of squares as the format writes it: `d4 e5`, `*8` for a rank, `a*` for a file, `-` for none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Region(Vec<(Option<u8>, Option<u8>)>);

impl Region {
    fn rank(rank: u8) -> Region {
        Region(vec![(None, Some(rank - 1))])
    }

    fn parse(text: &str) -> Option<Region> {
        if text == "-" || text.is_empty() {
            return Some(Region::default());
        }
        let mut squares = Vec::new();
        for word in text.split_whitespace() {
            let (file, rank) = word.split_at_checked(1)?;
            let file = match file.chars().next()? {
                '*' => None,
                c => Some((c.to_ascii_lowercase() as u8).checked_sub(b'a').filter(|f| *f < 12)?),
            };
            let rank = match rank {
                "*" => None,
                digits => Some(digits.parse::<u8>().ok()?.checked_sub(1).filter(|r| *r < 12)?),
            };
            if file.is_none() && rank.is_none() {
                return None;
            }
            squares.push((file, rank));
        }
        Some(Region(squares))
    }

    /// The squares that lie on a board of this size.
    pub(crate) fn bits(&self, files: u8, ranks: u8) -> u64 {
        let mut bits = 0;
        for rank in 0..ranks {
            for file in 0..files {
                if self.0.iter().any(|(f, r)| f.is_none_or(|f| f == file) && r.is_none_or(|r| r == rank)) {
                    bits |= 1 << (rank * files + file);
                }
            }
        }
        bits
    }

    /// The same squares, written one by one in board order, so that equal regions have equal texts.
    fn canonical(&self, files: u8, ranks: u8) -> String {
        let bits = self.bits(files, ranks);
        let squares: Vec<String> = crate::types::squares(bits)
            .map(|s| format!("{}{}", (b'a' + s.0 % files) as char, s.0 / files + 1))
            .collect();
        if squares.is_empty() { "-".to_owned() } else { squares.join(" ") }
    }
}

impl Definition {
    /// What a section without a parent starts from: chess without pieces.
    fn template() -> Definition {
        let officers = Slots { bits: 0b11110, all: false };
        Definition {
            name: String::new(),
            place: Place::default(),
            ranks: 8,
            files: 8,
            pieces: vec![None; SLOTS],
            start_fen: "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1".to_owned(),
            promotion_region: [Region::rank(8), Region::rank(1)],
            promotion_types: [officers; 2],
            double_step: true,
            double_step_region: [Region::rank(2), Region::rank(7)],
            castling: true,
            must_capture: false,
            check_counting: false,
            n_move_rule: 50,
            n_fold_rule: 3,
            n_fold_value: Value::Draw,
            stalemate_value: Value::Draw,
            checkmate_value: Value::Loss,
            extinction_value: None,
            extinction_types: Slots::default(),
            extinction_count: 0,
            extinction_opponent_count: 0,
            flag_piece: [None; 2],
            flag_region: [Region::default(), Region::default()],
        }
    }

    /// Reads a section on top of its parent.
    ///
    /// # Errors
    /// Names the key that is unknown, not supported yet, or has a value that it cannot have.
    pub(crate) fn read(section: &Section, parent: Option<&Definition>) -> Result<Definition, RuleError> {
        let mut definition = parent.cloned().unwrap_or_else(Definition::template);
        definition.name = section.name.clone();
        definition.place = section.place.clone();
        for entry in &section.entries {
            keys::check_name(entry)?;
        }
        // Letters first: the values of other keys are written in them, wherever they stand in the section.
        for entry in &section.entries {
            definition.read_board_or_piece(entry)?;
        }
        definition.check_letters()?;
        for entry in &section.entries {
            definition.read_rule(entry)?;
        }
        Ok(definition)
    }

    fn read_board_or_piece(&mut self, entry: &Entry) -> Result<(), RuleError> {
        match entry.key.as_str() {
            "maxRank" => self.ranks = integer(entry, 3, 10)? as u8,
            "maxFile" => {
                self.files = match entry.value.as_bytes() {
                    [letter @ b'c'..=b'l'] => letter - b'a' + 1,
                    _ => integer(entry, 3, 12)? as u8,
                }
            }
            key => {
                if let Some(slot) = slot_of(key) {
                    self.pieces[slot] = read_piece(entry, slot)?;
                }
            }
        }
        Ok(())
    }

    fn check_letters(&self) -> Result<(), RuleError> {
        let present: Vec<(usize, char)> = self.letters().collect();
        for (i, (slot, letter)) in present.iter().enumerate() {
            if let Some((other, _)) = present[..i].iter().find(|(_, l)| l == letter) {
                return Err(self.place.error(format!(
                    "the letter `{letter}` stands for both {} and {}; remove one of them (`{} = -`) or give it another letter",
                    slot_name(*other), slot_name(*slot), slot_name(*other)
                )));
            }
        }
        if present.len() > MAX_PIECE_TYPES {
            return Err(self
                .place
                .error(format!("{} piece types are more than the {MAX_PIECE_TYPES} supported so far", present.len())));
        }
        if u32::from(self.ranks) * u32::from(self.files) > 64 {
            return Err(self.place.error(format!(
                "a board of {} files and {} ranks has more than the 64 squares supported so far",
                self.files, self.ranks
            )));
        }
        Ok(())
    }

    fn read_rule(&mut self, entry: &Entry) -> Result<(), RuleError> {
        let both = |slots| [slots, slots];
        match entry.key.as_str() {
            "startFen" => self.start_fen = entry.value.clone(),
            "promotionRegionWhite" => self.promotion_region[0] = self.region(entry)?,
            "promotionRegionBlack" => self.promotion_region[1] = self.region(entry)?,
            "promotionPieceTypes" => self.promotion_types = both(self.types(entry, false)?),
            "promotionPieceTypesWhite" => self.promotion_types[0] = self.types(entry, false)?,
            "promotionPieceTypesBlack" => self.promotion_types[1] = self.types(entry, false)?,
            "doubleStep" => self.double_step = boolean(entry)?,
            "doubleStepRegionWhite" => self.double_step_region[0] = self.region(entry)?,
            "doubleStepRegionBlack" => self.double_step_region[1] = self.region(entry)?,
            "castling" => self.castling = boolean(entry)?,
            "mustCapture" => self.must_capture = boolean(entry)?,
            "checkCounting" => self.check_counting = boolean(entry)?,
            "nMoveRule" => self.n_move_rule = integer(entry, 0, 1000)?,
            "nFoldRule" => self.n_fold_rule = integer(entry, 0, 100)?,
            "nFoldValue" => self.n_fold_value = value(entry)?,
            "stalemateValue" => self.stalemate_value = value(entry)?,
            "checkmateValue" => self.checkmate_value = value(entry)?,
            "extinctionValue" => self.extinction_value = if entry.value == "none" { None } else { Some(value(entry)?) },
            "extinctionPieceTypes" => self.extinction_types = self.types(entry, true)?,
            "extinctionPieceCount" => self.extinction_count = integer(entry, 0, 64)?,
            "extinctionOpponentPieceCount" => self.extinction_opponent_count = integer(entry, 0, 64)?,
            "flagPiece" => self.flag_piece = [self.flag_type(entry)?; 2],
            "flagPieceWhite" => self.flag_piece[0] = self.flag_type(entry)?,
            "flagPieceBlack" => self.flag_piece[1] = self.flag_type(entry)?,
            "flagRegion" => self.flag_region = [self.region(entry)?, self.region(entry)?],
            "flagRegionWhite" => self.flag_region[0] = self.region(entry)?,
            "flagRegionBlack" => self.flag_region[1] = self.region(entry)?,
            "flagMove" if boolean(entry)? => {
                return Err(entry.place.error("`true` is not supported yet; `false` is"));
            }
            // Board size and pieces were read before.
            _ => {}
        }
        Ok(())
    }

    fn region(&self, entry: &Entry) -> Result<Region, RuleError> {
        let region = Region::parse(&entry.value).ok_or_else(|| {
            entry.place.error(format!(
                "`{}` is no list of squares: `d4 e5`, `*8` for a rank, `a*` for a file or `-` for none was expected",
                entry.value
            ))
        })?;
        if region.bits(self.files, self.ranks) == 0 && !region.0.is_empty() {
            return Err(entry.place.error(format!(
                "none of the squares `{}` lies on the board of {} files and {} ranks",
                entry.value, self.files, self.ranks
            )));
        }
        Ok(region)
    }

    fn types(&self, entry: &Entry, star: bool) -> Result<Slots, RuleError> {
        let mut slots = Slots::default();
        for letter in entry.value.chars().filter(|c| !c.is_whitespace()) {
            match letter {
                '-' => {}
                '*' if star => slots.all = true,
                _ => slots.bits |= 1 << self.slot(entry, letter)?,
            }
        }
        Ok(slots)
    }

    fn flag_type(&self, entry: &Entry) -> Result<Option<usize>, RuleError> {
        let mut letters = entry.value.chars();
        match (letters.next(), letters.next()) {
            (Some('*'), None) => Ok(None),
            (Some(letter), None) => self.slot(entry, letter).map(Some),
            _ => Err(entry.place.error(format!("`{}` is not one piece letter or `*`", entry.value))),
        }
    }

    fn slot(&self, entry: &Entry, letter: char) -> Result<usize, RuleError> {
        let wanted = letter.to_ascii_lowercase();
        self.letters().find(|(_, l)| *l == wanted).map(|(slot, _)| slot).ok_or_else(|| {
            let known: String = self.letters().map(|(_, l)| l).collect();
            entry.place.error(format!("`{letter}` is no piece of this variant; its pieces are `{known}`"))
        })
    }

    /// The slots in use with their letters, in the format's order.
    pub(crate) fn letters(&self) -> impl Iterator<Item = (usize, char)> + '_ {
        self.pieces.iter().enumerate().filter_map(|(slot, piece)| piece.as_ref().map(|p| (slot, p.letter)))
    }

    /// How the piece in `slot` moves; the pawn's double step and promotion are rules of their own.
    pub(crate) fn steps(&self, slot: usize) -> Result<Vec<Step>, RuleError> {
        let own = self.pieces[slot].as_ref().and_then(|p| p.betza.as_deref());
        let named = match slot {
            KING => "K",
            s if s >= NAMED => "",
            s => NAMED_PIECES[s].1,
        };
        let mut place = self.place.clone();
        place.key = slot_name(slot);
        betza::parse(own.unwrap_or(named)).map_err(|e| place.error(e.to_string()))
    }

    pub(crate) fn slot_name(&self, slot: usize) -> String {
        slot_name(slot)
    }

    /// The definition in the format's own keys, complete (no parent) and canonical: equal rules give equal texts.
    pub(crate) fn canonical(&self) -> String {
        let mut text = String::new();
        let mut line = |key: &str, value: String| {
            let _ = writeln!(text, "{key} = {value}");
        };
        let (files, ranks) = (self.files, self.ranks);
        line("maxRank", ranks.to_string());
        line("maxFile", files.to_string());
        for (slot, piece) in self.pieces.iter().enumerate() {
            if let Some(piece) = piece {
                let betza = piece.betza.as_ref().map_or(String::new(), |b| format!(":{b}"));
                line(&slot_name(slot), format!("{}{betza}", piece.letter));
            }
        }
        line("startFen", self.start_fen.clone());
        let region = |r: &Region| r.canonical(files, ranks);
        for (i, side) in ["White", "Black"].into_iter().enumerate() {
            line(&format!("promotionRegion{side}"), region(&self.promotion_region[i]));
            line(&format!("promotionPieceTypes{side}"), self.write_types(self.promotion_types[i]));
        }
        line("doubleStep", self.double_step.to_string());
        if self.double_step {
            line("doubleStepRegionWhite", region(&self.double_step_region[0]));
            line("doubleStepRegionBlack", region(&self.double_step_region[1]));
        }
        line("castling", self.castling.to_string());
        line("mustCapture", self.must_capture.to_string());
        line("checkCounting", self.check_counting.to_string());
        line("nMoveRule", self.n_move_rule.to_string());
        line("nFoldRule", self.n_fold_rule.to_string());
        line("nFoldValue", self.n_fold_value.to_string());
        line("stalemateValue", self.stalemate_value.to_string());
        line("checkmateValue", self.checkmate_value.to_string());
        if let Some(value) = self.extinction_value {
            line("extinctionValue", value.to_string());
            line("extinctionPieceTypes", self.write_types(self.extinction_types));
            line("extinctionPieceCount", self.extinction_count.to_string());
            line("extinctionOpponentPieceCount", self.extinction_opponent_count.to_string());
        }
        for (i, side) in ["White", "Black"].into_iter().enumerate() {
            if self.flag_region[i].bits(files, ranks) != 0 {
                let piece = self.flag_piece[i].and_then(|slot| self.pieces[slot].as_ref()).map_or('*', |p| p.letter);
                line(&format!("flagPiece{side}"), piece.to_string());
                line(&format!("flagRegion{side}"), region(&self.flag_region[i]));
            }
        }
        text
    }

    fn write_types(&self, slots: Slots) -> String {
        let letters: String = self.letters().filter(|(slot, _)| slots.bits >> slot & 1 == 1).map(|(_, l)| l).collect();
        match (slots.all, letters.is_empty()) {
            (true, _) => format!("*{letters}"),
            (false, true) => "-".to_owned(),
            (false, false) => letters,
        }
    }

    pub(crate) fn home_rank(&self, color: Color) -> u8 {
        match color {
            Color::White => 0,
            Color::Black => self.ranks - 1,
        }
    }
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

fn boolean(entry: &Entry) -> Result<bool, RuleError> {
    match entry.value.as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(entry.place.error(format!("`{other}` is neither `true` nor `false`"))),
    }
}

fn value(entry: &Entry) -> Result<Value, RuleError> {
    match entry.value.as_str() {
        "win" => Ok(Value::Win),
        "loss" => Ok(Value::Loss),
        "draw" => Ok(Value::Draw),
        other => Err(entry.place.error(format!("`{other}` is none of `win`, `loss`, `draw`"))),
    }
}

pub(crate) fn is_piece_key(key: &str) -> bool {
    slot_of(key).is_some()
}
