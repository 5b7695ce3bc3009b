//! What a match says: its games as PGN, its score in a line, its failures.

use arena::{MatchSummary, PgnTags, PlayerFactory, Round, pgn};
use rules::Color;

/// Both games of a round. `adjudication` states what ends games besides the rules, if anything was asked for.
pub(super) fn games_as_pgn(round: &Round, players: &[PlayerFactory; 2], adjudication: Option<&str>) -> String {
    let mut text = String::new();
    for (number, game) in round.games.iter().enumerate() {
        let [white, black] = seats(number, players);
        let weights = |p: &PlayerFactory| p.weights_hash().unwrap_or_default().to_owned();
        let mut more = Vec::new();
        let mut tag = |name: &str, value: Option<&str>| more.extend(value.map(|v| (name.to_owned(), v.to_owned())));
        tag("WhiteEngine", white.engine_id());
        tag("BlackEngine", black.engine_id());
        tag("Adjudication", adjudication);
        text += &pgn(
            game,
            &PgnTags {
                event: "interregnum match".to_owned(),
                round: format!("{}.{}", round.index + 1, number + 1),
                white: white.name(),
                black: black.name(),
                white_weights: weights(white),
                black_weights: weights(black),
                more,
            },
        );
    }
    text
}

/// White and Black of a game of a round.
fn seats(game: usize, players: &[PlayerFactory; 2]) -> [&PlayerFactory; 2] {
    let [first, second] = players;
    if Round::color(0, game) == Color::White { [first, second] } else { [second, first] }
}

/// A line for each game of a round that was forfeited, or before which an engine had to be started again.
pub(super) fn failures(round: &Round, players: &[PlayerFactory; 2]) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, game) in round.games.iter().enumerate() {
        let seats = seats(number, players);
        let place = |color: Color| {
            format!("game {}.{}: {color:?} ({})", round.index + 1, number + 1, seats[color.index()].name())
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

/// What the score alone does not say.
pub(super) fn details(s: &MatchSummary) -> String {
    let percent = |share: f64| format!("{:.1}%", 100.0 * share);
    let mut text = format!(
        "pairs {:?}, draws {}, with White {}, with Black {}, LOS {}",
        s.pentanomial.0,
        percent(s.draw_rate),
        percent(s.as_white.score()),
        percent(s.as_black.score()),
        percent(s.los)
    );
    if let (Some(elo), Some(low), Some(high)) = (s.normalised_elo, s.normalised_elo_low, s.normalised_elo_high) {
        text += &format!(", normalised Elo {elo:+.0} [{low:+.0}, {high:+.0}]");
    }
    text
}

/// The score in one line.
pub(super) fn describe(s: &MatchSummary) -> String {
    let number = |elo: Option<f64>, infinite: &str| elo.map_or_else(|| infinite.to_owned(), |e| format!("{e:+.0}"));
    let (low, high) = (number(s.elo_low, "-inf"), number(s.elo_high, "inf"));
    let elo = number(s.elo, if s.score > 0.5 { "+inf" } else { "-inf" });
    let mut text = format!(
        "{} games, +{} ={} -{}, score {:.1}% [{:.1}, {:.1}], Elo {elo} [{low}, {high}]",
        s.games,
        s.wins,
        s.draws,
        s.losses,
        100.0 * s.score,
        100.0 * s.score_low,
        100.0 * s.score_high
    );
    if let (Some(llr), Some(low), Some(high)) = (s.llr, s.llr_low, s.llr_high) {
        let verdict = s.accepted.map_or_else(String::new, |h| format!(", {h:?} accepted"));
        text += &format!(", LLR {llr:.2} [{low:.2}, {high:.2}]{verdict}");
    }
    if s.illegal != [0, 0] {
        text += &format!(", illegal choices {} and {}", s.illegal[0], s.illegal[1]);
    }
    if s.forfeits.iter().any(|f| f.total() > 0) {
        text += &format!(", forfeits {} and {}", s.forfeits[0], s.forfeits[1]);
    }
    if s.restarts != [0, 0] {
        text += &format!(", started again between games {} and {} times", s.restarts[0], s.restarts[1]);
    }
    if s.adjudicated > 0 {
        text += &format!(", {} adjudicated", s.adjudicated);
    }
    text
}
