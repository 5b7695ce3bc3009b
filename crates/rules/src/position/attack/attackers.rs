//! Who attacks a square.

use crate::board::{Color, Position, Square, Word, rider, squares};
use crate::rules::{Rules, Special};

impl<W: Word> Rules<W> {
    /// Men of `by` that could capture on `square`, with `occupied` in place of the men on the board.
    #[inline]
    pub(crate) fn attackers(&self, position: &Position<W>, square: Square, by: Color, occupied: W) -> W {
        self.attackers_past(position, square, by, occupied, W::EMPTY)
    }

    /// Men of `by` that could capture on `square`, with `occupied` in place of the men on the board and `cannons`, if there are any, in
    /// place of the cannons that a cannon of janggi cannot jump over.
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

    /// Whether one of those men of `by` that are `alive` could capture on `square`, with `occupied` in place of the men on the board.
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

    /// Squares on which a man can change whether riders of `by`, wherever they stand, attack `square`.
    #[inline]
    pub(crate) fn zone(&self, by: Color, square: Square) -> W {
        W::at(&self.pieces.attackers[by.index()].zone, square)
    }

    /// Squares on which a man who comes or goes can change whether a rider of `by` attacks `square` from where it stands.
    pub(crate) fn lines_to(&self, position: &Position<W>, by: Color, square: Square) -> W {
        let attackers = &self.pieces.attackers[by.index()];
        let men = position.color(by);
        let sliders = self.lines.attacks(rider::ROOK, square, W::EMPTY) & position.of_types(attackers.rooks)
            | self.lines.attacks(rider::BISHOP, square, W::EMPTY) & position.of_types(attackers.bishops);
        // A move takes away or adds one man, so a line with more men than `most` between its ends stays closed.
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
}
