//! Whether rules treat left and right alike.

use crate::board::{Square, Word, mix};
use crate::rules::{Mover, Rules, Special};

/// Crowded boards on which moves are compared with their mirror images.
const BOARDS: u64 = 32;

impl<W: Word> Rules<W> {
    /// Whether the mirror image of a game, left and right exchanged, is always a game of these rules: every piece moves alike to both
    /// sides, and every region of the board is its own mirror image. The start position does not matter. Castling, walls and rules of
    /// the palace are taken to tell left from right without being looked at, so `false` does not prove that the rules do.
    #[must_use]
    pub fn is_mirror_symmetric(&self) -> bool {
        let unsure = self.castling.is_some()
            || self.chess960
            || self.walls.rule.is_some()
            || self.gates.gating
            || self.gates.cambodian
            || self.promotion.sittuyin
            || self.kings.bikjang
            || self.pieces.palace.any();
        if unsure {
            return false;
        }
        let none = [W::EMPTY; 2];
        let regions = [
            self.promotion.region,
            self.pawns.double_step,
            self.pawns.triple_step,
            self.pawns.en_passant_region,
            self.pieces.promoted_soldiers,
            self.flags.as_ref().map_or(none, |f| f.region),
        ];
        let drops = self.hands.drops.iter().flat_map(|d| d.region.iter().flatten());
        let own_image = |set: &W| self.mirrored(*set) == *set;
        let mut boards = vec![W::EMPTY];
        boards.extend((1..BOARDS).map(|number| {
            // The boards go from nearly empty to nearly full.
            let stands = |square: &Square| mix(mix(number) ^ u64::from(square.0)) % BOARDS < number;
            self.board.each().filter(stands).fold(W::EMPTY, |set, square| set | W::bit(square))
        }));
        regions.iter().flatten().chain(drops).all(own_image)
            && self.pieces.movers.iter().flatten().all(|mover| self.moves_alike_to_both_sides(mover, &boards))
    }

    /// Whether a piece reaches, from the mirror image of each square of each board, the mirror image of what it reaches from the square.
    fn moves_alike_to_both_sides(&self, mover: &Mover<W>, boards: &[W]) -> bool {
        let ways = [Some(&mover.quiet), Some(&mover.capture), mover.initial.as_ref()];
        mover.special == Special::None
            && self.mirrored(mover.region) == mover.region
            && ways.into_iter().flatten().all(|reach| {
                boards.iter().all(|occupied| {
                    let image = self.mirrored(*occupied);
                    self.board.each().all(|from| {
                        let targets = reach.targets(&self.lines, from, *occupied);
                        let mirrored = reach.targets(&self.lines, self.mirror_square(from), image);
                        self.mirrored(targets & self.squares.all) == mirrored & self.squares.all
                    })
                })
            })
    }

    /// The mirror image of a square.
    fn mirror_square(&self, square: Square) -> Square {
        let file = self.board.file(square);
        Square(square.0 - file + (self.board.files - 1 - file))
    }

    /// The mirror image of a set of squares.
    fn mirrored(&self, set: W) -> W {
        self.board.each().filter(|s| set.has(*s)).fold(W::EMPTY, |image, s| image | W::bit(self.mirror_square(s)))
    }
}
