//! Keys that make no difference, and keys that contradict each other.

use super::{Definition, KING, PAWN, SHOGI_PAWN, SOLDIER, Slots, TypeChoice, mobility_of, slot_name};
use crate::board::Value;
use crate::ini::RuleError;
use crate::keys::Key;

impl Definition {
    /// Why a key makes no difference under the other keys, if it makes none.
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

    /// Refuses keys of the section itself that make no difference, and keys that contradict each other.
    pub(crate) fn check(&self) -> Result<(), RuleError> {
        for (name, place) in &self.places {
            // Without the pieces that they speak of these say nothing yet, but published files have them.
            if [Key::ExtinctionPieceTypes.name(), Key::ShogiPawnDropMateIllegal.name()].contains(&name.as_str()) {
                continue;
            }
            if let Some((key, sides)) = Key::find(name) {
                let changed = sides.iter().any(|s| !self.is_default(key, *s));
                let reasons: Vec<_> = sides.iter().filter_map(|s| self.without_effect(key, *s)).collect();
                if changed && reasons.len() == sides.len() {
                    return Err(place.error(reasons[0]));
                }
            }
            if let Some((_, slot)) = mobility_of(name)
                && !self.has(slot)
            {
                return Err(place.error(format!("has no effect: the variant has no {}", slot_name(slot))));
            }
        }
        self.contradictions()
    }

    fn contradictions(&self) -> Result<(), RuleError> {
        use Key::*;
        let king = self.has(KING);
        let pseudo_royal = self.flag(ExtinctionPseudoRoyal);
        let clash = |condition: bool, key: Key, message: &str| {
            if condition { Err(self.key_error(key, message)) } else { Ok(()) }
        };
        let castles = self.flag(Castling);
        let files = u32::from(self.board.files);
        clash(
            king && self.flag(BlastOnCapture),
            BlastOnCapture,
            "cannot be combined with a royal king: use a commoner with extinction rules",
        )?;
        clash(
            king && self.number(WallingRule) == 2,
            WallingRule,
            "`duck` cannot be combined with a royal king: use a commoner with extinction rules",
        )?;
        clash(
            self.flag(PieceDrops) && self.number(WallingRule) > 0,
            WallingRule,
            "walls cannot be combined with pieceDrops",
        )?;
        clash(
            self.number(WallingRule) > 0
                && [Pass, PassOnStalemate].iter().any(|k| self.flag_of(*k, 0) || self.flag_of(*k, 1)),
            WallingRule,
            "with walls to build, nobody can pass: wallOrMove alone lets a side build without moving",
        )?;
        for (key, other) in [(PromotedPieceType, self.turns_over()), (Gating, self.flag(Gating))] {
            clash(self.builds_walls() && other, key, "cannot be combined with walls")?;
        }
        let immune = |key| self.types(key, 0).bits != 0 && (king || pseudo_royal);
        clash(immune(BlastImmuneTypes), BlastImmuneTypes, "cannot be combined with a king or pseudo-royal pieces")?;
        clash(
            immune(MutuallyImmuneTypes),
            MutuallyImmuneTypes,
            "cannot be combined with a king or pseudo-royal pieces",
        )?;
        clash(
            self.types(PetrifyOnCaptureTypes, 0).has(KING),
            PetrifyOnCaptureTypes,
            "a royal king cannot turn to stone: use a commoner with extinction rules",
        )?;
        clash(
            self.flag(FlagPieceSafe) && self.flag(BlastOnCapture),
            FlagPieceSafe,
            "cannot be combined with blastOnCapture",
        )?;
        clash(self.flag(CheckCounting) && !self.flag(Checking), CheckCounting, "needs checking = true")?;
        clash(
            castles && self.number(CastlingRank) >= self.board.ranks.into() && self.says(CastlingRank),
            CastlingRank,
            "lies beyond the board",
        )?;
        clash(
            castles && self.number(CastlingQueensideFile) >= self.number(CastlingKingsideFile),
            CastlingQueensideFile,
            "must lie to the left of castlingKingsideFile",
        )?;
        for key in [CastlingKingsideFile, CastlingQueensideFile, CastlingKingFile] {
            clash(castles && self.says(key) && self.number(key) >= files, key, "lies beyond the board")?;
        }
        for side in 0..2 {
            clash(
                castles
                    && king
                    && self.says(CastlingKingPiece)
                    && self.choice(CastlingKingPiece, side) != TypeChoice::Slot(KING),
                CastlingKingPiece,
                "must be the king in a variant that has one",
            )?;
        }
        clash(
            self.types(PromotionPieceTypes, 0).has(KING) || self.types(PromotionPieceTypes, 1).has(KING),
            PromotionPieceTypes,
            "a pawn cannot become a second royal king: use a commoner",
        )?;
        clash(self.number(ChasingRule) > 0 && !king, ChasingRule, "needs a king")
    }
}
