//! Players as text: `KIND[:WHAT][@KEY=VALUE,…]`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use rules::Word;
use search::{Limit, Params, ParamsError, RootPolicy, Searcher};
use thiserror::Error;

use crate::uci::{
    DEFAULT_MARGIN, DEFAULT_TIMEOUT, EXPECTED_TIME_CONTROL, TimeControl, UciLimits, UciSpec, minutes, seconds,
};

/// Positions per move of an alpha-beta player that is not told otherwise.
pub const DEFAULT_NODES: u32 = 20_000;
/// Playouts per move of a searching player that is not told otherwise.
pub const DEFAULT_PLAYOUTS: u32 = 400;

const KINDS: &str = "model:PATH, alphabeta:PATH, policy:PATH, zero, rollout, random or uci:COMMAND";

/// A player, as the command line names it. See [`PlayerSpec::from_str`] for the syntax.
#[derive(Clone, Debug, PartialEq)]
pub enum PlayerSpec {
    /// `model:PATH`, `alphabeta:PATH`, `zero`, `rollout`: a search.
    Search {
        /// What judges positions.
        judge: Judge,
        /// How it searches.
        method: Method,
        /// The variant under whose rules the player searches, if these are not the game's.
        search_rules: Option<String>,
    },
    /// `policy:PATH`: the best prior of a network, without search.
    Policy {
        /// Path of the weight file.
        path: String,
    },
    /// `random`: uniformly random moves.
    Random {
        /// The player's own seed.
        seed: u64,
    },
    /// `uci:COMMAND`: an external engine.
    Uci(Box<UciSpec>),
}

/// How a player searches, and how far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// Monte Carlo tree search.
    Mcts {
        /// Constants of the search.
        params: Params,
        /// When the search of a move stops.
        limit: Limit,
    },
    /// Alpha-beta search.
    AlphaBeta {
        /// Positions that the search of a move looks at.
        nodes: u32,
    },
}

impl Method {
    /// A searcher of this kind.
    ///
    /// # Errors
    /// If the constants of a tree search contradict each other or its limit.
    pub fn searcher<W: Word>(&self) -> Result<Searcher<W>, ParamsError> {
        match *self {
            Method::Mcts { params, limit } => Searcher::mcts(params, limit),
            Method::AlphaBeta { nodes } => Ok(Searcher::alphabeta(nodes.into())),
        }
    }
}

/// What judges the positions of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judge {
    /// A network, by the path of its weight file.
    Model(String),
    /// Uniform priors and value 0.
    Zero,
    /// Uniform priors and random games.
    Rollout {
        /// Seed of the random games.
        seed: u64,
    },
}

/// What is wrong with a player's specification, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("player `{spec}`: {problem}")]
pub struct SpecError {
    /// The text that names the player.
    pub spec: String,
    /// The problem.
    pub problem: String,
}

impl SpecError {
    /// Both texts may come from outside: they are made safe to show, and short.
    pub(crate) fn new(spec: &str, problem: &str) -> SpecError {
        SpecError { spec: files::excerpt(spec, 120), problem: files::excerpt(problem, 260) }
    }
}

impl FromStr for PlayerSpec {
    type Err = SpecError;

    /// Reads `KIND[:WHAT][@KEY=VALUE,…]`, where the options begin after the last `@`:
    ///
    /// - `model:PATH`, `zero`, `rollout` with `playouts=N` (400 by default) or `nodes=N`, `cpuct=X`,
    ///   `fpu_reduction=X`, `batch=N`, `considered=N` (moves of the root that share playouts by sequential halving, one after the other:
    ///   neither `nodes` nor `batch` goes with it), `solver=on` (the default) or `off`, `search_rules=VARIANT`, and `seed=N` for
    ///   `rollout`,
    /// - `alphabeta:PATH` with `nodes=N` (20,000 by default) and `search_rules=VARIANT`,
    /// - `policy:PATH`,
    /// - `random` with `seed=N`,
    /// - `uci:COMMAND`, a command line with the quoting of a shell, with at least one of `nodes=N`, `depth=N` (or `plies=N`),
    ///   `st=SECONDS` for each move (or `movetime=MILLISECONDS`) and `tc=[MOVES/]TIME[+INCREMENT]`, times in seconds or
    ///   minutes:seconds (`tc=inf` beside `nodes` or `depth` for no clock; a clock and a time for each move exclude each other), and
    ///   `timemargin=MILLISECONDS` (100), `timeout=SECONDS` (60), `starttimeout=SECONDS` (60), `option.NAME=VALUE`,
    ///   `variant_path=FILE`, `name=NAME`.
    ///
    /// A comma in a value is written `\,`.
    ///
    /// Keys that are unknown, repeated or without effect are errors.
    fn from_str(text: &str) -> Result<PlayerSpec, SpecError> {
        parse(text).map_err(|problem| SpecError::new(text, &problem))
    }
}

