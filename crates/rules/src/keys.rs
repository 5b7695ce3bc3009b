//! The keys of `variants.ini`: which are read, and which are known but refused by name.

use crate::definition::is_piece_key;
use crate::ini::{Entry, RuleError};

/// Keys that [`crate::definition`] reads, besides those of the pieces.
const SUPPORTED: &[&str] = &[
    "castling",
    "checkCounting",
    "checkmateValue",
    "doubleStep",
    "doubleStepRegionBlack",
    "doubleStepRegionWhite",
    "extinctionOpponentPieceCount",
    "extinctionPieceCount",
    "extinctionPieceTypes",
    "extinctionValue",
    "flagMove",
    "flagPiece",
    "flagPieceBlack",
    "flagPieceWhite",
    "flagRegion",
    "flagRegionBlack",
    "flagRegionWhite",
    "maxFile",
    "maxRank",
    "mustCapture",
    "nFoldRule",
    "nFoldValue",
    "nMoveRule",
    "promotionPieceTypes",
    "promotionPieceTypesBlack",
    "promotionPieceTypesWhite",
    "promotionRegionBlack",
    "promotionRegionWhite",
    "stalemateValue",
    "startFen",
];

/// Keys of the format that are not supported yet.
const REFUSED: &[&str] = &[
    "adjudicateFullBoard",
    "bikjangRule",
    "blastImmuneTypes",
    "blastOnCapture",
    "cambodianMoves",
    "capturesToHand",
    "castlingDroppedPiece",
    "castlingKingFile",
    "castlingKingPiece",
    "castlingKingPieceBlack",
    "castlingKingPieceWhite",
    "castlingKingsideFile",
    "castlingQueensideFile",
    "castlingRank",
    "castlingRookKingsideFile",
    "castlingRookPieces",
    "castlingRookPiecesBlack",
    "castlingRookPiecesWhite",
    "castlingRookQueensideFile",
    "castlingWins",
    "chasingRule",
    "checking",
    "chess960",
    "collinearN",
    "connectDiagonal",
    "connectHorizontal",
    "connectN",
    "connectNxN",
    "connectPieceTypes",
    "connectRegion1Black",
    "connectRegion1White",
    "connectRegion2Black",
    "connectRegion2White",
    "connectValue",
    "connectVertical",
    "countingRule",
    "diagonalLines",
    "dropChecks",
    "dropLoop",
    "dropNoDoubled",
    "dropNoDoubledCount",
    "dropOppositeColoredBishop",
    "dropPromoted",
    "dropRegionBlack",
    "dropRegionWhite",
    "dupleCheck",
    "enPassantRegion",
    "enPassantRegionBlack",
    "enPassantRegionWhite",
    "enPassantTypes",
    "enPassantTypesBlack",
    "enPassantTypesWhite",
    "enclosingDrop",
    "enclosingDropStart",
    "extinctionClaim",
    "extinctionPseudoRoyal",
    "firstRankPawnDrops",
    "flagPieceBlockedWin",
    "flagPieceCount",
    "flagPieceSafe",
    "flipEnclosedPieces",
    "flyingGeneral",
    "gating",
    "immobilityIllegal",
    "makpongRule",
    "mandatoryPawnPromotion",
    "mandatoryPiecePromotion",
    "materialCounting",
    "moveRepetitionIllegal",
    "mustDrop",
    "mustDropType",
    "mutuallyImmuneTypes",
    "nFoldValueAbsolute",
    "nMoveRuleTypes",
    "nMoveRuleTypesBlack",
    "nMoveRuleTypesWhite",
    "oppositeCastling",
    "pass",
    "passBlack",
    "passOnStalemate",
    "passOnStalemateBlack",
    "passOnStalemateWhite",
    "passWhite",
    "pawnTypes",
    "perpetualCheckIllegal",
    "petrifyBlastPieces",
    "petrifyOnCaptureTypes",
    "pieceDemotion",
    "pieceDrops",
    "piecePromotionOnCapture",
    "pieceToCharTable",
    "pieceValueEg",
    "pieceValueMg",
    "pocketSize",
    "promotedPieceType",
    "promotionLimit",
    "promotionPawnTypes",
    "promotionPawnTypesBlack",
    "promotionPawnTypesWhite",
    "promotionZonePawnDrops",
    "seirawanGating",
    "shatarMateRule",
    "shogiPawnDropMateIllegal",
    "sittuyinPromotion",
    "sittuyinRookDrop",
    "soldierPromotionRank",
    "stalematePieceCount",
    "tripleStepRegionBlack",
    "tripleStepRegionWhite",
    "twoBoards",
    "variantTemplate",
    "wallOrMove",
    "wallingRegion",
    "wallingRegionBlack",
    "wallingRegionWhite",
    "wallingRule",
];

/// Refuses a key that is not read: by name if the format has it, otherwise with the nearest key that it has.
pub(crate) fn check_name(entry: &Entry) -> Result<(), RuleError> {
    let key = entry.key.as_str();
    if SUPPORTED.contains(&key) || is_piece_key(key) {
        return Ok(());
    }
    if REFUSED.contains(&key) || key.starts_with("mobilityRegion") {
        return Err(entry.place.error("this key of the format is not supported yet"));
    }
    let nearest = SUPPORTED.iter().chain(REFUSED).min_by_key(|known| distance(known, key)).copied().unwrap_or_default();
    Err(entry.place.error(format!("unknown key; did you mean `{nearest}`?")))
}

/// Levenshtein distance, ignoring case.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
