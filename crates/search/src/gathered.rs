//! Playouts whose leaves are judged many at a time, for evaluators that are slow one by one and fast together.
//!
//! Leaves are chosen one after the other. While one waits for its judgement, the visits on its path count as virtual losses, so that the next
//! descent goes elsewhere; one that comes to the same leaf ends the batch. What is found depends on the size of batches and on the
//! judgements, and on nothing else.

use evaluator::{Evaluator, Uniform};
use rules::{Color, Game, Move, MoveList, Position, Rules, Word};

use crate::playout::Leaf;
use crate::tree::{NO_NODE, NodeId, Stats};
use crate::{RootReport, Search};

/// A batch has at most one leaf, and another one for each so many visits of the root: a small tree is not searched blindly.
const VISITS_PER_LEAF: u32 = 4;
/// Playouts in a row that need no judgement after which the judge is called all the same.
const LONGEST_SILENCE: u32 = 100_000;

/// A position that waits for its judgement.
#[derive(Debug)]
pub struct Waiting<W: Word = u64> {
    /// The position.
    pub position: Position<W>,
    /// Its legal moves, at least one.
    pub moves: MoveList,
    /// How often the position occurred before, in the game and on the way from the root.
    pub repetitions: u32,
    /// The nodes and edges that lead here.
    path: Vec<(NodeId, u32)>,
    /// The virtual losses in the order in which they are backed up; none where only one leaf waits at a time.
    virtual_losses: Vec<f32>,
}

/// What is found of a position.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Expected result for the side to move, in [-1, 1].
    pub value: f32,
    /// A positive number or 0 for each legal move, in their order, all of which sum to 1.
    pub priors: Vec<f32>,
}

/// What judges positions: a judgement for each, in their order, or an error that ends the search.
pub type Judge<'a, W, E> = dyn FnMut(&[Waiting<W>]) -> Result<Vec<Judgement>, E> + 'a;

/// Says what a judgement says, to the part of a playout that makes a node.
struct Told<'a> {
    judgement: &'a Judgement,
    /// Says in which order moves with equal priors stand.
    order: &'a Uniform,
}

impl<W: Word> Evaluator<W> for Told<'_> {
    fn evaluate(&mut self, _: &Rules<W>, _: &Position<W>, moves: &[Move], priors: &mut [f32]) -> f32 {
        // Moves beyond the most that a node can have are left out.
        priors.copy_from_slice(&self.judgement.priors[..moves.len()]);
        self.judgement.value
    }

    fn order(&self, mv: Move, turn: Color) -> u32 {
        Evaluator::<W>::order(self.order, mv, turn)
    }
}

impl<W: Word> Search<W> {
    /// Makes `playouts` playouts from the current position of `game`, fewer if the tree is full or the root is proven, with leaves judged by
    /// `judge`, up to [`crate::Params::batch`] at a time. A tree is carried on as in [`Search::run`], and moves are chosen by PUCT, whatever
    /// [`crate::Params::root`] says. A game that is over gives a report without moves.
    ///
    /// `judge` gets positions and returns as many judgements in their order. Now and then it gets none, and may return an error to end a search
    /// that meets nothing but ends of games.
    ///
    /// # Errors
    /// Those of `judge`, after which the tree is empty.
    ///
    /// # Panics
    /// If `judge` returns fewer judgements, or priors, than it was asked for.
    pub fn run_gathered<E>(
        &mut self,
        game: &Game<W>,
        judge: &mut Judge<'_, W, E>,
        playouts: u32,
    ) -> Result<RootReport, E> {
        let found = self.gather_and_judge(game, judge, playouts);
        if found.is_err() {
            self.clear();
        }
        found
    }

