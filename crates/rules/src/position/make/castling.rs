//! Castling, and the rights to it. A wing is 0 for the king's side and 1 for the queen's.

use crate::board::{Color, Move, PieceType, Position, Square, Word};
use crate::rules::Rules;

/// Where king and rook go when a side castles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CastlingMove {
    pub(crate) king: Square,
    pub(crate) king_to: Square,
    pub(crate) rook: Square,
    pub(crate) rook_to: Square,
}

impl<W: Word> Rules<W> {
    /// Where king and rook go when `us` castles to a wing; `None` if it has no right to. Men in the way are not looked for.
    pub(crate) fn castling_squares(&self, position: &Position<W>, us: Color, wing: usize) -> Option<CastlingMove> {
        let castling = self.castling.as_ref()?;
        let right = 2 * us.index() + wing;
        let (rank, file_to) = (castling.rank[us.index()], castling.king_file_to[wing]);
        if position.castling >> right & 1 == 0 || file_to >= self.board.files || rank >= self.board.ranks {
            return None;
        }
        let king = Square(position.castling_king[us.index()]);
        let rook = Square(position.castling_rook[right]);
        let king_to = Square(rank * self.board.files + file_to);
        let rook_to = Square(if wing == 0 { king_to.0.wrapping_sub(1) } else { king_to.0 + 1 });
        Some(CastlingMove { king, king_to, rook, rook_to })
    }

    /// Where king and rook go by a castling move of `us`.
    pub(crate) fn castling_of(&self, position: &Position<W>, us: Color, mv: Move) -> Option<CastlingMove> {
        self.castling_squares(position, us, self.castling_wing(mv)?)
    }

    /// Where the rook of a castling move of `us` stands.
    pub(crate) fn castling_rook(&self, position: &Position<W>, us: Color, mv: Move) -> Option<Square> {
        self.castling_of(position, us, mv).map(|castling| castling.rook)
    }

    /// The wing of a castling move.
    pub(crate) fn castling_wing(&self, mv: Move) -> Option<usize> {
        let castling = self.castling.as_ref()?;
        Some(usize::from(self.board.file(mv.to()) != castling.king_file_to[0]))
    }

    /// Moves king and rook.
    #[cold]
    pub(super) fn castle(&self, position: &mut Position<W>, us: Color, mv: Move) {
        let Some(CastlingMove { king, king_to, rook, rook_to }) = self.castling_of(position, us, mv) else { return };
        let (king_type, rook_type) = (position.type_at(king), position.type_at(rook));
        position.remove(self.zobrist, us, king_type, king);
        position.remove(self.zobrist, us, rook_type, rook);
        position.toggle(self.zobrist, us, king_type, king_to);
        position.toggle(self.zobrist, us, rook_type, rook_to);
    }

    /// Takes away the rights that end as a move leaves or enters the square of a man that could castle, and those that castling takes
    /// from the other side.
    #[cold]
    pub(super) fn lose_rights(&self, position: &mut Position<W>, us: Color, mv: Move) {
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
        let opposite = self.castling.as_ref().is_some_and(|castling| castling.opposite);
        if opposite
            && mv.is_castling()
            && let Some(wing) = self.castling_wing(mv)
        {
            position.castling &= !(1 << (2 * (!us).index() + wing));
        }
    }

    /// Gives the rights that come with a king or rook which was dropped on its square.
    pub(super) fn gain_rights(&self, position: &mut Position<W>, us: Color, piece: PieceType, to: Square) {
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
            position.grant_castling(us, wing, king, rook);
        }
    }
}
