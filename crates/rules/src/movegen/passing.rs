//! Captures in passing.

use super::{Generator, Sink};
use crate::attack::Watch;
use crate::board::{Color, MoveKind, MoveList, PieceType, Position, Square, Word, squares};
use crate::rules::{Group, Guard, Method, Rules};

/// Only notes where men are captured in passing.
#[derive(Default)]
struct Passing<W>(W);

impl<W: Word> Sink<W> for Passing<W> {
    fn moves(&mut self, _from: Square, _targets: W) {}
    fn of_kind(&mut self, kind: MoveKind, _from: Square, targets: W, _piece: Option<PieceType>) {
        if kind == MoveKind::EnPassant {
            self.0 |= targets;
        }
    }
    fn shifted(&mut self, _targets: W, _delta: i8) {}
    fn shifted_promotions(&mut self, _kind: MoveKind, _targets: W, _delta: i8, _piece: PieceType) {}
    fn drops(&mut self, _kind: MoveKind, _piece: PieceType, _targets: W) {}
}

impl<W: Word> Rules<W> {
    /// The squares on which a legal move captures in passing; none if no legal move does. Where the right names the square of the man
    /// himself, that one is added: who is captured is a part of the right.
    #[cold]
    pub(crate) fn captures_in_passing(&self, position: &Position<W>) -> W {
        let planes = position.planes();
        let mut watch = Watch::new(self, !position.turn());
        let mut found = Passing::default();
        if matches!(self.plan.guard, Guard::Free | Guard::Pins) {
            let watch = (self.plan.guard == Guard::Pins).then(|| watch.look(position, &planes));
            Generator::new(self, position, &planes, watch).all_in_passing(&mut found);
        } else {
            let mut moves = MoveList::new();
            Generator::new(self, position, &planes, None).all_in_passing(&mut moves);
            if moves.is_empty() {
                return W::EMPTY;
            }
            if self.walls.rule.is_some() || self.hands.drops.as_ref().is_some_and(|d| d.must) {
                // Whether they are legal hangs on walls or on other moves.
                moves.clear();
                self.tried_moves(position, &mut moves);
            } else {
                self.keep_legal_from(position, &mut moves, 0);
            }
            let capturing = moves.iter().filter(|mv| mv.kind() == MoveKind::EnPassant);
            found.0 = capturing.fold(W::EMPTY, |set, mv| set | W::bit(mv.to()));
        }
        if found.0.any() { found.0 | position.en_passant & position.men() } else { W::EMPTY }
    }

    /// The square of the man that is taken by going to `to` in passing.
    #[inline]
    pub(crate) fn passed_man(&self, position: &Position<W>, us: Color, to: Square) -> Square {
        // The way of a longer first move ends on the man itself.
        let on_the_way = position.en_passant & position.men();
        let file = self.board.file(to);
        let behind =
            |s: &Square| self.board.file(*s) == file && if us == Color::White { s.0 < to.0 } else { s.0 > to.0 };
        match us {
            Color::White if on_the_way.any() => on_the_way.lowest(),
            Color::Black if on_the_way.any() => on_the_way.highest(),
            Color::White => squares(position.color(!us)).filter(behind).last().unwrap_or(to),
            Color::Black => squares(position.color(!us)).find(behind).unwrap_or(to),
        }
    }
}

impl<W: Word> Generator<'_, W> {
    /// Captures in passing, and no other moves.
    fn all_in_passing<S: Sink<W>>(&self, sink: &mut S) {
        for Group { piece, method } in &self.rules.plan.groups[self.us.index()] {
            let men = self.planes.of(*piece) & self.own;
            match method {
                Method::Pawn => self.pawns_in_passing(*piece, men, sink),
                Method::Special => squares(men).for_each(|from| self.in_passing(*piece, from, sink)),
                Method::King | Method::Plain(_) => {}
            }
        }
    }

    #[inline]
    pub(super) fn pawns_in_passing<S: Sink<W>>(&self, pawn: PieceType, men: W, sink: &mut S) {
        let back = self.rules.mover(!self.us, pawn);
        for to in squares(self.passed) {
            for from in squares(W::at(&back.capture.leaps, to) & men) {
                self.en_passant(from, W::bit(to), sink);
            }
        }
    }

    /// Captures in passing of a man that is no pawn.
    #[inline]
    pub(super) fn in_passing<S: Sink<W>>(&self, piece: PieceType, from: Square, sink: &mut S) {
        let (rules, side) = (self.rules, self.us.index());
        if rules.pawns.en_passant_types[side] >> piece.0 & 1 == 1 && self.passed.any() {
            let mover = rules.mover(self.us, piece);
            let attacks = mover.capture.targets(&rules.lines, from, self.occupied) & mover.region;
            let mut quiets = mover.quiet.targets(&rules.lines, from, self.occupied);
            if let Some(initial) = &mover.initial
                && rules.pawns.double_step[side].has(from)
            {
                quiets |= initial.targets(&rules.lines, from, self.occupied);
            }
            self.en_passant(from, attacks & !(quiets & mover.region) & self.passed, sink);
        }
    }

    fn en_passant<S: Sink<W>>(&self, from: Square, targets: W, sink: &mut S) {
        for to in squares(targets) {
            let captured = W::bit(self.rules.passed_man(self.position, self.us, to));
            if self.survives(from, to, captured) {
                sink.of_kind(MoveKind::EnPassant, from, W::bit(to), None);
            }
        }
    }
}
