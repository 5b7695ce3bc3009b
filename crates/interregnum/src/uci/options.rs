//! The options: their names, values and defaults.

use std::io::Write;

use evaluator::SearchKind;

/// The default and the largest value of `Hash`: the memory of the tree in MiB.
const DEFAULT_HASH: u64 = 1024;
const MAX_HASH: u64 = 1 << 17;
/// The most threads that judge positions.
const MAX_THREADS: u64 = 256;
/// The most positions that are judged at once with more than one thread.
const MAX_BATCH: u64 = 1 << 16;
/// The most lines that `MultiPV` may ask for.
const MAX_LINES: u64 = 256;
/// The default and the largest value of `Move Overhead`: milliseconds of a clock that sending and reading may take on the client's
/// side.
const DEFAULT_OVERHEAD: u64 = 50;
const MAX_OVERHEAD: u64 = 5000;
/// The largest `Skill Level`, which is full strength.
pub(super) const FULL_SKILL: u64 = 20;
/// The value that stands for an empty text.
const EMPTY: &str = "<empty>";
/// The value of UCI_EngineAbout.
const ABOUT: &str = concat!(
    "Interregnum ",
    env!("CARGO_PKG_VERSION"),
    ": a searcher for chess variants; see `interregnum variants list` for what it plays"
);

/// The options by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Variant,
    Chess960,
    VariantPath,
    EvalFile,
    Hash,
    ClearHash,
    Threads,
    Batch,
    Search,
    MultiPv,
    Ponder,
    MoveOverhead,
    SkillLevel,
    AnalyseMode,
    ShowWdl,
    SyzygyPath,
    About,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Check,
    /// A number: its default, and the least and the most that it may be.
    Spin(u64, u64, u64),
    /// A text: its default.
    Text(&'static str),
    Button,
    /// One of the names of variants.
    Variants,
    /// One of the kinds of search.
    Searches,
}

/// The value of `Search` that leaves the choice to the program.
const AUTO: &str = "auto";

const OPTIONS: [(&str, Name, Kind); 17] = [
    ("UCI_Variant", Name::Variant, Kind::Variants),
    ("UCI_Chess960", Name::Chess960, Kind::Check),
    ("VariantPath", Name::VariantPath, Kind::Text(EMPTY)),
    ("EvalFile", Name::EvalFile, Kind::Text(EMPTY)),
    ("Hash", Name::Hash, Kind::Spin(DEFAULT_HASH, 1, MAX_HASH)),
    ("Clear Hash", Name::ClearHash, Kind::Button),
    ("Threads", Name::Threads, Kind::Spin(1, 1, MAX_THREADS)),
    ("Batch", Name::Batch, Kind::Spin(0, 0, MAX_BATCH)),
    ("Search", Name::Search, Kind::Searches),
    ("MultiPV", Name::MultiPv, Kind::Spin(1, 1, MAX_LINES)),
    ("Ponder", Name::Ponder, Kind::Check),
    ("Move Overhead", Name::MoveOverhead, Kind::Spin(DEFAULT_OVERHEAD, 0, MAX_OVERHEAD)),
    ("Skill Level", Name::SkillLevel, Kind::Spin(FULL_SKILL, 0, FULL_SKILL)),
    ("UCI_AnalyseMode", Name::AnalyseMode, Kind::Check),
    ("UCI_ShowWDL", Name::ShowWdl, Kind::Check),
    ("SyzygyPath", Name::SyzygyPath, Kind::Text(EMPTY)),
    ("UCI_EngineAbout", Name::About, Kind::Text(ABOUT)),
];

/// The values of the options that are numbers and switches.
#[derive(Clone, Debug)]
pub(super) struct Options {
    /// Memory of the tree, in MiB.
    pub(super) hash: u64,
    pub(super) threads: u64,
    /// The search that finds the moves; `None` for the one that is stronger with the evaluator.
    pub(super) search: Option<SearchKind>,
    /// Positions that are judged at once; 0 for the number that suits the threads.
    pub(super) batch: u64,
    /// Lines to show, as `MultiPV` asks.
    pub(super) lines: usize,
    /// Milliseconds of the clock that are kept in reserve.
    pub(super) overhead: u64,
    pub(super) skill: u64,
    pub(super) analyse: bool,
    /// Whether to show the chances of a win, a draw and a loss.
    pub(super) show_wdl: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            hash: DEFAULT_HASH,
            threads: 1,
            search: None,
            batch: 0,
            lines: 1,
            overhead: DEFAULT_OVERHEAD,
            skill: FULL_SKILL,
            analyse: false,
            show_wdl: false,
        }
    }
}

/// An option with its new value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    Check(Name, bool),
    Spin(Name, u64),
    Search(Option<SearchKind>),
    /// A text; empty where no value was given or the value stands for an empty text.
    Text(Name, String),
    Button(Name),
}

