//! Beside the tree, a search for the shortest mate: what it finds comes first in every report.

use rules::{Game, Move};
use search::{MateSearch, RootReport};

/// Playouts of the tree for each position that it looks at: a few hundredths of the time.
const PLAYOUTS_PER_NODE: u64 = 4;
/// Positions for each playout, where the tree sees one side far ahead: about a fifth of the time.
const PER_PLAYOUT_AHEAD: u64 = 2;
/// The value of the root from which on a side is far ahead.
const AHEAD: f32 = 0.5;
/// Positions for each playout, where a mate is all that is asked for.
const PER_PLAYOUT_FOR_MATE: u64 = 16;
/// Positions that are looked at for each move of a lost root.
const NODES_PER_MOVE: u64 = 50_000;
/// Positions that are looked at in one go, at least, and at most: commands are looked at in between.
const CHUNK: (u64, u64) = (1024, 1 << 17);

/// The search for mates of one `go`.
#[derive(Debug)]
pub(super) struct Mates<'a> {
    search: &'a mut MateSearch,
    /// The longest mate that is asked for, in plies.
    deepest: u32,
    /// Whether a mate is all that is asked for.
    asked: bool,
    /// Playouts that have been taken account of, and the positions that they allow.
    playouts: u64,
    allowed: u64,
    /// How long each move holds out, where all lose.
    distances: Option<Vec<(Move, u32)>>,
}

impl<'a> Mates<'a> {
    /// Begins in the current position of `game`, by these moves of the root, all if there are none. `most` is the longest mate that is
    /// asked for, in moves, if one is.
    pub(super) fn begin(
        search: &'a mut Option<MateSearch>,
        game: &Game,
        allowed: &[Move],
        most: Option<u64>,
    ) -> Mates<'a> {
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

    /// Goes on as far as the playouts made so far allow, if that is worth a beginning, or in any case if these were the `last`.
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

    /// Goes on where the tree cannot: looks for a shorter mate than the one that it has proven, or for any if it is full. False if there is
    /// none, or nothing left of the budget, which is what `nodes` playouts would allow.
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

    /// A depth that is not finished is begun anew: the longer the search, the longer the next part of it.
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

    /// Puts what was found first, unless the tree has proven as much. Where the mover is mated, so it is by every other move, at the
    /// latest as soon.
    pub(super) fn complete(&mut self, game: &Game, report: &mut RootReport) {
        let Some(mate) = self.search.found().cloned() else { return };
        let result = if mate.won { 1.0 } else { -1.0 };
        if !mate.won {
            let distances = self.distances.get_or_insert_with(|| distances(game, report, mate.plies));
            for m in &mut report.moves {
                let known = distances.iter().find(|(mv, _)| *mv == m.mv).map_or(mate.plies, |(_, plies)| *plies);
                (m.proven, m.plies_to_end) = (Some(-1.0), Some(known));
            }
            // The longest defence first.
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

/// How long each move of a root that is lost in `plies` holds out.
fn distances(game: &Game, report: &RootReport, plies: u32) -> Vec<(Move, u32)> {
    let mut search = MateSearch::new(game, Vec::new());
    let mut distance = |mv: Move| {
        search.restart(game, vec![mv]);
        search.run(NODES_PER_MOVE, plies).map_or(plies, |mate| mate.plies)
    };
    report.moves.iter().map(|m| (m.mv, distance(m.mv))).collect()
}