    fn gather_and_judge<E>(
        &mut self,
        game: &Game<W>,
        judge: &mut Judge<'_, W, E>,
        playouts: u32,
    ) -> Result<RootReport, E> {
        if self.is_over(game) {
            self.clear();
            return Ok(RootReport::default());
        }
        let (rules, order) = (&**game.rules(), Uniform::new(game.rules()));
        self.find_root(game);
        if self.root == NO_NODE {
            let repetitions = self.history.repetitions(rules, game.position());
            let (path, virtual_losses) = (Vec::new(), Vec::new());
            let root =
                Waiting { position: *game.position(), moves: game.legal().clone(), repetitions, path, virtual_losses };
            let judgements = judge(&[root])?;
            let mut told = Told { judgement: &judgements[0], order: &order };
            self.expand_root(rules, game.position(), &mut told, true);
        }
        self.join_subtrees();
        let mut made = 0;
        while made < playouts && self.may_grow() {
            let (waiting, more) = self.gather(rules, game.position(), (playouts - made).min(LONGEST_SILENCE));
            made += more;
            let judgements = judge(&waiting)?;
            assert!(judgements.len() == waiting.len(), "a judgement for each position");
            for (mut leaf, judgement) in waiting.into_iter().zip(&judgements) {
                self.moves = std::mem::take(&mut leaf.moves);
                let (node, value) = self.judge(rules, &leaf.position, &mut Told { judgement, order: &order });
                self.path = leaf.path;
                if let Some((_, edge)) = self.path.last() {
                    self.tree.set_child(*edge, node);
                }
                let mut virtual_losses = leaf.virtual_losses.into_iter();
                self.back_up(value, None, |stats, value| match virtual_losses.next() {
                    Some(virtual_loss) => stats.replace_virtual_loss(virtual_loss, value),
                    None => stats.add(value),
                });
            }
        }
        Ok(self.report(made))
    }

    /// Chooses the leaves of the next at most `wanted` playouts, and makes those playouts that need no judgement. Returns the leaves, and
    /// the number of all these playouts.
    fn gather(&mut self, rules: &Rules<W>, root: &Position<W>, wanted: u32) -> (Vec<Waiting<W>>, u32) {
        let most = (1 + self.root_stats.visits() / VISITS_PER_LEAF).min(self.params.batch) as usize;
        let (mut waiting, mut made) = (Vec::new(), 0);
        while waiting.len() < most && made < wanted && self.may_grow() {
            let before = self.history.len();
            let mut position = *root;
            let leaf = self.descend(|history, mv| {
                history.push(rules, &position);
                rules.play(&mut position, mv);
            });
            let known = match leaf {
                Leaf::Known(worth) => Some((worth, None)),
                Leaf::Subtree(_) => {
                    self.history.truncate(before);
                    break;
                }
                Leaf::Unvisited => self.wait(rules, position, &mut waiting).map(|worth| (worth, Some(worth))),
            };
            self.history.truncate(before);
            made += 1;
            if let Some((worth, over)) = known {
                self.back_up(worth, over.filter(|_| self.params.solver), Stats::add);
            }
        }
        (waiting, made)
    }

    /// Makes the position at the end of the path wait for its judgement; or a node of it if the game ends there, whose worth is returned.
    fn wait(&mut self, rules: &Rules<W>, position: Position<W>, waiting: &mut Vec<Waiting<W>>) -> Option<f32> {
        let (_, edge) = *self.path.last().expect("a leaf is below the root");
        rules.legal_moves(&position, &mut self.moves);
        if let Some(ending) = rules.ending(&position, &self.moves, &self.history) {
            let worth = rules.worth(ending, position.turn());
            let node = self.tree.add_terminal(worth);
            self.tree.set_child(edge, node);
            return Some(worth);
        }
        self.tree.set_subtree(edge, waiting.len());
        let mut virtual_losses = Vec::new();
        if self.params.batch > 1 {
            let path = self.path.iter().rev();
            virtual_losses.extend(path.map(|(_, edge)| self.tree.edge_mut(*edge).stats.add_virtual_loss()));
            virtual_losses.push(self.root_stats.add_virtual_loss());
        }
        let repetitions = self.history.repetitions(rules, &position);
        let (moves, path) = (std::mem::take(&mut self.moves), self.path.clone());
        waiting.push(Waiting { position, moves, repetitions, path, virtual_losses });
        None
    }
}
