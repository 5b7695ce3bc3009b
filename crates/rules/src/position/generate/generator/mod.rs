//! One generator for all variants.
//!
//! What it finds goes to a [`Sink`] as sets of targets, so that moves can be counted without being listed. Given a [`Watch`] over the
//! other side's attacks, the generator heeds checks and pins and finds only moves that leave the king safe. Without one it finds moves as
//! if the king were a man like any other.

mod all;
mod castling;
mod drops;
mod en_passant;
mod men;
mod pawns;
mod sink;

use crate::board::{Color, Planes, Position, Square, Word, squares};
use crate::position::attack::Watch;
use crate::rules::{Mover, Rules};
pub(crate) use sink::{Counter, Passing, Sink};

/// The moves of the side to move in one position.
pub(crate) struct Generator<'a, W: Word> {
    rules: &'a Rules<W>,
    position: &'a Position<W>,
    planes: &'a Planes<W>,
    us: Color,
    /// Men of the side to move.
    own: W,
    /// Men that may be captured: those of the other side, or none.
    theirs: W,
    occupied: W,
    /// Squares that the king may go to, attacked or not.
    reach: W,
    /// Squares that men other than the king may go to: all but their own, or those that answer a check.
    allowed: W,
    /// Squares that pawns without capturing and men from the hand may go to.
    quiet: W,
    /// The man that must not be left attacked.
    king: Option<Square>,
    in_check: bool,
    /// Men that stand alone between the king and a slider.
    pinned: W,
    /// The sliders behind the pinned men.
    pinners: W,
    /// Empty squares on which men can be captured in passing.
    passed: W,
    /// Whether castling is to be generated, and the side has a right to it.
    castles: bool,
    /// Squares on which the king is safe, attacked or not.
    haven: W,
    /// The other side's attacks, if only safe moves are generated; otherwise moves may leave the king attacked.
    watch: Option<&'a Watch<'a, W>>,
}

impl<'a, W: Word> Generator<'a, W> {
    /// A generator of all moves; with a watch, of those that leave the king safe.
    #[inline]
    pub(crate) fn new(
        rules: &'a Rules<W>,
        position: &'a Position<W>,
        planes: &'a Planes<W>,
        watch: Option<&'a Watch<'a, W>>,
    ) -> Generator<'a, W> {
        let kings = rules.roles.king.map_or(W::EMPTY, |royal| planes.of(royal) & position.color(position.turn()));
        let king = kings.any().then(|| kings.lowest());
        Generator::guarding(rules, position, planes, king, W::EMPTY, watch)
    }

    /// A generator of all moves; with a watch, of those that leave the man on `king` safe, who is safe on the squares of `haven` even if
    /// attacked.
    #[inline]
    pub(crate) fn guarding(
        rules: &'a Rules<W>,
        position: &'a Position<W>,
        planes: &'a Planes<W>,
        king: Option<Square>,
        haven: W,
        watch: Option<&'a Watch<'a, W>>,
    ) -> Generator<'a, W> {
        let us = position.turn();
        let (own, theirs, occupied) = (position.color(us), position.color(!us), position.occupied());
        let mut generator = Generator {
            rules,
            position,
            planes,
            us,
            own,
            theirs,
            occupied,
            reach: rules.squares.all & !own & !position.walls,
            allowed: rules.squares.all & !own & !position.walls,
            quiet: rules.squares.all & !occupied,
            king,
            in_check: false,
            pinned: W::EMPTY,
            pinners: W::EMPTY,
            passed: position.en_passant & !occupied,
            castles: position.castling >> (2 * us.index()) & 3 != 0,
            haven,
            watch,
        };
        if let (Some(watch), Some(king)) = (watch, king)
            && !haven.has(king)
        {
            let pins = watch.pins(rules, position, king);
            generator.pinned = pins.pinned;
            generator.pinners = pins.pinners;
            if pins.checkers.any() {
                generator.in_check = true;
                let answers = if pins.checkers.several() {
                    W::EMPTY
                } else if pins.leaping.any() {
                    pins.checkers
                } else {
                    pins.checkers | rules.lines.between(king, pins.checkers.lowest())
                };
                generator.allowed &= answers;
                generator.quiet &= answers;
            }
        }
        generator
    }

    /// Restricts the generator to captures, those in passing among them.
    pub(crate) fn captures(mut self) -> Generator<'a, W> {
        self.reach &= self.theirs;
        self.allowed &= self.theirs;
        self.quiet = W::EMPTY;
        self.castles = false;
        self
    }

    /// Restricts the generator to moves to empty squares that neither castle nor capture in passing.
    pub(crate) fn quiets(mut self) -> Generator<'a, W> {
        self.reach &= !self.occupied;
        self.allowed &= !self.occupied;
        self.theirs = W::EMPTY;
        self.passed = W::EMPTY;
        self.castles = false;
        self
    }

    /// Whether the king is safe after a man moves and the men on `captured` are taken.
    #[inline]
    fn survives(&self, from: Square, to: Square, captured: W) -> bool {
        let (Some(king), Some(watch)) = (self.king, self.watch) else { return true };
        let occupied = (self.occupied & !W::bit(from) & !captured) | W::bit(to);
        !watch.attacks(self.rules, self.position, king, occupied, !captured)
    }

    /// Squares that keep a man on the line on which it is pinned; all squares if it is not pinned.
    #[inline]
    fn line_of(&self, from: Square) -> W {
        let (Some(king), true) = (self.king, self.pinned.has(from)) else { return !W::EMPTY };
        let lines = squares(self.pinners).map(|p| self.rules.lines.between(king, p) | W::bit(p));
        lines.filter(|line| line.has(from)).fold(W::EMPTY, |all, line| all | line)
    }

    /// Squares from which a man could move if there were only walls on the board.
    #[inline]
    fn mobile(&self, mover: &Mover<W>) -> W {
        let walls = self.position.walls;
        if walls.is_empty() {
            return mover.mobile;
        }
        let moves_on = |from: &Square| (W::at(&mover.quiet.widest, *from) & !walls).any();
        squares(mover.mobile).filter(moves_on).fold(W::EMPTY, |set, from| set | W::bit(from))
    }
}
