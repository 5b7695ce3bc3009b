//! Which moves are legal.

use crate::board::{Color, Move, MoveKind, MoveList, PieceType, Position, Square, Word, rider, squares};
use crate::position::generate::legality::trial::Trial;
use crate::position::make::CastlingMove;
use crate::rules::Rules;

impl<W: Word> Rules<W> {
    /// Removes the moves that are not legal, from the one numbered `first` on, under rules by which no move depends on whether there are
    /// others.
    pub(crate) fn keep_legal_from(&self, position: &Position<W>, moves: &mut MoveList, first: usize) {
        if self.plan.all_legal {
            return;
        }
        let trial = self.trial(position);
        let mut kept = first;
        for i in first..moves.len() {
            if trial.aside(moves[i]) || self.is_legal(position, &trial, moves[i]) {
                moves[kept] = moves[i];
                kept += 1;
            }
        }
        moves.truncate(kept);
    }

    /// Removes the moves that are not legal.
    pub(crate) fn keep_legal(&self, position: &Position<W>, moves: &mut MoveList) {
        let us = position.turn();
        if !self.plan.all_legal {
            let trial = self.trial(position);
            moves.retain(|mv| trial.aside(*mv) || self.is_legal(position, &trial, *mv));
        }
        if self.captures.mandatory && moves.iter().any(|mv| self.is_capture(position, *mv)) {
            moves.retain(|mv| self.is_capture(position, *mv));
        }
        if let Some(drops) = self.hands.drops.as_ref().filter(|d| d.must)
            && drops.must_type.map_or_else(|| position.hand_size(us), |t| position.in_hand(us, t)) > 0
        {
            moves.retain(|mv| !mv.is_drop() || drops.must_type.is_none_or(|t| mv.promotion() == Some(t)));
            if moves.iter().any(|mv| mv.is_drop()) {
                moves.retain(|mv| mv.is_drop());
            }
        }
        if self.passes.on_stalemate[us.index()]
            && !self.king_attacked(position, us)
            && moves.iter().any(|mv| mv.kind() != MoveKind::Pass)
        {
            moves.retain(|mv| mv.kind() != MoveKind::Pass);
        }
    }

    /// Whether the king is attacked neither on its way nor, with the rook gone, on its target. A `wall` that the move builds stands when the
    /// king has arrived, but not while it is on its way.
    fn castling_is_safe(
        &self,
        position: &Position<W>,
        us: Color,
        CastlingMove { king, king_to, rook, rook_to }: CastlingMove,
        wall: W,
    ) -> bool {
        let occupied = position.occupied();
        let mut way = (self.lines.between(king, king_to) | W::bit(king_to)) & !W::bit(king);
        let mut last = occupied & !W::bit(rook);
        let mut facing = occupied & !W::bit(king);
        if wall.any() {
            way &= !W::bit(king_to);
            last = last & !W::bit(king) | W::bit(king_to) | W::bit(rook_to) | wall;
            facing = last;
        }
        let other = self.king(position, !us).filter(|_| self.kings.flying_general);
        let faced = |s: Square, men: W| other.is_some_and(|other| self.lines.attacks(rider::ROOK, s, men).has(other));
        let attacked = |s: Square, men: W| self.attacked(position, s, !us, men, !W::EMPTY);
        squares(way).all(|s| !attacked(s, occupied) && !faced(s, occupied & !W::bit(king)))
            && !attacked(king_to, last)
            && !faced(king_to, facing)
    }

