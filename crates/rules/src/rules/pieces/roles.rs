//! The piece types that rules speak of by name.

use crate::board::PieceType;
use crate::format::slot;
use crate::rules::pieces::numbering::Numbering;

/// For each piece that some rule speaks of: its type, if the variant has it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Roles {
    pub(crate) king: Option<PieceType>,
    pub(crate) pawn: Option<PieceType>,
    pub(crate) knight: Option<PieceType>,
    pub(crate) rook: Option<PieceType>,
    pub(crate) fers: Option<PieceType>,
    pub(crate) silver: Option<PieceType>,
    pub(crate) bers: Option<PieceType>,
    pub(crate) shogi_pawn: Option<PieceType>,
    pub(crate) cannon: Option<PieceType>,
    pub(crate) janggi_cannon: Option<PieceType>,
    pub(crate) soldier: Option<PieceType>,
    pub(crate) horse: Option<PieceType>,
    pub(crate) elephant: Option<PieceType>,
    pub(crate) janggi_elephant: Option<PieceType>,
    pub(crate) wazir: Option<PieceType>,
}

impl Roles {
    pub(crate) fn compile(numbering: &Numbering) -> Roles {
        Roles {
            king: numbering.type_of(slot::KING),
            pawn: numbering.type_of(slot::PAWN),
            knight: numbering.type_of(slot::KNIGHT),
            rook: numbering.type_of(slot::ROOK),
            fers: numbering.type_of(slot::FERS),
            silver: numbering.type_of(slot::SILVER),
            bers: numbering.type_of(slot::BERS),
            shogi_pawn: numbering.type_of(slot::SHOGI_PAWN),
            cannon: numbering.type_of(slot::CANNON),
            janggi_cannon: numbering.type_of(slot::JANGGI_CANNON),
            soldier: numbering.type_of(slot::SOLDIER),
            horse: numbering.type_of(slot::HORSE),
            elephant: numbering.type_of(slot::ELEPHANT),
            janggi_elephant: numbering.type_of(slot::JANGGI_ELEPHANT),
            wazir: numbering.type_of(slot::WAZIR),
        }
    }
}
