//! Effects with their intervals, on one axis.

use maud::{Markup, html};

use super::{at, marker, whisker};
use crate::view::{Shape, Z95};

const WIDTH: f64 = 420.0;
const ROW: f64 = 30.0;
const TOP: f64 = 8.0;
/// Ends of the axis, which reads from -100 to +100 points.
const AXIS: (f64, f64) = (110.0, 400.0);

/// Draws (name, effect, standard error), effects in fractions of 1. Rows without a value stay empty.
pub fn effects(title: &str, rows: &[(&str, Option<(f64, f64)>)]) -> Markup {
    let bottom = TOP + ROW * rows.len() as f64;
    let (left, right) = AXIS;
    let x = |effect: f64| left + (right - left) * (effect.clamp(-1.0, 1.0) + 1.0) / 2.0;
    html! {
        svg.figure.panel viewBox=(format!("0 0 {WIDTH} {}", bottom + 38.0)) role="img" {
            title { (title) }
            @for tick in -2..=2 {
                @let effect = f64::from(tick) / 2.0;
                line.(if tick == 0 { "even" } else { "grid" }) x1=(at(x(effect))) x2=(at(x(effect))) y1=(at(TOP)) y2=(at(bottom)) {}
                text.tick x=(at(x(effect))) y=(at(bottom + 16.0)) text-anchor="middle" {
                    @match tick { -2 => "−100", -1 => "−50", 0 => "0", 1 => "+50", _ => "+100" }
                }
            }
            text.tick x=(at(x(0.0))) y=(at(bottom + 33.0)) text-anchor="middle" { "percentage points of score" }
            @for (i, (name, effect)) in rows.iter().enumerate() {
                @let y = TOP + ROW * (i as f64 + 0.5);
                text.label x="0" y=(at(y + 4.0)) { (name) }
                g.c-frozen {
                    @if let Some((effect, error)) = effect {
                        (whisker(x(effect - Z95 * error), x(effect + Z95 * error), y))
                        (marker(Shape::Circle, x(*effect), y))
                    }
                }
            }
        }
    }
}
