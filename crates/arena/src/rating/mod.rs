//! Ratings of many players from all their games at once.
//!
//! Davidson's model ("On extending the Bradley-Terry model to accommodate ties", JASA 65, 1970) with a colour
//! advantage, by maximum likelihood. In its own scale a difference of 400 is a ratio of 10 : 1 between wins and losses;
//! draws make that scale wider than the usual one, so ratings are multiplied by 2 / (2 + nu), nu being the draw
//! parameter, as BayesElo does: equal players' ratings then change with the score as logistic Elo does.
//!
//! Intervals are cluster-robust (the "sandwich" of White and Liang & Zeger): games with equal cluster numbers may depend on each
//! other in any way. In a match these are the games of one opening and of all its repetitions. The intervals include the
//! uncertainty of the draw parameter and of the colour advantage, and are those of differences to the anchor.

mod linear;
mod model;

use std::collections::BTreeMap;

use serde::Serialize;
use thiserror::Error;

use crate::stats::{Trinomial, Z95, normal_cdf};
use linear::Matrix;
use model::{Cell, Model, Prior};

/// Elo of one natural unit of strength.
const UNIT: f64 = 400.0 / std::f64::consts::LN_10;
/// The most players that can be rated: the covariance has a row for each.
const MAX_PLAYERS: usize = 1000;
/// Standard deviations of the weak prior on strengths and on the colour advantage, in Elo.
const PRIOR: [f64; 2] = [1000.0, 200.0];
/// Standard deviation of the weak prior on the logarithm of the draw parameter.
const DRAW_PRIOR: f64 = 5.0;

/// A game to be rated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RatedGame {
    /// Index of White.
    pub white: usize,
    /// Index of Black.
    pub black: usize,
    /// 1 if White has won, 0 for a draw, -1 if Black has won.
    pub result: i32,
    /// Number of the cluster: games of one cluster may depend on each other, games of different clusters do not.
    pub cluster: u64,
}

/// What ratings are relative to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Anchor {
    /// The mean of all players has this rating.
    Mean(f64),
    /// The player with this index has this rating.
    Player(usize, f64),
}

/// Why there are no ratings.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RatingError {
    /// There are no games, or too few or too many players.
    #[error(
        "ratings need at least one game and 2 to {MAX_PLAYERS} players; there are {games} games of {players} players"
    )]
    Size {
        /// Games given.
        games: usize,
        /// Players given.
        players: usize,
    },
    /// A game with an impossible player or result.
    #[error("game {0}: White and Black must be two different players of the list and the result -1, 0 or 1")]
    Game(usize),
    /// The anchor is not one of the players.
    #[error("the anchor is player {0}, but there are {1} players")]
    Anchor(usize, usize),
    /// No maximum of the likelihood was found.
    #[error("the ratings could not be determined")]
    NoMaximum,
}

/// An estimate in Elo.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The estimate.
    pub elo: f64,
    /// Its standard error; 0 for the anchor itself.
    pub se: f64,
    /// Lower end of the 95% interval.
    pub low: f64,
    /// Upper end of the 95% interval.
    pub high: f64,
}

impl Estimate {
    fn new(elo: f64, variance: f64) -> Estimate {
        let se = variance.max(0.0).sqrt();
        Estimate { elo, se, low: elo - Z95 * se, high: elo + Z95 * se }
    }
}

/// What a rating list says of a player.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rating {
    /// Rating relative to the anchor.
    #[serde(flatten)]
    pub rating: Estimate,
    /// The player's games: losses, draws, wins.
    pub results: Trinomial,
    /// The number of the group of players that are connected by games, directly or not, from 0. Differences between
    /// groups rest on the prior alone.
    pub group: usize,
    /// Whether the player has won all games, or lost all: such a rating is bounded by the prior alone.
    pub one_sided: bool,
}

/// Ratings of all players.
#[derive(Clone, Debug)]
pub struct RatingList {
    /// The players, in the order of their indices.
    pub players: Vec<Rating>,
    /// The advantage of having White.
    pub white_advantage: Estimate,
    /// Davidson's nu: between equal players, draws are to decisive games as nu to 2. 0 without any draw.
    pub draw_parameter: f64,
    /// The factor between the model's own scale and Elo, 2 / (2 + nu).
    pub scale: f64,
    /// Standard deviation of the prior on strengths, in Elo before scaling; `None` if the data alone decide. The prior is used for
    /// all players if any difference would be infinite without it: where players are not connected by games, or where some won or
    /// lost all their games.
    pub prior: Option<f64>,
    /// Number of clusters.
    pub clusters: usize,
    /// Strengths in natural units, the derivative of the scale by the draw parameter, and the covariance of the parameters.
    strengths: Vec<f64>,
    scale_slope: f64,
    covariance: Matrix,
}

