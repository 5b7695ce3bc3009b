//! Who attacks a square.

use arrayvec::ArrayVec;

use crate::board::{Color, PieceType, Planes, Position, Sliders as _, Square, Word, rider, squares};
use crate::rules::{Attackers, Mover, Rules, Special};

/// Checks on a king, and men that must not leave their lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pins<W> {
    pub(crate) checkers: W,
    /// Checkers that leap: nothing can come between.
    pub(crate) leaping: W,
    pub(crate) pinned: W,
    /// Who pins them.
    pub(crate) pinners: W,
}

/// One side's men by how they attack, looked up once for a position.
pub(crate) struct Watch<'a, W: Word> {
    attackers: &'a Attackers<W>,
    by: Color,
    /// For each group of leapers: its men.
    leapers: ArrayVec<W, 32>,
    rooks: W,
    bishops: W,
}

impl<'a, W: Word> Watch<'a, W> {
    /// One that has seen nobody yet.
    #[inline(always)]
    pub(crate) fn new(rules: &'a Rules<W>, by: Color) -> Watch<'a, W> {
        let attackers = &rules.pieces.attackers[by.index()];
        Watch { attackers, by, leapers: ArrayVec::new(), rooks: W::EMPTY, bishops: W::EMPTY }
    }

    /// Looks up the men. In place: what is kept is large to move.
    #[inline(always)]
    pub(crate) fn look(&mut self, position: &Position<W>, planes: &Planes<W>) -> &Watch<'a, W> {
        let men = position.color(self.by);
        self.leapers.extend(self.attackers.leapers.iter().map(|(types, _)| planes.of_types(*types) & men));
        self.rooks = planes.of_types(self.attackers.rooks) & men;
        self.bishops = planes.of_types(self.attackers.bishops) & men;
        self
    }

    /// Whether one of the men still `alive` could capture on `square`.
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

    /// Checks and pins on the king on `king`, where only leapers and sliders give check.
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

impl<W: Word> Rules<W> {
    /// The square of a side's king, if it is on the board.
    #[inline]
    pub(crate) fn king(&self, position: &Position<W>, side: Color) -> Option<Square> {
        let kings = position.pieces(side, self.roles.king?);
        kings.any().then(|| kings.lowest())
    }

    /// Men of `by` that could capture on `square`, with `occupied` in place of the men on the board.
    #[inline]
    pub(crate) fn attackers(&self, position: &Position<W>, square: Square, by: Color, occupied: W) -> W {
        self.attackers_past(position, square, by, occupied, W::EMPTY)
    }

    /// The same; `cannons` replaces the cannons that janggi's cannons may not jump over, if any are given.
    pub(crate) fn attackers_past(
        &self,
        position: &Position<W>,
        square: Square,
        by: Color,
        occupied: W,
        cannons: W,
    ) -> W {
        let attackers = &self.pieces.attackers[by.index()];
        let mut found = W::EMPTY;
        for (types, sources) in &attackers.leapers {
            found |= W::at(sources, square) & position.of_types(*types);
        }
        if attackers.rooks != 0 {
            found |= self.lines.attacks(rider::ROOK, square, occupied) & position.of_types(attackers.rooks);
        }
        if attackers.bishops != 0 {
            found |= self.lines.attacks(rider::BISHOP, square, occupied) & position.of_types(attackers.bishops);
        }
        for ranger in &attackers.rangers {
            let men = position.of_type(ranger.piece);
            let near = W::at(&ranger.sources, square) & men;
            if near.is_empty() && self.pieces.palace.is_empty() {
                continue;
            }
            let special = self.pieces.movers[by.index()][ranger.piece.index()].special;
            if special == Special::JanggiCannon {
                let cannons = if cannons.any() { cannons } else { men };
                found |= self.cannon_lines(ranger.riders, square, occupied, cannons) & near;
                if self.pieces.palace.has(square) {
                    found |= self.cannon_lines(rider::CANNON_D, square, occupied, cannons) & men & self.pieces.palace;
                }
                continue;
            }
            if ranger.symmetric {
                found |= self.lines.attacks(ranger.riders, square, occupied) & near;
            } else {
                for from in squares(near & position.color(by)) {
                    if self.lines.attacks(ranger.riders, from, occupied).has(square) {
                        found |= W::bit(from);
                    }
                }
            }
            if special == Special::PalaceRook && self.pieces.palace.has(square) {
                found |= self.lines.attacks(rider::BISHOP, square, occupied) & men & self.pieces.palace;
            }
        }
        found & position.color(by)
    }

