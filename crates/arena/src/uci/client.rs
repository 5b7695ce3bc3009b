//! The conversation with an engine: its start, new games and moves. Whatever goes wrong gets a name.

use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use crate::failure::{Failure, FailureKind};

use super::process::{Event, MAX_LINE, Process};
use super::protocol::{EngineOption, Info, OptionKind, excerpt};

/// The most lines that an engine may write between a command and its answer.
const MAX_ANSWER_LINES: usize = 200_000;
const MAX_ANSWER_BYTES: usize = 1 << 26;

/// How an engine is started and made ready for a variant.
#[derive(Debug)]
pub(super) struct Setup {
    /// The command line.
    pub(super) words: Vec<String>,
    /// How long the engine may take to start, and to say that it is ready.
    pub(super) start_timeout: Duration,
    pub(super) variant: VariantSetup,
    /// UCI options that the user gave, by name.
    pub(super) options: Vec<(String, String)>,
}

/// How an engine learns what is played.
#[derive(Debug)]
pub(super) struct VariantSetup {
    /// The variant's name.
    pub(super) name: String,
    /// Whether an engine that lists the name plays these rules: because they ship with the program, or because the user gave the
    /// engine a rule file.
    pub(super) well_known: bool,
    /// Whether an engine that knows no variants plays these rules: those of chess.
    pub(super) orthodox: bool,
    /// Whether kings and rooks may stand anywhere, and castling is written as the king taking the rook.
    pub(super) chess960: bool,
    /// A rule file that the user gave.
    pub(super) file: Option<String>,
    /// The name that the variant has in rule files of the program.
    pub(super) own_name: String,
    /// The rules as texts of rule files, the best one first. Each comes with the variant that an engine must know to understand it;
    /// the last one needs none.
    pub(super) own_texts: Vec<(Option<String>, String)>,
    /// The rule file that the engine was given, which is removed with the last player.
    pub(super) own_file: OnceLock<NamedTempFile>,
}

/// The answer to a command to think.
pub(super) struct Answer {
    /// What follows `bestmove`; empty if nothing does.
    pub(super) best: String,
    pub(super) info: Info,
    /// Time from the command to the answer.
    pub(super) time: Duration,
}

/// A running engine that is ready to play.
pub(super) struct Client {
    process: Process,
    timeout: Duration,
    /// The name that the engine gives itself; empty if it gives none.
    pub(super) id: String,
    options: Vec<EngineOption>,
    /// What the engine said while it read a rule file.
    pub(super) remarks: Vec<String>,
}

/// Why an engine could not be made ready.
pub(super) enum StartError {
    /// The engine failed.
    Failure(Failure),
    /// The engine does not play the variant, or lacks an option that the user gave.
    Unfit(String),
}

impl From<Failure> for StartError {
    fn from(failure: Failure) -> StartError {
        StartError::Failure(failure)
    }
}

impl Client {
    /// Starts the engine and makes it ready.
    pub(super) fn start(setup: &Setup) -> Result<Client, StartError> {
        let process = Process::spawn(&setup.words).map_err(|error| {
            StartError::Unfit(format!("`{}` cannot be run: {error}", excerpt(&setup.words.join(" "))))
        })?;
        let timeout = setup.start_timeout;
        let mut client = Client { process, timeout, id: String::new(), options: Vec::new(), remarks: Vec::new() };
        match client.make_ready(setup) {
            Ok(()) => Ok(client),
            Err(StartError::Failure(failure)) => Err(StartError::Failure(client.closed(failure))),
            Err(unfit) => {
                client.process.quit();
                Err(unfit)
            }
        }
    }

    fn make_ready(&mut self, setup: &Setup) -> Result<(), StartError> {
        self.introduce(false)?;
        self.choose_variant(
            &setup.variant,
            setup.options.iter().any(|(name, _)| name.eq_ignore_ascii_case("UCI_Variant")),
        )?;
        let mut commands = Vec::new();
        for (name, value) in &setup.options {
            let option = self.option(name).ok_or_else(|| {
                let names: Vec<&str> = self.options.iter().map(|option| option.name.as_str()).collect();
                StartError::Unfit(format!("the engine has no option `{name}`; it has {}", names.join(", ")))
            })?;
            let command = option.set(value);
            commands.push(command.map_err(|e| StartError::Unfit(format!("`option.{name}={value}`: expected {e}")))?);
        }
        if !commands.is_empty() {
            self.send(&commands.join("\n"))?;
        }
        self.sync()?;
        Ok(())
    }

