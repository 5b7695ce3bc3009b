//! A variant compiled to tables: what positions are played under.

use sha2::{Digest, Sha256};

use crate::definition::{Definition, KING, PAWN, ROOK, Slots};
use crate::fen;
use crate::ini::RuleError;
use crate::position::{Position, Zobrist};
use crate::types::{Color, PieceType, Square, Value};

/// A piece type of a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its letter, lower case; White writes it in upper case.
    pub letter: char,
    /// Its key in the rule file: `knight`, `customPiece1`, `king`.
    pub name: String,
}

/// A ray in one direction from each square, cut off at the rider's limit.
#[derive(Clone, Debug)]
pub(crate) struct Rays {
    /// Squares reached on an empty board.
    reach: Box<[u64; 64]>,
    /// The same without limit: what a blocker hides.
    shadow: Box<[u64; 64]>,
    /// Whether the nearest square is the lowest bit.
    ascending: bool,
}

impl Rays {
    fn new(board: Board, ranks: i8, files: i8, limit: u8) -> Rays {
        let ray = |limit: u8| {
            let mut table = Box::new([0; 64]);
            for square in 0..board.squares() {
                let (mut at, mut left) = (square, if limit == 0 { u8::MAX } else { limit });
                while let (Some(next), true) = (board.step(at, ranks, files), left > 0) {
                    table[square as usize] |= 1 << next;
                    (at, left) = (next, left - 1);
                }
            }
            table
        };
        Rays { reach: ray(limit), shadow: ray(0), ascending: (ranks, files) > (0, 0) }
    }

    /// The occupied square that is nearest along the ray, if any.
    #[inline]
    fn nearest(&self, blockers: u64) -> Square {
        debug_assert!(blockers != 0);
        Square(if self.ascending { blockers.trailing_zeros() } else { 63 - blockers.leading_zeros() } as u8)
    }

    /// Squares reached from `from` over `occupied`, the first occupied one included.
    #[inline]
    fn attacks(&self, from: Square, occupied: u64) -> u64 {
        let reach = self.reach[from.index() & 63];
        let blockers = reach & occupied;
        if blockers == 0 { reach } else { reach & !self.shadow[self.nearest(blockers).index() & 63] }
    }
}

/// The size of the board, for geometry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Board {
    pub(crate) files: u8,
    pub(crate) ranks: u8,
}

impl Board {
    pub(crate) fn squares(self) -> u8 {
        self.files * self.ranks
    }

    /// The square `ranks` up and `files` right of `square`, if it is on the board.
    pub(crate) fn step(self, square: u8, ranks: i8, files: i8) -> Option<u8> {
        let rank = (square / self.files).checked_add_signed(ranks).filter(|r| *r < self.ranks)?;
        let file = (square % self.files).checked_add_signed(files).filter(|f| *f < self.files)?;
        Some(rank * self.files + file)
    }
}

/// How one piece type of one colour moves.
#[derive(Clone, Debug)]
pub(crate) struct Movement {
    leaps_quiet: Box<[u64; 64]>,
    leaps_capture: Box<[u64; 64]>,
    /// Rays with whether they may be ridden (quietly, capturing).
    riders: Vec<(Rays, bool, bool)>,
}

impl Movement {
    fn new(board: Board, color: Color, steps: &[crate::betza::Step]) -> Movement {
        let sign = if color == Color::White { 1 } else { -1 };
        let mut movement =
            Movement { leaps_quiet: Box::new([0; 64]), leaps_capture: Box::new([0; 64]), riders: Vec::new() };
        for step in steps {
            let (ranks, files) = (step.ranks * sign, step.files * sign);
            if step.limit != 1 {
                movement.riders.push((Rays::new(board, ranks, files, step.limit), step.quiet, step.capture));
                continue;
            }
            for square in 0..board.squares() {
                if let Some(to) = board.step(square, ranks, files) {
                    movement.leaps_quiet[square as usize] |= u64::from(step.quiet) << to;
                    movement.leaps_capture[square as usize] |= u64::from(step.capture) << to;
                }
            }
        }
        movement
    }

    /// Where the piece on `from` may go: empty squares and men to capture, both colours' (mask your own out).
    #[inline]
    pub(crate) fn targets(&self, from: Square, occupied: u64) -> u64 {
        let i = from.index() & 63;
        let mut to = (self.leaps_quiet[i] & !occupied) | (self.leaps_capture[i] & occupied);
        for (rays, quiet, capture) in &self.riders {
            let reach = rays.attacks(from, occupied);
            let mask = match (quiet, capture) {
                (true, true) => !0,
                (true, false) => !occupied,
                _ => occupied,
            };
            to |= reach & mask;
        }
        to
    }

