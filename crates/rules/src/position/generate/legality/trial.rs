//! What trying moves needs to know of their position.

use crate::board::{Color, Move, MoveKind, Position, Square, Word};
use crate::rules::Rules;

/// What is known of a position before its moves are tried.
pub(super) struct Trial<W> {
    pub(super) us: Color,
    pub(super) king: Option<Square>,
    /// Men that give check to the king.
    pub(super) checkers: W,
    /// Whether the kings face each other where that offers a draw (janggi).
    pub(super) facing: bool,
    /// Pseudo-royal men of the side to move.
    pub(super) royals: W,
    /// Pseudo-royal men of the other side.
    pub(super) their_royals: W,
    /// Squares on which a man who comes or goes can change whether the king is attacked.
    pub(super) zone: W,
    /// Whether the king is safe, and all that is asked of moves of other men is that they leave it so.
    pub(super) calm: bool,
    /// Whether a wall can open a line to the king, because men may jump over it.
    pub(super) hurdles: bool,
}

impl<W: Word> Trial<W> {
    /// Whether a move is legal without being tried, as the man comes and goes outside the king's lines.
    #[inline]
    pub(super) fn aside(&self, mv: Move) -> bool {
        let (from, to) = (mv.from(), mv.to());
        self.calm
            && matches!(mv.kind(), MoveKind::Normal | MoveKind::Promotion | MoveKind::PiecePromotion)
            && self.king != Some(from)
            && !(self.zone.has(from) || self.zone.has(to) || self.hurdle(mv))
    }

    /// Whether a move builds a wall over which a man may jump to the king.
    #[inline]
    pub(super) fn hurdle(&self, mv: Move) -> bool {
        self.hurdles && mv.wall().is_some_and(|wall| self.zone.has(wall))
    }
}

impl<W: Word> Rules<W> {
    /// Looks at a position whose moves will be tried.
    pub(super) fn trial(&self, position: &Position<W>) -> Trial<W> {
        let us = position.turn();
        let king = self.king(position, us);
        let face = (self.kings.bikjang || self.kings.flying_general) && self.kings_face(position);
        let zone = |king: Square| match self.king(position, !us) {
            // The diagonal lines of palaces are not in the tables of lines.
            _ if self.pieces.palace.any() => !W::EMPTY,
            Some(other) if self.kings.flying_general => {
                let between = self.lines.between(king, other);
                let guarded = (between & position.occupied()).several();
                self.lines_to(position, !us, king) | if guarded { W::EMPTY } else { between }
            }
            _ => self.lines_to(position, !us, king),
        };
        let checkers = self.checkers(position);
        let calm = self.plan.only_king_safety && king.is_some() && checkers.is_empty() && !face;
        Trial {
            us,
            king,
            calm,
            checkers,
            facing: self.kings.bikjang && face,
            royals: self.pseudo_royals(position, us),
            their_royals: self.pseudo_royals(position, !us),
            zone: king.map_or(W::EMPTY, zone),
            hurdles: self.walls.rule.is_some() && !self.pieces.attackers[(!us).index()].is_orthodox(),
        }
    }
}
