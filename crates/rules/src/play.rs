//! Making moves.

use crate::board::{Color, Move, MoveKind, Past, PieceType, Position, Square, Word, rider, squares};
use crate::rules::{Counting, Rules, Walling};

impl<W: Word> Rules<W> {
    /// Plays a legal move. A move that is not legal in `position` leaves a position without meaning.
    #[inline]
    pub fn play(&self, position: &mut Position<W>, mv: Move) {
        if self.plan.plain_play {
            self.play_plainly(position, mv);
        } else {
            self.play_fully(position, mv);
        }
    }

    /// Makes `next` the position after a legal move. `next` must be `position` itself or one that came from it by this function.
    #[inline]
    pub(crate) fn play_from(&self, position: &Position<W>, next: &mut Position<W>, mv: Move) {
        if self.plan.plain_play {
            next.return_to(position);
            self.play_plainly(next, mv);
        } else {
            *next = *position;
            self.play_fully(next, mv);
        }
    }

    /// Moves of variants in which men only move, capture, promote and castle.
    #[inline]
    fn play_plainly(&self, position: &mut Position<W>, mv: Move) {
        let us = position.turn;
        let (from, to) = (mv.from(), mv.to());
        let zobrist = self.zobrist;
        let piece = position.type_at(from);
        let captures = position.color(!us).has(to);
        let mut key = position.key ^ zobrist.turn();
        if captures {
            key ^= zobrist.man(!us, position.type_at(to), to);
        }
        position.key = key;
        if position.en_passant.any() {
            self.forget_en_passant(position);
        }
        self.count_ply(position, us);
        if mv.is_normal() {
            position.en_passant = W::EMPTY;
            position.shift(zobrist, us, (piece, piece), from, to);
            if captures || self.only_forward(us, piece, mv) {
                position.halfmove_clock = 0;
            }
        } else {
            self.play_specially(position, mv, piece, captures);
        }
        if position.castling != 0 && (position.castling_men & (W::bit(from) | W::bit(to))).any() {
            self.turn_castling(position);
            self.drop_rights(position, us, mv);
            self.turn_castling(position);
        }
        position.turn = !us;
        if self.plan.long_steps >> piece.0 & 1 == 1 && (self.roles.pawn != Some(piece) || self.is_long_step(from, to)) {
            self.set_en_passant(position, us, piece, mv);
            self.find_capturable(position);
            position.key ^= self.zobrist.en_passant(position.capturable);
        }
    }

    /// Takes out of the key where men can be captured in passing.
    #[cold]
    fn forget_en_passant(&self, position: &mut Position<W>) {
        position.key ^= self.zobrist.en_passant(position.capturable);
        position.capturable = W::EMPTY;
    }

    /// Finds out on which squares of [`Position::en_passant`] a legal move captures, in a position that is complete but for its key.
    pub(crate) fn find_capturable(&self, position: &mut Position<W>) {
        if position.en_passant.any() {
            position.capturable = self.captures_in_passing(position);
        }
    }

    /// The part of the key that tells the castling rights, put in or taken out.
    fn turn_castling(&self, position: &mut Position<W>) {
        position.key ^= self.zobrist.castling(position.castling);
    }

    /// The men's part of castling, promotions and captures in passing.
    #[cold]
    fn play_specially(&self, position: &mut Position<W>, mv: Move, piece: PieceType, captures: bool) {
        let us = position.turn;
        let (from, to) = (mv.from(), mv.to());
        if mv.kind() == MoveKind::EnPassant {
            let victim = self.passed_man(position, us, to);
            position.toggle(self.zobrist, !us, position.type_at(victim), victim);
            position.halfmove_clock = 0;
        }
        position.en_passant = W::EMPTY;
        if mv.is_castling() {
            self.castle(position, us, mv);
        } else {
            position.shift(self.zobrist, us, (piece, mv.promotion().unwrap_or(piece)), from, to);
        }
        if captures || self.cannot_be_undone(us, piece, mv) {
            position.halfmove_clock = 0;
        }
    }

    /// Whether a pawn's move is by two or three squares.
    #[inline]
    fn is_long_step(&self, from: Square, to: Square) -> bool {
        let distance = from.0.abs_diff(to.0);
        distance == 2 * self.board.files || distance == 3 * self.board.files
    }

    #[inline]
    fn count_ply(&self, position: &mut Position<W>, us: Color) {
        position.halfmove_clock = position.halfmove_clock.saturating_add(1);
        if us == Color::Black {
            position.fullmove = position.fullmove.saturating_add(1);
        }
    }

