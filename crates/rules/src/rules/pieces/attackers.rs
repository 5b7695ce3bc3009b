//! From where men attack: tables that are looked up by the attacked square.

use crate::board::{Board, Lines, PieceType, TypeSet, Word, rider, squares};
use crate::rules::pieces::mover::{Mover, Special};
use crate::rules::pieces::reach::Reach;

/// A type that attacks along some lines only, or otherwise than sliding.
#[derive(Clone, Debug)]
pub(crate) struct Ranger<W: Word> {
    pub(crate) piece: PieceType,
    /// The kinds of lines that it uses, as bits of [`rider`].
    pub(crate) riders: u16,
    /// By attacked square: the squares from which it could attack with men in the right places.
    pub(crate) sources: Box<W::Table>,
    /// Whether the squares that its lines reach from the attacked square are those from which it attacks.
    pub(crate) symmetric: bool,
}

/// From where the men of one colour attack.
#[derive(Clone, Debug)]
pub(crate) struct Attackers<W: Word> {
    /// Groups of types that leap alike, with the squares from which they leap onto each square.
    pub(crate) leapers: Vec<(TypeSet, Box<W::Table>)>,
    /// Types that slide along all ranks and files of the whole board.
    pub(crate) rooks: TypeSet,
    /// Types that slide along all diagonals of the whole board.
    pub(crate) bishops: TypeSet,
    /// Types that attack along lines in any other way.
    pub(crate) rangers: Vec<Ranger<W>>,
    /// For each square: all squares on which a man can change whether a rider attacks it.
    pub(crate) zone: Box<W::Table>,
}

/// Kinds of lines along which the square at one end may be attacked from the other, but not the other way round.
const ASYMMETRIC: u16 =
    rider::LAME_N | rider::LAME_Z | rider::GRASSHOPPER_H | rider::GRASSHOPPER_V | rider::GRASSHOPPER_D;

/// By target: the origins from which a table reaches it, where the target lies in `region`.
fn transposed<W: Word>(board: Board, region: W, table: &W::Table) -> Box<W::Table> {
    let mut sources = W::table();
    for from in board.each() {
        for to in squares(W::at(table, from) & region) {
            W::add(&mut sources, to, W::bit(from));
        }
    }
    sources
}

impl<W: Word> Attackers<W> {
    /// Compiles the attacks of one side's pieces, given how each moves.
    pub(crate) fn compile(board: Board, lines: &Lines<W>, movers: &[Mover<W>]) -> Attackers<W> {
        let mut all = Attackers { leapers: Vec::new(), rooks: 0, bishops: 0, rangers: Vec::new(), zone: W::table() };
        for (t, mover) in movers.iter().enumerate() {
            let Reach { leaps, widest, riders } = &mover.capture;
            let whole = mover.region == board.region(|_, _| true);
            if board.each().any(|s| W::at(leaps, s).any()) {
                let sources = transposed(board, mover.region, leaps);
                match all.leapers.iter_mut().find(|(_, known)| W::same(known, &sources)) {
                    Some((types, _)) => *types |= 1 << t,
                    None => all.leapers.push((1 << t, sources)),
                }
            }
            if *riders == 0 {
                continue;
            }
            let full = board
                .each()
                .all(|s| W::at(leaps, s) | lines.attacks(riders & rider::QUEEN, s, W::EMPTY) == W::at(widest, s));
            let straight = [rider::ROOK, rider::BISHOP, rider::QUEEN].contains(riders);
            if full && whole && straight && mover.special == Special::None {
                all.rooks |= TypeSet::from(riders & rider::ROOK != 0) << t;
                all.bishops |= TypeSet::from(riders & rider::BISHOP != 0) << t;
            } else {
                all.rangers.push(Ranger {
                    piece: PieceType(t as u8),
                    riders: *riders,
                    sources: transposed(board, mover.region, widest),
                    symmetric: riders & ASYMMETRIC == 0,
                });
            }
        }
        for square in board.each() {
            let queen = lines.attacks(rider::QUEEN, square, W::EMPTY);
            let near = W::at(&lines.neighbours, square);
            // A lame leaper is stopped beside the square that it attacks, or one step further.
            let mut zone = queen | near;
            for next in squares(near) {
                zone |= W::at(&lines.neighbours, next);
            }
            if movers.iter().any(|m| m.capture.riders & rider::NIGHTRIDER != 0) {
                zone = board.region(|_, _| true);
            }
            W::add(&mut all.zone, square, zone);
        }
        all
    }

    /// Whether these men attack only by leaping and sliding.
    pub(crate) fn is_orthodox(&self) -> bool {
        self.rangers.iter().all(|r| r.riders & !rider::QUEEN == 0)
    }
}
