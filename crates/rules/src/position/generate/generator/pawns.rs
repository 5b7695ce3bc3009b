//! Moves of pawns.

use crate::board::{Color, MoveKind, PieceType, Word, squares};
use crate::position::generate::generator::Generator;
use crate::position::generate::generator::sink::Sink;

impl<W: Word> Generator<'_, W> {
    /// Moves of pawns.
    #[inline]
    pub(super) fn pawns<S: Sink<W>>(&self, pawn: PieceType, men: W, sink: &mut S) {
        let free = men & !self.pinned;
        self.pawn_moves(pawn, free, !W::EMPTY, sink);
        for from in squares(men & self.pinned) {
            self.pawn_moves(pawn, W::bit(from), self.line_of(from), sink);
        }
        if self.passed.any() {
            self.pawns_in_passing(pawn, men, sink);
        }
    }

    /// Moves of pawns to squares in `only`, of all men at once: by one, two and three squares, and captures to either side.
    #[inline(always)]
    fn pawn_moves<S: Sink<W>>(&self, pawn: PieceType, men: W, only: W, sink: &mut S) {
        let (rules, side) = (self.rules, self.us.index());
        let region = rules.mover(self.us, pawn).region;
        let files = rules.board.files as i8;
        let free = rules.squares.all & !self.occupied & region;
        let up = if self.us == Color::White { files } else { -files };
        let step = |men: W| shift(men, up) & free;
        let once = step(men);
        let quiet = self.quiet & only;
        self.emit_pawns(pawn, once & quiet, up, sink);
        let double = rules.pawns.double_step[side];
        if double.any() {
            self.emit_pawns(pawn, step(step(men & double)) & quiet, 2 * up, sink);
        }
        let triple = rules.pawns.triple_step[side];
        if triple.any() {
            self.emit_pawns(pawn, step(step(step(men & triple))) & quiet, 3 * up, sink);
        }
        let targets = self.allowed & self.theirs & region & only;
        let right = men & !rules.squares.last_file;
        let left = men & !rules.squares.first_file;
        self.emit_pawns(pawn, shift(right, up + 1) & targets, up + 1, sink);
        self.emit_pawns(pawn, shift(left, up - 1) & targets, up - 1, sink);
    }

    /// Hands over moves of pawns whose targets are `delta` squares from their origins, with what they promote to.
    #[inline(always)]
    fn emit_pawns<S: Sink<W>>(&self, pawn: PieceType, targets: W, delta: i8, sink: &mut S) {
        if targets.is_empty() {
            return;
        }
        let (rules, side) = (self.rules, self.us.index());
        let zone = if rules.promotion.sittuyin { W::EMPTY } else { rules.promotion.region[side] };
        let promoted = targets & zone;
        let mut plain = if rules.promotion.mandatory_for_pawns { targets & !zone } else { targets };
        if rules.pieces.immobility_illegal {
            plain &= self.mobile(rules.mover(self.us, pawn));
        }
        sink.shifted(plain, delta);
        if promoted.any() {
            for to in &rules.promotion.choices[side] {
                if rules.promotion.within_limit(self.position, self.us, *to) {
                    sink.shifted_promotions(MoveKind::Promotion, promoted, delta, *to);
                }
            }
            if let Some(to) = rules.promotion.turns_to[pawn.index()] {
                let turned = if rules.promotion.on_capture { promoted & self.occupied } else { promoted };
                sink.shifted_promotions(MoveKind::PiecePromotion, turned, delta, to);
            }
        }
    }
}

/// All squares moved by `delta`.
#[inline(always)]
fn shift<W: Word>(squares: W, delta: i8) -> W {
    if delta >= 0 { squares << delta as u32 } else { squares >> u32::from(delta.unsigned_abs()) }
}
