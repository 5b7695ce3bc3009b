//! A definition as a rule file, whole or as an edit of another.

use std::fmt::Write as _;

use super::{Definition, PieceDefinition, SLOTS, Setting, TypeChoice, slot_name};
use crate::ini::{Entry, Place};
use crate::keys::{Key, Kind, Sides};

impl Definition {
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
                Some(PieceDefinition { letter, betza: None, .. }) => letter.to_string(),
                Some(PieceDefinition { letter, betza: Some(betza), .. }) => format!("{letter}:{betza}"),
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
    pub(super) fn is_default(&self, key: Key, side: usize) -> bool {
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
