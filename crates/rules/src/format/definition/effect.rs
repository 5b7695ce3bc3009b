//! Which keys make no difference.

use crate::board::Value;
use crate::format::definition::Definition;
use crate::format::keys::Key;
use crate::format::setting::{Slots, TypeChoice};
use crate::format::slot::{KING, PAWN, SHOGI_PAWN, SOLDIER};

impl Definition {
    /// Why the value of a key for a side makes no difference under the values of the other keys; `None` if it makes one.
    pub(super) fn without_effect(&self, key: Key, side: usize) -> Option<&'static str> {
        use Key::*;
        let unless = |condition: bool, reason: &'static str| (!condition).then_some(reason);
        let drops = self.flag(PieceDrops);
        let castling = self.flag(Castling);
        let folds = self.number(NFoldRule) > 0;
        let extinction = self.result(ExtinctionValue).is_some();
        let steps = (self.flag(DoubleStep) && !self.region_of(DoubleStepRegion, side).is_empty()
            || !self.region_of(TripleStepRegion, side).is_empty())
            && (self.has(PAWN) || self.has_initial_moves());
        match key {
            PromotionRegion => unless(
                self.promotes(side) || self.turns_over() || drops && self.has(PAWN) || self.has(PAWN),
                "has no effect without a piece that promotes",
            ),
            PromotionPawnTypes => unless(
                self.types(PromotionPieceTypes, side).bits != 0 || self.flag(CapturesToHand),
                "has no effect without promotionPieceTypes",
            ),
            PromotionPieceTypes => unless(
                self.has(PAWN) || self.types(PromotionPawnTypes, side).bits != 0,
                "has no effect without a piece of promotionPawnTypes",
            ),
            SittuyinPromotion => unless(self.has(PAWN), "has no effect without pawns"),
            PromotionLimit => {
                unless(self.promotes(0) || self.promotes(1) || self.turns_over(), "has no effect without promotions")
            }
            PiecePromotionOnCapture | MandatoryPiecePromotion | PieceDemotion => {
                unless(self.turns_over(), "has no effect without promotedPieceType")
            }
            DropPromoted => {
                unless(drops && self.turns_over(), "has no effect without pieceDrops and promotedPieceType")
            }
            BlastImmuneTypes | PetrifyBlastPieces => {
                unless(self.flag(BlastOnCapture), "has no effect without blastOnCapture = true")
            }
            DoubleStepRegion => unless(
                self.flag(DoubleStep) && (self.has(PAWN) || self.has_initial_moves()),
                "has no effect without doubleStep = true and a piece that makes it",
            ),
            TripleStepRegion => unless(self.has(PAWN), "has no effect without pawns"),
            EnPassantRegion | EnPassantTypes => unless(
                steps || {
                    let other = 1 - side;
                    (self.flag(DoubleStep) && !self.region_of(DoubleStepRegion, other).is_empty())
                        || !self.region_of(TripleStepRegion, other).is_empty()
                },
                "has no effect without double or triple steps",
            ),
            Chess960
            | CastlingKingsideFile
            | CastlingQueensideFile
            | CastlingRank
            | CastlingKingFile
            | CastlingKingPiece
            | CastlingRookKingsideFile
            | CastlingRookQueensideFile
            | CastlingRookPieces
            | OppositeCastling
            | CastlingWins => unless(castling, "has no effect without castling = true"),
            CastlingDroppedPiece => unless(castling && drops, "has no effect without castling and pieceDrops"),
            DropChecks
            | FirstRankPawnDrops
            | PromotionZonePawnDrops
            | SittuyinRookDrop
            | DropOppositeColoredBishop
            | DropNoDoubled
            | MustDrop => unless(drops, "has no effect without pieceDrops = true"),
            DropNoDoubledCount => unless(
                drops && self.choice(DropNoDoubled, 0) != TypeChoice::None,
                "has no effect without pieceDrops and dropNoDoubled",
            ),
            MustDropType => unless(drops && self.flag(MustDrop), "has no effect without mustDrop = true"),
            DropRegion => {
                unless(drops || self.flag(SeirawanGating), "has no effect without pieceDrops or seirawanGating")
            }
            CapturesToHand => {
                unless(drops || self.flag(SeirawanGating), "has no effect without pieceDrops or seirawanGating")
            }
            DropLoop => unless(self.flag(CapturesToHand), "has no effect without capturesToHand = true"),
            SeirawanGating | CambodianMoves => unless(self.flag(Gating), "has no effect without gating = true"),
            Gating => unless(
                self.flag(SeirawanGating) || self.flag(CambodianMoves),
                "has no effect without seirawanGating or cambodianMoves",
            ),
            WallingRegion | WallOrMove => unless(self.number(WallingRule) > 0, "has no effect without wallingRule"),
            NFoldValue | NFoldValueAbsolute | PerpetualCheckIllegal | MoveRepetitionIllegal | ChasingRule => {
                unless(folds, "has no effect without nFoldRule")
            }
            StalematePieceCount => {
                unless(self.result(StalemateValue) != Some(Value::Draw), "has no effect while stalemateValue is draw")
            }
            CheckmateValue => unless(
                self.has(KING) || self.flag(ExtinctionPseudoRoyal),
                "has no effect without a king or a pseudo-royal piece",
            ),
            ShogiPawnDropMateIllegal => {
                unless(self.has(SHOGI_PAWN) && drops, "has no effect without shogiPawn and pieceDrops")
            }
            ShatarMateRule | MakpongRule | FlyingGeneral | BikjangRule | CheckCounting | Checking => {
                unless(self.has(KING), "has no effect in a variant without a king")
            }
            SoldierPromotionRank => unless(self.has(SOLDIER), "has no effect without soldiers"),
            ExtinctionClaim | ExtinctionOpponentPieceCount => {
                unless(extinction, "has no effect without extinctionValue")
            }
            ExtinctionPieceCount | ExtinctionPieceTypes => unless(
                extinction || self.flag(ExtinctionPseudoRoyal),
                "has no effect without extinctionValue or extinctionPseudoRoyal",
            ),
            ExtinctionPseudoRoyal => unless(
                self.types(ExtinctionPieceTypes, 0).bits != 0,
                "has no effect without extinctionPieceTypes that name pieces",
            ),
            ExtinctionValue => unless(
                self.types(ExtinctionPieceTypes, 0) != Slots::default(),
                "has no effect without extinctionPieceTypes",
            ),
            DupleCheck => {
                unless(self.flag(ExtinctionPseudoRoyal), "has no effect without extinctionPseudoRoyal = true")
            }
            FlagPiece => unless(!self.region_of(FlagRegion, side).is_empty(), "has no effect without flagRegion"),
            FlagPieceCount | FlagPieceBlockedWin | FlagMove | FlagPieceSafe => unless(
                [0, 1].iter().any(|s| !self.region_of(FlagRegion, *s).is_empty()),
                "has no effect without flagRegion",
            ),
            _ => None,
        }
    }
}
