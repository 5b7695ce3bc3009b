//! What detectors noticed and when, over how often they ring falsely; and what heeding them would have regained.

use maud::{Markup, html};
use regime::analysis::{DetectorResult, Monitored};

use super::super::{MOST_FIGURES, left_out};
use crate::figures::{self, Axis, Dot, Forest, ForestRow, Scale, Scatter, Spot};
use crate::style::{Style, distinct, nth};
use crate::text::percent;
use crate::view::{View, unique};

/// Rows of one figure.
const ROWS: usize = 12;
/// The most points of the figure of delays.
const MOST_SPOTS: usize = 1000;
/// Detectors of equal rate stand so far apart.
const ASIDE: f64 = 0.012;

pub fn monitor(view: &View, all: &[&Monitored]) -> Markup {
    let detectors = unique(all.iter().flat_map(|m| &m.detectors).map(|d| d.detector.as_str()));
    // The first two styles are those of playing on without a detector, and of the other agent from the first game.
    let styles: Vec<Style> = distinct(&(2..detectors.len() + 2).collect::<Vec<_>>());
    html! {
        p {
            "Detectors watch the games of one agent in order, as if it had been deployed. They are calibrated on the first half of its games \
                under unchanged rules; on the second half, held out, every alarm is false. Detectors that ring falsely unequally often are \
                not comparable by their delay alone: it stands over the rate that was measured."
        }
        @if detectors.is_empty() {
            p.soft { "No detector has seen a game." }
        } @else {
            p.legend { @for (name, style) in detectors.iter().zip(&styles) { (figures::dot_key(*style, &with_rate(name, all))) " " } }
            div.panels.large {
                @if let Some(figure) = delays(view, all, &detectors, &styles) {
                    figure { (figure) figcaption {
                        "Median games until the alarm, a point per shift that changes something; detectors that never rang there stand at the number of games that \
                            they saw. Detectors of equal rate are drawn side by side."
                    } }
                }
            }
            (table(view, all, &detectors))
            (heeding(view, all, &detectors, &styles))
        }
    }
}

/// The detector of that name.
fn result<'a>(m: &'a Monitored, detector: &str) -> Option<&'a DetectorResult> {
    m.detectors.iter().find(|d| d.detector == detector)
}

/// Whether the games are those under unchanged rules.
fn unchanged(view: &View, m: &Monitored) -> bool {
    view.card(&m.shift).is_some_and(|card| card.unchanged)
}

/// The measured rate of false alarms; one for all shifts.
fn rate(all: &[&Monitored], detector: &str) -> Option<f64> {
    all.iter().find_map(|m| result(m, detector)).map(|d| d.false_alarm_rate)
}

fn with_rate(name: &str, all: &[&Monitored]) -> String {
    match rate(all, name) {
        Some(rate) => format!("{name}: rings falsely in {}% of evaluators", percent(rate)),
        None => name.to_owned(),
    }
}

fn delays(view: &View, all: &[&Monitored], detectors: &[&str], styles: &[Style]) -> Option<Markup> {
    let rates: Vec<Option<f64>> = detectors.iter().map(|name| rate(all, name)).collect();
    let mut spots = Vec::new();
    for (i, ((name, style), rate)) in detectors.iter().zip(styles).zip(&rates).enumerate() {
        let equal_before = rates[..i].iter().filter(|other| *other == rate).count();
        for m in all.iter().filter(|m| !unchanged(view, m)) {
            let Some((d, rate)) = result(m, name).zip(*rate) else { continue };
            let y = f64::from(d.median_delay.unwrap_or(d.games));
            spots.push(Spot { name: &m.shift, style: *style, x: rate + ASIDE * equal_before as f64, y });
        }
    }
    let x = Axis { label: "measured share of false alarms", scale: Scale::Percent, include: &[0.0] };
    let y = Axis { label: "median games until the alarm", scale: Scale::Linear, include: &[0.0] };
    let figure = Scatter { title: "Delay over the measured share of false alarms", x, y, even: None, named: false };
    if spots.len() > MOST_SPOTS { None } else { figures::scatter(&figure, &spots) }
}

