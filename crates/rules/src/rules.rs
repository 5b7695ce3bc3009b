//! A variant compiled to tables: what positions are played under.

mod compile;

use std::sync::Arc;

use crate::attack::Attackers;
use crate::board::{Board, Color, Lines, PieceType, Position, Square, TypeSet, Value, Word, Zobrist, rider};
use crate::ending::Payoff;
use crate::reach::{Path, Reach};
pub(crate) use compile::{hash_of, needs_large};

/// A piece type of a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its letter, lower case; White writes it in upper case.
    pub letter: char,
    /// Its key in the rule file: `knight`, `customPiece1`, `king`.
    pub name: String,
}

/// How one piece type of one colour moves.
#[derive(Clone, Debug)]
pub(crate) struct Mover<W: Word> {
    pub(crate) quiet: Reach<W>,
    pub(crate) capture: Reach<W>,
    /// Whether it moves and captures alike.
    pub(crate) alike: bool,
    /// Quiet moves from the squares of the double step.
    pub(crate) initial: Option<Reach<W>>,
    /// Squares that it may enter.
    pub(crate) region: W,
    /// Squares from which it could move on an empty board.
    pub(crate) mobile: W,
    pub(crate) special: Special,
    pub(crate) path: Path,
}

/// What tables cannot say of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    None,
    /// A rook that also follows the lines of a palace.
    PalaceRook,
    /// A cannon that neither jumps over nor captures cannons.
    JanggiCannon,
}

/// When a side wins or loses by running out of men.
#[derive(Clone, Debug)]
pub(crate) struct Extinction {
    /// To the side whose men are gone; `None` if only [`Extinction::pseudo_royal`] matters.
    pub(crate) value: Option<Value>,
    pub(crate) types: TypeSet,
    /// Whether all men together are counted as one more type.
    pub(crate) all: bool,
    pub(crate) count: u32,
    pub(crate) opponent_count: u32,
    pub(crate) claim: bool,
    pub(crate) pseudo_royal: bool,
    pub(crate) duple_check: bool,
}

/// Reaching squares wins.
#[derive(Clone, Debug)]
pub(crate) struct Flags<W> {
    /// Per side; `None` stands for any piece.
    pub(crate) piece: [Option<PieceType>; 2],
    /// Whether the piece is one that the side does not have.
    pub(crate) absent: [bool; 2],
    pub(crate) region: [W; 2],
    pub(crate) count: u32,
    pub(crate) blocked_win: bool,
    /// The other side may still move.
    pub(crate) extra_move: bool,
    pub(crate) safe: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Castling<W> {
    pub(crate) king_file_to: [u8; 2],
    pub(crate) rank: [u8; 2],
    pub(crate) king_file: u8,
    pub(crate) king_piece: [Option<PieceType>; 2],
    pub(crate) rook_file: [u8; 2],
    pub(crate) rook_pieces: [TypeSet; 2],
    pub(crate) opposite: bool,
    pub(crate) dropped: bool,
    /// Rights whose loss loses, and whose use wins.
    pub(crate) wins: u8,
    pub(crate) home: [W; 2],
}

/// Pieces that come from the hand.
#[derive(Clone, Debug)]
pub(crate) struct Drops<W> {
    pub(crate) checks: bool,
    pub(crate) must: bool,
    pub(crate) must_type: Option<PieceType>,
    /// Per side and type: where it may be dropped.
    pub(crate) region: [Vec<W>; 2],
    pub(crate) opposite_bishops: Option<PieceType>,
    pub(crate) promoted: bool,
    pub(crate) no_doubled: Option<PieceType>,
    pub(crate) no_doubled_count: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walling {
    Arrow,
    Duck,
    Edge,
    Past,
    Static,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counting {
    Makruk,
    Cambodian,
    Asean,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Material {
    Janggi,
    Unweighted,
    WhiteDrawOdds,
    BlackDrawOdds,
}

/// How much has to be asked of a move before it is legal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Nothing: no side has a king.
    Free,
    /// Checks and pins decide.
    Pins,
    /// The same for moves that capture nothing, while each side has one pseudo-royal man. Others are tried.
    PseudoRoyal,
    /// Every move is tried.
    Full,
}

/// How the generator finds a type's moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Pawn,
    King,
    /// Targets are all there is to its moves.
    Plain(Path),
    /// It promotes, turns over, captures in passing or must not be stuck.
    Special,
}

/// A variant's rules, compiled once and immutable. Moves, outcomes and notation are methods of it.
#[derive(Clone, Debug)]
pub struct Rules<W: Word = u64> {
    pub(crate) name: String,
    pub(crate) board: Board,
    /// Squares of the board, and its first and last file.
    pub(crate) squares: W,
    pub(crate) first_file: W,
    pub(crate) last_file: W,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) start: Position<W>,
    pub(crate) zobrist: &'static Zobrist,
    pub(crate) lines: Arc<Lines<W>>,
    pub(crate) movers: [Vec<Mover<W>>; 2],
    pub(crate) attackers: [Attackers<W>; 2],
    pub(crate) guard: Guard,
    /// Types by role.
    pub(crate) royal: Option<PieceType>,
    /// The type whose last man is royal, where that makes for the same rules as a king, captures apart.
    pub(crate) pseudo_royal: Option<PieceType>,
    pub(crate) pawn: Option<PieceType>,
    pub(crate) roles: Roles,

