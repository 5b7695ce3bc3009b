//! Lines of a board of one size: what sliders, hoppers and lame leapers reach over given men, and what lies between two squares.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::board::geometry::Board;
use crate::board::rays::{DIAGONAL, KNIGHT, Rays, STRAIGHT};
use crate::board::types::Square;
use crate::board::word::{Sliders as _, Word};

/// What kinds of lines a piece uses, as bits of a set. `H`, `V` and `D` are horizontal, vertical and diagonal lines; the letters of lame
/// leaps are those of Betza's notation.
pub(crate) mod rider {
    pub(crate) const BISHOP: u16 = 1;
    pub(crate) const ROOK_H: u16 = 2;
    pub(crate) const ROOK_V: u16 = 4;
    pub(crate) const ROOK: u16 = ROOK_H | ROOK_V;
    pub(crate) const QUEEN: u16 = ROOK | BISHOP;
    pub(crate) const CANNON_H: u16 = 8;
    pub(crate) const CANNON_V: u16 = 16;
    pub(crate) const CANNON_D: u16 = 32;
    pub(crate) const GRASSHOPPER_H: u16 = 64;
    pub(crate) const GRASSHOPPER_V: u16 = 128;
    pub(crate) const GRASSHOPPER_D: u16 = 256;
    pub(crate) const NIGHTRIDER: u16 = 512;
    pub(crate) const LAME_D: u16 = 1024;
    pub(crate) const LAME_N: u16 = 2048;
    pub(crate) const LAME_A: u16 = 4096;
    pub(crate) const LAME_Z: u16 = 8192;
}

/// The lines that were made so far, by the board and the type of the word.
static MADE: Mutex<BTreeMap<(Board, TypeId), Arc<Made>>> = Mutex::new(BTreeMap::new());

/// [`Lines`] on either word, made when they are first asked for.
type Made = OnceLock<Arc<dyn Any + Send + Sync>>;

/// All lines of a board.
#[derive(Clone, Debug)]
pub(crate) struct Lines<W: Word> {
    pub(crate) sliders: W::Sliders,
    straight: [Rays<W>; 4],
    diagonal: [Rays<W>; 4],
    knight: Vec<Rays<W>>,
    /// For each square: all squares of its rank.
    ranks: Box<W::Table>,
    /// For each two squares on a line: the squares strictly between them.
    between: Vec<Box<W::Table>>,
    /// For each kind of lame leap and each origin: the leaps.
    lame: [Vec<Vec<LameLeap<W>>>; 4],
    /// For each square: the up to eight squares around it.
    pub(crate) neighbours: Box<W::Table>,
}

impl<W: Word> Lines<W> {
    fn new(board: Board) -> Lines<W> {
        let mut ranks = W::table();
        let mut neighbours = W::table();
        let straight = STRAIGHT.map(|(r, f)| Rays::new(board, r, f));
        let diagonal = DIAGONAL.map(|(r, f)| Rays::new(board, r, f));
        let mut between = vec![W::table(); W::SQUARES];
        for square in board.each() {
            W::add(&mut ranks, square, board.region(|_, r| r == board.rank(square)));
            for (r, f) in STRAIGHT.into_iter().chain(DIAGONAL) {
                let (mut at, mut passed) = (square, W::EMPTY);
                while let Some(next) = board.step(at, r, f) {
                    if at == square {
                        W::add(&mut neighbours, square, W::bit(next));
                    }
                    W::add(&mut between[square.index()], next, passed);
                    passed |= W::bit(next);
                    at = next;
                }
            }
        }
        let lame = |leaps: &[(i8, i8)]| -> Vec<Vec<LameLeap<W>>> {
            board.each().map(|square| leaps.iter().filter_map(|l| lame_leap(board, square, *l)).collect()).collect()
        };
        let around = |a: i8, b: i8| {
            let mut all = vec![(a, b), (a, -b), (-a, b), (-a, -b), (b, a), (b, -a), (-b, a), (-b, -a)];
            all.sort_unstable();
            all.dedup();
            all
        };
        Lines {
            sliders: W::Sliders::new(board.files, board.ranks),
            straight,
            diagonal,
            knight: KNIGHT.iter().map(|(r, f)| Rays::new(board, *r, *f)).collect(),
            ranks,
            between,
            lame: [lame(&around(2, 0)), lame(&around(2, 1)), lame(&around(2, 2)), lame(&around(3, 2))],
            neighbours,
        }
    }

