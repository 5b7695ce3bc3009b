//! Updating after the fact, and selection before it: curves over games of training.

use maud::{Markup, html};

use crate::deployments::deployments;
use crate::experiments::{folded, over_games};
use crate::view::{View, arm};

pub fn updating(view: &View) -> Option<Markup> {
    let (curves, deployments) = (!view.of("recovery").is_empty(), deployments(view));
    (curves || deployments.is_some()).then(|| {
        html! {
            @if curves {
                p { code { "finetuned" } ": inherited weights trained on by trials; " code { "afresh" } ": selected from zero; "
                    code { "federated" } ": learns from deployed games, which the base optimizer gathers and gives back; "
                    code { "mixed" } ": the same with games under both rules. Against an independently reselected evaluator. \
                        Each deployed game below 50% is one in which the old mistake was paid for." }
                (over_games(view, "recovery", "games", Some((arm::FROZEN, arm::RESELECTED))))
                (folded(view, "recovery"))
            }
            @if let Some(deployments) = deployments { (deployments) }
        }
    })
}

/// Does more selection under the old rules hurt more?
pub fn selection(view: &View) -> Option<Markup> {
    (!view.of("selection").is_empty()).then(|| {
        html! {
            h3 { "More selection" }
            p { "A ladder of snapshots of the inherited evaluators, by the games that they had been selected on under the old \
                rules: a knowledge-free opponent saturates, its own snapshots do not." }
            (over_games(view, "selection", "games of selection under the old rules", None))
            (folded(view, "selection"))
        }
    })
}
