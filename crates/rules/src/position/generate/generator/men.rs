//! Moves of pieces.

use crate::board::{MoveKind, PieceType, Square, Word, squares};
use crate::position::generate::generator::Generator;
use crate::position::generate::generator::sink::Sink;
use crate::rules::Mover;

impl<W: Word> Generator<'_, W> {
    /// Moves of a man that must not go where it is attacked.
    pub(super) fn king_moves<S: Sink<W>>(&self, piece: PieceType, king: Square, sink: &mut S) {
        let mover = self.rules.mover(self.us, piece);
        let mut targets = mover.targets(self.rules, self.position, self.us, king) & self.reach;
        if self.rules.pieces.immobility_illegal {
            targets &= self.mobile(mover);
        }
        if let Some(watch) = self.watch {
            let occupied = self.occupied & !W::bit(king);
            let safe = |to: &Square| {
                self.haven.has(*to) || !watch.attacks(self.rules, self.position, *to, occupied, !W::bit(*to))
            };
            targets = squares(targets).filter(safe).fold(W::EMPTY, |set, to| set | W::bit(to));
        }
        sink.moves(king, targets);
    }

    /// Moves of men that go wherever they reach, `reached` from each square as long as they are not pinned.
    #[inline(always)]
    pub(super) fn plain_men<S: Sink<W>>(
        &self,
        piece: PieceType,
        men: W,
        reached: impl Fn(&Mover<W>, Square) -> W,
        sink: &mut S,
    ) {
        let mover = self.rules.mover(self.us, piece);
        squares(men & !self.pinned).for_each(|from| sink.moves(from, reached(mover, from) & self.allowed));
        if (men & self.pinned).any() {
            self.general_men(piece, men & self.pinned, sink);
        }
    }

    /// Moves of men that go wherever they reach, in whatever way.
    pub(super) fn general_men<S: Sink<W>>(&self, piece: PieceType, men: W, sink: &mut S) {
        let mover = self.rules.mover(self.us, piece);
        squares(men).for_each(|from| sink.moves(from, self.targets_of(mover, from)));
    }

    /// Moves of men that promote, turn over, capture in passing or must not be stuck.
    pub(super) fn special_men<S: Sink<W>>(&self, piece: PieceType, men: W, sink: &mut S) {
        let mover = self.rules.mover(self.us, piece);
        squares(men).for_each(|from| self.special_man(piece, from, self.targets_of(mover, from), sink));
    }

    /// Squares that a man can go to without leaving the king attacked, if a watch is kept over it.
    fn targets_of(&self, mover: &Mover<W>, from: Square) -> W {
        mover.targets(self.rules, self.position, self.us, from) & self.allowed & self.line_of(from)
    }

    /// Moves of one of [`Generator::special_men`] to some targets, and its captures in passing.
    fn special_man<S: Sink<W>>(&self, piece: PieceType, from: Square, targets: W, sink: &mut S) {
        let (rules, side) = (self.rules, self.us.index());
        let mover = rules.mover(self.us, piece);
        let zone = rules.promotion.region[side];
        let mut plain = targets;
        let mut turned = match rules.promotion.turns_to[piece.index()] {
            Some(to) if rules.promotion.within_limit(self.position, self.us, to) => targets,
            _ => W::EMPTY,
        };
        let origin = if rules.promotion.demotion { self.position.origin(from) } else { None };
        let mut demoted = if origin.is_some() { targets } else { W::EMPTY };
        let promoted = if rules.promotion.pawns[side] >> piece.0 & 1 == 1 { targets & zone } else { W::EMPTY };
        if promoted.any() && rules.promotion.mandatory_for_pawns {
            plain &= !promoted;
        }
        if (turned | demoted).any() {
            if rules.promotion.mandatory_for_pieces {
                let forced = if zone.has(from) { W::EMPTY } else { !zone };
                plain &= forced | if rules.promotion.on_capture { !self.occupied } else { W::EMPTY };
            }
            if rules.promotion.on_capture {
                turned &= self.occupied;
                demoted &= self.occupied;
            }
            if !zone.has(from) {
                turned &= zone;
                demoted &= zone;
            }
        }
        if rules.pieces.immobility_illegal {
            plain &= self.mobile(mover);
        }
        sink.moves(from, plain);
        if let Some(to) = rules.promotion.turns_to[piece.index()] {
            sink.of_kind(MoveKind::PiecePromotion, from, turned, Some(to));
        }
        if let Some(origin) = origin {
            sink.of_kind(MoveKind::Demotion, from, demoted, Some(origin));
        }
        if promoted.any() {
            for to in &rules.promotion.choices[side] {
                if rules.promotion.within_limit(self.position, self.us, *to) {
                    sink.of_kind(MoveKind::Promotion, from, promoted, Some(*to));
                }
            }
        }
        self.in_passing(piece, from, sink);
    }
}
