//! Matches whose rounds others may play: rounds as units of work, and how they are taken in.
//!
//! A round travels as what its players chose. The owner of the match plays the games again with players that make these choices, so that everything that
//! a game record holds follows from the rules here, and a choice that is not legal shows that the result is damaged.

use std::collections::VecDeque;
use std::ops::{ControlFlow, Range};

use rayon::prelude::*;
use rules::{Game, InsufficientMaterial, Move, Word};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use work::Unit;

use crate::failure::{Failure, FailureKind};
use crate::game::GameRecord;
use crate::interrupt::Since;
use crate::match_result::{MatchResult, Round, RoundTally};
use crate::match_runner::{MakePlayer, MatchConfig, MatchError, insufficient, play_round, resume_match, starts};
use crate::player::{Choice, Player, RootInfo};

/// How the rounds of a match are shared.
#[derive(Clone, Copy, Debug)]
pub struct Shared<'a> {
    /// Where units are offered and results found.
    pub folder: &'a work::Folder,
    /// What all units of the run have in common.
    pub job: &'a work::Job,
    /// The kind of the units.
    pub kind: &'a str,
    /// The inputs that tell the match from other matches of the run: an object. Units have the numbers of their rounds besides.
    pub inputs: &'a Value,
    /// The files that the job or its units need.
    pub files: &'a [Vec<u8>],
    /// Whether these files belong to the units, and not to the job.
    pub own: bool,
}

/// How the rounds of matches are shared that have a job in common ([`crate::match_job`]).
#[derive(Clone, Copy, Debug)]
pub struct SharedJob<'a> {
    /// Where units are offered and results found.
    pub folder: &'a work::Folder,
    /// What all units have in common.
    pub job: &'a work::Job,
    /// The files that the job names.
    pub files: &'a [Vec<u8>],
}

impl<'a> SharedJob<'a> {
    /// How the rounds of one match are shared, which `inputs` tells from others ([`crate::PairingInputs`]).
    #[must_use]
    pub fn of(&self, inputs: &'a Value) -> Shared<'a> {
        let SharedJob { folder, job, files } = *self;
        Shared { folder, job, kind: crate::job::ROUNDS, inputs, files, own: false }
    }
}

/// One choice of a player, as it travels.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    /// [`Move::bits`].
    mv: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    estimate: Option<f32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    illegal: bool,
    /// Playouts, nodes and visits of [`RootInfo`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    root: Option<(u32, u64, u32)>,
}

impl Told {
    fn new(choice: &Choice) -> Told {
        let root = choice.root.map(|root| (root.playouts, root.nodes, root.visits));
        Told { mv: choice.mv.bits(), estimate: choice.estimate, illegal: choice.illegal, root }
    }

    fn choice(&self) -> Choice {
        let root = self.root.map(|(playouts, nodes, visits)| RootInfo { playouts, nodes, visits });
        Choice { mv: Move::from_bits(self.mv), estimate: self.estimate, illegal: self.illegal, root, engine: None }
    }
}

/// Makes choices that were made before.
struct Replayer(VecDeque<Told>);

impl<W: Word> Player<W> for Replayer {
    fn choose(&mut self, game: &Game<W>) -> Result<Choice, Failure> {
        let choice = self.0.pop_front().map(|told| told.choice()).filter(|choice| game.legal().contains(&choice.mv));
        let reason = "has no legal choice left".to_owned();
        choice.ok_or(Failure { kind: FailureKind::Illegal, reason, stderr: String::new() })
    }

    fn new_game(&mut self, _seed: u64) {}
}

