//! The player that searches, under the rules of the game or under other rules that it believes in.

use std::sync::Arc;

use evaluator::Evaluator;
use rules::{Game, Rules, Word};
use search::Searcher;

use crate::failure::Failure;
use crate::interrupt::Since;
use crate::player::{Choice, Player, RootInfo, best_prior};
use crate::stale::{StaleView, same_move};

/// A search with a frozen evaluator and a fixed effort per move.
pub struct SearchPlayer<W: Word = u64> {
    search: Searcher<W>,
    evaluator: Box<dyn Evaluator<W>>,
    stale: Option<Stale<W>>,
}

/// What a player needs that believes in other rules than the game's.
struct Stale<W: Word = u64> {
    view: StaleView<W>,
    /// The evaluator made for the rules of the game: it chooses where the believed rules give no legal move.
    fallback: Box<dyn Evaluator<W>>,
}

impl<W: Word> SearchPlayer<W> {
    /// A player that knows the rules. `evaluator` must be made for the rules of its games.
    #[must_use]
    pub fn new(search: Searcher<W>, evaluator: Box<dyn Evaluator<W>>) -> SearchPlayer<W> {
        SearchPlayer { search, evaluator, stale: None }
    }

    /// A player that searches under `search_rules`, whatever the game's are: other rules, or the game's under another payoff. `evaluator` must
    /// be made for `search_rules`, `fallback` is the same evaluator for the rules of the game.
    ///
    /// The player follows the game under its own rules, by playing the moves there, or by reading the position afresh
    /// where they mean something else. If its choice is illegal, or its rules have no such position or consider the
    /// game over, the legal move with the best prior of `fallback` stands in and the choice is marked as illegal.
    #[must_use]
    pub fn with_stale_rules(
        search: Searcher<W>,
        evaluator: Box<dyn Evaluator<W>>,
        search_rules: Arc<Rules<W>>,
        fallback: Box<dyn Evaluator<W>>,
    ) -> SearchPlayer<W> {
        let stale = Stale { view: StaleView::new(search_rules), fallback };
        SearchPlayer { search, evaluator, stale: Some(stale) }
    }
}

impl<W: Word> Player<W> for SearchPlayer<W> {
    fn choose(&mut self, game: &Game<W>) -> Result<Choice, Failure> {
        let Some(stale) = &mut self.stale else {
            let thought = searched(&mut self.search, &mut self.evaluator, game, game);
            return Ok(thought.legal_choice().expect("a search of a game that is not over has a legal best move"));
        };
        let seen = stale.view.follow(game);
        let thought = seen.map(|seen| searched(&mut self.search, &mut self.evaluator, seen, game));
        if let Some(choice) = thought.as_ref().and_then(Thought::legal_choice) {
            return Ok(choice);
        }
        let (mv, value) = best_prior(game, stale.fallback.as_mut());
        // The player expects what its own search found, if there was a search; otherwise what `fallback` expects.
        let (estimate, root) = thought.map_or((value, None), |t| (t.estimate, t.root));
        Ok(Choice { mv, estimate: Some(estimate), illegal: true, root, engine: None })
    }

    fn new_game(&mut self, seed: u64) {
        self.search.clear();
        self.evaluator.reset(seed);
        if let Some(stale) = &mut self.stale {
            stale.view.clear();
            stale.fallback.reset(seed);
        }
    }
}

/// The result of a search of `seen`, which is the game under the player's rules.
struct Thought {
    /// The choice as a move of the true game, if it is legal there.
    mv: Option<rules::Move>,
    estimate: f32,
    root: Option<RootInfo>,
}

impl Thought {
    fn legal_choice(&self) -> Option<Choice> {
        let Thought { mv, estimate, root } = self;
        mv.map(|mv| Choice { mv, estimate: Some(*estimate), illegal: false, root: *root, engine: None })
    }
}

fn searched<W: Word>(
    search: &mut Searcher<W>,
    evaluator: &mut Box<dyn Evaluator<W>>,
    seen: &Game<W>,
    game: &Game<W>,
) -> Thought {
    if let Some(ending) = seen.ending() {
        let estimate = seen.rules().worth(ending, seen.position().turn());
        return Thought { mv: None, estimate, root: None };
    }
    // A search that a signal ends early gives a move of a game that does not count.
    search.stop_when(Some(Since::now().stop()));
    let report = search.run_on(seen, std::slice::from_mut(evaluator));
    let best = report.moves.first().expect("a game that is not over has moves");
    Thought {
        mv: same_move(seen.rules(), best.mv, game.rules(), game.legal()),
        estimate: best.value,
        root: Some(RootInfo { playouts: report.playouts, nodes: report.nodes as u64, visits: best.visits }),
    }
}
