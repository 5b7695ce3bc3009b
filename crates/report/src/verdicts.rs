//! Claims that were registered before the run, with what was found; and the experiments that have no figure of their own.

use maud::{Markup, html};
use regime::results::{SummaryRow, Verdict};

use crate::view::{Cell, View, count, interval, percent, points, signed, unique};

/// Experiments that other sections show.
const SHOWN: [&str; 3] = ["headline", "attribution", "monitor"];

/// What an experiment asks, by its name in suites.
fn question(experiment: &str) -> (&str, &str) {
    match experiment {
        "parts" => (
            "Where in the parameters the harm sits",
            "Prior and value of the inherited evaluator are taken apart: one of \
            them replaced by nothing, by the value with its sign turned, by its half, or by the reselected evaluator's.",
        ),
        "selection" => (
            "Does more selection hurt more?",
            "Snapshots of the inherited evaluators, by the number of games that they \
            had been selected on under the old rules.",
        ),
        "control" => (
            "Control against direct",
            "Evaluators that act on their prior without any search, against the reselected prior \
            doing the same; the adaptive one corrects itself within the game. Compare the losses of the searcher above.",
        ),
        "recovery" => (
            "Updating after the fact",
            "Inherited weights trained on under the new rules, and selection from zero, by games; \
            against an independently reselected evaluator. Each game before 50% is a game in which the old mistake was paid for.",
        ),
        "blind" => (
            "What the agent cannot see",
            "An evaluator that was selected over several rules and sees which ones are in force, and \
            the same evaluator shown the old rules.",
        ),
        "proxy" => (
            "The measure in place of the goal",
            "Search after material alone, stronger and stronger, against the same opponent: \
            the measure is the share of material at ply 20, the goal is the score.",
        ),
        "trans" => (
            "Selected for another goal",
            "Evaluators selected for antichess, playing the game they were not selected for.",
        ),
        other => (other, ""),
    }
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Supported => "help",
        Verdict::Opposite | Verdict::Invalid => "harm",
        _ => "even",
    }
}

fn tag(verdict: Verdict) -> Markup {
    html! { span.verdict.(class(verdict)) { (verdict.word()) } }
}

fn p(p: f64) -> String {
    if p < 0.0005 { "< 0.001".into() } else { format!("{p:.3}") }
}

fn effect(value: Option<f64>, low: Option<f64>, high: Option<f64>) -> Markup {
    html! {
        @if let (Some(value), Some(low), Some(high)) = (value, low, high) {
            (points(value)) " (" (points(low)) " to " (points(high)) ")"
        } @else { "–" }
    }
}

/// The registered claims, the essay's words beside them.
pub fn claims(view: &View) -> Markup {
    let summary = view.summary;
    html! {
        @if !summary.findings.is_empty() {
            section #claims {
                h2 { "What was claimed, what was found" }
                p {
                    "Written before the run, tested over independently selected evaluators. Effects are in percentage points of \
                        score, positive where the claim is right; 2.9 points are 20 Elo, the smallest effect of interest. p is \
                        that of an exact sign-flip test, adjusted by Holm; claims marked E are exploratory and not adjusted."
                }
                div.scroll tabindex="0" role="region" aria-label="Claims" {
                    table.words {
                        thead { tr {
                            th scope="col" { "" } th scope="col" { "found" } th scope="col" { "the essay" } th scope="col" { "claim" }
                            th.n scope="col" { "effect (95% interval)" } th.n scope="col" { "p" } th.n scope="col" { "seeds" }
                            th.n scope="col" { "visible" }
                        } }
                        tbody { @for f in &summary.findings { tr {
                            th scope="row" { (f.id) }
                            td { (tag(f.verdict)) } td.prose { (f.essay) } td.prose { (f.claim) }
                            td.n { (effect(f.effect, f.low, f.high)) }
                            td.n { (p(f.adjusted)) } td.n { (f.seeds) }
                            td.n { (f.visible.map_or("–".into(), percent)) }
                        } } }
                    }
                }
                p.soft { "Hypotheses, SHA-256: " code { (summary.hypotheses) } ". \"Visible\" is the effect that this spread \
                    between seeds would have shown with a power of 80%." }
            }
        }
    }
}

/// The shifts' own hypotheses, the costliest first.
pub fn shift_table(view: &View) -> Markup {
    let mut all: Vec<_> = view.summary.shift_verdicts.iter().collect();
    all.sort_by(|a, b| b.loss.total_cmp(&a.loss));
    html! {
        @if !all.is_empty() {
            section #verdicts {
                h2 { "Every shift's own hypothesis" }
                p { "Loss of the frozen evaluator against the reselected one, in points of score; p is adjusted by Benjamini and \
                    Hochberg over " (count(all.len(), "shift", "shifts")) ". Positive is a cost of inheriting." }
                div.scroll tabindex="0" role="region" aria-label="Verdicts" {
                    table.words {
                        thead { tr {
                            th scope="col" { "shift" } th scope="col" { "family" } th scope="col" { "hypothesis" }
                            th scope="col" { "found" } th.n scope="col" { "loss (95% interval)" } th.n scope="col" { "p" }
                            th.n scope="col" { "visible" }
                        } }
                        tbody { @for v in all {
                            @let card = view.summary.shifts.iter().find(|s| s.name == v.shift);
                            tr {
                                th scope="row" { @match view.anchor(&v.shift) {
                                    Some(anchor) => a href=(format!("#{anchor}")) { (v.shift) }, None => (v.shift)
                                } }
                                td { (card.map_or("", |c| &c.family)) } td.prose { (card.map_or("", |c| &c.hypothesis)) }
                                td { (tag(v.verdict)) }
                                td.n { (effect(Some(v.loss), Some(v.low), Some(v.high))) }
                                td.n { (p(v.adjusted)) } td.n { (v.visible.map_or("–".into(), percent)) }
                            }
                        } }
                    }
                }
            }
        }
    }
}

