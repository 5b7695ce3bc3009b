//! The shortest forced win or loss, proven by looking at every move: iterative deepening over AND/OR trees with a table.
//!
//! A tree that is guided by an evaluator proves what it comes across, and may prove a long mate where there is a short one. This search
//! asks only whether a win can be forced within so many plies, for one ply more each time, so that what it finds is the shortest.
//!
//! A win is an end of the game that the rules' payoff makes worth 1, a loss one worth -1. Any other end is neither, however near.

use std::sync::Arc;

use rules::{Game, History, Move, MoveList, Position, Rules, Word};

/// The least and the most entries of the table, of 16 bytes each. The table grows with the search, up to what is enough for mates in four or
/// five moves.
const ENTRIES: (usize, usize) = (1 << 12, 1 << 20);
/// No search goes deeper, in plies.
pub const MAX_PLIES: u32 = 64;
/// Collecting the line of a mate takes at most this many times the positions that finding the mate took.
const LINE_SHARE: u64 = 2;
/// The golden ratio in 64 bits, an odd number that spreads small ones over all bits (Knuth, The Art of Computer Programming, 6.4).
const PLY_FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// A forced win or loss: an end of the game that is worth 1 or -1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mate {
    /// Whether the side to move forces it; otherwise it is forced upon it.
    pub won: bool,
    /// Plies to the end of the game with best play of both: the winner hurries, the loser does not.
    pub plies: u32,
    /// The moves to the end, fewer if collecting them would have taken much longer than the proof. A win has its first move at least.
    pub line: Vec<Move>,
}

/// The budget of positions is used up.
struct Exhausted;

/// What is known of a position, for the side to move, in plies.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// It wins within this many; [`NEVER`]: not known.
    wins_in: u8,
    /// It does not win within this many.
    no_win_in: u8,
    /// It loses within this many; [`NEVER`]: not known.
    loses_in: u8,
    /// It does not lose within this many.
    no_loss_in: u8,
}

/// Stands for no number of plies. (A bound of 0 plies in [`Bounds::no_win_in`] and [`Bounds::no_loss_in`] stands for nothing known, too:
/// whether the game is over is asked again.)
const NEVER: u8 = u8::MAX;

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { wins_in: NEVER, no_win_in: 0, loses_in: NEVER, no_loss_in: 0 }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    key: u64,
    bounds: Bounds,
    /// The move that settled the last question about the position, which is likely to settle the next one.
    best: Move,
}

/// A search for the shortest forced end, which goes on where it stopped.
#[derive(Debug)]
pub struct MateSearch<W: Word = u64> {
    rules: Arc<Rules<W>>,
    root: Position<W>,
    /// The positions of the game, then the positions on the current path.
    history: History<W>,
    /// The only moves of the root that count; empty: all moves.
    root_moves: Vec<Move>,
    table: Vec<Entry>,
    /// The depth in progress: nothing is forced within fewer plies.
    plies: u32,
    nodes: u64,
    /// The search stops at this number of nodes.
    limit: u64,
    found: Option<Mate>,
    /// The move that settled the last question about the root.
    root_best: Move,
    /// Whether the result of the current subtree depends on how it was reached, and so belongs into no table.
    path_dependent: bool,
    /// Whether a game can be won by a move of the loser: if not, wins take an odd number of plies and losses an even one.
    even: bool,
    /// Whether games end at a stated ply, so that what holds of a position depends on the ply at which it comes about.
    ends_at_ply: bool,
    /// Lists of moves to be used again.
    spare: Vec<Vec<Move>>,
    /// Changes the keys of the table from one search to the next, since entries of earlier searches rest on another past.
    salt: u64,
}

impl<W: Word> MateSearch<W> {
    /// A search in the current position of `game`, by these moves only, or by all moves if the list is empty.
    #[must_use]
    pub fn new(game: &Game<W>, root_moves: Vec<Move>) -> MateSearch<W> {
        MateSearch {
            rules: Arc::clone(game.rules()),
            root: *game.position(),
            history: game.history().clone(),
            root_moves,
            table: Vec::new(),
            plies: 1,
            nodes: 0,
            limit: 0,
            found: None,
            root_best: Move::default(),
            path_dependent: false,
            even: !game.rules().mover_never_has_won(),
            ends_at_ply: game.rules().payoff().count_at_ply().is_some(),
            spare: Vec::new(),
            salt: 0,
        }
    }

    /// Begins anew in the current position of `game`, as [`MateSearch::new`], in the same memory.
    pub fn restart(&mut self, game: &Game<W>, root_moves: Vec<Move>) {
        let table = std::mem::take(&mut self.table);
        let salt = self.salt.wrapping_add(PLY_FACTOR);
        *self = MateSearch { table, salt, ..MateSearch::new(game, root_moves) };
    }

