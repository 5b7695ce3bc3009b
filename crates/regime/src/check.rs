//! What is looked at before a run writes anything: a suite that asks for what there is not is refused, and leaves nothing.

use std::collections::BTreeSet;
use std::path::Path;

use crate::error::RegimeError;
use crate::log::damaged_row;
use crate::measure;
use crate::results::PairRow;
use crate::run::{Cell, Progress, Stress};

impl Stress {
    /// Makes the openings of all cells that are to be played, and of what is measured besides.
    pub(crate) fn check_openings(
        &self,
        cells: &[Cell<'_>],
        rows: usize,
        progress: &(dyn Fn(&Progress) + Sync),
    ) -> Result<(), RegimeError> {
        let mut end = 0;
        let waiting = cells.iter().filter(|cell| {
            end += cell.experiment.pairs as usize;
            end > rows
        });
        let mut wanted: BTreeSet<_> = waiting.map(|cell| (cell.shift, cell.seed, cell.experiment.pairs)).collect();
        wanted.extend((0..self.stages.len()).map(|shift| (shift, 0, measure::PAIRS)));
        let total = wanted.len() as u64;
        for (done, (shift, seed, pairs)) in wanted.into_iter().enumerate() {
            progress(&Progress { done: done as u64, total, label: "openings".to_owned() });
            self.openings(shift, seed, pairs)?;
        }
        Ok(())
    }

    /// Whether rows that were read back are those of these cells, one after the other.
    pub(crate) fn check_rows(&self, path: &Path, cells: &[Cell<'_>], rows: &[PairRow]) -> Result<(), RegimeError> {
        let expected = cells.iter().flat_map(|cell| (0..cell.experiment.pairs).map(move |pair| (cell, pair)));
        for (i, (row, (cell, pair))) in rows.iter().zip(expected).enumerate() {
            let names = [&row.experiment, &row.shift, &row.arm, &row.opponent].map(String::as_str);
            let shift = &self.suite.shifts[cell.shift].name;
            let numbers = [row.playouts, row.opponent_playouts, row.games, row.seed, row.pair];
            if names != [&cell.experiment.name, shift, cell.arm.name(), cell.opponent.name()]
                || numbers != [cell.playouts, cell.opponent_playouts, cell.games, cell.seed, pair]
            {
                return Err(damaged_row(path, i, "is not the pair that was to follow"));
            }
            let shares =
                [Some(row.score), Some(row.material), row.confidence].into_iter().chain(row.errors).chain(row.drift);
            if shares.flatten().any(|share| !(0.0..=1.0).contains(&share)) {
                return Err(damaged_row(path, i, "has a score, error or share that does not lie in 0 to 1"));
            }
            if row.confident[1] > row.confident[0]
                || row.results.iter().any(|r| !["1-0", "0-1", "1/2-1/2"].contains(&r.as_str()))
            {
                return Err(damaged_row(path, i, "has results that cannot be"));
            }
        }
        Ok(())
    }
}
