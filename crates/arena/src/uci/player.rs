//! An external engine as a player.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rules::{Catalog, Color, Game, Rules, Word};
use tempfile::NamedTempFile;

use crate::failure::{Failure, FailureKind};
use crate::player::{Choice, Clock, EngineInfo, Player};
use crate::spec::{PlayerSpec, SpecError};

use super::client::{Client, Setup, StartError, VariantSetup, check};
use super::clock::EngineClock;
use super::protocol::excerpt;
use super::spec::{UciLimits, UciSpec};

/// How long an engine is waited for beyond its time, so that the record can say how long it really took.
const GRACE: Duration = Duration::from_secs(1);
/// How often an engine that has started before is started again before the match is given up.
const STARTS: usize = 2;

/// Makes players of one engine, which was started once and found able to play.
#[derive(Clone, Debug)]
pub(crate) struct UciFactory(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    setup: Setup,
    limits: UciLimits,
    margin: Duration,
    timeout: Duration,
    /// The name that the engine gives itself.
    id: String,
    /// The name of the players in errors.
    spec: String,
    /// What happened that cost no game but that the user should know, with the number of times.
    remarks: Mutex<BTreeMap<String, u64>>,
}

impl Shared {
    fn remark(&self, text: String) {
        *self.remarks.lock().unwrap_or_else(PoisonError::into_inner).entry(text).or_default() += 1;
    }

    fn error(&self, error: StartError) -> SpecError {
        let problem = match error {
            StartError::Failure(failure) => format!("the engine {failure}"),
            StartError::Unfit(problem) => problem,
        };
        SpecError::new(&self.spec, &problem)
    }
}

/// The rules as texts of rule files for engines that do not know them: first edits of built-in variants, shortest edit first, since
/// old engines understand more keys of their own variants than of a file; at last the rules in full. Each text comes with the
/// variant that it edits.
fn rule_texts<W: Word>(rules: &Rules<W>, catalog: &Catalog, name: &str) -> Vec<(Option<String>, String)> {
    let full = rules.to_ini().replacen(&format!("[{}]", rules.name()), &format!("[{name}]"), 1);
    let mut texts = Vec::new();
    // The catalog may have other rules under the name of rules that were edited.
    if catalog.any(rules.name()).is_ok_and(|known| known.hash() == rules.hash()) {
        let builtin = Catalog::builtin();
        let edits = builtin.names().filter_map(|parent| Some((parent, catalog.diff(parent, rules.name()).ok()?)));
        let mut edits: Vec<_> = edits.collect();
        edits.sort_by_key(|(_, edit)| edit.len());
        texts.extend(edits.into_iter().map(|(parent, edit)| {
            let lines: String = edit.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
            (Some(parent.to_owned()), format!("[{name}:{parent}]\n{lines}"))
        }));
    }
    texts.push((None, full));
    texts
}

impl UciFactory {
    /// Starts the engine once, to see that it can play.
    pub(crate) fn new<W: Word>(spec: &UciSpec, rules: &Rules<W>, catalog: &Catalog) -> Result<UciFactory, SpecError> {
        let text = PlayerSpec::Uci(Box::new(spec.clone())).to_string();
        let own_name = format!("interregnum-{}", rules.hash());
        let builtin = Catalog::builtin();
        let same = |name: &str| builtin.any(name).is_ok_and(|known| known.hash() == rules.hash());
        let variant = VariantSetup {
            name: rules.name().to_owned(),
            well_known: same(rules.name()) || spec.variant_path.is_some(),
            orthodox: same("chess") || same("fischerandom"),
            chess960: rules.chess960(),
            file: spec.variant_path.clone(),
            own_texts: rule_texts(rules, catalog, &own_name),
            own_name,
            own_file: OnceLock::new(),
        };
        let setup = Setup {
            words: spec.words.clone(),
            start_timeout: spec.start_timeout,
            variant,
            options: spec.options.clone(),
        };
        let mut shared = Shared {
            setup,
            limits: spec.limits,
            margin: spec.time_margin,
            timeout: spec.timeout,
            id: String::new(),
            spec: text.clone(),
            remarks: Mutex::default(),
        };
        let mut client = Client::start(&shared.setup).map_err(|e| shared.error(e))?;
        shared.id = std::mem::take(&mut client.id);
        let mut remarks = std::mem::take(&mut client.remarks);
        quit(&shared, client);
        let variant = &shared.setup.variant;
        let own = variant.own_file.get().map(NamedTempFile::path);
        let file = own.or(variant.file.as_deref().map(Path::new));
        let said = file.map(|file| check(&shared.setup, file)).unwrap_or_default();
        let unknown: Vec<&str> = said.iter().filter_map(|line| line.strip_prefix("Invalid option: ")).collect();
        // A rule file of the user may hold keys that the variant does not need, so keys that the engine does not know are no error
        // there.
        if own.is_some() && !unknown.is_empty() {
            let problem = format!("the engine does not know {}, which `{}` needs", unknown.join(", "), variant.name);
            return Err(SpecError::new(&text, &problem));
        }
        remarks.extend(said);
        for remark in remarks {
            shared.remark(format!("said of the rules: {remark}"));
        }
        Ok(UciFactory(Arc::new(shared)))
    }

