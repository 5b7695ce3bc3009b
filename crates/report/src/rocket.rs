//! The task that is no game.

use maud::{Markup, html};
use regime::rocket::{RocketResult, RocketRow};

use crate::view::{View, signed};

/// Simulation and closed form agree if they differ by no more than this share.
const AGREEMENT: f64 = 0.01;

pub fn rocket(view: &View) -> Option<Markup> {
    view.summary.rocket.as_ref().map(|result| {
        html! {
            (reading(result))
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
                    tbody { @for row in &result.rows { tr {
                        th scope="row" { (row.shift) } td { (row.arm) } td.n { (cost(row.cost)) }
                        td.n { (row.analytic.map_or("–".into(), cost)) }
                        td.n { (regret(row).map_or("n/a".into(), |r| signed(format!("{r:+.3}")))) }
                        td.n { (row.regret.iter().filter(|r| **r > 0.0).count()) " of " (row.regret.len()) }
                    } } }
                }
            }
        }
    })
}

fn cost(x: f64) -> String {
    if x.is_finite() { format!("{x:.3}") } else { "n/a".into() }
}

fn regret(row: &RocketRow) -> Option<f64> {
    let mean = row.regret.iter().sum::<f64>() / row.regret.len() as f64;
    mean.is_finite().then_some(mean)
}

/// Verdicts by rule: is the harness right, and does the order of pilots repeat that of chess?
fn reading(result: &RocketResult) -> Markup {
    let known: Vec<(f64, f64)> = result.rows.iter().filter_map(|r| Some((r.cost, r.analytic?))).collect();
    let agree = |(cost, exact): &&(f64, f64)| (cost - exact).abs() <= AGREEMENT * exact.abs().max(1e-6);
    let off = known.len() - known.iter().filter(agree).count();
    let changes: Vec<&str> = crate::view::unique(result.rows.iter().map(|r| r.shift.as_str()))
        .into_iter()
        .filter(|s| *s != "none")
        .collect();
    let of = |shift: &str, arm: &str| regret(result.rows.iter().find(|r| r.shift == shift && r.arm == arm)?);
    let beats = |worse: &str, better: &str| {
        changes.iter().filter(|s| matches!((of(s, worse), of(s, better)), (Some(a), Some(b)) if a > b)).count()
    };
    let pairs =
        [("control", "adaptive"), ("adaptive", "direct"), ("direct-stale", "direct"), ("control", "direct-stale")];
    html! {
        ul.verdicts {
            @if !known.is_empty() { li {
                @if off == 0 { span.verdict.helpful { "AGREES" } } @else { span.verdict.harmful { "DISAGREES" } }
                " The simulation meets the closed form within " (format!("{:.0}%", AGREEMENT * 100.0)) " in "
                (known.len() - off) " of " (known.len()) " cases"
                @if off > 0 { ": the harness has a fault" } "."
            } }
            @if !changes.is_empty() { li {
                span.verdict.even { "FOUND" } " Of " (changes.len()) " changes of the physics, regret is larger for "
                @for (i, (worse, better)) in pairs.iter().enumerate() {
                    @if i > 0 { ", " } (worse) " than for " (better) " in " b { (beats(worse, better)) }
                }
                ". No claim was registered for this task."
            } }
        }
    }
}
