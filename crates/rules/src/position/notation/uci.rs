//! Squares and moves as Fairy-Stockfish writes them in UCI.

use files::excerpt;

use crate::board::{Color, Move, MoveKind, MoveList, Position, Square, Word};
use crate::position::notation::error::{MAX_MOVE_BYTES, MoveError};
use crate::rules::Rules;

impl<W: Word> Rules<W> {
    /// The name of a square: `a1`, `b1`, …
    #[must_use]
    pub fn square_name(&self, square: Square) -> String {
        self.board.square_name(square)
    }

    /// Writes a legal move of `position` in UCI notation.
    #[must_use]
    pub fn uci(&self, position: &Position<W>, mv: Move) -> String {
        let (mut from, mut to) = (mv.from(), mv.to());
        let side = position.turn();
        if mv.is_castling()
            && let Some(rook) = self.castling_rook(position, side, mv)
        {
            if mv.kind() == MoveKind::CastlingGateRook {
                (from, to) = (rook, from);
            } else if self.chess960 || self.is_king_move(position, mv) {
                to = rook;
            }
        }
        let piece = mv.promotion().map(|p| self.letter(Color::Black, p));
        let mut text = match (mv.kind(), piece) {
            (MoveKind::Drop, Some(piece)) => format!("{}@", piece.to_ascii_uppercase()),
            (MoveKind::PromotedDrop, Some(piece)) => format!("+{}@", piece.to_ascii_uppercase()),
            _ => self.square_name(from),
        };
        text.push_str(&self.square_name(to));
        match mv.kind() {
            MoveKind::PiecePromotion => text.push('+'),
            MoveKind::Demotion => text.push('-'),
            MoveKind::Drop | MoveKind::PromotedDrop => {}
            _ => text.extend(piece),
        }
        if self.walls.rule.is_some() {
            // As in the format's own programs, a1 stands for no wall.
            let wall = mv.wall().unwrap_or(Square(0));
            text.push_str(&format!(",{}{}", self.square_name(to), self.square_name(wall)));
        }
        text
    }

    /// Writes moves played one after the other from `start` in UCI notation.
    #[must_use]
    pub fn uci_line(&self, start: &Position<W>, moves: &[Move]) -> Vec<String> {
        let mut position = *start;
        let mut line = Vec::with_capacity(moves.len());
        for mv in moves {
            line.push(self.uci(&position, *mv));
            self.play(&mut position, *mv);
        }
        line
    }

    /// Whether the man that castles as the king could also make a move of its own to the square to which it castles.
    fn is_king_move(&self, position: &Position<W>, mv: Move) -> bool {
        let side = position.turn();
        let mover = self.mover(side, position.type_at(mv.from()));
        let targets = mover.targets(self, position, side, mv.from()) & !position.color(side);
        (targets & self.squares.all & !position.walls).has(mv.to())
    }

    /// Reads a move in UCI notation. Castling is read in both ways, as the king's own move and as the king taking the rook, whichever
    /// [`Rules::uci`] writes; where the king could also just step there, it does.
    ///
    /// # Errors
    /// If it is malformed, or not legal in `position`.
    pub fn parse_uci(&self, position: &Position<W>, text: &str) -> Result<Move, MoveError> {
        let mut moves = MoveList::new();
        self.legal_moves(position, &mut moves);
        self.find_uci(position, &moves, text)
    }

    /// Reads a move in UCI notation as [`Rules::parse_uci`] does, where the legal moves are known.
    ///
    /// # Errors
    /// As [`Rules::parse_uci`].
    pub fn find_uci(&self, position: &Position<W>, legal: &[Move], text: &str) -> Result<Move, MoveError> {
        let squares = text.bytes().filter(u8::is_ascii_digit).count();
        if text.len() > MAX_MOVE_BYTES || squares == 0 || !text.is_ascii() {
            return Err(MoveError::Malformed(excerpt(text, 40)));
        }
        legal
            .iter()
            .copied()
            .find(|m| self.uci(position, *m) == text)
            .or_else(|| legal.iter().copied().find(|m| self.is_castling_as(position, *m, text)))
            .ok_or_else(|| MoveError::Illegal { mv: excerpt(text, 40), fen: self.fen(position) })
    }

    /// Whether a text names a move that is castling, by where the king goes or by where the rook stands.
    fn is_castling_as(&self, position: &Position<W>, mv: Move, text: &str) -> bool {
        mv.kind() == MoveKind::Castling
            && self.castling_rook(position, position.turn(), mv).is_some_and(|rook| {
                let from = self.square_name(mv.from());
                [mv.to(), rook].into_iter().any(|to| *text == format!("{from}{}", self.square_name(to)))
            })
    }
}
