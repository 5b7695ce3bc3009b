//! Control against direct: who acts on the prior alone, and who plays forward.

use maud::{Markup, html};

use crate::cost::{family_legend, family_style};
use crate::experiments;
use crate::figures::{self, Axis, Scale, Scatter, Spot};
use crate::view::{View, arm, unique};

const CONTROLLER: (&str, &str) = ("policy-only", "policy-reselected");

pub fn control(view: &View) -> Option<Markup> {
    let rows = view.of("control");
    let family = |shift: &str| view.card(shift).map_or("", |c| c.family.as_str());
    let spots: Vec<Spot> = unique(rows.iter().map(|r| r.shift.as_str()))
        .into_iter()
        .filter_map(|shift| {
            let control = view.cells("control", shift, CONTROLLER.0, CONTROLLER.1).next()?;
            let direct = view.headline(shift, arm::FROZEN, arm::RESELECTED)?;
            Some(Spot { name: shift, style: family_style(family(shift)), x: direct.loss().0, y: control.loss().0 })
        })
        .collect();
    let families = unique(spots.iter().map(|s| family(s.name)));
    let above = |wanted: &str| {
        let own = || spots.iter().filter(|s| family(s.name) == wanted);
        (own().filter(|s| s.y > s.x).count(), own().count())
    };
    let x = Axis { label: "loss of the searcher, points", scale: Scale::Points, include: &[0.0, 0.5] };
    let y = Axis { label: "loss of the controller, points", scale: Scale::Points, include: &[0.0, 0.5] };
    let figure = figures::scatter(
        &Scatter { title: "Loss of controllers over loss of searchers", x, y, diagonal: true, zone: None },
        &spots,
    );
    (!rows.is_empty()).then(|| {
        html! {
            p { "Evaluators that act on their prior without any search, against the reselected prior doing the same; the adaptive \
                one corrects itself within the game. The searcher is the same evaluator behind search, against its own reselected \
                rival." }
            @if let Some(figure) = figure {
                (family_legend(view))
                div.panels.large { figure { (figure) figcaption {
                    "Each shift's loss as a controller over its loss as a searcher. Above the diagonal control loses more, by point \
                        estimates alone: "
                    @for (i, family) in families.iter().enumerate() {
                        @let (above, all) = above(family);
                        @if i > 0 { ", " } (family) " " b { (above) " of " (all) }
                    }
                    ". A controller's game is noisier, and both losses end at 50 points."
                } } }
            }
            (experiments::folded(view, "control"))
        }
    })
}
