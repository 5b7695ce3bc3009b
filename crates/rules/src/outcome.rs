//! When a game is over, and who has won.

use crate::board::{Color, MoveKind, MoveList, Outcome, PieceType, Position, Square, Value, Word, rider, squares};
use crate::history::History;
use crate::rules::{Ending, EndingKind};
use crate::rules::{Material, Rules};

impl<W: Word> Rules<W> {
    /// The result of the game in `position` by the variant's own rules, if it has ended. See [`Rules::ending`].
    #[must_use]
    #[inline]
    pub fn outcome(&self, position: &Position<W>, moves: &MoveList, history: &History<W>) -> Option<Outcome> {
        self.ending(position, moves, history).map(|ending| ending.outcome)
    }

    /// How the game has ended in `position`, if it has. `moves` are its legal moves, `history` the positions before it.
    #[must_use]
    #[inline]
    pub fn ending(&self, position: &Position<W>, moves: &MoveList, history: &History<W>) -> Option<Ending> {
        let turn = position.turn();
        if moves.is_empty() {
            return self.immediate_ending(position).or_else(|| Some(self.ending_without_moves(position)));
        }
        let by_mover =
            |kind, value| Some(Ending { kind, favours: Some(!turn), outcome: Outcome::from_value(value, turn) });
        let clock = position.halfmove_clock();
        if self.tallies.n_move_rule > 0 && clock >= 2 * self.tallies.n_move_rule {
            let grace = if self.repetition.chasing { history.checks_beyond_ten(self, position) } else { 0 };
            if clock - grace.min(clock) >= 2 * self.tallies.n_move_rule {
                return by_mover(EndingKind::MoveRule, self.draw_value(position));
            }
        }
        if self.repetition.n_fold > 0
            && let Some(value) = history.repetition_value(self, position)
        {
            let value = if value == Value::Draw { self.draw_value(position) } else { value };
            return by_mover(EndingKind::Repetition, value);
        }
        let (limit, counted) = position.counting;
        if self.tallies.counting.is_some() && limit > 0 && counted > limit {
            return by_mover(EndingKind::Counting, Value::Draw);
        }
        if self.promotion.sittuyin && self.only_promotions_left(position, moves) {
            return by_mover(EndingKind::Stalemate, Value::Draw);
        }
        self.count_of_men(position)
    }

    /// The end of the game at the ply at which men are counted.
    fn count_of_men(&self, position: &Position<W>) -> Option<Ending> {
        let ply = self.payoff.count_at_ply()?;
        if position.ply() < ply {
            return None;
        }
        let [white, black] = [Color::White, Color::Black].map(|side| position.color(side).count());
        let favours = match white.cmp(&black) {
            std::cmp::Ordering::Greater => Some(Color::White),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Less => Some(Color::Black),
        };
        let outcome = match favours {
            Some(Color::White) => Outcome::WhiteWins,
            Some(Color::Black) => Outcome::BlackWins,
            None => Outcome::Draw,
        };
        Some(Ending { kind: EndingKind::Count, favours, outcome })
    }

    /// Whether every decided game ends by a move of the winner, so that the side to move has never won. True of chess. Says no where
    /// that is not plain from the rules: where a stalemate, a repetition, a goal or an illegal mate may favour the side to move.
    #[must_use]
    pub fn mover_never_has_won(&self) -> bool {
        let favoured =
            [self.mates.stalemate_value, self.mates.checkmate_value, self.repetition.value].contains(&Value::Win);
        let illegal_mates = self.mates.pawn_drop_mate_illegal || self.mates.shatar;
        let counted = self.tallies.material.is_some() || !self.payoff.is_default();
        let judged =
            self.plan.immediate_ends || self.mates.stalemate_piece_count || counted || self.repetition.judges_moves();
        !(favoured || illegal_mates || judged)
    }

