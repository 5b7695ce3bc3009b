//! The moves of all men.

use crate::board::{Sliders as _, Word, squares};
use crate::position::generate::generator::Generator;
use crate::position::generate::generator::sink::Sink;
use crate::rules::{Group, Method};

impl<W: Word> Generator<'_, W> {
    /// All moves.
    #[inline]
    pub(crate) fn all<S: Sink<W>>(&self, sink: &mut S) {
        let (rules, occupied) = (self.rules, self.occupied);
        let sliders = &rules.lines.sliders;
        let mut left = self.own;
        for Group { piece, method } in &rules.plan.groups[self.us.index()] {
            let men = self.planes.of(*piece) & self.own;
            if men.is_empty() {
                continue;
            }
            match method {
                Method::Pawn => self.pawns(*piece, men, sink),
                Method::King => squares(men).for_each(|king| self.king_moves(*piece, king, sink)),
                Method::Leaper => self.plain_men(*piece, men, |mover, s| W::at(&mover.capture.leaps, s), sink),
                Method::Bishop => self.plain_men(*piece, men, |_, s| sliders.bishop(s, occupied), sink),
                Method::Rook => self.plain_men(*piece, men, |_, s| sliders.rook(s, occupied), sink),
                Method::Queen => {
                    let reached = |_: &_, s| sliders.rook(s, occupied) | sliders.bishop(s, occupied);
                    self.plain_men(*piece, men, reached, sink);
                }
                Method::General => self.general_men(*piece, men, sink),
                Method::Special => self.special_men(*piece, men, sink),
            }
            left &= !men;
            if left.is_empty() {
                break;
            }
        }
        if rules.hands.piece_drops {
            self.drops(sink);
        }
        if !self.in_check {
            self.castling(sink);
        }
    }

    /// Captures in passing, and no other moves.
    pub(crate) fn all_in_passing<S: Sink<W>>(&self, sink: &mut S) {
        for Group { piece, method } in &self.rules.plan.groups[self.us.index()] {
            let men = self.planes.of(*piece) & self.own;
            match method {
                Method::Pawn => self.pawns_in_passing(*piece, men, sink),
                Method::Special => squares(men).for_each(|from| self.in_passing(*piece, from, sink)),
                _ => {}
            }
        }
    }
}
