//! What was run: enough to recompute every verdict from the rows, and to tell the rows from those of any other run.

use rules::Payoff;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use evaluator::Card;

/// What was run, as `run.json` holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunCard {
    /// Hash over everything below but `source`, `command` and `finished`, 16 hexadecimal digits: rows of one identity may stand together, and no
    /// others.
    pub identity: String,
    /// Where the suite was read: a path, or the name of a built-in one.
    pub source: String,
    /// The suite's text, TOML.
    pub suite: String,
    /// The agents and roles that were shipped with the program that played, TOML.
    pub agents: String,
    /// Behaviour signature of the program that played.
    pub signature: String,
    /// Version of the program.
    pub version: String,
    /// All rules, those of bases first.
    pub rules: Vec<RulesCard>,
    /// All weight files, each once, by name.
    pub weights: Vec<WeightsCard>,
    /// External engines.
    pub engines: Vec<EngineCard>,
    /// The command that began the run.
    pub command: String,
    /// What the finished run holds; none while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<Finished>,
}

/// What a finished run holds. The chain of a log does not tell whether rows were cut off at its end, so the card does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finished {
    /// The pairs of games.
    pub pairs: LogEnd,
    /// The answers of probes.
    pub probes: LogEnd,
    /// Hash of the bytes of `extras.json`, 16 hexadecimal digits. It is not kept in that file, where whoever edits it could put it right.
    pub extras: String,
}

/// Where a log ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEnd {
    /// Number of rows.
    pub rows: u64,
    /// The hash of the last row, 16 hexadecimal digits; that of the run's identity if there is no row.
    pub chain: String,
}

impl LogEnd {
    /// Whether a log that was read back is the whole one.
    ///
    /// # Errors
    /// Says how many rows were found and how many were expected, or that they are others.
    pub fn check(&self, found: &LogEnd) -> Result<(), String> {
        let (found_rows, rows) = (found.rows, self.rows);
        if found_rows != rows {
            let what = if found_rows < rows { "rows were cut off" } else { "rows were added" };
            return Err(format!(
                "holds {found_rows} whole rows; {rows} were expected, with which the run was finished: {what}"
            ));
        }
        if found.chain != self.chain {
            return Err(format!(
                "holds other rows than those with which the run was finished, although as many ({rows})"
            ));
        }
        Ok(())
    }
}

/// Rules as they were compiled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesCard {
    /// Name of the shift, or of the base's variant.
    pub name: String,
    /// Whether the rules are those of a base, before any change.
    pub is_base: bool,
    /// Hash, payoff included.
    pub hash: String,
    /// All keys, in the format of `variants.ini`.
    pub text: String,
    /// Start position.
    pub start_fen: String,
    /// Width and height of the board.
    pub board: (u32, u32),
    /// Worths of endings, and the ply at which men are counted, in words.
    pub payoff: Vec<String>,
}

/// A weight file that was used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightsCard {
    /// Name in the suite.
    pub file: String,
    /// Hash of the network.
    pub hash: String,
    /// What the file says of itself, its shape included.
    pub card: Card,
}

/// An external engine that played.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineCard {
    /// Name of the agent that it plays for.
    pub agent: String,
    /// The specification of the engine in the suite.
    pub spec: String,
    /// The name and author that the engine states, and hashes of its files.
    pub id: String,
}

impl RunCard {
    /// The hash over everything but `identity`, `source`, `command` and `finished`.
    #[must_use]
    pub fn computed_identity(&self) -> String {
        let [identity, source, command] = [String::new(), String::new(), String::new()];
        let plain = RunCard { identity, source, command, finished: None, ..self.clone() };
        let digest = Sha256::digest(serde_json::to_vec(&plain).expect("plain data"));
        digest.iter().take(8).map(|b| format!("{b:02x}")).collect()
    }

    /// Where two runs differ, in words; empty if they do not.
    #[must_use]
    pub fn differences(&self, other: &RunCard) -> Vec<String> {
        let mut found = Vec::new();
        if self.suite != other.suite {
            found.push("the suite's text".to_owned());
        }
        if self.agents != other.agents {
            found.push("the shipped agents".to_owned());
        }
        if self.signature != other.signature {
            found.push(format!("the program's behaviour (signature {}, {} was)", self.signature, other.signature));
        }
        if self.version != other.version {
            found.push(format!("the program's version ({}, {} was)", self.version, other.version));
        }
        for rules in &self.rules {
            let same = |o: &&RulesCard| (&o.name, o.is_base) == (&rules.name, rules.is_base);
            match other.rules.iter().find(same) {
                Some(old) if old.hash != rules.hash => {
                    found.push(format!("the rules of `{}` (hash {}, {} was)", rules.name, rules.hash, old.hash));
                }
                _ => {}
            }
        }
        for weights in &self.weights {
            match other.weights.iter().find(|o| o.file == weights.file) {
                Some(old) if old.hash != weights.hash => {
                    found.push(format!("weight file {} (hash {}, {} was)", weights.file, weights.hash, old.hash));
                }
                Some(old) if old.card != weights.card => {
                    found.push(format!("the card of weight file {}", weights.file))
                }
                _ => {}
            }
        }
        if self.engines != other.engines {
            found.push("an external engine".to_owned());
        }
        if found.is_empty() && self.computed_identity() != other.computed_identity() {
            found.push("what is run".to_owned());
        }
        found
    }
}

/// A payoff in words: `flag = 0.5`, `count-at-ply = 40`.
pub(crate) fn payoff_words(payoff: &Payoff) -> Vec<String> {
    payoff.to_entries().map(|(name, worth)| format!("{name} = {worth}")).collect()
}
