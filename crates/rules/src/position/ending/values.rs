//! What draws, stalemates and checkmates are worth to the side to move.

use crate::board::{Color, PieceType, Position, Value, Word};
use crate::rules::{Material, Rules};

impl<W: Word> Rules<W> {
    /// What a draw is worth to the side to move: not a draw, where material decides.
    pub(super) fn draw_value(&self, position: &Position<W>) -> Value {
        let Some(material) = self.tallies.material else { return Value::Draw };
        let white = match material {
            Material::WhiteDrawOdds => 1,
            Material::BlackDrawOdds => -1,
            Material::Unweighted => {
                let men = |side| i64::from(position.color(side).count());
                men(Color::White) - men(Color::Black)
            }
            Material::Janggi => {
                // Points of the Korea Janggi Association; White, who moves first, gives half a point or more.
                let roles = &self.roles;
                let worth = [
                    (roles.rook, 13),
                    (roles.janggi_cannon, 7),
                    (roles.horse, 5),
                    (roles.janggi_elephant, 3),
                    (roles.wazir, 3),
                    (roles.soldier, 2),
                ];
                let points = |side| -> i64 {
                    worth.iter().filter_map(|(t, n)| t.map(|t| n * i64::from(position.count(side, t)))).sum()
                };
                if points(Color::White) - points(Color::Black) > 1 { 1 } else { -1 }
            }
        };
        match if position.turn() == Color::White { white } else { -white } {
            1.. => Value::Win,
            0 => Value::Draw,
            _ => Value::Loss,
        }
    }

    /// What it is worth to the side to move to be stalemated.
    pub(super) fn stalemate_value(&self, position: &Position<W>) -> Value {
        let turn = position.turn();
        let mut value = self.mates.stalemate_value;
        if self.mates.stalemate_piece_count {
            let (own, other) = (position.color(turn).count(), position.color(!turn).count());
            value = match own.cmp(&other) {
                std::cmp::Ordering::Less => value,
                std::cmp::Ordering::Equal => Value::Draw,
                std::cmp::Ordering::Greater => value.turned(),
            };
        }
        if value == Value::Draw { self.draw_value(position) } else { value }
    }

    /// What it is worth to the side to move to be checkmated by some men.
    pub(super) fn checkmate_value(&self, position: &Position<W>, checkers: W) -> Value {
        let only = |piece| self.of_role(position, piece, checkers) == checkers;
        // A side that drops a pawn to mate loses.
        if self.mates.pawn_drop_mate_illegal && position.past.material && only(self.roles.shogi_pawn) {
            return Value::Win;
        }
        if self.mates.shatar {
            // A side that mates with a knight loses; a mate without a check by knight, rook or dragon in the series is a draw.
            if only(self.roles.knight) {
                return Value::Win;
            }
            if !position.past.shak[position.turn().index()] {
                return Value::Draw;
            }
        }
        self.mates.checkmate_value
    }

    /// Those of some men that are of a type, if the variant has it.
    fn of_role(&self, position: &Position<W>, role: Option<PieceType>, men: W) -> W {
        role.map_or(W::EMPTY, |t| position.of_type(t) & men)
    }
}
