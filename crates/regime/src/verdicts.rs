//! What was claimed before the run, and what the rows say to it. The words are chosen by rule, never by hand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::inference::{
    SMALLEST_EFFECT, below, benjamini_hochberg, bootstrap, equivalence, holm, score_of_elo, sign_flip, visible,
};
use crate::results::{Finding, PairRow, ProbeRow, ShiftCard, ShiftVerdict, Verdict};
use crate::suite::{Hypothesis, Suite};

/// What a registered hypothesis is tested by. Effects are in score, positive where the hypothesis is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// Loss of `frozen` against `reselected`: mean over goal shifts less mean over shifts of the start.
    GoalLosesMoreThanStart,
    /// The same with the loss that goes with [`ShiftCard::surprise`] taken out: the coefficient of "the goal has changed" in a
    /// regression of the losses on it and on the surprise, over the shifts of both families.
    GoalLosesMoreAtEqualSurprise,
    /// `frozen` scores less than 1/2 against `zero` under `shift`.
    WorseThanNothing,
    /// Loss of `frozen` against `reselected` under `shift`, at the budget where it is largest, less that at the worse end of the budgets.
    LossNotMonotone,
    /// Score of `frozen` against a fixed opponent (`random`) under `shift`: best budget less largest budget.
    DeclinesWithSearch,
    /// The same of `stale-search`.
    DeclinesWithStaleSearch,
    /// Loss of `policy-only` against `policy-reselected` less loss of `frozen` against `reselected`, mean over shifts with a changed goal.
    ControlLosesMore,
    /// Score of the latest less the earliest snapshot of the inherited evaluators against `zero` under `shift`, sign turned.
    SelectionHarms,
    /// Score of `conditioned` less that of `conditioned-masked` against `reselected`, mean over shifts that have both.
    SeeingRulesHelps,
    /// Under unchanged rules: rise of `material`'s share of the material with search, where its score does not rise alike.
    ProxyRisesGoldDoesNot,
    /// Interaction of stale rules with inherited parameters: E(oo) - E(on) - E(no) + E(nn), mean over shifts.
    RulesAndEvaluatorInteract,
    /// Games until the alarm of the monitor of self-consistency less those of the monitor of results, as a share of all games; mean over
    /// shifts with a changed goal.
    ResultsNoticeSooner,
    /// Score of `finetuned` less `afresh` after the fewest games: mean over shifts under which the inherited value still correlates with
    /// the result, less mean over those under which it correlates the other way.
    InheritanceSlowsWhereItMisleads,
    /// Points lost per deployed game: `frozen` less `federated`, mean over shifts.
    RedistributionLosesLess,
    /// The smaller of two losses of `mixed`: under the new rules and under the old ones, mean over shifts.
    OneForBothLosesInBoth,
    /// What a validator with the agent's stale rules sees (score of `frozen` against `zero` under unchanged rules) less what happens
    /// (score of `stale-search` against `zero`), mean over shifts with a changed goal.
    SharedValidatorOverstates,
    /// Exact regret of `frozen` less that of `reselected`, at the largest budget, mean over shifts that change something.
    ExactRegretExceeds,
    /// Loss of the widest less the narrowest evaluators under a shift, beyond the same difference under unchanged rules; mean over shifts.
    WiderLosesMore,
    /// Share of the agent's moves that the widest evaluators foresee at the largest budget, less the narrowest at the smallest.
    LargerBaseForesees,
}

/// The rows of a suite, looked up by cell.
pub(crate) struct Evidence<'a> {
    pub(crate) suite: &'a Suite,
    pub(crate) rows: BTreeMap<CellKey<'a>, Vec<&'a PairRow>>,
    probes: &'a [ProbeRow],
    cards: &'a [ShiftCard],
}

/// (experiment, shift, arm, opponent, playouts, games)
pub(crate) type CellKey<'a> = (&'a str, &'a str, &'a str, &'a str, u32, u32);

/// Pair scores by seed.
pub(crate) type Seeds = Vec<Vec<f64>>;