fn parse(text: &str) -> Result<PlayerSpec, String> {
    let (head, options) = text.rsplit_once('@').map_or((text, None), |(head, options)| (head, Some(options)));
    let (kind, what) = head.split_once(':').map_or((head, None), |(kind, what)| (kind, Some(what)));
    let path = || match what {
        Some(path) if !path.is_empty() => Ok(path.to_owned()),
        _ => Err(format!("`{kind}` needs a weight file: `{kind}:PATH`")),
    };
    let mut options = Options::read(options)?;
    let spec = match kind {
        "policy" => PlayerSpec::Policy { path: path()? },
        "random" => PlayerSpec::Random { seed: options.number("seed", "a whole number", |_| true)?.unwrap_or(0) },
        "alphabeta" => {
            let judge = Judge::Model(path()?);
            let nodes = options.number("nodes", "a whole number from 1 to 4294967295", |n| *n > 0)?;
            let method = Method::AlphaBeta { nodes: nodes.unwrap_or(DEFAULT_NODES) };
            PlayerSpec::Search { judge, method, search_rules: options.take("search_rules") }
        }
        "model" | "zero" | "rollout" => {
            let judge = match kind {
                "model" => Judge::Model(path()?),
                "zero" => Judge::Zero,
                _ => Judge::Rollout { seed: options.number("seed", "a whole number", |_| true)?.unwrap_or(0) },
            };
            let halving = ["nodes", "batch"].into_iter().find(|key| options.has(key) && options.has("considered"));
            if let Some(key) = halving {
                return Err(format!(
                    "`{key}` and `considered` exclude each other: sequential halving shares out a number of playouts, one after the other"
                ));
            }
            let limit = options.limit()?;
            let params = options.params()?;
            let method = Method::Mcts { params, limit };
            PlayerSpec::Search { judge, method, search_rules: options.take("search_rules") }
        }
        "uci" => PlayerSpec::Uci(Box::new(uci(what.unwrap_or_default(), &mut options)?)),
        _ => return Err(format!("unknown kind `{kind}`; expected {KINDS}")),
    };
    match what {
        Some(what) if !matches!(kind, "model" | "alphabeta" | "policy" | "uci") => {
            Err(format!("`{kind}` takes nothing after a colon, but has `{what}`"))
        }
        _ => options.finish(kind).map(|()| spec),
    }
}

/// The options of an external engine.
fn uci(command: &str, options: &mut Options) -> Result<UciSpec, String> {
    let words = shell_words::split(command).map_err(|e| format!("command line `{command}`: {e}"))?;
    if words.first().is_none_or(String::is_empty) {
        return Err("`uci` needs a command line: `uci:COMMAND`".to_owned());
    }
    let time = |options: &mut Options, key: &str, expected: &str| {
        let Some(text) = options.take(key) else { return Ok(None) };
        let time = seconds(&text).filter(|time| !time.is_zero());
        time.map(Some).ok_or_else(|| format!("`{key}={text}`: expected {expected}"))
    };
    let limits = uci_limits(options)?;
    let margin = options.number("timemargin", "milliseconds from 0 to 1000000", |n| *n <= 1_000_000)?;
    let one_line = |text: String| {
        let fits = files::printable(&text) == text;
        fits.then_some(text)
            .ok_or_else(|| "option values must be of characters that can be shown, on one line".to_owned())
    };
    Ok(UciSpec {
        command: command.to_owned(),
        words,
        limits,
        time_margin: margin.map_or(DEFAULT_MARGIN, Duration::from_millis),
        timeout: time(options, "timeout", "seconds, more than 0")?.unwrap_or(DEFAULT_TIMEOUT),
        start_timeout: time(options, "starttimeout", "seconds, more than 0")?.unwrap_or(DEFAULT_TIMEOUT),
        variant_path: options.take("variant_path").map(one_line).transpose()?,
        name: options.take("name").map(one_line).transpose()?,
        options: options
            .take_all("option.")
            .into_iter()
            .map(|(name, value)| Ok::<_, String>((one_line(name)?, one_line(value)?)))
            .collect::<Result<_, _>>()?,
    })
}