    /// Positions looked at so far.
    #[must_use]
    pub fn nodes(&self) -> u64 {
        self.nodes
    }

    /// No win and no loss is forced within this many plies, but for [`MateSearch::found`].
    #[must_use]
    pub fn ruled_out(&self) -> u32 {
        self.plies - 1
    }

    /// What was found.
    #[must_use]
    pub fn found(&self) -> Option<&Mate> {
        self.found.as_ref()
    }

    /// Whether there is nothing left to do for a search of at most so many plies.
    #[must_use]
    pub fn is_done(&self, deepest: u32) -> bool {
        self.found.is_some() || self.plies > deepest.min(MAX_PLIES)
    }

    /// Goes on for about `nodes` positions at most, until a win or loss is found, or until none is known to be forced within `deepest` plies
    /// (at most [`MAX_PLIES`]). A depth that the budget does not finish is begun anew by the next call, with what the table has kept.
    pub fn run(&mut self, nodes: u64, deepest: u32) -> Option<&Mate> {
        self.limit = self.nodes.saturating_add(nodes);
        while !self.is_done(deepest) {
            // Each depth takes several times as many positions as all depths before it.
            let wanted = (4 * self.nodes as usize).next_power_of_two().clamp(ENTRIES.0, ENTRIES.1);
            if self.table.len() < wanted {
                // Finding the entries of the smaller table again takes less time than moving them.
                self.table = vec![Entry::default(); wanted];
            }
            match self.deepen() {
                Ok(Some(won)) => self.found = Some(self.line_of(won)),
                Ok(None) => self.plies += 1,
                Err(Exhausted) => break,
            }
        }
        self.found.as_ref()
    }

    /// Whether the root is won (`true`) or lost within [`MateSearch::plies`].
    fn deepen(&mut self) -> Result<Option<bool>, Exhausted> {
        let (root, plies) = (self.root, self.plies);
        let odd = plies % 2 == 1;
        if (odd || self.even) && self.wins(&root, plies, true)? {
            return Ok(Some(true));
        }
        if (!odd || self.even) && self.loses(&root, plies, true)? {
            return Ok(Some(false));
        }
        Ok(None)
    }

    /// Whether the mover can force a win within `plies`: one of its moves must lose for the other side.
    fn wins(&mut self, position: &Position<W>, plies: u32, at_root: bool) -> Result<bool, Exhausted> {
        self.settle(position, plies, at_root, true)
    }

    /// Whether the mover is forced to lose within `plies`: each of its moves must win for the other side.
    fn loses(&mut self, position: &Position<W>, plies: u32, at_root: bool) -> Result<bool, Exhausted> {
        self.settle(position, plies, at_root, false)
    }

    /// Answers whether the mover wins (`win`) or loses within `plies`, by the table or by the moves of the position.
    fn settle(&mut self, position: &Position<W>, plies: u32, at_root: bool, win: bool) -> Result<bool, Exhausted> {
        let key = self.key(position);
        let slot = self.slot(key);
        let entry = self.table[slot];
        let known = entry.key == key && !at_root;
        if known && let Some(answer) = entry.bounds.answer(win, plies) {
            return Ok(answer);
        }
        let outside = std::mem::take(&mut self.path_dependent);
        let mut moves = self.spare.pop().unwrap_or_default();
        let mut best = if known { entry.best } else { Move::default() };
        let answer = self.ask_moves(position, plies, at_root, win, &mut moves, &mut best);
        self.spare.push(moves);
        let answer = answer?;
        if !self.path_dependent && !at_root {
            let entry = &mut self.table[slot];
            if entry.key != key {
                *entry = Entry { key, ..Entry::default() };
            }
            entry.bounds.note(win, plies, answer);
            entry.best = best;
        }
        if at_root {
            self.root_best = best;
        }
        self.path_dependent |= outside;
        Ok(answer)
    }

    /// What the table knows a position by.
    fn key(&self, position: &Position<W>) -> u64 {
        let ply = if self.ends_at_ply { u64::from(position.ply()).wrapping_mul(PLY_FACTOR) } else { 0 };
        position.full_key() ^ self.salt ^ ply
    }

    /// The place of a key in the table, whose size is a power of two.
    fn slot(&self, key: u64) -> usize {
        key as usize & (self.table.len() - 1)
    }

