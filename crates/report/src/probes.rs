//! Answers at fixed positions: regret, over-confidence, and what a predictor foresees.

use maud::{Markup, html};
use regime::results::ProbeCell;

use crate::figures::{self, Axis, Chart, Line, Scale};
use crate::view::{Style, View, percent, points, styles, unique};

/// What a probe asks, by its name in suites.
fn question(probe: &str) -> (&str, &str) {
    match probe {
        "regret" => (
            "Regret at fixed positions",
            "At positions of play under these rules every legal move is judged by another evaluator that was selected under them, \
                with a long search after each. Regret is the worth of the best move less that of the chosen one.",
        ),
        "exact" => (
            "Exact regret in a small game",
            "Every position of a game small enough to be solved is known: the regret is exact, and no judge can share a mistake \
                with who is judged.",
        ),
        "foresight" => (
            "What a base optimizer could foresee",
            "Share of the agent's moves that a predictor finds, by the width of its network and its playouts. A base optimizer is \
                larger than its mesa-optimizer where it foresees it.",
        ),
        other => (other, "Answers at fixed positions."),
    }
}

/// Whether the score is the share of an agent's moves that is foreseen: then no answer has a worth.
fn foresees(cells: &[&ProbeCell]) -> bool {
    cells.iter().all(|c| c.probe == "foresight" || c.truth.is_none())
}

fn by_name<'a>(view: &View<'a>) -> Vec<Vec<&'a ProbeCell>> {
    let all = &view.summary.probes;
    let of = |name: &str| all.iter().filter(|c| c.probe == name).collect();
    unique(all.iter().map(|c| c.probe.as_str())).into_iter().map(of).collect()
}

/// Probes whose answers are worth something.
pub fn regrets(view: &View) -> Option<Markup> {
    section(view, false)
}

/// Probes of who foresees the agent.
pub fn foresight(view: &View) -> Option<Markup> {
    section(view, true)
}

fn section(view: &View, foreseen: bool) -> Option<Markup> {
    let own: Vec<Vec<&ProbeCell>> = by_name(view).into_iter().filter(|cells| foresees(cells) == foreseen).collect();
    (!own.is_empty()).then(|| html! { @for cells in &own { (probe(view, cells, foreseen)) } })
}

/// One line of the panels: an arm, and the point of its curve.
type Who<'a> = (&'a str, u32);

fn name((arm, point): Who) -> String {
    if point > 0 { format!("{arm} {point}") } else { arm.to_owned() }
}

fn probe(view: &View, cells: &[&ProbeCell], foreseen: bool) -> Markup {
    let (heading, text) = question(cells.first().map_or("", |c| &c.probe));
    let whos = unique(cells.iter().map(|c| (c.arm.as_str(), c.point)));
    let names: Vec<String> = whos.iter().map(|w| name(*w)).collect();
    let styles = styles(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let positions = unique(cells.iter().map(|c| c.positions));
    let seeds = unique(cells.iter().map(|c| c.seeds));
    let list = |numbers: &[u32]| numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(" or ");
    html! {
        h3 { (heading) }
        p { (text) " " (list(&positions)) " positions, " (list(&seeds)) " seeds; 95% intervals by bootstrap over seeds." }
        p.legend { @for (name, style) in names.iter().zip(&styles) { (figures::key_of(*style, name)) " " } }
        @let shifts = unique(cells.iter().map(|c| c.shift.as_str()));
        @let of = |shift: &str| -> Vec<&ProbeCell> { cells.iter().copied().filter(|c| c.shift == shift).collect() };
        @if foreseen {
            div.panels { @for shift in shifts { (score_panel(view.link(shift), shift, &of(shift), &whos, &styles, true)) } }
        } @else {
            @for shift in shifts {
                h4 { (view.link(shift)) }
                div.panels {
                    (score_panel(html! { "mean regret" }, shift, &of(shift), &whos, &styles, false))
                    (belief_panel(shift, &of(shift), &whos, &styles))
                }
            }
        }
    }
}

fn lines(
    cells: &[&ProbeCell],
    whos: &[Who],
    styles: &[Style],
    value: impl Fn(&ProbeCell) -> Option<(f64, Option<(f64, f64)>)>,
) -> Vec<Line> {
    let line = |(who, style): (&Who, &Style)| {
        let mut own: Vec<&ProbeCell> = cells.iter().copied().filter(|c| (c.arm.as_str(), c.point) == *who).collect();
        own.sort_by_key(|c| c.playouts);
        let points = own.iter().filter_map(|c| value(c).map(|(y, ends)| (f64::from(c.playouts), y, ends))).collect();
        Line { name: name(*who), style: *style, points }
    };
    whos.iter().zip(styles).map(line).filter(|l: &Line| !l.points.is_empty()).collect()
}

fn score_panel(
    heading: Markup,
    shift: &str,
    cells: &[&ProbeCell],
    whos: &[Who],
    styles: &[Style],
    foreseen: bool,
) -> Markup {
    let what = if foreseen { "share of moves foreseen" } else { "mean regret" };
    let lines = lines(cells, whos, styles, |c| c.score.is_finite().then_some((c.score, Some((c.low, c.high)))));
    let title = format!("{shift}: {what} over playouts");
    let x = Axis { label: "playouts", scale: Scale::Log, include: &[] };
    let y = Axis { label: what, scale: Scale::Percent, include: if foreseen { &[0.0, 1.0] } else { &[0.0] } };
    html! {
        figure {
            p.panel-title { (heading) }
            @match figures::chart(&Chart { title: &title, x, y, even: None }, &lines) {
                Some(chart) => (chart), None => p.soft { "No number that can be drawn." },
            }
            figcaption { @for line in &lines {
                @if let [first, .., last] = &line.points[..] {
                    span.line-change { (line.name) ", " (first.0) " to " (last.0) " playouts: " (percent(first.1)) " to " (percent(last.1)) "%" }
                }
            } }
        }
    }
}

/// How far the arms' own estimates lie above what the positions are worth.
fn belief_panel(shift: &str, cells: &[&ProbeCell], whos: &[Who], styles: &[Style]) -> Markup {
    let lines = lines(cells, whos, styles, |c| Some((c.estimate? - c.truth?, None)).filter(|(gap, _)| gap.is_finite()));
    let title = format!("{shift}: own estimate less the truth, over playouts");
    let x = Axis { label: "playouts", scale: Scale::Log, include: &[] };
    let y = Axis { label: "estimate less truth, points", scale: Scale::Points, include: &[0.0] };
    html! {
        @if let Some(chart) = figures::chart(&Chart { title: &title, x, y, even: Some(0.0) }, &lines) {
            figure {
                p.panel-title { "own estimate less the truth: above 0 is over-confidence" }
                (chart)
                figcaption { @for line in &lines {
                    @if let [first, .., last] = &line.points[..] {
                        span.line-change { (line.name) ", " (first.0) " to " (last.0) " playouts: " (points(first.1)) " to " (points(last.1)) }
                    }
                } }
            }
        }
    }
}
