//! Moves that need more than checks and pins: what only some variants generate, and how each move is tried.

use crate::board::{Color, Move, MoveKind, MoveList, PieceType, Position, Square, Word, rider, squares};
use crate::rules::{Rules, Walling};

/// What trying the moves of one position needs to know once.
struct Trial<W> {
    us: Color,
    king: Option<Square>,
    checkers: W,
    facing: bool,
    royals: W,
    their_royals: W,
    /// Squares that matter to attacks on the king.
    zone: W,
    /// Whether nothing is asked of a move of another man than the king but that it leaves the king safe, and it is safe now.
    calm: bool,
    /// Whether a wall can open a line to the king: for men that jump over one.
    hurdles: bool,
}

impl<W: Word> Trial<W> {
    /// Whether a move is legal as men that come and go outside the king's lines cannot expose it.
    #[inline]
    fn aside(&self, mv: Move) -> bool {
        let (from, to) = (mv.from(), mv.to());
        self.calm
            && matches!(mv.kind(), MoveKind::Normal | MoveKind::Promotion | MoveKind::PiecePromotion)
            && self.king != Some(from)
            && !(self.zone.has(from) || self.zone.has(to) || self.hurdle(mv))
    }

    /// Whether a move builds a wall that someone could jump over to the king.
    #[inline]
    fn hurdle(&self, mv: Move) -> bool {
        self.hurdles && mv.wall().is_some_and(|wall| self.zone.has(wall))
    }
}

impl<W: Word> Rules<W> {
    /// Adds what only some variants have: leaps from the first square, promotions on the spot, passing, men from the hand that
    /// follow a move, walls.
    pub(crate) fn add_unusual_moves(&self, position: &Position<W>, moves: &mut MoveList) {
        let us = position.turn();
        if self.promotion.sittuyin {
            self.add_sittuyin_promotions(position, us, moves);
        }
        if self.gates.cambodian && position.gates[us.index()].any() {
            self.add_cambodian_leaps(position, us, moves);
        }
        if self.passes.allowed[us.index()] || self.walls.or_move {
            let men = position.color(us);
            let king = self.king(position, us);
            if men.any() {
                let stays = king.unwrap_or_else(|| men.lowest());
                if self.passes.allowed[us.index()] && !self.walls.or_move {
                    moves.push(Move::of_kind(MoveKind::Pass, stays, stays));
                }
                if self.walls.or_move {
                    moves.push(Move::of_kind(MoveKind::Pass, men.lowest(), men.lowest()));
                }
            }
        }
        if self.gates.seirawan && position.gates[us.index()].any() {
            self.add_gates(position, us, moves);
        }
        if let Some(walling) = self.walls.rule {
            self.add_walls(position, us, walling, moves);
        }
    }

    fn add_sittuyin_promotions(&self, position: &Position<W>, us: Color, moves: &mut MoveList) {
        let Some(pawn) = self.roles.pawn else { return };
        let mut pawns = position.pieces(us, pawn);
        if pawns.several() {
            pawns &= self.promotion.region[us.index()];
        }
        for from in squares(pawns) {
            for piece in &self.promotion.choices[us.index()] {
                if !self.promotion.within_limit(position, us, *piece) {
                    continue;
                }
                let mover = self.mover(us, *piece);
                let mut reach = mover.capture.targets(&self.lines, from, position.occupied()) & mover.region;
                if self.roles.soldier == Some(*piece) {
                    // No soldier has crossed the river before it is one.
                    reach &= self.board.file_squares(self.board.file(from));
                }
                for to in squares((reach & self.squares.all & !position.occupied()) | W::bit(from)) {
                    let occupied = position.occupied() & !W::bit(from);
                    if (mover.capture.targets(&self.lines, to, occupied) & position.color(!us)).is_empty() {
                        moves.push(Move::of_kind(MoveKind::Promotion, from, to).with_piece(*piece));
                    }
                }
            }
        }
    }

    fn add_cambodian_leaps(&self, position: &Position<W>, us: Color, moves: &mut MoveList) {
        let up = if us == Color::White { 1 } else { -1 };
        let gates = position.gates[us.index()];
        let free = |s: &Square| !position.occupied().has(*s);
        if let Some(king) = self.king(position, us).filter(|k| gates.has(*k))
            && !self.king_attacked(position, us)
        {
            let leaps = [-2, 2].into_iter().filter_map(|files| self.board.step(king, up, files)).filter(free);
            moves.extend(leaps.map(|to| Move::of_kind(MoveKind::Leap, king, to)));
        }
        if let Some(fers) = self.roles.fers {
            for from in squares(position.pieces(us, fers) & gates) {
                let leap = self.board.step(from, 2 * up, 0).filter(free);
                moves.extend(leap.map(|to| Move::of_kind(MoveKind::Leap, from, to)));
            }
        }
    }