/// Plays some rounds of a match on the current rayon thread pool: what a unit asks for. Returns them as they travel, a line for each.
///
/// # Errors
/// If there is no opening, or one that the rules do not allow, a player cannot be started, or a signal stops the games.
///
/// # Panics
/// If a player is an external engine, whose games others cannot play, or remembers earlier games ([`MatchConfig::in_order`]).
pub fn play_rounds<W: Word>(
    config: &MatchConfig<W>,
    rounds: Range<u32>,
    first: MakePlayer<W>,
    second: MakePlayer<W>,
) -> Result<Vec<u8>, MatchError> {
    assert!(!config.in_order, "rounds of players that remember cannot be played apart");
    let since = Since::now();
    let (starts, insufficient) = (starts(config)?, insufficient(config));
    let players = || [first(), second()];
    let played: Result<Vec<Round<W>>, _> = rounds
        .into_par_iter()
        .map_init(players, |players, index| play_round(config, &starts, index, players, insufficient.as_ref(), since))
        .collect();
    let played = played?;
    if let Some(signal) = since.interrupted() {
        return Err(MatchError::Interrupted(signal));
    }
    let mut bytes = Vec::new();
    for round in &played {
        let games = round.games.each_ref().map(|game| game.choices.iter().map(Told::new).collect::<Vec<_>>());
        assert!(round.games.iter().all(|game| game.choices.iter().all(|c| c.engine.is_none())), "no engines");
        serde_json::to_writer(&mut bytes, &games).expect("plain data");
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// The rounds that [`play_rounds`] played.
fn replayed<W: Word>(
    config: &MatchConfig<W>,
    starts: &[Game<W>],
    rounds: Range<u32>,
    bytes: &[u8],
) -> Result<Vec<Round<W>>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() != rounds.len() {
        return Err(format!("holds {} rounds; {} were expected", lines.len(), rounds.len()));
    }
    let insufficient = insufficient(config);
    let round = |(index, line): (u32, &&str)| {
        let told: [Vec<Told>; 2] = serde_json::from_str(line).map_err(|e| format!("round {index}: {e}"))?;
        let counts = told.each_ref().map(Vec::len);
        // Each game has choices of both players in turn, which one replayer makes for both.
        let games = told.map(|told| play_again(config, starts, index, told, insufficient.as_ref()));
        let sound = |game: &GameRecord<W>, count| game.choices.len() == count && game.forfeit().is_none();
        if games.iter().zip(counts).any(|(game, count)| !sound(game, count)) {
            return Err(format!("round {index}: the choices do not make two whole games"));
        }
        Ok(Round { index, opening: index as usize % starts.len(), games })
    };
    rounds.zip(&lines).map(round).collect()
}

/// A game whose choices were made before, by the rules and conditions of the match.
fn play_again<W: Word>(
    config: &MatchConfig<W>,
    starts: &[Game<W>],
    index: u32,
    told: Vec<Told>,
    insufficient: Option<&InsufficientMaterial<W>>,
) -> GameRecord<W> {
    let start = starts[index as usize % starts.len()].clone();
    // Whoever begins makes every other choice.
    let sides = [0, 1].map(|side| told.iter().skip(side).step_by(2).map(|t| Told { ..*t }).collect());
    let [begins, answers]: [VecDeque<Told>; 2] = sides;
    let (mut begins, mut answers) = (Replayer(begins), Replayer(answers));
    let white_begins = start.position().turn() == rules::Color::White;
    let (white, black) = if white_begins { (&mut begins, &mut answers) } else { (&mut answers, &mut begins) };
    crate::game::play_game_to_the_end(start, white, black, &config.conditions(), insufficient, Since::now())
}

/// Counts rounds in their order, whoever played them.
struct Counted<'a, W: Word> {
    tallies: Vec<RoundTally>,
    result: MatchResult,
    /// Whether the match has ended before its last round.
    ended: bool,
    on_round: &'a mut (dyn FnMut(&Round<W>, &MatchResult) -> ControlFlow<()> + Send),
}

impl<W: Word> Counted<'_, W> {
    fn next(&self) -> u32 {
        u32::try_from(self.tallies.len()).unwrap_or(u32::MAX)
    }

    /// Takes a round in that others have played.
    fn count(&mut self, round: &Round<W>) {
        self.tallies.push(round.tally());
        self.result.count(&self.tallies[self.tallies.len() - 1]);
        self.ended = (self.on_round)(round, &self.result).is_break() || self.result.is_decided();
    }

    /// Plays the rounds before number `last`.
    fn play(
        &mut self,
        config: &MatchConfig<W>,
        [first, second]: [MakePlayer<W>; 2],
        last: u32,
    ) -> Result<(), MatchError> {
        let part = MatchConfig { rounds: last, ..config.clone() };
        let (done, mut stopped) = (self.tallies.clone(), false);
        self.result = resume_match(&part, &done, first, second, &mut |round, so_far| {
            self.tallies.push(round.tally());
            let flow = (self.on_round)(round, so_far);
            stopped = flow.is_break();
            flow
        })?;
        self.ended = stopped || self.result.is_decided();
        Ok(())
    }
}

