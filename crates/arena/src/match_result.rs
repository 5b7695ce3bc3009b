//! Rounds, the score of a match, and what follows from it.

use rules::{Color, Payoff, Word};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::failure::{FailureKind, Forfeits};
use crate::game::{GameRecord, Termination};
use crate::stats::{Hypothesis, PairScores, Pentanomial, Sprt, Trinomial};

/// Two games from one opening.
#[derive(Clone, Debug)]
pub struct Round<W: Word = u64> {
    /// Number of the round, from 0.
    pub index: u32,
    /// Index of the opening in [`crate::MatchConfig::openings`].
    pub opening: usize,
    /// The games: the first player has White in the first one, Black in the second.
    pub games: [GameRecord<W>; 2],
}

impl Round {
    /// The colour of a player (0 or 1) in a game (0 or 1) of the round.
    #[must_use]
    pub const fn color(player: usize, game: usize) -> Color {
        if player == game { Color::White } else { Color::Black }
    }
}

impl<W: Word> Round<W> {
    /// A line for each game that was forfeited, and for each before which an engine had to be started again. `number` stands before
    /// the numbers of the games.
    #[must_use]
    pub fn failures(&self, number: &str, names: [&str; 2]) -> Vec<String> {
        let mut lines = Vec::new();
        for (index, game) in self.games.iter().enumerate() {
            let place = |color: Color| {
                let name = names[usize::from(color == Round::color(1, index))];
                format!("game {number}.{}: {color:?} ({name})", index + 1)
            };
            for (color, incident) in &game.incidents {
                lines.push(format!("{} was started again: since its last game it {incident}", place(*color)));
            }
            if let Some(forfeit) = game.forfeit() {
                lines.push(format!("{} forfeits: it {}", place(forfeit.loser), forfeit.failure));
            }
        }
        lines
    }

    /// What the score of a match takes from the round.
    #[must_use]
    pub fn tally(&self) -> RoundTally {
        let games = [0, 1].map(|number| {
            let game = &self.games[number];
            let colors = [0, 1].map(|player| Round::color(player, number));
            let incidents = |color| game.incidents.iter().filter(|(who, _)| *who == color).count() as u32;
            let worth = game.worth(colors[0]);
            GameTally {
                result: i8::from(worth > 0.0) - i8::from(worth < 0.0),
                worth: (!game.rules.payoff().is_ternary()).then_some(worth),
                plies: game.plies() as u32,
                capped: game.capped(),
                adjudicated: game.termination == Termination::Adjudicated,
                forfeit: game.forfeit().map(|f| (u8::from(f.loser == colors[1]), f.failure.kind)),
                illegal: colors.map(|color| game.illegal(color)),
                restarts: colors.map(incidents),
            }
        });
        RoundTally { games }
    }
}

/// What counts of a round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoundTally {
    /// The two games of the round, in order.
    pub games: [GameTally; 2],
}

impl RoundTally {
    /// The results for the first player: 1 for a win, 0 for a draw, -1 for a loss.
    #[must_use]
    pub fn results(&self) -> [i32; 2] {
        self.games.each_ref().map(|game| game.result.into())
    }

    /// What the games were worth to the first player, in [-1, 1].
    #[must_use]
    pub fn worths(&self) -> [f32; 2] {
        self.games.each_ref().map(|game| game.worth.unwrap_or(f32::from(game.result)))
    }
}

/// What counts of a game.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GameTally {
    /// 1 if the first player won, 0 for a draw, -1 if it lost. Under a payoff: whether the game was worth more than nothing to the first
    /// player, nothing, or less.
    #[serde(deserialize_with = "result")]
    pub result: i8,
    /// What the game was worth to the first player, in [-1, 1], under a payoff of fractions. Elsewhere `result` says it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "worth")]
    pub worth: Option<f32>,
    /// Moves, those of the opening included.
    pub plies: u32,
    /// Whether the game was called a draw for its length.
    pub capped: bool,
    /// Whether the scores of the players ended the game.
    pub adjudicated: bool,
    /// The player (0 or 1) that forfeited the game, and how.
    #[serde(deserialize_with = "forfeit")]
    pub forfeit: Option<(u8, FailureKind)>,
    /// Illegal choices of the first and the second player that were replaced.
    pub illegal: [u32; 2],
    /// By player: 1 if it had to be started again before the game, else 0.
    pub restarts: [u32; 2],
}

fn result<'de, D: Deserializer<'de>>(input: D) -> Result<i8, D::Error> {
    let result = i8::deserialize(input)?;
    if (-1..=1).contains(&result) { Ok(result) } else { Err(D::Error::custom("a result is 1, 0 or -1")) }
}

fn worth<'de, D: Deserializer<'de>>(input: D) -> Result<Option<f32>, D::Error> {
    let worth = f32::deserialize(input)?;
    if (-1.0..=1.0).contains(&worth) { Ok(Some(worth)) } else { Err(D::Error::custom("a worth lies in -1 to 1")) }
}

