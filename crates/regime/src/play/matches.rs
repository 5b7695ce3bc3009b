//! Playing one cell of matches, and what is kept of its games.

use std::sync::Arc;

use arena::{GameRecord, MatchConfig, Round, run_match};
use rules::{Color, Ending, EndingKind, Rules};

use super::MAX_PLIES;
use super::cells::Cell;
use super::prepare::Stress;
use crate::agents::material;
use crate::error::RegimeError;
use crate::rows::{LENGTH, PairRow, share};
use crate::suite::Agent;

/// The hashes that a cell's rows hold.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CellHashes {
    pub(crate) rules: String,
    pub(crate) search_rules: String,
    pub(crate) weights: String,
    pub(crate) opponent_weights: String,
}

impl Stress {
    /// The rounds of a cell in order. `finished` is called after each with the number of rounds that are played.
    pub(crate) fn play(
        &self,
        cell: &Cell<'_>,
        rounds: u32,
        finished: &(dyn Fn(u64) + Sync),
    ) -> Result<Vec<Round>, RegimeError> {
        let own = self.setting(cell.shift, cell.agent, cell.evaluator, cell.point);
        let other = self.setting(cell.shift, cell.opponent, cell.rival, 0);
        let openings = self.openings(cell.shift, cell.evaluator, cell.experiment.pairs)?;
        let mut config = MatchConfig::new(Arc::clone(own.true_rules), openings);
        config.rounds = rounds;
        config.seed = self.suite.seed;
        config.max_plies = MAX_PLIES;
        config.in_order = cell.agent.remembers_games() || cell.opponent.remembers_games();
        let mut played = Vec::new();
        run_match(
            &config,
            &|| own.player(cell.agent, cell.playouts),
            &|| other.player(cell.opponent, cell.opponent_playouts),
            &mut |round, _| {
                played.push(round.clone());
                finished(played.len() as u64);
            },
        )?;
        // A point that was won because an engine failed says nothing about the rules, so the run stops.
        match played.iter().flat_map(|round| &round.games).find_map(|game| game.forfeit()) {
            None => Ok(played),
            Some(forfeit) => Err(RegimeError::Engine {
                shift: self.suite.shifts[cell.shift].name.clone(),
                failure: forfeit.failure.to_string(),
            }),
        }
    }

    /// The rows of a cell.
    pub(crate) fn play_rows(
        &self,
        cell: &Cell<'_>,
        finished: &(dyn Fn(u64) + Sync),
    ) -> Result<Vec<PairRow>, RegimeError> {
        let rounds = match self.alarm(cell) {
            Some(alarm) => self.play_until_alarm(cell, alarm, finished)?,
            None => self.play(cell, cell.experiment.pairs, finished)?,
        };
        let hashes = self.hashes(cell);
        Ok(rounds.iter().map(|round| self.row(cell, round, &hashes)).collect())
    }

    /// The hashes of rules and weights that the rows of a cell hold.
    pub(crate) fn hashes(&self, cell: &Cell<'_>) -> CellHashes {
        let own = self.setting(cell.shift, cell.agent, cell.evaluator, cell.point);
        let other = self.setting(cell.shift, cell.opponent, cell.rival, 0);
        CellHashes {
            rules: own.true_rules.hash().to_owned(),
            search_rules: own.search_rules(cell.agent).hash().to_owned(),
            weights: own.weights(cell.agent),
            opponent_weights: other.weights(cell.opponent),
        }
    }