    /// Whether the piece could move from somewhere on an empty or a full board.
    fn moves_at_all(&self, squares: u64) -> bool {
        crate::types::squares(squares).any(|s| self.targets(s, 0) | self.targets(s, squares) != 0)
    }
}

/// Riders that may capture along one direction, looked at from their target.
#[derive(Clone, Debug)]
struct RiderGroup {
    /// From the target backwards.
    back: Rays,
    /// The piece types that ride here, as a bit set.
    types: u32,
}

/// What attacks a square, per colour of the attacker.
#[derive(Clone, Debug, Default)]
struct Attackers {
    /// For each piece type that leaps: squares from which it captures on a square.
    leapers: Vec<(PieceType, Box<[u64; 64]>)>,
    riders: Vec<RiderGroup>,
}

impl Attackers {
    fn new(board: Board, color: Color, steps: &[Vec<crate::betza::Step>]) -> Attackers {
        let sign = if color == Color::White { 1 } else { -1 };
        let mut all = Attackers::default();
        let mut directions: Vec<((i8, i8, u8), u32)> = Vec::new();
        for (t, steps) in steps.iter().enumerate() {
            let mut sources = Box::new([0; 64]);
            for step in steps.iter().filter(|s| s.capture) {
                let back = (-step.ranks * sign, -step.files * sign, step.limit);
                if step.limit != 1 {
                    match directions.iter_mut().find(|(d, _)| *d == back) {
                        Some((_, types)) => *types |= 1 << t,
                        None => directions.push((back, 1 << t)),
                    }
                    continue;
                }
                for square in 0..board.squares() {
                    if let Some(source) = board.step(square, back.0, back.1) {
                        sources[square as usize] |= 1 << source;
                    }
                }
            }
            if sources.iter().any(|s| *s != 0) {
                all.leapers.push((PieceType(t as u8), sources));
            }
        }
        all.riders = directions
            .into_iter()
            .map(|((ranks, files, limit), types)| RiderGroup { back: Rays::new(board, ranks, files, limit), types })
            .collect();
        all
    }
}

/// When a side wins or loses by running out of men.
#[derive(Clone, Debug)]
pub(crate) struct Extinction {
    pub(crate) value: Value,
    pub(crate) types: Vec<PieceType>,
    /// Whether all men together are counted as one more type.
    pub(crate) all: bool,
    pub(crate) count: u32,
    pub(crate) opponent_count: u32,
}

/// Castling to one side: squares and rights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Castling {
    pub(crate) right: u8,
    pub(crate) king: Square,
    pub(crate) king_to: Square,
    pub(crate) rook: Square,
    pub(crate) rook_to: Square,
    /// Squares that must be empty.
    pub(crate) path: u64,
    /// Squares, besides the king's, that must not be attacked.
    pub(crate) safe: [Square; 2],
}

/// A variant's rules, compiled once and immutable. Moves, outcomes and notation are methods of it.
#[derive(Clone, Debug)]
pub struct Rules {
    pub(crate) name: String,
    pub(crate) board: Board,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) start: Position,
    pub(crate) zobrist: Box<Zobrist>,
    pub(crate) movement: [Vec<Movement>; 2],
    attackers: [Attackers; 2],
    pub(crate) royal: Option<PieceType>,
    pub(crate) pawn: Option<PieceType>,
    pub(crate) rook: Option<PieceType>,
    pub(crate) promotion_region: [u64; 2],
    pub(crate) promotions: [Vec<PieceType>; 2],
    pub(crate) double_step_region: [u64; 2],
    pub(crate) castling: [Vec<Castling>; 2],
    /// Castling rights that survive a move from or to each square.
    pub(crate) rights_kept: Box<[u8; 64]>,
    pub(crate) must_capture: bool,
    pub(crate) check_counting: bool,
    pub(crate) n_move_rule: u32,
    pub(crate) n_fold_rule: u32,
    pub(crate) n_fold_value: Value,
    pub(crate) stalemate_value: Value,
    pub(crate) checkmate_value: Value,
    pub(crate) extinction: Option<Extinction>,
    /// Per colour: piece type (`None` for any) and squares.
    pub(crate) flags: [Option<(Option<PieceType>, u64)>; 2],
    hash: String,
    text: String,
    start_fen: String,
}

