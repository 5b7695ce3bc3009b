//! The variant, the position and the evaluators.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use evaluator::{Card, Evaluator, Network, NetworkEvaluator, Rollout, SearchKind};
use rules::{AnyRules, Catalog, Game, Rules, Word, with_rules};

use super::info;

/// Names that clients give to variants which have other names in the catalog.
const ALIASES: [(&str, &str); 4] =
    [("chess960", "fischerandom"), ("standard", "chess"), ("normal", "chess"), ("mini", "minishogi")];
/// Variants that differ from others only in that kings and rooks may stand on any files: they are judged by the evaluators of
/// those.
const SHUFFLED: [(&str, &str); 1] = [("fischerandom", "chess")];
/// The largest rule file, in bytes.
const MAX_RULE_FILE: u64 = 1 << 20;

/// A weight file, and where it was found.
struct Weights {
    network: Arc<Network>,
    card: Card,
    origin: String,
}

/// The evaluators of positions.
struct Judges<W: Word = u64> {
    /// One evaluator for each thread, if their judgements do not depend on each other.
    evaluators: Vec<Box<dyn Evaluator<W>>>,
    /// The name of the evaluators, for people.
    name: String,
    /// The search that is stronger with them, by the card of their weight file.
    better_search: Option<SearchKind>,
    /// Whether the client has been told the name.
    announced: bool,
}

/// The evaluators of positions, one for each thread.
type Evaluators<W> = [Box<dyn Evaluator<W>>];

/// The variant, the position and the evaluators. If one of them cannot be used, the reason is kept, and nothing else takes its
/// place.
pub(super) struct Setup<W: Word = u64> {
    catalog: Catalog,
    /// Rule files that were read, with their texts.
    rule_files: Vec<(PathBuf, String)>,
    variant: String,
    /// The value of UCI_Chess960.
    chess960: bool,
    /// Whether the name of the variant asks for kings and rooks on any files.
    shuffled: bool,
    /// The weight file that `EvalFile` names.
    weights: Option<Result<Weights, String>>,
    /// What followed the last command `position`.
    position: Option<String>,
    rules: Result<Arc<Rules<W>>, String>,
    game: Result<Game<W>, String>,
    /// Whether the variant is played on the other word: see [`Setup::moved`].
    elsewhere: bool,
    /// The evaluators; `None` until the first search.
    judges: Option<Result<Judges<W>, String>>,
}

