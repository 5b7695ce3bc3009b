//! An agent as a suite describes it: where its prior and value come from, how it searches, what it believes, what it does about evidence.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::Problem;

/// Words for rules that an agent believes in where it names no shift.
const TRUE_RULES: &str = "true";
const OLD_RULES: &str = "old";

/// An agent. Keys that are left out have the stated defaults, or the values of the agent that it is `like`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// Name, unique among the agents of the suite and the shipped ones.
    pub name: String,
    /// One sentence on what it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// The agent whose keys it takes over where it does not say otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub like: Option<String>,
    /// Where its prior comes from: `uniform`, a role, or a mixture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior: Option<Source>,
    /// Where its value comes from: `zero`, `rollout`, `material`, a role, or a mixture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Source>,
    /// How far prior and value are trusted; fully if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
    /// How it chooses; by [`SearchKind::Mcts`] if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<SearchKind>,
    /// The rules that it believes to play under: `true` (if left out), `old`, or the name of a shift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub believes: Option<String>,
    /// What it does about evidence; nothing if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reconsiders: Option<Reconsiders>,
    /// The specification of an external engine that plays in its place, for instance `uci:fairy-stockfish@nodes=100`. It reads the true rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
}

/// Where a prior or a value comes from: the sum of its parts, each with its weight.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Source(pub Vec<Part>);

/// A part of a source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// `uniform`, `zero`, `rollout`, `material`, or the name of a role.
    pub of: String,
    /// Its share, above 0; the shares of a source sum to 1. Left out, 1.
    #[serde(default = "one")]
    pub weight: f64,
    /// Whether the sign of the value is turned.
    #[serde(default, skip_serializing_if = "is_false")]
    pub flipped: bool,
    /// The rules that an evaluator which sees them is shown: `true`, `old` or the name of a shift. Left out, those that the agent believes in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sees: Option<String>,
}

fn one() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// How far an agent trusts its evaluator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// At each position as far as the prior is decided: the entropy of the prior, divided by that of the uniform prior, is the share of knowing
    /// nothing (uniform prior, value 0) in what the search is told.
    PriorEntropy,
}

/// How an agent chooses a move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SearchKind {
    /// Monte-Carlo tree search with the experiment's number of playouts.
    #[default]
    Mcts,
    /// Alpha-beta search that looks at as many positions as the experiment has playouts.
    #[serde(rename = "alphabeta")]
    AlphaBeta,
    /// The best move of the prior.
    None,
    /// A move drawn from the uniform prior.
    Sample,
}

/// What an agent does about evidence that it is wrong.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reconsiders {
    /// It does nothing.
    #[default]
    Never,
    /// It corrects its prior within the game by what its moves did to its own value. Needs `search = "none"`.
    WithinGame,
    /// It watches its own errors of prediction over the games of a cell, and leaves the games after an alarm to another agent.
    Alarm(Alarm),
    /// It weighs several sources of value against each other, and moves the weights by the errors that the sources made.
    Hedge(Hedge),
}

/// A monitor and what follows its alarm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// The detector that raises the alarm.
    pub detector: Detector,
    /// The agent that plays on after the alarm.
    pub then: String,
}

/// Sources whose values are weighed against each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hedge {
    /// The sources of value, at least two; they begin with equal weights.
    pub over: Vec<Part>,
    /// How fast weights move: each squared error of a prediction, 0 to 4, multiplies a weight by `exp(-rate * error)`. Above 0, at most 100.
    pub rate: f64,
    /// What predictions are held against.
    #[serde(default, skip_serializing_if = "HedgeEvidence::is_default")]
    pub learns_from: HedgeEvidence,
}

/// What the predictions of hedged sources are held against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HedgeEvidence {
    /// What the search of the next move finds, so that weights move within a game; each game begins with equal weights. What a search finds
    /// rests on the sources themselves: a source and its flip cancel out, and then one that always says 0 makes no error.
    #[default]
    Search,
    /// What the end of the game is worth. Weights are kept from one game of a cell to the next, so its games are played one after the other.
    Results,
}

impl HedgeEvidence {
    #[allow(clippy::trivially_copy_pass_by_ref)] // as serde passes it
    fn is_default(&self) -> bool {
        *self == HedgeEvidence::default()
    }
}

/// A monitor of a sequence of games.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Detector {
    /// An e-detector of Shiryaev-Roberts kind on the squared errors of prediction ([`crate::monitor::Evidence`]).
    EDetector,
    /// Page's cumulative sum of the squared errors ([`crate::monitor::Cusum`]).
    Cusum,
    /// The test of Page and Hinkley on the squared errors ([`crate::monitor::PageHinkley`]).
    PageHinkley,
    /// An e-detector on the changes of the agent's own estimate within games, which needs no result.
    SelfConsistency,
    /// Page's cumulative sum of the changes of the agent's own estimate.
    DriftCusum,
}

impl Detector {
    /// All detectors.
    pub const ALL: [Detector; 5] =
        [Detector::EDetector, Detector::Cusum, Detector::PageHinkley, Detector::SelfConsistency, Detector::DriftCusum];

