//! How each piece moves.

use crate::board::{Board, Lines, Square, Word, rider};
use crate::format::{Definition, Key, Step, slot};
use crate::rules::pieces::reach::Reach;

/// How one piece type of one colour moves.
#[derive(Clone, Debug)]
pub(crate) struct Mover<W: Word> {
    /// Where it goes without capturing, from any square.
    pub(crate) quiet: Reach<W>,
    /// Where it captures.
    pub(crate) capture: Reach<W>,
    /// Whether it captures wherever it goes, and has no moves from its first squares only.
    pub(crate) alike: bool,
    /// Where it also goes without capturing from the squares of the double step.
    pub(crate) initial: Option<Reach<W>>,
    /// Squares that it may enter.
    pub(crate) region: W,
    /// Squares from which it could move, quietly, on an empty board.
    pub(crate) mobile: W,
    pub(crate) special: Special,
    pub(crate) path: Path,
}

/// What the tables of a piece leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    /// Nothing.
    None,
    /// A rook that also follows the lines of a palace.
    PalaceRook,
    /// A cannon that neither jumps over nor captures cannons.
    JanggiCannon,
}

/// The shortest way to a piece's targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Path {
    /// It only leaps, and captures wherever it goes.
    Leaper,
    /// It moves as a bishop.
    Bishop,
    /// It moves as a rook.
    Rook,
    /// It moves as a queen.
    Queen,
    /// Everything that [`Mover`] holds has to be asked.
    General,
}

impl<W: Word> Mover<W> {
    /// Compiles the moves of the piece in `piece` (a slot) for a side, 0 for White and 1 for Black.
    pub(crate) fn compile(definition: &Definition, side: usize, piece: usize) -> Mover<W> {
        let board = definition.board;
        let steps = definition.steps(piece);
        let sign = if side == 0 { 1 } else { -1 };
        let of_kind = |capture: bool| steps.iter().filter(move |s| s.capture == capture && !s.initial);
        let mut quiet = Reach::new(board, sign, of_kind(false));
        let ways = |capture| of_kind(capture).map(|s: &Step| (s.ranks, s.files, s.gait));
        let mut capture =
            if ways(false).eq(ways(true)) { quiet.clone() } else { Reach::new(board, sign, of_kind(true)) };
        let initial = steps
            .iter()
            .any(|s| s.initial)
            .then(|| Reach::new(board, sign, steps.iter().filter(|s| s.initial && !s.capture)));
        let palace: W = definition.region_of(Key::DiagonalLines, 0).on(board);
        for reach in [&mut quiet, &mut capture] {
            if piece == slot::SOLDIER {
                let zone: W = soldier_zone(definition, side);
                let file = |s: Square| -> W { board.region(|f, _| f == board.file(s)) };
                let keep = |s| if zone.has(s) { !W::EMPTY } else { file(s) };
                reach.change(board, keep, |s| palace_steps(board, palace, s, &[sign]));
            } else if moves_as_wazir(definition, piece) && palace.any() {
                reach.change(board, |_| !W::EMPTY, |s| palace_steps(board, palace, s, &[1, -1]));
            }
        }
        let all: W = board.region(|_, _| true);
        let region = definition.mobility(side, piece).map_or(all, |region| region.on(board));
        let mobile = board.each().filter(|s| W::at(&quiet.widest, *s).any()).fold(W::EMPTY, |set, s| set | W::bit(s));
        let alike = initial.is_none() && quiet.same(&capture);
        let plain = alike && region == all && palace.is_empty() && piece != slot::JANGGI_CANNON;
        Mover {
            path: if plain { path(board, &capture) } else { Path::General },
            special: match piece {
                slot::JANGGI_CANNON => Special::JanggiCannon,
                slot::ROOK if palace.any() => Special::PalaceRook,
                _ => Special::None,
            },
            quiet,
            capture,
            alike,
            initial,
            region,
            mobile,
        }
    }
}

/// The shortest way to the targets of a piece that captures wherever it goes and may go everywhere.
fn path<W: Word>(board: Board, reach: &Reach<W>) -> Path {
    let lines = Lines::<W>::of(board);
    let only_slides = board.each().all(|s| {
        let slides = lines.attacks(reach.riders & rider::QUEEN, s, W::EMPTY);
        W::at(&reach.leaps, s).is_empty() && slides == W::at(&reach.widest, s)
    });
    match reach.riders {
        0 => Path::Leaper,
        rider::BISHOP if only_slides => Path::Bishop,
        rider::ROOK if only_slides => Path::Rook,
        rider::QUEEN if only_slides => Path::Queen,
        _ => Path::General,
    }
}

/// Whether a piece follows the lines of a palace as janggi's generals and guards do.
fn moves_as_wazir(definition: &Definition, piece: usize) -> bool {
    let betza = definition.pieces[piece].as_ref().and_then(|p| p.betza.as_deref());
    piece == slot::WAZIR || piece == slot::KING && betza == Some("W")
}

/// Squares of the palace that lie one step along its diagonal lines from a square, so many ranks up.
fn palace_steps<W: Word>(board: Board, palace: W, from: Square, ranks: &[i8]) -> W {
    let mut targets = W::EMPTY;
    if palace.has(from) {
        for to in ranks.iter().flat_map(|r| [(*r, 1), (*r, -1)]).filter_map(|(r, f)| board.step(from, r, f)) {
            targets |= W::bit(to) & palace;
        }
    }
    targets
}

/// Squares from which soldiers of a side also move sideways.
pub(crate) fn soldier_zone<W: Word>(definition: &Definition, side: usize) -> W {
    let first = definition.number(Key::SoldierPromotionRank) as u8;
    let board = definition.board;
    board.region(|_, r| if side == 0 { r >= first } else { board.ranks - 1 - r >= first })
}
