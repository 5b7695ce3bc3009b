//! The values of keys.

use crate::board::{Region, Value};

/// A set of piece slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slots {
    /// Bit n: the set has the piece in slot n.
    pub(crate) bits: u64,
    /// `*`: all of a side's men counted together, as one more type.
    pub(crate) all: bool,
    /// The piece that the value names last, where that one stands for the others: captured promoted pawns come to hand as it.
    pub(crate) last: Option<usize>,
}

impl Slots {
    /// The piece that stands for the others: the one named last, otherwise the one in the highest slot.
    pub(crate) fn main(self) -> Option<usize> {
        self.last.filter(|slot| self.has(*slot)).or_else(|| self.bits.checked_ilog2().map(|slot| slot as usize))
    }

    /// Whether the set has the piece in `slot`.
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
    /// `true` or `false`.
    Flag(bool),
    /// A number, a file or rank counted from 0, the number of a choice, or castling rights as bits.
    Number(u32),
    /// A result; `None` where the value is `none`.
    Result(Option<Value>),
    /// A list of squares.
    Region(Region),
    /// Several pieces.
    Types(Slots),
    /// At most one piece.
    Type(TypeChoice),
    /// Slots, each with a number or another slot.
    Pairs(Vec<(usize, u32)>),
    /// A FEN.
    Text(String),
}

impl Setting {
    /// The pieces whose slots are the bits of a number.
    pub(crate) fn slots(bits: u64) -> Setting {
        Setting::Types(Slots { bits, ..Slots::default() })
    }
}
