//! Counts that moves begin and continue: series of checks in shatar, the count to a draw of makruk and its kin.

use crate::board::{Color, PieceType, Position, Word};
use crate::rules::{Counting, Rules};

impl<W: Word> Rules<W> {
    /// Notes whether the side to move is in a series of checks of which one was by a knight, rook or dragon.
    pub(crate) fn note_shak(&self, position: &mut Position<W>) {
        let checkers = self.checkers(position);
        let strong = [self.roles.knight, self.roles.rook, self.roles.bers];
        let shak = strong.into_iter().flatten().any(|t| (position.of_type(t) & checkers).any());
        let series = &mut position.past.shak[position.turn.index()];
        *series = checkers.any() && (shak || *series);
    }

    /// Begins a count to a draw after a move of `us`, where the men that are left call for one.
    pub(super) fn start_counting(
        &self,
        position: &mut Position<W>,
        rule: Counting,
        us: Color,
        captured: Option<PieceType>,
        promoted: bool,
    ) {
        let counts = [Color::White, Color::Black].map(|side| position.color(side).count() as u16);
        let men = |side: Color| counts[side.index()];
        let pawns = self.roles.pawn.map_or(0, |p| position.of_type(p).count());
        let pawn_taken = captured.is_some() && captured == self.roles.pawn;
        let both = men(us) + men(!us);
        if rule != Counting::Asean && pawn_taken && men(us) == 1 && pawns == 0 {
            let limit = self.count_limit(position, rule, us);
            if limit > 0 {
                position.counting = (2 * limit, 2 * both - 1);
            }
        }
        let side = !us;
        let lone = men(side) == 1;
        if position.counting.0 == 0 || (captured.is_some() || promoted) && lone {
            let limit = self.count_limit(position, rule, side);
            if limit > 0 {
                position.counting = (2 * limit, if rule == Counting::Asean || !lone { 0 } else { 2 * both });
            }
        }
    }

    /// Full moves that `side` counts to a draw, 0 if it does not count.
    fn count_limit(&self, position: &Position<W>, rule: Counting, side: Color) -> u16 {
        let has = |piece: Option<PieceType>| piece.map_or(0, |p| position.count(!side, p));
        let pawns = self.roles.pawn.map_or(0, |p| position.of_type(p).count());
        let (own, other) = (position.color(side).count(), position.color(!side).count());
        let (rooks, silvers, knights) = (has(self.roles.rook), has(self.roles.silver), has(self.roles.knight));
        match rule {
            Counting::Makruk | Counting::Cambodian => {
                let makruk = rule == Counting::Makruk;
                if other == 1 || (if makruk { pawns > 0 } else { own > 3 }) {
                    return 0;
                }
                let less = u16::from(!makruk);
                if own > 1 {
                    return 64 - less;
                }
                if pawns > 0 {
                    return 0;
                }
                let limit = match (rooks, silvers, knights) {
                    (2.., ..) => 8,
                    (1, ..) => 16,
                    (0, 2.., _) => 22,
                    (0, _, 2..) => 32,
                    (0, 1, _) => 44,
                    _ => 64,
                };
                limit - less
            }
            Counting::Asean => match (rooks, silvers, knights) {
                _ if pawns > 0 || own > 1 => 0,
                (1.., ..) => 16,
                (0, 1.., _) => 44,
                (0, 0, 1..) => 64,
                _ => 0,
            },
        }
    }
}
