//! The words for an estimate. They follow by rule from the estimate, its adjusted p and what was expected; nobody chooses them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Invalid;
use super::inference::multiplicity::Correction;
use super::inference::{Estimate, LEVEL, LevelTest};
use crate::suite::Population;

/// An estimate, or why there is none.
pub type Outcome = Result<Estimate, Invalid>;

/// What a claim expects of its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// An effect above 0.
    Positive,
    /// An effect below 0.
    Negative,
    /// No effect beyond the smallest one of interest.
    Nothing,
    /// An effect, on whichever side.
    Unknown,
}

/// p values of one member of a family, adjusted for the others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adjusted {
    /// p of the hypothesis that the effect is 0.
    pub difference: f64,
    /// p of the hypothesis that the effect is at least as large as the smallest of interest.
    pub equivalence: f64,
}

/// Adjusts the p values of a family of claims. What supports each claim (equivalence for those that expect nothing, a difference for the
/// others) is one family; what speaks against them is another. Claims without an estimate count as members with a p of 1.
#[must_use]
pub fn adjust(family: &[(&Outcome, Expected)], correction: Correction) -> Vec<Adjusted> {
    let difference = |outcome: &Outcome| outcome.as_ref().map_or(1.0, |e| e.p);
    let equivalence = |outcome: &Outcome| {
        outcome.as_ref().ok().and_then(|e| e.equivalence.as_ref()).map_or(1.0, |equivalence| equivalence.p)
    };
    let nothing = |expected: Expected| expected == Expected::Nothing;
    let pick = |outcome, of_difference: bool| if of_difference { difference(outcome) } else { equivalence(outcome) };
    let claimed: Vec<f64> = family.iter().map(|(o, expected)| pick(o, !nothing(*expected))).collect();
    let contrary: Vec<f64> = family.iter().map(|(o, expected)| pick(o, nothing(*expected))).collect();
    let adjusted = correction.adjust(&claimed).into_iter().zip(correction.adjust(&contrary));
    family
        .iter()
        .zip(adjusted)
        .map(|((_, expected), (claimed, contrary))| {
            if nothing(*expected) {
                Adjusted { difference: contrary, equivalence: claimed }
            } else {
                Adjusted { difference: claimed, equivalence: contrary }
            }
        })
        .collect()
}

/// Why an estimate shows neither an effect nor its absence. Displayed as its words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Undecided {
    /// The data show neither an effect nor its absence.
    Unresolved {
        /// The smallest effect that the design would have shown with a power of 80%.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detectable: Option<f64>,
    },
    /// The estimate would mean nothing.
    Invalid {
        /// Why the estimate would mean nothing.
        because: Invalid,
    },
    /// No result of this design could have been significant.
    NoVerdict {
        /// The population that has too few units.
        population: Population,
        /// How many units it has.
        units: usize,
    },
}

/// The verdict of the rows on a claim. Displayed as its words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Verdict {
    /// The effect is shown to be as claimed.
    Supported,
    /// The effect is shown to be the contrary of what is claimed.
    Refuted,
    /// An effect was claimed, and there is none that matters.
    Equivalent,
    /// Neither an effect nor its absence is shown. Stored as the word of the reason.
    #[serde(untagged)]
    Undecided(Undecided),
}

/// What the rows show of a cell of the grid. Displayed as its words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Found {
    /// The change costs the agent something.
    Costs,
    /// The change helps it.
    Helps,
    /// The change neither costs nor helps more than the smallest effect of interest.
    Equivalent,
    /// Neither an effect nor its absence is shown. Stored as the word of the reason.
    #[serde(untagged)]
    Undecided(Undecided),
}

/// The sign of an effect that is a cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Costs {
    /// Effects above 0 are costs, as where the effect is a loss or a regret.
    Positive,
    /// Effects below 0 are costs, as where the effect is a score.
    Negative,
}

/// Whether what was found is what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agrees {
    /// What was found is what was expected.
    Yes,
    /// What was found is something else than what was expected.
    No,
    /// Nothing was found, or nothing was expected in particular.
    Open,
}

/// What an estimate shows of the effect, whatever was expected of it.
enum Shown {
    /// The effect lies above 0.
    Above,
    /// The effect lies below 0.
    Below,
    /// There is no effect beyond the smallest one of interest.
    Absent,
}

/// The test that no result of the design could have brought below 5%.
fn out_of_reach(estimate: &Estimate) -> Option<&LevelTest> {
    estimate.limiting().filter(|test| test.smallest_p > LEVEL)
}

