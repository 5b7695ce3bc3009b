//! Where a piece goes: tables by square, made once from its Betza notation.

use std::sync::Arc;

use crate::board::{Board, Lines, Square, Word, rider};
use crate::format::{Gait, Step};

/// The squares that a piece of one colour reaches in one way of moving (quietly, or capturing). Clones share their tables.
#[derive(Clone, Debug)]
pub(crate) struct Reach<W: Word> {
    /// Squares that the piece leaps to, whatever stands between.
    pub(crate) leaps: Arc<W::Table>,
    /// All squares that the piece could reach with men in the right places: leaps, and the whole of its lines up to their limits.
    pub(crate) widest: Arc<W::Table>,
    /// The kinds of lines that it uses, as bits of [`rider`].
    pub(crate) riders: u16,
}

impl<W: Word> Reach<W> {
    /// The squares that steps lead to. `sign` is 1 for White, -1 for Black, whose pieces are turned round.
    pub(crate) fn new<'a>(board: Board, sign: i8, steps: impl Iterator<Item = &'a Step>) -> Reach<W> {
        let (mut leaps, mut widest, mut riders) = (W::table(), W::table(), 0);
        let on_board =
            |rank: i8, file: i8| (0..board.ranks as i8).contains(&rank) && (0..board.files as i8).contains(&file);
        for step in steps {
            let (ranks, files) = (step.ranks * sign, step.files * sign);
            riders |= rider_of(step);
            let limit = match step.gait {
                Gait::Leap | Gait::LameLeap => 1,
                Gait::Ride(n) | Gait::Hop(n) if n > 0 => n,
                Gait::Ride(_) | Gait::Hop(_) | Gait::HopBehind => u8::MAX,
            };
            for square in board.each() {
                let (mut rank, mut file) = (board.rank(square) as i8 + ranks, board.file(square) as i8 + files);
                let (mut reached, mut left) = (W::EMPTY, limit);
                while left > 0 && on_board(rank, file) {
                    reached |= W::bit(Square(rank as u8 * board.files + file as u8));
                    (rank, file, left) = (rank + ranks, file + files, left - 1);
                }
                W::add(&mut widest, square, reached);
                if step.gait == Gait::Leap {
                    W::add(&mut leaps, square, reached);
                }
            }
        }
        Reach { leaps: leaps.into(), widest: widest.into(), riders }
    }

    /// Squares that the piece reaches from `from`, occupied ones included.
    #[inline(always)]
    pub(crate) fn targets(&self, lines: &Lines<W>, from: Square, occupied: W) -> W {
        let leaps = W::at(&self.leaps, from);
        if self.riders == 0 {
            return leaps;
        }
        (leaps | lines.attacks(self.riders, from, occupied)) & W::at(&self.widest, from)
    }

    /// Whether two reaches have the same tables.
    pub(crate) fn same(&self, other: &Reach<W>) -> bool {
        self.riders == other.riders && W::same(&self.leaps, &other.leaps) && W::same(&self.widest, &other.widest)
    }

    /// From each square, keeps only the targets that `keep` allows and adds leaps to those that `add` gives.
    pub(crate) fn change(&mut self, board: Board, keep: impl Fn(Square) -> W, add: impl Fn(Square) -> W) {
        for table in [&mut self.leaps, &mut self.widest] {
            let mut changed = W::table();
            for square in board.each() {
                W::add(&mut changed, square, W::at(table, square) & keep(square) | add(square));
            }
            *table = changed.into();
        }
    }
}

/// The kind of line that a step uses, as a bit of [`rider`]; 0 for a leap.
fn rider_of(step: &Step) -> u16 {
    let (horizontal, vertical) = (step.ranks == 0, step.files == 0);
    let pick = |h: u16, v: u16, d: u16| {
        if horizontal {
            h
        } else if vertical {
            v
        } else {
            d
        }
    };
    match step.gait {
        Gait::Leap => 0,
        Gait::LameLeap => match step.ranks.abs() + step.files.abs() {
            2 => rider::LAME_D,
            3 => rider::LAME_N,
            4 => rider::LAME_A,
            _ => rider::LAME_Z,
        },
        Gait::Ride(_) if step.ranks.abs() + step.files.abs() == 3 => rider::NIGHTRIDER,
        Gait::Ride(_) => pick(rider::ROOK_H, rider::ROOK_V, rider::BISHOP),
        Gait::Hop(_) => pick(rider::CANNON_H, rider::CANNON_V, rider::CANNON_D),
        Gait::HopBehind => pick(rider::GRASSHOPPER_H, rider::GRASSHOPPER_V, rider::GRASSHOPPER_D),
    }
}