    /// Whether a move that captures nothing still starts the count of the n-move rule anew.
    #[inline]
    fn cannot_be_undone(&self, us: Color, piece: PieceType, mv: Move) -> bool {
        match mv.kind() {
            MoveKind::Promotion | MoveKind::Drop | MoveKind::PromotedDrop => true,
            MoveKind::PiecePromotion if !self.promotion.demotion => true,
            _ => self.only_forward(us, piece, mv),
        }
    }

    /// Whether a man of a type that counts for the n-move rule could not go back.
    #[inline]
    fn only_forward(&self, us: Color, piece: PieceType, mv: Move) -> bool {
        self.tallies.n_move_types[us.index()] >> piece.0 & 1 == 1
            && (self.roles.pawn == Some(piece) || !W::at(&self.mover(us, piece).quiet.widest, mv.to()).has(mv.from()))
    }

    /// Moves king and rook.
    #[cold]
    fn castle(&self, position: &mut Position<W>, us: Color, mv: Move) {
        let Some((king, king_to, rook, rook_to)) =
            self.castling_side(mv).and_then(|side| self.castling_squares(position, us, side))
        else {
            return;
        };
        let (king_type, rook_type) = (position.type_at(king), position.type_at(rook));
        position.remove(self.zobrist, us, king_type, king);
        position.remove(self.zobrist, us, rook_type, rook);
        position.toggle(self.zobrist, us, king_type, king_to);
        position.toggle(self.zobrist, us, rook_type, rook_to);
    }

    /// Takes away castling rights that a move from or to the castling men's squares ends.
    #[cold]
    fn drop_rights(&self, position: &mut Position<W>, us: Color, mv: Move) {
        let (from, to) = (mv.from(), mv.to());
        for side in 0..2 {
            for wing in 0..2 {
                let right = 2 * side + wing;
                if position.castling >> right & 1 == 0 {
                    continue;
                }
                let (king, rook) = (position.castling_king[side], position.castling_rook[right]);
                let touched = |s: Square| s.0 == king || s.0 == rook;
                if touched(from) || touched(to) {
                    position.castling &= !(1 << right);
                }
            }
        }
        let opposite = self.castling.as_ref().is_some_and(|c| c.opposite);
        if opposite && mv.is_castling() {
            let wing = usize::from(self.castling.as_ref().is_some_and(|c| c.king_file_to[0] != self.board.file(to)));
            position.castling &= !(1 << (2 * (!us).index() + wing));
        }
    }

    /// Notes the squares on which a man that took a long first step can be captured.
    #[cold]
    fn set_en_passant(&self, position: &mut Position<W>, us: Color, piece: PieceType, mv: Move) {
        let (from, to) = (mv.from(), mv.to());
        let region = self.pawns.en_passant_region[(!us).index()];
        if self.roles.pawn == Some(piece) {
            let files = self.board.files;
            if !self.is_long_step(from, to) || !matches!(mv.kind(), MoveKind::Normal | MoveKind::Gate) {
                return;
            }
            let steps = from.0.abs_diff(to.0) / files - 1;
            let others = self.pawns.en_passant_types[(!us).index()] & !(1 << piece.0) != 0;
            let ready = position.pieces(!us, piece);
            for n in 1..=steps {
                let behind = Square(if us == Color::White { to.0 - n * files } else { to.0 + n * files });
                let seen = || (W::at(&self.mover(us, piece).capture.leaps, behind) & ready).any();
                if region.has(behind) && (others || seen()) && mv.wall() != Some(behind) {
                    position.en_passant |= W::bit(behind);
                }
            }
        } else if self.roles.king != Some(piece)
            && let Some(initial) = &self.mover(us, piece).initial
            && matches!(mv.kind(), MoveKind::Normal | MoveKind::Gate | MoveKind::EnPassant | MoveKind::Leap)
            && W::at(&initial.widest, from).has(to)
            && !W::at(&self.mover(us, piece).quiet.widest, from).has(to)
        {
            position.en_passant = (self.lines.between(from, to) | W::bit(to)) & region;
        }
    }

    /// Any move of any variant.
    fn play_fully(&self, position: &mut Position<W>, mv: Move) {
        self.make(position, mv);
        self.find_capturable(position);
        position.key ^= position.state_key(self.zobrist);
    }

    /// The board that a move leaves, the move being legal or not. What the key says of it is of no use.
    pub(crate) fn board_after(&self, position: &Position<W>, mv: Move) -> Position<W> {
        let mut next = *position;
        if self.plan.plain_play {
            self.play_plainly(&mut next, mv);
        } else {
            self.make(&mut next, mv);
        }
        next
    }

