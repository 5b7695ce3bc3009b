//! What a registered hypothesis is tested by: from rows to one effect per evaluator seed.

use crate::evidence::{Evidence, across, by_seed, less, means};
use crate::results::PairRow;
use crate::suite::{Hypothesis, Test};

impl Evidence<'_> {
    /// Per-seed effects of a hypothesis, `None` if the run does not hold what they are made from.
    pub(crate) fn effects(&self, hypothesis: &Hypothesis) -> Option<Vec<f64>> {
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
                    let seeds = oo.len().min(on.len()).min(no.len());
                    Some((0..seeds).map(|i| oo[i] - on[i] - no[i] + 0.5).collect())
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
                let watched = self.monitored().iter().filter(|m| goals.contains(&m.shift.as_str()));
                let cells = watched.filter_map(|m| {
                    let other = m.others.iter().find(|o| o.name == crate::watch::SELF_CONSISTENCY)?;
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

    /// Whether a yardstick stood at its end throughout, so that nothing could have moved it.
    pub(crate) fn unmoved(&self, hypothesis: &Hypothesis) -> bool {
        let arm = match hypothesis.test {
            Test::DeclinesWithSearch => "frozen",
            Test::DeclinesWithStaleSearch => "stale-search",
            _ => return false,
        };
        let values = self.fixed(hypothesis.shift.as_deref().unwrap_or("none"), arm);
        let mut all = values.iter().flatten();
        all.next().is_some_and(|first| all.all(|v| v == first))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

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
