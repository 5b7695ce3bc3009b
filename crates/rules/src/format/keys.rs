//! The keys of `variants.ini`: their names, the kinds of their values, and the value that each has where no rule file sets it.

use crate::board::{Region, Value};
use crate::format::setting::{Setting, TypeChoice};
use crate::format::slot;

/// What values a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `true` or `false`
    Flag,
    /// A whole number in a range.
    Number(u32, u32),
    /// `win`, `loss` or `draw`; for some keys also `none`.
    Result,
    /// A list of squares.
    Region,
    /// Piece letters; `*` stands for all men together.
    Types,
    /// One piece letter, `*` for any, `-` for none.
    Type,
    /// A file, by letter or number.
    File,
    /// A rank, from 1.
    Rank,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// Castling rights, as in a FEN.
    Rights,
    /// Piece letters with numbers: `q:1 r:2`.
    Limits,
    /// Piece letters with piece letters: `p:g s:g`.
    Turns,
    /// A FEN.
    Text,
}

/// Whether a key holds for both sides together or for each apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sides {
    /// `key`, one value for both sides.
    One,
    /// `keyWhite` and `keyBlack`, or `key` for both.
    Both,
    /// `keyWhite` and `keyBlack` only.
    Each,
}

macro_rules! keys {
    ($($key:ident $name:literal $sides:ident $kind:expr;)*) => {
        /// A key of the format, without the side that its name may end in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub(crate) enum Key { $($key),* }

        impl Key {
            /// All keys, in the order in which rule files are written.
            pub(crate) const ALL: &'static [Key] = &[$(Key::$key),*];

            /// The name in rule files, without the side.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Key::$key => $name),* }
            }

            /// Whether the sides have it in common.
            pub(crate) fn sides(self) -> Sides {
                match self { $(Key::$key => Sides::$sides),* }
            }

            /// What values it takes.
            pub(crate) fn kind(self) -> Kind {
                use Kind::*;
                match self { $(Key::$key => $kind),* }
            }
        }
    };
}