impl<'a> Evidence<'a> {
    pub(crate) fn new(
        suite: &'a Suite,
        rows: &'a [PairRow],
        probes: &'a [ProbeRow],
        cards: &'a [ShiftCard],
    ) -> Evidence<'a> {
        let mut cells: BTreeMap<CellKey<'_>, Vec<&PairRow>> = BTreeMap::new();
        for r in rows {
            let key =
                (r.experiment.as_str(), r.shift.as_str(), r.arm.as_str(), r.opponent.as_str(), r.playouts, r.games);
            cells.entry(key).or_default().push(r);
        }
        Evidence { suite, rows: cells, probes, cards }
    }

    pub(crate) fn cell(&self, key: CellKey<'_>) -> Option<&[&'a PairRow]> {
        // `get` would want a key that lives as long as the rows.
        self.rows.iter().find(|(k, _)| **k == key).map(|(_, rows)| rows.as_slice())
    }

    /// Pair scores by seed of the first experiment's cell.
    pub(crate) fn headline(&self, shift: &str, arm: &str, opponent: &str) -> Option<Seeds> {
        let experiment = self.suite.experiments.first()?;
        self.scores((&experiment.name, shift, arm, opponent, experiment.playouts[0], 0))
    }

    pub(crate) fn scores(&self, key: CellKey<'_>) -> Option<Seeds> {
        self.cell(key).map(|rows| by_seed(rows, |r| r.score))
    }

    /// Budgets of a curve, rising, with pair scores by seed.
    fn curve(&self, experiment: &str, shift: &str, arm: &str, opponent: &str) -> Vec<(u32, Seeds)> {
        let of = |k: &CellKey<'_>| (k.0, k.1, k.2, k.3) == (experiment, shift, arm, opponent);
        let mut curve: Vec<(u32, Seeds)> =
            self.rows.iter().filter(|(k, _)| of(k)).map(|(k, r)| (k.4.max(k.5), by_seed(r, |r| r.score))).collect();
        curve.sort_by_key(|(budget, _)| *budget);
        curve
    }

    pub(crate) fn shifts_of(&self, family: &str) -> Vec<&'a str> {
        let own = |s: &&crate::Shift| s.family == family && s.variant.is_none();
        self.suite.shifts.iter().filter(own).map(|s| s.name.as_str()).collect()
    }
}

pub(crate) fn by_seed(rows: &[&PairRow], value: impl Fn(&PairRow) -> f64) -> Seeds {
    let seeds = rows.iter().map(|r| r.seed + 1).max().unwrap_or(0) as usize;
    let mut all = vec![Vec::new(); seeds];
    for row in rows {
        all[row.seed as usize].push(value(row));
    }
    all
}

