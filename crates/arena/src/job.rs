//! What others need to play rounds of a match or a tournament: its job, and how a unit of it is done.

use std::collections::BTreeMap;
use std::sync::Arc;

use evaluator::InMemory;
use rules::{AnyRules, Catalog, Payoff, Rules, Word};
use serde::{Deserialize, Serialize};
use work::{Job, Unit};

use crate::adjudication::{Adjudication, DrawRule, ResignRule};
use crate::factory::PlayerFactory;
use crate::match_runner::MatchConfig;
use crate::openings::Opening;
use crate::shared::play_rounds;
use crate::spec::PlayerSpec;

/// The kind of the job of matches.
pub const MATCH_JOB: &str = "match";
/// The kind of its units.
pub(crate) const ROUNDS: &str = "rounds";

/// What the rounds of all matches of a run have in common.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    kind: String,
    variant: String,
    /// The rules, and those that players search under, as complete sections of a rule file.
    rules: String,
    /// What endings are worth, where that is not what the variant says.
    payoff: BTreeMap<String, f64>,
    /// Specifications of the players.
    players: Vec<String>,
    /// First positions and moves.
    openings: Vec<(Option<String>, Vec<String>)>,
    max_plies: usize,
    /// Moves and centipawns.
    resign: Option<(u32, u32)>,
    /// Full move, moves and centipawns.
    draw: Option<(u32, u32, u32)>,
    insufficient_material: bool,
    /// The weight files that players name, with the hashes of their bytes.
    files: BTreeMap<String, String>,
}

/// What a unit is told besides the numbers of its rounds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairingInputs {
    /// Places, among the players of the job, of the first and the second player.
    pub players: (usize, usize),
    /// [`MatchConfig::seed`].
    pub seed: u64,
    /// Number of the first round; the caller leaves it out.
    #[serde(default)]
    pub first: u32,
    /// Number behind the last round; the caller leaves it out.
    #[serde(default)]
    pub last: u32,
}

/// The job of matches between players under the conditions of `config`, whatever its seed and rounds. `files` are the weight files by the names that
/// players give them. `None` if a player is an external engine, whose games only this machine can play.
///
/// # Panics
/// Never: rules that players search under are in the catalog.
#[must_use]
pub fn match_job<W: Word>(
    config: &MatchConfig<W>,
    players: &[&PlayerFactory<W>],
    catalog: &Catalog,
    files: &BTreeMap<String, Vec<u8>>,
) -> Option<Job> {
    let mut sections = BTreeMap::from([(config.rules.name().to_owned(), config.rules.to_ini())]);
    for player in players {
        match player.spec() {
            PlayerSpec::Uci(_) => return None,
            PlayerSpec::Search { search_rules: Some(name), .. } => {
                let rules = catalog.any(name).expect("the player was prepared with it");
                let section = rules::with_rules!(rules, rules => rules.to_ini());
                sections.entry(name.clone()).or_insert(section);
            }
            _ => {}
        }
    }
    let common = Common {
        kind: MATCH_JOB.to_owned(),
        variant: config.rules.name().to_owned(),
        rules: sections.into_values().collect(),
        payoff: config.rules.payoff().to_entries().map(|(name, worth)| (name.to_owned(), worth.into())).collect(),
        players: players.iter().map(|player| player.spec().to_string()).collect(),
        openings: config.openings.iter().map(|opening| (opening.start.clone(), opening.moves.clone())).collect(),
        max_plies: config.max_plies,
        resign: config.adjudication.resign.map(|rule| (rule.moves, rule.score)),
        draw: config.adjudication.draw.map(|rule| (rule.from, rule.moves, rule.score)),
        insufficient_material: config.insufficient_material,
        files: files.iter().map(|(name, bytes)| (name.clone(), work::hash_of(bytes))).collect(),
    };
    Some(serde_json::to_value(common).expect("plain data"))
}

