//! What every part of the page asks of a summary: look-ups by name, and scores that can be drawn.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};
use regime::analysis::{AgentCard, GridRow, ShiftCard, Summary, SummaryRow};

use crate::style::{Style, distinct};

/// The measured score of one cell: finite, inside [0, 1], `low <= score <= high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    pub score: f64,
    pub low: f64,
    pub high: f64,
    /// The agent's mean estimate of its own expected score.
    pub confidence: Option<f64>,
}

impl Score {
    /// `None` if the score or its interval is not a number.
    pub fn new(row: &SummaryRow) -> Option<Score> {
        if ![row.score, row.score_low, row.score_high].iter().all(|x| x.is_finite()) {
            return None;
        }
        let score = row.score.clamp(0.0, 1.0);
        let low = row.score_low.clamp(0.0, 1.0).min(score);
        let high = row.score_high.clamp(0.0, 1.0).max(score);
        let confidence = row.confidence.filter(|c| c.is_finite()).map(|c| c.clamp(0.0, 1.0));
        Some(Score { score, low, high, confidence })
    }

    /// 1/2 less the score, with the ends of its interval.
    pub fn cost(&self) -> (f64, (f64, f64)) {
        (0.5 - self.score, (0.5 - self.high, 0.5 - self.low))
    }

    /// Class of the style sheet: which side of 50% the whole interval lies on.
    pub fn side(&self) -> &'static str {
        if self.high < 0.5 {
            "below"
        } else if self.low > 0.5 {
            "above"
        } else {
            "around"
        }
    }
}

/// Who met whom: what a line of a figure or a column of a table is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match<'a> {
    pub agent: &'a str,
    pub opponent: &'a str,
    /// Point of the agent's curve; 0 if it is none.
    pub point: u32,
}

impl<'a> Match<'a> {
    pub fn of(row: &'a SummaryRow) -> Match<'a> {
        Match { agent: &row.agent, opponent: &row.opponent, point: row.point }
    }
}

/// A summary with look-ups.
pub struct View<'a> {
    pub summary: &'a Summary,
    cards: BTreeMap<&'a str, usize>,
    agents: BTreeMap<&'a str, usize>,
    grid: BTreeMap<&'a str, &'a GridRow>,
    by_shift: BTreeMap<&'a str, Vec<&'a SummaryRow>>,
    by_experiment: BTreeMap<&'a str, Vec<&'a SummaryRow>>,
}

fn places<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut places = BTreeMap::new();
    for (i, name) in names.enumerate() {
        places.entry(name).or_insert(i);
    }
    places
}

fn grouped<'a>(rows: &'a [SummaryRow], key: fn(&'a SummaryRow) -> &'a str) -> BTreeMap<&'a str, Vec<&'a SummaryRow>> {
    let mut groups: BTreeMap<&str, Vec<&SummaryRow>> = BTreeMap::new();
    rows.iter().for_each(|row| groups.entry(key(row)).or_default().push(row));
    groups
}

impl<'a> View<'a> {
    pub fn new(summary: &'a Summary) -> View<'a> {
        View {
            summary,
            cards: places(summary.shifts.iter().map(|s| s.name.as_str())),
            agents: places(summary.agents.iter().map(|a| a.name.as_str())),
            grid: summary.grid.iter().rev().map(|row| (row.shift.as_str(), row)).collect(),
            by_shift: grouped(&summary.rows, |row| &row.shift),
            by_experiment: grouped(&summary.rows, |row| &row.experiment),
        }
    }

    /// Every shift that has a card or a row: suite order, then order of appearance. No name twice.
    pub fn names(&self) -> Vec<&'a str> {
        let cards = self.summary.shifts.iter().map(|s| s.name.as_str());
        unique(cards.chain(self.summary.rows.iter().map(|r| r.shift.as_str())))
    }

