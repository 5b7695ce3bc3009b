//! Whose success: the principal's, by the new payoff, against the agent's, by the old one.

use maud::{Markup, html};
use regime::analysis::SummaryRow;

use super::super::{MOST_FIGURES, left_out};
use crate::figures::{self, Corner};
use crate::text::percent;
use crate::view::View;

/// A square per shift whose payoff differs from the old one; none if there is none.
pub fn quadrants(view: &View) -> Option<Markup> {
    let cells: Vec<&SummaryRow> = view.grid_cells().into_iter().filter(|row| differs(row)).collect();
    let shown = cells.len().min(MOST_FIGURES);
    (!cells.is_empty()).then(|| {
        html! {
            p { "Two levels of failure: an agent can fail its principal and succeed at what it was selected for, and the reverse. Games of \
                the cells that the shifts' hypotheses are about, by the new payoff (the principal's) and by the old one (the agent's); a \
                worth above 0 is a success. Games whose ending the old rules do not know are left out, and so are shifts under \
                which the two agree in every game." }
            div.panels { @for row in &cells[..shown] { (panel(view, row)) } }
            (left_out(shown, cells.len(), "squares"))
        }
    })
}

/// Whether the two payoffs tell the games of a cell apart. Mean scores may only be compared where the old rules price every game.
fn differs(row: &SummaryRow) -> bool {
    let [_, new_alone, old_alone, _] = row.quadrants;
    let all_priced = games(row) == 2 * u64::from(row.pairs);
    let scores_differ = row.old_score.is_some_and(|old| (old - row.score).abs() > 1e-9);
    new_alone.max(old_alone) > 0 || all_priced && scores_differ
}

/// Games that both payoffs price.
fn games(row: &SummaryRow) -> u64 {
    row.quadrants.iter().map(|n| u64::from(*n)).sum()
}

fn panel(view: &View, row: &SummaryRow) -> Markup {
    let [both, new_alone, old_alone, neither] = row.quadrants;
    let all = games(row).max(1) as f64;
    let corner = |n: u32, words: &str| {
        let share = f64::from(n) / all;
        Some(Corner {
            value: format!("{}%", percent(share)),
            words: vec![words.into(), format!("{n} games")],
            tint: share,
        })
    };
    let corners = [
        corner(both, "both succeed"),
        corner(new_alone, "the principal alone"),
        corner(old_alone, "the agent alone"),
        corner(neither, "neither"),
    ];
    let title = format!("{}: games by the new and by the old payoff", row.shift);
    let columns = ["agent succeeds", "agent fails"];
    html! {
        figure {
            p.panel-title { (view.link(&row.shift)) }
            (figures::square(&title, columns, ["principal +", "principal −"], &corners))
            figcaption {
                "Score by the new payoff " (percent(row.score)) "%"
                @if let Some(old) = row.old_score { ", by the old one " (percent(old)) "%" }
                "; " (games(row)) " of " (2 * u64::from(row.pairs)) " games have a price by both."
            }
        }
    }
}