/// An effect is shown if its adjusted p is below 5%, its interval (where one was drawn) does not hold 0, and the estimate lies beyond the smallest effect of
/// interest, where there is one. Its absence is shown if the adjusted p of equivalence is below 5%.
fn shown(outcome: &Outcome, adjusted: &Adjusted) -> Result<Shown, Undecided> {
    let estimate = outcome.as_ref().map_err(|because| Undecided::Invalid { because: because.clone() })?;
    if let Some(test) = out_of_reach(estimate) {
        return Err(Undecided::NoVerdict { population: test.population, units: test.units });
    }
    let large = estimate.margin.is_none_or(|margin| estimate.effect.abs() > margin);
    // The interval has the noise of pairs of games besides that of units, so it may hold 0 where p is below 5%: then the two together show nothing.
    let apart = estimate.interval.is_none_or(|interval| interval.low > 0.0 || interval.high < 0.0);
    match (adjusted.difference < LEVEL && large && apart, adjusted.equivalence < LEVEL) {
        (true, _) if estimate.effect > 0.0 => Ok(Shown::Above),
        (true, _) => Ok(Shown::Below),
        (false, true) => Ok(Shown::Absent),
        (false, false) => Err(Undecided::Unresolved { detectable: estimate.detectable }),
    }
}

/// The verdict on a claim.
///
/// A claim that expects `unknown` says that there is an effect. One that expects nothing is supported by equivalence alone, never by a large p.
#[must_use]
pub fn verdict(outcome: &Outcome, adjusted: &Adjusted, expected: Expected) -> Verdict {
    let shown = match shown(outcome, adjusted) {
        Ok(shown) => shown,
        Err(undecided) => return Verdict::Undecided(undecided),
    };
    match (shown, expected) {
        (Shown::Above, Expected::Positive | Expected::Unknown) => Verdict::Supported,
        (Shown::Below, Expected::Negative | Expected::Unknown) => Verdict::Supported,
        (Shown::Absent, Expected::Nothing) => Verdict::Supported,
        (Shown::Above | Shown::Below, _) => Verdict::Refuted,
        (Shown::Absent, _) => Verdict::Equivalent,
    }
}

/// What was found in a cell of a grid.
#[must_use]
pub fn found(outcome: &Outcome, adjusted: &Adjusted, costs: Costs) -> Found {
    match (shown(outcome, adjusted), costs) {
        (Ok(Shown::Above), Costs::Positive) | (Ok(Shown::Below), Costs::Negative) => Found::Costs,
        (Ok(Shown::Above | Shown::Below), _) => Found::Helps,
        (Ok(Shown::Absent), _) => Found::Equivalent,
        (Err(undecided), _) => Found::Undecided(undecided),
    }
}

/// Whether what was found agrees with what was expected of the effect.
#[must_use]
pub fn agrees(found: &Found, expected: Expected, costs: Costs) -> Agrees {
    let wanted = match (expected, costs) {
        (Expected::Unknown, _) => return Agrees::Open,
        (Expected::Nothing, _) => Found::Equivalent,
        (Expected::Positive, Costs::Positive) | (Expected::Negative, Costs::Negative) => Found::Costs,
        (Expected::Positive | Expected::Negative, _) => Found::Helps,
    };
    match found {
        Found::Costs | Found::Helps | Found::Equivalent if *found == wanted => Agrees::Yes,
        Found::Costs | Found::Helps | Found::Equivalent => Agrees::No,
        Found::Undecided(_) => Agrees::Open,
    }
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Undecided::Unresolved { detectable: Some(effect) } => {
                write!(f, "UNRESOLVED (this design would show {effect:.3})")
            }
            Undecided::Unresolved { detectable: None } => f.write_str("UNRESOLVED"),
            Undecided::Invalid { because } => write!(f, "INVALID ({because})"),
            Undecided::NoVerdict { population, units } => write!(f, "{}: no verdict", population.counted(*units)),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Supported => f.write_str("SUPPORTED"),
            Verdict::Refuted => f.write_str("REFUTED"),
            Verdict::Equivalent => f.write_str("EQUIVALENT"),
            Verdict::Undecided(undecided) => undecided.fmt(f),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Costs => f.write_str("COSTS"),
            Found::Helps => f.write_str("HELPS"),
            Found::Equivalent => f.write_str("EQUIVALENT"),
            Found::Undecided(undecided) => undecided.fmt(f),
        }
    }
}

