//! Moves that only some variants have.

use crate::board::{Color, Move, MoveKind, MoveList, PieceType, Position, Square, Word, squares};
use crate::rules::{Rules, Walling};

impl<W: Word> Rules<W> {
    /// Adds what the generator does not find: promotions of sittuyin, leaps from the first square, passes, men from the hand that follow a
    /// move. Where moves build walls, replaces each by one for each wall.
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

    /// Adds promotions of pawns on the spot or with a step that captures nothing, to a man that attacks nobody from where it ends.
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
                    // The new soldier steps from where the pawn stands, and does not step sideways as soldiers beyond the river do.
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

    /// Adds leaps of king and fers from their first squares (Cambodian chess).
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

    /// Adds moves that leave a man from the hand on the square of a man that has not moved before (Seirawan chess).
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

    /// Replaces each move by one for each wall that can be built with it.
    fn add_walls(&self, position: &Position<W>, us: Color, walling: Walling, moves: &mut MoveList) {
        let plain = std::mem::take(moves);
        for mv in plain {
            let (from, to) = (mv.from(), mv.to());
            if self.walls.or_move && from != to {
                moves.push(mv);
                continue;
            }
            // The wall is built after the move: squares that it vacates, captures on or blows up are free.
            let next = self.board_after(position, mv);
            let mut walls = self.squares.all & !next.occupied() & self.walls.region[us.index()];
            match walling {
                Walling::Arrow => {
                    // As in the format's own programs, a king that castles shoots from the rook's square.
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
}