    pub(crate) fn player<W: Word>(&self) -> Box<dyn Player<W>> {
        Box::new(UciPlayer { shared: Arc::clone(&self.0), client: None, clock: None, other: None })
    }

    /// The name that the engine gives itself; empty if it gives none.
    pub(crate) fn id(&self) -> &str {
        &self.0.id
    }

    /// What happened that cost no game but that the user should know.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let remarks = self.0.remarks.lock().unwrap_or_else(PoisonError::into_inner);
        let line =
            |(text, count): (&String, &u64)| if *count == 1 { text.clone() } else { format!("{text} ({count} times)") };
        remarks.iter().map(line).collect()
    }
}

fn quit(shared: &Shared, client: Client) {
    if !client.quit() {
        shared.remark("did not obey `quit` and was killed".to_owned());
    }
}

struct UciPlayer {
    shared: Arc<Shared>,
    /// The engine while it runs: it does not before the first game and after a failure.
    client: Option<Client>,
    /// The clock, if the engine plays with one.
    clock: Option<EngineClock>,
    /// The clock of the other player, if it has one.
    other: Option<Clock>,
}

impl UciPlayer {
    /// The command to think.
    fn go(&self, turn: Color) -> String {
        let UciLimits { nodes, depth, movetime, .. } = self.shared.limits;
        let mut go = "go".to_owned();
        if let Some(own) = self.own_clock() {
            // An opponent without a clock is shown as having the engine's own.
            let other = self.other.unwrap_or(own);
            let (white, black) = if turn == Color::White { (own, other) } else { (other, own) };
            // At least 1 ms is sent, since engines take 0 for the absence of a clock.
            let ms = |time: Duration| time.as_millis().max(1);
            go += &format!(" wtime {} btime {}", ms(white.left), ms(black.left));
            go += &format!(" winc {} binc {}", white.increment.as_millis(), black.increment.as_millis());
            let moves = self.clock.and_then(|clock| clock.moves_to_go);
            go += &moves.map(|moves| format!(" movestogo {moves}")).unwrap_or_default();
        }
        let limits = [("movetime", movetime), ("nodes", nodes), ("depth", depth.map(u64::from))];
        for (key, limit) in limits {
            go += &limit.map(|limit| format!(" {key} {limit}")).unwrap_or_default();
        }
        go
    }

    fn own_clock(&self) -> Option<Clock> {
        let EngineClock { control, left, .. } = self.clock?;
        Some(Clock { left, increment: Duration::from_millis(control.increment) })
    }

    /// The time that the engine has for the next move, if it plays on time.
    fn budget(&self) -> Option<Duration> {
        let movetime = self.shared.limits.movetime.map(Duration::from_millis);
        movetime.or(self.clock.map(|clock| clock.left))
    }

