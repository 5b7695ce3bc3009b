//! Rows looked up by cell.

use std::collections::BTreeMap;

use crate::rows::PairRow;

/// What the pairs of one cell of matches have in common. Evaluators and rivals differ within a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CellKey<'a> {
    pub(crate) experiment: &'a str,
    pub(crate) shift: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) opponent: &'a str,
    pub(crate) playouts: u32,
    pub(crate) opponent_playouts: u32,
    pub(crate) point: u32,
}

impl<'a> CellKey<'a> {
    pub(crate) fn of(row: &'a PairRow) -> CellKey<'a> {
        CellKey {
            experiment: &row.experiment,
            shift: &row.shift,
            agent: &row.agent,
            opponent: &row.opponent,
            playouts: row.playouts,
            opponent_playouts: row.opponent_playouts,
            point: row.point,
        }
    }
}

/// Rows by cell.
pub(crate) struct Index<'a> {
    /// In the order in which cells first appear.
    pub(crate) order: Vec<CellKey<'a>>,
    pub(crate) cells: BTreeMap<CellKey<'a>, Vec<&'a PairRow>>,
}

impl<'a> Index<'a> {
    pub(crate) fn new(rows: &'a [PairRow]) -> Index<'a> {
        let mut index = Index { order: Vec::new(), cells: BTreeMap::new() };
        for row in rows {
            let members = index.cells.entry(CellKey::of(row)).or_default();
            if members.is_empty() {
                index.order.push(CellKey::of(row));
            }
            members.push(row);
        }
        index
    }

    /// Rows of the cells of an experiment, a shift and a match.
    pub(crate) fn of_match(
        &self,
        experiment: &'a str,
        shift: &'a str,
        agent: &'a str,
        opponent: &'a str,
    ) -> impl Iterator<Item = (&CellKey<'a>, &Vec<&'a PairRow>)> {
        let start = CellKey { experiment, shift, agent, opponent, playouts: 0, opponent_playouts: 0, point: 0 };
        let wanted = (experiment, shift, agent, opponent);
        // Keys are ordered by their names first, so the keys of a match are one range.
        self.cells.range(start..).take_while(move |(k, _)| (k.experiment, k.shift, k.agent, k.opponent) == wanted)
    }

    /// Rows of a cell of an agent that is no curve, by evaluator, each against its first rival, in the order of pairs.
    pub(crate) fn by_evaluator(
        &self,
        experiment: &'a str,
        shift: &'a str,
        agent: &'a str,
        opponent: &'a str,
        playouts: u32,
    ) -> Vec<Vec<&'a PairRow>> {
        let mut all: BTreeMap<u32, Vec<&PairRow>> = BTreeMap::new();
        for (_, rows) in self.of_match(experiment, shift, agent, opponent).filter(|(key, _)| key.playouts == playouts) {
            for row in rows {
                let own = all.entry(row.evaluator).or_default();
                if own.first().is_none_or(|first| first.rival == row.rival) {
                    own.push(row);
                }
            }
        }
        all.into_values().collect()
    }
}
