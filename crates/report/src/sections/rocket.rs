//! The task that is no game.

use maud::{Markup, html};
use regime::rows::{RocketResult, RocketRow};

use super::tag;
use crate::figures::{self, Axis, Dot, Forest, ForestRow, Scale};
use crate::style::{Style, distinct};
use crate::text::{number, signed};
use crate::view::{View, unique};

/// Simulation and closed form agree if they differ by no more than this share.
const AGREEMENT: f64 = 0.01;

pub fn rocket(view: &View) -> Option<Markup> {
    view.summary.rocket.as_ref().map(|result| {
        html! {
            p { "Gains selected by " (result.trials) " free trials under one physics, in " (result.selections) " independent selections; \
                then gravity or the engine changes. Cost is the squared speed missed at the ground, m²/s²; the closed form stands \
                beside the simulation. Regret is the cost less that of the pilot selected under the new physics." }
            (harness(result))
            (figure(result))
            div.scroll tabindex="0" role="region" aria-label="Rocket" {
                table {
                    thead { tr {
                        th scope="col" { "change" } th.n scope="col" { "gravity, m/s²" } th.n scope="col" { "thrust" } th scope="col" { "pilot" }
                        th.n scope="col" { "cost" } th.n scope="col" { "closed form" } th.n scope="col" { "mean regret" }
                        th.n scope="col" { "selections that lost by it" }
                    } }
                    tbody { @for row in &result.rows { tr {
                        th scope="row" { (row.shift) } td.n { (number(row.physics.gravity)) } td.n { (number(row.physics.thrust)) }
                        td { (row.pilot) } td.n { (cost(row.cost)) }
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

/// Whether the simulation is right.
fn harness(result: &RocketResult) -> Markup {
    let known: Vec<(f64, f64)> = result.rows.iter().filter_map(|r| Some((r.cost, r.analytic?))).collect();
    let agree = |(cost, exact): &&(f64, f64)| (cost - exact).abs() <= AGREEMENT * exact.abs().max(1e-6);
    let close = known.iter().filter(agree).count();
    html! {
        @if !known.is_empty() { p {
            @if close < known.len() { (tag("INVALID")) " The harness has a fault: the " } @else { "The " }
            "simulation meets the closed form within " (format!("{:.0}%", AGREEMENT * 100.0)) " in " (close) " of " (known.len()) " cases."
        } }
    }
}

/// Mean regret of every pilot under every change.
fn figure(result: &RocketResult) -> Markup {
    let pilots = unique(result.rows.iter().map(|row| row.pilot.as_str()));
    let styles: Vec<Style> = distinct(&(0..pilots.len()).collect::<Vec<_>>());
    let dots = |change: &str| -> Vec<Dot> {
        let of = |(pilot, style): (&&str, &Style)| {
            let row = result.rows.iter().find(|row| row.shift == change && row.pilot == **pilot)?;
            Some(Dot { value: regret(row)?, ends: None, style: *style, name: (*pilot).to_owned() })
        };
        pilots.iter().zip(&styles).filter_map(of).collect()
    };
    let rows: Vec<ForestRow> = unique(result.rows.iter().map(|row| row.shift.as_str()))
        .into_iter()
        .map(|change| ForestRow { label: change.to_owned(), text: String::new(), dots: dots(change) })
        .collect();
    let axis = Axis { label: "mean regret, m²/s²", scale: Scale::Linear, include: &[0.0] };
    let forest = Forest { title: "Mean regret of every pilot", axis, even: Some(0.0), band: None };
    html! { @if let Some(figure) = figures::forest(&forest, &rows) {
        p.legend { @for (pilot, style) in pilots.iter().zip(&styles) { (figures::dot_key(*style, pilot)) " " } }
        div.panels.large { figure { (figure) } }
    } }
}