/// Plays the rounds of a unit on the current rayon thread pool. `files` are those of the job by the hashes of their bytes.
///
/// # Errors
/// If job, unit and files do not fit together, or a signal stops the games.
pub fn do_rounds(job: &Job, unit: &Unit, files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, String> {
    let common: Common = serde_json::from_value(job.clone()).map_err(|e| format!("the job: {e}"))?;
    let catalog = Catalog::of_sections("job", &common.rules).map_err(|e| e.to_string())?;
    match catalog.any(&common.variant).map_err(|e| e.to_string())? {
        AnyRules::Small(rules) => rounds_under(&common, &catalog, rules, unit, files),
        AnyRules::Large(rules) => rounds_under(&common, &catalog, rules, unit, files),
    }
}

fn rounds_under<W: Word>(
    common: &Common,
    catalog: &Catalog,
    mut rules: Arc<Rules<W>>,
    unit: &Unit,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<Vec<u8>, String> {
    let inputs: PairingInputs = serde_json::from_value(unit.inputs.clone()).map_err(|e| format!("the unit: {e}"))?;
    let payoff = Payoff::from_entries(common.payoff.clone())?;
    if !payoff.is_default() {
        rules = Arc::new(rules.with_payoff(payoff));
    }
    let found = common.files.iter().filter_map(|(name, hash)| Some((name.as_str(), files.get(hash)?.as_slice())));
    let weights = InMemory(found.collect());
    let player = |place: usize| -> Result<PlayerFactory<W>, String> {
        let text = common.players.get(place).ok_or_else(|| format!("the job has no player {place}"))?;
        let spec: PlayerSpec = text.parse().map_err(|e| format!("{e}"))?;
        // A job of strangers must not start programs.
        if matches!(spec, PlayerSpec::Uci(_)) {
            return Err("the job names an external engine, which units do not start".to_owned());
        }
        spec.prepare_with(catalog, &rules, &weights).map_err(|e| e.to_string())
    };
    let (first, second) = (player(inputs.players.0)?, player(inputs.players.1)?);
    let opening =
        |(start, moves): &(Option<String>, Vec<String>)| Opening { start: start.clone(), moves: moves.clone() };
    let config = MatchConfig {
        rounds: inputs.last,
        seed: inputs.seed,
        max_plies: common.max_plies,
        adjudication: Adjudication {
            resign: common.resign.map(|(moves, score)| ResignRule { moves, score }),
            draw: common.draw.map(|(from, moves, score)| DrawRule { from, moves, score }),
        },
        insufficient_material: common.insufficient_material,
        ..MatchConfig::new(rules, common.openings.iter().map(opening).collect())
    };
    let numbers = inputs.first..inputs.last;
    play_rounds(&config, numbers, &|| first.player(), &|| second.player()).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;
    use std::time::Duration;

    use serde_json::json;
    use work::{Folder, Sharing};

    use super::*;
    use crate::openings::RandomOpenings;
    use crate::shared::{Shared, SharedJob, share_match};

    #[test]
    fn a_job_holds_all_that_others_need() {
        let mut catalog = Catalog::builtin();
        catalog.load_text("test", "[gardner:chess]\n[mine:gardner]\nflagPiece = k\nflagRegion = c3\n").unwrap();
        let rules: Arc<Rules> = catalog.rules("mine").unwrap();
        let rules = Arc::new(rules.with_payoff(Payoff::from_entries([("stalemate".to_owned(), 0.5)]).unwrap()));
        let factory = |spec: &str| spec.parse::<PlayerSpec>().unwrap().prepare(&catalog, &rules).unwrap();
        let (a, b) = (factory("zero@playouts=12,search_rules=gardner"), factory("rollout@playouts=9,seed=3"));
        let openings = RandomOpenings::new(3, 2..=4).generate(&rules, 5).unwrap();
        let adjudication =
            Adjudication { draw: Some(DrawRule { from: 3, moves: 2, score: 5 }), ..Adjudication::default() };
        let config =
            MatchConfig { seed: 8, max_plies: 70, adjudication, ..MatchConfig::new(Arc::clone(&rules), openings) };
        let job = match_job(&config, &[&a, &b], &catalog, &BTreeMap::new()).unwrap();
        assert!(job["rules"].as_str().unwrap().contains("[mine]") && job["payoff"]["stalemate"] == json!(0.5));

        let run = tempfile::tempdir().unwrap();
        let folder = Folder::new(run.path(), Sharing::Stop, "signature", Duration::from_secs(2), || false);
        let inputs = serde_json::to_value(PairingInputs { players: (0, 1), seed: 8, first: 0, last: 0 }).unwrap();
        let shared = SharedJob { folder: &folder, job: &job, files: &[] }.of(&inputs);
        let play = |shared: Option<&Shared<'_>>| {
            let mut moves = Vec::new();
            let result = share_match(&config, &[], [&|| a.player(), &|| b.player()], shared, &mut |round, _| {
                moves.push(round.games.each_ref().map(|game| (game.moves.clone(), game.termination.clone())));
                ControlFlow::Continue(())
            });
            result.map(|result| (result, moves))
        };
        assert!(play(Some(&shared)).is_err());
        let (found, units) = folder.pending().unwrap();
        for unit in &units {
            folder.put(unit, &do_rounds(&found, unit, &BTreeMap::new()).unwrap(), 0.1).unwrap();
        }
        assert_eq!(play(Some(&shared)).unwrap(), play(None).unwrap());
    }

    #[test]
    fn jobs_of_strangers_start_no_programs_and_are_refused_with_the_reason() {
        let catalog = Catalog::builtin();
        let rules: Arc<Rules> = catalog.rules("gardner").unwrap();
        let random = "random".parse::<PlayerSpec>().unwrap().prepare(&catalog, &rules).unwrap();
        let openings = RandomOpenings::new(3, 2..=4).generate(&rules, 2).unwrap();
        let config = MatchConfig::new(Arc::clone(&rules), openings);
        let job = match_job(&config, &[&random, &random], &catalog, &BTreeMap::new()).unwrap();
        let refused = |job: &Job, inputs: serde_json::Value| {
            let unit = Unit::new("signature", "job", ROUNDS, inputs, Vec::new());
            do_rounds(job, &unit, &BTreeMap::new()).unwrap_err()
        };
        let inputs = json!({ "players": [0, 1], "seed": 1, "first": 0, "last": 1 });
        let mut other = job.clone();
        other["players"][1] = "uci:true@nodes=1".into();
        assert!(refused(&other, inputs.clone()).contains("external engine"));
        other["players"][1] = "model:nobody@playouts=2".into();
        assert!(refused(&other, inputs.clone()).contains("nobody"));
        assert!(refused(&job, json!({ "players": [0, 2], "seed": 1, "first": 0, "last": 1 })).contains("no player 2"));
        assert!(refused(&json!({}), inputs.clone()).contains("the job"));
        other = job.clone();
        other["rules"] = "[gardner]\nstartFen = nonsense\n".into();
        assert!(!refused(&other, inputs).is_empty());
        assert!(refused(&job, json!({ "players": "x" })).contains("the unit"));
    }
}