    /// Per side: its types, in the order in which their moves are listed.
    pub(crate) parts: [Vec<(PieceType, Part)>; 2],

    // Promotion.
    pub(crate) promotion_region: [W; 2],
    pub(crate) promotions: [Vec<PieceType>; 2],
    pub(crate) promotion_pawns: [TypeSet; 2],
    /// What a captured promoted pawn of each side comes to hand as.
    pub(crate) main_pawn: [Option<PieceType>; 2],
    pub(crate) promotion_limit: Vec<u32>,
    pub(crate) turns_to: Vec<Option<PieceType>>,
    pub(crate) turns_over: bool,
    pub(crate) promotion_on_capture: bool,
    pub(crate) mandatory_pawn_promotion: bool,
    pub(crate) mandatory_piece_promotion: bool,
    pub(crate) demotion: bool,
    pub(crate) sittuyin_promotion: bool,

    // Captures.
    pub(crate) blast: bool,
    pub(crate) blast_immune: TypeSet,
    pub(crate) mutually_immune: TypeSet,
    pub(crate) petrify: TypeSet,
    pub(crate) petrify_blast: bool,
    pub(crate) must_capture: bool,

    // Pawns.
    /// Types that can make long first steps.
    pub(crate) long_steps: TypeSet,
    pub(crate) double_step: [W; 2],
    pub(crate) triple_step: [W; 2],
    pub(crate) en_passant_region: [W; 2],
    pub(crate) en_passant_types: [TypeSet; 2],

    pub(crate) castling: Option<Castling<W>>,
    pub(crate) chess960: bool,
    pub(crate) checking: bool,

    // Hands and gates.
    pub(crate) drops: Option<Drops<W>>,
    pub(crate) piece_drops: bool,
    pub(crate) captures_to_hand: bool,
    pub(crate) drop_loop: bool,
    pub(crate) immobility_illegal: bool,
    pub(crate) gating: bool,
    pub(crate) seirawan: bool,
    pub(crate) cambodian: bool,
    pub(crate) walling: Option<Walling>,
    pub(crate) walling_region: [W; 2],
    pub(crate) wall_or_move: bool,

    pub(crate) pass: [bool; 2],
    pub(crate) pass_on_stalemate: [bool; 2],
    pub(crate) makpong: bool,
    pub(crate) flying_general: bool,
    pub(crate) bikjang: bool,
    pub(crate) palace: W,
    /// Soldiers that have crossed the river.
    pub(crate) promoted_soldiers: [W; 2],

    // The end.
    pub(crate) n_move_types: [TypeSet; 2],
    pub(crate) n_move_rule: u32,
    pub(crate) n_fold_rule: u32,
    pub(crate) n_fold_value: Value,
    pub(crate) n_fold_absolute: bool,
    pub(crate) perpetual_check_illegal: bool,
    pub(crate) move_repetition_illegal: bool,
    pub(crate) chasing: bool,
    pub(crate) stalemate_value: Value,
    pub(crate) stalemate_piece_count: bool,
    pub(crate) checkmate_value: Value,
    pub(crate) pawn_drop_mate_illegal: bool,
    pub(crate) shatar_mate: bool,
    pub(crate) extinction: Option<Extinction>,
    pub(crate) flags: Option<Flags<W>>,
    pub(crate) check_counting: bool,
    pub(crate) material: Option<Material>,
    pub(crate) full_board_ends: bool,
    pub(crate) counting: Option<Counting>,
    /// Whether some end has to be looked for before the moves.
    pub(crate) immediate_ends: bool,
    /// Whether making a move is only moving, capturing and promoting men.
    pub(crate) plain_play: bool,
    /// Whether promoted men are told apart.
    pub(crate) marks_promoted: bool,