    /// Shifts by falling cost; those without one last, in suite order.
    pub fn by_cost(&self) -> Vec<&'a str> {
        let cost = |name: &str| {
            let known = self.grid(name).and_then(|row| row.cost).filter(|cost| cost.is_finite());
            known.unwrap_or(f64::NEG_INFINITY)
        };
        let mut names = self.names();
        names.sort_by(|a, b| cost(b).total_cmp(&cost(a)));
        names
    }

    pub fn card(&self, shift: &str) -> Option<&'a ShiftCard> {
        self.cards.get(shift).map(|i| &self.summary.shifts[*i])
    }

    /// The family of a shift; empty if it has no card.
    pub fn family(&self, shift: &str) -> &'a str {
        self.card(shift).map_or("", |card| &card.family)
    }

    /// What was found of a shift's own hypothesis.
    pub fn grid(&self, shift: &str) -> Option<&'a GridRow> {
        self.grid.get(shift).copied()
    }

    pub fn agent(&self, name: &str) -> Option<&'a AgentCard> {
        self.agents.get(name).map(|i| &self.summary.agents[*i])
    }

    /// The unchanged rules of the variant that a shift changes.
    pub fn twin(&self, shift: &str) -> Option<&'a str> {
        let variant = &self.card(shift)?.variant;
        let twin = self.summary.shifts.iter().find(|s| s.unchanged && s.after_ply.is_none() && s.variant == *variant);
        twin.map(|card| card.name.as_str())
    }

    /// All cells under a shift.
    pub fn under(&self, shift: &str) -> &[&'a SummaryRow] {
        self.by_shift.get(shift).map_or(&[], |rows| rows)
    }

    /// All cells of an experiment.
    pub fn of(&self, experiment: &str) -> &[&'a SummaryRow] {
        self.by_experiment.get(experiment).map_or(&[], |rows| rows)
    }

    /// The first experiment of the first heading that has any; without headings that of the first cell.
    pub fn first_experiment(&self) -> Option<&'a str> {
        let listed = self.summary.sections.iter().flat_map(|section| &section.experiments).next();
        listed.or_else(|| self.summary.rows.first().map(|row| &row.experiment)).map(String::as_str)
    }

    /// The experiment that the shifts' own hypotheses are about, or else the first, at its first number of playouts.
    pub fn main_cells(&self) -> Vec<&'a SummaryRow> {
        let cell = self.summary.run.grid_cell.as_ref();
        let Some(experiment) = cell.map(|cell| cell.experiment.as_str()).or_else(|| self.first_experiment()) else {
            return Vec::new();
        };
        let rows = self.of(experiment);
        let Some(playouts) = cell.map(|cell| cell.playouts).or_else(|| rows.first().map(|row| row.playouts)) else {
            return Vec::new();
        };
        rows.iter().copied().filter(|row| row.playouts == playouts).collect()
    }

    /// Of those cells the ones that the shifts' own hypotheses are about.
    pub fn grid_cells(&self) -> Vec<&'a SummaryRow> {
        let Some(cell) = &self.summary.run.grid_cell else { return Vec::new() };
        let mut rows = self.main_cells();
        rows.retain(|row| (&row.agent, &row.opponent) == (&cell.agent, &cell.opponent));
        rows
    }

    /// The name of a shift, leading to its card if it has one.
    pub fn link(&self, shift: &str) -> Markup {
        html! { @match self.anchor(shift) { Some(anchor) => a href=(format!("#{anchor}")) { (shift) }, None => (shift) } }
    }

    /// The name of an agent, leading to what it is.
    pub fn agent_link(&self, name: &str) -> Markup {
        html! { @match self.agents.get(name) { Some(i) => a href=(format!("#agent-{i}")) { (name) }, None => (name) } }
    }

    /// Fragment of the card of a shift. By index: a name is a stranger's text.
    pub fn anchor(&self, shift: &str) -> Option<String> {
        self.cards.get(shift).map(|i| format!("shift-{i}"))
    }

    /// What the points of an agent's curve are points of.
    pub fn points_of(&self, agent: &str) -> &'a str {
        self.agent(agent).and_then(|card| card.points.as_deref()).unwrap_or("points")
    }

    /// A match in words; the opponent is left out where `alone` says that there is but one.
    pub fn match_name(&self, of: Match, alone: bool) -> String {
        let mut name = of.agent.to_owned();
        if of.point > 0 {
            name.push_str(&format!(", {} {}", of.point, self.points_of(of.agent)));
        }
        if !alone {
            name.push_str(&format!(" v {}", of.opponent));
        }
        name
    }

    /// Styles of series that stand in one figure: each agent has its own in all figures where it can.
    pub fn styles<'b>(&self, agents: impl Iterator<Item = &'b str>) -> Vec<Style> {
        let own = |(i, agent): (usize, &str)| self.agents.get(agent).copied().unwrap_or(self.agents.len() + i);
        distinct(&agents.enumerate().map(own).collect::<Vec<_>>())
    }
}

/// The items in order of first appearance, each once.
pub fn unique<T: Ord + Clone>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    items.filter(|item| seen.insert(item.clone())).collect()
}