keys! {
    StartFen "startFen" One Text;
    Chess960 "chess960" One Flag;
    PromotionRegion "promotionRegion" Each Region;
    PromotionPawnTypes "promotionPawnTypes" Both Types;
    PromotionPieceTypes "promotionPieceTypes" Both Types;
    SittuyinPromotion "sittuyinPromotion" One Flag;
    PromotionLimit "promotionLimit" One Limits;
    PromotedPieceType "promotedPieceType" One Turns;
    PiecePromotionOnCapture "piecePromotionOnCapture" One Flag;
    MandatoryPawnPromotion "mandatoryPawnPromotion" One Flag;
    MandatoryPiecePromotion "mandatoryPiecePromotion" One Flag;
    PieceDemotion "pieceDemotion" One Flag;
    BlastOnCapture "blastOnCapture" One Flag;
    BlastImmuneTypes "blastImmuneTypes" One Types;
    MutuallyImmuneTypes "mutuallyImmuneTypes" One Types;
    PetrifyOnCaptureTypes "petrifyOnCaptureTypes" One Types;
    PetrifyBlastPieces "petrifyBlastPieces" One Flag;
    DoubleStep "doubleStep" One Flag;
    DoubleStepRegion "doubleStepRegion" Each Region;
    TripleStepRegion "tripleStepRegion" Each Region;
    EnPassantRegion "enPassantRegion" Both Region;
    EnPassantTypes "enPassantTypes" Both Types;
    Castling "castling" One Flag;
    CastlingDroppedPiece "castlingDroppedPiece" One Flag;
    CastlingKingsideFile "castlingKingsideFile" One File;
    CastlingQueensideFile "castlingQueensideFile" One File;
    CastlingRank "castlingRank" One Rank;
    CastlingKingFile "castlingKingFile" One File;
    CastlingKingPiece "castlingKingPiece" Both Type;
    CastlingRookKingsideFile "castlingRookKingsideFile" One File;
    CastlingRookQueensideFile "castlingRookQueensideFile" One File;
    CastlingRookPieces "castlingRookPieces" Both Types;
    OppositeCastling "oppositeCastling" One Flag;
    Checking "checking" One Flag;
    DropChecks "dropChecks" One Flag;
    MustCapture "mustCapture" One Flag;
    MustDrop "mustDrop" One Flag;
    MustDropType "mustDropType" One Type;
    PieceDrops "pieceDrops" One Flag;
    DropLoop "dropLoop" One Flag;
    CapturesToHand "capturesToHand" One Flag;
    FirstRankPawnDrops "firstRankPawnDrops" One Flag;
    PromotionZonePawnDrops "promotionZonePawnDrops" One Flag;
    DropRegion "dropRegion" Each Region;
    SittuyinRookDrop "sittuyinRookDrop" One Flag;
    DropOppositeColoredBishop "dropOppositeColoredBishop" One Flag;
    DropPromoted "dropPromoted" One Flag;
    DropNoDoubled "dropNoDoubled" One Type;
    DropNoDoubledCount "dropNoDoubledCount" One Number(0, 12);
    ImmobilityIllegal "immobilityIllegal" One Flag;
    Gating "gating" One Flag;
    SeirawanGating "seirawanGating" One Flag;
    WallingRule "wallingRule" One Choice(&["none", "arrow", "duck", "edge", "past", "static"]);
    WallingRegion "wallingRegion" Both Region;
    WallOrMove "wallOrMove" One Flag;
    CambodianMoves "cambodianMoves" One Flag;
    DiagonalLines "diagonalLines" One Region;
    Pass "pass" Both Flag;
    PassOnStalemate "passOnStalemate" Both Flag;
    MakpongRule "makpongRule" One Flag;
    FlyingGeneral "flyingGeneral" One Flag;
    SoldierPromotionRank "soldierPromotionRank" One Rank;
    NMoveRuleTypes "nMoveRuleTypes" Both Types;
    NMoveRule "nMoveRule" One Number(0, 1000);
    NFoldRule "nFoldRule" One Number(0, 100);
    NFoldValue "nFoldValue" One Result;
    NFoldValueAbsolute "nFoldValueAbsolute" One Flag;
    PerpetualCheckIllegal "perpetualCheckIllegal" One Flag;
    MoveRepetitionIllegal "moveRepetitionIllegal" One Flag;
    ChasingRule "chasingRule" One Choice(&["none", "axf"]);
    StalemateValue "stalemateValue" One Result;
    StalematePieceCount "stalematePieceCount" One Flag;
    CheckmateValue "checkmateValue" One Result;
    ShogiPawnDropMateIllegal "shogiPawnDropMateIllegal" One Flag;
    ShatarMateRule "shatarMateRule" One Flag;
    BikjangRule "bikjangRule" One Flag;
    ExtinctionValue "extinctionValue" One Result;
    ExtinctionClaim "extinctionClaim" One Flag;
    ExtinctionPseudoRoyal "extinctionPseudoRoyal" One Flag;
    DupleCheck "dupleCheck" One Flag;
    ExtinctionPieceTypes "extinctionPieceTypes" One Types;
    ExtinctionPieceCount "extinctionPieceCount" One Number(0, 120);
    ExtinctionOpponentPieceCount "extinctionOpponentPieceCount" One Number(0, 120);
    FlagPiece "flagPiece" Both Type;
    FlagRegion "flagRegion" Both Region;
    FlagPieceCount "flagPieceCount" One Number(1, 120);
    FlagPieceBlockedWin "flagPieceBlockedWin" One Flag;
    FlagMove "flagMove" One Flag;
    FlagPieceSafe "flagPieceSafe" One Flag;
    CheckCounting "checkCounting" One Flag;
    MaterialCounting "materialCounting" One Choice(&["none", "janggi", "unweighted", "whitedrawodds", "blackdrawodds"]);
    AdjudicateFullBoard "adjudicateFullBoard" One Flag;
    CountingRule "countingRule" One Choice(&["none", "makruk", "cambodian", "asean"]);
    CastlingWins "castlingWins" One Rights;
}

