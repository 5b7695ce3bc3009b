//! Standard algebraic notation.

use files::excerpt;

use crate::board::{Color, Move, MoveKind, MoveList, Position, Square, Word};
use crate::position::notation::error::{MAX_MOVE_BYTES, MoveError};
use crate::position::notation::marks::{is_null_move, without_en_passant_mark, without_marks};
use crate::rules::Rules;

impl<W: Word> Rules<W> {
    /// Writes a legal move of `position` in standard algebraic notation. Drops are written `N@f3` (`+B@f3` where
    /// men of several types could be dropped as the same one), promotions `=Q`, men that
    /// follow a move from the hand `/H`, walls after a comma.
    #[must_use]
    pub fn san(&self, position: &Position<W>, mv: Move) -> String {
        let mut legal = MoveList::new();
        self.legal_moves(position, &mut legal);
        self.san_among(position, &legal, mv)
    }

    /// Writes one of the `legal` moves of `position`.
    fn san_among(&self, position: &Position<W>, legal: &[Move], mv: Move) -> String {
        let mut text = String::new();
        let letter = |p| self.letter(Color::White, p);
        if mv.is_castling() {
            text.push_str(if self.castling_wing(mv) == Some(1) { "O-O-O" } else { "O-O" });
            if let Some(gated) = mv.promotion() {
                let gate = match mv.kind() {
                    MoveKind::CastlingGateRook => self.castling_rook(position, position.turn(), mv),
                    _ => Some(mv.from()),
                };
                let gate = gate.map(|g| self.square_name(g)).unwrap_or_default();
                text.push_str(&format!("/{}{gate}", letter(gated)));
            }
        } else {
            self.write_man(position, legal, mv, &mut text);
            text.push_str(&self.square_name(mv.to()));
            match (mv.kind(), mv.promotion()) {
                (MoveKind::Promotion | MoveKind::PiecePromotion | MoveKind::Demotion, Some(piece)) => {
                    text.extend(['=', letter(piece)]);
                }
                (MoveKind::Gate, Some(piece)) => text.extend(['/', letter(piece)]),
                _ => {}
            }
        }
        if self.walls.rule.is_some() {
            text.push_str(&format!(",{}", self.square_name(mv.wall().unwrap_or(Square(0)))));
        }
        let mut next = *position;
        self.play(&mut next, mv);
        if self.king_attacked(&next, next.turn()) {
            let mut answers = MoveList::new();
            self.legal_moves(&next, &mut answers);
            text.push(if answers.is_empty() { '#' } else { '+' });
        }
        text
    }

    /// Writes the man that moves, where it comes from if that must be said, and whether it captures or is dropped.
    fn write_man(&self, position: &Position<W>, legal: &[Move], mv: Move, text: &mut String) {
        if mv.is_drop() {
            // A man may come from the hand as what it is, and another one turned over into it.
            let alike = |m: &Move| m.is_drop() && m.to() == mv.to() && self.dropped(*m) == self.dropped(mv) && *m != mv;
            match mv.promotion() {
                Some(held) if mv.kind() == MoveKind::PromotedDrop && legal.iter().any(alike) => {
                    text.extend(['+', self.letter(Color::White, held), '@']);
                }
                _ => text.extend([self.letter(Color::White, self.dropped(mv)), '@']),
            }
            return;
        }
        let (from, to) = (mv.from(), mv.to());
        let piece = position.type_at(from);
        let captures = self.is_capture(position, mv);
        let pawn = self.roles.pawn == Some(piece);
        if !pawn {
            text.push(self.letter(Color::White, piece));
        }
        let name = self.square_name(from);
        let sittuyin = pawn && self.promotion.sittuyin && mv.kind() == MoveKind::Promotion && from != to;
        if pawn && captures {
            text.push_str(&name[..1]);
        } else if sittuyin {
            text.push_str(&name);
        } else {
            let others: Vec<Square> = legal
                .iter()
                .filter(|m| {
                    (m.to(), m.kind(), m.wall()) == (to, mv.kind(), mv.wall())
                        // Two men of one type may turn back into men of different types.
                        && (m.promotion() == mv.promotion() || mv.kind() == MoveKind::Demotion)
                        && m.from() != from
                        && position.type_at(m.from()) == piece
                })
                .map(|m| m.from())
                .collect();
            let file = others.iter().all(|s| self.board.file(*s) != self.board.file(from));
            let rank = others.iter().all(|s| self.board.rank(*s) != self.board.rank(from));
            text.push_str(match (others.is_empty(), file, rank) {
                (true, ..) => "",
                (_, true, _) => &name[..1],
                (_, _, true) => &name[1..],
                _ => &name,
            });
        }
        if captures {
            text.push('x');
        }
    }

    /// Reads a move in standard algebraic notation, with or without its check mark, and with what the Laws of Chess (appendix C)
    /// and others add to it: `0-0`, `exd6 e.p.`, `!?`.
    ///
    /// # Errors
    /// If it is malformed, a null move, not legal in `position`, or could be several moves.
    pub fn parse_san(&self, position: &Position<W>, text: &str) -> Result<Move, MoveError> {
        if text.len() > MAX_MOVE_BYTES || text.len() < 2 || !text.is_ascii() {
            return Err(MoveError::Malformed(excerpt(text, 40)));
        }
        if is_null_move(text) {
            return Err(MoveError::Null(text.to_owned()));
        }
        let mut legal = MoveList::new();
        self.legal_moves(position, &mut legal);
        let plain = |san: &str| without_marks(san).replace('0', "O");
        let spelled: Vec<(Move, String)> =
            legal.iter().map(|m| (*m, plain(&self.san_among(position, &legal, *m)))).collect();
        let meant = |wanted: &str, passing: bool| -> Vec<Move> {
            let fits = |(mv, san): &&(Move, String)| san == wanted && (!passing || mv.kind() == MoveKind::EnPassant);
            spelled.iter().filter(fits).map(|(mv, _)| *mv).collect()
        };
        let mut found = meant(&plain(text), false);
        if found.is_empty()
            && let Some(rest) = without_en_passant_mark(text)
        {
            found = meant(&plain(rest), true);
        }
        match found.as_slice() {
            [mv] => Ok(*mv),
            [] => Err(MoveError::Illegal { mv: excerpt(text, 40), fen: self.fen(position) }),
            several => Err(MoveError::Ambiguous {
                mv: excerpt(text, 40),
                moves: several.iter().map(|m| self.uci(position, *m)).collect::<Vec<_>>().join(", "),
                fen: self.fen(position),
            }),
        }
    }
}