impl Rules {
    /// Compiles a definition, checking that it makes a game.
    pub(crate) fn compile(definition: &Definition) -> Result<Rules, RuleError> {
        let error = |key: &str, message: String| {
            let mut place = definition.place.clone();
            place.key = key.to_owned();
            place.error(message)
        };
        let board = Board { files: definition.files, ranks: definition.ranks };
        let all_squares = u64::MAX >> (64 - u32::from(board.squares()));
        let slots: Vec<(usize, char)> = definition.letters().collect();
        if slots.is_empty() {
            return Err(error(
                "",
                "the variant has no pieces: name some (`pawn = p`) or inherit (`[child:chess]`)".to_owned(),
            ));
        }
        let type_of = |slot: usize| slots.iter().position(|(s, _)| *s == slot).map(|i| PieceType(i as u8));
        let types_of = |set: Slots, key: &str| -> Result<Vec<PieceType>, RuleError> {
            crate::types::squares(set.bits)
                .map(|slot| {
                    type_of(slot.index()).ok_or_else(|| {
                        let name = definition.slot_name(slot.index());
                        error(
                            key,
                            format!(
                                "names the {name}, which the variant does not have; set {key} to pieces that it has"
                            ),
                        )
                    })
                })
                .collect()
        };
        let steps = slots.iter().map(|(slot, _)| definition.steps(*slot)).collect::<Result<Vec<_>, _>>()?;
        let movement = Color::ALL.map(|c| steps.iter().map(|s| Movement::new(board, c, s)).collect::<Vec<_>>());
        for (i, (slot, letter)) in slots.iter().enumerate() {
            let named_immobile = definition.slot_name(*slot) == "immobile";
            if !named_immobile && !movement[0][i].moves_at_all(all_squares) {
                return Err(error(
                    &definition.slot_name(*slot),
                    format!("the piece `{letter}` can never move on this board"),
                ));
            }
        }
        let pawn = type_of(PAWN);
        let regions = |r: &[crate::definition::Region; 2]| [0, 1].map(|c: usize| r[c].bits(board.files, board.ranks));
        let promotion_region = regions(&definition.promotion_region);
        let mut promotions = [Vec::new(), Vec::new()];
        if pawn.is_some() {
            for (c, key) in ["promotionPieceTypesWhite", "promotionPieceTypesBlack"].into_iter().enumerate() {
                promotions[c] = types_of(definition.promotion_types[c], key)?;
                // Most valuable first, as the format's own programs list them.
                promotions[c].reverse();
                if promotion_region[c] == 0 && !promotions[c].is_empty() {
                    let key = key.replace("PieceTypes", "Region");
                    return Err(error(&key, "no square of the promotion region lies on the board".to_owned()));
                }
            }
        }
        let extinction = match definition.extinction_value {
            None => None,
            Some(value) => {
                let types = types_of(definition.extinction_types, "extinctionPieceTypes")?;
                if types.is_empty() && !definition.extinction_types.all {
                    return Err(error("extinctionValue", "has no effect without extinctionPieceTypes".to_owned()));
                }
                Some(Extinction {
                    value,
                    types,
                    all: definition.extinction_types.all,
                    count: definition.extinction_count,
                    opponent_count: definition.extinction_opponent_count,
                })
            }
        };
        let flag_regions = regions(&definition.flag_region);
        let mut flags = [None, None];
        for c in [0, 1] {
            if flag_regions[c] != 0 {
                let piece = match definition.flag_piece[c] {
                    None => None,
                    Some(slot) => Some(type_of(slot).ok_or_else(|| {
                        error("flagPiece", "names a piece that the variant does not have".to_owned())
                    })?),
                };
                flags[c] = Some((piece, flag_regions[c]));
            }
        }
        let royal = type_of(KING);
        if definition.check_counting && royal.is_none() {
            return Err(error("checkCounting", "has no effect in a variant without a king".to_owned()));
        }
        let rook = type_of(ROOK);
        let mut rules = Rules {
            name: definition.name.clone(),
            board,
            pieces: slots
                .iter()
                .map(|(slot, letter)| Piece { letter: *letter, name: definition.slot_name(*slot) })
                .collect(),
            start: Position::empty(),
            zobrist: Box::new(Zobrist::new()),
            attackers: Color::ALL.map(|c| Attackers::new(board, c, &steps)),
            movement,
            royal,
            pawn,
            rook,
            promotion_region,
            promotions,
            double_step_region: if definition.double_step { regions(&definition.double_step_region) } else { [0, 0] },
            castling: Color::ALL.map(|c| castling_of(definition, board, c, royal, rook)),
            rights_kept: Box::new([0xff; 64]),
            must_capture: definition.must_capture,
            check_counting: definition.check_counting,
            n_move_rule: definition.n_move_rule,
            n_fold_rule: definition.n_fold_rule,
            n_fold_value: definition.n_fold_value,
            stalemate_value: definition.stalemate_value,
            checkmate_value: definition.checkmate_value,
            extinction,
            flags,
            hash: String::new(),
            text: String::new(),
            start_fen: String::new(),
        };
        for castling in rules.castling.iter().flatten() {
            rules.rights_kept[castling.king.index()] &= !castling.right;
            rules.rights_kept[castling.rook.index()] &= !castling.right;
        }
        rules.start = fen::parse(&rules, &definition.start_fen).map_err(|e| error("startFen", e.to_string()))?;
        rules.start_fen = rules.fen(&rules.start);
        let mut canonical = definition.clone();
        canonical.start_fen.clone_from(&rules.start_fen);
        rules.text = canonical.canonical();
        let digest = Sha256::digest(rules.text.as_bytes());
        rules.hash = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
        if rules.immediate_outcome(&rules.start).is_some() {
            return Err(error(
                "startFen",
                "the game is over in the start position by the variant's own rules".to_owned(),
            ));
        }
        Ok(rules)
    }

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