impl Key {
    /// The value for a side (0 for White, 1 for Black) in a section that neither has a parent nor sets the key.
    pub(crate) fn default(self, side: usize) -> Setting {
        let only = |slot: usize| Setting::slots(1 << slot);
        match self {
            Key::StartFen => Setting::Text("rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1".to_owned()),
            Key::PromotionRegion => Setting::Region(Region::rank([8, 1][side])),
            Key::DoubleStepRegion => Setting::Region(Region::rank([2, 7][side])),
            Key::EnPassantRegion | Key::DropRegion | Key::WallingRegion => Setting::Region(Region::ALL),
            Key::PromotionPawnTypes | Key::EnPassantTypes | Key::NMoveRuleTypes => only(slot::PAWN),
            Key::CastlingRookPieces => only(slot::ROOK),
            Key::CastlingKingPiece => Setting::Type(TypeChoice::Slot(slot::KING)),
            Key::FlagPiece | Key::MustDropType => Setting::Type(TypeChoice::Any),
            Key::MandatoryPawnPromotion | Key::DoubleStep | Key::Castling | Key::Checking | Key::DropChecks => {
                Setting::Flag(true)
            }
            Key::CastlingKingsideFile => Setting::Number(6),
            Key::CastlingQueensideFile => Setting::Number(2),
            Key::CastlingKingFile => Setting::Number(4),
            Key::CastlingRookKingsideFile => Setting::Number(11),
            Key::NMoveRule => Setting::Number(50),
            Key::NFoldRule => Setting::Number(3),
            Key::DropNoDoubledCount | Key::FlagPieceCount => Setting::Number(1),
            Key::NFoldValue | Key::StalemateValue => Setting::Result(Some(Value::Draw)),
            Key::CheckmateValue => Setting::Result(Some(Value::Loss)),
            _ => match self.kind() {
                Kind::Flag => Setting::Flag(false),
                Kind::Result => Setting::Result(None),
                Kind::Region => Setting::Region(Region::NONE),
                Kind::Types => Setting::slots(0),
                Kind::Type => Setting::Type(TypeChoice::None),
                Kind::Limits | Kind::Turns => Setting::Pairs(Vec::new()),
                Kind::Text => Setting::Text(String::new()),
                Kind::Number(..) | Kind::File | Kind::Rank | Kind::Choice(_) | Kind::Rights => Setting::Number(0),
            },
        }
    }

    /// The name of the key for one side (0 for White, 1 for Black), or for both.
    pub(crate) fn full_name(self, side: Option<usize>) -> String {
        format!("{}{}", self.name(), side.map_or("", |s| ["White", "Black"][s]))
    }

    /// The key that a name in a rule file stands for, with the sides that the name speaks of.
    pub(crate) fn find(name: &str) -> Option<(Key, &'static [usize])> {
        Key::ALL.iter().find_map(|key| {
            let rest = name.strip_prefix(key.name())?;
            let sides: &[usize] = match (key.sides(), rest) {
                (Sides::One | Sides::Both, "") => &[0, 1],
                (Sides::Both | Sides::Each, "White") => &[0],
                (Sides::Both | Sides::Each, "Black") => &[1],
                _ => return None,
            };
            Some((*key, sides))
        })
    }

    /// All names that the key has in rule files.
    pub(crate) fn names(self) -> Vec<String> {
        let mut names = Vec::new();
        if self.sides() != Sides::Each {
            names.push(self.full_name(None));
        }
        if self.sides() != Sides::One {
            names.extend([self.full_name(Some(0)), self.full_name(Some(1))]);
        }
        names
    }
}
