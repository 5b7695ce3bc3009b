//! Lines of a board of one size: what sliders, hoppers and lame leapers reach over given men, and what lies between two squares.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, OnceLock, PoisonError};

use crate::types::Square;
use crate::word::Word;

/// The size of the board, for geometry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Board {
    pub(crate) files: u8,
    pub(crate) ranks: u8,
}

impl Board {
    pub(crate) fn squares(self) -> u8 {
        self.files * self.ranks
    }

    #[inline]
    pub(crate) fn each(self) -> impl Iterator<Item = Square> {
        (0..self.squares()).map(Square)
    }

    pub(crate) fn rank(self, square: Square) -> u8 {
        square.0 / self.files
    }

    pub(crate) fn file(self, square: Square) -> u8 {
        square.0 % self.files
    }

    /// The square `ranks` up and `files` right of `square`, if it is on the board.
    #[inline]
    pub(crate) fn step(self, square: Square, ranks: i8, files: i8) -> Option<Square> {
        let rank = self.rank(square).checked_add_signed(ranks).filter(|r| *r < self.ranks)?;
        let file = self.file(square).checked_add_signed(files).filter(|f| *f < self.files)?;
        Some(Square(rank * self.files + file))
    }

    /// The squares for which `inside` holds of (file, rank).
    pub(crate) fn region<W: Word>(self, inside: impl Fn(u8, u8) -> bool) -> W {
        self.each().filter(|s| inside(self.file(*s), self.rank(*s))).fold(W::EMPTY, |set, s| set | W::bit(s))
    }
}

/// What kinds of lines a piece uses, as a bit set. The same line may be used by several kinds.
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

/// Attacks of bishops and rooks.
pub trait Sliders<W>: Clone + Debug + Send + Sync {
    /// Tables for a board.
    fn new(files: u8, ranks: u8) -> Self;
    /// Squares that a bishop reaches, the first occupied one in each direction included.
    fn bishop(&self, from: Square, occupied: W) -> W;
    /// The same for a rook.
    fn rook(&self, from: Square, occupied: W) -> W;
}

/// One direction: its rays from each square, and whether the nearest square is the lowest bit.
#[derive(Clone, Debug)]
struct Rays<W: Word> {
    rays: Box<W::Table>,
    ascending: bool,
}

impl<W: Word> Rays<W> {
    fn new(board: Board, ranks: i8, files: i8) -> Rays<W> {
        let mut rays = W::table();
        for square in board.each() {
            let mut at = square;
            while let Some(next) = board.step(at, ranks, files) {
                W::add(&mut rays, square, W::bit(next));
                at = next;
            }
        }
        Rays { rays, ascending: (ranks, files) > (0, 0) }
    }

    #[inline]
    fn from(&self, square: Square) -> W {
        W::at(&self.rays, square)
    }

    /// Squares reached from `from`, the first occupied one included.
    #[inline]
    fn slide(&self, from: Square, occupied: W) -> W {
        let ray = self.from(from);
        let blockers = ray & occupied;
        if blockers.is_empty() { ray } else { ray & !self.from(self.nearest(blockers)) }
    }

    #[inline]
    fn nearest(&self, blockers: W) -> Square {
        if self.ascending { blockers.lowest() } else { blockers.highest() }
    }

    /// Squares behind the first occupied one, the second included.
    fn hop(&self, from: Square, occupied: W) -> W {
        let blockers = self.from(from) & occupied;
        if blockers.is_empty() { W::EMPTY } else { self.slide(self.nearest(blockers), occupied) }
    }

    /// The square just behind the first occupied one.
    fn hop_behind(&self, from: Square, occupied: W) -> W {
        let blockers = self.from(from) & occupied;
        if blockers.is_empty() {
            return W::EMPTY;
        }
        let behind = self.from(self.nearest(blockers));
        if behind.is_empty() { behind } else { W::bit(self.nearest(behind)) }
    }
}

/// Sliders looked up ray by ray: for boards of more than 64 squares.
#[derive(Clone, Debug)]
pub struct RaySliders {
    straight: [Rays<u128>; 4],
    diagonal: [Rays<u128>; 4],
}

