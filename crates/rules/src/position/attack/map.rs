//! All squares that a side attacks.

use crate::board::{Color, Position, Square, Word, rider, squares};
use crate::rules::{Mover, Path, Rules, Special};

impl<W: Word> Mover<W> {
    /// Squares on which the man on `from` could capture, whoever stands there.
    #[inline(always)]
    fn attacks(&self, rules: &Rules<W>, position: &Position<W>, from: Square, occupied: W) -> W {
        match self.path {
            Path::Leaper => W::at(&self.capture.leaps, from),
            Path::Bishop => rules.lines.attacks(rider::BISHOP, from, occupied),
            Path::Rook => rules.lines.attacks(rider::ROOK, from, occupied),
            Path::Queen => rules.lines.attacks(rider::QUEEN, from, occupied),
            Path::General if self.special == Special::None => {
                self.capture.targets(&rules.lines, from, occupied) & self.region
            }
            Path::General => self.targets(rules, position, Color::White, from),
        }
    }
}

impl<W: Word> Rules<W> {
    /// Squares on which a man of `by` could capture if a man of the other side stood there: squares with men of `by` are those that it defends. Pins,
    /// captures in passing, drops and rules by which captures are compulsory or forbidden are left out.
    // Inlined into an evaluator, it would take the registers of evaluators that do not ask for it.
    #[inline(never)]
    #[must_use]
    pub fn attacked_squares(&self, position: &Position<W>, by: Color) -> W {
        let occupied = position.occupied();
        let movers = &self.pieces.movers[by.index()];
        let attacks = |from: Square| movers[position.type_at(from).index()].attacks(self, position, from, occupied);
        squares(position.color(by)).fold(W::EMPTY, |all, from| all | attacks(from))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rand::{Rng as _, SeedableRng as _};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::{Catalog, Game, with_rules};

    /// Two ways to the same squares: along the moves of all men, and by asking each square for its attackers.
    fn check<W: Word>(rules: &Arc<Rules<W>>) {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut game = Game::new(Arc::clone(rules));
        while game.outcome().is_none() && game.ply() < 60 {
            let position = game.position();
            for by in [Color::White, Color::Black] {
                let squares = (0..rules.squares()).map(|i| Square(i as u8));
                let asked = squares.filter(|s| rules.attackers(position, *s, by, position.occupied()).any());
                let asked = asked.fold(W::EMPTY, |all, square| all | W::bit(square));
                // Who is asked for the attackers of a cannon of janggi names other cannons, which cannot capture it.
                let cannons = rules.roles.janggi_cannon.map_or(W::EMPTY, |t| position.of_type(t));
                let (asked, found) = (asked & !cannons, rules.attacked_squares(position, by) & !cannons);
                assert!(found == asked, "{} {}: {found:?} {asked:?}", rules.name(), rules.fen(position));
            }
            game.play(game.legal()[rng.random_range(0..game.legal().len())]);
        }
    }

    #[test]
    fn attacked_squares_are_those_with_attackers() {
        let catalog = Catalog::builtin();
        for name in catalog.names() {
            with_rules!(catalog.compiled(name).unwrap(), rules => check(&rules));
        }
    }
}
