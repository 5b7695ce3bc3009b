//! The values of keys as rule files write them.

use crate::format::definition::Definition;
use crate::format::keys::{Key, Kind};
use crate::format::setting::{Setting, TypeChoice};

impl Definition {
    /// Whether a key has, for a side, the value that it has where no rule file sets it.
    pub(super) fn is_default(&self, key: Key, side: usize) -> bool {
        let mut silent = self.clone();
        silent.values[key as usize][side] = key.default(side);
        self.value_text(key, side) == silent.value_text(key, side)
    }

    /// The value of a key for a side as a rule file writes it, without pieces and squares that the variant does not have.
    pub(super) fn value_text(&self, key: Key, side: usize) -> String {
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

/// Words with spaces between them, `-` for none.
fn join(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    if words.is_empty() { "-".to_owned() } else { words.join(" ") }
}
