//! One kind of figure per kind of estimator.

use maud::Markup;
use regime::analysis::{CellPoint, Finding, FindingCell};

use crate::figures::{
    self, Axis, Chart, Corner, Dot, Forest, ForestRow, Guide, Line, Point, Scale, Scatter, Size, Spot,
};
use crate::style::{distinct, nth};
use crate::text::{Unit, interval, number, percent};

/// The cells of a claim, or the shifts of an association; none if there is nothing to draw.
pub fn cells(f: &Finding) -> Option<Markup> {
    match f.estimator.as_str() {
        "association" => scatter(f),
        "interaction" => Some(square(f)),
        "trend" | "peak-to-trough" | "area" | "time-to-threshold" if is_curve(f) => curves(f),
        _ => dots(f),
    }
}

/// What the figure shows.
pub fn caption(f: &Finding) -> &'static str {
    match f.estimator.as_str() {
        "association" if f.scatter.iter().any(|point| point.group) => {
            "A point per shift: the effect over the covariate. Diamonds: the group whose membership is tested."
        }
        "association" => "A point per shift: the effect over the covariate.",
        "interaction" => {
            "The effect is a − b − c + d on the logit scale: 0 if the two factors add up. Means in %, with 95% intervals over evaluators; \
                corners without one are constants."
        }
        "area" if is_curve(f) => {
            "Means with 95% intervals over evaluators. The effect is the shaded area over the width of x."
        }
        "time-to-threshold" if is_curve(f) => {
            "Means with 95% intervals over evaluators. The effect compares the x from which single curves stay on the side of the threshold."
        }
        "peak-to-trough" if is_curve(f) => {
            "Means with 95% intervals over evaluators. Peak and trough were chosen on other evaluators than those that test them."
        }
        "trend" if is_curve(f) => "Means with 95% intervals over evaluators. The effect is a slope over x.",
        _ => "Means with 95% intervals over evaluators. Beside each mean the weight of its cell in the effect.",
    }
}

/// The effect on an axis of its own, with 0 and what would have shown.
pub fn effect(f: &Finding) -> Option<Markup> {
    let unit = Unit::of(&f.unit);
    let points = unit.name.starts_with("points of score");
    let scale = if points { Scale::Points } else { Scale::Linear };
    let value = f.effect?;
    let row = ForestRow {
        label: "effect".into(),
        text: unit.effect(value),
        dots: vec![Dot { value, ends: f.low.zip(f.high), style: nth(0), name: String::new() }],
    };
    let axis = Axis { label: &unit.name, scale, include: &[0.0] };
    let title = format!("{}: the effect with its 95% interval", f.name);
    figures::forest(&Forest { title: &title, axis, even: Some(0.0), band: f.detectable }, &[row])
}

fn is_curve(f: &Finding) -> bool {
    f.cells.iter().any(|cell| cell.points.len() > 1)
}

/// Shares of 1 are told in %, other means as they are.
fn scale(f: &Finding) -> Scale {
    let share = |p: &CellPoint| !p.mean.is_finite() || (0.0..=1.0).contains(&p.mean);
    if f.cells.iter().flat_map(|cell| &cell.points).all(share) { Scale::Percent } else { Scale::Linear }
}

/// A mean in words, on that scale.
fn told(scale: Scale, x: f64) -> String {
    if scale == Scale::Percent { format!("{}%", percent(x)) } else { number(x) }
}

/// A row per cell and x.
fn dots(f: &Finding) -> Option<Markup> {
    let scale = scale(f);
    let row = |cell: &FindingCell, point: &CellPoint| {
        let x = if cell.points.len() > 1 { format!(", {} {}", f.x, number(point.x)) } else { String::new() };
        let weight = if cell.weight == 0.0 { String::new() } else { format!(" × {}", number(cell.weight)) };
        let dot = Dot { value: point.mean, ends: Some((point.low, point.high)), style: nth(0), name: String::new() };
        ForestRow { label: format!("{}{x}", cell.name), text: told(scale, point.mean) + &weight, dots: vec![dot] }
    };
    let empty = |cell: &FindingCell| ForestRow { label: cell.name.clone(), text: "not measured".into(), dots: vec![] };
    let rows: Vec<ForestRow> = f
        .cells
        .iter()
        .flat_map(|cell| {
            let rows: Vec<ForestRow> = cell.points.iter().map(|point| row(cell, point)).collect();
            if rows.is_empty() { vec![empty(cell)] } else { rows }
        })
        .collect();
    let axis = Axis { label: "mean", scale, include: &[] };
    let even = (scale == Scale::Percent).then_some(0.5);
    let title = format!("{}: its cells with 95% intervals", f.name);
    figures::forest(&Forest { title: &title, axis, even, band: None }, &rows)
}

