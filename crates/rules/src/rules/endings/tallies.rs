//! Counts that end games: of moves without progress, of checks, of men.

use crate::board::TypeSet;
use crate::format::{Definition, Key};
use crate::rules::pieces::Numbering;

/// What is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tallies {
    /// Full moves without a capture or a move of `n_move_types` after which the game is a draw; 0 for no such rule.
    pub(crate) n_move_rule: u32,
    /// By side: the types whose moves begin the count anew, unless the man could go back.
    pub(crate) n_move_types: [TypeSet; 2],
    /// Whether a side wins by giving as many checks as the position asks of it.
    pub(crate) check_counting: bool,
    /// How material decides a game that would be a draw, if it does.
    pub(crate) material: Option<Material>,
    /// Whether a board without an empty square ends the game.
    pub(crate) full_board_ends: bool,
    /// How the side with more men must win within a number of moves, if it must.
    pub(crate) counting: Option<Counting>,
}

/// Who wins a game that would be a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Material {
    /// The side whose men are worth more points, by the values of janggi.
    Janggi,
    /// The side with more men.
    Unweighted,
    /// White.
    WhiteDrawOdds,
    /// Black.
    BlackDrawOdds,
}

/// Whose rules for counting to a draw hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counting {
    Makruk,
    Cambodian,
    Asean,
}

impl Tallies {
    pub(crate) fn compile(definition: &Definition, numbering: &Numbering) -> Tallies {
        Tallies {
            n_move_rule: definition.number(Key::NMoveRule),
            n_move_types: numbering.types(definition, Key::NMoveRuleTypes),
            check_counting: definition.flag(Key::CheckCounting),
            material: match definition.number(Key::MaterialCounting) {
                1 => Some(Material::Janggi),
                2 => Some(Material::Unweighted),
                3 => Some(Material::WhiteDrawOdds),
                4 => Some(Material::BlackDrawOdds),
                _ => None,
            },
            full_board_ends: definition.flag(Key::AdjudicateFullBoard),
            counting: match definition.number(Key::CountingRule) {
                1 => Some(Counting::Makruk),
                2 => Some(Counting::Cambodian),
                3 => Some(Counting::Asean),
                _ => None,
            },
        }
    }
}