    /// In sittuyin a lone king and pawn that can do nothing but promote are stalemated.
    fn only_promotions_left(&self, position: &Position<W>, moves: &MoveList) -> bool {
        let turn = position.turn();
        position.color(turn).count() == 2
            && self.roles.pawn.is_some_and(|pawn| position.count(turn, pawn) == 1)
            && !self.king_attacked(position, turn)
            && moves.iter().all(|mv| mv.kind() == MoveKind::Promotion)
    }

    /// What a draw is worth to the side to move, where material can decide one.
    fn draw_value(&self, position: &Position<W>) -> Value {
        let Some(material) = self.tallies.material else { return Value::Draw };
        let white = match material {
            Material::WhiteDrawOdds => 1,
            Material::BlackDrawOdds => -1,
            Material::Unweighted => {
                let men = |side| i64::from(position.color(side).count());
                men(Color::White) - men(Color::Black)
            }
            Material::Janggi => {
                // Points of the Korea Janggi Association; White, who moves first, gives half a point or more.
                let roles = &self.roles;
                let worth = [
                    (roles.rook, 13),
                    (roles.janggi_cannon, 7),
                    (roles.horse, 5),
                    (roles.janggi_elephant, 3),
                    (roles.wazir, 3),
                    (roles.soldier, 2),
                ];
                let points = |side| -> i64 {
                    worth.iter().filter_map(|(t, n)| t.map(|t| n * i64::from(position.count(side, t)))).sum()
                };
                if points(Color::White) - points(Color::Black) > 1 { 1 } else { -1 }
            }
        };
        match if position.turn() == Color::White { white } else { -white } {
            1.. => Value::Win,
            0 => Value::Draw,
            _ => Value::Loss,
        }
    }

    /// Mate or stalemate, where the side to move has no move.
    fn ending_without_moves(&self, position: &Position<W>) -> Ending {
        let turn = position.turn();
        let checkers = self.checkers(position);
        let (kind, value) = if checkers.any() {
            (EndingKind::Checkmate, self.checkmate_value(position, checkers))
        } else if self.checked_pseudo_royals(position, turn).any() {
            (EndingKind::Checkmate, self.mates.checkmate_value)
        } else {
            (EndingKind::Stalemate, self.stalemate_value(position))
        };
        Ending { kind, favours: Some(!turn), outcome: Outcome::from_value(value, turn) }
    }

    /// What it is worth to the side to move to be stalemated.
    fn stalemate_value(&self, position: &Position<W>) -> Value {
        let turn = position.turn();
        let mut value = self.mates.stalemate_value;
        if self.mates.stalemate_piece_count {
            let (own, other) = (position.color(turn).count(), position.color(!turn).count());
            value = match own.cmp(&other) {
                std::cmp::Ordering::Less => value,
                std::cmp::Ordering::Equal => Value::Draw,
                std::cmp::Ordering::Greater => value.turned(),
            };
        }
        if value == Value::Draw { self.draw_value(position) } else { value }
    }

    fn checkmate_value(&self, position: &Position<W>, checkers: W) -> Value {
        let only = |piece| self.of_role(position, piece, checkers) == checkers;
        // A pawn must not be dropped to mate.
        if self.mates.pawn_drop_mate_illegal && position.past.material && only(self.roles.shogi_pawn) {
            return Value::Win;
        }
        if self.mates.shatar {
            // Mate by a knight is illegal; without a strong check in the series it is a draw.
            if only(self.roles.knight) {
                return Value::Win;
            }
            if !position.past.shak[position.turn().index()] {
                return Value::Draw;
            }
        }
        self.mates.checkmate_value
    }

    fn of_role(&self, position: &Position<W>, role: Option<PieceType>, men: W) -> W {
        role.map_or(W::EMPTY, |t| position.of_type(t) & men)
    }

