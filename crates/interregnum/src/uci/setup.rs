//! What is played, from which position, and who judges it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use evaluator::{Card, Evaluator, Network, NetworkEvaluator, Rollout};
use rules::{Catalog, Game, Rules};

use super::info;

/// Other names of variants, as clients use them.
const ALIASES: [(&str, &str); 4] =
    [("chess960", "fischerandom"), ("standard", "chess"), ("normal", "chess"), ("mini", "minishogi")];
/// Variants that are others with kings and rooks on any files: they are judged by the evaluators of those.
const SHUFFLED: [(&str, &str); 1] = [("fischerandom", "chess")];
/// The largest rule file, in bytes.
const MAX_RULE_FILE: u64 = 1 << 20;

/// A weight file as it was found.
struct Weights {
    network: Arc<Network>,
    card: Card,
    origin: String,
}

/// Who judges positions.
struct Judges {
    /// One for each thread, if judgements do not depend on each other.
    evaluators: Vec<Box<dyn Evaluator>>,
    /// Who they are, for people.
    name: String,
    /// Whether that was said.
    announced: bool,
}

/// Who judges positions, one for each thread.
type Evaluators = [Box<dyn Evaluator>];

/// The variant, the position and the evaluators. What cannot be used is kept as the reason: nothing else takes its place.
pub(super) struct Setup {
    catalog: Catalog,
    /// Rule files that were read, with their texts.
    rule_files: Vec<(PathBuf, String)>,
    variant: String,
    /// What UCI_Chess960 says.
    chess960: bool,
    /// Whether the variant's name says the same.
    shuffled: bool,
    /// The file that `EvalFile` names.
    weights: Option<Result<Weights, String>>,
    /// What followed the last `position`.
    position: Option<String>,
    rules: Result<Arc<Rules>, String>,
    game: Result<Game, String>,
    /// `None` until somebody is needed.
    judges: Option<Result<Judges, String>>,
}

impl Setup {
    /// Chess.
    pub(super) fn new(catalog: Catalog) -> Setup {
        let mut setup = Setup {
            catalog,
            rule_files: Vec::new(),
            variant: "chess".to_owned(),
            chess960: false,
            shuffled: false,
            weights: None,
            position: None,
            rules: Err(String::new()),
            game: Err(String::new()),
            judges: None,
        };
        // An error is what `go` will say.
        let _ = setup.take_up_rules();
        setup
    }

    /// The names that UCI_Variant takes.
    pub(super) fn variants(&self) -> Vec<&str> {
        self.catalog.searchable().chain(["chess960"]).collect()
    }

    /// Plays this variant from its start position. Returns what a client is told of it.
    pub(super) fn set_variant(&mut self, name: &str) -> anyhow::Result<String> {
        (self.variant, self.shuffled) = self.resolve(name);
        self.position = None;
        self.take_up_rules()?;
        // As the variant has it: UCI_Chess960 may be about to change.
        let rules = self.catalog.rules(&self.variant)?;
        Ok(info::variant(&files::excerpt(name, 64), &self.variant, &rules))
    }

