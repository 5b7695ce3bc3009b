//! What a game's earlier positions say about its end: repetitions, perpetual checks and chases.

use crate::board::{Color, Move, MoveKind, Position, Value, Word};
use crate::rules::Rules;

/// What is kept of an earlier position besides its key.
#[derive(Clone, Copy, Debug)]
struct Entry<W> {
    /// Whether the side to move was in check.
    check: bool,
    /// Whether the move that led to the position captured.
    captured: bool,
    /// The move that led to the position.
    last: Option<Move>,
    /// Squares of the men that this move chases.
    chased: W,
}

/// The positions of a game before the current one, oldest first.
#[derive(Clone, Debug, Default)]
pub struct History<W: Word = u64> {
    keys: Vec<u64>,
    /// Kept only where repetitions are judged by moves.
    entries: Vec<Entry<W>>,
    /// The positions themselves, kept only where chases are judged.
    positions: Vec<Position<W>>,
}

impl<W: Word> History<W> {
    /// No earlier positions.
    #[must_use]
    pub fn new() -> History<W> {
        History { keys: Vec::new(), entries: Vec::new(), positions: Vec::new() }
    }

    /// Number of positions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Notes a position that is about to be left.
    #[inline]
    pub fn push(&mut self, rules: &Rules<W>, position: &Position<W>) {
        if rules.repetition.judges_moves() {
            self.entries.push(entry(rules, position, self.positions.last()));
            if rules.repetition.chasing {
                self.positions.push(*position);
            }
        }
        self.keys.push(position.key());
    }

    /// Forgets all but the first `len` positions.
    pub fn truncate(&mut self, len: usize) {
        self.keys.truncate(len);
        self.entries.truncate(len);
        self.positions.truncate(len);
    }

    /// Forgets all positions.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    /// Takes over another history.
    pub fn copy_from(&mut self, other: &History<W>) {
        self.keys.clone_from(&other.keys);
        self.entries.clone_from(&other.entries);
        self.positions.clone_from(&other.positions);
    }

    /// Number of the newest positions that the current one could repeat.
    #[inline]
    fn reversible(&self, rules: &Rules<W>, position: &Position<W>) -> usize {
        // Where captured men come back from the hand, a position can occur again after a capture.
        if rules.hands.captures_to_hand {
            return self.keys.len();
        }
        (position.halfmove_clock() as usize).min(self.keys.len())
    }

    /// How often `position` occurred before.
    #[must_use]
    #[inline]
    pub fn repetitions(&self, rules: &Rules<W>, position: &Position<W>) -> u32 {
        // A position with the other side to move is no repetition, and none occurs again within less than four plies.
        let reversible = self.reversible(rules, position);
        let recent = &self.keys[self.keys.len() - reversible..];
        recent.iter().rev().skip(3).step_by(2).filter(|key| **key == position.key()).count() as u32
    }

    /// What the repetition of `position` is worth to the side to move, if it ends the game.
    #[inline]
    pub(crate) fn repetition_value(&self, rules: &Rules<W>, position: &Position<W>) -> Option<Value> {
        if rules.repetition.judges_moves() {
            return self.judged_repetition(rules, position);
        }
        (self.repetitions(rules, position) + 1 >= rules.repetition.n_fold).then(|| plain_value(rules, position))
    }