    fn think<W: Word>(&mut self, client: &mut Client, game: &Game<W>) -> Result<Choice, Failure> {
        let (rules, margin) = (game.rules(), self.shared.margin);
        let budget = self.budget();
        let wait = budget.map_or(self.shared.timeout, |time| time + margin + GRACE);
        let answer = client.think(&position(game), &self.go(game.position().turn()), wait);
        let late = |time: Duration, budget: Duration, relation: &str| {
            let [time, budget, margin] = [time, budget, margin].map(|t| t.as_secs_f64());
            let reason = format!("lost on time: it took {relation}{time:.3} s of {budget:.3} s (margin {margin:.3} s)");
            Failure { kind: FailureKind::Time, reason, stderr: String::new() }
        };
        let answer = match (answer, budget) {
            (Err(Failure { kind: FailureKind::Hang, .. }), Some(budget)) => {
                return Err(late(wait, budget, "more than "));
            }
            (answer, _) => answer?,
        };
        if let Some(budget) = budget {
            if answer.time > budget + margin {
                return Err(late(answer.time, budget, ""));
            }
            if let Some(clock) = &mut self.clock {
                clock.spend(answer.time);
            }
        }
        let wrong = |kind, reason| Err(Failure { kind, reason, stderr: String::new() });
        match answer.best.as_str() {
            "" => wrong(FailureKind::Illegal, "answered `bestmove` without a move".to_owned()),
            none if ["(none)", "0000", "null", "none", "resign"].contains(&none.to_ascii_lowercase().as_str()) => {
                let reason = format!("answered `bestmove {none}`, which is a resignation, in a game that is not over");
                wrong(FailureKind::NoMove, reason)
            }
            text => match rules.find_uci(game.position(), game.legal(), text) {
                Err(error) => {
                    // The position comes from this program and is safe to show; the move comes from the engine, so it is cut and
                    // escaped.
                    let reason = match error {
                        rules::MoveError::Illegal { fen, .. } => {
                            format!("`{}`, which is illegal in {fen}", excerpt(text))
                        }
                        _ => format!("`{}`, which is no move", excerpt(text)),
                    };
                    wrong(FailureKind::Illegal, format!("played {reason}"))
                }
                Ok(mv) => {
                    let engine = EngineInfo {
                        score: answer.info.score,
                        depth: answer.info.depth,
                        nodes: answer.info.nodes,
                        time: answer.time,
                    };
                    Ok(Choice { mv, estimate: None, illegal: false, root: None, engine: Some(engine) })
                }
            },
        }
    }
}

/// The command that sets up a game.
fn position<W: Word>(game: &Game<W>) -> String {
    let rules = game.rules();
    let start = rules.fen(game.start());
    let mut command =
        if start == rules.start_fen() { "position startpos".to_owned() } else { format!("position fen {start}") };
    if game.ply() > 0 {
        command += " moves ";
        command += &rules.uci_line(game.start(), game.moves()).join(" ");
    }
    command
}

impl<W: Word> Player<W> for UciPlayer {
    fn prepare(&mut self) -> Result<Option<String>, SpecError> {
        self.clock = self.shared.limits.clock.map(EngineClock::new);
        let mut incident = None;
        if let Some(mut client) = self.client.take() {
            match client.new_game() {
                Ok(()) => {
                    self.client = Some(client);
                    return Ok(None);
                }
                Err(failure) => incident = Some(client.closed(failure).to_string()),
            }
        }
        let start = || {
            let mut client = Client::start(&self.shared.setup)?;
            match client.new_game() {
                Ok(()) => Ok(client),
                Err(failure) => Err(StartError::Failure(client.closed(failure))),
            }
        };
        let mut started = start();
        for _ in 1..STARTS {
            started = started.or_else(|_| start());
        }
        self.client = Some(started.map_err(|error| self.shared.error(error))?);
        Ok(incident)
    }

    /// Does nothing: engines draw no numbers from the random streams of the match, and [`Player::prepare`] has told them of the new
    /// game.
    fn new_game(&mut self, _seed: u64) {}

    fn choose(&mut self, game: &Game<W>) -> Result<Choice, Failure> {
        let Some(mut client) = self.client.take() else {
            let reason = "was not started".to_owned();
            return Err(Failure { kind: FailureKind::Crash, reason, stderr: String::new() });
        };
        match self.think(&mut client, game) {
            Ok(choice) => {
                self.client = Some(client);
                Ok(choice)
            }
            // After any failure the engine is ended, and started again before the next game.
            Err(failure) => Err(client.closed(failure)),
        }
    }

    fn clock(&self) -> Option<Clock> {
        self.own_clock()
    }

    fn see_clock(&mut self, other: Option<Clock>) {
        self.other = other;
    }
}

impl Drop for UciPlayer {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            quit(&self.shared, client);
        }
    }
}
