//! Rules x evaluator: which half of the agent was stale, and what each half cost.

use maud::{Markup, html};

use crate::figures;
use crate::view::{Cell, View, Z95, arm, interval, percent, points, unique};

/// The four cells of one shift at one budget, all against `reselected` under the true rules. The first letter is the
/// search's rules, the second the evaluator: o old, n new.
pub struct Attribution<'a> {
    pub shift: &'a str,
    pub playouts: u32,
    oo: Option<Cell>,
    no: Option<Cell>,
    on: Option<Cell>,
    nn: Cell,
    /// Whether `nn` was not played: the rival against itself.
    by_construction: bool,
}

/// An effect and its standard error, in fractions of 1.
type Effect = Option<(f64, f64)>;

impl Attribution<'_> {
    /// Score gained by a reselected evaluator where the search has the true rules: E(nn) - E(no).
    pub fn evaluator(&self) -> Effect {
        combine(&[(1.0, Some(self.nn)), (-1.0, self.no)])
    }

    /// Score gained by true rules where the evaluator is reselected: E(nn) - E(on).
    pub fn rules(&self) -> Effect {
        combine(&[(1.0, Some(self.nn)), (-1.0, self.on)])
    }

    /// E(oo) - E(on) - E(no) + E(nn): 0 if the two costs add up.
    pub fn interaction(&self) -> Effect {
        combine(&[(1.0, self.oo), (-1.0, self.on), (-1.0, self.no), (1.0, Some(self.nn))])
    }

    /// The effect of the evaluator minus that of the rules: E(on) - E(no).
    pub fn contrast(&self) -> Effect {
        combine(&[(1.0, self.on), (-1.0, self.no)])
    }
}

/// A signed sum of cells, its error propagated as if they were independent.
fn combine(terms: &[(f64, Option<Cell>)]) -> Effect {
    let mut sum = 0.0;
    let mut variance = 0.0;
    for (sign, cell) in terms {
        let cell = (*cell)?;
        sum += sign * cell.score;
        variance += cell.error * cell.error;
    }
    Some((sum, variance.sqrt()))
}

/// Every shift and budget with a row of the experiment `attribution`. A cell that the experiment shares with the
/// headline comparison (same arm, opponent and budget) may be taken from there.
pub fn collect<'a>(view: &View<'a>) -> Vec<Attribution<'a>> {
    let rows: Vec<_> = view.summary.rows.iter().filter(|r| r.experiment == "attribution").collect();
    let mut all = Vec::new();
    for shift in unique(rows.iter().map(|r| r.shift.as_str())) {
        let mut budgets: Vec<u32> = rows.iter().filter(|r| r.shift == shift).map(|r| r.playouts).collect();
        budgets.sort_unstable();
        budgets.dedup();
        for playouts in budgets {
            let cell = |arm| {
                view.cell_at("attribution", shift, arm, arm::RESELECTED, playouts)
                    .or_else(|| view.cell_at("headline", shift, arm, arm::RESELECTED, playouts))
            };
            let nn = cell(arm::RESELECTED);
            let even = Cell { score: 0.5, low: 0.5, high: 0.5, error: 0.0, confidence: None };
            all.push(Attribution {
                shift,
                playouts,
                oo: cell(arm::STALE),
                no: cell(arm::FROZEN),
                on: cell(arm::RESELECTED_STALE),
                nn: nn.unwrap_or(even),
                by_construction: nn.is_none(),
            });
        }
    }
    all
}

/// All squares, and where in the parameters the harm sits.
pub fn attributions(view: &View) -> Option<Markup> {
    let (all, parts) = (collect(view), !view.of("parts").is_empty());
    (!all.is_empty() || parts).then(|| {
        html! {
            @if !all.is_empty() {
                p {
                    "Four agents against the same opponent, " code { "reselected" } " with true rules. The cell in \
                        which both halves are new is that opponent itself: 50% by construction. Effects are what is \
                        gained by correcting one half while the other is right; the interaction is 0 if the two costs \
                        add up."
                }
                div.attributions { @for a in &all { (markup(a, view.anchor(a.shift))) } }
            }
            @if parts {
                h3 { "Where in the parameters the harm sits" }
                p { "Prior and value of the inherited evaluator are taken apart: one of them replaced by nothing, by the value with \
                    its sign turned, by its half, or by the reselected evaluator's; or the search is guarded against what it trusts." }
                (crate::experiments::table(view, "parts"))
            }
        }
    })
}

/// The table, the effects and their figure, for one shift and budget.
fn markup(attribution: &Attribution, anchor: Option<String>) -> Markup {
    let Attribution { shift, playouts, oo, no, on, nn, by_construction } = attribution;
    let effects = [
        ("evaluator", attribution.evaluator()),
        ("rules", attribution.rules()),
        ("interaction", attribution.interaction()),
    ];
    html! {
        section.attribution {
            h3 {
                @match anchor { Some(anchor) => a href=(format!("#{anchor}")) { (shift) }, None => (shift) }
                " " span.soft { (playouts) " playouts" }
            }
            table.square {
                caption { "Score in % against " code { "reselected" } ", with 95% interval" }
                thead {
                    tr { td {} th scope="col" { "inherited evaluator" } th scope="col" { "reselected evaluator" } }
                }
                tbody {
                    tr { th scope="row" { "stale rules in search" } (square(*oo, false)) (square(*on, false)) }
                    tr { th scope="row" { "true rules in search" } (square(*no, false)) (square(Some(*nn), *by_construction)) }
                }
            }
            div.effects {
                (figures::effects(&format!("Effects on {shift} with 95% intervals"), &effects))
                p { @for (i, (name, effect)) in effects.iter().enumerate() {
                    @if i > 0 { " · " }
                    (name) " " b { (with_error(*effect)) }
                } }
                p { (reading(attribution)) }
            }
        }
    }
}

fn square(cell: Option<Cell>, by_construction: bool) -> Markup {
    let Some(cell) = cell else { return html! { td { "n/a" } } };
    let tint = format!("--tint:{:.2}", (cell.score - 0.5).abs() * 2.0);
    html! {
        td.tinted.(if cell.score < 0.5 { "harmful" } else { "helpful" }) style=(tint) {
            b { (percent(cell.score)) }
            small { @if by_construction { "by construction" } @else { (interval(cell.low, cell.high)) } }
        }
    }
}

fn with_error(effect: Effect) -> String {
    effect.map_or("n/a".into(), |(e, error)| format!("{} ± {} SE", points(e), percent(error)))
}

/// What the contrast says in words.
fn reading(attribution: &Attribution) -> String {
    let Some((difference, error)) = attribution.contrast() else {
        return "A cell is missing: the two effects cannot be compared.".into();
    };
    let size = format!("{} points, standard error {}", percent(difference.abs()), percent(error));
    if difference > Z95 * error {
        format!("The inherited evaluator costs more than the stale rules (difference {size}).")
    } else if difference < -Z95 * error {
        format!("The stale rules cost more than the inherited evaluator (difference {size}).")
    } else {
        format!("Which of the two costs more is not distinguishable (difference {size}).")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_propagate_as_roots_of_sums_of_squares() {
        let cell = |score, error| Some(Cell { score, low: score, high: score, error, confidence: None });
        let (sum, error) = combine(&[(1.0, cell(0.5, 0.0)), (-1.0, cell(0.2, 0.03)), (-1.0, cell(0.4, 0.04))]).unwrap();
        assert!((sum + 0.1).abs() < 1e-12 && (error - 0.05).abs() < 1e-12);
        assert_eq!(combine(&[(1.0, None)]), None);
    }
}