    /// Sends `uci`, and reads name and options of the engine. With `listen`, lines that are no part of the protocol are kept as
    /// remarks.
    fn introduce(&mut self, listen: bool) -> Result<(), Failure> {
        self.send("uci")?;
        let (mut id, mut options, mut remarks) = (None, Vec::new(), Vec::new());
        self.wait_for("uciok", self.timeout, &mut |line, _| {
            if line == "uciok" {
                return Some(());
            }
            if let Some(name) = line.strip_prefix("id name ") {
                id.get_or_insert_with(|| excerpt(name));
            } else if let Some(option) = EngineOption::read(line) {
                options.push(option);
            } else if listen && !line.is_empty() && !line.starts_with("id ") && !line.starts_with("option ") {
                remarks.push(excerpt(line));
            }
            None
        })?;
        self.id = id.unwrap_or_default();
        self.options = options;
        remarks.truncate(8);
        self.remarks.append(&mut remarks);
        Ok(())
    }

    fn choose_variant(&mut self, variant: &VariantSetup, by_user: bool) -> Result<(), StartError> {
        if let Some(file) = &variant.file {
            self.hand_over(Path::new(file))?;
        }
        let VariantSetup { name, own_name, .. } = variant;
        if !by_user {
            if variant.well_known && self.lists(name) {
                self.send(&format!("setoption name UCI_Variant value {name}"))?;
            } else if variant.orthodox && self.option("UCI_Variant").is_none() {
                // An engine without the option UCI_Variant plays chess.
            } else if self.option("UCI_Variant").is_some() && self.option("VariantPath").is_some() {
                if variant.own_file.get().is_none() {
                    let understood = |parent: &Option<String>| parent.as_ref().is_none_or(|parent| self.lists(parent));
                    let text = variant.own_texts.iter().find(|(parent, _)| understood(parent)).map(|(_, text)| text);
                    let file = rule_file(text.map_or("", String::as_str))
                        .map_err(|e| StartError::Unfit(format!("a temporary rule file: {e}")))?;
                    // If another worker has set its file first, that file has the text of this one.
                    let _ = variant.own_file.set(file);
                }
                if let Some(file) = variant.own_file.get() {
                    self.hand_over(file.path())?;
                }
                if !self.lists(own_name) {
                    let remarks = self.remarks.join("; ");
                    let tail = self.process.stderr_tail();
                    return Err(StartError::Unfit(format!(
                        "the engine did not take the rules of `{name}` from a file; it said: {remarks} {tail}"
                    )));
                }
                self.send(&format!("setoption name UCI_Variant value {own_name}"))?;
            } else {
                return Err(StartError::Unfit(format!(
                    "the engine does not play `{name}`: it does not list it as a UCI_Variant and has no option VariantPath \
                     to learn it from"
                )));
            }
        }
        if variant.chess960 {
            let option = self.option("UCI_Chess960").map(|option| option.set("true"));
            match option {
                Some(Ok(command)) => self.send(&command)?,
                _ => {
                    return Err(StartError::Unfit(format!(
                        "`{name}` needs the option UCI_Chess960, which the engine lacks"
                    )));
                }
            }
        }
        Ok(())
    }

    /// Gives the engine a rule file, and asks for its options again.
    fn hand_over(&mut self, file: &Path) -> Result<(), StartError> {
        let option = self.option("VariantPath").ok_or_else(|| {
            StartError::Unfit("the engine has no option VariantPath to take a rule file with".to_owned())
        })?;
        let command = option.set(&file.display().to_string()).map_err(StartError::Unfit)?;
        self.send(&command)?;
        Ok(self.introduce(true)?)
    }

    fn option(&self, name: &str) -> Option<&EngineOption> {
        self.options.iter().find(|option| option.name.eq_ignore_ascii_case(name))
    }

    fn lists(&self, variant: &str) -> bool {
        let listed = |option: &EngineOption| matches!(&option.kind, OptionKind::Combo(names) if names.iter().any(|n| n == variant));
        self.option("UCI_Variant").is_some_and(listed)
    }