    /// Hash of the rules, 16 hex digits: equal for equal rules, whatever the variant is called and however it was written.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The start position.
    #[must_use]
    pub fn start(&self) -> Position {
        self.start
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

    pub(crate) fn piece_letter(&self, color: Color, piece: PieceType) -> char {
        let letter = self.pieces[piece.index()].letter;
        if color == Color::White { letter.to_ascii_uppercase() } else { letter }
    }

    /// Whether a man of `by` could capture on `square`. `occupied` replaces the board's occupation, and men outside
    /// `alive` do not count: the position after a move can be asked about without making it.
    #[inline]
    pub(crate) fn attacked(&self, position: &Position, square: Square, by: Color, occupied: u64, alive: u64) -> bool {
        let attackers = &self.attackers[by.index()];
        let men = position.color(by) & alive;
        let i = square.index() & 63;
        for (piece, sources) in &attackers.leapers {
            if sources[i] & men & position.of_type(*piece) != 0 {
                return true;
            }
        }
        attackers.riders.iter().any(|group| {
            let riders = position.of_types(group.types) & men;
            group.back.reach[i] & riders != 0 && {
                let blockers = group.back.reach[i] & occupied;
                blockers != 0 && group.back.nearest(blockers).bit() & riders != 0
            }
        })
    }

    /// Men of the king's own side that stand alone between it and a rider of the other.
    #[inline]
    pub(crate) fn pinned(&self, position: &Position, king: Square, side: Color) -> u64 {
        let (own, theirs, occupied) = (position.color(side), position.color(!side), position.occupied());
        let i = king.index() & 63;
        let mut pinned = 0;
        for group in &self.attackers[(!side).index()].riders {
            let reach = group.back.reach[i];
            let riders = position.of_types(group.types) & theirs & reach;
            if riders == 0 {
                continue;
            }
            let first = group.back.nearest(reach & occupied).bit();
            let rest = reach & occupied & !first;
            if first & own != 0 && rest != 0 && group.back.nearest(rest).bit() & riders != 0 {
                pinned |= first;
            }
        }
        pinned
    }

    /// Whether the side to move is in check.
    #[must_use]
    pub fn in_check(&self, position: &Position) -> bool {
        self.king_attacked(position, position.turn())
    }

    pub(crate) fn king_attacked(&self, position: &Position, side: Color) -> bool {
        self.king(position, side).is_some_and(|king| self.attacked(position, king, !side, position.occupied(), !0))
    }

    /// The square of a side's king, in variants that have one.
    #[inline]
    pub(crate) fn king(&self, position: &Position, side: Color) -> Option<Square> {
        let kings = position.pieces(side, self.royal?);
        (kings != 0).then(|| Square(kings.trailing_zeros() as u8))
    }
}

/// Orthodox castling of one side: king on the e-file, rooks in the corners of an eight-file board.
fn castling_of(
    definition: &Definition,
    board: Board,
    color: Color,
    king: Option<PieceType>,
    rook: Option<PieceType>,
) -> Vec<Castling> {
    if !definition.castling || board.files != 8 || king.is_none() || rook.is_none() {
        return Vec::new();
    }
    let home = definition.home_rank(color) * board.files;
    let at = |file: u8| Square(home + file);
    let bits = |files: &[u8]| files.iter().fold(0, |bits, f| bits | at(*f).bit());
    let shift = 2 * color.index();
    vec![
        Castling {
            right: 1 << shift,
            king: at(4),
            king_to: at(6),
            rook: at(7),
            rook_to: at(5),
            path: bits(&[5, 6]),
            safe: [at(5), at(6)],
        },
        Castling {
            right: 2 << shift,
            king: at(4),
            king_to: at(2),
            rook: at(0),
            rook_to: at(3),
            path: bits(&[1, 2, 3]),
            safe: [at(3), at(2)],
        },
    ]
}
