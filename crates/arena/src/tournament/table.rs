//! Standings: ratings, scores, and the cross table.

use std::fmt::{self, Write as _};

use rules::Word;
use serde::Serialize;

use super::{RoundRow, Tournament, TournamentError};
use crate::failure::Forfeits;
use crate::match_result::{MatchResult, MatchSummary};
use crate::rating::{Anchor, Estimate, RatedGame, RatingList};
use crate::stats::Trinomial;

/// The standings of a tournament, which `ratings.json` holds.
#[derive(Clone, Debug, Serialize)]
pub struct Standings {
    /// Name of the tournament.
    pub name: String,
    /// Variant that is played.
    pub variant: String,
    /// Hash of the rules of the variant.
    pub rules: String,
    /// Hash of the tournament's configuration.
    pub config: String,
    /// Games that the standings count.
    pub games: u64,
    /// Games of the whole tournament.
    pub games_planned: u64,
    /// What ratings are relative to: the name of a player, or `mean`.
    pub anchor: String,
    /// How ratings and intervals are computed.
    pub method: &'static str,
    /// Standard deviation of the prior that was needed, in Elo; `None` if the games alone decide.
    pub prior: Option<f64>,
    /// The advantage of having White, in Elo.
    pub white_advantage: Estimate,
    /// Davidson's draw parameter.
    pub draw_parameter: f64,
    /// Number of openings of all pairings, each of which counts as independent of the others.
    pub clusters: usize,
    /// The players, the best first.
    pub players: Vec<PlayerResult>,
    /// The pairings, in the order in which they are played.
    pub pairings: Vec<PairingResult>,
}

/// The standings of a player.
#[derive(Clone, Debug, Serialize)]
pub struct PlayerResult {
    /// Place, from 1.
    pub rank: usize,
    /// Name.
    pub name: String,
    /// Specification.
    pub spec: String,
    /// Hash of the weights.
    pub weights: Option<String>,
    /// Rating of the player.
    #[serde(flatten)]
    pub rating: Estimate,
    /// Likelihood of being stronger than the next player of the list; `None` for the last.
    pub los_next: Option<f64>,
    /// Games.
    pub games: u64,
    /// Games won.
    pub wins: u64,
    /// Games drawn.
    pub draws: u64,
    /// Games lost.
    pub losses: u64,
    /// Mean score, 0 to 1; NaN (`null`) before the first game.
    pub score: f64,
    /// Games with White: losses, draws, wins.
    pub as_white: Trinomial,
    /// Games with Black: losses, draws, wins.
    pub as_black: Trinomial,
    /// How often the player failed.
    #[serde(flatten)]
    pub faults: Faults,
    /// Number of the group of players that are connected by games, from 0.
    pub group: usize,
    /// Whether the player won all games, or lost all, so that only the prior bounds its rating.
    pub one_sided: bool,
}

/// How often a player failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Faults {
    /// Illegal choices that were replaced.
    pub illegal: u64,
    /// Games forfeited, by kind.
    pub forfeits: Forfeits,
    /// How often an engine had to be started again because it failed between games.
    pub restarts: u64,
}

/// Writes the failures, such as `forfeits 3 (2 crash, 1 time), started again between games 1 times`; empty without any.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Faults { illegal, forfeits, restarts } = self;
        let parts = [
            (*illegal > 0).then(|| format!("illegal choices {illegal}")),
            (forfeits.total() > 0).then(|| format!("forfeits {forfeits}")),
            (*restarts > 0).then(|| format!("started again between games {restarts} times")),
        ];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

/// The score of a pairing, from the first player's side.
#[derive(Clone, Debug, Serialize)]
pub struct PairingResult {
    /// The first player.
    pub first: String,
    /// The second player.
    pub second: String,
    /// The score.
    #[serde(flatten)]
    pub result: MatchSummary,
}

const METHOD: &str = "maximum likelihood of Davidson's model with an advantage for White, scaled to logistic Elo; \
                      95% intervals of differences to the anchor, cluster-robust over the openings of each pairing";

