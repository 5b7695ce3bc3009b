//! The positions from which games begin.

use std::collections::BTreeSet;
use std::sync::Arc;

use arena::{Opening, RandomOpenings};
use rayon::prelude::*;

use super::cells::Cell;
use super::measure;
use super::prepare::Stress;
use super::run::Progress;
use crate::error::RegimeError;

impl Stress {
    /// The openings of a cell. They depend on the suite's seed and the number of the evaluator, not on agent, rival or shift, so that cells can be compared
    /// pair by pair. An opening must be legal before and after the change, unless the shift says otherwise.
    pub(crate) fn openings(&self, shift: usize, evaluator: u32, count: u32) -> Result<Vec<Opening>, RegimeError> {
        let prepared = &self.shifts[shift];
        let changed = &self.suite.shifts[shift];
        if let Some(ply) = changed.after_ply {
            return self.interrupted(shift, evaluator, count, ply);
        }
        let both = [Arc::clone(&self.base(shift).rules)];
        let same_start = prepared.mirror.is_none() && !changed.own_openings;
        let plies = self.suite.opening_plies;
        let openings = RandomOpenings {
            seed: self.opening_seed(evaluator),
            plies: plies..=plies,
            also_legal_in: if same_start { &both } else { &[] },
            relabel: prepared.mirror.as_ref(),
        };
        openings.generate(&prepared.rules, count).map_err(|e| self.wrong_shift(shift, e))
    }

    fn opening_seed(&self, evaluator: u32) -> u64 {
        self.suite.seed.wrapping_add(u64::from(evaluator) << 32)
    }

    /// Openings of a shift that comes amid the game: positions at the given ply of games that an agent plays against itself under the old rules. Positions
    /// that are no longer legal under the new ones are left out.
    fn interrupted(&self, shift: usize, evaluator: u32, count: u32, ply: u32) -> Result<Vec<Opening>, RegimeError> {
        let changed = &self.suite.shifts[shift];
        let agent =
            changed.played_by.as_deref().and_then(|name| self.suite.agent(name)).expect("checked with the suite");
        let (setting, plies) = (self.setting(shift, agent, evaluator, 0), self.suite.opening_plies);
        let openings = RandomOpenings::new(self.opening_seed(evaluator), plies..=plies)
            .generate(setting.old_rules, 4 * count)
            .map_err(|e| self.wrong_shift(shift, e))?;
        let playouts = changed.playouts_before.unwrap_or(1);
        let at_the_change = |opening: &Opening| -> Option<Opening> {
            let mut game = opening.game(setting.old_rules).ok()?;
            let mut player = setting.player_under(agent, playouts, setting.old_rules);
            while game.outcome().is_none() && game.ply() < ply as usize {
                let choice = player.choose(&game).expect("only external engines fail");
                game.play(choice.mv);
            }
            let fen = setting.old_rules.fen(game.position());
            let opening = Opening { start: Some(fen), moves: Vec::new() };
            (game.outcome().is_none() && opening.legal_in(setting.true_rules)).then_some(opening)
        };
        let mut seen = BTreeSet::new();
        let found: Vec<Option<Opening>> = openings.par_iter().map(at_the_change).collect();
        let mut found: Vec<Opening> = found.into_iter().flatten().filter(|o| seen.insert(o.start.clone())).collect();
        if found.len() < count as usize {
            let found = found.len();
            let message = format!("only {found} of {count} games last until ply {ply}; make `after_ply` smaller");
            return Err(self.wrong_shift(shift, message));
        }
        found.truncate(count as usize);
        Ok(found)
    }

    /// Makes the openings of all cells that are to be played, and of what is measured besides, so that a shift that has too few is refused
    /// before anything is written.
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
        let mut wanted: BTreeSet<_> = waiting.map(|cell| (cell.shift, cell.evaluator, cell.experiment.pairs)).collect();
        wanted.extend((0..self.shifts.len()).map(|shift| (shift, 0, measure::PAIRS)));
        let total = wanted.len() as u64;
        for (done, (shift, evaluator, pairs)) in wanted.into_iter().enumerate() {
            progress(&Progress { done: done as u64, total, label: "openings".to_owned() });
            self.openings(shift, evaluator, pairs)?;
        }
        Ok(())
    }
}
