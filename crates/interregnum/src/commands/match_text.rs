//! The score of a match as text.

use arena::MatchSummary;
use arena::stats::Trinomial;

/// What the text of a match adds to the score.
pub(super) fn details(s: &MatchSummary) -> String {
    let percent = |share: f64| format!("{:.1}%", 100.0 * share);
    let side = |counts: Option<Trinomial>, mean: Option<f64>| {
        percent(counts.map_or(mean.unwrap_or(f64::NAN), |counts| counts.score()))
    };
    let pairs = match (s.pentanomial, s.draw_rate) {
        (Some(counts), Some(draws)) => format!("pairs {:?}, draws {}", counts.0, percent(draws)),
        _ => format!("{} pairs that may be worth fractions, error {}", s.games / 2, percent(s.se)),
    };
    let mut text = format!(
        "{pairs}, with White {}, with Black {}, LOS {}",
        side(s.as_white, s.score_as_white),
        side(s.as_black, s.score_as_black),
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
