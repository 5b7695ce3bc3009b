//! What every part of the page asks of a summary: names, cells, verdicts, numbers as text.

use maud::{Markup, html};
use regime::results::{ShiftCard, Summary, SummaryRow};

pub use crate::style::{Shape, Style, style, styles};

/// The 97.5% quantile of the standard normal distribution: half the width of a 95% interval, in standard errors.
pub const Z95: f64 = 1.959_963_984_540_054;

/// Arms by name, as `regime` writes them.
pub mod arm {
    pub const FROZEN: &str = "frozen";
    pub const STALE: &str = "stale-search";
    pub const RESELECTED: &str = "reselected";
    pub const RESELECTED_STALE: &str = "reselected-stale-search";
    pub const ZERO: &str = "zero";
    pub const ROLLOUT: &str = "rollout";
    pub const ENGINE: &str = "engine";
}

/// The measured score of one cell: finite, inside [0, 1], `low <= score <= high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    pub score: f64,
    pub low: f64,
    pub high: f64,
    /// Standard error used when cells are combined. Never below what the interval implies: the plain standard error
    /// is 0 when all games ended alike, which says nothing about certainty.
    pub error: f64,
    /// The arm's mean estimate of its own expected score.
    pub confidence: Option<f64>,
}

impl Cell {
    /// `None` if the score or its interval is not a number.
    pub fn new(row: &SummaryRow) -> Option<Cell> {
        if ![row.score, row.score_low, row.score_high].iter().all(|x| x.is_finite()) {
            return None;
        }
        let score = row.score.clamp(0.0, 1.0);
        let low = row.score_low.clamp(0.0, 1.0).min(score);
        let high = row.score_high.clamp(0.0, 1.0).max(score);
        let implied = (score - low).max(high - score) / Z95;
        let error = if row.se.is_finite() { row.se.max(implied) } else { implied };
        let confidence = row.confidence.filter(|c| c.is_finite()).map(|c| c.clamp(0.0, 1.0));
        Some(Cell { score, low, high, error, confidence })
    }

    /// 1/2 less the score: positive where the arm loses; with its interval.
    pub fn loss(&self) -> (f64, (f64, f64)) {
        (0.5 - self.score, (0.5 - self.high, 0.5 - self.low))
    }

    /// What the interval says of the arm.
    pub fn verdict(&self) -> Verdict {
        if self.high < 0.5 {
            Verdict::Harmful
        } else if self.low > 0.5 {
            Verdict::Helpful
        } else {
            Verdict::Even
        }
    }
}

/// Where a 95% interval lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Wholly below 50%.
    Harmful,
    /// Wholly above 50%.
    Helpful,
    /// It contains 50%.
    Even,
}

impl Verdict {
    /// Word on the page.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Harmful => "harmful",
            Verdict::Helpful => "helpful",
            Verdict::Even => "not distinguishable from 50%",
        }
    }

    /// Class in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Verdict::Harmful => "harmful",
            Verdict::Helpful => "helpful",
            Verdict::Even => "even",
        }
    }
}

/// A summary with look-ups.
pub struct View<'a> {
    pub summary: &'a Summary,
}

/// Scores over playouts against one opponent.
pub struct Curve<'a> {
    pub shift: &'a str,
    experiment: &'a str,
    opponent: &'a str,
    pub rows: Vec<&'a SummaryRow>,
}

impl Curve<'_> {
    /// The opponent's playouts, if they stay the same while the arm's grow.
    pub fn fixed(&self) -> Option<u32> {
        let first = self.rows.first()?.opponent_playouts;
        let differs = self.rows.iter().any(|r| r.playouts != r.opponent_playouts);
        (differs && self.rows.iter().all(|r| r.opponent_playouts == first)).then_some(first)
    }

    /// The opponent, with its budget.
    pub fn rival(&self) -> String {
        match self.fixed() {
            Some(playouts) => format!("{} fixed at {playouts} playouts", self.opponent),
            None => format!("{} at equal playouts", self.opponent),
        }
    }
}

impl<'a> View<'a> {
    pub fn new(summary: &'a Summary) -> View<'a> {
        View { summary }
    }

    /// Every shift that has a card or a row: suite order, then order of appearance. No name twice.
    pub fn names(&self) -> Vec<&'a str> {
        let cards = self.summary.shifts.iter().map(|s| s.name.as_str());
        unique(cards.chain(self.summary.rows.iter().map(|r| r.shift.as_str())))
    }

