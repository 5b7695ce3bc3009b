//! Castling.

use crate::board::{PieceType, TypeSet, Word};
use crate::format::{Definition, Key};
use crate::rules::pieces::Numbering;

/// Who castles, from where and to where. Where two values are given by wing, the king's side comes first.
#[derive(Clone, Debug)]
pub(crate) struct Castling<W> {
    /// By wing: the file on which the king ends.
    pub(crate) king_file_to: [u8; 2],
    /// By side: the rank on which it castles.
    pub(crate) rank: [u8; 2],
    /// The file of the king that castles, where several men could be it, and on which a king is dropped to gain rights.
    pub(crate) king_file: u8,
    /// By side: the type that castles as the king.
    pub(crate) king_piece: [Option<PieceType>; 2],
    /// By wing: the file at which the search for the rook begins, going towards the other wing.
    pub(crate) rook_file: [u8; 2],
    /// By side: the types that castle as the rook.
    pub(crate) rook_pieces: [TypeSet; 2],
    /// Whether a side that castles to one wing takes from the other side the right to castle to that wing.
    pub(crate) opposite: bool,
    /// Whether men that are dropped on the squares of king and rook may castle.
    pub(crate) dropped: bool,
    /// Rights, as bits of a position's, whose use wins and whose loss loses.
    pub(crate) wins: u8,
    /// By side: the squares of its castling rank.
    pub(crate) home: [W; 2],
}

impl<W: Word> Castling<W> {
    /// Castling as a definition has it; `None` if nobody castles.
    pub(crate) fn compile(definition: &Definition, numbering: &Numbering) -> Option<Castling<W>> {
        if !definition.flag(Key::Castling) {
            return None;
        }
        let board = definition.board;
        let number = |key| definition.number(key) as u8;
        let rank = number(Key::CastlingRank);
        let ranks = [rank, board.ranks.wrapping_sub(1 + rank)];
        Some(Castling {
            king_file_to: [Key::CastlingKingsideFile, Key::CastlingQueensideFile].map(number),
            rank: ranks,
            king_file: number(Key::CastlingKingFile),
            king_piece: [0, 1].map(|side| numbering.choice(definition, Key::CastlingKingPiece, side)),
            rook_file: [Key::CastlingRookKingsideFile, Key::CastlingRookQueensideFile]
                .map(|key| number(key).min(board.files - 1)),
            rook_pieces: numbering.types(definition, Key::CastlingRookPieces),
            opposite: definition.flag(Key::OppositeCastling),
            dropped: definition.flag(Key::CastlingDroppedPiece),
            wins: number(Key::CastlingWins),
            home: ranks.map(|rank| board.region(|_, r| r == rank)),
        })
    }
}
