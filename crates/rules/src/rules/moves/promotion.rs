//! Men that become other men.

use crate::board::{Color, PieceType, Position, TypeSet, Word};
use crate::format::{Definition, Key};
use crate::rules::pieces::{Numbering, regions};

/// How pawns promote and how men are turned over into others, as in shogi.
#[derive(Clone, Debug)]
pub(crate) struct Promotion<W> {
    /// By side: the squares on which its men promote.
    pub(crate) region: [W; 2],
    /// By side: what its pawns promote to, most valuable first, as the format's own programs list them.
    pub(crate) choices: [Vec<PieceType>; 2],
    /// By side: the types that promote for good, pawns among them.
    pub(crate) pawns: [TypeSet; 2],
    /// By side: what its men that promoted for good come to the other side's hand as when they are captured.
    pub(crate) main_pawn: [Option<PieceType>; 2],
    /// By type: how many of them a side may have for a promotion to add one; 0 for any number.
    pub(crate) limit: Vec<u32>,
    /// By type: what it turns over into.
    pub(crate) turns_to: Vec<Option<PieceType>>,
    /// Whether any type turns over.
    pub(crate) turns_over: bool,
    /// Whether men turn over only as they capture.
    pub(crate) on_capture: bool,
    /// Whether a man of [`Promotion::pawns`] that reaches the region must promote.
    pub(crate) mandatory_for_pawns: bool,
    /// Whether a man that can turn over must.
    pub(crate) mandatory_for_pieces: bool,
    /// Whether men that were turned over turn back with another move.
    pub(crate) demotion: bool,
    /// Whether pawns promote as in sittuyin: on the spot or with a step that captures nothing and attacks nobody.
    pub(crate) sittuyin: bool,
}

impl<W: Word> Promotion<W> {
    pub(crate) fn compile(definition: &Definition, numbering: &Numbering) -> Promotion<W> {
        let count = numbering.slots().len();
        let mut limit = vec![0; count];
        for (slot, most) in definition.pairs(Key::PromotionLimit) {
            if let Some(piece) = numbering.type_of(slot) {
                limit[piece.index()] = most;
            }
        }
        let mut turns_to = vec![None; count];
        for (from, to) in definition.pairs(Key::PromotedPieceType) {
            if let Some(from) = numbering.type_of(from) {
                turns_to[from.index()] = numbering.type_of(to as usize);
            }
        }
        let choices = |set: TypeSet| (0..count as u8).rev().filter(|i| set >> i & 1 == 1).map(PieceType).collect();
        let main_pawn = |side| definition.types(Key::PromotionPawnTypes, side).main();
        Promotion {
            region: regions(definition, Key::PromotionRegion),
            choices: numbering.types(definition, Key::PromotionPieceTypes).map(choices),
            pawns: numbering.types(definition, Key::PromotionPawnTypes),
            main_pawn: [0, 1].map(|side| main_pawn(side).and_then(|slot| numbering.type_of(slot))),
            limit,
            turns_over: turns_to.iter().any(Option::is_some),
            turns_to,
            on_capture: definition.flag(Key::PiecePromotionOnCapture),
            mandatory_for_pawns: definition.flag(Key::MandatoryPawnPromotion),
            mandatory_for_pieces: definition.flag(Key::MandatoryPiecePromotion),
            demotion: definition.flag(Key::PieceDemotion),
            sittuyin: definition.flag(Key::SittuyinPromotion),
        }
    }

    /// Whether a side has fewer men of a type than promotions may give it.
    #[inline]
    pub(crate) fn within_limit(&self, position: &Position<W>, side: Color, piece: PieceType) -> bool {
        let limit = self.limit[piece.index()];
        limit == 0 || limit > position.count(side, piece)
    }
}