    fn ask_moves(
        &mut self,
        position: &Position<W>,
        plies: u32,
        at_root: bool,
        win: bool,
        moves: &mut MoveList,
        best: &mut Move,
    ) -> Result<bool, Exhausted> {
        if self.nodes >= self.limit {
            return Err(Exhausted);
        }
        self.nodes += 1;
        self.rules.legal_moves(position, moves);
        // The root is searched even where its past has ended the game: whoever asks wants to go on.
        if let Some(ending) = self.rules.ending(position, moves, &self.history).filter(|_| !at_root || moves.is_empty())
        {
            // Ends with moves left, by repetition and by counts, depend on the way to the position.
            self.path_dependent |= !moves.is_empty();
            return Ok(self.rules.worth(ending, position.turn()) == if win { 1.0 } else { -1.0 });
        }
        if plies == 0 {
            return Ok(false);
        }
        if at_root && !self.root_moves.is_empty() {
            moves.retain(|mv| self.root_moves.contains(mv));
        }
        if plies > 1 {
            self.order(position, moves, *best);
        }
        let depth = self.history.len();
        self.history.push(&self.rules, position);
        let mut answer = Ok(!win);
        for mv in moves.iter() {
            let mut next = *position;
            self.rules.play(&mut next, *mv);
            // A win needs one move that loses for the other side; a loss is refuted by one move that does not win for the other side.
            let settled =
                if win { self.loses(&next, plies - 1, false) } else { self.wins(&next, plies - 1, false).map(|w| !w) };
            match settled {
                Ok(true) => {
                    *best = *mv;
                    answer = Ok(win);
                    break;
                }
                Ok(false) => {}
                Err(exhausted) => {
                    answer = Err(exhausted);
                    break;
                }
            }
        }
        self.history.truncate(depth);
        answer
    }

    /// Puts the move that settled the last question about the position first, then the moves that leave the other side the fewest replies,
    /// which mostly give check.
    fn order(&mut self, position: &Position<W>, moves: &mut [Move], best: Move) {
        let mut replies = self.spare.pop().unwrap_or_default();
        moves.sort_by_cached_key(|mv| {
            if *mv == best {
                return 0;
            }
            let mut next = *position;
            self.rules.play(&mut next, *mv);
            self.nodes += 1;
            self.rules.legal_moves(&next, &mut replies);
            1 + replies.len()
        });
        self.spare.push(replies);
    }

    /// The mate that was just proven for the root, with its line.
    fn line_of(&mut self, won: bool) -> Mate {
        let plies = self.plies;
        self.limit = self.nodes.saturating_mul(1 + LINE_SHARE).saturating_add(10_000);
        let (mut position, mut line, start) = (self.root, Vec::new(), self.history.len());
        if won {
            line.push(self.root_best);
        }
        let mut winning = won;
        while line.len() < plies as usize {
            if let Some(mv) = line.last() {
                self.history.push(&self.rules, &position);
                self.rules.play(&mut position, *mv);
                winning = !winning;
            }
            let left = plies - line.len() as u32;
            let Ok(Some(mv)) = self.step(&position, winning, left, line.is_empty()) else { break };
            line.push(mv);
        }
        self.history.truncate(start);
        Mate { won, plies, line }
    }

    /// A move of best play where the game ends in `plies`: one that wins in time, or a defence that holds that long.
    fn step(
        &mut self,
        position: &Position<W>,
        winning: bool,
        plies: u32,
        at_root: bool,
    ) -> Result<Option<Move>, Exhausted> {
        let key = self.key(position);
        let entry = self.table[self.slot(key)];
        let mut moves = MoveList::new();
        self.rules.legal_moves(position, &mut moves);
        if at_root && !self.root_moves.is_empty() {
            moves.retain(|mv| self.root_moves.contains(mv));
        }
        self.order(position, &mut moves, if entry.key == key { entry.best } else { Move::default() });
        let depth = self.history.len();
        self.history.push(&self.rules, position);
        let mut chosen = Ok(None);
        for mv in moves {
            let mut next = *position;
            self.rules.play(&mut next, mv);
            let right = match (winning, plies) {
                (true, _) => self.loses(&next, plies - 1, false),
                (false, 0 | 1) => Ok(true),
                (false, _) => self.wins(&next, plies - 2, false).map(|wins| !wins),
            };
            match right {
                Ok(true) => {
                    chosen = Ok(Some(mv));
                    break;
                }
                Ok(false) => {}
                Err(exhausted) => {
                    chosen = Err(exhausted);
                    break;
                }
            }
        }
        self.history.truncate(depth);
        chosen
    }
}

impl Bounds {
    fn answer(&self, win: bool, plies: u32) -> Option<bool> {
        let (within, not_within) = if win { (self.wins_in, self.no_win_in) } else { (self.loses_in, self.no_loss_in) };
        match plies {
            n if within != NEVER && n >= u32::from(within) => Some(true),
            n if n > 0 && n <= u32::from(not_within) => Some(false),
            _ => None,
        }
    }

    /// `plies` are at most [`MAX_PLIES`].
    fn note(&mut self, win: bool, plies: u32, answer: bool) {
        let (within, not_within) =
            if win { (&mut self.wins_in, &mut self.no_win_in) } else { (&mut self.loses_in, &mut self.no_loss_in) };
        let plies = plies as u8;
        if answer { *within = plies.min(*within) } else { *not_within = plies.max(*not_within) }
    }
}
