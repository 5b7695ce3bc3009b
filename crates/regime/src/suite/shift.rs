//! A change of the rules, or of what endings are worth.

use std::collections::BTreeMap;

use rules::Payoff;
use serde::{Deserialize, Serialize};

use super::role::Binding;

/// What endings are worth to the side that they favour, by the name of the ending ([`rules::EndingKind::name`]), -1 to 1; and `count-at-ply`, the
/// ply at which a game ends by the number of men.
pub type PayoffTable = BTreeMap<String, f64>;

/// The payoff that a table says.
///
/// # Errors
/// What was found and what is allowed.
pub(crate) fn payoff(table: &PayoffTable) -> Result<Payoff, String> {
    Payoff::from_entries(table.iter().map(|(name, worth)| (name.clone(), *worth)))
}

/// A variant beside the suite's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// Name of the variant.
    pub variant: String,
    /// The variant that this one is an edit of; left out if the name is that of a known variant.
    #[serde(default)]
    pub of: Option<String>,
    /// The edit of the variant `of`, in the keys of `variants.ini`.
    #[serde(default)]
    pub edit: BTreeMap<String, String>,
    /// What endings are worth before any change, where that is not what the variant says.
    #[serde(default)]
    pub payoff: PayoffTable,
    /// Weight files by role.
    #[serde(default)]
    pub files: BTreeMap<String, Binding>,
}

/// What a shift is expected to do to the agent of the grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// The change costs the agent something: it scores less than 1/2 against its opponent.
    #[default]
    Costs,
    /// The change helps the agent: it scores more than 1/2 against its opponent.
    Helps,
    /// The agent scores 1/2, give or take less than the smallest effect of interest.
    NoEffect,
    /// Nothing in particular was expected.
    Unknown,
}

impl Expect {
    /// The expectation in words, as pages have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Expect::Costs => "costs",
            Expect::Helps => "helps",
            Expect::NoEffect => "no effect",
            Expect::Unknown => "unknown",
        }
    }
}

/// A change of the rules, of what endings are worth, or of both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// Name, unique in the suite.
    pub name: String,
    /// Variant before the change; the suite's own if left out.
    #[serde(default)]
    pub variant: Option<String>,
    /// One of the suite's families.
    pub family: String,
    /// The sign that is expected of the cost and the reason, written before the suite is run.
    pub hypothesis: String,
    /// What the grid is expected to show.
    #[serde(default)]
    pub expect: Expect,
    /// The change, in the keys of `variants.ini`.
    #[serde(default)]
    pub edit: BTreeMap<String, String>,
    /// The change of what endings are worth, on top of the base's.
    #[serde(default)]
    pub payoff: PayoffTable,
    /// Weight files by role.
    #[serde(default)]
    pub files: BTreeMap<String, Binding>,
    /// A dial that the shift is a point of, and where on it.
    #[serde(default)]
    pub dose: Option<Dose>,
    /// The rules change at this ply of the game. Until then both sides are played by [`Shift::played_by`] under the old rules, on top of
    /// the random opening. At most 200.
    #[serde(default)]
    pub after_ply: Option<u32>,
    /// The agent that plays both sides until the change; needed with `after_ply`.
    #[serde(default)]
    pub played_by: Option<String>,
    /// Playouts of each move until the change; needed with `after_ply`.
    #[serde(default)]
    pub playouts_before: Option<u32>,
    /// The only experiments that the shift takes part in; all if left out. Probes name their shifts themselves.
    #[serde(default)]
    pub only: Vec<String>,
    /// Whether the edit can change no game. Every game must then go as the one from the same opening under the unchanged rules, to the bit.
    #[serde(default)]
    pub inert: bool,
    /// Whether openings need not be legal before the change, because too few would be.
    #[serde(default)]
    pub own_openings: bool,
    /// Whether the edit mirrors the board from left to right. Openings are then mirror images of those under the unchanged rules.
    #[serde(default)]
    pub mirrored: bool,
    /// Whether every evaluator is mirrored along with the board. Every game must then be the mirror image of the one under the unchanged rules.
    #[serde(default)]
    pub relabelled: bool,
}

/// A point of a dial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dose {
    /// What the dial turns, in words.
    pub dial: String,
    /// Where on the dial the shift is, in the dial's own unit.
    pub level: f64,
}

impl Shift {
    /// Whether it changes neither rules nor worths.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.edit.is_empty() && self.payoff.is_empty()
    }

    /// Whether games must go as those under the unchanged rules, so that any difference is a fault of the program.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.relabelled || self.inert
    }

    /// Name of the shifted variant, `base` being the variant before the change.
    #[must_use]
    pub fn shifted(&self, base: &str) -> String {
        if self.edit.is_empty() {
            base.to_owned()
        } else if self.name.starts_with(base) {
            self.name.clone()
        } else {
            format!("{base}-{}", self.name)
        }
    }
}