    /// Where janggi's cannons look along lines: over one man that is no cannon.
    fn cannon_lines(&self, riders: u16, from: Square, occupied: W, cannons: W) -> W {
        self.lines.attacks(riders, from, occupied) & self.lines.attacks(riders, from, occupied & !cannons)
    }

    /// Where one of janggi's cannons can go.
    pub(crate) fn cannon_targets(&self, mover: &Mover<W>, position: &Position<W>, from: Square) -> W {
        let occupied = position.occupied();
        let cannons = self.roles.janggi_cannon.map_or(W::EMPTY, |t| position.of_type(t));
        let mut targets =
            self.cannon_lines(mover.capture.riders, from, occupied, cannons) & W::at(&mover.capture.widest, from);
        if self.pieces.palace.has(from) {
            targets |= self.cannon_lines(rider::CANNON_D, from, occupied, cannons) & self.pieces.palace;
        }
        targets & !cannons
    }

    /// Whether a man of `by` could capture on `square`, among those still `alive`.
    #[inline]
    pub(crate) fn attacked(&self, position: &Position<W>, square: Square, by: Color, occupied: W, alive: W) -> bool {
        let attackers = &self.pieces.attackers[by.index()];
        let men = position.color(by) & alive;
        for (types, sources) in &attackers.leapers {
            let near = W::at(sources, square) & men;
            if near.any() && (near & position.of_types(*types)).any() {
                return true;
            }
        }
        if attackers.rooks != 0
            && (self.lines.attacks(rider::ROOK, square, occupied) & men & position.of_types(attackers.rooks)).any()
        {
            return true;
        }
        if attackers.bishops != 0
            && (self.lines.attacks(rider::BISHOP, square, occupied) & men & position.of_types(attackers.bishops)).any()
        {
            return true;
        }
        !attackers.rangers.is_empty() && (self.attackers(position, square, by, occupied) & alive).any()
    }

    /// Squares that matter to whether riders of `by` attack `square`.
    #[inline]
    pub(crate) fn zone(&self, by: Color, square: Square) -> W {
        W::at(&self.pieces.attackers[by.index()].zone, square)
    }

    /// The same for the men on the board: where coming and going can change whether one of them attacks `square`.
    pub(crate) fn lines_to(&self, position: &Position<W>, by: Color, square: Square) -> W {
        let attackers = &self.pieces.attackers[by.index()];
        let men = position.color(by);
        let sliders = self.lines.attacks(rider::ROOK, square, W::EMPTY) & position.of_types(attackers.rooks)
            | self.lines.attacks(rider::BISHOP, square, W::EMPTY) & position.of_types(attackers.bishops);
        // A move takes away or adds one man: it opens no line with more men on it than this.
        let add = |zone: W, from: W, most: u32| {
            let lines = squares(from).map(|s| self.lines.between(square, s));
            lines.filter(|line| (*line & position.occupied()).count() <= most).fold(zone, |zone, line| zone | line)
        };
        let mut zone = add(W::EMPTY, sliders & men, 1);
        for ranger in &attackers.rangers {
            let near = W::at(&ranger.sources, square) & position.of_type(ranger.piece) & men;
            if near.any() {
                zone = add(zone, near, 2);
                if ranger.riders & rider::LAME_N != 0 {
                    zone |= W::at(&self.lines.neighbours, square);
                }
                if ranger.riders & (rider::LAME_Z | rider::NIGHTRIDER) != 0 {
                    zone |= self.zone(by, square);
                }
            }
        }
        zone
    }