impl RatingList {
    /// Rates `players` players.
    ///
    /// # Errors
    /// If there are no games, or a game or the anchor names a player who is not there.
    pub fn new(players: usize, games: &[RatedGame], anchor: Anchor) -> Result<RatingList, RatingError> {
        check(players, games, anchor)?;
        let model = Model { players, draws: games.iter().any(|game| game.result == 0) };
        let cells = cells(games);
        let weak = Prior { strength: PRIOR[0] / UNIT, colour: PRIOR[1] / UNIT, draw: DRAW_PRIOR };
        // Unless everyone has taken points from everyone else, directly or through others, some strength is infinite (Ford 1957).
        // Where a strength is infinite for other reasons, the fit fails.
        let plain = is_strongly_connected(players, games).then(|| model.fit(&cells, None)).flatten();
        let prior = plain.is_none().then_some(&weak);
        let (parameters, bread) = plain.or_else(|| model.fit(&cells, prior)).ok_or(RatingError::NoMaximum)?;
        let (filling, clusters) = filling(&model, &parameters, games, prior);
        let nu = if model.draws { libm::exp(parameters[players + 1]) } else { 0.0 };
        let mut list = RatingList {
            players: Vec::new(),
            white_advantage: Estimate::new(0.0, 0.0),
            draw_parameter: nu,
            scale: 2.0 / (2.0 + nu),
            prior: prior.map(|_| PRIOR[0]),
            clusters,
            scale_slope: if model.draws { -2.0 * nu / ((2.0 + nu) * (2.0 + nu)) } else { 0.0 },
            covariance: bread.around(&filling),
            strengths: parameters[..players].to_vec(),
        };
        let mut colour = vec![0.0; players + 1];
        colour[players] = 1.0;
        list.white_advantage = list.estimate(parameters[players], &colour);
        let groups = groups(players, games);
        list.players = (0..players)
            .map(|player| {
                let mut weights = vec![0.0; players];
                let base = match anchor {
                    Anchor::Mean(base) => {
                        weights.iter_mut().for_each(|w| *w = -1.0 / players as f64);
                        base
                    }
                    Anchor::Player(index, base) => {
                        weights[index] = -1.0;
                        base
                    }
                };
                weights[player] += 1.0;
                let difference = list.difference_of(&weights);
                let results = results(player, games);
                let one_sided = results.games() > 0 && (results.0[0..2] == [0, 0] || results.0[1..] == [0, 0]);
                let rating = Estimate {
                    elo: difference.elo + base,
                    low: difference.low + base,
                    high: difference.high + base,
                    ..difference
                };
                Rating { rating, results, group: groups[player], one_sided }
            })
            .collect();
        Ok(list)
    }

    /// How much higher the first player is rated than the second.
    #[must_use]
    pub fn difference(&self, first: usize, second: usize) -> Estimate {
        let mut weights = vec![0.0; self.strengths.len()];
        weights[first] += 1.0;
        weights[second] -= 1.0;
        self.difference_of(&weights)
    }

    /// Likelihood that the first player is stronger than the second, by the normal approximation; 1/2 if both are the same player.
    #[must_use]
    pub fn los(&self, first: usize, second: usize) -> f64 {
        let Estimate { elo, se, .. } = self.difference(first, second);
        if se > 0.0 { normal_cdf(elo / se) } else { 0.5 }
    }

    fn difference_of(&self, weights: &[f64]) -> Estimate {
        let natural = weights.iter().zip(&self.strengths).map(|(w, s)| w * s).sum();
        self.estimate(natural, weights)
    }

    /// Converts a weighted sum of strengths and colour advantage to Elo, with its error by the delta method, which counts that the
    /// scale is estimated. `natural` is the sum in natural units, `weights` those of the first parameters.
    fn estimate(&self, natural: f64, weights: &[f64]) -> Estimate {
        let mut gradient: Vec<f64> = weights.iter().map(|w| w * self.scale * UNIT).collect();
        gradient.resize(self.covariance.size, 0.0);
        if self.covariance.size > self.strengths.len() + 1 {
            gradient[self.strengths.len() + 1] = natural * self.scale_slope * UNIT;
        }
        Estimate::new(natural * self.scale * UNIT, self.covariance.quadratic(&gradient))
    }
}

fn check(players: usize, games: &[RatedGame], anchor: Anchor) -> Result<(), RatingError> {
    if games.is_empty() || !(2..=MAX_PLAYERS).contains(&players) {
        return Err(RatingError::Size { games: games.len(), players });
    }
    let fits = |game: &RatedGame| {
        game.white < players && game.black < players && game.white != game.black && (-1..=1).contains(&game.result)
    };
    if let Some(index) = games.iter().position(|game| !fits(game)) {
        return Err(RatingError::Game(index));
    }
    match anchor {
        Anchor::Player(index, _) if index >= players => Err(RatingError::Anchor(index, players)),
        _ => Ok(()),
    }
}