/// The corners a, b, c and d: cells in their order, but for those that are constants.
fn square(f: &Finding) -> Markup {
    const LETTERS: [&str; 4] = ["a", "b", "c", "d"];
    const SIGNS: [&str; 4] = ["+ a", "− b", "− c", "+ d"];
    let mut cells = f.cells.iter();
    let corners = [0, 1, 2, 3].map(|i| {
        let value = |mean: f64| format!("{}: {}", SIGNS[i], percent(mean));
        if let Some(constant) = f.marks.iter().find(|m| m.name == LETTERS[i]).and_then(|m| m.y) {
            return Some(Corner { value: value(constant), words: vec!["constant".into()], tint: tint(constant) });
        }
        let cell = cells.next()?;
        let point = cell.points.first()?;
        let mut words = lines(&cell.name);
        words.push(interval(point.low, point.high));
        Some(Corner { value: value(point.mean), words, tint: tint(point.mean) })
    });
    figures::square(&format!("{}: four cells", f.name), ["", ""], ["", ""], &corners)
}

/// A name on one line, or on two that are broken between words.
fn lines(name: &str) -> Vec<String> {
    let end = |text: &str| text.char_indices().nth(figures::LINE).map(|(at, _)| at);
    match end(name).and_then(|most| name[..most].rfind(' ')) {
        Some(space) => vec![name[..space].to_owned(), name[space + 1..].to_owned()],
        None => vec![name.to_owned()],
    }
}

/// The further from one half, the stronger.
fn tint(mean: f64) -> f64 {
    (mean - 0.5).abs() * 2.0
}

/// A line per cell over x, with what the estimator marks.
fn curves(f: &Finding) -> Option<Markup> {
    let styles = distinct(&(0..f.cells.len()).collect::<Vec<_>>());
    let point = |p: &CellPoint| Point { x: p.x, y: p.mean, ends: Some((p.low, p.high)) };
    let lines: Vec<Line> = f
        .cells
        .iter()
        .zip(styles)
        .map(|(cell, style)| Line {
            name: cell.name.clone(),
            style,
            points: cell.points.iter().map(point).collect(),
            dashed: false,
        })
        .collect();
    let guides: Vec<Guide> = f.marks.iter().map(|m| Guide { name: &m.name, x: m.x, y: m.y }).collect();
    let scale = scale(f);
    let x_scale = if f.log_x { Scale::Log } else { Scale::Linear };
    let label = if f.x.is_empty() { "x" } else { &f.x };
    let title = format!("{}: its cells over {label}", f.name);
    let chart = figures::chart(
        &Chart {
            title: &title,
            x: Axis { label, scale: x_scale, include: &[] },
            y: Axis { label: "mean", scale, include: &[] },
            even: (scale == Scale::Percent).then_some(0.5),
            guides: &guides,
            shaded: f.estimator == "area",
            size: Size::Panel,
        },
        &lines,
    )?;
    Some(maud::html! {
        (chart)
        p.legend { @for line in &lines { (figures::key(line.style, &line.name)) " " } }
    })
}

fn scatter(f: &Finding) -> Option<Markup> {
    let unit = Unit::of(&f.unit);
    let spots: Vec<Spot> = f
        .scatter
        .iter()
        .map(|point| Spot { name: &point.shift, style: nth(if point.group { 2 } else { 1 }), x: point.x, y: point.y })
        .collect();
    let x = Axis { label: if f.x.is_empty() { "covariate" } else { &f.x }, scale: Scale::Linear, include: &[] };
    // A correlation has no unit that its points could be told in.
    let points = unit.name.starts_with("points of score");
    let scale = if points { Scale::Points } else { Scale::Linear };
    let y = Axis { label: if points { &unit.name } else { "effect under the shift" }, scale, include: &[0.0] };
    let title = format!("{}: a point per shift", f.name);
    figures::scatter(&Scatter { title: &title, x, y, even: Some(0.0), named: true }, &spots)
}