/// Reads what follows the word `setoption`: `name NAME [value VALUE]`, both of which may have several words.
pub(super) fn read(text: &str) -> anyhow::Result<Setting> {
    let text = text.trim();
    let mut words = text.split_whitespace();
    let mut name: Vec<&str> = words.by_ref().take_while(|word| *word != "value").collect();
    if name.first() == Some(&"name") {
        name.remove(0);
    }
    let name = name.join(" ");
    // The value is taken from the text itself, since a path may hold several spaces in a row.
    let value = value_of(text);
    let known = OPTIONS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(&name));
    let Some((name, id, kind)) = known else {
        let names: Vec<&str> = OPTIONS.iter().map(|(name, ..)| *name).collect();
        anyhow::bail!("there is no option `{}`; there are {}", files::excerpt(&name, 40), names.join(", "));
    };
    let expected = |what: &str| anyhow::anyhow!("{name} `{}`: {what} was expected", files::excerpt(value, 40));
    Ok(match *kind {
        Kind::Button => Setting::Button(*id),
        Kind::Check if value.eq_ignore_ascii_case("true") => Setting::Check(*id, true),
        Kind::Check if value.eq_ignore_ascii_case("false") => Setting::Check(*id, false),
        Kind::Check => return Err(expected("`true` or `false`")),
        Kind::Spin(_, least, most) => {
            let number = value.parse().ok().filter(|number| (least..=most).contains(number));
            let number = number.ok_or_else(|| expected(&format!("a whole number from {least} to {most}")))?;
            Setting::Spin(*id, number)
        }
        Kind::Searches => {
            let known = SearchKind::ALL.into_iter().find(|(name, _)| value.eq_ignore_ascii_case(name));
            let kind = known.map(|(_, kind)| kind);
            if kind.is_none() && !value.eq_ignore_ascii_case(AUTO) {
                return Err(expected("auto, mcts or alphabeta"));
            }
            Setting::Search(kind)
        }
        Kind::Text(_) if value.eq_ignore_ascii_case(EMPTY) => Setting::Text(*id, String::new()),
        Kind::Text(_) | Kind::Variants => Setting::Text(*id, value.to_owned()),
    })
}

/// What follows the first word `value` of a command.
fn value_of(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        if word.is_empty() || word == "value" {
            return tail.trim();
        }
        rest = tail;
    }
}

/// Writes the options as the answer to `uci` lists them.
pub(super) fn list(variants: &[&str], out: &mut impl Write) -> std::io::Result<()> {
    for (name, _, kind) in &OPTIONS {
        write!(out, "option name {name} type ")?;
        match kind {
            Kind::Check => write!(out, "check default false")?,
            Kind::Spin(default, least, most) => write!(out, "spin default {default} min {least} max {most}")?,
            Kind::Text(default) => write!(out, "string default {default}")?,
            Kind::Button => write!(out, "button")?,
            Kind::Searches => {
                write!(out, "combo default {AUTO} var {AUTO}")?;
                for (name, _) in SearchKind::ALL {
                    write!(out, " var {name}")?;
                }
            }
            Kind::Variants => {
                write!(out, "combo default chess")?;
                for variant in variants {
                    write!(out, " var {variant}")?;
                }
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_may_have_spaces_and_any_case() {
        for text in ["name Move Overhead value 100", " name  move   OVERHEAD  value  100 ", "Move Overhead value 100"] {
            assert_eq!(read(text).unwrap(), Setting::Spin(Name::MoveOverhead, 100), "{text}");
        }
        assert_eq!(read("name clear hash").unwrap(), Setting::Button(Name::ClearHash));
        assert_eq!(read("name Clear Hash value").unwrap(), Setting::Button(Name::ClearHash));
        assert_eq!(read("name UCI_ShowWDL value TRUE").unwrap(), Setting::Check(Name::ShowWdl, true));
        let path = |text: &str| Setting::Text(Name::EvalFile, text.to_owned());
        assert_eq!(read("name EvalFile value /a  b/value c").unwrap(), path("/a  b/value c"));
        for empty in ["name EvalFile value <Empty>", "name EvalFile value ", "name EvalFile"] {
            assert_eq!(read(empty).unwrap(), path(""), "{empty}");
        }
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for text in [
            "name Hash value 0",
            "name Hash value x",
            "name Hash",
            "name Threads value -1",
            "name Threads value 99999999999999999999999",
            "name Ponder value 1",
            "name Skill Level value 21",
            "name Search value minimax",
            "name Nonsense value 1",
            "value 1",
            "",
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains("expected") || error.contains("there are UCI_Variant"), "{text}: {error}");
        }
    }
}