    /// Whether the side to move is in check: its king, or pseudo-royal men whose loss loses.
    #[must_use]
    pub fn in_check(&self, position: &Position<W>) -> bool {
        self.king_attacked(position, position.turn()) || self.checked_pseudo_royals(position, position.turn()).any()
    }

    pub(crate) fn king_attacked(&self, position: &Position<W>, side: Color) -> bool {
        self.king(position, side)
            .is_some_and(|king| self.attacked(position, king, !side, position.occupied(), !W::EMPTY))
    }

    /// Men that give check to the king of the side to move.
    pub(crate) fn checkers(&self, position: &Position<W>) -> W {
        let side = position.turn();
        self.king(position, side).map_or(W::EMPTY, |king| self.attackers(position, king, !side, position.occupied()))
    }

    /// Pseudo-royal men of a side that could be captured, where that may not be allowed.
    pub(crate) fn checked_pseudo_royals(&self, position: &Position<W>, side: Color) -> W {
        let Some(extinction) = self.extinction.as_ref().filter(|e| e.pseudo_royal) else { return W::EMPTY };
        let theirs = self.pseudo_royals(position, !side);
        let attacked = |square: Square| {
            // Who captures beside a royal man of his own loses it to the blast.
            !(self.captures.blast && (theirs & W::at(&self.lines.neighbours, square)).any())
                && self.attacked(position, square, !side, position.occupied(), !W::EMPTY)
        };
        let mut checked = W::EMPTY;
        for square in squares(self.pseudo_royals(position, side)) {
            if attacked(square) {
                checked |= W::bit(square);
            }
        }
        if extinction.duple_check {
            let all = position.of_types(extinction.types) & position.color(side);
            if all.any() && squares(all).all(attacked) {
                checked |= all;
            }
        }
        checked
    }

    /// Men of a side whose loss would lose.
    pub(crate) fn pseudo_royals(&self, position: &Position<W>, side: Color) -> W {
        let Some(extinction) = self.extinction.as_ref().filter(|e| e.pseudo_royal) else { return W::EMPTY };
        let mut royals = W::EMPTY;
        let mut types = extinction.types;
        while types != 0 {
            let men = position.pieces(side, PieceType(types.trailing_zeros() as u8));
            if men.count() <= extinction.count + 1 {
                royals |= men;
            }
            types &= types - 1;
        }
        royals
    }
}

impl<W: Word> Mover<W> {
    /// Squares to which the piece on `from` may go: empty ones and men of both colours to capture (mask its own out).
    #[inline]
    pub(crate) fn targets(&self, rules: &Rules<W>, position: &Position<W>, side: Color, from: Square) -> W {
        let occupied = position.occupied();
        if self.special != Special::None {
            return self.special_targets(rules, position, from, occupied) & self.region;
        }
        let capture = self.capture.targets(&rules.lines, from, occupied);
        if self.alike {
            return capture & self.region;
        }
        let mut quiet = self.quiet.targets(&rules.lines, from, occupied);
        if let Some(initial) = &self.initial
            && rules.pawns.double_step[side.index()].has(from)
        {
            quiet |= initial.targets(&rules.lines, from, occupied);
        }
        (capture & occupied | quiet & !occupied) & self.region
    }

    fn special_targets(&self, rules: &Rules<W>, position: &Position<W>, from: Square, occupied: W) -> W {
        match self.special {
            Special::JanggiCannon => rules.cannon_targets(self, position, from),
            _ => {
                let mut targets = self.capture.targets(&rules.lines, from, occupied);
                if rules.pieces.palace.has(from) {
                    targets |= rules.lines.attacks(rider::BISHOP, from, occupied) & rules.pieces.palace;
                }
                targets
            }
        }
    }
}