    fn add_gates(&self, position: &Position<W>, us: Color, moves: &mut MoveList) {
        let gates = position.gates[us.index()];
        let hand: Vec<(PieceType, W)> = self
            .types()
            .filter(|t| position.in_hand(us, *t) > 0)
            .map(|t| (t, self.drop_squares(position, us, t)))
            .collect();
        let plain = moves.len();
        for i in 0..plain {
            let mv = moves[i];
            let rook = if mv.kind() == MoveKind::Castling { self.castling_rook(position, us, mv) } else { None };
            let kinds: &[(MoveKind, Square)] = match (mv.kind(), rook) {
                (MoveKind::Normal, _) => &[(MoveKind::Gate, mv.from())],
                (MoveKind::Castling, Some(rook)) => {
                    &[(MoveKind::CastlingGateKing, mv.from()), (MoveKind::CastlingGateRook, rook)]
                }
                _ => &[],
            };
            for (kind, gate) in kinds {
                for (piece, region) in &hand {
                    if gates.has(*gate) && region.has(*gate) {
                        moves.push(Move::of_kind(*kind, mv.from(), mv.to()).with_piece(*piece));
                    }
                }
            }
        }
    }

    /// The rook of a castling move.
    pub(crate) fn castling_rook(&self, position: &Position<W>, us: Color, mv: Move) -> Option<Square> {
        let side = self.castling_side(mv)?;
        self.castling_squares(position, us, side).map(|(_, _, rook, _)| rook)
    }

    /// 0 if a castling move goes to the king's side, 1 for the queen's.
    pub(crate) fn castling_side(&self, mv: Move) -> Option<usize> {
        let castling = self.castling.as_ref()?;
        Some(usize::from(self.board.file(mv.to()) != castling.king_file_to[0]))
    }

    /// Replaces each move by one for each wall that can be built with it.
    fn add_walls(&self, position: &Position<W>, us: Color, walling: Walling, moves: &mut MoveList) {
        let plain = std::mem::take(moves);
        for mv in plain {
            let (from, to) = (mv.from(), mv.to());
            if self.walls.or_move && from != to {
                moves.push(mv);
                continue;
            }
            // The wall is built on the board that the move leaves: whatever it vacates, captures or blows up makes room.
            let next = self.board_after(position, mv);
            let mut walls = self.squares.all & !next.occupied() & self.walls.region[us.index()];
            match walling {
                Walling::Arrow => {
                    // Who castles shoots from the rook's square, as in the format's own programs.
                    let bow = if mv.is_castling() { self.castling_rook(position, us, mv).unwrap_or(to) } else { to };
                    let mover = self.mover(us, position.type_at(from));
                    walls &= mover.quiet.targets(&self.lines, bow, next.occupied());
                }
                Walling::Past => walls &= W::bit(from),
                Walling::Edge => walls &= self.wall_edge(next.walls),
                Walling::Duck | Walling::Static => {}
            }
            moves.extend(squares(walls).map(|wall| mv.with_wall(wall)));
        }
    }