    /// The name in the catalog that is meant, and whether kings and rooks stand on any files because of an ending `960`.
    fn resolve(&self, name: &str) -> (String, bool) {
        let known = |name: &str| {
            let find = |is: &dyn Fn(&str) -> bool| self.catalog.names().find(|known| is(known)).map(str::to_owned);
            let alias =
                ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name)).map(|(_, of)| (*of).to_owned());
            // Somebody's own variant that was refused is not to be replaced by another of nearly that name.
            let refused = self.catalog.refused().find(|refused| refused.eq_ignore_ascii_case(name)).map(str::to_owned);
            find(&|known| known == name)
                .or(refused)
                .or(alias)
                .or_else(|| find(&|known| known.eq_ignore_ascii_case(name)))
        };
        if let Some(known) = known(name) {
            return (known, false);
        }
        match name.strip_suffix("960").and_then(known) {
            Some(known) => (known, true),
            None => (name.to_owned(), false),
        }
    }

    /// Whether kings and rooks stand on any files, in variants that know castling.
    pub(super) fn set_chess960(&mut self, on: bool) -> anyhow::Result<()> {
        if on == self.chess960 {
            return Ok(());
        }
        self.chess960 = on;
        self.take_up_rules()
    }

    /// Adds the variants of a rule file. Returns what is to be said of sections that were refused.
    pub(super) fn load_rules(&mut self, path: &str) -> anyhow::Result<Option<String>> {
        if path.is_empty() {
            return Ok(None);
        }
        let path = Path::new(path);
        // Clients send an option again when they begin a new game.
        let text = files::read_to_string(path, MAX_RULE_FILE).unwrap_or_default();
        if self.rule_files.iter().any(|read| *read == (path.to_owned(), text.clone())) {
            return Ok(None);
        }
        let warning = self.catalog.load_file(path)?.warning();
        self.rule_files.push((path.to_owned(), text));
        if self.rules.is_err() {
            (self.variant, self.shuffled) = self.resolve(&self.variant);
            self.take_up_rules()?;
        }
        Ok(warning)
    }

    /// Judges by a weight file, or by what the program has of its own if none is named.
    pub(super) fn set_weights(&mut self, name: &str) -> anyhow::Result<()> {
        self.judges = None;
        self.weights = None;
        if name.is_empty() {
            return Ok(());
        }
        let found = crate::shipped::find(name);
        let result = found.as_ref().map(|_| ()).map_err(|error| anyhow::anyhow!("EvalFile: {error}"));
        let weights = found.map_err(|error| format!("EvalFile: {error}"));
        self.weights = Some(weights.map(|found| Weights {
            network: Arc::new(found.network),
            card: found.card,
            origin: found.origin,
        }));
        result
    }

    /// The rules of the variant as it is played now, and its last position.
    fn take_up_rules(&mut self) -> anyhow::Result<()> {
        let rules = self.compile();
        let unchanged = matches!((&rules, &self.rules), (Ok(new), Ok(old)) if new.hash() == old.hash());
        if !unchanged {
            self.judges = None;
        }
        self.rules = rules.as_ref().map(Arc::clone).map_err(crate::with_causes);
        match rules {
            Ok(_) => {
                let position = self.position.take();
                self.set_position(position.as_deref().unwrap_or("startpos"))
            }
            Err(error) => {
                self.game = Err(crate::with_causes(&error));
                Err(error)
            }
        }
    }

    fn compile(&self) -> anyhow::Result<Arc<Rules>> {
        let rules = self.catalog.rules(&self.variant)?;
        if !(self.chess960 || self.shuffled) || rules.chess960() || !rules.castles() {
            return Ok(rules);
        }
        let edit = [("chess960".to_owned(), "true".to_owned())];
        let name = format!("{}-by-UCI_Chess960", self.variant);
        Ok(self.catalog.clone().edit("UCI_Chess960", &self.variant, &name, &edit)?)
    }

    /// Takes up the position that is described by what follows the word `position`.
    pub(super) fn set_position(&mut self, text: &str) -> anyhow::Result<()> {
        let read = match &self.rules {
            Ok(rules) => read_position(rules, text),
            Err(reason) => Err(anyhow::anyhow!("{reason}")),
        };
        self.position = Some(text.to_owned());
        match read {
            Ok(game) => {
                self.game = Ok(game);
                Ok(())
            }
            Err(error) => {
                self.game = Err(crate::with_causes(&error));
                Err(error)
            }
        }
    }

    /// The game, or why there is none.
    pub(super) fn game(&self) -> Result<&Game, &str> {
        self.game.as_ref().map_err(String::as_str)
    }

    /// The game and who judges it on so many threads, or why that is impossible.
    pub(super) fn ready(&mut self, threads: usize) -> Result<(&Game, &mut Evaluators), String> {
        self.take_up_judges()?;
        match (&self.game, &mut self.judges) {
            (Ok(game), Some(Ok(judges))) => {
                judges.share_out(threads);
                Ok((game, &mut judges.evaluators))
            }
            (Err(reason), _) => Err(reason.clone()),
            (_, Some(Err(reason))) => Err(reason.clone()),
            (_, None) => Err("there is no evaluator".to_owned()),
        }
    }

    /// Who judges, the first time that somebody asks.
    pub(super) fn announcement(&mut self) -> Option<&str> {
        let Some(Ok(judges)) = &mut self.judges else { return None };
        let first = !std::mem::replace(&mut judges.announced, true);
        first.then_some(judges.name.as_str())
    }

    /// Begins a new game: who draws random numbers starts again.
    pub(super) fn new_game(&mut self) {
        if let Some(Ok(judges)) = &mut self.judges {
            judges.evaluators.iter_mut().for_each(|evaluator| evaluator.reset(0));
        }
    }

    /// Finds who judges, if that has not been done.
    pub(super) fn take_up_judges(&mut self) -> Result<(), String> {
        let rules = self.rules.as_ref().map_err(String::clone)?;
        if self.judges.is_none() {
            self.judges = Some(self.find_judges(rules).map_err(|error| crate::with_causes(&error)));
        }
        match &self.judges {
            Some(Err(reason)) => Err(reason.clone()),
            _ => Ok(()),
        }
    }

    /// The evaluator of `EvalFile`, or the program's own, or random games if there is none.
    fn find_judges(&self, rules: &Arc<Rules>) -> anyhow::Result<Judges> {
        let own = || -> anyhow::Result<Option<Weights>> {
            let of =
                SHUFFLED.iter().find(|(name, _)| *name == self.variant).map_or(self.variant.as_str(), |(_, of)| *of);
            let found = crate::shipped::evaluator(self.catalog.rules(of)?.as_ref())?;
            Ok(found.map(|found| Weights { network: Arc::new(found.network), card: found.card, origin: found.origin }))
        };
        let own = match &self.weights {
            None => own()?,
            Some(_) => None,
        };
        let weights = match (&self.weights, &own) {
            (Some(named), _) => Some(named.as_ref().map_err(|reason| anyhow::anyhow!("{reason}"))?),
            (None, own) => own.as_ref(),
        };
        let (mut evaluator, name): (Box<dyn Evaluator>, String) = match weights {
            Some(weights) => {
                let evaluator = NetworkEvaluator::new(Arc::clone(&weights.network), rules)
                    .map_err(|error| anyhow::anyhow!("{} cannot judge {}: {error}", weights.origin, self.variant))?;
                (Box::new(evaluator), weights.describe(rules))
            }
            None => (
                Box::new(Rollout::new(rules)),
                format!(
                    "WARNING: no evaluator was found for {}: random games (rollouts) judge its positions, which is weak; EvalFile names \
                     a weight file",
                    files::excerpt(&self.variant, 64)
                ),
            ),
        };
        evaluator.reset(0);
        Ok(Judges { evaluators: vec![evaluator], name, announced: false })
    }
}