    /// Ends that need no look at the moves: extinction, flags, castling, checks, passing twice, a full board.
    pub(crate) fn immediate_ending(&self, position: &Position<W>) -> Option<Ending> {
        if !self.plan.immediate_ends {
            return None;
        }
        let turn = position.turn();
        let lost = |kind, side: Color| {
            Some(Ending { kind, favours: Some(!side), outcome: Outcome::from_value(Value::Loss, side) })
        };
        if let Some(ending) = self.extinction_ending(position) {
            return Some(ending);
        }
        if let Some(flags) = &self.flags {
            let reached = |side: Color| self.flag_reached(position, side);
            if (flags.extra_move || flags.safe) && reached(turn) {
                let answered = flags.extra_move && turn == Color::White && self.flags_with_king(!turn)
                    || flags.safe && !flags.extra_move;
                if answered && reached(!turn) {
                    return Some(Ending { kind: EndingKind::Flag, favours: None, outcome: Outcome::Draw });
                }
                return lost(EndingKind::Flag, !turn);
            }
            if (!flags.extra_move || flags.safe || self.flags_with_king(turn))
                && reached(!turn)
                && !self.king_can_follow(position)
            {
                return lost(EndingKind::Flag, turn);
            }
        }
        if let Some(castling) = self.castling.as_ref().filter(|c| c.wins != 0) {
            let rights = |side: Color| castling.wins & 3 << (2 * side.index());
            if let Some(mv) = position.past.last.filter(|mv| mv.is_castling()) {
                let wing = self.castling_side(mv).unwrap_or(0);
                if castling.wins >> (2 * (!turn).index() + wing) & 1 == 1 {
                    return lost(EndingKind::Castling, turn);
                }
            }
            for side in [!turn, turn] {
                if rights(side) != 0 && position.castling & rights(side) == 0 {
                    return lost(EndingKind::Castling, side);
                }
            }
        }
        if self.tallies.check_counting && position.checks_left[(!turn).index()] == 0 {
            return lost(EndingKind::Checks, turn);
        }
        let past = &position.past;
        let facing = past.last.is_some() && past.facing_before && self.kings.bikjang && self.kings_face(position);
        let passed = past.passed && past.passed_before && !self.walls.or_move;
        let full = self.tallies.full_board_ends && (self.squares.all & !position.occupied()).is_empty();
        let kinds = [(facing, EndingKind::Bikjang), (passed, EndingKind::Passes), (full, EndingKind::FullBoard)];
        let (_, kind) = kinds.into_iter().find(|(holds, _)| *holds)?;
        Some(Ending { kind, favours: Some(!turn), outcome: Outcome::from_value(self.draw_value(position), turn) })
    }

    fn extinction_ending(&self, position: &Position<W>) -> Option<Ending> {
        let extinction = self.extinction.as_ref().filter(|e| !e.pseudo_royal || self.captures.blast)?;
        let value = extinction.value?;
        let turn = position.turn();
        for side in [!turn, turn] {
            let claim = u32::from(extinction.claim && side == turn);
            let gone = |own: u32, other: u32| own <= extinction.count && other >= extinction.opponent_count + claim;
            let ending = Ending {
                kind: EndingKind::Extinction,
                favours: Some(!side),
                outcome: Outcome::from_value(value, side),
            };
            let mut types = extinction.types;
            while types != 0 {
                let piece = PieceType(types.trailing_zeros() as u8);
                let count = |side: Color| position.count(side, piece) + position.in_hand(side, piece);
                if gone(count(side), count(!side)) {
                    return Some(ending);
                }
                types &= types - 1;
            }
            let all = |side: Color| {
                position.color(side).count() + if self.hands.drops.is_some() { position.hand_size(side) } else { 0 }
            };
            if extinction.all && gone(all(side), all(!side)) {
                return Some(ending);
            }
        }
        None
    }

    fn flags_with_king(&self, side: Color) -> bool {
        self.roles.king.is_some() && self.flags.as_ref().is_some_and(|f| f.piece[side.index()] == self.roles.king)
    }