/// Plays a match as [`resume_match`] does, of which others may play rounds: they are offered as units, and taken in as they come, in their
/// order. What nobody plays is played here, if [`work::Sharing::Take`] says so. The caller forgets the units when it has recorded the match. Rounds,
/// score and end are those of [`resume_match`].
///
/// # Errors
/// Those of [`resume_match`], and those of the folder of units.
pub fn share_match<W: Word>(
    config: &MatchConfig<W>,
    done: &[RoundTally],
    players: [MakePlayer<W>; 2],
    shared: Option<&Shared<'_>>,
    on_round: &mut (dyn FnMut(&Round<W>, &MatchResult) -> ControlFlow<()> + Send),
) -> Result<MatchResult, MatchError> {
    let Some(shared) = shared.filter(|shared| shared.folder.is_in_use() && !config.in_order) else {
        return resume_match(config, done, players[0], players[1], on_round);
    };
    config.check_test()?;
    let starts = starts(config)?;
    let mut result = MatchResult::new(config.rules.payoff(), config.sprt);
    done.iter().for_each(|round| result.count(round));
    let ended = result.is_decided();
    let mut counted = Counted { tallies: done.to_vec(), result, ended, on_round };
    if ended || counted.next() >= config.rounds {
        return Ok(result);
    }
    let hashes: Vec<String> = shared.files.iter().filter(|_| shared.own).map(|file| work::hash_of(file)).collect();
    let all = counted.next()..config.rounds;
    let units = shared.folder.split(shared.job, shared.kind, all, shared.inputs, &hashes)?;
    let offered: Vec<Unit> = units.iter().map(|(_, unit)| unit.clone()).collect();
    shared.folder.offer(shared.job, &offered, shared.files)?;
    for (range, unit) in &units {
        let found = shared.folder.result(unit, |bytes| replayed(config, &starts, range.clone(), bytes))?;
        let Some(rounds) = found else { continue };
        if counted.next() < range.start {
            counted.play(config, players, range.start)?;
            if counted.ended {
                return Ok(counted.result);
            }
        }
        let next = counted.next();
        for round in rounds.iter().filter(|round| round.index >= next) {
            counted.count(round);
            if counted.ended {
                return Ok(counted.result);
            }
        }
    }
    if counted.next() < config.rounds {
        counted.play(config, players, config.rounds)?;
    }
    Ok(counted.result)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rules::Catalog;
    use serde_json::json;
    use work::{Folder, Sharing};

    use super::*;
    use crate::openings::RandomOpenings;
    use crate::spec::PlayerSpec;
    use crate::stats::Sprt;

    fn config(variant: &str, rounds: u32) -> MatchConfig {
        let rules = Catalog::builtin().rules(variant).unwrap();
        let openings = RandomOpenings::new(3, 2..=4).generate(&rules, rounds).unwrap();
        MatchConfig { seed: 5, max_plies: 60, insufficient_material: true, ..MatchConfig::new(rules, openings) }
    }

    fn players(config: &MatchConfig) -> [crate::PlayerFactory; 2] {
        let catalog = Catalog::builtin();
        ["zero@playouts=20", "random"]
            .map(|spec| spec.parse::<PlayerSpec>().unwrap().prepare(&catalog, &config.rules).unwrap())
    }

    /// Everything that a match tells, and its result.
    fn told(
        config: &MatchConfig,
        done: &[RoundTally],
        shared: Option<&Shared<'_>>,
    ) -> (String, Result<MatchResult, MatchError>) {
        let [a, b] = players(config);
        let mut told = String::new();
        let result = share_match(config, done, [&|| a.player(), &|| b.player()], shared, &mut |round, so_far| {
            told += &format!(
                "{} {:?} {so_far:?}\n",
                round.index,
                round.games.each_ref().map(|g| (&g.choices, &g.ending, &g.termination, g.outcome))
            );
            ControlFlow::Continue(())
        });
        (told, result)
    }

    /// Does what is pending in a folder, as another process would.
    fn work_off(folder: &Folder, config: &MatchConfig, from: usize) -> usize {
        let [a, b] = players(config);
        let (_, units) = folder.pending().unwrap();
        for unit in units.iter().skip(from) {
            let number = |key: &str| unit.inputs[key].as_u64().unwrap() as u32;
            let rounds = number("first")..number("last");
            folder.put(unit, &play_rounds(config, rounds, &|| a.player(), &|| b.player()).unwrap(), 0.1).unwrap();
        }
        units.len()
    }

    #[test]
    fn a_match_that_others_play_is_the_match_itself() {
        let job = json!({ "kind": "match" });
        for (variant, rounds) in [("gardner", 70), ("crazyhouse", 3), ("antichess", 5)] {
            let config = config(variant, rounds);
            let alone = told(&config, &[], None);
            let run = tempfile::tempdir().unwrap();
            let folder = |sharing| Folder::new(run.path(), sharing, "signature", Duration::from_secs(2), || false);
            let (owner, taker) = (folder(Sharing::Stop), folder(Sharing::Take));
            let inputs = json!({ "number": 1 });
            let shared = |folder| Shared { folder, job: &job, kind: "rounds", inputs: &inputs, files: &[], own: false };
            let units = match told(&config, &[], Some(&shared(&owner))).1 {
                Err(MatchError::Work(message)) => {
                    assert!(message.contains("are to be done first"), "{message}");
                    work_off(&owner, &config, 1)
                }
                other => panic!("{other:?}"),
            };
            assert!(units >= 3);
            // All but the first are done: an owner that takes what there is plays the first itself.
            assert_eq!(told(&config, &[], Some(&shared(&taker))), alone);
        }
    }

    #[test]
    fn a_decided_test_drops_what_was_played_past_it_and_a_match_goes_on_where_it_was() {
        let job = json!({ "kind": "match" });
        let sprt = Sprt::from_settings(&["elo0=0".to_owned(), "elo1=50".to_owned()]).unwrap();
        for sprt in [None, Some(sprt)] {
            let config = MatchConfig { sprt, ..config("gardner", 130) };
            let alone = told(&config, &[], None);
            let run = tempfile::tempdir().unwrap();
            let owner = Folder::new(run.path(), Sharing::Stop, "signature", Duration::from_secs(2), || false);
            let inputs = json!({});
            let shared = Shared { folder: &owner, job: &job, kind: "rounds", inputs: &inputs, files: &[], own: false };
            assert!(told(&config, &[], Some(&shared)).1.is_err());
            assert_eq!(work_off(&owner, &config, 0), 44, "three rounds each");
            assert_eq!(told(&config, &[], Some(&shared)), alone);
            // The owner was killed amid the third unit: the results are there still.
            let mut seven = Vec::new();
            let mut collect = |round: &Round, _: &MatchResult| {
                seven.push(round.tally());
                if seven.len() < 7 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            };
            let [a, b] = players(&config);
            share_match(&config, &[], [&|| a.player(), &|| b.player()], None, &mut collect).unwrap();
            assert_eq!(told(&config, &seven, Some(&shared)).1, alone.1);
        }
    }

    #[test]
    fn choices_that_make_no_game_are_refused() {
        let config = config("gardner", 4);
        let starts = starts(&config).unwrap();
        let random = || -> Box<dyn Player> { Box::new(crate::player::RandomPlayer::new()) };
        let bytes = play_rounds(&config, 0..4, &random, &random).unwrap();
        assert!(replayed(&config, &starts, 0..4, &bytes).is_ok());
        let refused = |bytes: &[u8], rounds| replayed(&config, &starts, rounds, bytes).unwrap_err();
        assert!(refused(&bytes, 0..3).contains("4 rounds"));
        assert!(refused(b"\xff\n", 0..1).contains("UTF-8"));
        let text = String::from_utf8(bytes).unwrap();
        let first = text.lines().next().unwrap();
        for other in
            [first.replacen("\"mv\":", "\"mv\":7", 1), "[[],[]]".to_owned(), first.replacen("}]", "},{\"mv\":0}]", 1)]
        {
            let error = refused(other.as_bytes(), 0..1);
            assert!(error.contains("round 0"), "{error}");
        }
        assert!(refused(b"nonsense", 0..1).contains("round 0"));
    }
}
