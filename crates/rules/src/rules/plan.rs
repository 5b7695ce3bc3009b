//! What a variant asks for while it is played, so that nothing is done for rules that it does not have.

use crate::board::{PieceType, TypeSet};
use crate::rules::pieces::Path;

/// Answers, found once, to what would otherwise have to be asked in every position.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) guard: Guard,
    /// The type whose last man is royal, where that makes for the same moves as a king does, captures apart.
    pub(crate) pseudo_royal: Option<PieceType>,
    /// By side: its types, in the order in which their moves are listed.
    pub(crate) groups: [Vec<Group>; 2],
    /// Types that can make long first steps.
    pub(crate) long_steps: TypeSet,
    /// Whether a game can end in a way that shows before the moves are known.
    pub(crate) immediate_ends: bool,
    /// Whether making a move is only moving, capturing and promoting men.
    pub(crate) plain_play: bool,
    /// Whether positions tell which men were promoted for good.
    pub(crate) marks_promoted: bool,
    /// Whether some moves may not give check.
    pub(crate) forbids_checks: bool,
    /// Whether moves may neither lose pseudo-royal men nor leave them to be captured.
    pub(crate) keeps_pseudo_royals: bool,
    /// Whether a plain move or promotion of another man than the king is legal if it leaves the king safe.
    pub(crate) only_king_safety: bool,
    /// Whether every move that is generated is legal, as far as that does not depend on other moves.
    pub(crate) all_legal: bool,
}

/// How much has to be asked of a move before it is legal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Nothing: no side has a king.
    Free,
    /// Whether it heeds checks and pins.
    Pins,
    /// Whether it heeds checks and pins, if it captures nothing and each side has one pseudo-royal man. Other moves are tried.
    PseudoRoyal,
    /// Every move is tried.
    Full,
}

/// The men of one type, for the generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) piece: PieceType,
    pub(crate) method: Method,
}

/// How the generator finds the moves of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// As pawns, all at once.
    Pawn,
    /// As men that must not go where they are attacked.
    King,
    /// As plain moves, man by man, to all that it reaches. The variants say what that is.
    Leaper,
    Bishop,
    Rook,
    Queen,
    General,
    /// Man by man: the type promotes, turns over, captures in passing or must not be stuck.
    Special,
}

impl From<Path> for Method {
    /// The method for plain moves along a path.
    fn from(path: Path) -> Method {
        match path {
            Path::Leaper => Method::Leaper,
            Path::Bishop => Method::Bishop,
            Path::Rook => Method::Rook,
            Path::Queen => Method::Queen,
            Path::General => Method::General,
        }
    }
}

impl Default for Plan {
    /// The plan before anything is known: every move is tried, no type has moves.
    fn default() -> Plan {
        Plan {
            guard: Guard::Full,
            pseudo_royal: None,
            groups: [Vec::new(), Vec::new()],
            long_steps: 0,
            immediate_ends: false,
            plain_play: false,
            marks_promoted: false,
            forbids_checks: false,
            keeps_pseudo_royals: false,
            only_king_safety: false,
            all_legal: false,
        }
    }
}