    /// Whether a side stands on enough of its squares.
    fn flag_reached(&self, position: &Position<W>, side: Color) -> bool {
        let Some(flags) = &self.flags else { return false };
        let i = side.index();
        if flags.absent[i] {
            return false;
        }
        let men = flags.piece[i].map_or_else(|| position.color(side), |p| position.pieces(side, p));
        let there = flags.region[i] & men;
        if there.is_empty() {
            return false;
        }
        let blocked = flags.blocked_win && (flags.region[i] & !position.occupied()).is_empty();
        if there.count() < flags.count && !blocked {
            return false;
        }
        if flags.safe && (!flags.extra_move || side != position.turn()) && there.count() == flags.count {
            return squares(there).all(|s| self.attackers(position, s, !side, position.occupied()).is_empty());
        }
        true
    }

    /// Racing kings: Black may still reach the last rank after White has.
    fn king_can_follow(&self, position: &Position<W>) -> bool {
        let turn = position.turn();
        let Some(flags) = self.flags.as_ref().filter(|f| f.extra_move) else { return false };
        if turn == Color::White || !self.flags_with_king(turn) || self.king_attacked(position, turn) {
            return false;
        }
        let region = flags.region[turn.index()];
        let (Some(royal), Some(king)) = (self.roles.king, self.king(position, turn)) else { return false };
        if (self.mover(turn, royal).capture.targets(&self.lines, king, position.occupied()) & region).is_empty() {
            return false;
        }
        let mut moves = MoveList::new();
        self.moves_in_play(position, &mut moves);
        moves.iter().any(|mv| mv.from() == king && !mv.is_drop() && region.has(mv.to()))
    }

