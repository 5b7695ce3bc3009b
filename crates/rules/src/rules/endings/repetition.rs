//! Positions that come again.

use crate::board::Value;
use crate::format::{Definition, Key};

/// When a repetition ends the game, and for whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repetition {
    /// How often a position must occur to end the game; 0 if repetitions never do.
    pub(crate) n_fold: u32,
    /// What the repetition is worth to the side to move.
    pub(crate) value: Value,
    /// Whether `value` is for White, whoever is to move.
    pub(crate) absolute: bool,
    /// Whether a side loses that repeats the position by checks without end.
    pub(crate) perpetual_check_illegal: bool,
    /// Whether a side loses that moves a man to and fro between the same squares (janggi).
    pub(crate) moves_illegal: bool,
    /// Whether a side loses that repeats the position by chases without end (Asian xiangqi rules).
    pub(crate) chasing: bool,
}

impl Repetition {
    pub(crate) fn compile(definition: &Definition) -> Repetition {
        Repetition {
            n_fold: definition.number(Key::NFoldRule),
            value: definition.result(Key::NFoldValue).unwrap_or(Value::Draw),
            absolute: definition.flag(Key::NFoldValueAbsolute),
            perpetual_check_illegal: definition.flag(Key::PerpetualCheckIllegal),
            moves_illegal: definition.flag(Key::MoveRepetitionIllegal),
            chasing: definition.number(Key::ChasingRule) > 0,
        }
    }

    /// Whether a repetition cannot be judged by the keys of earlier positions alone.
    #[inline]
    pub(crate) fn judges_moves(&self) -> bool {
        self.n_fold > 0 && (self.perpetual_check_illegal || self.moves_illegal || self.chasing)
    }
}
