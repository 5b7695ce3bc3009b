//! Squares and moves as text: UCI as Fairy-Stockfish writes it, and standard algebraic notation.

use files::excerpt;
use thiserror::Error;

use crate::board::{Color, Move, MoveKind, MoveList, Position, Square, Word};
use crate::rules::Rules;

/// Why a move was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MoveError {
    /// Not of the form of a move.
    #[error("`{0}` is no move in UCI notation (`e2e4`, `a7a8q`, `P@c3`) or SAN (`Nf3`, `exd5`, `O-O`)")]
    Malformed(String),
    /// The mark of a move that was not made.
    #[error("`{0}` is a null move, which no rules know; a move was expected")]
    Null(String),
    /// Well-formed, but not legal in the position.
    #[error("`{mv}` is not legal in `{fen}`")]
    Illegal {
        /// The move.
        mv: String,
        /// The position.
        fen: String,
    },
    /// More than one legal move is meant.
    #[error("`{mv}` could be {moves} in `{fen}`")]
    Ambiguous {
        /// The move.
        mv: String,
        /// Those that it could be.
        moves: String,
        /// The position.
        fen: String,
    },
}

/// The longest text that is looked at as a move, in bytes.
const MAX_MOVE_BYTES: usize = 24;

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
            // The format writes a1 where no wall is built.
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

    /// Whether a plain move of the castling man to the same square looks the same.
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

    /// [`Rules::parse_uci`] among moves that are known.
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

    /// Whether a text names this castling move, by where the king goes or by the rook.
    fn is_castling_as(&self, position: &Position<W>, mv: Move, text: &str) -> bool {
        mv.kind() == MoveKind::Castling
            && self.castling_rook(position, position.turn(), mv).is_some_and(|rook| {
                let from = self.square_name(mv.from());
                [mv.to(), rook].into_iter().any(|to| *text == format!("{from}{}", self.square_name(to)))
            })
    }

    /// Writes a legal move of `position` in standard algebraic notation. Drops are written `N@f3` (`+B@f3` where
    /// men of several types could be dropped as the same one), promotions `=Q`, men that
    /// follow a move from the hand `/H`, walls after a comma.
    #[must_use]
    pub fn san(&self, position: &Position<W>, mv: Move) -> String {
        let mut legal = MoveList::new();
        self.legal_moves(position, &mut legal);
        self.san_among(position, &legal, mv)
    }

    fn san_among(&self, position: &Position<W>, legal: &[Move], mv: Move) -> String {
        let mut text = String::new();
        let letter = |p| self.letter(Color::White, p);
        if mv.is_castling() {
            text.push_str(if self.castling_side(mv) == Some(1) { "O-O-O" } else { "O-O" });
            if let Some(gated) = mv.promotion() {
                let gate = match mv.kind() {
                    MoveKind::CastlingGateRook => self.castling_rook(position, position.turn(), mv),
                    _ => Some(mv.from()),
                };
                let gate = gate.map(|g| self.square_name(g)).unwrap_or_default();
                // Once as the man on its square, once as of any move that is followed by a man from the hand.
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

    /// The man that moves, where it comes from if that must be said, and whether it captures or is dropped.
    fn write_man(&self, position: &Position<W>, legal: &[Move], mv: Move, text: &mut String) {
        if mv.is_drop() {
            // Men of several types may come from the hand as the same one.
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
                        // Two of one type may turn back into different ones.
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

/// Whether a text is one of the marks that programs write where no move is made.
#[must_use]
pub fn is_null_move(text: &str) -> bool {
    ["--", "Z0", "@@@@", "0000", "<>", "null", "(none)"].iter().any(|mark| text.eq_ignore_ascii_case(mark))
}

/// A move in algebraic notation without marks of check, mate and quality at its end.
fn without_marks(san: &str) -> &str {
    san.trim_end_matches(['+', '#', '!', '?'])
}

/// A move in algebraic notation without the mark of a capture in passing, `e.p.` in any of the ways in which it is written, and the
/// marks before and after it; `None` if it has none.
#[must_use]
pub fn without_en_passant_mark(san: &str) -> Option<&str> {
    let text = without_marks(san);
    let text = text.strip_suffix(')').unwrap_or(text);
    let text = text.strip_suffix('.').unwrap_or(text).strip_suffix(['p', 'P'])?;
    let text = text.strip_suffix('.').unwrap_or(text).strip_suffix(['e', 'E'])?;
    Some(without_marks(text.trim_end_matches(['/', '(', ' ', '_'])))
}
