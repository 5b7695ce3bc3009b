//! A search for the shortest mate, which runs beside the tree. What it finds comes first in every report.

use rules::{Game, Move, Word};
use search::{MateSearch, RootReport};

/// Playouts of the tree for each position that this search looks at, which makes it take a few hundredths of the time.
const PLAYOUTS_PER_NODE: u64 = 4;
/// Positions for each playout if the tree sees one side far ahead, which makes this search take about a fifth of the time.
const PER_PLAYOUT_AHEAD: u64 = 2;
/// The value of the root above which a side counts as far ahead.
const AHEAD: f32 = 0.5;
/// Positions for each playout if a mate is all that is asked for.
const PER_PLAYOUT_FOR_MATE: u64 = 16;
/// Positions that are looked at for each move of a root that is lost.
const NODES_PER_MOVE: u64 = 50_000;
/// The least and the most positions that are looked at before commands are looked at again.
const CHUNK: (u64, u64) = (1024, 1 << 17);

/// The search for mates during one `go`.
#[derive(Debug)]
pub(super) struct Mates<'a, W: Word = u64> {
    search: &'a mut MateSearch<W>,
    /// The longest mate that is asked for, in plies.
    deepest: u32,
    /// Whether a mate is all that is asked for.
    asked: bool,
    /// Playouts of the tree that have been counted, and the positions that they allow this search to look at.
    playouts: u64,
    allowed: u64,
    /// How many plies each move holds out, if all moves lose.
    distances: Option<Vec<(Move, u32)>>,
}

impl<'a, W: Word> Mates<'a, W> {
    /// Begins at the current position of `game` with these moves of the root, or all if there are none. `most` is the longest mate
    /// that is asked for, in moves, if one is.
    pub(super) fn begin(
        search: &'a mut Option<MateSearch<W>>,
        game: &Game<W>,
        allowed: &[Move],
        most: Option<u64>,
    ) -> Mates<'a, W> {
        let search = match search {
            Some(search) => {
                search.restart(game, allowed.to_vec());
                search
            }
            None => search.insert(MateSearch::new(game, allowed.to_vec())),
        };
        let deepest = most.map_or(search::MAX_PLIES, |moves| (2 * moves).min(search::MAX_PLIES.into()) as u32);
        Mates { search, deepest, asked: most.is_some(), playouts: 0, allowed: 0, distances: None }
    }

    /// Searches as far as the playouts made so far allow, if that is enough for a part of the search, or in any case after the last
    /// playouts (`last`).
    pub(super) fn keep_up(&mut self, report: &RootReport, playouts: u64, last: bool) {
        let more = playouts - self.playouts;
        self.allowed += match self.asked {
            true => more * PER_PLAYOUT_FOR_MATE,
            false if report.value.abs() >= AHEAD => more * PER_PLAYOUT_AHEAD,
            false => more / PLAYOUTS_PER_NODE,
        };
        self.playouts = playouts;
        let owed = self.allowed.saturating_sub(self.search.nodes());
        if owed > 0 && (last || owed >= self.chunk()) {
            self.search.run(owed, self.deepest);
        }
    }

    /// Goes on when the tree cannot: looks for a mate that is shorter than the proven one, or for any mate if the tree is full.
    /// Returns false if no such mate is left to find, or if as many positions were looked at as `nodes` playouts allow.
    pub(super) fn go_on(&mut self, report: &RootReport, nodes: u64) -> bool {
        let deepest = match (report.proven, report.plies_to_end) {
            (None, _) => self.deepest,
            (_, Some(plies)) => plies.saturating_sub(1).min(self.deepest),
            (_, None) => return false,
        };
        let per_playout = if self.asked { PER_PLAYOUT_FOR_MATE } else { PER_PLAYOUT_AHEAD };
        let left = nodes.saturating_mul(per_playout).saturating_sub(self.search.nodes());
        if self.search.is_done(deepest) || left == 0 {
            return false;
        }
        self.search.run(left.min(self.chunk()), deepest);
        true
    }

    /// The positions of the next part of the search. A depth that is not finished is begun anew in the next part, so parts grow
    /// with the search.
    fn chunk(&self) -> u64 {
        (self.search.nodes() / 2).clamp(CHUNK.0, CHUNK.1)
    }

    /// Whether nothing more can be found.
    pub(super) fn is_done(&self) -> bool {
        self.search.is_done(self.deepest)
    }

    pub(super) fn has_found(&self) -> bool {
        self.search.found().is_some()
    }

    /// Puts the mate that was found first in the report, unless the tree has proven a mate of this length. If the mover is mated,
    /// every other move loses as well, no later than the best defence.
    pub(super) fn complete(&mut self, game: &Game<W>, report: &mut RootReport) {
        let Some(mate) = self.search.found().cloned() else { return };
        let result = if mate.won { 1.0 } else { -1.0 };
        if !mate.won {
            let distances = self.distances.get_or_insert_with(|| distances(game, report, mate.plies));
            for m in &mut report.moves {
                let known = distances.iter().find(|(mv, _)| *mv == m.mv).map_or(mate.plies, |(_, plies)| *plies);
                (m.proven, m.plies_to_end) = (Some(-1.0), Some(known));
            }
            // The longest defence comes first.
            report.moves.sort_by_key(|m| std::cmp::Reverse(m.plies_to_end));
        }
        let known =
            report.moves.first().is_some_and(|m| m.proven == Some(result) && m.plies_to_end == Some(mate.plies));
        let first = mate.line.first().and_then(|mv| report.moves.iter().position(|m| m.mv == *mv));
        let Some(place) = first.filter(|_| !known || !mate.won) else { return };
        report.moves[..=place].rotate_right(1);
        report.moves[0].proven = Some(result);
        report.moves[0].plies_to_end = Some(mate.plies);
        (report.proven, report.plies_to_end) = (Some(result), Some(mate.plies));
        report.pv.clone_from(&mate.line);
    }
}

/// How many plies each move holds out at a root that is lost in `plies`.
fn distances<W: Word>(game: &Game<W>, report: &RootReport, plies: u32) -> Vec<(Move, u32)> {
    let mut search = MateSearch::new(game, Vec::new());
    let mut distance = |mv: Move| {
        search.restart(game, vec![mv]);
        search.run(NODES_PER_MOVE, plies).map_or(plies, |mate| mate.plies)
    };
    report.moves.iter().map(|m| (m.mv, distance(m.mv))).collect()
}