fn forfeit<'de, D: Deserializer<'de>>(input: D) -> Result<Option<(u8, FailureKind)>, D::Error> {
    let forfeit = Option::<(u8, FailureKind)>::deserialize(input)?;
    if forfeit.is_none_or(|(player, _)| player < 2) { Ok(forfeit) } else { Err(D::Error::custom("a player is 0 or 1")) }
}

/// The score of a match so far, from the first player's side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MatchResult {
    /// Scores of the pairs.
    pub pairs: PairScores,
    /// Games won; under a payoff, worth more than nothing.
    pub wins: u64,
    /// Games drawn, those called for their length included; under a payoff, worth nothing.
    pub draws: u64,
    /// Games lost; under a payoff, worth less than nothing.
    pub losses: u64,
    /// The first player's games with White: losses, draws, wins.
    pub as_white: Trinomial,
    /// The first player's games with Black.
    pub as_black: Trinomial,
    /// What the first player's games with White and with Black were worth to it, summed up.
    pub worths: [f64; 2],
    /// Games won by White, of either player.
    pub white_wins: u64,
    /// Games that White lost, whichever player had White.
    pub black_wins: u64,
    /// Games called a draw for their length.
    pub capped: u64,
    /// Illegal choices of the first and the second player.
    pub illegal: [u64; 2],
    /// Games ended by the players' scores.
    pub adjudicated: u64,
    /// Games that the first and the second player forfeited.
    pub forfeits: [Forfeits; 2],
    /// How often the first and the second player had to be started again because they failed between games.
    pub restarts: [u64; 2],
    /// Moves of all games, openings included.
    pub plies: u64,
    /// The test, and the hypothesis that it has accepted, if it has ended.
    pub sprt: Option<(Sprt, Option<Hypothesis>)>,
}

impl MatchResult {
    /// A match without games, which are won, drawn and lost under the payoff, or may be worth fractions.
    pub(crate) fn new(payoff: &Payoff, sprt: Option<Sprt>) -> MatchResult {
        let pairs = PairScores::new(payoff.is_ternary());
        MatchResult { pairs, sprt: sprt.map(|sprt| (sprt, None)), ..MatchResult::default() }
    }

    /// Whether a test has accepted a hypothesis.
    pub(crate) fn is_decided(&self) -> bool {
        matches!(self.sprt, Some((_, Some(_))))
    }

    /// Counts one more round.
    pub(crate) fn count(&mut self, round: &RoundTally) {
        let [first, second] = round.results();
        let worths = round.worths();
        match &mut self.pairs {
            PairScores::Counted(counts) => counts.add(first, second),
            PairScores::Measured(means) => means.add(worths[0], worths[1]),
        }
        self.worths = [0, 1].map(|game| self.worths[game] + f64::from(worths[game]));
        self.as_white.add(first);
        self.as_black.add(second);
        for (number, game) in round.games.iter().enumerate() {
            match game.result {
                1 => self.wins += 1,
                0 => self.draws += 1,
                _ => self.losses += 1,
            }
            let white = if Round::color(0, number) == Color::White { game.result } else { -game.result };
            self.white_wins += u64::from(white > 0);
            self.black_wins += u64::from(white < 0);
            self.capped += u64::from(game.capped);
            self.adjudicated += u64::from(game.adjudicated);
            self.plies += u64::from(game.plies);
            if let Some((player, kind)) = game.forfeit {
                self.forfeits[usize::from(player)].add(kind);
            }
            for player in [0, 1] {
                self.illegal[player] += u64::from(game.illegal[player]);
                self.restarts[player] += u64::from(game.restarts[player]);
            }
        }
        if let (Some((sprt, decision)), PairScores::Counted(counts)) = (&mut self.sprt, &self.pairs) {
            *decision = sprt.decide(counts);
        }
    }