    /// Its name in suites and results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Detector::EDetector => "e-detector",
            Detector::Cusum => "cusum",
            Detector::PageHinkley => "page-hinkley",
            Detector::SelfConsistency => "self-consistency",
            Detector::DriftCusum => "drift-cusum",
        }
    }
}

/// Rules that an agent believes in, or that an evaluator is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belief<'a> {
    /// The rules of the game.
    True,
    /// The rules before the change.
    Old,
    /// The rules of a shift.
    Shift(&'a str),
}

impl<'a> Belief<'a> {
    fn from_name(name: &'a str) -> Belief<'a> {
        match name {
            TRUE_RULES => Belief::True,
            OLD_RULES => Belief::Old,
            shift => Belief::Shift(shift),
        }
    }
}

impl Part {
    /// The part that is a whole source by itself: that name, weight 1.
    #[must_use]
    pub fn whole(of: &str) -> Part {
        Part { of: of.to_owned(), weight: 1.0, flipped: false, sees: None }
    }

    /// The rules that the evaluator is shown, where it does not follow the agent's belief.
    #[must_use]
    pub fn shown(&self) -> Option<Belief<'_>> {
        self.sees.as_deref().map(Belief::from_name)
    }
}

impl Agent {
    /// The rules that the agent searches under.
    #[must_use]
    pub fn belief(&self) -> Belief<'_> {
        self.believes.as_deref().map_or(Belief::True, Belief::from_name)
    }

    /// How it chooses.
    #[must_use]
    pub fn search(&self) -> SearchKind {
        self.search.unwrap_or_default()
    }

    /// Whether its games depend on those that it played before.
    #[must_use]
    pub fn remembers_games(&self) -> bool {
        matches!(self.reconsiders(), Reconsiders::Hedge(hedge) if hedge.learns_from == HedgeEvidence::Results)
    }

    /// What it does about evidence.
    #[must_use]
    pub fn reconsiders(&self) -> &Reconsiders {
        self.reconsiders.as_ref().unwrap_or(&Reconsiders::Never)
    }

    /// The parts of its prior and then of its value.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        let hedged = match self.reconsiders() {
            Reconsiders::Hedge(hedge) => &hedge.over[..],
            _ => &[],
        };
        [&self.prior, &self.value].into_iter().flatten().flat_map(|source| &source.0).chain(hedged)
    }

    /// Names of the roles that it needs files of, in the order of its parts.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.parts().map(|part| part.of.as_str()).filter(|of| !BUILT_IN_SOURCES.contains(of))
    }

    /// Takes over every key that this agent leaves out and the other one has.
    pub(crate) fn complete(&mut self, other: &Agent) {
        self.like = None;
        self.prior = self.prior.take().or_else(|| other.prior.clone());
        self.value = self.value.take().or_else(|| other.value.clone());
        self.trust = self.trust.or(other.trust);
        self.search = self.search.or(other.search);
        self.believes = self.believes.take().or_else(|| other.believes.clone());
        self.reconsiders = self.reconsiders.take().or_else(|| other.reconsiders.clone());
        self.engine = self.engine.take().or_else(|| other.engine.clone());
    }

    /// Whether the keys make sense together. `roles` are the names of all roles, `shifts` those of all shifts.
    pub(crate) fn check(&self, roles: &[&str], shifts: &[&str], agents: &[&str]) -> Result<(), Problem> {
        let wrong = |key: &str, found: String, allowed: String| Problem::new("agent", &self.name, key, found, allowed);
        if self.engine.is_some() {
            let others = [self.prior.is_some(), self.value.is_some(), self.search.is_some(), self.believes.is_some()];
            if others.contains(&true) || self.trust.is_some() || self.reconsiders.is_some() {
                return Err(wrong(
                    "engine",
                    "other keys beside it".to_owned(),
                    "an engine plays as it is: take `prior`, `value`, `trust`, `search`, `believes` and `reconsiders` out".to_owned(),
                ));
            }
            return Ok(());
        }
        for (key, source) in [("prior", &self.prior), ("value", &self.value)] {
            let allowed = if key == "prior" { &["uniform"][..] } else { &["zero", "rollout", "material"] };
            let known = || format!("{}, or a role: {}", allowed.join(", "), roles.join(", "));
            let Some(source) = source else { return Err(wrong(key, "nothing".to_owned(), known())) };
            check_parts(&source.0, key, allowed, roles)
                .map_err(|(found, hint)| wrong(key, found, hint.unwrap_or_else(known)))?;
            let sum: f64 = source.0.iter().map(|part| part.weight).sum();
            if (sum - 1.0).abs() > 1e-9 {
                return Err(wrong(key, format!("weights that sum to {sum}"), "weights must sum to 1".to_owned()));
            }
            if key == "prior" && source.0.iter().any(|part| part.flipped) {
                return Err(wrong(key, "`flipped`".to_owned(), "only values have a sign".to_owned()));
            }
        }
        let uniform = self.prior.as_ref().is_some_and(|prior| prior.0 == [Part::whole("uniform")]);
        if self.search() == SearchKind::Sample && !uniform {
            let allowed = "moves are only drawn from `prior = \"uniform\"`".to_owned();
            return Err(wrong("search", "sample with another prior".to_owned(), allowed));
        }
        let beliefs = self.parts().filter_map(Part::shown).chain([self.belief()]);
        for belief in beliefs {
            if let Belief::Shift(name) = belief
                && !shifts.contains(&name)
            {
                let allowed = format!("true, old, or the name of a shift: {}", list(shifts));
                return Err(wrong("believes", format!("`{}`", files::excerpt(name, 60)), allowed));
            }
        }
        self.check_reconsidering(agents, roles)
    }

    fn check_reconsidering(&self, agents: &[&str], roles: &[&str]) -> Result<(), Problem> {
        let wrong = |found: String, allowed: String| Problem::new("agent", &self.name, "reconsiders", found, allowed);
        match self.reconsiders() {
            Reconsiders::Never => Ok(()),
            Reconsiders::WithinGame if self.search() == SearchKind::None => Ok(()),
            Reconsiders::WithinGame => {
                Err(wrong("within-game with a search".to_owned(), "it needs `search = \"none\"`".to_owned()))
            }
            Reconsiders::Alarm(alarm) if agents.contains(&alarm.then.as_str()) && alarm.then != self.name => {
                match self.search() {
                    SearchKind::Mcts | SearchKind::AlphaBeta => Ok(()),
                    _ => Err(wrong(
                        "an alarm without a search".to_owned(),
                        "a monitor watches what a search expects".to_owned(),
                    )),
                }
            }
            Reconsiders::Alarm(alarm) => {
                let found = format!("then = `{}`", files::excerpt(&alarm.then, 60));
                Err(wrong(found, format!("the name of another agent: {}", list(agents))))
            }
            Reconsiders::Hedge(hedge) => {
                let allowed = &["zero", "rollout", "material"];
                let known = || format!("{}, or a role: {}", allowed.join(", "), roles.join(", "));
                if hedge.over.len() < 2 || !(hedge.rate > 0.0 && hedge.rate <= 100.0) {
                    let found = format!("{} sources and rate {}", hedge.over.len(), hedge.rate);
                    return Err(wrong(found, "at least two sources and a rate above 0, at most 100".to_owned()));
                }
                if self.search() != SearchKind::Mcts {
                    return Err(wrong(
                        "a hedge without a tree search".to_owned(),
                        "it weighs what a search with `search = \"mcts\"` finds".to_owned(),
                    ));
                }
                check_parts(&hedge.over, "value", allowed, roles)
                    .map_err(|(found, hint)| wrong(found, hint.unwrap_or_else(known)))
            }
        }
    }
}

