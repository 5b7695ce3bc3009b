//! Deployments: what each way of meeting a change loses in games that matter, against what it needs in trials that do not.

use maud::{Markup, html};
use regime::results::Deployment;

use crate::figures::{self, Axis, Chart, Line, Scale, number};
use crate::view::{View, signed, styles, unique};

/// Prices of a lost live point, in trial games.
const PRICES: (f64, f64) = (0.1, 1e5);

/// What a policy does, by its name.
fn meaning(policy: &str) -> &str {
    match policy {
        "frozen" => "deployed as it was inherited",
        "federated" => "deployed, and learns from its own deployed games",
        "mixed" => "the same, with as many games under the old rules",
        "retracted" => "deployed until the monitor's alarm, then withdrawn and trained on by trials",
        "foreseen" => "trained on by trials before the first game",
        "afresh" => "selected from zero by trials before the first game",
        _ => "",
    }
}

/// What a policy costs: points lost, and games of trial.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cost {
    lost: f64,
    trials: f64,
}

impl Cost {
    fn at(self, price: f64) -> f64 {
        price * self.lost + self.trials
    }
}

/// The cheapest policies as the price rises from just above 0: each with the price from which it is, the first from 0.
fn cheapest(costs: &[Cost]) -> Vec<(f64, usize)> {
    let order = |a: &usize, b: &usize| {
        let (a, b) = (costs[*a], costs[*b]);
        a.trials.total_cmp(&b.trials).then(a.lost.total_cmp(&b.lost))
    };
    let Some(mut now) = (0..costs.len()).min_by(order) else { return Vec::new() };
    let mut steps = vec![(0.0, now)];
    loop {
        // Of those that lose less, the one that is overtaken first; all need more trials.
        let next = (0..costs.len())
            .filter(|i| costs[*i].lost < costs[now].lost)
            .map(|i| ((costs[i].trials - costs[now].trials) / (costs[now].lost - costs[i].lost), i))
            .min_by(|a, b| a.0.total_cmp(&b.0).then(costs[a.1].lost.total_cmp(&costs[b.1].lost)));
        match next {
            Some(step) => {
                now = step.1;
                steps.push(step);
            }
            None => return steps,
        }
    }
}

pub fn deployments(view: &View) -> Option<Markup> {
    let all = &view.summary.deployments;
    let policies = unique(all.iter().map(|d| d.policy.as_str()));
    let styles = styles(&policies);
    (!all.is_empty()).then(|| {
        html! {
            h3 { "What updating costs others" }
            p { "A point lost in a deployed game is 1/2 less the score against an equal rival, and somebody paid for it; a trial \
                game costs nobody anything but itself. If a lost live point is worth c trial games, the whole cost is c × points \
                lost + trials. Which policy is cheapest may then depend on c." }
            p.legend { @for (policy, style) in policies.iter().zip(&styles) { (figures::key_of(*style, policy)) " " } }
            @for shift in unique(all.iter().map(|d| d.shift.as_str())) {
                @let own: Vec<&Deployment> = all.iter().filter(|d| d.shift == shift).collect();
                h4 { (view.link(shift)) }
                (table(&own))
                @let lines: Vec<Line> = policies.iter().zip(&styles).filter_map(|(policy, style)| {
                    Some(line(own.iter().find(|d| d.policy == *policy)?, *style))
                }).collect();
                (figure(shift, &own, &lines))
            }
        }
    })
}

fn table(own: &[&Deployment]) -> Markup {
    let games = unique(own.iter().map(|d| d.games));
    let several = games.len() > 1;
    let one = |x: f64| match x {
        x if !x.is_finite() => "n/a".into(),
        x if x.abs() < 100.0 => signed(format!("{x:+.1}")),
        x => signed(format!("{x:+.0}")),
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label="Deployments" {
            table {
                thead { tr {
                    th scope="col" { "policy" } th scope="col" { "what it does" }
                    th.n scope="col" {
                        "points lost in " (games.iter().map(u32::to_string).collect::<Vec<_>>().join(" or ")) " deployed games (95% interval)"
                    }
                    th.n scope="col" { "trial games" } th.n scope="col" { "even again after" } th.n scope="col" { "seeds" }
                } }
                tbody { @for d in own { tr {
                    th scope="row" { (d.policy) } td.text { (meaning(&d.policy)) }
                    td.n { (one(d.mean)) " (" (one(d.low)) " to " (one(d.high)) ")" @if several { " in " (d.games) } }
                    td.n { (number(d.trials.round())) }
                    td.n { (d.recovered.filter(|g| g.is_finite()).map_or("not within them".into(), |g| format!("{g:.0} games"))) }
                    td.n { (d.lost.len()) }
                } } }
            }
        }
    }
}

