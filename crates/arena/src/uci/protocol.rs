//! What UCI engines say: options, search information, best moves. Everything else is ignored, as the protocol asks.

use crate::player::Score;

/// An option that an engine has announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EngineOption {
    pub(super) name: String,
    pub(super) kind: OptionKind,
}

/// The values that an option takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OptionKind {
    Check,
    Spin { min: i64, max: i64 },
    Combo(Vec<String>),
    Button,
    Text,
}

/// The words that begin a part of an option's description.
const PARTS: [&str; 5] = ["type", "default", "min", "max", "var"];

impl EngineOption {
    /// Reads `option name N type T [default D] [min A] [max B] [var V]…`; names and values may have spaces. `None` for
    /// what is not such a line.
    pub(super) fn read(line: &str) -> Option<EngineOption> {
        let mut words = line.split_whitespace().skip_while(|word| *word != "option").skip(1);
        (words.next()? == "name").then_some(())?;
        let mut parts: Vec<(&str, String)> = vec![("name", String::new())];
        for word in words {
            // A name cannot contain the word `type`, and of all parts only `var` may come twice.
            let known = PARTS.iter().find(|part| **part == word);
            let last = parts.last_mut()?;
            match known {
                Some(part) if last.0 != "name" || *part == "type" => parts.push((part, String::new())),
                _ => {
                    if !last.1.is_empty() {
                        last.1.push(' ');
                    }
                    last.1.push_str(word);
                }
            }
        }
        let of = |part: &str| parts.iter().find(|(name, _)| *name == part).map(|(_, text)| text.as_str());
        let number = |part| of(part).map(str::parse);
        let kind = match of("type")? {
            "check" => OptionKind::Check,
            "spin" => OptionKind::Spin {
                min: number("min").unwrap_or(Ok(i64::MIN)).ok()?,
                max: number("max").unwrap_or(Ok(i64::MAX)).ok()?,
            },
            "combo" => {
                let values = parts.iter().filter(|(name, _)| *name == "var").map(|(_, text)| text.clone());
                OptionKind::Combo(values.collect())
            }
            "button" => OptionKind::Button,
            "string" => OptionKind::Text,
            _ => return None,
        };
        let name = of("name").filter(|name| !name.is_empty())?.to_owned();
        Some(EngineOption { name, kind })
    }

    /// The command that sets the option.
    ///
    /// If the option does not take the value; the error says what would be right.
    pub(super) fn set(&self, value: &str) -> Result<String, String> {
        let name = &self.name;
        let fits = match &self.kind {
            OptionKind::Check => {
                matches!(value, "true" | "false").then_some(()).ok_or_else(|| "true or false".to_owned())
            }
            OptionKind::Spin { min, max } => {
                let number = value.parse().ok().filter(|n| (min..=max).contains(&n));
                number.map(drop).ok_or_else(|| format!("a whole number from {min} to {max}"))
            }
            OptionKind::Combo(values) => {
                let known = values.iter().any(|v| v.eq_ignore_ascii_case(value));
                known.then_some(()).ok_or_else(|| format!("one of {}", values.join(", ")))
            }
            OptionKind::Button if value == "true" => return Ok(format!("setoption name {name}")),
            OptionKind::Button => Err("true, to press it".to_owned()),
            OptionKind::Text => Ok(()),
        };
        fits.map(|()| format!("setoption name {name} value {value}"))
    }
}

/// What `info` lines have said about the principal variation of a search. A bound is not kept as a score: an engine that is still
/// finding out whether its move fails high or low has not said what the move is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Info {
    /// The last exact score.
    pub(super) score: Option<Score>,
    /// The depth at which the engine gave that score.
    pub(super) depth: Option<u32>,
    pub(super) nodes: Option<u64>,
}

/// What one line of search information says.
#[derive(Default)]
struct Said {
    score: Option<Score>,
    depth: Option<u32>,
    nodes: Option<u64>,
    /// Whether the score is a bound, or cannot be read.
    inexact: bool,
    /// Whether the line is about another variation than the first, or about one that cannot be told.
    other: bool,
}

impl Info {
    /// Takes in a line if it is search information. Numbers that cannot be read are ignored.
    pub(super) fn read(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        if words.next() != Some("info") {
            return;
        }
        let mut said = Said::default();
        while let Some(word) = words.next() {
            match word {
                // Text for people, or moves that are not played, follow these words.
                "string" | "refutation" | "currline" => break,
                "depth" => said.depth = words.next().and_then(|n| n.parse().ok()),
                "nodes" => said.nodes = words.next().and_then(|n| n.parse().ok()),
                "multipv" => said.other = words.next() != Some("1"),
                "lowerbound" | "upperbound" => said.inexact = true,
                "score" => match (words.next(), words.next().map(str::parse)) {
                    (Some("cp"), Some(Ok(value))) => said.score = Some(Score::Centipawns(value)),
                    (Some("mate"), Some(Ok(value))) => said.score = Some(Score::Mate(value)),
                    _ => said.inexact = true,
                },
                _ => {}
            }
        }
        self.nodes = said.nodes.or(self.nodes);
        if said.score.is_some() && !said.inexact && !said.other {
            (self.score, self.depth) = (said.score, said.depth);
        }
    }
}

/// The first words of a text from outside, for a message.
pub(super) fn excerpt(text: &str) -> String {
    files::excerpt(text, 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_scores_of_the_first_line_count() {
        let exact = "info depth 9 seldepth 12 score cp 31 wdl 300 500 200 nodes 900 pv e2e4 e7e5";
        for line in [
            "info depth 10 score cp 400 lowerbound nodes 1000 pv e2e4",
            "info depth 10 score mate -9 upperbound",
            "info depth 10 lowerbound score cp 400",
            "info depth 10 multipv 2 score cp 400 nodes 1000",
            "info depth 10 multipv x score cp 400",
            "info depth 10 score cp 400 multipv 3",
            "info string depth 10 score cp 400",
            "info depth 10 string score cp 400",
            "info refutation d1h5 g6h5 score cp 400",
            "info depth 10 score cp 4e2",
            "info depth 10 score cp 99999999999",
            "info depth 10 score cp",
            "info depth 10 score",
            "info depth 10 cp 400",
            "info depth 10 score pawns 4",
            "score cp 400",
            "infos score cp 400",
        ] {
            let mut info = Info::default();
            info.read(exact);
            info.read(line);
            assert_eq!((info.score, info.depth), (Some(Score::Centipawns(31)), Some(9)), "{line}");
        }
        let mut info = Info::default();
        info.read("info depth 1 score cp -5 upperbound");
        assert_eq!(info.score, None, "a bound alone is no score");
        info.read("info multipv 1 depth 3 pv e2e4 e7e5 score mate -2 nodes 77");
        assert_eq!(info, Info { score: Some(Score::Mate(-2)), depth: Some(3), nodes: Some(77) });
    }
}