impl<W: Word> Setup<W> {
    /// A setup that plays chess.
    pub(super) fn new(catalog: Catalog) -> Setup<W> {
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
            elsewhere: false,
            judges: None,
        };
        // An error is kept, and `go` answers with it.
        let _ = setup.take_up_rules();
        setup
    }

    /// The names of variants that UCI_Variant takes.
    pub(super) fn variants(&self) -> Vec<&str> {
        self.catalog.names().chain(["chess960"]).collect()
    }

    /// Sets the variant, at its start position. Returns the description of the variant for the client.
    pub(super) fn set_variant(&mut self, name: &str) -> anyhow::Result<String> {
        (self.variant, self.shuffled) = self.resolve(name);
        self.position = None;
        self.take_up_rules()?;
        // The description is that of the variant without UCI_Chess960, which the client may be about to change.
        let shown = files::excerpt(name, 64);
        Ok(with_rules!(self.catalog.any(&self.variant)?, rules => info::variant(&shown, &self.variant, &rules)))
    }

    /// Whether the variant is played on the other word. Nothing can be done before [`Setup::moved`].
    pub(super) fn is_elsewhere(&self) -> bool {
        self.elsewhere
    }

    /// This setup on the other word. The result tells whether the variant and the position could be taken up there.
    pub(super) fn moved<V: Word>(self) -> (Setup<V>, anyhow::Result<()>) {
        let Setup { catalog, rule_files, variant, chess960, shuffled, weights, position, .. } = self;
        let (rules, game) = (Err(String::new()), Err(String::new()));
        let mut setup = Setup {
            catalog,
            rule_files,
            variant,
            chess960,
            shuffled,
            weights,
            position,
            rules,
            game,
            elsewhere: false,
            judges: None,
        };
        let taken = setup.take_up_rules();
        (setup, taken)
    }

    /// The name in the catalog that a name stands for, and whether kings and rooks may stand on any files because the name ends in
    /// `960`.
    fn resolve(&self, name: &str) -> (String, bool) {
        let known = |name: &str| {
            let find = |is: &dyn Fn(&str) -> bool| self.catalog.names().find(|known| is(known)).map(str::to_owned);
            let alias =
                ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name)).map(|(_, of)| (*of).to_owned());
            // If the user's own variant of this name was refused, no other variant with nearly the name may take its place.
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

    /// Sets whether kings and rooks may stand on any files, in variants that have castling.
    pub(super) fn set_chess960(&mut self, on: bool) -> anyhow::Result<()> {
        if on == self.chess960 {
            return Ok(());
        }
        self.chess960 = on;
        self.take_up_rules()
    }

    /// Adds the variants of a rule file. Returns a warning if sections of it were refused.
    pub(super) fn load_rules(&mut self, path: &str) -> anyhow::Result<Option<String>> {
        if path.is_empty() {
            return Ok(None);
        }
        let path = Path::new(path);
        // Clients send this option again before each new game, so a file that has not changed is not loaded again.
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

    /// Sets the weight file of the evaluators; without a name, the program chooses one for the variant.
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

    /// Compiles the rules of the variant, and sets the last position again under them.
    fn take_up_rules(&mut self) -> anyhow::Result<()> {
        let rules = match self.compile() {
            Ok(rules) => match rules.on() {
                Some(rules) => Ok(rules),
                None => {
                    self.elsewhere = true;
                    return Ok(());
                }
            },
            Err(error) => Err(error),
        };
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

    fn compile(&self) -> anyhow::Result<AnyRules> {
        let rules = self.catalog.any(&self.variant)?;
        let shuffles = with_rules!(&rules, rules => rules.castles() && !rules.chess960());
        if !(self.chess960 || self.shuffled) || !shuffles {
            return Ok(rules);
        }
        let edit = [("chess960".to_owned(), "true".to_owned())];
        let name = format!("{}-by-UCI_Chess960", self.variant);
        Ok(self.catalog.clone().edit_any("UCI_Chess960", &self.variant, &name, &edit)?)
    }

    /// Sets the position that the words after `position` describe.
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

    /// The game, or the reason why there is none.
    pub(super) fn game(&self) -> Result<&Game<W>, &str> {
        self.game.as_ref().map_err(String::as_str)
    }

    /// The game, and evaluators for so many threads; or the reason why there are none.
    pub(super) fn ready(&mut self, threads: usize) -> Result<(&Game<W>, &mut Evaluators<W>), String> {
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

    /// The name of the evaluators, if the client has not been told it yet.
    pub(super) fn announcement(&mut self) -> Option<&str> {
        let Some(Ok(judges)) = &mut self.judges else { return None };
        let first = !std::mem::replace(&mut judges.announced, true);
        first.then_some(judges.name.as_str())
    }

    /// The search that is stronger with the evaluators, where that was measured.
    pub(super) fn better_search(&self) -> Option<SearchKind> {
        self.judges.as_ref()?.as_ref().ok()?.better_search
    }

    /// Begins a new game: evaluators that draw random numbers begin anew.
    pub(super) fn new_game(&mut self) {
        if let Some(Ok(judges)) = &mut self.judges {
            judges.evaluators.iter_mut().for_each(|evaluator| evaluator.reset(0));
        }
    }

    /// Finds the evaluators, unless this was done before.
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

    /// The evaluators: of the file that `EvalFile` names, of the program's own file for the variant, or random games if there is
    /// none.
    fn find_judges(&self, rules: &Arc<Rules<W>>) -> anyhow::Result<Judges<W>> {
        let own = || -> anyhow::Result<Option<Weights>> {
            let of =
                SHUFFLED.iter().find(|(name, _)| *name == self.variant).map_or(self.variant.as_str(), |(_, of)| *of);
            let found = with_rules!(self.catalog.any(of)?, rules => crate::shipped::evaluator(&rules))?;
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
        let (mut evaluator, name): (Box<dyn Evaluator<W>>, String) = match weights {
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
        let better_search = weights.and_then(|weights| weights.card.search);
        Ok(Judges { evaluators: vec![evaluator], name, better_search, announced: false })
    }
}

impl Weights {
    fn describe<W: Word>(&self, rules: &Rules<W>) -> String {
        let variant = files::excerpt(&self.card.variant, 64);
        let others = if self.card.rules == rules.hash() { "" } else { ", whose rules differ from those played" };
        format!("evaluator {}, weights {}, selected under {variant}{others}", self.origin, self.card.weights)
    }
}

impl<W: Word> Judges<W> {
    /// Makes one evaluator for each thread. Random games depend on those before them, so they stay on one thread.
    fn share_out(&mut self, threads: usize) {
        self.evaluators.truncate(threads.max(1));
        while self.evaluators.len() < threads {
            let Some(twin) = self.evaluators[0].twin() else { return };
            self.evaluators.push(twin);
        }
    }
}

/// Reads `startpos` or `fen FEN`, and the moves after it.
fn read_position<W: Word>(rules: &Arc<Rules<W>>, text: &str) -> anyhow::Result<Game<W>> {
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