impl fmt::Display for Agrees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Agrees::Yes => "yes",
            Agrees::No => "no",
            Agrees::Open => "open",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::inference::Interval;
    use crate::analysis::inference::multiplicity::{SMALLEST_EFFECT, score_of_elo};
    use crate::analysis::{Claim, Covariates, Observation, Place, Settings, estimate};
    use crate::suite::Estimator;

    /// An estimate of the mean of per-evaluator effects.
    fn outcome(effects: &[f64]) -> Outcome {
        let observations: Vec<Observation> = effects
            .iter()
            .enumerate()
            .map(|(evaluator, value)| Observation { cell: 0, x: 0.0, shift: 0, evaluator, rival: 0, value: *value })
            .collect();
        let claim = Claim {
            estimator: &Estimator::Difference(crate::suite::Difference::default()),
            cells: 1,
            populations: &[Population::Evaluators],
            observations: &observations,
            covariates: &Covariates::default(),
        };
        estimate(&claim, &Settings { draws: 0, ..Settings::keyed(1) })
    }

    fn alone(outcome: &Outcome, expected: Expected) -> Verdict {
        verdict(outcome, &adjust(&[(outcome, expected)], Correction::Holm)[0], expected)
    }

    const BIG: [f64; 9] = [0.2, 0.25, 0.22, 0.2, 0.21, 0.24, 0.2, 0.23, 0.2];
    const NONE: [f64; 6] = [0.001, -0.001, 0.002, -0.002, 0.0, 0.001];
    const WIDE: [f64; 6] = [0.3, -0.2, 0.1, -0.3, 0.2, 0.1];

    #[test]
    fn words_follow_the_rule() {
        use Expected::{Negative, Nothing, Positive, Unknown};
        let turned = BIG.map(|e| -e);
        let resolved = |verdict: &Verdict| !matches!(verdict, Verdict::Undecided(_));
        for (effects, expected, word) in [
            (&BIG[..], Positive, "SUPPORTED"),
            (&BIG, Negative, "REFUTED"),
            (&BIG, Nothing, "REFUTED"),
            (&BIG, Unknown, "SUPPORTED"),
            (&turned, Positive, "REFUTED"),
            (&turned, Negative, "SUPPORTED"),
            (&turned, Nothing, "REFUTED"),
            (&turned, Unknown, "SUPPORTED"),
            (&NONE, Positive, "EQUIVALENT"),
            (&NONE, Unknown, "EQUIVALENT"),
            (&NONE, Nothing, "SUPPORTED"),
        ] {
            let verdict = alone(&outcome(effects), expected);
            assert!(resolved(&verdict));
            assert_eq!(verdict.to_string(), word, "{expected:?} of {effects:?}");
        }
        for expected in [Positive, Negative, Nothing, Unknown] {
            let words = alone(&outcome(&WIDE), expected).to_string();
            assert!(words.starts_with("UNRESOLVED (this design would show 0."), "{words}");
        }
    }

    #[test]
    fn designs_that_cannot_reach_five_percent_have_no_verdict() {
        for (effects, words) in [
            (&BIG[..5], "5 evaluators: no verdict"),
            (&BIG[..3], "3 evaluators: no verdict"),
            (&NONE[..3], "3 evaluators: no verdict"),
            (&BIG[..1], "1 evaluator: no verdict"),
        ] {
            for expected in [Expected::Positive, Expected::Nothing] {
                assert_eq!(alone(&outcome(effects), expected).to_string(), words);
            }
        }
        // Of six, all on one side: 2 / 64.
        assert_eq!(alone(&outcome(&BIG[..6]), Expected::Positive), Verdict::Supported);
    }

    #[test]
    fn what_could_not_move_is_invalid() {
        let words = |outcome: &Outcome| alone(outcome, Expected::Nothing).to_string();
        assert_eq!(words(&outcome(&[0.0; 9])), "INVALID (every observation of cell 0 is 0)");
        assert_eq!(words(&outcome(&[1.0; 9])), "INVALID (every observation of cell 0 is 1)");
        assert_eq!(words(&outcome(&[])), "INVALID (cell 0 has no observations)");
        let floor = Invalid::Floor { place: Place { cell: 2, shift: Some(4) }, mean: 0.011 };
        assert_eq!(
            words(&Err(floor.clone())),
            "INVALID (floor: the mean of cell 2 under shift 4 is 0.011, too near 0)"
        );
        let named = floor.described(&|c| format!("c{c}"), &|s| format!("s{s}"));
        assert_eq!(named, "floor: the mean of c2 under s4 is 0.011, too near 0");
    }

    #[test]
    fn small_effects_are_not_claimed_however_sure() {
        // All of twelve lie above 0 by less than 20 Elo.
        let margin = score_of_elo(SMALLEST_EFFECT);
        let effects: Vec<f64> = (0..12).map(|i| margin * (0.9 + 0.02 * f64::from(i % 3))).collect();
        let small = outcome(&effects);
        assert!(small.as_ref().unwrap().p < 0.001);
        assert_eq!(alone(&small, Expected::Positive), Verdict::Equivalent);
    }

    #[test]
    fn an_interval_that_holds_0_shows_no_effect() {
        let mut estimate = outcome(&BIG).unwrap();
        estimate.interval = Some(Interval { low: -0.001, high: 0.5 });
        assert!(estimate.p < 0.01);
        let words = alone(&Ok(estimate.clone()), Expected::Positive).to_string();
        assert!(words.starts_with("UNRESOLVED"), "{words}");
        estimate.interval = Some(Interval { low: 0.001, high: 0.5 });
        assert_eq!(alone(&Ok(estimate), Expected::Positive), Verdict::Supported);
    }

    #[test]
    fn families_make_claims_harder() {
        // p is 2 / 256 for each: alone it holds, among eight it does not.
        let big = outcome(&BIG[..8]);
        let family = vec![(&big, Expected::Positive); 8];
        let adjusted = adjust(&family, Correction::Holm);
        assert!((adjusted[0].difference - 0.0625).abs() < 1e-12);
        let among_eight = verdict(&big, &adjusted[0], Expected::Positive);
        assert!(matches!(among_eight, Verdict::Undecided(Undecided::Unresolved { .. })));
        let grid = adjust(&family, Correction::BenjaminiHochberg);
        assert_eq!(found(&big, &grid[0], Costs::Positive), Found::Costs);
        // A claim without an estimate is a member all the same.
        let absent: Outcome = Err(Invalid::Unmoved);
        let adjusted = adjust(&[(&big, Expected::Positive), (&absent, Expected::Positive)], Correction::Holm);
        assert!((adjusted[0].difference - 4.0 / 256.0).abs() < 1e-12);
        assert_eq!(adjusted[1], Adjusted { difference: 1.0, equivalence: 1.0 });
        // What supports a claim of nothing is its equivalence.
        let none = outcome(&NONE);
        let mixed = adjust(&[(&none, Expected::Nothing), (&absent, Expected::Positive)], Correction::Holm);
        let p = none.as_ref().unwrap().equivalence.as_ref().unwrap().p;
        assert!((mixed[0].equivalence - 2.0 * p).abs() < 1e-15);
    }

    #[test]
    fn a_grid_says_what_was_found_and_whether_it_agrees() {
        use Expected::{Negative, Nothing, Positive, Unknown};
        let seen = |effects: &[f64], costs| {
            let outcome = outcome(effects);
            found(&outcome, &adjust(&[(&outcome, Unknown)], Correction::None)[0], costs)
        };
        let costly = seen(&BIG, Costs::Positive);
        assert_eq!((costly.to_string(), seen(&BIG, Costs::Negative).to_string()), ("COSTS".into(), "HELPS".into()));
        assert_eq!(seen(&BIG.map(|e| -e), Costs::Negative), Found::Costs);
        let absent = seen(&NONE, Costs::Positive);
        assert_eq!(absent, Found::Equivalent);
        let wide = seen(&WIDE, Costs::Positive);
        for (found, expected, costs, wanted) in [
            (&costly, Positive, Costs::Positive, Agrees::Yes),
            (&costly, Negative, Costs::Positive, Agrees::No),
            (&costly, Negative, Costs::Negative, Agrees::Yes),
            (&costly, Nothing, Costs::Positive, Agrees::No),
            (&costly, Unknown, Costs::Positive, Agrees::Open),
            (&absent, Nothing, Costs::Positive, Agrees::Yes),
            (&absent, Positive, Costs::Positive, Agrees::No),
            (&wide, Positive, Costs::Positive, Agrees::Open),
            (&seen(&BIG[..4], Costs::Positive), Positive, Costs::Positive, Agrees::Open),
            (&seen(&[1.0; 9], Costs::Positive), Positive, Costs::Positive, Agrees::Open),
        ] {
            assert_eq!(agrees(found, expected, costs), wanted, "{found} of {expected:?}");
        }
        assert_eq!(Agrees::Open.to_string(), "open");
    }

    #[test]
    fn verdicts_are_stored_and_read_back() {
        let none = outcome(&NONE);
        let estimate = none.clone().unwrap();
        let text = serde_json::to_string(&estimate).unwrap();
        assert_eq!(serde_json::from_str::<Estimate>(&text).unwrap(), estimate);
        for verdict in [
            alone(&outcome(&WIDE), Expected::Positive),
            alone(&outcome(&[]), Expected::Positive),
            alone(&outcome(&BIG[..2]), Expected::Positive),
            alone(&none, Expected::Nothing),
        ] {
            let text = serde_json::to_string(&verdict).unwrap();
            assert_eq!(serde_json::from_str::<Verdict>(&text).unwrap(), verdict, "{text}");
        }
        let no_verdict = alone(&outcome(&BIG[..2]), Expected::Positive);
        let text = r#"{"word":"NO-VERDICT","population":"evaluators","units":2}"#;
        assert_eq!(serde_json::to_string(&no_verdict).unwrap(), text);
        for wrong in [r#"{"word":"FOUND"}"#, r#"{"word":"INVALID"}"#, "{}"] {
            assert!(serde_json::from_str::<Verdict>(wrong).is_err(), "{wrong}");
        }
    }
}
