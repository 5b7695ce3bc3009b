//! Men in hand.

use crate::board::{PieceType, Word};
use crate::format::{Definition, Key, slot};
use crate::rules::pieces::{Numbering, Pieces, regions};

/// How men come to the hand and from it.
#[derive(Clone, Debug)]
pub(crate) struct Hands<W> {
    /// How men come from the hand, if they do.
    pub(crate) drops: Option<Drops<W>>,
    /// Whether a move can be to drop a man on an empty square.
    pub(crate) piece_drops: bool,
    /// Whether captured men come to the hand of the side that captures them.
    pub(crate) captures_to_hand: bool,
    /// Whether promoted men come to hand as what they are.
    pub(crate) drop_loop: bool,
}

/// Where men come from the hand, as a drop or through a gate.
#[derive(Clone, Debug)]
pub(crate) struct Drops<W> {
    /// Whether a drop may give check.
    pub(crate) checks: bool,
    /// Whether a side that can drop a man must.
    pub(crate) must: bool,
    /// The only type whose drops are required; `None` for any.
    pub(crate) must_type: Option<PieceType>,
    /// By side and type: the squares on which it may be dropped.
    pub(crate) region: [Vec<W>; 2],
    /// The type of the bishops, if they must be dropped half on light and half on dark squares.
    pub(crate) opposite_bishops: Option<PieceType>,
    /// Whether men may be dropped as what they turn over into.
    pub(crate) promoted: bool,
    /// The type of which a file may hold only so many men of a side as `no_doubled_count` says.
    pub(crate) no_doubled: Option<PieceType>,
    pub(crate) no_doubled_count: u32,
}

impl<W: Word> Hands<W> {
    pub(crate) fn compile(definition: &Definition, numbering: &Numbering, pieces: &Pieces<W>) -> Hands<W> {
        let piece_drops = definition.flag(Key::PieceDrops);
        let seirawan = definition.flag(Key::Gating) && definition.flag(Key::SeirawanGating);
        Hands {
            drops: (piece_drops || seirawan).then(|| Drops::compile(definition, numbering, pieces)),
            piece_drops,
            captures_to_hand: definition.flag(Key::CapturesToHand),
            drop_loop: definition.flag(Key::DropLoop),
        }
    }
}

impl<W: Word> Drops<W> {
    fn compile(definition: &Definition, numbering: &Numbering, pieces: &Pieces<W>) -> Drops<W> {
        let opposite = definition.flag(Key::DropOppositeColoredBishop);
        Drops {
            checks: definition.flag(Key::DropChecks),
            must: definition.flag(Key::MustDrop) && definition.flag(Key::PieceDrops),
            must_type: numbering.choice(definition, Key::MustDropType, 0),
            region: [0, 1].map(|side| drop_regions(definition, numbering, pieces, side)),
            opposite_bishops: if opposite { numbering.type_of(slot::BISHOP) } else { None },
            promoted: definition.flag(Key::DropPromoted),
            no_doubled: numbering.choice(definition, Key::DropNoDoubled, 0),
            no_doubled_count: definition.number(Key::DropNoDoubledCount),
        }
    }
}

/// By type: the squares on which a side may drop it.
fn drop_regions<W: Word>(definition: &Definition, numbering: &Numbering, pieces: &Pieces<W>, side: usize) -> Vec<W> {
    let board = definition.board;
    let whole: W = regions(definition, Key::DropRegion)[side];
    let promotion: W = regions(definition, Key::PromotionRegion)[side];
    let home: W = board.region(|_, r| r == if side == 0 { 0 } else { board.ranks - 1 });
    let region = |(piece, may_enter): (usize, W)| {
        let mut region = whole & may_enter;
        if piece == slot::PAWN && !definition.flag(Key::PromotionZonePawnDrops) {
            region &= !promotion;
        }
        if piece == slot::PAWN && !definition.flag(Key::FirstRankPawnDrops) {
            region &= !home;
        }
        if piece == slot::ROOK && definition.flag(Key::SittuyinRookDrop) {
            region &= home;
        }
        region
    };
    let may_enter = pieces.movers[side].iter().map(|mover| mover.region);
    numbering.slots().iter().copied().zip(may_enter).map(region).collect()
}