    /// Announces a new game and waits for the engine to be ready.
    pub(super) fn new_game(&mut self) -> Result<(), Failure> {
        self.send("ucinewgame")?;
        self.sync()
    }

    /// Sends `isready` and waits for the answer: what the engine wrote before it belongs to earlier commands.
    fn sync(&mut self) -> Result<(), Failure> {
        self.send("isready")?;
        self.wait_for("readyok", self.timeout, &mut |line, _| (line == "readyok").then_some(()))
    }

    /// Has the engine search, and waits for its move for at most `wait` from the command on.
    pub(super) fn think(&mut self, position: &str, go: &str, wait: Duration) -> Result<Answer, Failure> {
        self.send(position)?;
        self.sync()?;
        let began = Instant::now();
        self.send(go)?;
        let mut info = Info::default();
        let (best, at) = self.wait_for("bestmove", wait, &mut |line, at| {
            info.read(line);
            let mut words = line.split_whitespace();
            (words.next() == Some("bestmove")).then(|| (words.next().unwrap_or_default().to_owned(), at))
        })?;
        Ok(Answer { best, info, time: at.saturating_duration_since(began) })
    }

    fn send(&self, line: &str) -> Result<(), Failure> {
        if self.process.send(line) {
            return Ok(());
        }
        Err(failure(FailureKind::Hang, "did not read its commands".to_owned()))
    }

    /// Reads lines until `accept` takes one.
    fn wait_for<T>(
        &mut self,
        what: &str,
        wait: Duration,
        accept: &mut dyn FnMut(&str, Instant) -> Option<T>,
    ) -> Result<T, Failure> {
        let deadline = Instant::now() + wait;
        let (mut lines, mut bytes) = (0, 0);
        let flood = |text: String| failure(FailureKind::Flood, format!("wrote {text} before `{what}`"));
        loop {
            match self.process.next(deadline) {
                Event::Line(line, at) => {
                    if let Some(found) = accept(&line, at) {
                        return Ok(found);
                    }
                    lines += 1;
                    bytes += line.len();
                    if lines > MAX_ANSWER_LINES {
                        return Err(flood(format!("more than {MAX_ANSWER_LINES} lines")));
                    }
                    if bytes > MAX_ANSWER_BYTES {
                        return Err(flood(format!("more than {MAX_ANSWER_BYTES} bytes")));
                    }
                    if Instant::now() >= deadline {
                        return Err(late(what, wait));
                    }
                }
                Event::LongLine => return Err(flood(format!("a line of more than {MAX_LINE} bytes"))),
                Event::End => {
                    let exit = self.process.exit();
                    return Err(failure(FailureKind::Crash, format!("{exit} before `{what}`")));
                }
                Event::Nothing => return Err(late(what, wait)),
            }
        }
    }

    /// Ends an engine that failed, and adds the end of its standard error to the failure.
    pub(super) fn closed(self, failure: Failure) -> Failure {
        Failure { stderr: self.process.kill(), ..failure }
    }

    /// Asks the engine to quit. Returns false if it had to be killed.
    pub(super) fn quit(self) -> bool {
        self.process.quit()
    }
}

fn rule_file(text: &str) -> std::io::Result<NamedTempFile> {
    let file = tempfile::Builder::new().prefix("interregnum-").suffix(".ini").tempfile()?;
    std::fs::write(file.path(), text)?;
    Ok(file)
}

/// What an engine of Fairy-Stockfish's family says of a rule file when it is asked to check it; when it is only to play by the
/// file, it does not say what it does not understand. A process of its own is started for this, since only at the end of a process
/// is its standard error known to be complete.
pub(super) fn check(setup: &Setup, file: &Path) -> Vec<String> {
    let Ok(process) = Process::spawn(&setup.words) else { return Vec::new() };
    process.send(&format!("check {}", file.display()));
    let said = process.last_words(setup.start_timeout);
    said.lines().filter(|line| !line.is_empty() && !line.starts_with("Parsing variant: ")).map(excerpt).collect()
}

fn failure(kind: FailureKind, reason: String) -> Failure {
    Failure { kind, reason, stderr: String::new() }
}

fn late(what: &str, wait: Duration) -> Failure {
    failure(FailureKind::Hang, format!("did not answer with `{what}` within {} s", wait.as_secs_f64()))
}