/// Sources that need no file.
const BUILT_IN_SOURCES: [&str; 4] = ["uniform", "zero", "rollout", "material"];

/// Whether the parts of a source are known, each once, with weights that can be. The error is what was found, and what is allowed where that is not
/// the list of known sources.
fn check_parts(parts: &[Part], key: &str, allowed: &[&str], roles: &[&str]) -> Result<(), (String, Option<String>)> {
    if parts.is_empty() {
        return Err(("an empty list".to_owned(), None));
    }
    for (i, part) in parts.iter().enumerate() {
        if !allowed.contains(&part.of.as_str()) && !roles.contains(&part.of.as_str()) {
            return Err((format!("`{}`", files::excerpt(&part.of, 60)), None));
        }
        if !(part.weight > 0.0 && part.weight <= 1.0) {
            return Err((format!("weight {}", part.weight), Some("above 0, at most 1".to_owned())));
        }
        if parts[..i]
            .iter()
            .any(|other| (&other.of, other.flipped, &other.sees) == (&part.of, part.flipped, &part.sees))
        {
            return Err((format!("`{}` twice", part.of), Some(format!("each part of a {key} once"))));
        }
    }
    Ok(())
}

/// Names in one line for an error message, the first 40 of them.
pub(crate) fn list(names: &[&str]) -> String {
    const MOST: usize = 40;
    let more = if names.len() > MOST { ", …" } else { "" };
    let shown: Vec<String> = names.iter().take(MOST).map(|name| files::excerpt(name, 60)).collect();
    shown.join(", ") + more
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Source, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Source;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a source, a table { of = \"…\" }, or a list of such tables")
            }

            fn visit_str<E>(self, name: &str) -> Result<Source, E> {
                Ok(Source(vec![Part::whole(name)]))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Source, A::Error> {
                Part::deserialize(MapAccessDeserializer::new(map)).map(|part| Source(vec![part]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Source, A::Error> {
                let mut parts = Vec::new();
                while let Some(part) = seq.next_element()? {
                    if parts.len() == 20 {
                        return Err(A::Error::custom("a source of more than 20 parts; at most 20 were expected"));
                    }
                    parts.push(part);
                }
                Ok(Source(parts))
            }
        }
        deserializer.deserialize_any(Visit)
    }
}