    /// The lines of a board, made when they are first asked for.
    pub(crate) fn of(board: Board) -> Arc<Lines<W>> {
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = Arc::clone(made.entry((board, TypeId::of::<W>())).or_default());
        drop(made);
        let lines = Arc::clone(slot.get_or_init(|| Arc::new(Lines::<W>::new(board))));
        lines.downcast().expect("lines are kept by the type of their word")
    }

    /// Squares strictly between two squares; none if they share no line.
    #[inline]
    pub(crate) fn between(&self, a: Square, b: Square) -> W {
        W::at(&self.between[a.index() & (W::SQUARES - 1)], b)
    }

    /// Squares that a man who uses the given kinds of lines reaches, occupied ones included.
    #[inline]
    pub(crate) fn attacks(&self, riders: u16, from: Square, occupied: W) -> W {
        let mut reached = W::EMPTY;
        if riders & rider::BISHOP != 0 {
            reached |= self.sliders.bishop(from, occupied);
        }
        if riders & rider::ROOK != 0 {
            let rook = self.sliders.rook(from, occupied);
            reached |= match riders & rider::ROOK {
                rider::ROOK => rook,
                rider::ROOK_H => rook & W::at(&self.ranks, from),
                _ => rook & !W::at(&self.ranks, from),
            };
        }
        if riders & !rider::QUEEN != 0 { reached | self.odd_attacks(riders, from, occupied) } else { reached }
    }

    /// Squares that hoppers, nightriders and lame leapers reach.
    fn odd_attacks(&self, riders: u16, from: Square, occupied: W) -> W {
        let mut reached = W::EMPTY;
        let [up, right, down, left] = &self.straight;
        for (kind, rays) in [(rider::CANNON_H, [left, right]), (rider::CANNON_V, [up, down])] {
            if riders & kind != 0 {
                reached |= rays[0].hop(from, occupied) | rays[1].hop(from, occupied);
            }
        }
        for (kind, rays) in [(rider::GRASSHOPPER_H, [left, right]), (rider::GRASSHOPPER_V, [up, down])] {
            if riders & kind != 0 {
                reached |= rays[0].hop_behind(from, occupied) | rays[1].hop_behind(from, occupied);
            }
        }
        for rays in &self.diagonal {
            if riders & rider::CANNON_D != 0 {
                reached |= rays.hop(from, occupied);
            }
            if riders & rider::GRASSHOPPER_D != 0 {
                reached |= rays.hop_behind(from, occupied);
            }
        }
        if riders & rider::NIGHTRIDER != 0 {
            reached |= self.knight.iter().fold(W::EMPTY, |set, rays| set | rays.slide(from, occupied));
        }
        for (i, kind) in [rider::LAME_D, rider::LAME_N, rider::LAME_A, rider::LAME_Z].into_iter().enumerate() {
            if riders & kind != 0
                && let Some(leaps) = self.lame[i].get(from.index())
            {
                for leap in leaps {
                    if (leap.way & occupied).is_empty() {
                        reached |= leap.target;
                    }
                }
            }
        }
        reached
    }
}

/// A leap that men on the way prevent.
#[derive(Clone, Copy, Debug)]
struct LameLeap<W> {
    way: W,
    target: W,
}

/// The lame leap from a square by so many ranks and files: first straight along the longer side, then diagonally. `None` if it leaves
/// the board.
fn lame_leap<W: Word>(board: Board, from: Square, (ranks, files): (i8, i8)) -> Option<LameLeap<W>> {
    let to = board.step(from, ranks, files)?;
    let (mut way, mut at) = (W::EMPTY, from);
    let (mut r, mut f) = (ranks, files);
    loop {
        let step = (if r.abs() >= f.abs() { r.signum() } else { 0 }, if f.abs() >= r.abs() { f.signum() } else { 0 });
        at = board.step(at, step.0, step.1)?;
        (r, f) = (r - step.0, f - step.1);
        if at == to {
            return Some(LameLeap { way, target: W::bit(to) });
        }
        way |= W::bit(at);
    }
}
