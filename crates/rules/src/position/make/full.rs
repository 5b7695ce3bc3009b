//! Making any move of any variant.

use crate::board::{Color, Move, MoveKind, Past, PieceType, Position, Square, Word, squares};
use crate::rules::{Rules, Walling};

impl<W: Word> Rules<W> {
    /// The board that a move leaves, whether the move is legal or not. Its key is incomplete.
    pub(crate) fn board_after(&self, position: &Position<W>, mv: Move) -> Position<W> {
        let mut next = *position;
        if self.plan.plain_play {
            self.make_plainly(&mut next, mv);
        } else {
            self.make_fully(&mut next, mv);
        }
        next
    }

    /// Makes a move. Two things are left to the caller, since they take a look at other moves: `capturable`, which is empty, and the part
    /// of the key that [`Position::state_key`] tells, which is taken out.
    pub(crate) fn make_fully(&self, position: &mut Position<W>, mv: Move) {
        let us = position.turn;
        let (to, kind) = (mv.to(), mv.kind());
        let passing = kind == MoveKind::Pass;
        let past = Past {
            last: Some(mv),
            passed: passing,
            passed_before: position.past.passed,
            facing_before: self.kings.bikjang && self.kings_face(position),
            shak: position.past.shak,
            ..Past::default()
        };
        position.key ^= position.state_key(self.zobrist);
        position.count_ply(us);
        if position.counting.0 > 0 {
            position.counting.1 = position.counting.1.saturating_add(1);
        }
        let piece = if mv.is_drop() { self.dropped(mv) } else { position.type_at(mv.from()) };
        let captured = if passing || mv.is_castling() { None } else { self.capture(position, us, mv) };
        position.en_passant = W::EMPTY;
        position.capturable = W::EMPTY;
        if captured.is_some() || self.begins_count_anew(us, piece, mv) {
            position.halfmove_clock = 0;
        }
        let castled_rook = if mv.is_castling() { self.castling_rook(position, us, mv) } else { None };
        self.move_man(position, us, piece, mv);
        if !mv.is_drop() && !passing && position.castling != 0 {
            self.lose_rights(position, us, mv);
        }
        self.change_man(position, us, piece, mv);
        if self.gates.gating {
            self.pass_gates(position, us, piece, mv, castled_rook);
        }
        if captured.is_some() && (self.captures.blast || self.captures.petrify != 0) {
            self.explode(position, piece, to);
        }
        if let Some(wall) = mv.wall() {
            self.build_wall(position, wall);
        }
        position.turn = !us;
        position.past = Past {
            captured: captured.is_some(),
            material: captured.is_none()
                && !matches!(kind, MoveKind::Normal | MoveKind::Castling | MoveKind::Leap | MoveKind::Pass),
            ..past
        };
        if self.tallies.check_counting && position.checks_left[us.index()] > 0 && self.king_attacked(position, !us) {
            position.checks_left[us.index()] -= 1;
        }
        if self.mates.shatar {
            self.note_shak(position);
        }
        if let Some(rule) = self.tallies.counting {
            self.start_counting(position, rule, us, captured, kind == MoveKind::Promotion);
        }
    }

    /// Takes the man off the board that a move of `us` captures, if it captures. Returns the type of the man.
    #[inline]
    fn capture(&self, position: &mut Position<W>, us: Color, mv: Move) -> Option<PieceType> {
        if !self.is_capture(position, mv) {
            return None;
        }
        let victim = if mv.kind() == MoveKind::EnPassant { self.passed_man(position, us, mv.to()) } else { mv.to() };
        let (color, piece) = position.piece_on(victim)?;
        self.take(position, color, piece, victim, self.promotion.main_pawn[color.index()]);
        Some(piece)
    }

