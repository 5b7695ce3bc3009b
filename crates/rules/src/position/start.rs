//! Rules with their start position.

use crate::board::{Color, PieceType, Word};
use crate::format::{Definition, Key, RuleError};
use crate::rules::{Rules, hash_of};

impl<W: Word> Rules<W> {
    /// Compiles a definition and reads its start position.
    ///
    /// # Errors
    /// If the definition makes no rules, if the start position is none of theirs or decided by them, and if nothing that promotes can
    /// reach the squares on which it would.
    pub(crate) fn from_definition(definition: &Definition) -> Result<Rules<W>, RuleError> {
        let mut rules = Rules::compile(definition)?;
        rules.set_start(definition)?;
        rules.check_promotion(definition)?;
        Ok(rules)
    }

    fn set_start(&mut self, definition: &Definition) -> Result<(), RuleError> {
        let error = |message: String| definition.error("startFen", message);
        self.start = self.parse_fen(definition.start_fen()).map_err(|e| error(e.to_string()))?;
        self.start_fen = self.fen(&self.start);
        let mut canonical = definition.clone();
        canonical.set_start_fen(self.start_fen.clone());
        self.text = canonical.canonical();
        self.hash = hash_of(&self.text);
        if self.immediate_ending(&self.start).is_some() {
            return Err(error("the game is over in the start position by the variant's own rules".to_owned()));
        }
        Ok(())
    }

    /// Refuses promotion regions that nothing which promotes can enter.
    fn check_promotion(&self, definition: &Definition) -> Result<(), RuleError> {
        for side in Color::ALL {
            let i = side.index();
            if !definition.promotes(i) || self.promotion.sittuyin {
                continue;
            }
            let region = self.promotion.region[i];
            let enters = |piece: PieceType| {
                let mover = self.mover(side, piece);
                self.board.each().any(|square| {
                    let reach = W::at(&mover.quiet.widest, square) | W::at(&mover.capture.widest, square);
                    mover.region.has(square) && (reach & mover.region & region).any()
                })
            };
            let promotes = |piece: &PieceType| {
                (self.promotion.pawns[i] >> piece.0 & 1 == 1 || self.roles.pawn == Some(*piece))
                    && self.start.count(side, *piece) + self.start.in_hand(side, *piece) > 0
            };
            let mut promoting = self.types().filter(promotes).peekable();
            if promoting.peek().is_some() && !promoting.any(enters) {
                let what = if region.is_empty() {
                    "has no square on the board"
                } else {
                    "cannot be entered by any piece that promotes"
                };
                return Err(definition.error(
                    &Key::PromotionRegion.full_name(Some(i)),
                    format!(
                        "the promotion region {what}; name squares that can be reached, or set promotionPieceTypes = -"
                    ),
                ));
            }
        }
        Ok(())
    }
}
