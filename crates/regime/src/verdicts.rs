//! What was claimed before the run, and what the rows say to it. The words are chosen by rule, never by hand.

use crate::evidence::{Evidence, Seeds, mean, means};
use crate::inference::{
    SMALLEST_EFFECT, below, benjamini_hochberg, bootstrap, equivalence, holm, score_of_elo, sign_flip, visible,
};
use crate::results::{Finding, ShiftVerdict, Verdict};
use crate::suite::{Expect, Hypothesis, Shift};

impl Evidence<'_> {
    /// The registered hypotheses, with p adjusted by Holm.
    pub(crate) fn findings(&self, broken: bool) -> Vec<Finding> {
        let tested: Vec<(&Hypothesis, Option<Vec<f64>>)> =
            self.suite.hypotheses.iter().map(|h| (h, self.effects(h))).collect();
        let margin = score_of_elo(SMALLEST_EFFECT);
        let p = |h: &Hypothesis, e: &[f64]| if h.denies { below(e, margin) } else { sign_flip(e) };
        let ps: Vec<f64> = tested.iter().map(|(h, e)| e.as_deref().map_or(1.0, |e| p(h, e))).collect();
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
        let cells: Vec<(&Shift, Seeds)> = self
            .suite
            .shifts
            .iter()
            .filter_map(|s| Some((s, self.headline(&s.name, "frozen", "reselected")?)))
            .collect();
        let losses: Vec<Vec<f64>> = cells.iter().map(|(_, s)| means(s).iter().map(|s| 0.5 - s).collect()).collect();
        let nothing = |shift: &Shift| shift.expect == Some(Expect::Nothing) || shift.edit.is_empty();
        let p = |shift: &Shift, loss: &[f64]| {
            if nothing(shift) { equivalence(loss, score_of_elo(SMALLEST_EFFECT)) } else { sign_flip(loss) }
        };
        let ps: Vec<f64> = cells.iter().zip(&losses).map(|((shift, _), loss)| p(shift, loss)).collect();
        let adjusted = benjamini_hochberg(&ps);
        cells
            .iter()
            .zip(&losses)
            .zip(ps.iter().zip(adjusted))
            .enumerate()
            .map(|(i, (((shift, seeds), loss), (p, adjusted)))| {
                let (low, high) = bootstrap(seeds, i as u64).map_or((0.0, 0.0), |(low, high)| (0.5 - high, 0.5 - low));
                ShiftVerdict {
                    shift: shift.name.clone(),
                    loss: mean(loss),
                    low,
                    high,
                    p: *p,
                    adjusted,
                    visible: visible_effect(loss),
                    verdict: verdict(loss, adjusted, broken, nothing(shift)),
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
        // That something does not happen holds as well where its contrary does: `adjusted` is that of a test from above.
        _ if denies && adjusted < 0.05 => Verdict::Supported,
        _ if denies && sign_flip(effects) < 0.05 && effect > margin => Verdict::Opposite,
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
        let denied = |effects: &[f64]| verdict(effects, below(effects, score_of_elo(SMALLEST_EFFECT)), false, true);
        assert_eq!(denied(&big), Verdict::Opposite);
        assert_eq!(verdict(&big, p, true, false), Verdict::Invalid);
        let none = [0.001, -0.001, 0.002, -0.002, 0.0, 0.001];
        assert_eq!(verdict(&none, sign_flip(&none), false, false), Verdict::Equivalent);
        assert_eq!(denied(&none), Verdict::Supported);
        assert_eq!(denied(&big.map(|e| -e)), Verdict::Supported);
        assert_eq!(denied(&[0.3, -0.2, 0.1]), Verdict::Inconclusive);
        assert_eq!(verdict(&[0.0; 9], 1.0, false, false), Verdict::Inconclusive);
        assert_eq!(verdict(&[0.3, -0.2, 0.1], 1.0, false, false), Verdict::Inconclusive);
        assert_eq!(verdict(&[], 1.0, false, false), Verdict::NotMeasured);
    }
}
