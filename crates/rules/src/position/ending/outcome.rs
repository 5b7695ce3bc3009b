//! When a game is over, and who has won.

use crate::board::{Color, MoveKind, MoveList, Outcome, Position, Value, Word};
use crate::position::ending::history::History;
use crate::rules::{Ending, EndingKind, Rules};

impl<W: Word> Rules<W> {
    /// The result of the game in `position` by the variant's own rules, if it has ended. See [`Rules::ending`].
    #[must_use]
    #[inline]
    pub fn outcome(&self, position: &Position<W>, moves: &MoveList, history: &History<W>) -> Option<Outcome> {
        self.ending(position, moves, history).map(|ending| ending.outcome)
    }

    /// How the game has ended in `position`, if it has. `moves` are its legal moves, `history` the positions before it.
    #[must_use]
    #[inline]
    pub fn ending(&self, position: &Position<W>, moves: &MoveList, history: &History<W>) -> Option<Ending> {
        if moves.is_empty() {
            return self.immediate_ending(position).or_else(|| Some(self.ending_without_moves(position)));
        }
        if let Some(ending) = self.ending_by_past(position, history) {
            return Some(ending);
        }
        if self.promotion.sittuyin && self.only_promotions_left(position, moves) {
            let outcome = Outcome::from_value(Value::Draw, position.turn());
            return Some(Ending { kind: EndingKind::Stalemate, favours: Some(!position.turn()), outcome });
        }
        self.count_of_men(position)
    }

    /// How the game has ended, if it has, by what was played before `position`, in which the side to move has a legal move: by the n-move rule,
    /// a repetition or a count to a draw. [`Rules::ending`] knows all ends.
    #[must_use]
    #[inline]
    pub fn ending_by_past(&self, position: &Position<W>, history: &History<W>) -> Option<Ending> {
        let turn = position.turn();
        let by_mover =
            |kind, value| Some(Ending { kind, favours: Some(!turn), outcome: Outcome::from_value(value, turn) });
        let clock = position.halfmove_clock();
        if self.tallies.n_move_rule > 0 && clock >= 2 * self.tallies.n_move_rule {
            let grace = if self.repetition.chasing { history.checks_beyond_ten(self, position) } else { 0 };
            if clock - grace.min(clock) >= 2 * self.tallies.n_move_rule {
                return by_mover(EndingKind::MoveRule, self.draw_value(position));
            }
        }
        if self.repetition.n_fold > 0
            && let Some(value) = history.repetition_value(self, position)
        {
            let value = if value == Value::Draw { self.draw_value(position) } else { value };
            return by_mover(EndingKind::Repetition, value);
        }
        let (limit, counted) = position.counting;
        if self.tallies.counting.is_some() && limit > 0 && counted > limit {
            return by_mover(EndingKind::Counting, Value::Draw);
        }
        None
    }

    /// The end of the game by a count of men, if the payoff asks for one at a ply that has come.
    fn count_of_men(&self, position: &Position<W>) -> Option<Ending> {
        let ply = self.payoff.count_at_ply()?;
        if position.ply() < ply {
            return None;
        }
        let [white, black] = [Color::White, Color::Black].map(|side| position.color(side).count());
        let favours = match white.cmp(&black) {
            std::cmp::Ordering::Greater => Some(Color::White),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Less => Some(Color::Black),
        };
        let outcome = match favours {
            Some(Color::White) => Outcome::WhiteWins,
            Some(Color::Black) => Outcome::BlackWins,
            None => Outcome::Draw,
        };
        Some(Ending { kind: EndingKind::Count, favours, outcome })
    }

    /// Whether every decided game ends by a move of the winner, so that the side to move has never won. True of chess. `false` also where
    /// that is not plain from the rules: where a stalemate, a repetition, a goal or an illegal mate may favour the side to move.
    #[must_use]
    pub fn mover_never_has_won(&self) -> bool {
        let favoured =
            [self.mates.stalemate_value, self.mates.checkmate_value, self.repetition.value].contains(&Value::Win);
        let illegal_mates = self.mates.pawn_drop_mate_illegal || self.mates.shatar;
        let counted = self.tallies.material.is_some() || !self.payoff.is_default();
        let judged =
            self.plan.immediate_ends || self.mates.stalemate_piece_count || counted || self.repetition.judges_moves();
        !(favoured || illegal_mates || judged)
    }

    /// Whether the side to move is stalemated as in sittuyin: it has only a king and a pawn, and no moves but promotions.
    fn only_promotions_left(&self, position: &Position<W>, moves: &MoveList) -> bool {
        let turn = position.turn();
        position.color(turn).count() == 2
            && self.roles.pawn.is_some_and(|pawn| position.count(turn, pawn) == 1)
            && !self.king_attacked(position, turn)
            && moves.iter().all(|mv| mv.kind() == MoveKind::Promotion)
    }

    /// The end of the game where the side to move has no move: checkmate or stalemate.
    fn ending_without_moves(&self, position: &Position<W>) -> Ending {
        let turn = position.turn();
        let checkers = self.checkers(position);
        let (kind, value) = if checkers.any() {
            (EndingKind::Checkmate, self.checkmate_value(position, checkers))
        } else if self.checked_pseudo_royals(position, turn).any() {
            (EndingKind::Checkmate, self.mates.checkmate_value)
        } else {
            (EndingKind::Stalemate, self.stalemate_value(position))
        };
        Ending { kind, favours: Some(!turn), outcome: Outcome::from_value(value, turn) }
    }
}