fn cells(games: &[RatedGame]) -> Vec<Cell> {
    let mut counts: BTreeMap<(usize, usize), [f64; 3]> = BTreeMap::new();
    for game in games {
        let class = if game.result > 0 { 0 } else { usize::from(game.result < 0) + 1 };
        counts.entry((game.white, game.black)).or_default()[class] += 1.0;
    }
    counts.into_iter().map(|((white, black), counts)| Cell { white, black, counts }).collect()
}

fn results(player: usize, games: &[RatedGame]) -> Trinomial {
    let mut results = Trinomial::default();
    for game in games {
        if game.white == player {
            results.add(game.result);
        } else if game.black == player {
            results.add(-game.result);
        }
    }
    results
}

/// The filling of the sandwich: the sum of the outer squares of the score vector of each cluster, and the prior. In a small sample
/// in which all pairs ended alike this would claim certainty. So two pairs of games are added for each player, spread evenly over
/// its opponents, whose two games end alike. They are won, drawn or lost twice in the shares that the model expects, after one pair
/// won twice and one pair lost twice were added to the player's pairs.
fn filling(model: &Model, parameters: &[f64], games: &[RatedGame], prior: Option<&Prior>) -> (Matrix, usize) {
    let mut pulls: BTreeMap<u64, BTreeMap<usize, f64>> = BTreeMap::new();
    for game in games {
        let pull = pulls.entry(game.cluster).or_default();
        for (parameter, score) in model.score(parameters, game) {
            *pull.entry(parameter).or_default() += score;
        }
    }
    let mut filling = Matrix::zero(model.size());
    for pull in pulls.values() {
        filling.add_outer(&pull.iter().map(|(i, s)| (*i, *s)).collect::<Vec<_>>(), 1.0);
    }
    let clusters = pulls.len();
    if clusters > 1 {
        filling.scale(clusters as f64 / (clusters - 1) as f64);
    }
    let mut opponents: Vec<Vec<usize>> = vec![Vec::new(); model.players];
    for game in games {
        opponents[game.white].push(game.black);
        opponents[game.black].push(game.white);
    }
    for (player, others) in opponents.iter_mut().enumerate() {
        let pairs = others.len() as f64 / 2.0;
        others.sort_unstable();
        others.dedup();
        for other in others.iter() {
            let [white, black] =
                [(player, *other), (*other, player)].map(|(w, b)| model.probabilities(parameters, w, b));
            for (result, added) in [(1, 1.0), (0, 0.0), (-1, 1.0)] {
                let expected = 0.5 * (white[(1 - result) as usize] + black[(1 + result) as usize]);
                let share = (pairs * expected + added) / (pairs + 2.0);
                let mut pull = BTreeMap::new();
                for (white, black, result) in [(player, *other, result), (*other, player, -result)] {
                    for (i, s) in model.score(parameters, &RatedGame { white, black, result, cluster: 0 }) {
                        *pull.entry(i).or_insert(0.0) += s;
                    }
                }
                // The two pairs of a player have a weight of 1/2 each here, because the pairing is counted for both of its players.
                let pull: Vec<(usize, f64)> = pull.into_iter().collect();
                filling.add_outer(&pull, share / others.len() as f64);
            }
        }
    }
    for i in 0..model.size() {
        filling.add(i, i, model.precision(i, prior));
    }
    (filling, clusters)
}

/// The group of each player. Groups are numbered in the order of their first members.
fn groups(players: usize, games: &[RatedGame]) -> Vec<usize> {
    let mut neighbours = vec![Vec::new(); players];
    for game in games {
        neighbours[game.white].push(game.black);
        neighbours[game.black].push(game.white);
    }
    let mut group = vec![usize::MAX; players];
    let mut count = 0;
    for first in 0..players {
        if group[first] == usize::MAX {
            for member in reached_from(first, &neighbours) {
                group[member] = count;
            }
            count += 1;
        }
    }
    group
}

/// Whether everyone has taken points from everyone else, directly or through other players.
fn is_strongly_connected(players: usize, games: &[RatedGame]) -> bool {
    let (mut taken, mut given) = (vec![Vec::new(); players], vec![Vec::new(); players]);
    for game in games {
        for (taker, giver, result) in [(game.white, game.black, game.result), (game.black, game.white, -game.result)] {
            if result >= 0 {
                taken[taker].push(giver);
                given[giver].push(taker);
            }
        }
    }
    [taken, given].iter().all(|edges| reached_from(0, edges).len() == players)
}

fn reached_from(first: usize, edges: &[Vec<usize>]) -> Vec<usize> {
    let mut seen = vec![false; edges.len()];
    seen[first] = true;
    let mut reached = vec![first];
    let mut next = 0;
    while next < reached.len() {
        for other in &edges[reached[next]] {
            if !std::mem::replace(&mut seen[*other], true) {
                reached.push(*other);
            }
        }
        next += 1;
    }
    reached
}
