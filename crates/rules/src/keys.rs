//! The keys of `variants.ini`: their names, the kinds of their values, and what they are when nothing is said.

use std::sync::LazyLock;

use crate::board::{Region, Value};
use crate::definition::{PAWN, ROOK, Setting, TypeChoice};
use crate::ini::{Entry, MAX_NAME_BYTES, RuleError};

/// What values a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `true` or `false`
    Flag,
    /// A whole number in a range.
    Number(u32, u32),
    /// `win`, `loss`, `draw`, or `none` where that means something.
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

/// Whether both sides have the key in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sides {
    /// One value.
    One,
    /// `keyWhite` and `keyBlack`, or `key` for both.
    Both,
    /// `keyWhite` and `keyBlack` only.
    Each,
}

macro_rules! keys {
    ($($key:ident $name:literal $sides:ident $kind:expr;)*) => {
        /// A key of the format, sides apart.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub(crate) enum Key { $($key),* }

        impl Key {
            /// All, in the order in which they are written.
            pub(crate) const ALL: &'static [Key] = &[$(Key::$key),*];

            /// The name in rule files, without the side.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Key::$key => $name),* }
            }

            pub(crate) fn sides(self) -> Sides {
                match self { $(Key::$key => Sides::$sides),* }
            }

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
    /// The value where a rule file without a parent says nothing.
    pub(crate) fn default(self, side: usize) -> Setting {
        let slot = |slot: usize| Setting::slots(1 << slot);
        match self {
            Key::StartFen => Setting::Text("rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1".to_owned()),
            Key::PromotionRegion => Setting::Region(Region::rank([8, 1][side])),
            Key::DoubleStepRegion => Setting::Region(Region::rank([2, 7][side])),
            Key::EnPassantRegion | Key::DropRegion | Key::WallingRegion => Setting::Region(Region::ALL),
            Key::PromotionPawnTypes | Key::EnPassantTypes | Key::NMoveRuleTypes => slot(PAWN),
            Key::CastlingRookPieces => slot(ROOK),
            Key::CastlingKingPiece => Setting::Type(TypeChoice::Slot(crate::definition::KING)),
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

    /// The name for one side, or for both where they share it.
    pub(crate) fn full_name(self, side: Option<usize>) -> String {
        format!("{}{}", self.name(), side.map_or("", |s| ["White", "Black"][s]))
    }

    /// The key of a name, with the sides that it speaks of.
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

    fn names(self) -> Vec<String> {
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

/// Keys that say how other programs show or value a game; they are no rules.
const PRESENTATION: &[&str] = &["pieceToCharTable", "pieceValueEg", "pieceValueMg", "pocketSize", "variantTemplate"];

/// Keys of games without chess-like movement, each with the reason and the values that switch it off.
const REFUSED: &[(&str, &str)] = &[
    ("collinearN", "it ends games in which men are placed in rows"),
    ("connectDiagonal", "it belongs to games in which men are placed in rows"),
    ("connectHorizontal", "it belongs to games in which men are placed in rows"),
    ("connectN", "it ends games in which men are placed in rows"),
    ("connectNxN", "it ends games in which men are placed in squares"),
    ("connectPieceTypes", "it belongs to games in which men are placed in rows"),
    ("connectRegion1Black", "it ends games in which men are placed in chains"),
    ("connectRegion1White", "it ends games in which men are placed in chains"),
    ("connectRegion2Black", "it ends games in which men are placed in chains"),
    ("connectRegion2White", "it ends games in which men are placed in chains"),
    ("connectValue", "it belongs to games in which men are placed in rows"),
    ("connectVertical", "it belongs to games in which men are placed in rows"),
    ("dropOnTop", "it belongs to games in which men are only placed"),
    ("enclosingDrop", "it belongs to games in which men are placed to enclose others"),
    ("enclosingDropStart", "it belongs to games in which men are placed to enclose others"),
    ("flipEnclosedPieces", "it belongs to games in which enclosed men change sides"),
    ("twoBoards", "it belongs to games of four players on two boards"),
];

/// Older names of keys, with the keys that they set.
pub(crate) const OLD_NAMES: &[(&str, &[&str])] = &[
    ("whiteFlag", &["flagRegionWhite"]),
    ("blackFlag", &["flagRegionBlack"]),
    ("whiteDropRegion", &["dropRegionWhite"]),
    ("blackDropRegion", &["dropRegionBlack"]),
    ("castlingRookPiece", &["castlingRookPieces"]),
    ("pawnTypes", &["promotionPawnTypes", "enPassantTypes", "nMoveRuleTypes"]),
];
/// Older keys that give ranks for regions.
pub(crate) const RANK_KEYS: &[&str] = &["promotionRank", "doubleStepRank", "doubleStepRankMin"];

/// What a name in a rule file stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Meaning {
    /// A key, and the sides that it speaks of.
    Rule(Key, &'static [usize]),
    /// Something else that is read: a piece, the board, a mobility region, an old name.
    Other,
    /// Nothing that concerns the rules.
    Presentation,
}

/// Finds out what a key stands for.
///
/// # Errors
/// If the format does not have it (with the nearest key that it has), or if it is refused (with the reason).
pub(crate) fn meaning(entry: &Entry, known: impl Fn(&str) -> bool) -> Result<Meaning, RuleError> {
    let key = entry.key.as_str();
    if let Some((key, sides)) = Key::find(key) {
        return Ok(Meaning::Rule(key, sides));
    }
    if known(key) || OLD_NAMES.iter().any(|(name, _)| *name == key) || RANK_KEYS.contains(&key) {
        return Ok(Meaning::Other);
    }
    if PRESENTATION.contains(&key) {
        return Ok(Meaning::Presentation);
    }
    if let Some((_, reason)) = REFUSED.iter().find(|(name, _)| *name == key) {
        // Values that switch the rule off say nothing.
        if ["false", "none", "0", "-"].contains(&entry.value.as_str()) {
            return Ok(Meaning::Presentation);
        }
        return Err(entry.place.error(format!("this key is refused: {reason}, not of chess-like movement")));
    }
    static KNOWN: LazyLock<Vec<String>> = LazyLock::new(|| {
        let board = ["maxRank".to_owned(), "maxFile".to_owned()];
        Key::ALL.iter().flat_map(|k| k.names()).chain(board).chain(crate::definition::piece_names()).collect()
    });
    let nearest = KNOWN.iter().min_by_key(|known| distance(known, key)).map_or("", String::as_str);
    Err(entry.place.error(format!("unknown key; did you mean `{nearest}`?")))
}

/// Levenshtein distance of two names, ignoring case. Of longer texts only so much is looked at as a name may have.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let letters =
        |text: &str| -> Vec<char> { text.chars().take(MAX_NAME_BYTES).map(|c| c.to_ascii_lowercase()).collect() };
    let b = letters(b);
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in letters(a).into_iter().enumerate() {
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
