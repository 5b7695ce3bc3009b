//! The truth about a small game: exact values of all its positions, by retrograde analysis.
//!
//! In a solved game a choice of move is right or wrong by itself, whatever an opponent makes of it.

use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use rules::{History, Move, MoveList, Position, Rules};

use crate::error::OracleError;

/// Keys of the rule format under which more than [`Position::key`] decides how a game goes on, or under which a repetition need not be a draw. Each
/// stands for all keys that begin with it.
const REMEMBERING: &[&str] = &[
    "bikjangRule",
    "capturesToHand",
    "castlingWins",
    "chasingRule",
    "countingRule",
    "gating",
    "materialCounting",
    "moveRepetitionIllegal",
    "nFoldValue",
    "pass",
    "perpetualCheckIllegal",
    "pieceDemotion",
    "seirawanGating",
    "shatarMateRule",
    "shogiPawnDropMateIllegal",
];

/// Exact values of all positions that can come about from a start.
///
/// The history of a game does not count, and a repetition ends no game here: a position in which neither side can force a win is a draw, as it is in
/// play.
/// Positions are told apart by their 64-bit keys; among a million of them, two share one with probability below 10⁻⁷.
pub struct Oracle {
    rules: Arc<Rules>,
    start: Position,
    numbers: HashMap<u64, u32, BuildHasherDefault<KeyHasher>>,
    /// For each position the number of the one that it was first reached from, and the move.
    origins: Vec<(u32, Move)>,
    /// For each position its value for the side to move: -1, 0 or 1.
    values: Vec<i8>,
    /// For each position the plies to the end with best play; 0 where no side wins.
    plies: Vec<u32>,
    /// Numbers of the positions whose legal moves differ in value.
    decisions: Vec<u32>,
}

impl Oracle {
    /// Solves all positions that can come about from `start`. They are numbered breadth first, in the order in which moves are
    /// generated; `start` is number 0. Takes about a microsecond and 0.1 kB per position.
    ///
    /// # Errors
    /// If more than `most` positions can come about, or if the rules ask for more than the position: the n-move rule must be off
    /// (`nMoveRule = 0`), and passes, captures to hand, gates, counts and the like are not taken.
    pub fn solve(rules: &Arc<Rules>, start: &Position, most: usize) -> Result<Oracle, OracleError> {
        check(rules)?;
        let mut oracle = Oracle {
            rules: Arc::clone(rules),
            start: *start,
            numbers: HashMap::default(),
            origins: vec![(0, Move::default())],
            values: Vec::new(),
            plies: Vec::new(),
            decisions: Vec::new(),
        };
        let graph = oracle.explore(most.min(u32::MAX as usize))?;
        oracle.settle(&graph);
        let choice = |n: &u32| {
            let values = graph.next(*n).iter().map(|to| oracle.values[*to as usize]);
            values.clone().min() != values.max()
        };
        oracle.decisions = (0..oracle.len() as u32).filter(choice).collect();
        Ok(oracle)
    }

    /// Number of positions.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "the start is always there")]
    pub fn len(&self) -> usize {
        self.origins.len()
    }

    /// How many positions the side to move loses, draws and wins.
    #[must_use]
    pub fn results(&self) -> [usize; 3] {
        [-1, 0, 1].map(|value| self.values.iter().filter(|v| **v == value).count())
    }

    /// Result of best play for the side to move, -1, 0 or 1; `None` if the position cannot come about.
    #[must_use]
    pub fn value(&self, position: &Position) -> Option<i8> {
        self.number(position).map(|n| self.values[n])
    }

    /// Plies to the end if the winner hurries and the loser holds out; `None` in draws and if the position cannot come about.
    #[must_use]
    pub fn plies(&self, position: &Position) -> Option<u32> {
        self.number(position).filter(|n| self.values[*n] != 0).map(|n| self.plies[n])
    }

    /// Number of positions in which the choice matters: legal moves differ in their value.
    #[must_use]
    pub fn decision_count(&self) -> usize {
        self.decisions.len()
    }

    /// At most `count` positions in which the choice matters, spread evenly over all of them by number, and so by their distance
    /// from the start, and in that order.
    #[must_use]
    pub fn decisions(&self, count: usize) -> Vec<Position> {
        let all = self.decisions.len();
        let count = count.min(all);
        (0..count).map(|i| self.position(self.decisions[i * all / count])).collect()
    }

    fn number(&self, position: &Position) -> Option<usize> {
        self.numbers.get(&position.key()).map(|n| *n as usize)
    }