    /// What the repetition of `position` is worth to the side to move, where checks, chases or the moves themselves decide that.
    fn judged_repetition(&self, rules: &Rules<W>, position: &Position<W>) -> Option<Value> {
        let end = self.reversible(rules, position);
        if end < 4 {
            return None;
        }
        let now = entry(rules, position, self.positions.last());
        // Positions by plies back; 0 is the current one.
        let at = |back: usize| if back == 0 { &now } else { &self.entries[self.entries.len() - back] };
        let key = |back: usize| self.keys[self.keys.len() - back];
        let perpetual = rules.repetition.perpetual_check_illegal;
        let mut checked_us = perpetual && now.check && at(2).check;
        let mut checked_them = perpetual && at(1).check && at(3).check;
        let mut chasing_us = undone(now.chased, at(1).last) & at(2).chased;
        let mut chasing_them = undone(at(1).chased, at(2).last) & at(3).chased;
        let mut shuffles = self.shuffles(rules, position, at);
        let mut count = 0;
        for back in (4..=end).step_by(2) {
            // In janggi a man may not go to and fro between the same squares.
            if shuffles > 0 {
                let older = at(back);
                if back < end && at(back + 1).check {
                    shuffles = 0;
                } else if shuffles < 4 {
                    let other = if shuffles == 1 { now.last } else { at(back - 2).last };
                    shuffles = if is_reverse(older.last, other) { shuffles + 1 } else { 0 };
                } else if !older.captured && at(back - 2).last.map(Move::from) == older.last.map(Move::to) {
                    return Some(Value::Win);
                } else {
                    shuffles = 0;
                }
            }
            if back != self.keys.len() {
                chasing_us = undone(chasing_us, at(back - 1).last) & at(back).chased;
            }
            checked_us &= at(back).check;
            if key(back) == position.key() {
                count += 1;
                if count + 1 >= rules.repetition.n_fold {
                    return Some(match (checked_us, checked_them, chasing_us.any(), chasing_them.any()) {
                        (true, false, ..) => Value::Win,
                        (false, true, ..) => Value::Loss,
                        (true, true, ..) => Value::Draw,
                        (.., true, false) => Value::Win,
                        (.., false, true) => Value::Loss,
                        (.., true, true) => Value::Draw,
                        _ => plain_value(rules, position),
                    });
                }
            }
            if back < end {
                checked_them &= at(back + 1).check;
                chasing_them = undone(chasing_them, at(back).last) & at(back + 1).chased;
            }
        }
        None
    }

    /// Where the count of moves to and fro begins (janggi): 2 if the last move took back the mover's one before, 1 if that was a pass, 0 if
    /// it was any other.
    fn shuffles<'e>(&self, rules: &Rules<W>, position: &Position<W>, at: impl Fn(usize) -> &'e Entry<W>) -> u32
    where
        W: 'e,
    {
        let Some(last) = at(0).last.filter(|mv| mv.is_normal()) else { return 0 };
        if !rules.repetition.moves_illegal || at(1).check || at(3).check {
            return 0;
        }
        let (us, them) = (position.turn(), !position.turn());
        let reaches_king = position.piece_on(last.to()).is_some_and(|(_, piece)| {
            rules.roles.king.is_some_and(|king| (rules.mover(them, piece).region & rules.mover(us, king).region).any())
        });
        match at(2).last {
            _ if !reaches_king => 0,
            earlier if is_reverse(earlier, Some(last)) => 2,
            Some(earlier) if earlier.kind() == MoveKind::Pass => 1,
            _ => 0,
        }
    }

    /// Plies that the n-move rule does not count, since a side gave more than ten checks (Asian xiangqi rules).
    pub(crate) fn checks_beyond_ten(&self, rules: &Rules<W>, position: &Position<W>) -> u32 {
        if self.entries.len() < 20 {
            return 0;
        }
        let end = (position.halfmove_clock() as usize).min(self.entries.len());
        let back = |n: usize| self.entries[self.entries.len() - n].check;
        let mut ours = u32::from(rules.king_attacked(position, position.turn()));
        let mut theirs = u32::from(back(1));
        for i in (2..end).step_by(2) {
            ours += u32::from(back(i));
            theirs += u32::from(i < self.entries.len() && back(i + 1));
        }
        2 * ours.max(theirs).saturating_sub(10)
    }
}

/// What is kept of a position; `before` is the one before it, if it is known.
fn entry<W: Word>(rules: &Rules<W>, position: &Position<W>, before: Option<&Position<W>>) -> Entry<W> {
    Entry {
        check: rules.king_attacked(position, position.turn()),
        captured: position.past.captured,
        last: position.past.last,
        chased: if rules.repetition.chasing { rules.chased(position, before) } else { W::EMPTY },
    }
}

/// What a repetition of `position` is worth to the side to move by itself.
fn plain_value<W: Word>(rules: &Rules<W>, position: &Position<W>) -> Value {
    match rules.repetition.value {
        Value::Win if rules.repetition.absolute && position.turn() == Color::Black => Value::Loss,
        Value::Loss if rules.repetition.absolute && position.turn() == Color::Black => Value::Win,
        value => value,
    }
}

/// Squares of men as they were before a move.
fn undone<W: Word>(squares: W, mv: Option<Move>) -> W {
    match mv {
        Some(mv) if squares.has(mv.to()) => squares & !W::bit(mv.to()) | W::bit(mv.from()),
        _ => squares,
    }
}

/// Whether a move takes another back.
fn is_reverse(mv: Option<Move>, other: Option<Move>) -> bool {
    match (mv, other) {
        (Some(a), Some(b)) => a == Move::normal(b.to(), b.from()),
        _ => false,
    }
}