    /// The score with everything that follows from it, in numbers.
    #[must_use]
    pub fn summary(&self) -> MatchSummary {
        let (score_low, score_high) = self.pairs.score_interval();
        let (elo_low, elo_high) = self.pairs.elo_interval();
        let pentanomial = self.pairs.pentanomial();
        let normalised = pentanomial.and_then(|counts| counts.normalised_elo_interval());
        let games = self.wins + self.draws + self.losses;
        let [white, black] = [self.as_white.0, self.as_black.0];
        let [with_white, with_black] = self.worths;
        let bounds = self.sprt.map(|(sprt, _)| sprt.bounds());
        let classes = pentanomial.is_some();
        let mean = |worths: f64, games: u64| (1.0 + worths / games as f64) / 2.0;
        MatchSummary {
            games,
            wins: self.wins,
            draws: self.draws,
            losses: self.losses,
            white_wins: self.white_wins,
            black_wins: self.black_wins,
            pentanomial,
            score: self.pairs.score(),
            se: self.pairs.standard_error(),
            score_low,
            score_high,
            elo: self.pairs.elo(),
            elo_low,
            elo_high,
            normalised_elo: pentanomial.and_then(|counts| counts.normalised_elo()),
            normalised_elo_low: normalised.map(|interval| interval.0),
            normalised_elo_high: normalised.map(|interval| interval.1),
            draw_rate: classes.then(|| Trinomial([0, 1, 2].map(|class| white[class] + black[class])).draw_rate()),
            as_white: classes.then_some(self.as_white),
            as_black: classes.then_some(self.as_black),
            score_as_white: (!classes).then(|| mean(with_white, self.as_white.games())),
            score_as_black: (!classes).then(|| mean(with_black, self.as_black.games())),
            white_score: if classes {
                // The first player's losses with Black were wins of White.
                Trinomial([0, 1, 2].map(|class| white[class] + black[2 - class])).score()
            } else {
                mean(with_white - with_black, games)
            },
            los: self.pairs.los(),
            llr: self.sprt.zip(pentanomial).map(|((sprt, _), counts)| sprt.llr(&counts)),
            llr_low: bounds.map(|b| b.0),
            llr_high: bounds.map(|b| b.1),
            accepted: self.sprt.and_then(|(_, decision)| decision),
            capped: self.capped,
            illegal: self.illegal,
            adjudicated: self.adjudicated,
            forfeits: self.forfeits,
            restarts: self.restarts,
            plies: self.plies,
        }
    }
}

/// The score of a match ([`MatchResult`]) with everything that follows from it. `None` (`null`) stands for a number that does not
/// exist.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MatchSummary {
    /// Games played.
    pub games: u64,
    /// Games that the first player won; under a payoff, that were worth more than nothing to it.
    pub wins: u64,
    /// Games drawn; under a payoff, worth nothing.
    pub draws: u64,
    /// Games that the first player lost; under a payoff, that were worth less than nothing to it.
    pub losses: u64,
    /// Games that White won; under a payoff, that were worth more than nothing to White.
    pub white_wins: u64,
    /// Games that Black won; under a payoff, that were worth more than nothing to Black.
    pub black_wins: u64,
    /// Pairs by result: `[LL, LD, DD + WL, WD, WW]`; `None` where games may be worth fractions.
    pub pentanomial: Option<Pentanomial>,
    /// Mean score of the first player, (1 + worth) / 2, from 0 to 1; NaN (`null`) without any pair.
    pub score: f64,
    /// See [`PairScores::standard_error`].
    pub se: f64,
    /// Lower end of the 95% interval of the score: see [`PairScores::score_interval`].
    pub score_low: f64,
    /// Upper end of the 95% interval of the score.
    pub score_high: f64,
    /// Logistic Elo difference of the mean score.
    pub elo: Option<f64>,
    /// Lower end of the 95% interval of the Elo difference; `None` for minus infinity.
    pub elo_low: Option<f64>,
    /// Upper end of the 95% interval of the Elo difference; `None` for infinity.
    pub elo_high: Option<f64>,
    /// See [`Pentanomial::normalised_elo`]; `None` where games may be worth fractions.
    pub normalised_elo: Option<f64>,
    /// Lower end of the 95% interval of the normalised Elo difference.
    pub normalised_elo_low: Option<f64>,
    /// Upper end of the 95% interval of the normalised Elo difference.
    pub normalised_elo_high: Option<f64>,
    /// Share of drawn games, 0 to 1; NaN (`null`) without any game, `None` where games may be worth fractions.
    pub draw_rate: Option<f64>,
    /// The first player's games with White: losses, draws, wins; `None` where games may be worth fractions.
    pub as_white: Option<Trinomial>,
    /// The first player's games with Black.
    pub as_black: Option<Trinomial>,
    /// Mean score of the first player with White, where games may be worth fractions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score_as_white: Option<f64>,
    /// Mean score of the first player with Black, where games may be worth fractions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score_as_black: Option<f64>,
    /// Mean score of White, whoever had it, 0 to 1; NaN (`null`) without any game.
    pub white_score: f64,
    /// See [`PairScores::los`].
    pub los: f64,
    /// Log-likelihood ratio of the test, if there is one.
    pub llr: Option<f64>,
    /// The log-likelihood ratio at which the test accepts H0.
    pub llr_low: Option<f64>,
    /// The log-likelihood ratio at which the test accepts H1.
    pub llr_high: Option<f64>,
    /// The hypothesis that the test has accepted.
    pub accepted: Option<Hypothesis>,
    /// Games called a draw for their length.
    pub capped: u64,
    /// Illegal choices of the first and the second player.
    pub illegal: [u64; 2],
    /// Games ended by the players' scores.
    pub adjudicated: u64,
    /// Games that the first and the second player forfeited, by kind.
    pub forfeits: [Forfeits; 2],
    /// How often the first and the second player had to be started again because they failed between games.
    pub restarts: [u64; 2],
    /// Moves of all games, openings included.
    pub plies: u64,
}