/// When an external engine stops thinking, by the options of cutechess and fastchess.
fn uci_limits(options: &mut Options) -> Result<UciLimits, String> {
    let whole = "a whole number, at least 1";
    let nodes = options.number("nodes", whole, |n| *n > 0)?;
    let (depth, plies) = (options.number("depth", whole, |n| *n > 0)?, options.number("plies", whole, |n| *n > 0)?);
    let movetime =
        options.number("movetime", "milliseconds from 1 to 1000000000", |n| (1..=1_000_000_000).contains(n))?;
    let move_seconds =
        match options.take("st") {
            None => None,
            Some(text) => {
                let time = minutes(&text).map(|time| time.as_millis() as u64).filter(|ms| *ms > 0);
                Some(time.ok_or_else(|| {
                    format!("`st={text}`: expected seconds for each move, more than 0 and up to 1000000")
                })?)
            }
        };
    let control = match options.take("tc") {
        None => None,
        Some(text) => {
            Some(TimeControl::read(&text).ok_or_else(|| format!("`tc={text}`: expected {EXPECTED_TIME_CONTROL}"))?)
        }
    };
    let exclusive = [("depth", depth.is_some()), ("plies", plies.is_some())];
    let times = [("movetime", movetime.is_some()), ("st", move_seconds.is_some()), ("tc", control.is_some())];
    for group in [&exclusive[..], &times[..]] {
        let given: Vec<&str> = group.iter().filter(|(_, given)| *given).map(|(key, _)| *key).collect();
        if let [first, second, ..] = given[..] {
            return Err(format!("`{first}` and `{second}` exclude each other"));
        }
    }
    let limits =
        UciLimits { nodes, depth: depth.or(plies), movetime: movetime.or(move_seconds), clock: control.flatten() };
    if limits == UciLimits::default() {
        let beside = if control.is_some() { " beside `tc=inf`" } else { "" };
        return Err(format!(
            "an engine needs a limit{beside}: nodes=N, depth=N, st=SECONDS, movetime=MILLISECONDS or tc=[MOVES/]TIME[+INCREMENT]"
        ));
    }
    Ok(limits)
}

/// `KEY=VALUE` pairs that have not been used yet.
struct Options(Vec<(String, String)>);