    /// Puts the man of type `piece` that moves on its target: from the hand, as king with its rook, or from its square.
    #[inline]
    fn move_man(&self, position: &mut Position<W>, us: Color, piece: PieceType, mv: Move) {
        let (from, to, zobrist) = (mv.from(), mv.to(), self.zobrist);
        if mv.is_drop() {
            position.toggle(zobrist, us, piece, to);
            let held = mv.promotion().unwrap_or(piece);
            position.change_hand(zobrist, us, held, false);
            if held != piece {
                position.mark(to, Some(held));
            }
            self.gain_rights(position, us, piece, to);
        } else if mv.is_castling() {
            self.castle(position, us, mv);
        } else if from != to {
            let (promoted, origin) = (position.promoted.has(from), position.origin(from));
            position.remove(zobrist, us, piece, from);
            position.toggle(zobrist, us, piece, to);
            if promoted {
                position.mark(to, origin);
            }
        }
    }

    /// Makes the man that moved, of type `piece`, what the move says; notes where it can be captured in passing otherwise.
    #[inline]
    fn change_man(&self, position: &mut Position<W>, us: Color, piece: PieceType, mv: Move) {
        let (to, kind) = (mv.to(), mv.kind());
        match (kind, mv.promotion()) {
            (MoveKind::Promotion | MoveKind::PiecePromotion | MoveKind::Demotion, Some(into)) => {
                position.remove(self.zobrist, us, piece, to);
                position.toggle(self.zobrist, us, into, to);
                if kind == MoveKind::PiecePromotion {
                    position.mark(to, Some(piece));
                } else if kind == MoveKind::Promotion && self.plan.marks_promoted {
                    position.mark(to, None);
                }
            }
            (MoveKind::Drop | MoveKind::PromotedDrop, _) => {}
            _ => self.set_en_passant(position, us, piece, mv),
        }
    }

    /// Builds a wall, in duck chess in place of the one that stands.
    fn build_wall(&self, position: &mut Position<W>, wall: Square) {
        if self.walls.rule == Some(Walling::Duck) {
            for old in squares(position.walls) {
                position.toggle_wall(self.zobrist, old);
            }
        }
        if !position.walls.has(wall) {
            position.toggle_wall(self.zobrist, wall);
        }
    }

    /// Takes a man of `color` off the board, and into the other side's hand where captured men go there. A man that was promoted for good
    /// comes to hand as a `pawn`.
    fn take(
        &self,
        position: &mut Position<W>,
        color: Color,
        piece: PieceType,
        square: Square,
        pawn: Option<PieceType>,
    ) {
        let promoted = position.promoted.has(square) && !self.hands.drop_loop;
        let origin = position.origin(square);
        position.remove(self.zobrist, color, piece, square);
        if self.hands.captures_to_hand {
            let held = if promoted { origin.or(pawn).unwrap_or(piece) } else { piece };
            position.change_hand(self.zobrist, !color, held, true);
        }
    }

    /// Blows up the men around a capture on `to`, or turns the man that captured into a wall.
    fn explode(&self, position: &mut Position<W>, capturer: PieceType, to: Square) {
        let petrifies = self.captures.petrify >> capturer.0 & 1 == 1;
        let blast = if self.captures.blast {
            let pawns = self.roles.pawn.map_or(W::EMPTY, |p| position.of_type(p));
            let near = W::at(&self.lines.neighbours, to) & position.men() & !pawns;
            (near | W::bit(to)) & position.men() & !position.of_types(self.captures.blast_immune)
        } else if petrifies {
            W::bit(to)
        } else {
            W::EMPTY
        };
        for square in squares(blast) {
            let Some((color, piece)) = position.piece_on(square) else { continue };
            self.take(position, color, piece, square, self.roles.pawn);
            for side in 0..2 {
                for wing in 0..2 {
                    let right = 2 * side + wing;
                    if [position.castling_king[side], position.castling_rook[right]].contains(&square.0) {
                        position.castling &= !(1 << right);
                    }
                }
            }
            let petrified =
                if square == to { self.captures.petrify >> piece.0 & 1 == 1 } else { self.captures.petrify_blast };
            if petrified {
                position.toggle_wall(self.zobrist, square);
            }
        }
    }
}
