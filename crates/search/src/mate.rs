//! The shortest forced win or loss, proven by looking at every move: iterative deepening over AND/OR trees with a table.
//!
//! A tree that is guided by an evaluator proves what it comes across; a mate that it finds may be a long one. This search asks only
//! whether the game can be forced to end within so many plies, for one ply more each time, so that what it finds is the shortest.

use std::sync::Arc;

use rules::{Game, History, Move, MoveList, Position, Rules};

/// Entries of the table, of 16 bytes: it grows with the search, up to what is enough for mates in four or five moves.
const ENTRIES: (usize, usize) = (1 << 12, 1 << 20);
/// No search goes deeper, in plies.
pub const MAX_PLIES: u32 = 64;
/// Longest part of the search that only collects the line of a mate that has been found, in times of what finding it took.
const LINE_SHARE: u64 = 2;

/// A forced end of the game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mate {
    /// Whether the side to move forces it; otherwise it is forced upon it.
    pub won: bool,
    /// Plies to the end of the game with best play of both: the winner hurries, the loser does not.
    pub plies: u32,
    /// The moves, all of them unless collecting them would have taken much longer than the proof; the first one at least of a win.
    pub line: Vec<Move>,
}

/// The budget is used up.
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

/// No number of plies. What is proven not to happen within 0 plies may be unknown as well: both are asked again.
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
    /// The move that settled the last question, which is likely to settle the next one.
    best: Move,
}

/// A search for the shortest forced end, which goes on where it stopped.
#[derive(Debug)]
pub struct MateSearch {
    rules: Arc<Rules>,
    root: Position,
    /// The game's positions, then those on the path.
    history: History,
    /// The only moves of the root that count, all if there are none here.
    root_moves: Vec<Move>,
    table: Vec<Entry>,
    /// Nothing is forced within fewer plies.
    plies: u32,
    nodes: u64,
    /// The search stops at this number of nodes.
    limit: u64,
    found: Option<Mate>,
    /// The move that settled the last question about the root.
    root_best: Move,
    /// Whether the result of the current subtree depends on how it was reached, and so belongs into no table.
    path_dependent: bool,
    /// Whether a game can end in favour of the side to move: if not, only every other ply can end one.
    even: bool,
    /// Lists of moves that are not in use.
    spare: Vec<Vec<Move>>,
    /// Tells entries of the table apart from those of earlier searches, which knew another past.
    salt: u64,
}

impl MateSearch {
    /// A search in the current position of `game`, by these moves only, or by all if there are none.
    #[must_use]
    pub fn new(game: &Game, root_moves: Vec<Move>) -> MateSearch {
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
            spare: Vec::new(),
            salt: 0,
        }
    }

    /// Begins anew in the current position of `game`, as [`MateSearch::new`], in the same memory.
    pub fn restart(&mut self, game: &Game, root_moves: Vec<Move>) {
        let table = std::mem::take(&mut self.table);
        let salt = self.salt.wrapping_add(0x9e37_79b9_7f4a_7c15);
        *self = MateSearch { table, salt, ..MateSearch::new(game, root_moves) };
    }

    /// Positions looked at so far.
    #[must_use]
    pub fn nodes(&self) -> u64 {
        self.nodes
    }

    /// Nothing is forced within this many plies, except for what was found.
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

    /// Goes on for about `nodes` positions at most, or until something is found, or nothing is forced within `deepest` plies (at most
    /// [`MAX_PLIES`]). A depth that the budget does not finish is begun anew by the next call, with what the table has kept.
    pub fn run(&mut self, nodes: u64, deepest: u32) -> Option<&Mate> {
        self.limit = self.nodes.saturating_add(nodes);
        while !self.is_done(deepest) {
            // Each depth takes several times what those before it took together.
            let wanted = (4 * self.nodes as usize).next_power_of_two().clamp(ENTRIES.0, ENTRIES.1);
            if self.table.len() < wanted {
                // What the smaller one held is found again sooner than it is moved.
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
    fn wins(&mut self, position: &Position, plies: u32, at_root: bool) -> Result<bool, Exhausted> {
        self.settle(position, plies, at_root, true)
    }

    /// Whether the mover is forced to lose within `plies`: each of its moves must win for the other side.
    fn loses(&mut self, position: &Position, plies: u32, at_root: bool) -> Result<bool, Exhausted> {
        self.settle(position, plies, at_root, false)
    }

    /// Answers one of both questions about a position, by the table or by its moves.
    fn settle(&mut self, position: &Position, plies: u32, at_root: bool, win: bool) -> Result<bool, Exhausted> {
        let key = position.full_key() ^ self.salt;
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

    /// The place of a key; the table has a power of two of them.
    fn slot(&self, key: u64) -> usize {
        key as usize & (self.table.len() - 1)
    }

    fn ask_moves(
        &mut self,
        position: &Position,
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
        // The root is searched even where a draw can be claimed: whoever asks wants to go on.
        if let Some(outcome) =
            self.rules.outcome(position, moves, &self.history).filter(|_| !at_root || moves.is_empty())
        {
            // Ends by repetition and by counts come about by the way there.
            self.path_dependent |= !moves.is_empty();
            return Ok(outcome.for_color(position.turn()) == if win { 1 } else { -1 });
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
            // One losing reply wins; one that does not win saves.
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

    /// Puts first what settled the last question here, then the moves that leave the other side the fewest replies: those that give
    /// check, mostly.
    fn order(&mut self, position: &Position, moves: &mut [Move], best: Move) {
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

    /// A move by which the game ends in `plies`, which are as many as it takes: one that wins in time, or a defence that holds as long.
    fn step(
        &mut self,
        position: &Position,
        winning: bool,
        plies: u32,
        at_root: bool,
    ) -> Result<Option<Move>, Exhausted> {
        let key = position.full_key() ^ self.salt;
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