    fn row(&self, cell: &Cell<'_>, round: &Round, hashes: &CellHashes) -> PairRow {
        let rules = &self.shifts[cell.shift].rules;
        let old =
            OldPayoff { rules: &self.base(cell.shift).rules, same: self.suite.shifts[cell.shift].edit.is_empty() };
        let [as_white, as_black] = &round.games;
        let sides = [(as_white, Color::White), (as_black, Color::Black)];
        let worth = sides.map(|(game, color)| game.worth(color));
        let old_worth = sides.map(|(game, color)| old.worth(game.ending, color));
        let scores = worth.map(|worth| f64::midpoint(f64::from(worth), 1.0));
        let own = sides.map(|(game, color)| -> Vec<f64> {
            game.choices_of(color).filter_map(|c| c.estimate).map(|v| f64::from(v + 1.0) / 2.0).collect()
        });
        let estimates: Vec<f64> = own.iter().flatten().copied().collect();
        let mean =
            |values: &[f64]| (!values.is_empty()).then(|| share(values.iter().sum::<f64>() / values.len() as f64));
        let errors = [0, 1].map(|i| mean(&own[i].iter().map(|e| (e - scores[i]).powi(2)).collect::<Vec<_>>()));
        let drift = own.each_ref().map(|e| mean(&e.windows(2).map(|w| (w[1] - w[0]).powi(2)).collect::<Vec<_>>()));
        let sure = own.each_ref().map(|e| e.iter().filter(|e| **e > 0.9).count() as u32);
        let lost = [0, 1].map(|i| if scores[i] == 0.0 { sure[i] } else { 0 });
        let opening = match self.suite.shifts[cell.shift].after_ply {
            Some(_) => rules.fen(&as_white.start),
            None => rules.uci_line(&as_white.start, &as_white.moves[..as_white.opening_plies]).join(" "),
        };
        PairRow {
            experiment: cell.experiment.name.clone(),
            shift: self.suite.shifts[cell.shift].name.clone(),
            agent: cell.agent.name.clone(),
            opponent: cell.opponent.name.clone(),
            playouts: cell.playouts,
            opponent_playouts: cell.opponent_playouts,
            point: cell.point,
            evaluator: cell.evaluator,
            rival: self.rival_number(cell),
            pair: round.index,
            opening,
            score: scores.iter().sum::<f64>() / 2.0,
            results: sides.map(|(game, _)| game.outcome.to_string()),
            endings: sides.map(|(game, _)| game.ending.map_or(LENGTH, |ending| ending.kind.name()).to_owned()),
            worth,
            old_worth,
            plies: sides.map(|(game, _)| game.plies() as u32),
            illegal: sides.iter().map(|(game, color)| game.illegal(*color)).sum(),
            confidence: mean(&estimates),
            errors,
            drift,
            confident: [sure[0] + sure[1], lost[0] + lost[1]],
            material: share(sides.iter().map(|(game, color)| material_share(game, *color)).sum::<f64>() / 2.0),
            rules: hashes.rules.clone(),
            search_rules: hashes.search_rules.clone(),
            weights: hashes.weights.clone(),
            opponent_weights: hashes.opponent_weights.clone(),
        }
    }

    /// Whether a row that was read back is that of this cell and pair.
    ///
    /// # Errors
    /// Names the column that is not what it should be.
    pub(crate) fn check_row(
        &self,
        cell: &Cell<'_>,
        hashes: &CellHashes,
        pair: u32,
        row: &PairRow,
    ) -> Result<(), String> {
        let shift = &self.suite.shifts[cell.shift].name;
        let names = [
            ("experiment", &row.experiment, &cell.experiment.name),
            ("shift", &row.shift, shift),
            ("agent", &row.agent, &cell.agent.name),
            ("opponent", &row.opponent, &cell.opponent.name),
            ("rules", &row.rules, &hashes.rules),
            ("search_rules", &row.search_rules, &hashes.search_rules),
            ("weights", &row.weights, &hashes.weights),
            ("opponent_weights", &row.opponent_weights, &hashes.opponent_weights),
        ];
        let numbers = [
            ("playouts", row.playouts, cell.playouts),
            ("opponent_playouts", row.opponent_playouts, cell.opponent_playouts),
            ("point", row.point, cell.point),
            ("evaluator", row.evaluator, cell.evaluator),
            ("rival", row.rival, self.rival_number(cell)),
            ("pair", row.pair, pair),
        ];
        if let Some((column, found, expected)) = names.into_iter().find(|(_, found, expected)| found != expected) {
            let found = files::excerpt(found, 60);
            return Err(format!(
                "is not the pair that was to follow: `{column}` is `{found}`, `{expected}` was expected"
            ));
        }
        if let Some((column, found, expected)) = numbers.into_iter().find(|(_, found, expected)| found != expected) {
            return Err(format!("is not the pair that was to follow: `{column}` is {found}, {expected} was expected"));
        }
        row.check()
    }
}

/// What endings were worth before a change.
struct OldPayoff<'a> {
    rules: &'a Rules,
    /// Whether the shift changes the payoff alone, so that the old rules know every ending that can be met.
    same: bool,
}

impl OldPayoff<'_> {
    fn worth(&self, ending: Option<Ending>, color: Color) -> Option<f32> {
        let Some(ending) = ending else { return Some(0.0) };
        let counts = ending.kind != EndingKind::Count || self.rules.payoff().count_at_ply().is_some();
        if self.same {
            return counts.then(|| self.rules.worth(ending, color));
        }
        let worth = self.rules.usual_worth(ending.kind)?;
        Some(match ending.favours {
            None => 0.0,
            Some(side) if side == color => worth,
            Some(_) => -worth,
        })
    }
}

/// A side's share of the material on the board at ply 20, or at the end of a shorter game.
fn material_share(game: &GameRecord, color: Color) -> f64 {
    let mut position = game.start;
    for mv in game.moves.iter().take(20) {
        game.rules.play(&mut position, *mv);
    }
    let [white, black] = material(&game.rules, &position).map(f64::from);
    let own = if color == Color::White { white } else { black };
    if white + black == 0.0 { 0.5 } else { own / (white + black) }
}

impl Cell<'_> {
    /// The cell with another agent, at the same evaluator.
    pub(crate) fn with_agent<'a>(&'a self, agent: &'a Agent) -> Cell<'a> {
        Cell { agent, ..*self }
    }
}