impl Sliders<u128> for RaySliders {
    fn new(files: u8, ranks: u8) -> RaySliders {
        let board = Board { files, ranks };
        RaySliders {
            straight: STRAIGHT.map(|(r, f)| Rays::new(board, r, f)),
            diagonal: DIAGONAL.map(|(r, f)| Rays::new(board, r, f)),
        }
    }

    #[inline]
    fn bishop(&self, from: Square, occupied: u128) -> u128 {
        self.diagonal.iter().fold(0, |set, rays| set | rays.slide(from, occupied))
    }

    #[inline]
    fn rook(&self, from: Square, occupied: u128) -> u128 {
        self.straight.iter().fold(0, |set, rays| set | rays.slide(from, occupied))
    }
}

/// Up, right, down, left as (ranks, files).
const STRAIGHT: [(i8, i8); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];
const DIAGONAL: [(i8, i8); 4] = [(1, 1), (1, -1), (-1, 1), (-1, -1)];
const KNIGHT: [(i8, i8); 8] = [(2, 1), (2, -1), (1, 2), (1, -2), (-1, 2), (-1, -2), (-2, 1), (-2, -1)];

/// Magic bitboards ("fancy", Pradyumna Kannan 2007): the men on a slider's lines, multiplied by a number found by trial, index a
/// table of its attacks.
#[derive(Clone, Debug)]
pub struct MagicSliders {
    magics: Box<[[Magic; 64]; 2]>,
    attacks: Box<[u64]>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Magic {
    mask: u64,
    factor: u64,
    shift: u32,
    offset: u32,
}

impl Magic {
    #[inline(always)]
    fn index(&self, occupied: u64) -> usize {
        ((occupied & self.mask).wrapping_mul(self.factor) >> self.shift) as usize + self.offset as usize
    }
}

impl MagicSliders {
    #[inline(always)]
    fn attacks(&self, magics: &[Magic; 64], from: Square, occupied: u64) -> u64 {
        self.attacks[magics[from.index() & 63].index(occupied)]
    }
}

impl Sliders<u64> for MagicSliders {
    fn new(files: u8, ranks: u8) -> MagicSliders {
        let board = Board { files, ranks };
        let mut magics = Box::new([[Magic::default(); 64]; 2]);
        let mut attacks: Vec<u64> = Vec::new();
        for (directions, magics) in [DIAGONAL, STRAIGHT].into_iter().zip(magics.iter_mut()) {
            let rays = directions.map(|(r, f)| Rays::<u64>::new(board, r, f));
            for square in board.each() {
                // The last square of a ray hides nothing.
                let mask = rays.iter().fold(0, |mask, rays| {
                    let ray = rays.from(square);
                    let last =
                        if ray == 0 { 0 } else { 1 << if rays.ascending { ray.highest() } else { ray.lowest() }.0 };
                    mask | ray & !last
                });
                let magic = find_magic(mask, attacks.len(), square, |men| {
                    rays.iter().fold(0, |set, rays| set | rays.slide(square, men))
                });
                magics[square.index()] = magic.0;
                attacks.extend(magic.1);
            }
        }
        // Squares that are not on the board look up this.
        attacks.push(0);
        MagicSliders { magics, attacks: attacks.into() }
    }

    #[inline(always)]
    fn bishop(&self, from: Square, occupied: u64) -> u64 {
        self.attacks(&self.magics[0], from, occupied)
    }

