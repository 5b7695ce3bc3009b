//! `interregnum stress --replicate`: where a run that was played again differs from the published one.

use std::collections::BTreeMap;
use std::io::Write as _;

use regime::analysis::{Run, Summary, SummaryRow};
use regime::rows::{PairRow, ProbeRow};

use super::stdout;

/// How many rows of two runs are there twice and equal, and how many are not.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    same: usize,
    differing: usize,
    /// Rows that the published run lacks.
    missing: usize,
    /// Rows that the published run has and the new one has not.
    surplus: usize,
}

impl Tally {
    /// Counts rows that have equal keys, which stand once in each run.
    fn of<T: PartialEq, K: Ord>(published: &[T], again: &[T], key: impl Fn(&T) -> K) -> Tally {
        let mut found: BTreeMap<K, &T> = published.iter().map(|row| (key(row), row)).collect();
        let mut tally = Tally::default();
        for row in again {
            match found.remove(&key(row)) {
                Some(old) if old == row => tally.same += 1,
                Some(_) => tally.differing += 1,
                None => tally.missing += 1,
            }
        }
        Tally { surplus: found.len(), ..tally }
    }

    fn all(&self) -> usize {
        self.same + self.differing + self.missing + self.surplus
    }

    fn holds(&self) -> bool {
        self.same == self.all()
    }

    /// `46 of 49 replicated to the last digit; 1 differing, 2 missing in the published run`.
    fn words(&self) -> String {
        let mut words = format!("{} of {} replicated to the last digit", self.same, self.all());
        let parts = [
            (self.differing, "differing"),
            (self.missing, "missing in the published run"),
            (self.surplus, "missing in the new run"),
        ];
        for (i, (count, what)) in parts.into_iter().filter(|(count, _)| *count > 0).enumerate() {
            words += &format!("{} {count} {what}", if i == 0 { ";" } else { "," });
        }
        words
    }
}

fn place_of_pair(row: &PairRow) -> impl Ord + use<> {
    let names = [&row.experiment, &row.shift, &row.agent, &row.opponent].map(String::clone);
    (names, [row.playouts, row.opponent_playouts, row.point, row.evaluator, row.rival, row.pair])
}

fn place_of_answer(row: &ProbeRow) -> impl Ord + use<> {
    let names = [&row.probe, &row.shift, &row.agent].map(String::clone);
    (names, [row.point, row.playouts, row.evaluator])
}

fn place_of_cell(row: &SummaryRow) -> impl Ord + use<> {
    let names = [&row.experiment, &row.shift, &row.agent, &row.opponent].map(String::clone);
    (names, [row.playouts, row.opponent_playouts, row.point])
}

/// Says where a replication differs from what was published, in everything that a run writes and that follows from it.
///
/// # Errors
/// If it differs anywhere, or the published run is not whole.
pub(super) fn compare(published: &Run, again: &Run) -> anyhow::Result<()> {
    let (old, new) = (published.summary(), again.summary());
    let mut out = stdout();
    if old.run.identity != new.run.identity {
        let (old, new) = (&old.run.identity, &new.run.identity);
        writeln!(out, "suite, rules, weights or program are not those of the run: identity {new}, {old} was expected")?;
    }
    if !published.is_finished() {
        writeln!(out, "the published run is not finished")?;
    }
    for row in &new.rows {
        let before = old.rows.iter().find(|before| place_of_cell(before) == place_of_cell(row));
        if before != Some(row) {
            let SummaryRow { experiment, shift, agent, opponent, playouts, .. } = row;
            let was = before.map_or("missing".to_owned(), |before| format!("{:.4}", before.score));
            writeln!(out, "{experiment}, {shift}: {agent} v {opponent} @{playouts}: {was} was, {:.4} is", row.score)?;
        }
    }
    let tallies = [
        ("pairs of games", Tally::of(published.pairs(), again.pairs(), place_of_pair)),
        ("answers of probes", Tally::of(published.probes(), again.probes(), place_of_answer)),
        ("cells", Tally::of(&old.rows, &new.rows, place_of_cell)),
    ];
    for (what, tally) in &tallies {
        writeln!(out, "{what}: {}", tally.words())?;
    }
    let differing: Vec<&str> = parts(&old, &new).into_iter().filter(|(_, same)| !same).map(|(what, _)| what).collect();
    let same = if differing.is_empty() {
        "all the same".to_owned()
    } else {
        format!("not the same: {}", differing.join(", "))
    };
    writeln!(out, "measures of shifts, games for replay, rocket, probes, monitors, exact nulls and verdicts: {same}")?;
    let whole = published.is_finished() && old.run.identity == new.run.identity;
    if whole && differing.is_empty() && tallies.iter().all(|(_, tally)| tally.holds()) {
        return Ok(());
    }
    Err(crate::Failed("the run was not replicated".to_owned()).into())
}

/// Everything in a summary but its cells of matches, and whether two summaries agree in it.
fn parts(old: &Summary, new: &Summary) -> [(&'static str, bool); 8] {
    [
        ("measures of shifts", old.shifts == new.shifts),
        ("games for replay", old.games == new.games),
        ("rocket", old.rocket == new.rocket),
        ("probes", old.probes == new.probes),
        ("monitors", old.monitored == new.monitored),
        ("exact nulls", old.exact_nulls == new.exact_nulls),
        ("verdicts of claims", old.findings == new.findings),
        ("verdicts of shifts", old.grid == new.grid),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_missing_do_not_count_as_replicated() {
        let tally = |old: &[(u32, u32)], new: &[(u32, u32)]| Tally::of(old, new, |row| row.0);
        assert_eq!(tally(&[(1, 1), (2, 2)], &[(1, 1), (2, 2)]).words(), "2 of 2 replicated to the last digit");
        let cut = tally(&[(1, 1), (2, 0), (9, 9)], &[(1, 1), (2, 2), (3, 3), (4, 4)]);
        assert!(!cut.holds());
        assert_eq!(
            cut.words(),
            "1 of 5 replicated to the last digit; 1 differing, 2 missing in the published run, 1 missing in the new run"
        );
    }
}