    pub fn card(&self, shift: &str) -> Option<&'a ShiftCard> {
        self.summary.shifts.iter().find(|s| s.name == shift)
    }

    /// Whether a shift is a control rather than a change of the rules: `none` and the placebos.
    pub fn is_control(&self, shift: &str) -> bool {
        match self.card(shift) {
            Some(card) => card.family == "none" || card.family == "placebo",
            None => shift == "none",
        }
    }

    /// Names of the shifts that are not controls.
    pub fn changes(&self) -> Vec<&'a str> {
        self.names().into_iter().filter(|n| !self.is_control(n)).collect()
    }

    /// Every curve of scores over playouts: one per shift, experiment and opponent.
    pub fn curves(&self) -> Vec<Curve<'a>> {
        let rows: Vec<&SummaryRow> = self.summary.rows.iter().filter(|r| r.experiment.starts_with("curve")).collect();
        let mut curves: Vec<Curve<'a>> = Vec::new();
        for row in rows {
            let belongs = |c: &&mut Curve<'a>| {
                (c.shift, c.experiment, c.opponent)
                    == (row.shift.as_str(), row.experiment.as_str(), row.opponent.as_str())
            };
            match curves.iter_mut().find(belongs) {
                Some(curve) => curve.rows.push(row),
                None => curves.push(Curve {
                    shift: &row.shift,
                    experiment: &row.experiment,
                    opponent: &row.opponent,
                    rows: vec![row],
                }),
            }
        }
        curves
    }

    /// The cell of `experiment` at `playouts`.
    pub fn cell_at(&self, experiment: &str, shift: &str, arm: &str, opponent: &str, playouts: u32) -> Option<Cell> {
        self.rows(experiment, shift, arm, opponent).find(|r| r.playouts == playouts).and_then(Cell::new)
    }

    /// The headline cell, at the run's playouts if it is there.
    pub fn headline(&self, shift: &str, arm: &str, opponent: &str) -> Option<Cell> {
        self.cell_at("headline", shift, arm, opponent, self.summary.run.playouts)
            .or_else(|| self.rows("headline", shift, arm, opponent).find_map(Cell::new))
    }

    /// All measured cells of a comparison in an experiment.
    pub fn cells(&self, experiment: &str, shift: &str, arm: &str, opponent: &str) -> impl Iterator<Item = Cell> {
        self.rows(experiment, shift, arm, opponent).filter_map(Cell::new)
    }

    fn rows(&self, experiment: &str, shift: &str, arm: &str, opponent: &str) -> impl Iterator<Item = &'a SummaryRow> {
        self.summary
            .rows
            .iter()
            .filter(move |r| r.experiment == experiment && r.shift == shift && r.arm == arm && r.opponent == opponent)
    }

    /// All cells of an experiment.
    pub fn of(&self, experiment: &str) -> Vec<&'a SummaryRow> {
        self.summary.rows.iter().filter(|r| r.experiment == experiment).collect()
    }

    /// The name of a shift, leading to its card if it has one.
    pub fn link(&self, shift: &str) -> Markup {
        html! { @match self.anchor(shift) { Some(anchor) => a href=(format!("#{anchor}")) { (shift) }, None => (shift) } }
    }

    /// Fragment of the card of a shift. By index: a name is a stranger's text.
    pub fn anchor(&self, shift: &str) -> Option<String> {
        self.summary.shifts.iter().position(|s| s.name == shift).map(|i| format!("shift-{i}"))
    }
}

/// The items in order of first appearance.
pub fn unique<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}

/// A fraction as a percentage with one decimal, without the sign: `34.7`; `n/a` if not a number.
pub fn percent(x: f64) -> String {
    // Adding 0.0 turns a negative zero into a positive one.
    if x.is_finite() { format!("{:.1}", x * 100.0 + 0.0) } else { "n/a".into() }
}

/// A difference of fractions in percentage points, signed with a true minus: `−12.3`, `+0.4`; `n/a` if not a number.
pub fn points(x: f64) -> String {
    if x.is_finite() { signed(format!("{:+.1}", x * 100.0 + 0.0)) } else { "n/a".into() }
}

/// Replaces the hyphen of a formatted number by a minus sign, and drops the sign of zero.
pub fn signed(number: String) -> String {
    let is_zero = number.chars().all(|c| matches!(c, '+' | '-' | '0' | '.'));
    if is_zero { number.replace(['+', '-'], "") } else { number.replace('-', "−") }
}

/// An interval of fractions in %: `31.2 to 38.4`.
pub fn interval(low: f64, high: f64) -> String {
    format!("{} to {}", percent(low), percent(high))
}

/// `1 pair`, `2 pairs`.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