    #[inline(always)]
    fn rook(&self, from: Square, occupied: u64) -> u64 {
        self.attacks(&self.magics[1], from, occupied)
    }
}

/// Finds a factor that sends all sets of men on `mask` to places of their own (or of the same attacks), and the table.
fn find_magic(mask: u64, offset: usize, square: Square, attacks: impl Fn(u64) -> u64) -> (Magic, Vec<u64>) {
    let size = 1 << mask.count_ones();
    let mut sets = Vec::with_capacity(size);
    let mut men = 0_u64;
    loop {
        sets.push((men, attacks(men)));
        men = men.wrapping_sub(mask) & mask;
        if men == 0 {
            break;
        }
    }
    if mask == 0 {
        return (Magic { mask, factor: 0, shift: 63, offset: offset as u32 }, vec![sets[0].1]);
    }
    let mut magic = Magic { mask, factor: 0, shift: 64 - mask.count_ones(), offset: 0 };
    let mut table = vec![(0_u32, 0_u64); size];
    // Which trial wrote an entry: saves clearing the table for each.
    let mut trial = 0;
    let mut state = u64::from(square.0);
    let mut random = || {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    for candidate in 1_u32.. {
        // On narrow boards the men's bits stand too close together for a table without gaps.
        if candidate.is_multiple_of(1 << 14) {
            magic.shift -= 1;
            table.resize(1 << (64 - magic.shift), (0, 0));
        }
        magic.factor = random() & random() & random();
        if (mask.wrapping_mul(magic.factor) >> 56).count_ones() < mask.count_ones().min(6) {
            continue;
        }
        trial += 1;
        let fits = sets.iter().all(|(men, attacks)| {
            let entry = &mut table[magic.index(*men)];
            if entry.0 != trial {
                *entry = (trial, *attacks);
            }
            entry.1 == *attacks
        });
        if fits {
            break;
        }
    }
    magic.offset = offset as u32;
    (magic, table.into_iter().map(|(_, attacks)| attacks).collect())
}

/// All lines of a board.
#[derive(Clone, Debug)]
pub(crate) struct Lines<W: Word> {
    pub(crate) sliders: W::Sliders,
    straight: [Rays<W>; 4],
    diagonal: [Rays<W>; 4],
    knight: Vec<Rays<W>>,
    /// For each square: its rank.
    ranks: Box<W::Table>,
    /// Squares strictly between two squares on a line, by the first one.
    between: Vec<Box<W::Table>>,
    /// Lame leaps of each kind: (squares on the way, target) by origin.
    lame: [Vec<Vec<(W, W)>>; 4],
    /// The eight neighbours.
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
        let lame = |leaps: &[(i8, i8)]| -> Vec<Vec<(W, W)>> {
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

    /// The lines of a board, made once.
    pub(crate) fn of(board: Board) -> Arc<Lines<W>> {
        let mut cache = W::cache().lock().unwrap_or_else(PoisonError::into_inner);
        let slot = Arc::clone(cache.0.entry(board).or_default());
        drop(cache);
        Arc::clone(slot.get_or_init(|| Arc::new(Lines::new(board))))
    }

    /// Squares strictly between two squares; none if they share no line.
    #[inline]
    pub(crate) fn between(&self, a: Square, b: Square) -> W {
        W::at(&self.between[a.index() & (W::SQUARES - 1)], b)
    }

    /// What men of the given kinds of riders reach.
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

    /// Hoppers, nightriders and lame leapers.
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
                for (way, to) in leaps {
                    if (*way & occupied).is_empty() {
                        reached |= *to;
                    }
                }
            }
        }
        reached
    }
}

/// A lame leap's way and target: straight along the longer side, then diagonally.
fn lame_leap<W: Word>(board: Board, from: Square, (ranks, files): (i8, i8)) -> Option<(W, W)> {
    let to = board.step(from, ranks, files)?;
    let (mut way, mut at) = (W::EMPTY, from);
    let (mut r, mut f) = (ranks, files);
    loop {
        let step = (if r.abs() >= f.abs() { r.signum() } else { 0 }, if f.abs() >= r.abs() { f.signum() } else { 0 });
        at = board.step(at, step.0, step.1)?;
        (r, f) = (r - step.0, f - step.1);
        if at == to {
            return Some((way, W::bit(to)));
        }
        way |= W::bit(at);
    }
}

/// Lines made so far, by board.
#[derive(Debug)]
pub struct Cache<W: Word>(BTreeMap<Board, Arc<OnceLock<Arc<Lines<W>>>>>);

impl<W: Word> Cache<W> {
    pub(crate) const fn new() -> Cache<W> {
        Cache(BTreeMap::new())
    }
}
