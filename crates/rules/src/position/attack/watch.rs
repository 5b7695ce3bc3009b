//! One side's attacks in one position, looked up once for many questions.

use arrayvec::ArrayVec;

use crate::board::{Color, Planes, Position, Sliders as _, Square, Word, squares};
use crate::rules::{Attackers, Rules};

/// Checks on a king, and men that must stay between it and an attacker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pins<W> {
    /// Men that give check.
    pub(crate) checkers: W,
    /// Those of the checkers that leap: no man can come between.
    pub(crate) leaping: W,
    /// Men that stand alone between the king and a slider.
    pub(crate) pinned: W,
    /// The sliders behind the pinned men.
    pub(crate) pinners: W,
}

/// One side's men by how they attack.
pub(crate) struct Watch<'a, W: Word> {
    attackers: &'a Attackers<W>,
    by: Color,
    /// For each group of leapers in `attackers`: its men.
    leapers: ArrayVec<W, 32>,
    /// Men that slide along ranks and files.
    rooks: W,
    /// Men that slide along diagonals.
    bishops: W,
}

impl<'a, W: Word> Watch<'a, W> {
    /// A watch over the men of `by` that has not looked at a position yet.
    #[inline(always)]
    pub(crate) fn new(rules: &'a Rules<W>, by: Color) -> Watch<'a, W> {
        let attackers = &rules.pieces.attackers[by.index()];
        Watch { attackers, by, leapers: ArrayVec::new(), rooks: W::EMPTY, bishops: W::EMPTY }
    }

    /// Looks up the men of a position. The watch is filled in place, for it is too large to be moved cheaply.
    #[inline(always)]
    pub(crate) fn look(&mut self, position: &Position<W>, planes: &Planes<W>) -> &Watch<'a, W> {
        let men = position.color(self.by);
        self.leapers.extend(self.attackers.leapers.iter().map(|(types, _)| planes.of_types(*types) & men));
        self.rooks = planes.of_types(self.attackers.rooks) & men;
        self.bishops = planes.of_types(self.attackers.bishops) & men;
        self
    }

    /// Whether one of those men that are `alive` could capture on `square`, with `occupied` in place of the men on the board.
    #[inline]
    pub(crate) fn attacks(
        &self,
        rules: &Rules<W>,
        position: &Position<W>,
        square: Square,
        occupied: W,
        alive: W,
    ) -> bool {
        let mut found = W::EMPTY;
        for (men, (_, sources)) in self.leapers.iter().zip(&self.attackers.leapers) {
            found |= W::at(sources, square) & *men;
        }
        if self.rooks.any() {
            found |= rules.lines.sliders.rook(square, occupied) & self.rooks;
        }
        if self.bishops.any() {
            found |= rules.lines.sliders.bishop(square, occupied) & self.bishops;
        }
        for ranger in &self.attackers.rangers {
            let near = W::at(&ranger.sources, square) & position.of_type(ranger.piece);
            if near.any() {
                found |= rules.lines.attacks(ranger.riders, square, occupied) & near & !position.color(position.turn());
            }
        }
        (found & alive).any()
    }

    /// Checks and pins on the king of the side to move, which stands on `king`, where all men attack by leaping or sliding.
    #[inline]
    pub(crate) fn pins(&self, rules: &Rules<W>, position: &Position<W>, king: Square) -> Pins<W> {
        let (own, theirs) = (position.color(position.turn()), position.color(!position.turn()));
        let occupied = position.occupied();
        let mut leaping = W::EMPTY;
        for (men, (_, sources)) in self.leapers.iter().zip(&self.attackers.leapers) {
            leaping |= W::at(sources, king) & *men;
        }
        let mut snipers = W::EMPTY;
        if self.rooks.any() {
            snipers |= rules.lines.sliders.rook(king, theirs) & self.rooks;
        }
        if self.bishops.any() {
            snipers |= rules.lines.sliders.bishop(king, theirs) & self.bishops;
        }
        for ranger in &self.attackers.rangers {
            let near = W::at(&ranger.sources, king) & theirs & position.of_type(ranger.piece);
            if near.any() {
                snipers |= rules.lines.attacks(ranger.riders, king, theirs) & near;
            }
        }
        let (mut sliding, mut pinned, mut pinners) = (W::EMPTY, W::EMPTY, W::EMPTY);
        for sniper in squares(snipers) {
            let between = rules.lines.between(king, sniper) & occupied;
            if between.is_empty() {
                sliding |= W::bit(sniper);
            } else if !between.several() {
                pinned |= between & own;
                pinners |= W::bit(sniper);
            }
        }
        Pins { checkers: leaping | sliding, leaping, pinned, pinners }
    }
}
