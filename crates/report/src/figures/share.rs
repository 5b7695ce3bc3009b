//! How a whole divides: a bar in one line of a table.

use maud::{Markup, html};

use super::at;

const WIDTH: f64 = 220.0;
const HEIGHT: f64 = 16.0;
/// Parts beyond these are drawn alike.
const CLASSES: [&str; 6] = ["s1", "s2", "s3", "s4", "s5", "s0"];

/// A part of the whole.
pub struct Share<'a> {
    pub name: &'a str,
    pub count: u32,
    /// Which colour it has; the same number means the same thing in neighbouring bars.
    pub number: usize,
}

/// Class of the style sheet for a part.
fn class(number: usize) -> &'static str {
    CLASSES.get(number).copied().unwrap_or("rest")
}

/// The bar; none if there is nothing to divide.
pub fn shares(title: &str, parts: &[Share]) -> Option<Markup> {
    let whole: f64 = parts.iter().map(|p| f64::from(p.count)).sum();
    let starts = parts.iter().scan(0.0, |sum, p| Some(std::mem::replace(sum, *sum + f64::from(p.count))));
    (whole > 0.0).then(|| {
        html! {
            svg.figure.shares viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" {
                title { (title) }
                @for (part, start) in parts.iter().zip(starts).filter(|(p, _)| p.count > 0) {
                    @let width = WIDTH * f64::from(part.count) / whole;
                    g.(class(part.number)) {
                        title { (part.name) }
                        rect.part x=(at(WIDTH * start / whole)) y="0" width=(at(width)) height=(HEIGHT) {}
                    }
                }
            }
        }
    })
}

/// An entry of the legend of bars.
pub fn share_key(number: usize, text: &str) -> Markup {
    html! {
        span.key {
            svg.(class(number)) width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" {
                rect.part x="0" y="0" width="14" height="14" {}
            }
            " " (text)
        }
    }
}