fn line(d: &Deployment, style: crate::view::Style) -> Line {
    let cost = Cost { lost: d.mean, trials: d.trials };
    let (from, to) = (PRICES.0.log10(), PRICES.1.log10());
    let price = |i: u32| 10f64.powf(from + (to - from) * f64::from(i) / 12.0);
    // On a logarithmic axis nothing below one trial game has a place: it is drawn at 1.
    let points = (0..=12).map(price).filter(|_| cost.lost.is_finite() && cost.trials.is_finite());
    let points = points.map(|c| (c, cost.at(c).max(1.0), None)).collect();
    Line { name: d.policy.clone(), style, points }
}

fn figure(shift: &str, own: &[&Deployment], lines: &[Line]) -> Markup {
    let title = format!("{shift}: whole cost over the price of a lost live point");
    let x = Axis { label: "c: trial games that a lost live point is worth", scale: Scale::Log, include: &[] };
    let y = Axis { label: "whole cost, trial games", scale: Scale::Log, include: &[1.0] };
    html! {
        div.panels.large { figure {
            @if let Some(chart) = figures::chart(&Chart { title: &title, x, y, even: None }, lines) { (chart) }
            figcaption {
                (ranking(own))
                span.line-change { "Both axes are logarithmic; costs below one trial game are drawn at 1. Differences that lie \
                    within the intervals of the table are no ranking." }
            }
        } }
    }
}

/// Where the cheapest policy changes, and what holds at a price of 0.
fn ranking(own: &[&Deployment]) -> Markup {
    let known: Vec<&&Deployment> = own.iter().filter(|d| d.mean.is_finite() && d.trials.is_finite()).collect();
    let costs: Vec<Cost> = known.iter().map(|d| Cost { lost: d.mean, trials: d.trials }).collect();
    let steps = cheapest(&costs);
    let free: Vec<&str> = known.iter().filter(|d| d.trials == 0.0).map(|d| d.policy.as_str()).collect();
    let price = |c: f64| if c < 10.0 { number(c) } else { format!("{c:.0}") };
    html! {
        @match &steps[..] {
            [] => {},
            [(_, only)] => { b { "The ranking never flips: " } (known[*only].policy) " is cheapest at every price. " },
            [(_, first), rest @ ..] => {
                b { "The ranking flips" } ": " (known[*first].policy) " is cheapest below c = " (price(rest[0].0))
                @for (c, policy) in rest { ", " (known[*policy].policy) " from c = " (price(*c)) } ". "
            },
        }
        span.line-change {
            "Negative control, c = 0: deployed games are simulations, and nothing but trials costs. "
            @if free.len() > 1 { (free.join(", ")) " tie at 0, as they must." } @else { "No two policies are without trials." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_policy_is_that_of_every_price() {
        let cost = |lost, trials| Cost { lost, trials };
        let costs = [cost(100.0, 0.0), cost(60.0, 0.0), cost(20.0, 1500.0), cost(30.0, 900.0), cost(10.0, 90_000.0)];
        let steps = cheapest(&costs);
        assert_eq!(steps.iter().map(|s| s.1).collect::<Vec<_>>(), [1, 3, 2, 4]);
        for price in [0.0, 1.0, 29.0, 31.0, 59.0, 61.0, 8000.0, 1e6] {
            let (_, chosen) = steps.iter().rev().find(|s| s.0 <= price).unwrap();
            assert!(costs.iter().all(|c| costs[*chosen].at(price) <= c.at(price) + 1e-9), "{price}");
        }
        assert!(cheapest(&[]).is_empty());
        assert_eq!(cheapest(&[cost(-1.0, 0.0), cost(2.0, 5.0)]), [(0.0, 0)]);
    }
}