    /// Tries a move.
    fn is_legal(&self, position: &Position<W>, trial: &Trial<W>, mv: Move) -> bool {
        let (us, from, to) = (trial.us, mv.from(), mv.to());
        let kind = mv.kind();
        let drop = mv.is_drop();
        let moved = if drop { self.dropped(mv) } else { position.type_at(from) };
        if self.plan.forbids_checks && self.may_not_check(mv) && self.gives_check(position, mv) {
            return false;
        }
        if drop && !self.bishops_stay_opposite(position, us, mv) {
            return false;
        }
        if self.plan.keeps_pseudo_royals && !self.royals_survive(position, trial, mv, moved) {
            return false;
        }
        if self.captures.mutually_immune != 0
            && self.is_capture(position, mv)
            && self.captures.mutually_immune >> moved.0 & 1 == 1
            && position.men().has(to)
            && position.type_at(to) == moved
        {
            return false;
        }
        let royal = self.roles.king == Some(moved);
        let Some(king) = trial.king.or(royal.then_some(to)) else { return true };
        let wall = mv.wall().map_or(W::EMPTY, W::bit);
        if kind == MoveKind::EnPassant {
            let captured = W::bit(self.passed_man(position, us, to));
            let occupied = (position.occupied() & !W::bit(from) & !captured) | W::bit(to) | wall;
            return (self.attackers(position, king, !us, occupied) & !captured).is_empty();
        }
        if mv.is_castling() {
            let Some(castling) = self.castling_of(position, us, mv) else { return false };
            let gate = match kind {
                MoveKind::CastlingGateKing => Some(from),
                MoveKind::CastlingGateRook => Some(castling.rook),
                _ => None,
            };
            if gate.is_some_and(|gate| gate == castling.king_to || gate == castling.rook_to) {
                return false;
            }
            return !royal || trial.checkers.is_empty() && self.castling_is_safe(position, us, castling, wall);
        }
        let origin = if drop { W::EMPTY } else { W::bit(from) };
        let occupied = (position.occupied() & !origin) | W::bit(to) | wall;
        if trial.facing && kind == MoveKind::Pass && wall.is_empty() {
            return true;
        }
        let their_king = self.king(position, !us);
        if (self.kings.flying_general || trial.facing)
            && let Some(other) = their_king
            && other != to
        {
            let seen_from = if royal { to } else { king };
            if self.lines.attacks(rider::ROOK, seen_from, occupied).has(other) {
                return false;
            }
        }
        if royal {
            // In makpong a king in check may only capture the man that checks it.
            if self.kings.makpong && trial.checkers.any() && trial.checkers != W::bit(to) {
                return false;
            }
        } else if trial.checkers.is_empty()
            && !trial.zone.has(to)
            && (drop || !trial.zone.has(from))
            && !trial.hurdle(mv)
        {
            // A man that comes and goes outside the king's lines cannot expose it.
            return true;
        }
        let king = if royal { to } else { king };
        let cannons = self.cannons_after(position, moved, mv);
        (self.attackers_past(position, king, !us, occupied, cannons) & !W::bit(to)).is_empty()
    }

    /// The cannons of janggi as they stand after a move; none in other variants.
    #[inline]
    fn cannons_after(&self, position: &Position<W>, moved: PieceType, mv: Move) -> W {
        let Some(cannon) = self.roles.janggi_cannon else { return W::EMPTY };
        let mut cannons = position.of_type(cannon) & !W::bit(mv.to());
        if moved == cannon {
            cannons = cannons & !W::bit(mv.from()) | W::bit(mv.to());
        }
        cannons
    }

    /// Whether a move may not give check: any move, promotions of sittuyin, or drops.
    fn may_not_check(&self, mv: Move) -> bool {
        !self.kings.checking
            || self.promotion.sittuyin && mv.kind() == MoveKind::Promotion
            || mv.is_drop() && self.hands.drops.as_ref().is_some_and(|d| !d.checks)
    }

    /// Whether a move gives check to the other king.
    fn gives_check(&self, position: &Position<W>, mv: Move) -> bool {
        let next = self.board_after(position, mv);
        self.king_attacked(&next, next.turn())
    }

    /// Whether, after a drop, the bishops that are still in hand can be dropped so that half of all stand on squares of either colour.
    fn bishops_stay_opposite(&self, position: &Position<W>, us: Color, mv: Move) -> bool {
        let Some(bishop) = self.hands.drops.as_ref().and_then(|d| d.opposite_bishops) else { return true };
        let to = W::bit(mv.to());
        let dark: W = self.board.region(|f, r| (f + r) % 2 == 0);
        let bishops = position.pieces(us, bishop);
        let all = bishops.count() + position.in_hand(us, bishop);
        if mv.promotion() == Some(bishop) && mv.kind() == MoveKind::Drop {
            let same = if (dark & to).any() { dark } else { !dark };
            return (same & bishops).count() < all.div_ceil(2);
        }
        let open = self.drop_squares(position, us, bishop) & !position.occupied() & !to | bishops;
        (dark & open).count() >= all / 2 && (!dark & open).count() >= all / 2
    }
}