    /// Squares on the edge of the board as the walls leave it.
    fn wall_edge(&self, walls: W) -> W {
        let (files, ranks) = (self.board.files, self.board.ranks);
        let mut edge: W = self.board.region(|f, r| f == 0 || f + 1 == files || r == 0 || r + 1 == ranks);
        for wall in squares(walls) {
            for (r, f) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
                edge |= self.board.step(wall, r, f).map_or(W::EMPTY, W::bit);
            }
        }
        edge
    }

    /// What trying moves needs to know.
    fn trial(&self, position: &Position<W>) -> Trial<W> {
        let us = position.turn();
        let king = self.king(position, us);
        let face = (self.kings.bikjang || self.kings.flying_general) && self.kings_face(position);
        let zone = |king: Square| match self.king(position, !us) {
            // Palaces have lines of their own.
            _ if self.pieces.palace.any() => !W::EMPTY,
            Some(other) if self.kings.flying_general => {
                let between = self.lines.between(king, other);
                let guarded = (between & position.occupied()).several();
                self.lines_to(position, !us, king) | if guarded { W::EMPTY } else { between }
            }
            _ => self.lines_to(position, !us, king),
        };
        let checkers = self.checkers(position);
        let calm = king.is_some()
            && checkers.is_empty()
            && self.kings.checking
            && !self.promotion.sittuyin
            && !face
            && self.captures.mutually_immune == 0
            && !self.extinction.as_ref().is_some_and(|e| e.pseudo_royal);
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

    /// Removes the moves that are not legal, from the one numbered `first` on, where no move depends on whether there are others.
    pub(crate) fn keep_legal_from(&self, position: &Position<W>, moves: &mut MoveList, first: usize) {
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
        let trial = self.trial(position);
        moves.retain(|mv| trial.aside(*mv) || self.is_legal(position, &trial, *mv));
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
            && trial.checkers.is_empty()
            && moves.iter().any(|mv| mv.kind() != MoveKind::Pass)
        {
            moves.retain(|mv| mv.kind() != MoveKind::Pass);
        }
    }

    /// Whether a move takes a man.
    #[inline]
    pub(crate) fn is_capture(&self, position: &Position<W>, mv: Move) -> bool {
        mv.kind() == MoveKind::EnPassant
            || !mv.is_castling() && mv.from() != mv.to() && position.occupied().has(mv.to())
    }

    /// Whether the kings look at each other along an open line.
    pub(crate) fn kings_face(&self, position: &Position<W>) -> bool {
        match (self.king(position, Color::White), self.king(position, Color::Black)) {
            (Some(a), Some(b)) => self.lines.attacks(rider::ROOK, a, position.occupied()).has(b),
            _ => false,
        }
    }

    /// Squares of a castling move: the king's way must not be attacked, and the rook must not have hidden an attacker. Where a wall
    /// goes up, the king's new square is judged with it, his way before it.
    fn castling_is_safe(
        &self,
        position: &Position<W>,
        us: Color,
        (king, king_to, rook, rook_to): (Square, Square, Square, Square),
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

    fn is_legal(&self, position: &Position<W>, trial: &Trial<W>, mv: Move) -> bool {
        let (us, from, to) = (trial.us, mv.from(), mv.to());
        let kind = mv.kind();
        let drop = mv.is_drop();
        let moved = if drop { self.dropped(mv) } else { position.type_at(from) };
        let no_check = !self.kings.checking
            || self.promotion.sittuyin && kind == MoveKind::Promotion
            || drop && self.hands.drops.as_ref().is_some_and(|d| !d.checks);
        if no_check && self.gives_check(position, mv) {
            return false;
        }
        if drop && !self.bishops_stay_opposite(position, us, mv) {
            return false;
        }
        if self.extinction.as_ref().is_some_and(|e| e.pseudo_royal) && !self.royals_survive(position, trial, mv, moved)
        {
            return false;
        }
        let capture = self.is_capture(position, mv);
        if self.captures.mutually_immune != 0
            && capture
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
            let Some(castling) = self.castling_side(mv).and_then(|side| self.castling_squares(position, us, side))
            else {
                return false;
            };
            let (_, king_to, rook, rook_to) = castling;
            let gate = match kind {
                MoveKind::CastlingGateKing => Some(from),
                MoveKind::CastlingGateRook => Some(rook),
                _ => None,
            };
            if gate.is_some_and(|gate| gate == king_to || gate == rook_to) {
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
            // Makpong: the king may not flee from a check, only capture.
            if self.kings.makpong && trial.checkers.any() && trial.checkers != W::bit(to) {
                return false;
            }
            return (self.attackers_past(position, to, !us, occupied, self.cannons_after(position, moved, mv))
                & !W::bit(to))
            .is_empty();
        }
        // Men that come and go outside the king's lines cannot expose it.
        if trial.checkers.is_empty() && !trial.zone.has(to) && (drop || !trial.zone.has(from)) && !trial.hurdle(mv) {
            return true;
        }
        let cannons = self.cannons_after(position, moved, mv);
        (self.attackers_past(position, king, !us, occupied, cannons) & !W::bit(to)).is_empty()
    }

    /// Janggi's cannons after a move, none elsewhere.
    fn cannons_after(&self, position: &Position<W>, moved: PieceType, mv: Move) -> W {
        let Some(cannon) = self.roles.janggi_cannon else { return W::EMPTY };
        let mut cannons = position.of_type(cannon) & !W::bit(mv.to());
        if moved == cannon {
            cannons = cannons & !W::bit(mv.from()) | W::bit(mv.to());
        }
        cannons
    }

    /// The type that a drop puts on the board.
    pub(crate) fn dropped(&self, mv: Move) -> PieceType {
        let held = mv.promotion().unwrap_or(PieceType(0));
        match mv.kind() {
            MoveKind::PromotedDrop => self.promotion.turns_to.get(held.index()).copied().flatten().unwrap_or(held),
            _ => held,
        }
    }

    /// Whether the other king is in check after a move.
    pub(crate) fn gives_check(&self, position: &Position<W>, mv: Move) -> bool {
        let next = self.board_after(position, mv);
        self.king_attacked(&next, next.turn())
    }

    /// Whether bishops can still be dropped on squares of both colours, half on each.
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

    /// Whether no pseudo-royal man is lost or left to be captured.
    fn royals_survive(&self, position: &Position<W>, trial: &Trial<W>, mv: Move, moved: PieceType) -> bool {
        let Some(extinction) = &self.extinction else { return true };
        let (us, from, to) = (trial.us, mv.from(), mv.to());
        let (kind, drop) = (mv.kind(), mv.is_drop());
        let capture = self.is_capture(position, mv);
        let near = |square: Square| W::at(&self.lines.neighbours, square);
        let origin = if drop { W::EMPTY } else { W::bit(from) };
        let mut occupied = position.occupied() & !origin;
        if self.walls.rule == Some(Walling::Duck) {
            occupied &= !position.walls;
        }
        let mut walls = mv.wall().map_or(W::EMPTY, W::bit);
        if kind == MoveKind::Gate {
            occupied |= W::bit(from);
        }
        if mv.is_castling() {
            let Some((_, king_to, rook, rook_to)) =
                self.castling_side(mv).and_then(|side| self.castling_squares(position, us, side))
            else {
                return false;
            };
            if trial.royals.has(from) {
                // The way, its first square included.
                let way = W::bit(from) | self.lines.between(from, king_to) & !W::bit(king_to);
                for square in squares(way) {
                    if !(self.captures.blast && (near(square) & trial.their_royals).any())
                        && self.attackers(position, square, !us, occupied | walls).any()
                    {
                        return false;
                    }
                }
            }
            occupied = occupied & !W::bit(rook) | W::bit(rook_to);
            match kind {
                MoveKind::CastlingGateKing => occupied |= W::bit(from),
                MoveKind::CastlingGateRook => occupied |= W::bit(rook),
                _ => {}
            }
        }
        occupied |= W::bit(to);
        if kind == MoveKind::EnPassant {
            occupied &= !W::bit(self.passed_man(position, us, to));
        }
        if capture && self.captures.blast {
            let pawns = self.roles.pawn.map_or(W::EMPTY, |p| position.of_type(p));
            occupied &= !(near(to) & position.men() & !pawns | W::bit(to));
            if mv.wall().is_some() || self.captures.petrify_blast || self.captures.petrify != 0 {
                // Men may have turned to stone.
                walls |= self.board_after(position, mv).walls;
            }
        }
        if capture && self.captures.petrify >> moved.0 & 1 == 1 && trial.royals.has(from) {
            return false;
        }
        let mut royals = trial.royals;
        if drop && extinction.types >> moved.0 & 1 == 1 {
            royals |= W::bit(to);
        }
        if !drop && royals.has(from) {
            royals = royals & !W::bit(from) | W::bit(to);
        }
        let becomes = mv.promotion().filter(|t| kind == MoveKind::Promotion && extinction.types >> t.0 & 1 == 1);
        if let Some(piece) = becomes {
            if position.count(us, piece) > extinction.count {
                royals &= !position.pieces(us, piece);
            } else {
                royals |= W::bit(to);
            }
        }
        if (royals & !occupied).any() {
            return false;
        }
        // Men that are gone attack nobody, whatever wall stands in their place.
        let mut candidates = occupied & !W::bit(to);
        candidates &= !position.of_types(self.captures.petrify & extinction.types);
        let safe = |square: Square| {
            self.captures.blast && (trial.their_royals & near(square)).any()
                || (self.attackers(position, square, !us, occupied | walls) & candidates).is_empty()
        };
        if (trial.their_royals & !occupied).is_empty() && !squares(royals).all(safe) {
            return false;
        }
        if extinction.duple_check {
            let mut all = position.of_types(extinction.types) & position.color(us);
            if !drop && all.has(from) {
                all = all & !W::bit(from) | W::bit(to);
            }
            if becomes.is_some() {
                all |= W::bit(to);
            }
            if all.any() && squares(all).all(|s| !safe(s)) {
                return false;
            }
        }
        true
    }
}
