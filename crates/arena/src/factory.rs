//! From the specification of a player to players. Everything that can fail is done once, when the factory is made.

use std::sync::Arc;

use evaluator::{Evaluator, Network, NetworkEvaluator, Paths, Rollout, Uniform, WeightSource};
use rand::RngCore;
use rules::{Catalog, Game, Rules, Word, with_rules};
use search::Searcher;

use crate::failure::Failure;
use crate::player::{Choice, Player, PolicyPlayer, RandomPlayer};
use crate::random::{Purpose, stream};
use crate::search_player::SearchPlayer;
use crate::spec::{Judge, Method, PlayerSpec, SpecError};
use crate::uci::UciFactory;

/// Makes players of one specification for one set of rules, as many as there are workers.
#[derive(Clone, Debug)]
pub struct PlayerFactory<W: Word = u64> {
    spec: PlayerSpec,
    rules: Arc<Rules<W>>,
    search_rules: Option<Arc<Rules<W>>>,
    network: Option<Arc<Network>>,
    engine: Option<UciFactory>,
}

impl PlayerSpec {
    /// Prepares a player whose weight file is named by its path; see [`PlayerSpec::prepare_with`].
    ///
    /// # Errors
    /// The errors of [`PlayerSpec::prepare_with`].
    pub fn prepare<W: Word>(&self, catalog: &Catalog, rules: &Arc<Rules<W>>) -> Result<PlayerFactory<W>, SpecError> {
        self.prepare_with(catalog, rules, &Paths)
    }

    /// Reads what the player needs (weight file, search rules) and checks that it fits the rules of the game.
    ///
    /// # Errors
    /// If the constants of a search do not go together, the weight file is missing, broken or for another board or other pieces, the search
    /// rules are unknown or for another board, or an external engine cannot be started or does not play the game.
    pub fn prepare_with<W: Word>(
        &self,
        catalog: &Catalog,
        rules: &Arc<Rules<W>>,
        weights: &dyn WeightSource,
    ) -> Result<PlayerFactory<W>, SpecError> {
        let error = |problem: String| SpecError::new(&self.to_string(), &problem);
        if let PlayerSpec::Search { method, .. } = self {
            method.searcher::<W>().map_err(|e| error(e.to_string()))?;
        }
        let search_rules = match self {
            PlayerSpec::Search { search_rules: Some(name), .. } => {
                let any = catalog.any(name).map_err(|e| error(format!("search_rules: {e}")))?;
                let (a, b, kinds) = with_rules!(&any, rules => (rules.files(), rules.ranks(), rules.pieces().len()));
                let (c, d) = (rules.files(), rules.ranks());
                if (a, b) != (c, d) {
                    return Err(error(format!("search_rules={name} has a board of {a}x{b}, the game one of {c}x{d}")));
                }
                // Of rules on one board, those with more kinds of men may need another word, and such positions are not compared.
                let own = rules.pieces().len();
                let unlike = format!(
                    "search_rules={name} has {kinds} kinds of men, the game {own}: both or neither must have more than 16"
                );
                Some(any.on().ok_or_else(|| error(unlike))?)
            }
            _ => None,
        };
        let network = match self {
            PlayerSpec::Search { judge: Judge::Model(path), .. } | PlayerSpec::Policy { path } => {
                let network = Arc::new(weights.load(path).map_err(|e| error(e.to_string()))?.network);
                for rules in search_rules.iter().chain([rules]) {
                    NetworkEvaluator::new(Arc::clone(&network), rules).map_err(|e| error(format!("{path}: {e}")))?;
                }
                Some(network)
            }
            _ => None,
        };
        let engine = match self {
            PlayerSpec::Uci(spec) => Some(UciFactory::new(spec, rules, catalog)?),
            _ => None,
        };
        Ok(PlayerFactory { spec: self.clone(), rules: Arc::clone(rules), search_rules, network, engine })
    }

    /// Makes one player of this specification: [`PlayerSpec::prepare`], then [`PlayerFactory::player`].
    ///
    /// # Errors
    /// The errors of [`PlayerSpec::prepare`].
    pub fn build<W: Word>(&self, catalog: &Catalog, rules: &Arc<Rules<W>>) -> Result<Box<dyn Player<W>>, SpecError> {
        Ok(self.prepare(catalog, rules)?.player())
    }
}