/// What monitors noticed.
pub fn monitors(view: &View) -> Markup {
    let all = &view.summary.monitored;
    html! {
        @if !all.is_empty() {
            section #monitor {
                h2 { "Failing to reconsider" }
                p { "A monitor watches nothing but the errors of the frozen evaluator's own predictions, game by game, and raises an \
                    alarm that is false once in a thousand games at most. On the alarm prior and value are given up for random \
                    playouts. Under none every alarm is false. A loss without an alarm is a loss that nobody noticed." }
                div.scroll tabindex="0" role="region" aria-label="Monitors" {
                    table {
                        thead { tr {
                            @for head in ["shift", "alarms", "median games until", "squared error", "frozen", "reconsidering", "always", "random alarm"] {
                                th.n[head != "shift"] scope="col" { (head) }
                            }
                        } }
                        tbody { @for m in all { tr {
                            th scope="row" { (m.shift) }
                            td.n { (m.alarms) " of " (m.seeds) }
                            td.n { (m.median_delay.map_or(format!("none in {}", m.games), |d| d.to_string())) }
                            td.n { (format!("{:.3}", m.error)) }
                            @for score in [m.frozen, m.reconsidering, m.always, m.random] { td.n { (percent(score)) } }
                        } } }
                    }
                }
            }
        }
    }
}

/// All experiments that no other section shows: a table of scores each.
pub fn experiments(view: &View) -> Markup {
    let rows: Vec<&SummaryRow> = view
        .summary
        .rows
        .iter()
        .filter(|r| !SHOWN.contains(&r.experiment.as_str()) && !r.experiment.starts_with("curve"))
        .collect();
    html! {
        @for name in unique(rows.iter().map(|r| r.experiment.as_str())) {
            @let own: Vec<&SummaryRow> = rows.iter().copied().filter(|r| r.experiment == name).collect();
            @let (heading, text) = question(name);
            section id=(format!("experiment-{name}")) {
                h2 { (heading) }
                p { (text) }
                (matrix(&own))
            }
        }
    }
}

/// What stands over a column: who met whom, and the point of the curve.
fn column(rows: &[&SummaryRow], row: &SummaryRow) -> (String, u32, u32) {
    let several = |value: fn(&SummaryRow) -> u32| unique(rows.iter().map(|r| value(r))).len() > 1;
    let budget = if several(|r| r.playouts) { row.playouts } else { 0 };
    (format!("{} v {}", row.arm, row.opponent), budget, row.games)
}

fn matrix(rows: &[&SummaryRow]) -> Markup {
    let columns = unique(rows.iter().map(|r| column(rows, r)));
    let proxy = rows.iter().any(|r| r.arm == "material");
    html! {
        div.scroll tabindex="0" role="region" aria-label="Scores" {
            table {
                thead { tr {
                    th scope="col" { "shift" }
                    @for (names, budget, games) in &columns {
                        th.n scope="col" {
                            (names)
                            @if *budget > 0 { br; (budget) " playouts" }
                            @if *games > 0 { br; (games) " games" }
                        }
                    }
                } }
                tbody {
                    @for shift in unique(rows.iter().map(|r| r.shift.as_str())) {
                        tr {
                            th scope="row" { (shift) }
                            @for key in &columns {
                                @match rows.iter().find(|r| r.shift == shift && column(rows, r) == *key) {
                                    Some(row) => td.n {
                                        span.verdict.(Cell::new(row).map_or("", |c| c.verdict().class())) { (percent(row.score)) }
                                        br; span.soft { (interval(row.score_low, row.score_high)) }
                                        @if proxy { br; span.soft { "material " (percent(row.material)) } }
                                    },
                                    None => td.n { "–" },
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The task that is no game.
pub fn rocket(view: &View) -> Markup {
    html! {
        @if let Some(result) = &view.summary.rocket {
            section #rocket {
                h2 { "Outside chess: landing a rocket" }
                p { "One gain, selected by " (result.trials) " free trials under the old physics, in " (result.seeds) " independent \
                    selections; then gravity or the engine changes. Cost is the squared speed missed at the ground, m²/s²; the closed \
                    form stands beside the simulation. The control pilot decides once, the adaptive one looks again at every \
                    step, the direct one plays forward under true or stale physics." }
                div.scroll tabindex="0" role="region" aria-label="Rocket" {
                    table {
                        thead { tr {
                            th scope="col" { "change" } th scope="col" { "pilot" } th.n scope="col" { "cost" }
                            th.n scope="col" { "closed form" } th.n scope="col" { "regret" }
                            th.n scope="col" { "selections that lost by it" }
                        } }
                        tbody { @for row in &result.rows {
                            @let n = row.regret.len().max(1) as f64;
                            tr {
                                th scope="row" { (row.shift) } td { (row.arm) } td.n { (format!("{:.3}", row.cost)) }
                                td.n { (row.analytic.map_or("–".into(), |a| format!("{a:.3}"))) }
                                td.n { (signed(format!("{:+.3}", row.regret.iter().sum::<f64>() / n))) }
                                td.n { (row.regret.iter().filter(|r| **r > 0.0).count()) " of " (row.regret.len()) }
                            }
                        } }
                    }
                }
            }
        }
    }
}