impl Weights {
    fn describe(&self, rules: &Rules) -> String {
        let variant = files::excerpt(&self.card.variant, 64);
        let others = if self.card.rules == rules.hash() { "" } else { ", whose rules differ from those played" };
        format!("evaluator {}, weights {}, selected under {variant}{others}", self.origin, self.card.weights)
    }
}

impl Judges {
    /// One for each thread. Rollouts depend on each other: they stay on one.
    fn share_out(&mut self, threads: usize) {
        self.evaluators.truncate(threads.max(1));
        while self.evaluators.len() < threads {
            let Some(twin) = self.evaluators[0].twin() else { return };
            self.evaluators.push(twin);
        }
    }
}

/// Reads `startpos` or `fen FEN`, and the moves behind it.
fn read_position(rules: &Arc<Rules>, text: &str) -> anyhow::Result<Game> {
    let mut words = text.split_whitespace();
    let place: Vec<&str> = words.by_ref().take_while(|word| *word != "moves").collect();
    let fen = match place.split_first() {
        Some((&"startpos", [])) => None,
        Some((&"fen", fen @ [_, ..])) => Some(fen.join(" ")),
        _ => anyhow::bail!(
            "position: `startpos` or `fen FEN` was expected, not `{}`",
            files::excerpt(&place.join(" "), 60)
        ),
    };
    let moves: Vec<String> = words.map(str::to_owned).collect();
    crate::commands::game(Arc::clone(rules), fen.as_deref(), &moves)
}