    /// What endings are worth, where that is not what the variant says.
    pub(crate) payoff: Payoff,
    pub(crate) hash: String,
    pub(crate) text: String,
    pub(crate) start_fen: String,
}

/// The types that rules speak of by name.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Roles {
    pub(crate) knight: Option<PieceType>,
    pub(crate) bishop: Option<PieceType>,
    pub(crate) rook: Option<PieceType>,
    pub(crate) fers: Option<PieceType>,
    pub(crate) silver: Option<PieceType>,
    pub(crate) bers: Option<PieceType>,
    pub(crate) shogi_pawn: Option<PieceType>,
    pub(crate) cannon: Option<PieceType>,
    pub(crate) janggi_cannon: Option<PieceType>,
    pub(crate) soldier: Option<PieceType>,
    pub(crate) horse: Option<PieceType>,
    pub(crate) elephant: Option<PieceType>,
    pub(crate) janggi_elephant: Option<PieceType>,
    pub(crate) wazir: Option<PieceType>,
}

impl<W: Word> Rules<W> {
    /// The variant's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Width of the board, 3 to 12.
    #[must_use]
    pub fn files(&self) -> usize {
        self.board.files.into()
    }

    /// Height of the board, 3 to 10.
    #[must_use]
    pub fn ranks(&self) -> usize {
        self.board.ranks.into()
    }

    /// Number of squares.
    #[must_use]
    pub fn squares(&self) -> usize {
        self.board.squares().into()
    }

    /// The piece types; a [`PieceType`] is an index into them.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Whether moves build walls.
    #[must_use]
    pub fn builds_walls(&self) -> bool {
        self.walling.is_some()
    }

    /// Hash of the rules, 16 hex digits: equal for equal rules, whatever the variant is called and however it was written.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The start position.
    #[must_use]
    pub fn start(&self) -> Position<W> {
        self.start
    }

    /// Whether kings and rooks castle from anywhere and castling is written as the king taking the rook (`chess960`).
    #[must_use]
    pub fn chess960(&self) -> bool {
        self.chess960
    }

    /// Whether anybody castles.
    #[must_use]
    pub fn castles(&self) -> bool {
        self.castling.is_some()
    }

    /// Whether men come from the hand.
    #[must_use]
    pub fn has_drops(&self) -> bool {
        self.drops.is_some()
    }

    /// FEN of the start position.
    #[must_use]
    pub fn start_fen(&self) -> &str {
        &self.start_fen
    }

    /// The variant as a rule file: its own section, complete, without a parent.
    #[must_use]
    pub fn to_ini(&self) -> String {
        format!("[{}]\n{}", self.name, self.text)
    }

    pub(crate) fn letter(&self, color: Color, piece: PieceType) -> char {
        let letter = self.pieces.get(piece.index()).map_or('?', |p| p.letter);
        if color == Color::White { letter.to_ascii_uppercase() } else { letter }
    }

    /// All piece types.
    pub(crate) fn types(&self) -> impl Iterator<Item = PieceType> + use<W> {
        (0..self.pieces.len() as u8).map(PieceType)
    }

    #[inline]
    pub(crate) fn mover(&self, color: Color, piece: PieceType) -> &Mover<W> {
        &self.movers[color.index()][piece.index()]
    }

    /// The square of a side's king, if it is on the board.
    #[inline]
    pub(crate) fn king(&self, position: &Position<W>, side: Color) -> Option<Square> {
        let kings = position.pieces(side, self.royal?);
        kings.any().then(|| kings.lowest())
    }

    /// The rank furthest from a side's own men is 0 for Black.
    pub(crate) fn home_rank(&self, side: Color) -> u8 {
        if side == Color::White { 0 } else { self.board.ranks - 1 }
    }
}

impl<W: Word> Mover<W> {
    /// Squares to which the piece on `from` may go: empty ones and men of both colours to capture (mask its own out).
    #[inline]
    pub(crate) fn targets(&self, rules: &Rules<W>, position: &Position<W>, side: Color, from: Square) -> W {
        let occupied = position.occupied();
        if self.special != Special::None {
            return self.special_targets(rules, position, from, occupied) & self.region;
        }
        let capture = self.capture.targets(&rules.lines, from, occupied);
        if self.alike {
            return capture & self.region;
        }
        let mut quiet = self.quiet.targets(&rules.lines, from, occupied);
        if let Some(initial) = &self.initial
            && rules.double_step[side.index()].has(from)
        {
            quiet |= initial.targets(&rules.lines, from, occupied);
        }
        (capture & occupied | quiet & !occupied) & self.region
    }

    fn special_targets(&self, rules: &Rules<W>, position: &Position<W>, from: Square, occupied: W) -> W {
        match self.special {
            Special::JanggiCannon => rules.cannon_targets(self, position, from),
            _ => {
                let mut targets = self.capture.targets(&rules.lines, from, occupied);
                if rules.palace.has(from) {
                    targets |= rules.lines.attacks(rider::BISHOP, from, occupied) & rules.palace;
                }
                targets
            }
        }
    }
}