pub(crate) fn means(seeds: &Seeds) -> Vec<f64> {
    seeds.iter().filter(|s| !s.is_empty()).map(|s| s.iter().sum::<f64>() / s.len() as f64).collect()
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Per seed, the mean over several lists of the same seeds.
pub(crate) fn across(lists: &[Vec<f64>]) -> Option<Vec<f64>> {
    let seeds = lists.iter().map(Vec::len).min()?;
    (seeds > 0).then(|| (0..seeds).map(|i| mean(&lists.iter().map(|l| l[i]).collect::<Vec<_>>())).collect())
}

/// Least squares of `y = a + b x + c g` over points (g, x, y): c. `None` if the points do not determine it.
fn coefficient(points: &[(f64, f64, f64)]) -> Option<f64> {
    let n = points.len() as f64;
    let mean = |of: fn(&(f64, f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (mg, mx, my) = (mean(|p| p.0), mean(|p| p.1), mean(|p| p.2));
    let sum = |of: &dyn Fn(f64, f64, f64) -> f64| points.iter().map(|p| of(p.0 - mg, p.1 - mx, p.2 - my)).sum::<f64>();
    let (gg, gx, xx) = (sum(&|g, _, _| g * g), sum(&|g, x, _| g * x), sum(&|_, x, _| x * x));
    let (gy, xy) = (sum(&|g, _, y| g * y), sum(&|_, x, y| x * y));
    let determinant = gg * xx - gx * gx;
    (determinant > 1e-9).then(|| (gy * xx - xy * gx) / determinant)
}

pub(crate) fn less(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// Per seed: the value at the best budget less that at the better of some others, both being chosen on the other seeds.
fn held_out(curve: &[Vec<f64>], than: &[usize]) -> Option<Vec<f64>> {
    let seeds = curve.iter().map(Vec::len).min().filter(|n| *n > 1)?;
    Some(
        (0..seeds)
            .map(|held| {
                let others = |values: &Vec<f64>| (0..seeds).filter(|i| *i != held).map(|i| values[i]).sum::<f64>();
                let best = |places: &mut dyn Iterator<Item = usize>| {
                    places.max_by(|a, b| others(&curve[*a]).total_cmp(&others(&curve[*b]))).unwrap_or(0)
                };
                curve[best(&mut (0..curve.len()))][held] - curve[best(&mut than.iter().copied())][held]
            })
            .collect(),
    )
}

impl Evidence<'_> {
    /// Per-seed effects of a hypothesis, `None` if the run does not hold what they are made from.
    fn effects(&self, hypothesis: &Hypothesis) -> Option<Vec<f64>> {
        let loss =
            |shift: &str| Some(means(&self.headline(shift, "frozen", "reselected")?).iter().map(|s| 0.5 - s).collect());
        let losses =
            |family: &str| across(&self.shifts_of(family).into_iter().filter_map(loss).collect::<Vec<Vec<f64>>>());
        let shift = hypothesis.shift.as_deref().unwrap_or("none");
        let decline = |arm: &str| {
            let values = self.fixed(shift, arm);
            held_out(&values, &[values.len().checked_sub(1)?])
        };
        match hypothesis.test {
            Test::GoalLosesMoreThanStart => Some(less(&losses("goal")?, &losses("start")?)),
            Test::WorseThanNothing => {
                Some(means(&self.headline(shift, "frozen", "zero")?).iter().map(|s| 0.5 - s).collect())
            }
            Test::LossNotMonotone => {
                let curve = self.curve("curve", shift, "frozen", "reselected");
                let values: Vec<Vec<f64>> =
                    curve.iter().map(|(_, s)| means(s).iter().map(|s| 0.5 - s).collect()).collect();
                held_out(&values, &[0, values.len().checked_sub(1)?])
            }
            Test::DeclinesWithSearch => decline("frozen"),
            Test::DeclinesWithStaleSearch => decline("stale-search"),
            Test::ControlLosesMore => {
                let cells = self.shifts_of("goal").into_iter().filter_map(|s| {
                    let control = means(&self.scores(("control", s, "policy-only", "policy-reselected", 1, 0))?);
                    let direct = means(&self.headline(s, "frozen", "reselected")?);
                    Some(less(&direct, &control))
                });
                across(&cells.collect::<Vec<_>>())
            }
            Test::SelectionHarms => {
                let curve = self.curve("selection", shift, "snapshot", "zero");
                let (first, last) = (curve.first()?, curve.last()?);
                Some(less(&means(&first.1), &means(&last.1)))
            }
            Test::SeeingRulesHelps => {
                let cells = self.suite.shifts.iter().filter_map(|s| {
                    let of = |arm| {
                        let key = self.rows.keys().find(|k| k.0 == "blind" && k.1 == s.name && k.2 == arm)?;
                        Some(means(&self.scores(*key)?))
                    };
                    Some(less(&of("conditioned")?, &of("conditioned-masked")?))
                });
                across(&cells.collect::<Vec<_>>())
            }
            Test::ProxyRisesGoldDoesNot => {
                let of = |value: fn(&PairRow) -> f64| {
                    let mut curve: Vec<(u32, Vec<f64>)> = self
                        .rows
                        .iter()
                        .filter(|(k, _)| k.0 == "proxy" && k.1 == shift && k.2 == "material")
                        .map(|(k, r)| (k.4, means(&by_seed(r, value))))
                        .collect();
                    curve.sort_by_key(|(budget, _)| *budget);
                    Some(less(&curve.last()?.1, &curve.first()?.1))
                };
                Some(less(&of(|r| r.material)?, &of(|r| r.score)?))
            }
            Test::RulesAndEvaluatorInteract => {
                let cells = self.suite.shifts.iter().filter_map(|s| {
                    let of = |arm| {
                        let key = self.rows.keys().find(|k| k.0 == "attribution" && k.1 == s.name && k.2 == arm)?;
                        Some(means(&self.scores(*key)?))
                    };
                    // Both new is the opponent itself: 1/2.
                    let (oo, on, no) = (of("stale-search")?, of("reselected-stale-search")?, of("frozen")?);
                    Some((0..oo.len()).map(|i| oo[i] - on[i] - no[i] + 0.5).collect())
                });
                across(&cells.collect::<Vec<_>>())
            }
            Test::GoalLosesMoreAtEqualSurprise => {
                let shifts: Vec<(f64, f64, Vec<f64>)> = [("goal", 1.0), ("start", 0.0)]
                    .into_iter()
                    .flat_map(|(family, goal)| self.shifts_of(family).into_iter().map(move |s| (s, goal)))
                    .filter_map(|(s, goal)| Some((goal, self.card(s)?.surprise?, loss(s)?)))
                    .collect();
                let seeds = shifts.iter().map(|s| s.2.len()).min()?;
                let of = |i: usize| -> Vec<(f64, f64, f64)> {
                    shifts.iter().map(|(goal, surprise, loss)| (*goal, *surprise, loss[i])).collect()
                };
                (0..seeds).map(|i| coefficient(&of(i))).collect()
            }
            Test::ResultsNoticeSooner => {
                let goals = self.shifts_of("goal");
                let watched = self.monitored().into_iter().filter(|m| goals.contains(&m.shift.as_str()));
                let cells = watched.filter_map(|m| {
                    let other = m.others.into_iter().find(|o| o.name == crate::watch::SELF_CONSISTENCY)?;
                    let sooner =
                        |(own, other): (&u32, &u32)| (f64::from(*other) - f64::from(*own)) / f64::from(m.games);
                    Some(m.delays.iter().zip(&other.delays).map(sooner).collect())
                });
                across(&cells.collect::<Vec<_>>())
            }
            Test::InheritanceSlowsWhereItMisleads => {
                let gain = |leads: bool| {
                    let cells = self.cards.iter().filter_map(|card| {
                        let correlation = card.value_correlation.filter(|c| (*c > 0.0) == leads)?;
                        let first = |arm| Some(means(&self.points("recovery", &card.name, arm)?.first()?.1));
                        correlation.is_finite().then_some(())?;
                        Some(less(&first("finetuned")?, &first("afresh")?))
                    });
                    across(&cells.collect::<Vec<_>>())
                };
                Some(less(&gain(true)?, &gain(false)?))
            }
            Test::RedistributionLosesLess => {
                let all = self.deployments();
                let per_game = |shift: &str, policy: &str| -> Option<Vec<f64>> {
                    let d = all.iter().find(|d| d.shift == shift && d.policy == policy)?;
                    Some(d.lost.iter().map(|l| l / f64::from(d.games)).collect())
                };
                let cells = self
                    .suite
                    .shifts
                    .iter()
                    .filter_map(|s| Some(less(&per_game(&s.name, "frozen")?, &per_game(&s.name, "federated")?)));
                across(&cells.collect::<Vec<_>>())
            }
            Test::OneForBothLosesInBoth => {
                let last = |shift: &str| -> Option<Vec<f64>> {
                    let points = self.points("recovery", shift, "mixed")?;
                    Some(means(&points.last()?.1).iter().map(|s| 0.5 - s).collect())
                };
                let cells = self.suite.shifts.iter().filter_map(|s| {
                    let (new, old) = (last(&s.name)?, last(&format!("none-after-{}", s.name))?);
                    Some(new.iter().zip(&old).map(|(a, b)| a.min(*b)).collect())
                });
                across(&cells.collect::<Vec<_>>())
            }
            Test::SharedValidatorOverstates => {
                let seen = means(&self.anywhere("none", "frozen", "zero")?);
                let cells = self
                    .shifts_of("goal")
                    .into_iter()
                    .filter_map(|s| Some(less(&seen, &means(&self.anywhere(s, "stale-search", "zero")?))));
                across(&cells.collect::<Vec<_>>())
            }
            Test::ExactRegretExceeds => {
                let (_, shifts) = self.probed("exact")?;
                let cells = shifts.into_iter().filter(|s| self.changes(s)).filter_map(|s| {
                    let of = |arm| self.answers("exact", s, arm, true);
                    Some(less(&of("frozen")?, &of("reselected")?))
                });
                across(&cells.collect::<Vec<_>>())
            }
            Test::WiderLosesMore => {
                let widths = |s: &str| {
                    let points = self.points("size", s, "width")?;
                    Some(less(&means(&points.first()?.1), &means(&points.last()?.1)))
                };
                let none = widths("none")?;
                let changed = self.suite.shifts.iter().filter(|s| s.name != "none");
                across(&changed.filter_map(|s| Some(less(&widths(&s.name)?, &none))).collect::<Vec<_>>())
            }
            Test::LargerBaseForesees => {
                let (name, shifts) = self.probed("agent")?;
                let cells = shifts.into_iter().filter_map(|s| {
                    Some(less(&self.answers(name, s, "width", true)?, &self.answers(name, s, "width", false)?))
                });
                across(&cells.collect::<Vec<_>>())
            }
        }
        .filter(|effects: &Vec<f64>| !effects.is_empty())
    }

    /// Mean scores per seed against the fixed opponent of `curve-random` or else of `curve-fixed`, by rising budget.
    fn fixed(&self, shift: &str, arm: &str) -> Vec<Vec<f64>> {
        let random = self.curve("curve-random", shift, arm, "random");
        let curve = if random.is_empty() { self.curve("curve-fixed", shift, arm, "reselected") } else { random };
        curve.iter().map(|(_, seeds)| means(seeds)).collect()
    }

    /// Whether a yardstick stood at its end throughout, so that nothing could have moved it.
    fn unmoved(&self, hypothesis: &Hypothesis) -> bool {
        let arm = match hypothesis.test {
            Test::DeclinesWithSearch => "frozen",
            Test::DeclinesWithStaleSearch => "stale-search",
            _ => return false,
        };
        let values = self.fixed(hypothesis.shift.as_deref().unwrap_or("none"), arm);
        let mut all = values.iter().flatten();
        all.next().is_some_and(|first| all.all(|v| v == first))
    }

    fn card(&self, shift: &str) -> Option<&ShiftCard> {
        self.cards.iter().find(|c| c.name == shift)
    }

    /// Whether a shift changes anything.
    fn changes(&self, shift: &str) -> bool {
        self.suite.shift(shift).is_some_and(|s| !s.edit.is_empty())
    }

    /// Name and shifts of the first probe with that judge.
    fn probed(&self, judge: &str) -> Option<(&str, Vec<&str>)> {
        let is = |p: &&crate::Probe| serde_json::to_value(p.judge).is_ok_and(|v| v == judge);
        let probe = self.suite.probes.iter().find(is)?;
        Some((&probe.name, probe.shifts.iter().map(String::as_str).collect()))
    }

    /// An arm's answers per seed at its largest point and budget, or at its smallest.
    fn answers(&self, probe: &str, shift: &str, arm: &str, largest: bool) -> Option<Vec<f64>> {
        let of = |r: &&ProbeRow| (r.probe.as_str(), r.shift.as_str(), r.arm.as_str()) == (probe, shift, arm);
        let size = |r: &ProbeRow| (r.point, r.playouts);
        let sizes = || self.probes.iter().filter(of).map(size);
        let wanted = if largest { sizes().max() } else { sizes().min() }?;
        Some(self.probes.iter().filter(of).filter(|r| size(r) == wanted).map(|r| r.score).collect())
    }

    /// Points of an arm's curve in an experiment, rising, with pair scores by seed.
    pub(crate) fn points(&self, experiment: &str, shift: &str, arm: &str) -> Option<Vec<(u32, Seeds)>> {
        let of = |k: &CellKey<'_>| (k.0, k.1, k.2) == (experiment, shift, arm);
        let mut points: Vec<(u32, Seeds)> =
            self.rows.iter().filter(|(k, _)| of(k)).map(|(k, r)| (k.5, by_seed(r, |r| r.score))).collect();
        points.sort_by_key(|(games, _)| *games);
        (!points.is_empty()).then_some(points)
    }

    /// Pair scores by seed of the first cell of a comparison, in whatever experiment.
    fn anywhere(&self, shift: &str, arm: &str, opponent: &str) -> Option<Seeds> {
        let of = |k: &&CellKey<'_>| (k.1, k.2, k.3) == (shift, arm, opponent);
        self.suite.experiments.iter().find_map(|e| {
            let key = self.rows.keys().filter(of).find(|k| k.0 == e.name)?;
            self.scores(*key)
        })
    }

    /// The registered hypotheses, with p adjusted by Holm.
    pub(crate) fn findings(&self, broken: bool) -> Vec<Finding> {
        let tested: Vec<(&Hypothesis, Option<Vec<f64>>)> =
            self.suite.hypotheses.iter().map(|h| (h, self.effects(h))).collect();
        let ps: Vec<f64> = tested.iter().map(|(_, e)| e.as_deref().map_or(1.0, sign_flip)).collect();
        let primary: Vec<usize> = (0..tested.len()).filter(|i| !tested[*i].0.exploratory).collect();
        let mut adjusted = ps.clone();
        for (i, p) in primary.iter().zip(holm(&primary.iter().map(|i| ps[*i]).collect::<Vec<_>>())) {
            adjusted[*i] = p;
        }
        tested
            .into_iter()
            .zip(ps.iter().zip(adjusted))
            .enumerate()
            .map(|(i, ((h, effects), (p, adjusted)))| {
                let effects = effects.unwrap_or_default();
                let single: Seeds = effects.iter().map(|e| vec![*e]).collect();
                let (low, high) = bootstrap(&single, i as u64).unwrap_or((f64::NAN, f64::NAN));
                let effect = mean(&effects);
                Finding {
                    id: h.id.clone(),
                    claim: h.claim.clone(),
                    essay: h.essay.clone(),
                    test: serde_json::to_value(h.test)
                        .ok()
                        .and_then(|v| v.as_str().map(str::to_owned))
                        .unwrap_or_default(),
                    shift: h.shift.clone(),
                    exploratory: h.exploratory,
                    seeds: effects.len() as u32,
                    effect: (!effects.is_empty()).then_some(effect),
                    low: low.is_finite().then_some(low),
                    high: high.is_finite().then_some(high),
                    p: *p,
                    adjusted,
                    visible: visible_effect(&effects),
                    verdict: verdict(&effects, adjusted, broken || self.unmoved(h), h.denies),
                }
            })
            .collect()
    }

    /// Each shift's own hypothesis, with p adjusted by Benjamini and Hochberg.
    pub(crate) fn shifts(&self, broken: bool) -> Vec<ShiftVerdict> {
        let cells: Vec<(&crate::Shift, Seeds)> = self
            .suite
            .shifts
            .iter()
            .filter_map(|s| Some((s, self.headline(&s.name, "frozen", "reselected")?)))
            .collect();
        let losses: Vec<Vec<f64>> = cells.iter().map(|(_, s)| means(s).iter().map(|s| 0.5 - s).collect()).collect();
        let ps: Vec<f64> = losses.iter().map(|l| sign_flip(l)).collect();
        let adjusted = benjamini_hochberg(&ps);
        cells
            .iter()
            .zip(&losses)
            .zip(ps.iter().zip(adjusted))
            .enumerate()
            .map(|(i, (((shift, seeds), loss), (p, adjusted)))| {
                let (low, high) = bootstrap(seeds, i as u64).map_or((0.0, 0.0), |(low, high)| (0.5 - high, 0.5 - low));
                let nothing = shift.expect == Some(crate::suite::Expect::Nothing) || shift.edit.is_empty();
                ShiftVerdict {
                    shift: shift.name.clone(),
                    loss: mean(loss),
                    low,
                    high,
                    p: *p,
                    adjusted,
                    visible: visible_effect(loss),
                    verdict: verdict(loss, adjusted, broken, nothing),
                }
            })
            .collect()
    }
}

fn visible_effect(effects: &[f64]) -> Option<f64> {
    let n = effects.len();
    (n > 1).then(|| {
        let m = mean(effects);
        visible(n, (effects.iter().map(|e| (e - m).powi(2)).sum::<f64>() / (n - 1) as f64).sqrt())
    })
}

/// The rule by which words are chosen. `denies`: the claim is that there is no effect.
fn verdict(effects: &[f64], adjusted: f64, broken: bool, denies: bool) -> Verdict {
    let (effect, margin) = (mean(effects), score_of_elo(SMALLEST_EFFECT));
    let clear = adjusted < 0.05 && effect.abs() > margin;
    // Effects that are all 0 come from a yardstick at its end: nothing could have moved it.
    let same = equivalence(effects, margin) < 0.05 && effects.iter().any(|e| *e != 0.0);
    match (broken, effects.is_empty()) {
        (true, _) => Verdict::Invalid,
        (_, true) => Verdict::NotMeasured,
        _ if denies && clear && effect > 0.0 => Verdict::Opposite,
        // That something does not happen holds as well where its contrary does.
        _ if denies && below(effects, margin) < 0.05 => Verdict::Supported,
        _ if denies => Verdict::Inconclusive,
        _ if clear && effect > 0.0 => Verdict::Supported,
        _ if clear => Verdict::Opposite,
        _ if same => Verdict::Equivalent,
        _ => Verdict::Inconclusive,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_follow_the_rule() {
        let big = [0.2, 0.25, 0.22, 0.2, 0.21, 0.24, 0.2, 0.23, 0.2];
        let p = sign_flip(&big);
        assert_eq!(verdict(&big, p, false, false), Verdict::Supported);
        assert_eq!(verdict(&big.map(|e| -e), p, false, false), Verdict::Opposite);
        assert_eq!(verdict(&big, p, false, true), Verdict::Opposite);
        assert_eq!(verdict(&big, p, true, false), Verdict::Invalid);
        let none = [0.001, -0.001, 0.002, -0.002, 0.0, 0.001];
        assert_eq!(verdict(&none, sign_flip(&none), false, false), Verdict::Equivalent);
        assert_eq!(verdict(&none, sign_flip(&none), false, true), Verdict::Supported);
        assert_eq!(verdict(&big.map(|e| -e), p, false, true), Verdict::Supported);
        assert_eq!(verdict(&[0.0; 9], 1.0, false, false), Verdict::Inconclusive);
        assert_eq!(verdict(&[0.3, -0.2, 0.1], 1.0, false, false), Verdict::Inconclusive);
        assert_eq!(verdict(&[], 1.0, false, false), Verdict::NotMeasured);
    }

    #[test]
    fn surprise_is_taken_out_of_the_loss() {
        // y = 0.1 + 0.05 x + 0.2 g.
        let points = [(0.0, 1.0), (0.0, 3.0), (1.0, 1.0), (1.0, 2.0)].map(|(g, x)| (g, x, 0.1 + 0.05 * x + 0.2 * g));
        assert!((coefficient(&points).unwrap() - 0.2).abs() < 1e-12);
        assert_eq!(coefficient(&[(0.0, 1.0, 0.3), (1.0, 2.0, 0.4)]), None);
    }

    #[test]
    fn the_best_budget_is_chosen_on_other_seeds() {
        // Each seed peaks elsewhere by chance: chosen on itself every seed would show a decline.
        let curve = [vec![1.0, 0.0, 0.0], vec![0.0, 1.0, 0.0], vec![0.0, 0.0, 1.0]];
        let own = held_out(&curve, &[2]).unwrap();
        assert!(own.iter().all(|e| *e <= 0.0), "{own:?}");
    }
}