impl Options {
    /// Reads pairs between commas; `\,` is a comma within a value.
    fn read(text: Option<&str>) -> Result<Options, String> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        // Escaped commas are replaced by a character that no option has while the text is split.
        let masked = text.map(|text| text.replace("\\,", "\u{1}"));
        for option in masked.iter().flat_map(|text| text.split(',')).map(|option| option.replace('\u{1}', ",")) {
            let pair = option.split_once('=').filter(|(key, value)| !key.is_empty() && !value.is_empty());
            let (key, value) = pair.ok_or_else(|| format!("option `{option}` after `@`: expected KEY=VALUE"))?;
            if pairs.iter().any(|(other, _)| *other == key) {
                return Err(format!("option `{key}` is given twice"));
            }
            pairs.push((key.to_owned(), value.to_owned()));
        }
        Ok(Options(pairs))
    }

    /// Takes all pairs whose keys begin with `prefix`, and removes it.
    fn take_all(&mut self, prefix: &str) -> Vec<(String, String)> {
        let (taken, left) = self.0.drain(..).partition(|(key, _)| key.len() > prefix.len() && key.starts_with(prefix));
        self.0 = left;
        let strip = |(key, value): (String, String)| (key[prefix.len()..].to_owned(), value);
        Vec::into_iter(taken).map(strip).collect()
    }

    fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(other, _)| other == key)
    }

    fn take(&mut self, key: &str) -> Option<String> {
        let index = self.0.iter().position(|(other, _)| *other == key)?;
        Some(self.0.remove(index).1)
    }

    fn number<T: FromStr>(&mut self, key: &str, wanted: &str, fits: fn(&T) -> bool) -> Result<Option<T>, String> {
        let Some(text) = self.take(key) else { return Ok(None) };
        let number = text.parse().ok().filter(fits);
        number.map(Some).ok_or_else(|| format!("`{key}={text}`: expected {wanted}"))
    }

    fn limit(&mut self) -> Result<Limit, String> {
        let mut count = |key| self.number::<u32>(key, "a whole number from 1 to 4294967295", |n| *n > 0);
        match (count("playouts")?, count("nodes")?) {
            (Some(_), Some(_)) => Err("`playouts` and `nodes` exclude each other".to_owned()),
            (None, Some(nodes)) => Ok(Limit::Nodes(nodes)),
            (playouts, None) => Ok(Limit::Playouts(playouts.unwrap_or(DEFAULT_PLAYOUTS))),
        }
    }

    fn params(&mut self) -> Result<Params, String> {
        let mut constant = |key| self.number::<f32>(key, "a number from 0 to 100", |x| (0.0..=100.0).contains(x));
        let (cpuct, fpu_reduction) = (constant("cpuct")?, constant("fpu_reduction")?);
        let considered = self.number("considered", "a whole number from 1 to 1024", |n| (1..=1024).contains(n))?;
        let batch = self.number("batch", "a whole number from 1 to 65536", |n: &u32| (1..=65536).contains(n))?;
        let default = Params::default();
        let solver = match self.take("solver").as_deref() {
            None => default.solver,
            Some("on") => true,
            Some("off") => false,
            Some(other) => return Err(format!("`solver={other}`: expected on or off")),
        };
        Ok(Params {
            cpuct: cpuct.unwrap_or(default.cpuct),
            fpu_reduction: fpu_reduction.unwrap_or(default.fpu_reduction),
            batch: batch.unwrap_or(default.batch),
            root: considered.map_or(default.root, |considered| RootPolicy::Halving { considered }),
            solver,
            ..default
        })
    }

    /// Refuses the pairs that no option has used.
    fn finish(self, kind: &str) -> Result<(), String> {
        let known = match kind {
            "random" => "seed",
            "uci" => {
                "nodes, depth, st, movetime, tc, timemargin, timeout, starttimeout, option.NAME, variant_path and name"
            }
            "policy" => {
                return self
                    .0
                    .first()
                    .map_or(Ok(()), |(key, _)| Err(format!("`policy` takes no option, but has `{key}`")));
            }
            "alphabeta" => "nodes and search_rules",
            "rollout" => "playouts, nodes, cpuct, fpu_reduction, batch, considered, solver, search_rules and seed",
            _ => "playouts, nodes, cpuct, fpu_reduction, batch, considered, solver and search_rules",
        };
        match self.0.first() {
            None => Ok(()),
            Some((key, _)) => {
                Err(format!("option `{key}` is unknown or has no effect on `{kind}`, which takes {known}"))
            }
        }
    }
}

/// The specification with its limit and with all values that differ from the defaults, so that equal players have equal names.
impl fmt::Display for PlayerSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlayerSpec::Uci(spec) => spec.fmt(f),
            PlayerSpec::Policy { path } => write!(f, "policy:{path}"),
            PlayerSpec::Random { seed: 0 } => f.write_str("random"),
            PlayerSpec::Random { seed } => write!(f, "random@seed={seed}"),
            PlayerSpec::Search { judge, method, search_rules } => {
                let kind = if matches!(method, Method::Mcts { .. }) { "model" } else { "alphabeta" };
                match judge {
                    Judge::Model(path) => write!(f, "{kind}:{path}")?,
                    Judge::Zero => f.write_str("zero")?,
                    Judge::Rollout { .. } => f.write_str("rollout")?,
                }
                let default = Params::default();
                let (params, limit) = match method {
                    Method::Mcts { params, limit } => (params, *limit),
                    Method::AlphaBeta { nodes } => (&default, Limit::Nodes(*nodes)),
                };
                match limit {
                    Limit::Playouts(n) => write!(f, "@playouts={n}")?,
                    Limit::Nodes(n) => write!(f, "@nodes={n}")?,
                }
                if params.cpuct != default.cpuct {
                    write!(f, ",cpuct={}", params.cpuct)?;
                }
                if params.fpu_reduction != default.fpu_reduction {
                    write!(f, ",fpu_reduction={}", params.fpu_reduction)?;
                }
                if params.batch != default.batch {
                    write!(f, ",batch={}", params.batch)?;
                }
                if let RootPolicy::Halving { considered } = params.root {
                    write!(f, ",considered={considered}")?;
                }
                if params.solver != default.solver {
                    write!(f, ",solver={}", if params.solver { "on" } else { "off" })?;
                }
                if let Some(variant) = search_rules {
                    write!(f, ",search_rules={variant}")?;
                }
                match judge {
                    Judge::Rollout { seed } if *seed != 0 => write!(f, ",seed={seed}"),
                    _ => Ok(()),
                }
            }
        }
    }
}
