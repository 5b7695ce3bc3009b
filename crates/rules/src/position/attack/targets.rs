//! Where men can go from a square.

use crate::board::{Color, Position, Square, Word, rider};
use crate::rules::{Mover, Rules, Special};

impl<W: Word> Mover<W> {
    /// Squares that the man on `from` reaches: empty ones, and men of both sides where it captures. The caller takes out its own men.
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
            && rules.pawns.double_step[side.index()].has(from)
        {
            quiet |= initial.targets(&rules.lines, from, occupied);
        }
        (capture & occupied | quiet & !occupied) & self.region
    }

    /// What [`Mover::targets`] is for pieces that tables do not describe.
    fn special_targets(&self, rules: &Rules<W>, position: &Position<W>, from: Square, occupied: W) -> W {
        match self.special {
            Special::JanggiCannon => rules.cannon_targets(self, position, from),
            _ => {
                let mut targets = self.capture.targets(&rules.lines, from, occupied);
                if rules.pieces.palace.has(from) {
                    targets |= rules.lines.attacks(rider::BISHOP, from, occupied) & rules.pieces.palace;
                }
                targets
            }
        }
    }
}

impl<W: Word> Rules<W> {
    /// Squares that a cannon of janggi reaches along lines: over one man, who must not be one of `cannons`.
    pub(crate) fn cannon_lines(&self, riders: u16, from: Square, occupied: W, cannons: W) -> W {
        self.lines.attacks(riders, from, occupied) & self.lines.attacks(riders, from, occupied & !cannons)
    }

    /// Squares that a cannon of janggi reaches from `from`: no cannon is captured.
    fn cannon_targets(&self, mover: &Mover<W>, position: &Position<W>, from: Square) -> W {
        let occupied = position.occupied();
        let cannons = self.roles.janggi_cannon.map_or(W::EMPTY, |t| position.of_type(t));
        let mut targets =
            self.cannon_lines(mover.capture.riders, from, occupied, cannons) & W::at(&mover.capture.widest, from);
        if self.pieces.palace.has(from) {
            targets |= self.cannon_lines(rider::CANNON_D, from, occupied, cannons) & self.pieces.palace;
        }
        targets & !cannons
    }
}