fn table(view: &View, all: &[&Monitored], detectors: &[&str]) -> Markup {
    html! {
        div.scroll.tall tabindex="0" role="region" aria-label="Monitors" {
            table {
                caption {
                    "Evaluators under which the detector rang, and the median number of games until it did. Scores in %: without a detector; \
                        with the games after the alarm left to another agent; and of that agent from the first game"
                }
                thead { tr {
                    th scope="col" { "shift" }
                    @for name in detectors { th.n scope="col" { (name) } }
                    th.n scope="col" { "without" }
                    @for name in detectors { th.n scope="col" { (name) ", heeded" } }
                    th.n scope="col" { "the other agent" }
                } }
                tbody { @for m in all { tr {
                    th scope="row" { (view.link(&m.shift)) @if unchanged(view, m) { br; span.soft { "unchanged rules" } } }
                    @for name in detectors { td.n { @match result(m, name) {
                        Some(d) => { (d.alarms) " of " (m.evaluators) br; span.soft { (delay(d)) } }, None => "–",
                    } } }
                    td.n { (percent(m.score)) }
                    @for name in detectors { td.n { (result(m, name).and_then(|d| d.heeded).map_or("–".into(), percent)) } }
                    td.n { (m.then.map_or("–".into(), percent)) }
                } } }
            }
        }
    }
}

fn delay(d: &DetectorResult) -> String {
    d.median_delay.map_or(format!("none in {}", d.games), |delay| format!("after {delay}"))
}

/// Scores beside each other: without a detector, with each of them heeded, and of the other agent from the first game.
fn heeding(view: &View, all: &[&Monitored], detectors: &[&str], styles: &[Style]) -> Markup {
    let dot = |name: &str, value: f64, style: Style| {
        value.is_finite().then(|| Dot { value, ends: None, style, name: name.to_owned() })
    };
    let row = |m: &Monitored| {
        let heeded = detectors
            .iter()
            .zip(styles)
            .filter_map(|(name, style)| dot(&format!("{name} heeded"), result(m, name)?.heeded?, *style));
        let ends = [dot("without", m.score, nth(0)), m.then.and_then(|then| dot("the other agent", then, nth(1)))];
        let [without, then] = ends;
        let dots: Vec<Dot> = without.into_iter().chain(heeded).chain(then).collect();
        ForestRow { label: m.shift.clone(), text: percent(m.score), dots }
    };
    let heeded: Vec<&&Monitored> = all.iter().filter(|m| m.detectors.iter().any(|d| d.heeded.is_some())).collect();
    let shown = heeded.len().min(MOST_FIGURES);
    let rows: Vec<ForestRow> = heeded[..shown].iter().map(|m| row(m)).collect();
    let axis = Axis { label: "score", scale: Scale::Percent, include: &[0.0, 1.0] };
    html! { @if !rows.is_empty() {
        h4 { "What heeding the alarm would have regained" }
        p.legend {
            (figures::dot_key(nth(0), "without a detector")) " "
            @for (name, style) in detectors.iter().zip(styles) { (figures::dot_key(*style, &format!("{name}, heeded"))) " " }
            (figures::dot_key(nth(1), "the other agent from the first game"))
        }
        div.panels.large { @for part in rows.chunks(ROWS) {
            @let forest = Forest { title: "Scores without and with the alarm heeded", axis, even: Some(0.5), band: None };
            @if let Some(figure) = figures::forest(&forest, part) { figure { (figure) } }
        } }
        (left_out(shown, heeded.len(), "shifts"))
        @if all.iter().any(|m| unchanged(view, m)) {
            p.soft { "Under unchanged rules nothing is heeded: those games calibrate the detectors." }
        }
    } }
}
