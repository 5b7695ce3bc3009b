//! Refusal of keys that make no difference, and of keys that contradict each other.

use crate::format::definition::Definition;
use crate::format::ini::RuleError;
use crate::format::keys::Key;
use crate::format::setting::TypeChoice;
use crate::format::slot::{KING, mobility_of, slot_name};

impl Definition {
    /// Checks that every key that the section itself sets makes a difference, and that no two keys contradict each other.
    ///
    /// # Errors
    /// Names the first key for which that does not hold, and why.
    pub(crate) fn check(&self) -> Result<(), RuleError> {
        for (name, place) in &self.places {
            // Published files set these two keys in variants without the pieces that they speak of.
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

    /// Refuses combinations of keys that no game can have.
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