    /// Squares on which the last move's side newly attacks men that it must not chase for ever (Asian xiangqi rules).
    pub(crate) fn chased(&self, position: &Position<W>, before: Option<&Position<W>>) -> W {
        let Some(last) = position.past.last else { return W::EMPTY };
        let us = position.turn();
        let them = !us;
        let roles = &self.roles;
        let occupied = position.occupied();
        let of = |role: Option<PieceType>, side: Color| role.map_or(W::EMPTY, |t| position.pieces(side, t));
        let (Some(king), Some(their_king)) = (self.king(position, us), self.king(position, them)) else {
            return W::EMPTY;
        };
        let mut pins = self.blockers(position, us);
        if self.kings.flying_general {
            let file: W = self.board.region(|f, _| f == self.board.file(their_king));
            let men = file & position.color(us);
            let kings = W::bit(king) | W::bit(their_king);
            if men.has(king) && !(men & !kings).several() {
                pins |= men & !kings;
            }
        }
        let exempt = W::bit(king) | of(roles.soldier, us) & !self.pieces.promoted_soldiers[us.index()];
        let mut chased = W::EMPTY;
        let add = |from: Square, piece: PieceType, attacks: W, chased: &mut W| {
            if (attacks & !*chased).is_empty() {
                return;
            }
            let mut attacks = attacks & !exempt;
            let is = |role: Option<PieceType>| role == Some(piece);
            if is(roles.horse) || is(roles.cannon) {
                *chased |= attacks & of(roles.rook, us);
            }
            if is(roles.elephant) || is(roles.fers) {
                *chased |= attacks & (of(roles.rook, us) | of(roles.cannon, us) | of(roles.horse, us));
            }
            // Men that attack each other do not chase, but for a horse whose way back is barred and for pinned men.
            let near_diagonal = W::at(&self.lines.neighbours, from) & self.lines.attacks(rider::BISHOP, from, W::EMPTY);
            if is(roles.horse) && (near_diagonal & occupied).any() {
                for horse in squares(attacks & position.pieces(us, piece)) {
                    if self.mover(us, piece).capture.targets(&self.lines, horse, occupied).has(from) {
                        attacks &= !W::bit(horse);
                    }
                }
            } else {
                attacks &= !position.pieces(us, piece) | pins;
            }
            for square in squares(attacks) {
                let without = occupied & !W::bit(from);
                let roots = self.attackers(position, square, us, without) & !pins;
                let only_king = self.kings.flying_general
                    && roots == W::bit(king)
                    && self.lines.attacks(rider::ROOK, their_king, without).has(square);
                if roots.is_empty() || only_king {
                    *chased |= W::bit(square);
                }
            }
        };
        let (from, to) = (last.from(), last.to());
        let line = |a: Square, b: Square| -> W {
            let beyond = self.lines.attacks(rider::QUEEN, a, W::EMPTY) & self.lines.attacks(rider::QUEEN, b, W::EMPTY);
            let same = |f: bool| -> W {
                self.board.region(|file, rank| {
                    if f {
                        file == self.board.file(a) && file == self.board.file(b)
                    } else {
                        rank == self.board.rank(a) && rank == self.board.rank(b)
                    }
                })
            };
            (beyond | W::bit(a) | W::bit(b)) & (same(true) | same(false))
        };
        if let Some((_, piece)) = position.piece_on(to)
            && Some(piece) != self.roles.king
            && Some(piece) != roles.soldier
        {
            let mut attacks = self.mover(them, piece).targets(self, position, them, to) & position.color(us);
            if Some(piece) == roles.rook || Some(piece) == roles.cannon {
                attacks &= !line(from, to);
            }
            add(to, piece, attacks, &mut chased);
        }
        let straight = |s: Square| self.lines.attacks(rider::ROOK, s, W::EMPTY);
        let beside = |s: Square| W::at(&self.lines.neighbours, s) & straight(s);
        let corner = |s: Square| W::at(&self.lines.neighbours, s) & !straight(s);
        let candidates = beside(from) & of(roles.horse, them)
            | corner(from) & of(roles.elephant, them)
            | straight(from) & (of(roles.cannon, them) | of(roles.rook, them))
            | straight(to) & of(roles.cannon, them);
        for square in squares(candidates) {
            let piece = position.type_at(square);
            let reach = &self.mover(them, piece).capture;
            let earlier = (if position.past.captured { occupied } else { occupied & !W::bit(to) }) ^ W::bit(from);
            let discovered = position.color(us)
                & reach.targets(&self.lines, square, occupied)
                & !reach.targets(&self.lines, square, earlier);
            add(square, piece, discovered, &mut chased);
        }
        if let Some(before) = before {
            let fresh = self.blockers(position, us) & !self.blockers(before, us);
            for square in squares(fresh & position.color(us)) {
                let piece = position.type_at(square);
                let rooted =
                    position.color(us) & !exempt & self.mover(us, piece).capture.targets(&self.lines, square, occupied);
                for other in squares(rooted) {
                    let attackers = self.attackers(position, other, them, occupied);
                    if (attackers & !self.blockers(position, them)).any() {
                        chased |= W::bit(other);
                    }
                }
            }
            let king_reach =
                self.roles.king.map_or(W::EMPTY, |royal| self.mover(us, royal).targets(self, position, us, king));
            for square in squares(fresh & position.color(them)) {
                let piece = position.type_at(square);
                let attacks = self.mover(them, piece).targets(self, position, them, square) & position.color(us);
                chased |= attacks & !king_reach;
                for other in squares(attacks & king_reach) {
                    let without = occupied & !W::bit(square) & !W::bit(king);
                    if (self.attackers(position, other, them, without) & !W::bit(square)).any() {
                        chased |= W::bit(other);
                    }
                }
            }
        }
        chased
    }

    /// Men of both sides whose going would lay a side's king open to a rider.
    fn blockers(&self, position: &Position<W>, side: Color) -> W {
        let Some(king) = self.king(position, side) else { return W::EMPTY };
        let occupied = position.occupied();
        let safe = self.attackers(position, king, !side, occupied);
        let near = self.zone(!side, king) & position.men() & !W::bit(king);
        squares(near)
            .filter(|s| {
                let without = occupied & !W::bit(*s);
                (self.attackers(position, king, !side, without) & without & !safe).any()
            })
            .fold(W::EMPTY, |set, s| set | W::bit(s))
    }
}
