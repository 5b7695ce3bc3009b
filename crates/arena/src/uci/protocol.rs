//! What UCI engines say: options, search information, best moves. Anything else is passed over, as the protocol asks.

use crate::player::Score;

/// An option that an engine has announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EngineOption {
    pub(super) name: String,
    pub(super) kind: OptionKind,
}

/// What values an option takes.
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
            // A name cannot have the word `type`, no part but `var` comes twice.
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
    /// # Errors
    /// What would be right, if the option does not take the value.
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

/// What `info` lines have said about the first line of a search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Info {
    pub(super) score: Option<Score>,
    pub(super) depth: Option<u32>,
    pub(super) nodes: Option<u64>,
}

impl Info {
    /// Takes in a line, if it is search information. Numbers that cannot be read are passed over.
    pub(super) fn read(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        if words.next() != Some("info") {
            return;
        }
        let (mut score, mut depth, mut nodes, mut first) = (None, None, None, true);
        while let Some(word) = words.next() {
            let mut number = || words.next().and_then(|n| n.parse::<i64>().ok());
            match word {
                "string" | "pv" | "refutation" | "currline" => break,
                "depth" => depth = number().and_then(|n| u32::try_from(n).ok()),
                "nodes" => nodes = number().and_then(|n| u64::try_from(n).ok()),
                "multipv" => first = number().is_none_or(|n| n == 1),
                "score" => {
                    let unit = words.next();
                    let value = words.next().and_then(|n| n.parse().ok());
                    score = match (unit, value) {
                        (Some("cp"), Some(value)) => Some(Score::Centipawns(value)),
                        (Some("mate"), Some(value)) => Some(Score::Mate(value)),
                        _ => None,
                    };
                }
                _ => {}
            }
        }
        self.nodes = nodes.or(self.nodes);
        if first && score.is_some() {
            (self.score, self.depth) = (score, depth);
        }
    }
}

/// The first words of a text from outside, for a message: at most 80 characters, none of them a control character.
pub(super) fn excerpt(text: &str) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let short: String = text.chars().take(80).map(clean).collect();
    if text.chars().nth(80).is_some() { short + "…" } else { short }
}
