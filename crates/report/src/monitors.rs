//! Failing to reconsider: what monitors noticed, and what heeding them regained.

use maud::{Markup, html};
use regime::results::Monitored;

use crate::cost::{family_legend, family_style};
use crate::figures::{self, Axis, Scale, Scatter, Spot};
use crate::view::{View, percent, points, unique};

/// Losses beyond this are real: 20 Elo, the smallest effect of interest.
const REAL: f64 = 0.0288;
/// Fewer alarms than this share of the monitors is none.
const HEARD: f64 = 0.5;

pub fn monitors(view: &View) -> Option<Markup> {
    let all = &view.summary.monitored;
    (!all.is_empty()).then(|| {
        html! {
            p { "A monitor watches nothing but the errors of the frozen evaluator's own predictions, game by game, and raises an \
                alarm that is false once in a thousand games at most. On the alarm prior and value are given up for random \
                playouts. Under none every alarm is false. A loss without an alarm is a loss that nobody noticed." }
            (table(view, all))
            (others(view, all))
            (quadrant(view, all))
        }
    })
}

fn table(view: &View, all: &[Monitored]) -> Markup {
    const HEADS: [&str; 8] =
        ["shift", "alarms", "median games until", "squared error", "frozen", "reconsidering", "always", "random alarm"];
    html! {
        div.scroll tabindex="0" role="region" aria-label="Monitors" {
            table {
                caption { "Alarms, and scores in % against " code { "reselected" } " without a monitor, with it, with prior and \
                    value given up from the first game, and with an alarm at random as often" }
                thead { tr { @for head in HEADS { th.n[head != "shift"] scope="col" { (head) } } } }
                tbody { @for m in all { tr {
                    th scope="row" { (view.link(&m.shift)) }
                    td.n { (m.alarms) " of " (m.seeds) }
                    td.n { (delay(m.median_delay, m.games)) }
                    td.n { @if m.error.is_finite() { (format!("{:.3}", m.error)) } @else { "n/a" } }
                    @for score in [m.frozen, m.reconsidering, m.always, m.random] { td.n { (percent(score)) } }
                } } }
            }
        }
    }
}

fn delay(median: Option<u32>, games: u32) -> String {
    median.map_or(format!("none in {games}"), |d| d.to_string())
}

/// Median of the delays of the monitors that raised an alarm.
fn median(delays: &[u32], games: u32) -> Option<u32> {
    let mut heard: Vec<u32> = delays.iter().copied().filter(|d| *d < games).collect();
    heard.sort_unstable();
    heard.get(heard.len() / 2).copied()
}

/// The same games, watched in other ways.
fn others(view: &View, all: &[Monitored]) -> Markup {
    let names = unique(all.iter().flat_map(|m| &m.others).map(|o| o.name.as_str()));
    html! { @if !names.is_empty() {
        h3 { "Other ways to notice" }
        p { "The same games. CUSUM and Page-Hinkley watch the same errors, calibrated to as rare a false alarm; self-consistency \
            watches only how much the evaluator's estimate changes from move to move, and no result." }
        div.scroll tabindex="0" role="region" aria-label="Other monitors" {
            table {
                caption { "Monitors that raised an alarm, and the median number of games until they did" }
                thead { tr {
                    th scope="col" { "shift" } th.n scope="col" { "errors, e-detector" }
                    @for name in &names { th.n scope="col" { (name) } }
                } }
                tbody { @for m in all { tr {
                    th scope="row" { (view.link(&m.shift)) }
                    td.n { (m.alarms) " of " (m.seeds) br; span.soft { (delay(m.median_delay, m.games)) } }
                    @for name in &names { td.n { @match m.others.iter().find(|o| o.name == *name) {
                        Some(o) => { (o.alarms) " of " (m.seeds) br; span.soft { (delay(median(&o.delays, m.games), m.games)) } },
                        None => "–",
                    } } }
                } } }
            }
        }
    } }
}

/// What was lost against whether anyone noticed.
fn quadrant(view: &View, all: &[Monitored]) -> Markup {
    let heard = |m: &Monitored| f64::from(m.alarms) / f64::from(m.seeds.max(1));
    let spots: Vec<Spot> = all
        .iter()
        .map(|m| {
            let family = view.card(&m.shift).map_or("", |c| c.family.as_str());
            Spot { name: &m.shift, style: family_style(family), x: 0.5 - m.frozen, y: heard(m) }
        })
        .collect();
    let x = Axis { label: "loss against reselected, points", scale: Scale::Points, include: &[-0.05, 0.2] };
    let y = Axis { label: "monitors that raised an alarm", scale: Scale::Percent, include: &[-0.08, 1.08] };
    let zone = Some((REAL, HEARD, "real regret, no alarm"));
    let figure = figures::scatter(&Scatter { title: "Loss against alarms", x, y, diagonal: false, zone }, &spots);
    let of = |real: bool, alarm: bool| -> Vec<&Monitored> {
        let fits =
            |m: &&Monitored| m.frozen.is_finite() && (0.5 - m.frozen > REAL) == real && (heard(m) >= HEARD) == alarm;
        all.iter().filter(fits).collect()
    };
    let groups = [
        ("Real regret, no alarm", of(true, false)),
        ("Real regret, alarm", of(true, true)),
        ("No regret, alarm", of(false, true)),
        ("No regret, no alarm", of(false, false)),
    ];
    html! { @if let Some(figure) = figure {
        h3 { "Regret against alarms" }
        (family_legend(view))
        div.panels.large {
            figure { (figure) figcaption { "Loss of the frozen evaluator in these games over 20 Elo is real; below half of the \
                monitors is no alarm." } }
            dl.quadrant { @for (name, members) in &groups {
                dt { (name) ": " (members.len()) }
                dd {
                    @for (i, m) in members.iter().enumerate() {
                        @if i > 0 { ", " }
                        (view.link(&m.shift)) " (" (points(0.5 - m.frozen)) ")"
                    }
                    @if members.is_empty() { "none" }
                }
            } }
        }
    } }
}
