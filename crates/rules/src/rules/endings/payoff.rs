//! How a game ended, and what that is worth: the rules say how, a payoff says how much.

use std::fmt;
use std::str::FromStr;

use crate::board::{Color, Outcome, Value};

/// What ended a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndingKind {
    /// The side to move is in check and has no move.
    Checkmate,
    /// The side to move has no move and is not in check.
    Stalemate,
    /// A side has too few men left, of all kinds or of one.
    Extinction,
    /// A man stands on a goal square.
    Flag,
    /// A side castled, or can no longer castle, where that decides.
    Castling,
    /// A side has given its last check, where checks are counted.
    Checks,
    /// The kings face each other after both sides let them (janggi).
    Bikjang,
    /// Both sides passed.
    Passes,
    /// No square is empty.
    FullBoard,
    /// A position came about too often.
    Repetition,
    /// Too many moves without progress.
    MoveRule,
    /// The count to a draw ran out (makruk and its kin).
    Counting,
    /// The game reached the ply at which the men are counted ([`Payoff::count_men_at`]).
    Count,
}

impl EndingKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [EndingKind; 13] = [
        EndingKind::Checkmate,
        EndingKind::Stalemate,
        EndingKind::Extinction,
        EndingKind::Flag,
        EndingKind::Castling,
        EndingKind::Checks,
        EndingKind::Bikjang,
        EndingKind::Passes,
        EndingKind::FullBoard,
        EndingKind::Repetition,
        EndingKind::MoveRule,
        EndingKind::Counting,
        EndingKind::Count,
    ];

    /// Its name in suites and result rows, such as `move-rule`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            EndingKind::Checkmate => "checkmate",
            EndingKind::Stalemate => "stalemate",
            EndingKind::Extinction => "extinction",
            EndingKind::Flag => "flag",
            EndingKind::Castling => "castling",
            EndingKind::Checks => "checks",
            EndingKind::Bikjang => "bikjang",
            EndingKind::Passes => "passes",
            EndingKind::FullBoard => "full-board",
            EndingKind::Repetition => "repetition",
            EndingKind::MoveRule => "move-rule",
            EndingKind::Counting => "counting",
            EndingKind::Count => "count",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<EndingKind> {
        EndingKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// How a game ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// What ended it.
    pub kind: EndingKind,
    /// The side that it favours: the one that mates, stalemates, reaches the goal, gives the last check, still has the men or has more
    /// of them; otherwise the one that made the last move. `None` where it treats both sides alike (as many men on either side, goals
    /// reached by both).
    pub favours: Option<Color>,
    /// The result by the variant's own rules.
    pub outcome: Outcome,
}

impl Ending {
    /// The end of a game that a side has lost.
    pub(crate) fn lost(kind: EndingKind, side: Color) -> Ending {
        Ending { kind, favours: Some(!side), outcome: Outcome::from_value(Value::Loss, side) }
    }
}

/// What endings are worth to the side that they favour, where that differs from the variant's own result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Payoff {
    worth: [Option<f32>; EndingKind::ALL.len()],
    count_at_ply: Option<u32>,
}

/// The entry of a payoff that says at which ply men are counted.
const COUNT_AT_PLY: &str = "count-at-ply";

impl Payoff {
    /// The payoff with these entries, as tables of TOML and JSON hold them: the name of a kind of ending with its worth, in [-1, 1], to the
    /// side that it favours, and `count-at-ply` with a whole number from 1 to 1000.
    ///
    /// # Errors
    /// An entry that is unknown, given twice or out of range, with what was expected; a worth for counts of men that never take place.
    pub fn from_entries(entries: impl IntoIterator<Item = (String, f64)>) -> Result<Payoff, String> {
        let mut payoff = Payoff::default();
        for (name, number) in entries {
            let shown: String = name.chars().take(40).collect();
            let taken = if name == COUNT_AT_PLY {
                if !(1.0..=1000.0).contains(&number) || number.fract() != 0.0 {
                    return Err(format!("{COUNT_AT_PLY} = {number}: a whole number from 1 to 1000 was expected"));
                }
                payoff.count_at_ply.replace(number as u32).is_some()
            } else {
                let Some(kind) = EndingKind::from_name(&name) else {
                    let kinds = EndingKind::ALL.map(EndingKind::name).join(", ");
                    return Err(format!("`{shown}` is no ending; {kinds} or {COUNT_AT_PLY} was expected"));
                };
                if !(-1.0..=1.0).contains(&number) {
                    return Err(format!("{name} = {number}: a worth from -1 to 1 was expected"));
                }
                payoff.worth[kind as usize].replace(number as f32 + 0.0).is_some()
            };
            if taken {
                return Err(format!("{shown} is given twice"));
            }
        }
        let count = EndingKind::Count;
        match (payoff.worth(count), payoff.count_at_ply) {
            (Some(worth), None) => Err(format!(
                "{} = {worth} has no effect without {COUNT_AT_PLY}, which says when men are counted",
                count.name()
            )),
            _ => Ok(payoff),
        }
    }

