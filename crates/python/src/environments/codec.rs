//! The encodings that an environment may have.

use rules::{Color, Move, Position, Rules, Word};

use super::encoding::{Cell, Encoding, Pending, Step, View};
use super::{PLANES, pgx};

/// A way to number actions and to show positions.
#[derive(Clone, Debug)]
pub enum Codec {
    /// Alike for all variants of a board size.
    Planes(Encoding),
    /// That of pgx for Gardner.
    Pgx,
}

/// Where an observation is written.
pub enum Cells<'a> {
    Bytes(&'a mut [u8]),
    Floats(&'a mut [f32]),
}

impl Codec {
    pub fn actions(&self) -> usize {
        match self {
            Codec::Planes(encoding) => encoding.actions(),
            Codec::Pgx => pgx::ACTIONS,
        }
    }

    pub fn observation_shape(&self) -> [usize; 3] {
        match self {
            Codec::Planes(encoding) => encoding.observation_shape(),
            Codec::Pgx => [5, 5, pgx::PLANES],
        }
    }

    /// Whether observations are of bytes.
    pub fn has_bytes(&self) -> bool {
        matches!(self, Codec::Planes(_))
    }

    /// Calls `legal` for the legal actions; some may come more than once.
    pub fn each_legal<W: Word>(
        &self,
        rules: &Rules<W>,
        moves: &[Move],
        turn: Color,
        pending: Pending,
        mut legal: impl FnMut(usize),
    ) {
        match self {
            Codec::Planes(encoding) => encoding.each_legal(moves, turn, pending, legal),
            Codec::Pgx => moves.iter().filter_map(|mv| pgx::action(rules, *mv, turn)).for_each(&mut legal),
        }
    }

    /// What an action leads to.
    pub fn step<W: Word>(&self, rules: &Rules<W>, moves: &[Move], turn: Color, pending: Pending, action: i64) -> Step {
        match self {
            Codec::Planes(encoding) => encoding.step(moves, turn, pending, action),
            Codec::Pgx => {
                let is_chosen = |mv: &&Move| pgx::action(rules, **mv, turn).is_some_and(|a| a as i64 == action);
                moves.iter().find(is_chosen).map_or(Step::Illegal, |mv| Step::Move(*mv))
            }
        }
    }

    /// The next action of a move that fits what has been chosen of it.
    pub fn next_action<W: Word>(
        &self,
        rules: &Rules<W>,
        moves: &[Move],
        turn: Color,
        pending: Pending,
        mv: Move,
    ) -> Option<usize> {
        match self {
            Codec::Planes(encoding) => encoding.next_action(moves, turn, pending, mv),
            Codec::Pgx => pgx::action(rules, mv, turn),
        }
    }

    /// Writes an observation. `past` holds the positions before, which pgx's encoding shows.
    pub fn observe<W: Word>(&self, rules: &Rules<W>, view: &View<'_, W>, past: &[Position<W>], cells: Cells<'_>) {
        match (self, cells) {
            (Codec::Planes(encoding), Cells::Bytes(cells)) => write(encoding, rules, view, cells),
            (Codec::Planes(encoding), Cells::Floats(cells)) => write(encoding, rules, view, cells),
            (Codec::Pgx, Cells::Floats(cells)) => pgx::observe(rules, view.position, past, cells),
            (Codec::Pgx, Cells::Bytes(cells)) => cells.fill(0),
        }
    }
}

fn write<W: Word, C: Cell>(encoding: &Encoding, rules: &Rules<W>, view: &View<'_, W>, cells: &mut [C]) {
    debug_assert_eq!(encoding.observation_shape()[0], PLANES);
    encoding.observe(rules, view, cells);
}
