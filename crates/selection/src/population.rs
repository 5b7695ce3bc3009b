//! The candidates of a population: how their hyperparameters vary, and which of them are replaced.

use arena::stats::PairScores;
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::config::{PopulationConfig, TrainingConfig};

/// Factors by one of which a mutation multiplies each hyperparameter (Jaderberg et al. 2017 use 0.8 and 1.2).
const FACTORS: [f64; 2] = [0.8, 1.25];

/// The hyperparameters in which candidates differ.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Genome {
    /// Factor of the configured learning rate, 0.05 to 20.
    pub learning_rate: f64,
    /// Share of the search's value in the value target, 0 to 1.
    pub search_value_share: f64,
    /// The constant of PUCT, by which exploration is weighted; 0.2 to 10.
    pub cpuct: f64,
}

impl Genome {
    fn mutated(self, rng: &mut ChaCha8Rng) -> Genome {
        let mut vary = |value: f64, low: f64, high: f64| (value * FACTORS[rng.random_range(0..2)]).clamp(low, high);
        Genome {
            learning_rate: vary(self.learning_rate, 0.05, 20.0),
            search_value_share: vary(self.search_value_share, 0.0, 1.0),
            cpuct: vary(self.cpuct, 0.2, 10.0),
        }
    }

    pub(crate) fn apply(&self, config: &TrainingConfig) -> TrainingConfig {
        TrainingConfig { search_value_share: self.search_value_share as f32, ..config.clone() }
    }
}

/// A candidate before it is trained.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Number of the candidate, counted from 0 through the run. A copy gets a new number.
    pub id: u32,
    /// Number of the candidate that this one was copied from; `None` for those of the first generation.
    pub parent: Option<u32>,
    /// Place, in the population of the generation before, of the candidate whose trainer this one continues.
    pub continues: usize,
    /// Hyperparameters of the candidate.
    pub genome: Genome,
}

/// A candidate after it was trained and has played its gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The candidate before it was trained.
    pub member: Member,
    /// Hash of the candidate's weights.
    pub weights: String,
    /// Gradient steps taken in this generation.
    pub steps: u64,
    /// Mean cross entropy of the value target, in nats.
    pub value_loss: f64,
    /// Mean cross entropy of the visits, in nats.
    pub policy_loss: f64,
    /// Mean entropy of the visits in nats, which is the least that `policy_loss` can be.
    pub visit_entropy: f64,
    /// Expected calibration error of the value head, 0 to 2.
    pub calibration_error: f64,
    /// Scores of the candidate's pairs of games against the champion.
    pub gate: PairScores,
    /// The hypothesis that the gate's sequential test accepted; `None` if there is no test or it has not decided.
    pub decision: Option<arena::stats::Hypothesis>,
}

/// The candidates of the first generation: the first has the configured hyperparameters, the others have mutated ones.
pub(crate) fn first_members(
    config: &PopulationConfig,
    training: &TrainingConfig,
    cpuct: f32,
    rng: &mut ChaCha8Rng,
) -> Vec<Member> {
    let search_value_share = f64::from(training.search_value_share);
    let genome = Genome { learning_rate: 1.0, search_value_share, cpuct: f64::from(cpuct) };
    let member =
        |id| Member { id, parent: None, continues: 0, genome: if id == 0 { genome } else { genome.mutated(rng) } };
    (0..config.size).map(member).collect()
}

/// The candidates of the generation after `generation`. If `truncate_every` divides its number, a mutated copy of the candidate with the
/// best score replaces the one with the worst.
pub(crate) fn next_members(
    config: &PopulationConfig,
    generation: u32,
    trials: &[Trial],
    next_id: u32,
    rng: &mut ChaCha8Rng,
) -> Vec<Member> {
    let mut members: Vec<Member> =
        trials.iter().enumerate().map(|(place, t)| Member { continues: place, ..t.member }).collect();
    if trials.len() > 1 && generation.is_multiple_of(config.truncate_every) {
        let (best, worst) = (best(trials), worst(trials));
        let parent = trials[best].member;
        members[worst] =
            Member { id: next_id, parent: Some(parent.id), continues: best, genome: parent.genome.mutated(rng) };
    }
    members
}

/// Place of the candidate with the highest score; among equal scores, the first place.
pub(crate) fn best(trials: &[Trial]) -> usize {
    let score = |place: &usize| trials[*place].gate.score();
    (0..trials.len()).rev().max_by(|a, b| score(a).total_cmp(&score(b))).unwrap_or(0)
}

/// Place of the candidate with the lowest score; among equal scores, the last place.
fn worst(trials: &[Trial]) -> usize {
    let score = |place: &usize| trials[*place].gate.score();
    (0..trials.len()).rev().min_by(|a, b| score(a).total_cmp(&score(b))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use arena::stats::Pentanomial;
    use rand::SeedableRng as _;

    use super::*;

    fn trial(id: u32, wins: u64) -> Trial {
        let genome = Genome { learning_rate: 1.0, search_value_share: 0.25, cpuct: 1.5 };
        Trial {
            member: Member { id, parent: None, continues: 0, genome },
            weights: String::new(),
            steps: 0,
            value_loss: 0.0,
            policy_loss: 0.0,
            visit_entropy: 0.0,
            calibration_error: 0.0,
            gate: PairScores::Counted(Pentanomial([10 - wins, 0, 0, 0, wins])),
            decision: None,
        }
    }

    #[test]
    fn a_mutated_copy_of_the_best_replaces_the_worst() {
        let config = PopulationConfig { size: 4, truncate_every: 2 };
        let trials = [trial(0, 5), trial(1, 8), trial(2, 2), trial(3, 2)];
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let kept = next_members(&config, 1, &trials, 4, &mut rng);
        assert_eq!(kept.iter().map(|m| (m.id, m.continues)).collect::<Vec<_>>(), [(0, 0), (1, 1), (2, 2), (3, 3)]);
        let next = next_members(&config, 2, &trials, 4, &mut rng);
        assert_eq!(next[..3], kept[..3]);
        assert_eq!((next[3].id, next[3].parent, next[3].continues), (4, Some(1), 1));
        let ratio = next[3].genome.cpuct / 1.5;
        assert!(FACTORS.contains(&ratio), "{ratio}");
    }

    #[test]
    fn a_population_of_one_stays_as_configured() {
        let config = PopulationConfig::default();
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let next = next_members(&config, 1, &[trial(0, 0)], 1, &mut rng);
        assert_eq!((next.len(), next[0]), (1, trial(0, 0).member));
    }
}