    /// The entries that [`Payoff::from_entries`] makes this payoff of, in the order of kinds, `count-at-ply` last.
    pub fn to_entries(&self) -> impl Iterator<Item = (&'static str, f32)> {
        let worths = self.entries().map(|(kind, worth)| (kind.name(), worth));
        worths.chain(self.count_at_ply.map(|ply| (COUNT_AT_PLY, ply as f32)))
    }

    /// The worth of an ending to the side that it favours, in [-1, 1]; `None` where the variant's rules say it.
    #[must_use]
    #[inline]
    pub fn worth(&self, kind: EndingKind) -> Option<f32> {
        self.worth[kind as usize]
    }

    /// Sets the worth of an ending.
    ///
    /// # Errors
    /// If it does not lie in [-1, 1].
    pub fn set(&mut self, kind: EndingKind, worth: f32) -> Result<(), String> {
        if !(-1.0..=1.0).contains(&worth) {
            return Err(format!("an ending is worth {worth}; a number from -1 to 1 was expected"));
        }
        self.worth[kind as usize] = Some(worth + 0.0);
        Ok(())
    }

    /// Lets games end at a ply, counted by the move number of the position: the men on the board are then counted, and the side with more
    /// of them is favoured ([`EndingKind::Count`]).
    ///
    /// # Errors
    /// If the ply does not lie in 1 to 1000.
    pub fn count_men_at(&mut self, ply: u32) -> Result<(), String> {
        if !(1..=1000).contains(&ply) {
            return Err(format!("men are counted at ply {ply}; 1 to 1000 was expected"));
        }
        self.count_at_ply = Some(ply);
        Ok(())
    }

    /// The ply at which the men are counted, if they are.
    #[must_use]
    pub fn count_at_ply(&self) -> Option<u32> {
        self.count_at_ply
    }

    /// Whether every ending is worth what the variant's own result says, and no ply is set.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Payoff::default()
    }

    /// Whether every ending that is priced is worth -1, 0 or 1, so that games have three outcomes.
    #[must_use]
    pub fn is_ternary(&self) -> bool {
        self.worth.iter().flatten().all(|worth| worth.fract() == 0.0)
    }

    /// The worths that are set, in the order of kinds.
    pub fn entries(&self) -> impl Iterator<Item = (EndingKind, f32)> {
        EndingKind::ALL.into_iter().filter_map(|kind| Some((kind, self.worth(kind)?)))
    }

    /// One line for each entry, `name = worth` in the order of kinds: what is hashed.
    pub(crate) fn text(&self) -> String {
        self.to_entries().map(|(name, number)| format!("{name} = {number}\n")).collect()
    }
}

/// `stalemate=0.5,flag=-1`, in the order of kinds; empty for the default.
impl fmt::Display for Payoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, number)) in self.to_entries().enumerate() {
            write!(f, "{}{name}={number}", if place > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

impl FromStr for Payoff {
    type Err = String;

    /// Reads entries as the command line has them: `stalemate=0.5,flag=-1,count-at-ply=40`. See [`Payoff::from_entries`].
    fn from_str(text: &str) -> Result<Payoff, String> {
        let entry = |entry: &str| {
            let (name, number) = entry.split_once('=')?;
            Some((name.to_owned(), number.parse().ok()?))
        };
        let entries = text.split(',').map(|part| {
            entry(part).ok_or_else(|| {
                let shown: String = part.chars().take(40).collect();
                format!("`{shown}`: ENDING=WORTH was expected, as in stalemate=0.5")
            })
        });
        Payoff::from_entries(entries.collect::<Result<Vec<_>, _>>()?)
    }
}
