//! Sequential halving at the root, and the policy that it improves (Danihelka, Guez, Schrittwieser and Silver 2022, "Policy improvement
//! by planning with Gumbel"). Below the root, moves are chosen by PUCT.

use evaluator::Evaluator;
use rules::{Game, Move, Word};

use crate::tree::{Edge, Stats};
use crate::{RootMove, RootReport, Search};

/// How much more a mean value counts than a logit: `(VISIT_OFFSET + most visits of a move) * value`, with values from 0 to 1. The
/// constants of the paper for board games, and of mctx.
const VISIT_OFFSET: f32 = 50.0;

impl<W: Word> Search<W> {
    /// Shares out the playouts over the `considered` moves with the best `noise + ln prior`, and halves the number of these moves again and
    /// again by `noise + ln prior + value`, so that the last two get the most playouts. `noise` has one number for each move of the root,
    /// in the order in which moves stand in a tree, by falling prior: draws from the Gumbel distribution for self-play, an empty slice for
    /// the strongest move. The move to play comes first in the report. Playouts are made one after the other, whatever
    /// [`crate::Params::batch`] says, and [`crate::Params::root`] is not asked.
    pub fn run_halving(
        &mut self,
        game: &Game<W>,
        evaluator: &mut dyn Evaluator<W>,
        playouts: u32,
        considered: u32,
        noise: &[f32],
    ) -> RootReport {
        self.set_root(game, evaluator);
        self.join_subtrees();
        if self.is_over(game) {
            return RootReport::default();
        }
        let edges = self.tree.edges_of(self.root);
        let noise = |place: usize| noise.get(place).copied().unwrap_or(0.0);
        let allowed = |edge: &Edge| self.root_moves.is_empty() || self.root_moves.contains(&edge.mv);
        let mut left: Vec<usize> = (0..edges.len()).filter(|place| allowed(&edges[*place])).collect();
        let logit = |search: &Search<W>, place: usize| noise(place) + libm::logf(search.root_edge(place).prior);
        sort_by_score(&mut left, |place| logit(self, place));
        left.truncate((considered.max(1) as usize).min(playouts.max(1) as usize));
        let phases = left.len().next_power_of_two().ilog2().max(1);
        let (mut made, restricted) = (0, std::mem::take(&mut self.root_moves));
        for phase in 0..phases {
            // Each move that is left gets a playout in each phase, as long as there are any.
            let share = ((playouts - made) / (phases - phase)).max(left.len() as u32).min(playouts - made);
            let (each, rest) = (share / left.len() as u32, share % left.len() as u32);
            for (place, one_more) in left.iter().zip((0..rest).map(|_| 1).chain(std::iter::repeat(0))) {
                made += self.visit(game, evaluator, *place, each + one_more);
            }
            let scale = self.value_scale();
            sort_by_score(&mut left, |place| logit(self, place) + scale * self.completed_value(place));
            left.truncate(left.len().div_ceil(2));
        }
        self.root_moves = restricted;
        let best = self.root_edge(left[0]).mv;
        let mut report = self.report(made);
        // Where the root is proven, a move of its worth stands first: the quickest of those that win, or the one that halving has chosen if it
        // is worth as much.
        let may_lead = |m: &RootMove| report.proven.is_none_or(|worth| worth != 1.0 && m.proven == Some(worth));
        if let Some(place) = report.moves.iter().position(|m| m.mv == best && may_lead(m)) {
            report.moves[..=place].rotate_right(1);
            report.pv = self.line(Some(best));
        }
        report
    }

    /// The policy of the root that its search improves on: `softmax(ln prior + value)`, where a move without visits has the value of equation
    /// 33 of the paper. Moves stand by falling prior; their shares sum to 1.
    #[must_use]
    pub fn improved_policy(&self) -> Vec<(Move, f32)> {
        let (edges, scale) = (self.tree.edges_of(self.root), self.value_scale());
        let logits: Vec<f32> = (0..edges.len())
            .map(|place| libm::logf(edges[place].prior) + scale * self.completed_value(place))
            .collect();
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let terms: Vec<f32> = logits.iter().map(|logit| libm::expf(logit - most)).collect();
        let sum: f32 = terms.iter().sum();
        edges.iter().zip(terms).map(|(edge, term)| (edge.mv, term / sum)).collect()
    }

    fn root_edge(&self, place: usize) -> &Edge {
        &self.tree.edges_of(self.root)[place]
    }

    /// Makes playouts that begin with a move of the root. Returns how many: none are needed once the move is proven.
    fn visit(&mut self, game: &Game<W>, evaluator: &mut dyn Evaluator<W>, place: usize, playouts: u32) -> u32 {
        self.root_moves = vec![self.root_edge(place).mv];
        let mut made = 0;
        while made < playouts && self.may_grow() && !self.root_edge(place).stats.is_proven() {
            self.playout(game.rules(), game.position(), evaluator);
            made += 1;
        }
        made
    }

    /// The factor of values in [0, 1] beside logits: the paper's `c_visit + max visits`.
    fn value_scale(&self) -> f32 {
        let most = self.tree.edges_of(self.root).iter().map(|edge| edge.stats.visits()).max();
        VISIT_OFFSET + most.unwrap_or(0) as f32
    }

    /// The mean value of a move of the root, from 0 to 1; for one without visits, the root's own judgement mixed with the values of the
    /// moves that have some, by their priors (equation 33 of the paper).
    fn completed_value(&self, place: usize) -> f32 {
        let edges = self.tree.edges_of(self.root);
        let own = |edge: &Edge| self.tree.proven(edge).unwrap_or_else(|| edge.stats.mean());
        let visited = || edges.iter().filter(|edge| edge.stats.visits() > 0);
        let value = if edges[place].stats.visits() > 0 {
            own(&edges[place])
        } else {
            let visits: f32 = visited().map(|edge| edge.stats.visits() as f32).sum();
            let priors: f32 = visited().map(|edge| edge.prior).sum();
            let mean: f32 = visited().map(|edge| edge.prior * own(edge)).sum::<f32>() / priors.max(f32::MIN_POSITIVE);
            let sum = |stats: Stats| if stats.visits() > 0 { stats.mean() * stats.visits() as f32 } else { 0.0 };
            let first = sum(self.root_stats) - edges.iter().map(|edge| sum(edge.stats)).sum::<f32>();
            (first.clamp(-1.0, 1.0) + visits * mean) / (1.0 + visits)
        };
        (1.0 + value) / 2.0
    }
}

/// Sorts places by falling score; places of equal score stay in the order of their priors.
fn sort_by_score(places: &mut [usize], score: impl Fn(usize) -> f32) {
    places.sort_by(|a, b| score(*b).total_cmp(&score(*a)).then(a.cmp(b)));
}