impl Standings {
    pub(super) fn new<W: Word>(tournament: &Tournament<W>, rows: &[RoundRow]) -> Result<Standings, TournamentError> {
        let config = &tournament.config;
        let count = config.players.len();
        let mut games = Vec::new();
        let mut sides = vec![[Trinomial::default(); 2]; count];
        let mut faults = vec![Faults::default(); count];
        let mut matches = vec![MatchResult::new(tournament.rules.payoff(), None); tournament.pairings.len()];
        for row in rows {
            let (first, second) = tournament.pairings[row.pairing];
            // A book that is shorter than the match is used again from its beginning; the games of one opening are one cluster.
            let cluster = (row.pairing as u64) << 32 | row.opening as u64;
            let [a, b] = row.tally.results();
            games.push(RatedGame { white: first, black: second, result: a, cluster });
            games.push(RatedGame { white: second, black: first, result: -b, cluster });
            sides[first][0].add(a);
            sides[second][1].add(-a);
            sides[second][0].add(-b);
            sides[first][1].add(b);
            for game in &row.tally.games {
                for (seat, player) in [first, second].into_iter().enumerate() {
                    let Faults { illegal, forfeits, restarts } = &mut faults[player];
                    *illegal += u64::from(game.illegal[seat]);
                    *restarts += u64::from(game.restarts[seat]);
                    if let Some((_, kind)) = game.forfeit.filter(|(loser, _)| usize::from(*loser) == seat) {
                        forfeits.add(kind);
                    }
                }
            }
            matches[row.pairing].count(&row.tally);
        }
        let anchored = config.anchor.as_ref().and_then(|name| config.players.iter().position(|p| p.name == *name));
        let anchor = anchored.map_or(Anchor::Mean(config.anchor_elo), |i| Anchor::Player(i, config.anchor_elo));
        let list = RatingList::new(count, &games, anchor)?;
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|a, b| list.players[*b].rating.elo.total_cmp(&list.players[*a].rating.elo).then(a.cmp(b)));
        let cards = tournament.cards();
        let players = order.iter().enumerate().map(|(place, &i)| {
            let rating = &list.players[i];
            let [losses, draws, wins] = rating.results.0;
            PlayerResult {
                rank: place + 1,
                name: cards[i].name.to_owned(),
                spec: cards[i].spec.clone(),
                weights: cards[i].weights.map(str::to_owned),
                rating: rating.rating,
                los_next: order.get(place + 1).map(|next| list.los(i, *next)),
                games: rating.results.games(),
                wins,
                draws,
                losses,
                score: rating.results.score(),
                as_white: sides[i][0],
                as_black: sides[i][1],
                faults: faults[i],
                group: rating.group,
                one_sided: rating.one_sided,
            }
        });
        let pairings = matches.iter().enumerate().map(|(i, result)| {
            let (first, second) = tournament.names(i);
            PairingResult { first: first.to_owned(), second: second.to_owned(), result: result.summary() }
        });
        Ok(Standings {
            name: config.name.clone(),
            variant: tournament.rules.name().to_owned(),
            rules: tournament.rules.hash().to_owned(),
            config: tournament.hash.clone(),
            games: games.len() as u64,
            games_planned: tournament.games(),
            anchor: config.anchor.clone().unwrap_or_else(|| "mean".to_owned()),
            method: METHOD,
            prior: list.prior,
            white_advantage: list.white_advantage,
            draw_parameter: list.draw_parameter,
            clusters: list.clusters,
            players: players.collect(),
            pairings: pairings.collect(),
        })
    }

    /// The standings as text: a line for each player, with its scores in % against each opponent.
    #[must_use]
    pub fn table(&self) -> String {
        let width = self.players.iter().map(|p| p.name.chars().count()).max().unwrap_or(0).max(6);
        let mut text = format!("{}: {} games of {}\n\n", self.name, self.games, self.variant);
        let _ = write!(
            text,
            "{:>3} {:width$} {:>7} {:>6} {:>6} {:>6} {:>6} {:>5}",
            "#", "player", "Elo", "±95%", "games", "score", "draws", "LOS"
        );
        for player in &self.players {
            let _ = write!(text, " {:>5}", player.rank);
        }
        text.push('\n');
        for player in &self.players {
            let margin = (player.rating.high - player.rating.low) / 2.0;
            let percent = |share: f64| if share.is_nan() { "-".to_owned() } else { format!("{:.1}", 100.0 * share) };
            let los = player.los_next.map_or_else(String::new, |los| format!("{:.0}", 100.0 * los));
            let draws = player.draws as f64 / player.games as f64;
            let _ = write!(
                text,
                "{:>3} {:width$} {:>+7.1} {:>6.1} {:>6} {:>6} {:>6} {los:>5}",
                player.rank,
                player.name,
                player.rating.elo,
                margin,
                player.games,
                percent(player.score),
                percent(draws)
            );
            for opponent in &self.players {
                let _ = write!(text, " {:>5}", percent(self.score(&player.name, &opponent.name)));
            }
            text.push('\n');
        }
        let Estimate { elo, low, high, .. } = self.white_advantage;
        let margin = (high - low) / 2.0;
        let _ = write!(
            text,
            "\nElo relative to {}; LOS: likelihood in % of being stronger than the next. White's advantage: \
             {elo:+.1} ± {margin:.1} Elo.\n",
            if self.anchor == "mean" { "the mean" } else { &self.anchor }
        );
        for player in self.players.iter().filter(|p| p.faults != Faults::default()) {
            let _ = writeln!(text, "{}: {}.", player.name, player.faults);
        }
        if let Some(prior) = self.prior {
            let marked: Vec<&str> = self.players.iter().filter(|p| p.one_sided).map(|p| p.name.as_str()).collect();
            let _ = write!(
                text,
                "The games leave some difference without bound; a prior with a standard deviation of {prior:.0} Elo \
                 was used for all."
            );
            if !marked.is_empty() {
                let _ = write!(text, " Won or lost everything: {}.", marked.join(", "));
            }
            let groups = 1 + self.players.iter().map(|p| p.group).max().unwrap_or(0);
            if groups > 1 {
                let _ = write!(text, " {groups} groups of players have not met: only the prior connects them.");
            }
            text.push('\n');
        }
        text
    }

    /// Score of one player against another, NaN if they have not met.
    fn score(&self, player: &str, opponent: &str) -> f64 {
        let met = self.pairings.iter().find_map(|p| match (p.first.as_str(), p.second.as_str()) {
            (first, second) if (first, second) == (player, opponent) => Some(p.result.score),
            (first, second) if (second, first) == (player, opponent) => Some(1.0 - p.result.score),
            _ => None,
        });
        met.unwrap_or(f64::NAN)
    }
}