impl<W: Word> PlayerFactory<W> {
    /// A new player.
    #[must_use]
    pub fn player(&self) -> Box<dyn Player<W>> {
        if let Some(engine) = &self.engine {
            return engine.player();
        }
        match &self.spec {
            PlayerSpec::Uci(_) => unreachable!("external engines are prepared with the factory"),
            PlayerSpec::Random { seed } => reseeded(*seed, Box::new(RandomPlayer::new())),
            PlayerSpec::Policy { .. } => Box::new(PolicyPlayer::new(self.evaluator(&self.rules))),
            PlayerSpec::Search { judge, method, .. } => {
                let player = Box::new(match &self.search_rules {
                    None => SearchPlayer::new(searcher(method), self.evaluator(&self.rules)),
                    Some(stale) => SearchPlayer::with_stale_rules(
                        searcher(method),
                        self.evaluator(stale),
                        Arc::clone(stale),
                        self.evaluator(&self.rules),
                    ),
                });
                match judge {
                    Judge::Rollout { seed } => reseeded(*seed, player),
                    Judge::Model(_) | Judge::Zero => player,
                }
            }
        }
    }

    /// A search as these players make it, with the evaluator that judges its positions; `None` if they do not search.
    #[must_use]
    pub fn search(&self) -> Option<(Searcher<W>, Box<dyn Evaluator<W>>)> {
        match &self.spec {
            PlayerSpec::Search { judge, method, .. } => {
                let mut evaluator = self.evaluator(self.search_rules.as_ref().unwrap_or(&self.rules));
                if let Judge::Rollout { seed } = judge {
                    evaluator.reset(*seed);
                }
                Some((searcher(method), evaluator))
            }
            PlayerSpec::Policy { .. } | PlayerSpec::Random { .. } | PlayerSpec::Uci(_) => None,
        }
    }

    /// The name of the players, safe to show: the one that their specification gives them, or else the specification itself.
    #[must_use]
    pub fn name(&self) -> String {
        let name = match &self.spec {
            PlayerSpec::Uci(spec) if spec.name.is_some() => spec.name.clone().unwrap_or_default(),
            spec => spec.to_string(),
        };
        files::printable(&name).into_owned()
    }

    /// The specification that the factory was made from.
    #[must_use]
    pub fn spec(&self) -> &PlayerSpec {
        &self.spec
    }

    /// The name that an external engine gives itself.
    #[must_use]
    pub fn engine_id(&self) -> Option<&str> {
        self.engine.as_ref().map(UciFactory::id).filter(|id| !id.is_empty())
    }

    /// What an external engine did so far that cost no game but that its user should know.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        self.engine.as_ref().map(UciFactory::remarks).unwrap_or_default()
    }

    /// Hash of the weights, 16 hex digits; `None` for players without any.
    #[must_use]
    pub fn weights_hash(&self) -> Option<&str> {
        self.network.as_deref().map(Network::hash)
    }

    /// Hash of the rules under which the players search, 16 hex digits.
    #[must_use]
    pub fn search_rules_hash(&self) -> &str {
        self.search_rules.as_ref().unwrap_or(&self.rules).hash()
    }

    fn evaluator(&self, rules: &Rules<W>) -> Box<dyn Evaluator<W>> {
        match (&self.network, &self.spec) {
            (Some(network), _) => {
                let evaluator = NetworkEvaluator::new(Arc::clone(network), rules);
                Box::new(evaluator.expect("the network was found to fit when the factory was made"))
            }
            (None, PlayerSpec::Search { judge: Judge::Rollout { .. }, .. }) => Box::new(Rollout::new(rules)),
            (None, _) => Box::new(Uniform::new(rules)),
        }
    }
}

/// A player whose random numbers depend on a seed of its own as well as on the game's: with another seed it plays differently.
struct Reseeded<W: Word = u64> {
    seed: u64,
    player: Box<dyn Player<W>>,
}

fn reseeded<W: Word>(seed: u64, player: Box<dyn Player<W>>) -> Box<dyn Player<W>> {
    Box::new(Reseeded { seed, player })
}

impl<W: Word> Player<W> for Reseeded<W> {
    fn choose(&mut self, game: &Game<W>) -> Result<Choice, Failure> {
        self.player.choose(game)
    }

    fn new_game(&mut self, seed: u64) {
        self.player.new_game(stream(self.seed, seed, 0, Purpose::OwnSeed).next_u64());
    }
}

fn searcher<W: Word>(method: &Method) -> Searcher<W> {
    method.searcher().expect("the constants were checked when the factory was made")
}
