//! Shifts that must change nothing. Each of their pairs is held against its twin: the pair of the same cell and opening under the unchanged rules.

use std::collections::HashMap;

use super::summary::ExactNull;
use crate::rows::PairRow;
use crate::suite::Suite;

/// What makes two pairs twins across shifts.
type Twin<'a> = (&'a str, &'a str, &'a str, [u32; 6]);

fn twin(row: &PairRow) -> Twin<'_> {
    let numbers = [row.playouts, row.opponent_playouts, row.point, row.evaluator, row.rival, row.pair];
    (&row.experiment, &row.agent, &row.opponent, numbers)
}

/// For each shift that must change nothing, whether every pair went exactly as its twin. Pairs whose twin has not been played, and those of agents that
/// see the rules, are not compared.
pub(crate) fn check(suite: &Suite, rows: &[PairRow], finished: bool) -> Vec<ExactNull> {
    let sees = |name: &str| {
        let agent = suite.agent(name);
        let mut roles = agent.into_iter().flat_map(|agent| agent.roles());
        roles.any(|role| suite.role(role).is_some_and(|role| role.sees_rules))
    };
    let nulls = suite.shifts.iter().filter(|shift| shift.is_null());
    nulls
        .map(|shift| {
            let unchanged = suite.unchanged(suite.base_number(shift)).map_or("", |i| suite.shifts[i].name.as_str());
            let twins: HashMap<Twin<'_>, &PairRow> =
                rows.iter().filter(|row| row.shift == unchanged).map(|row| (twin(row), row)).collect();
            let own = rows.iter().filter(|row| row.shift == shift.name && !sees(&row.agent) && !sees(&row.opponent));
            let pairs: Vec<(&PairRow, &PairRow)> =
                own.filter_map(|row| twins.get(&twin(row)).map(|other| (row, *other))).collect();
            let same = |(a, b): &(&PairRow, &PairRow)| {
                (a.score, &a.results, &a.endings, a.plies, a.confidence)
                    == (b.score, &b.results, &b.endings, b.plies, b.confidence)
            };
            let held = (finished || !pairs.is_empty()).then(|| !pairs.is_empty() && pairs.iter().all(same));
            ExactNull { shift: shift.name.clone(), pairs: pairs.len() as u32, held }
        })
        .collect()
}
