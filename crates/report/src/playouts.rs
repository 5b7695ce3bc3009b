//! Over-optimization: true score and own estimate as search grows, regret at fixed positions, harm as selection grows.

use maud::{Markup, html};

use crate::figures;
use crate::findings::change;
use crate::view::{Curve, View, unique};
use crate::{probes, updating};

pub fn over_optimization(view: &View) -> Option<Markup> {
    let parts = [curves(view), probes::regrets(view), updating::selection(view)];
    parts.iter().any(Option::is_some).then(|| html! { @for part in parts.iter().flatten() { (part) } })
}

fn curves(view: &View) -> Option<Markup> {
    let all = view.curves();
    let arms = unique(all.iter().flat_map(|c| &c.rows).map(|r| r.arm.as_str()));
    (!all.is_empty()).then(|| {
        html! {
            h3 { "More search: what it does, and what it believes" }
            p {
                "The dashed line is the arm's own estimate of its expected score, the solid line what it scored. \
                    At equal playouts the opponent improves as well: a falling line is a growing relative deficit, \
                    and by itself no over-optimization. Only a line that falls against a fixed opponent, while \
                    the dashed one rises, would be that."
            }
            p.legend {
                @for arm in &arms { (figures::key(arm, &format!("{arm}: true score, 95% interval"))) " " }
                (figures::dashed_key("its own estimate"))
            }
            @for shift in unique(all.iter().map(|c| c.shift)) {
                h4 { (view.link(shift)) }
                div.panels { @for curve in all.iter().filter(|c| c.shift == shift) { (panel(curve)) } }
            }
        }
    })
}

fn panel(curve: &Curve) -> Markup {
    let (rows, rival) = (&curve.rows, curve.rival());
    html! {
        figure {
            p.panel-title { "against " b { (rival) } }
            (figures::curves(&format!("{}: score against {rival} over playouts", curve.shift), rows))
            figcaption {
                @for arm in unique(rows.iter().map(|r| r.arm.as_str())) {
                    @if let [first, .., last] = figures::points(rows, arm)[..] {
                        span.line-change { (arm) ", " (first.0) " to " (last.0) " \
                            playouts: " (change(first.1, last.1)) }
                    }
                }
            }
        }
    }
}
