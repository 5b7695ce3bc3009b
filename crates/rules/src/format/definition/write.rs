//! A definition as a rule file, whole or as an edit of another.

use std::fmt::Write as _;

use crate::format::definition::{Definition, PieceDefinition};
use crate::format::ini::{Entry, Place};
use crate::format::keys::{Key, Kind, Sides};
use crate::format::slot::{SLOTS, slot_name};

impl Definition {
    /// The variant as a section without a parent, one line for each key that makes a difference, in a fixed order. Equal rules have equal
    /// texts, however their rule files are written.
    pub(crate) fn canonical(&self) -> String {
        self.lines().into_iter().fold(String::new(), |mut text, (key, value)| {
            let _ = writeln!(text, "{key} = {value}");
            text
        })
    }

    /// Keys and values of a section without a parent that gives this variant.
    fn lines(&self) -> Vec<(String, String)> {
        self.lines_on(&Definition::template())
    }

    /// Keys and values of a section that inherits from `base` and gives this variant.
    pub(crate) fn lines_on(&self, base: &Definition) -> Vec<(String, String)> {
        let mut lines = Vec::new();
        // What a reader of the lines has before it comes to the keys of rules: the base with this variant's board and pieces.
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
        // Reading pieces also changes what pawns promote to and which pieces capture in passing.
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
                // A rule that the base switches on must be switched off even where it has no effect in this variant.
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

    /// The pairs that `base` has and this variant does not, written so that a reader takes them back: ` q:0`, ` g:-`.
    fn taken_back(&self, key: Key, base: &Definition) -> String {
        let nothing = if key.kind() == Kind::Limits { "0" } else { "-" };
        let own = self.pairs(key);
        let gone = base.pairs(key).into_iter().filter(|(slot, _)| own.iter().all(|(s, _)| s != slot));
        gone.filter_map(|(slot, _)| self.pieces[slot].as_ref().map(|p| format!(" {}:{nothing}", p.letter))).collect()
    }
}