    /// The position of a number, played from the start along a shortest line.
    fn position(&self, mut number: u32) -> Position {
        let mut line = Vec::new();
        while number != 0 {
            let (origin, mv) = self.origins[number as usize];
            line.push(mv);
            number = origin;
        }
        let mut position = self.start;
        line.iter().rev().for_each(|mv| self.rules.play(&mut position, *mv));
        position
    }

    /// Numbers all positions and values those in which the game is over. Only the frontier is kept as positions.
    fn explore(&mut self, most: usize) -> Result<Graph, OracleError> {
        let rules = Arc::clone(&self.rules);
        let mut frontier = VecDeque::from([self.start]);
        self.numbers.insert(self.start.key(), 0);
        let (mut targets, mut starts) = (Vec::new(), vec![0]);
        let (mut moves, history) = (MoveList::new(), History::new());
        while let Some(position) = frontier.pop_front() {
            let number = self.values.len() as u32;
            rules.legal_moves(&position, &mut moves);
            let ending = rules.ending(&position, &moves, &history);
            self.values.push(ending.map_or(0, |ending| rules.worth(ending, position.turn()) as i8));
            for mv in moves.iter().filter(|_| ending.is_none()) {
                let mut next = position;
                rules.play(&mut next, *mv);
                targets.push(match self.numbers.entry(next.key()) {
                    Entry::Occupied(known) => *known.get(),
                    Entry::Vacant(_) if self.origins.len() >= most => {
                        return Err(OracleError::TooMany { variant: rules.name().to_owned(), most });
                    }
                    Entry::Vacant(new) => {
                        self.origins.push((number, *mv));
                        frontier.push_back(next);
                        *new.insert(self.origins.len() as u32 - 1)
                    }
                });
            }
            starts.push(targets.len());
        }
        Ok(Graph { starts, targets })
    }

    /// Carries the values of ended games back, nearest end first. What is never reached stays a draw.
    fn settle(&mut self, graph: &Graph) {
        let before = graph.reversed();
        // For each position its moves without a value so far. A move that draws never gets one, and so keeps the position from being lost.
        let mut open: Vec<u32> = (0..self.len() as u32).map(|n| graph.next(n).len() as u32).collect();
        self.plies = vec![0; self.len()];
        let mut settled: VecDeque<u32> = (0..self.len() as u32).filter(|n| self.values[*n as usize] != 0).collect();
        while let Some(to) = settled.pop_front() {
            let (value, plies) = (-self.values[to as usize], self.plies[to as usize] + 1);
            for &from in before.next(to) {
                let n = from as usize;
                open[n] -= 1;
                if self.values[n] == 0 && (value > 0 || open[n] == 0) {
                    (self.values[n], self.plies[n]) = (value, plies);
                    settled.push_back(from);
                }
            }
        }
    }
}

/// Which positions follow which, packed: those of position `n` are `targets[starts[n]..starts[n + 1]]`.
struct Graph {
    starts: Vec<usize>,
    targets: Vec<u32>,
}

impl Graph {
    fn next(&self, number: u32) -> &[u32] {
        let n = number as usize;
        &self.targets[self.starts[n]..self.starts[n + 1]]
    }

    /// The graph with every edge turned about.
    fn reversed(&self) -> Graph {
        let count = self.starts.len() - 1;
        let mut ends = vec![0; count + 1];
        self.targets.iter().for_each(|to| ends[*to as usize] += 1);
        for n in 1..=count {
            ends[n] += ends[n - 1];
        }
        let mut targets = vec![0; self.targets.len()];
        // Entries are filled in from the back: `ends` counts down until it holds the starts.
        for from in (0..count as u32).rev() {
            for to in self.next(from) {
                let end = &mut ends[*to as usize];
                *end -= 1;
                targets[*end] = from;
            }
        }
        Graph { starts: ends, targets }
    }
}

/// Refuses rules under which a position's key is not enough.
fn check(rules: &Rules) -> Result<(), OracleError> {
    if !rules.payoff().is_ternary() || rules.payoff().count_at_ply().is_some() {
        return Err(OracleError::Payoff { variant: rules.name().to_owned() });
    }
    let text = rules.to_ini();
    let holds = |start: &str| text.lines().any(|line| line.starts_with(start));
    let counts = (!holds("nMoveRule = 0")).then_some("nMoveRule");
    match counts.or_else(|| REMEMBERING.iter().copied().find(|key| holds(key))) {
        Some(key) => Err(OracleError::Remembers { variant: rules.name().to_owned(), key }),
        None => Ok(()),
    }
}

/// Takes a key for its own hash: Zobrist keys are random already.
#[derive(Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
