//! What a search that prunes asks of rules and moves.

use crate::board::{Move, MoveKind, Position, Word, mix};
use crate::rules::Rules;

impl<W: Word> Rules<W> {
    /// Whether a side that can capture must. Then a position where it can is never quiet, and no other move may be assumed to be as good as
    /// making none.
    #[must_use]
    pub fn must_capture(&self) -> bool {
        self.captures.mandatory
    }

    /// Whether a legal move may decide the game or change at once who has more: it captures, promotes for good to the most valuable type, or
    /// brings a man to a goal square of its side.
    #[must_use]
    #[inline]
    pub fn is_noisy(&self, position: &Position<W>, mv: Move) -> bool {
        if self.is_capture(position, mv) {
            return true;
        }
        let us = position.turn();
        if mv.kind() == MoveKind::Promotion {
            return self.promotion.choices[us.index()].first().copied() == mv.promotion();
        }
        self.flags.as_ref().is_some_and(|flags| {
            let enters = flags.region[us.index()].has(mv.to()) && !flags.region[us.index()].has(mv.from());
            enters && flags.piece[us.index()].is_none_or(|piece| position.pieces(us, piece).has(mv.from()))
        })
    }

    /// Hash of what the value of a position rests on but for the positions before it: unlike [`Position::full_key`] it leaves counts to a draw
    /// out while the draw is far, so that a position that is reached in several ways is known again.
    #[must_use]
    #[inline]
    pub fn transposition_key(&self, position: &Position<W>) -> u64 {
        let mut key = if self.plan.plain_play { position.key() } else { position.key_without_clock() };
        let (clock, limit) = (position.halfmove_clock(), self.tallies.n_move_rule);
        // Half of the moves to the draw are made.
        if limit > 0 && clock >= limit {
            key ^= mix(u64::from(clock));
        }
        if self.payoff.count_at_ply().is_some() {
            key ^= mix(u64::from(position.ply()) << 32);
        }
        key
    }
}

#[cfg(test)]
mod tests {
    use crate::{Catalog, Game, MoveList};

    #[test]
    fn noisy_moves_are_captures_promotions_and_goals() {
        let noisy = |variant: &str, fen: &str| -> Vec<String> {
            let rules = Catalog::builtin().rules(variant).unwrap();
            let position = rules.parse_fen(fen).unwrap();
            let mut moves = MoveList::new();
            rules.legal_moves(&position, &mut moves);
            let mut found: Vec<String> =
                moves.iter().filter(|mv| rules.is_noisy(&position, **mv)).map(|mv| rules.uci(&position, *mv)).collect();
            found.sort();
            found
        };
        assert_eq!(noisy("chess", "4k3/P7/8/2pP4/8/8/8/R3K2R w KQ c6 0 1"), ["a7a8q", "d5c6"]);
        assert_eq!(noisy("chess", "r3k3/1P6/8/8/8/8/8/4K3 w - - 0 1"), ["b7a8b", "b7a8n", "b7a8q", "b7a8r", "b7b8q"]);
        assert_eq!(noisy("kingofthehill", "4k3/8/8/8/8/3K4/8/R7 w - - 0 1"), ["d3d4", "d3e4"]);
        assert_eq!(noisy("breakthrough", "8/4P3/8/8/8/8/3p4/8 w - - 0 1"), ["e7d8", "e7e8", "e7f8"]);
    }

    #[test]
    fn positions_are_known_again_whatever_the_clock_says_until_the_draw_is_near() {
        let rules = Catalog::builtin().rules("chess").unwrap();
        let key = |clock: u32| {
            let fen = format!("4k3/8/8/8/8/8/8/R3K3 w Q - {clock} 60");
            rules.transposition_key(&rules.parse_fen(&fen).unwrap())
        };
        assert_eq!(key(0), key(49));
        assert_ne!(key(0), key(50));
        assert_ne!(key(50), key(51));
        let start = Game::new(rules.clone());
        assert_ne!(rules.transposition_key(start.position()), key(0));
    }
}
