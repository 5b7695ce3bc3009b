//! Axes that charts and scatter plots share.

use maud::{Markup, html};

use super::at;
use crate::text::number;

/// The most steps that a linear axis is divided into.
const STEPS: f64 = 6.0;
/// Between the ends of the grid and the first and last place, so that no marker covers a label.
const INSET: f64 = 9.0;

/// How numbers stand along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    Linear,
    /// Only what is above 0 has a place: from 1e-9.
    Log,
    /// Fractions of 1, told in %.
    Percent,
    /// The same for differences, told in points.
    Points,
}

/// One axis of a figure.
#[derive(Clone, Copy)]
pub struct Axis<'a> {
    pub label: &'a str,
    pub scale: Scale,
    /// Numbers that the axis reaches whatever the data are.
    pub include: &'a [f64],
}

impl Axis<'_> {
    /// A number as it can be drawn: none if it cannot.
    pub fn fit(&self, x: f64) -> Option<f64> {
        let drawn = match self.scale {
            Scale::Linear => x,
            Scale::Log => return (1e-9..1e15).contains(&x).then_some(x),
            Scale::Percent | Scale::Points => x.clamp(-1.0, 1.0),
        };
        // Beyond this no axis could be labelled.
        (drawn.abs() < 1e9).then_some(drawn)
    }

    /// A number in words.
    pub fn word(&self, x: f64) -> String {
        match self.scale {
            Scale::Log if x >= 1e6 => format!("{}M", number(x / 1e6)),
            Scale::Log if x >= 1e4 => format!("{}k", number(x / 1e3)),
            Scale::Linear if x != 0.0 && x.abs() < 0.1 => {
                format!("{x:.3}").trim_end_matches('0').trim_end_matches('.').replace('-', "−")
            }
            Scale::Linear | Scale::Log => number(x),
            Scale::Percent => format!("{}%", number(x * 100.0)),
            Scale::Points => number(x * 100.0),
        }
    }
}

/// A step of 1, 2 or 5 times a power of ten that divides `span` into at most `most`.
fn step(span: f64, most: f64) -> f64 {
    let decades = (-9..9).map(|e| 10f64.powi(e));
    decades.flat_map(|d| [d, 2.0 * d, 5.0 * d]).find(|s| span / s <= most).unwrap_or(span)
}

fn ticks(low: f64, high: f64, most: f64) -> Vec<f64> {
    let step = step(high - low, most);
    let first = (low / step).ceil() as i64;
    (first..first + 20).map(|i| i as f64 * step).filter(|x| *x <= high + step * 1e-6).collect()
}

/// Ends of an axis, and where it is marked.
pub(super) struct Range {
    log: bool,
    low: f64,
    high: f64,
    pub ticks: Vec<f64>,
}

impl Range {
    /// None if there is nothing to draw.
    pub fn new(axis: &Axis, data: &[f64]) -> Option<Range> {
        let values = || data.iter().copied().filter_map(|x| axis.fit(x));
        values().next()?;
        let all = || values().chain(axis.include.iter().copied());
        let (mut low, mut high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
        if axis.scale == Scale::Log {
            if high < low * 2.0 {
                (low, high) = (low / 2.0, high * 2.0);
            }
            let mut at: Vec<f64> = values().collect();
            at.sort_by(f64::total_cmp);
            at.dedup();
            let decades = (-9..=15).map(|e| 10f64.powi(e)).filter(|x| (low * 0.999..=high * 1.001).contains(x));
            // Few distinct numbers are marked themselves: budgets, widths.
            return Some(Range { log: true, low, high, ticks: if at.len() > 8 { decades.collect() } else { at } });
        }
        let margin = (high - low).max(1e-3) * 0.06;
        low -= if axis.include.contains(&low) { 0.0 } else { margin };
        high += if axis.include.contains(&high) { 0.0 } else { margin };
        high = high.max(low + 1e-3);
        Some(Range { log: false, low, high, ticks: ticks(low, high, STEPS) })
    }

    /// 0 to 1 along the axis.
    pub fn place(&self, x: f64) -> f64 {
        let of = |x: f64| if self.log { x.ln() } else { x };
        (of(x.clamp(self.low, self.high)) - of(self.low)) / (of(self.high) - of(self.low))
    }

    pub fn holds(&self, x: f64) -> bool {
        (self.low..=self.high).contains(&x)
    }
}

/// The plotted part of a figure.
#[derive(Clone, Copy)]
pub(super) struct Area {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

/// A drawing area with its axes.
pub(super) struct Frame {
    area: Area,
    x: Range,
    y: Range,
}

impl Frame {
    /// None if no number has a place on one of the axes.
    pub fn new(area: Area, x: (&Axis, &[f64]), y: (&Axis, &[f64])) -> Option<Frame> {
        Some(Frame { area, x: Range::new(x.0, x.1)?, y: Range::new(y.0, y.1)? })
    }

    pub fn px(&self, x: f64) -> f64 {
        self.area.left + INSET + (self.area.right - self.area.left - 2.0 * INSET) * self.x.place(x)
    }

    pub fn py(&self, y: f64) -> f64 {
        self.area.bottom - (self.area.bottom - self.area.top) * self.y.place(y)
    }

    /// Grid, ticks and labels; a stronger line at `even`.
    pub fn grid(&self, x_axis: &Axis, y_axis: &Axis, even: Option<f64>) -> Markup {
        let Area { left, right, top, bottom } = self.area;
        let middle = f64::midpoint(top, bottom);
        // Of marks that stand close only the first is told.
        let mut last = f64::NEG_INFINITY;
        let mut told = |x: f64, text: &str| {
            let half = 3.5 * text.chars().count() as f64 + 3.0;
            let free = self.px(x) - half >= last;
            last = if free { self.px(x) + half } else { last };
            free
        };
        html! {
            @for tick in &self.y.ticks {
                line.grid x1=(at(left)) x2=(at(right)) y1=(at(self.py(*tick))) y2=(at(self.py(*tick))) {}
                text.tick x=(at(left - 6.0)) y=(at(self.py(*tick) + 4.0)) text-anchor="end" { (y_axis.word(*tick)) }
            }
            @if let Some(even) = even.filter(|e| self.y.holds(*e)) {
                line.even x1=(at(left)) x2=(at(right)) y1=(at(self.py(even))) y2=(at(self.py(even))) {}
            }
            @for tick in &self.x.ticks {
                line.grid x1=(at(self.px(*tick))) x2=(at(self.px(*tick))) y1=(at(bottom)) y2=(at(bottom + 4.0)) {}
                @let text = x_axis.word(*tick);
                @if told(*tick, &text) {
                    text.tick x=(at(self.px(*tick))) y=(at(bottom + 18.0)) text-anchor="middle" { (text) }
                }
            }
            text.tick x=(at(f64::midpoint(left, right))) y=(at(bottom + 35.0)) text-anchor="middle" { (x_axis.label) }
            text.tick x="12" y=(at(middle)) text-anchor="middle" transform=(format!("rotate(-90 12 {middle:.1})")) { (y_axis.label) }
        }
    }
}