    /// Any move of any variant, but for what the key tells of the new state. Looks at no other moves.
    fn make(&self, position: &mut Position<W>, mv: Move) {
        let us = position.turn;
        let (from, to, kind) = (mv.from(), mv.to(), mv.kind());
        let zobrist = self.zobrist;
        let passing = kind == MoveKind::Pass;
        let past = Past {
            last: Some(mv),
            passed: passing,
            passed_before: position.past.passed,
            facing_before: self.kings.bikjang && self.kings_face(position),
            shak: position.past.shak,
            ..Past::default()
        };
        position.key ^= position.state_key(zobrist);
        self.count_ply(position, us);
        if position.counting.0 > 0 {
            position.counting.1 = position.counting.1.saturating_add(1);
        }
        let piece = if mv.is_drop() { self.dropped(mv) } else { position.type_at(from) };
        let captures = !passing && !mv.is_castling() && self.is_capture(position, mv);
        let victim = if kind == MoveKind::EnPassant { self.passed_man(position, us, to) } else { to };
        let mut captured = None;
        if captures && let Some((color, victim_type)) = position.piece_on(victim) {
            captured = Some(victim_type);
            self.take(position, color, victim_type, victim, self.promotion.main_pawn[color.index()]);
            position.halfmove_clock = 0;
        }
        position.en_passant = W::EMPTY;
        position.capturable = W::EMPTY;
        if self.cannot_be_undone(us, piece, mv) {
            position.halfmove_clock = 0;
        }
        let castled_rook = if mv.is_castling() { self.castling_rook(position, us, mv) } else { None };
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
        if !mv.is_drop() && !passing && position.castling != 0 {
            self.drop_rights(position, us, mv);
        }
        match (kind, mv.promotion()) {
            (MoveKind::Promotion | MoveKind::PiecePromotion, Some(into)) => {
                position.remove(zobrist, us, piece, to);
                position.toggle(zobrist, us, into, to);
                if kind == MoveKind::PiecePromotion {
                    position.mark(to, Some(piece));
                } else if self.plan.marks_promoted {
                    position.mark(to, None);
                }
            }
            (MoveKind::Demotion, Some(into)) => {
                position.remove(zobrist, us, piece, to);
                position.toggle(zobrist, us, into, to);
            }
            (MoveKind::Drop | MoveKind::PromotedDrop, _) => {}
            _ => self.set_en_passant(position, us, piece, mv),
        }
        if self.gates.gating {
            self.pass_gates(position, us, piece, mv, castled_rook);
        }
        if captured.is_some() && (self.captures.blast || self.captures.petrify != 0) {
            self.explode(position, piece, to);
        }
        if let Some(wall) = mv.wall() {
            if self.walls.rule == Some(Walling::Duck) {
                for old in squares(position.walls) {
                    position.toggle_wall(zobrist, old);
                }
            }
            if !position.walls.has(wall) {
                position.toggle_wall(zobrist, wall);
            }
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

    /// Takes a man off the board, to the other side's hand where men change sides.
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

    /// Castling rights of a king or rook that was dropped on its square.
    fn gain_rights(&self, position: &mut Position<W>, us: Color, piece: PieceType, to: Square) {
        let Some(castling) = self.castling.as_ref().filter(|c| c.dropped) else { return };
        let side = us.index();
        let home = castling.rank[side];
        if self.board.rank(to) != home || home >= self.board.ranks || castling.king_file >= self.board.files {
            return;
        }
        let at = |file: u8| Square(home * self.board.files + file);
        let king = at(castling.king_file);
        let is_rook = |square: Square| {
            position.color(us).has(square) && castling.rook_pieces[side] >> position.type_at(square).0 & 1 == 1
        };
        let mut rooks = Vec::new();
        if castling.king_piece[side] == Some(piece) && to == king {
            rooks.extend([at(0), at(self.board.files - 1)].into_iter().filter(|s| is_rook(*s)));
        } else if is_rook(to)
            && [0, self.board.files - 1].contains(&self.board.file(to))
            && position.color(us).has(king)
            && castling.king_piece[side] == Some(position.type_at(king))
        {
            rooks.push(to);
        }
        for rook in rooks {
            let wing = usize::from(rook.0 < king.0);
            position.castling |= 1 << (2 * side + wing);
            position.castling_men |= W::bit(king) | W::bit(rook);
            position.castling_king[side] = king.0;
            position.castling_rook[2 * side + wing] = rook.0;
        }
    }

    /// Men from the hand that follow a move, and gates that close.
    fn pass_gates(&self, position: &mut Position<W>, us: Color, piece: PieceType, mv: Move, rook: Option<Square>) {
        let (from, to) = (mv.from(), mv.to());
        let gate = match mv.kind() {
            MoveKind::Gate | MoveKind::CastlingGateKing => Some(from),
            MoveKind::CastlingGateRook => rook,
            _ => None,
        };
        if let (Some(gate), Some(gated)) = (gate, mv.promotion()) {
            position.toggle(self.zobrist, us, gated, gate);
            position.change_hand(self.zobrist, us, gated, false);
            position.gates[us.index()] &= !W::bit(gate);
        }
        let (ours, theirs) = (us.index(), (!us).index());
        if !mv.is_drop() {
            position.gates[ours] &= !W::bit(from);
        }
        if let Some(rook) = rook {
            position.gates[ours] &= !W::bit(rook);
        }
        position.gates[theirs] &= !W::bit(to);
        if self.gates.seirawan && position.hand_size(us) == 0 && !self.hands.captures_to_hand {
            position.gates[ours] = W::EMPTY;
        }
        if self.gates.cambodian
            && self.roles.rook == Some(piece)
            && let Some(king) = self.king(position, !us)
            && self.lines.attacks(rider::ROOK, to, W::EMPTY).has(king)
        {
            position.gates[theirs] &= !W::bit(king);
        }
    }

    /// What a capture on `to` does to the men around it, or to the one that captured.
    fn explode(&self, position: &mut Position<W>, capturer: PieceType, to: Square) {
        let stone = self.captures.petrify >> capturer.0 & 1 == 1;
        let blast = if self.captures.blast {
            let pawns = self.roles.pawn.map_or(W::EMPTY, |p| position.of_type(p));
            let near = W::at(&self.lines.neighbours, to) & position.men() & !pawns;
            (near | W::bit(to)) & position.men() & !position.of_types(self.captures.blast_immune)
        } else if stone {
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

    /// Remembers whether the checks on the side to move go on, and whether one was by a knight, rook or dragon.
    pub(crate) fn note_shak(&self, position: &mut Position<W>) {
        let checkers = self.checkers(position);
        let strong = [self.roles.knight, self.roles.rook, self.roles.bers];
        let shak = strong.into_iter().flatten().any(|t| (position.of_type(t) & checkers).any());
        let series = &mut position.past.shak[position.turn.index()];
        *series = checkers.any() && (shak || *series);
    }

    /// Begins a count to a draw where the men that are left call for one (makruk and its kin).
    fn start_counting(
        &self,
        position: &mut Position<W>,
        rule: Counting,
        us: Color,
        captured: Option<PieceType>,
        promoted: bool,
    ) {
        let counts = [Color::White, Color::Black].map(|side| position.color(side).count() as u16);
        let men = |side: Color| counts[side.index()];
        let pawns = self.roles.pawn.map_or(0, |p| position.of_type(p).count());
        let pawn_taken = captured.is_some() && captured == self.roles.pawn;
        let both = men(us) + men(!us);
        if rule != Counting::Asean && pawn_taken && men(us) == 1 && pawns == 0 {
            let limit = self.count_limit(position, rule, us);
            if limit > 0 {
                position.counting = (2 * limit, 2 * both - 1);
            }
        }
        let side = !us;
        let lone = men(side) == 1;
        if position.counting.0 == 0 || (captured.is_some() || promoted) && lone {
            let limit = self.count_limit(position, rule, side);
            if limit > 0 {
                position.counting = (2 * limit, if rule == Counting::Asean || !lone { 0 } else { 2 * both });
            }
        }
    }

    /// Full moves that `side` counts to a draw, 0 if it does not count.
    fn count_limit(&self, position: &Position<W>, rule: Counting, side: Color) -> u16 {
        let has = |piece: Option<PieceType>| piece.map_or(0, |p| position.count(!side, p));
        let pawns = self.roles.pawn.map_or(0, |p| position.of_type(p).count());
        let (own, other) = (position.color(side).count(), position.color(!side).count());
        let (rooks, silvers, knights) = (has(self.roles.rook), has(self.roles.silver), has(self.roles.knight));
        match rule {
            Counting::Makruk | Counting::Cambodian => {
                let makruk = rule == Counting::Makruk;
                if other == 1 || (if makruk { pawns > 0 } else { own > 3 }) {
                    return 0;
                }
                let less = u16::from(!makruk);
                if own > 1 {
                    return 64 - less;
                }
                if pawns > 0 {
                    return 0;
                }
                let limit = match (rooks, silvers, knights) {
                    (2.., ..) => 8,
                    (1, ..) => 16,
                    (0, 2.., _) => 22,
                    (0, _, 2..) => 32,
                    (0, 1, _) => 44,
                    _ => 64,
                };
                limit - less
            }
            Counting::Asean => match (rooks, silvers, knights) {
                _ if pawns > 0 || own > 1 => 0,
                (1.., ..) => 16,
                (0, 1.., _) => 44,
                (0, 0, 1..) => 64,
                _ => 0,
            },
        }
    }
}
