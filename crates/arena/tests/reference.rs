//! Statistics and ratings against published and independently computed values.

use std::path::Path;

use arena::rating::{Anchor, RatedGame, RatingList};
use arena::stats::{EloModel, Pentanomial, Sprt, SprtBounds, Trinomial, Z95, elo, normal_cdf};
use serde::Deserialize;

/// The file that `scripts/reference_statistics.py` recomputes.
#[derive(Deserialize)]
struct Reference {
    counts: Vec<toml::Table>,
    llr: Vec<Llr>,
    ratings: Vec<Ratings>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Llr {
    source: String,
    model: EloModel,
    counts: Vec<u64>,
    elo0: f64,
    elo1: f64,
    llr: f64,
    tolerance: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ratings {
    source: String,
    name: String,
    tolerance: Option<f64>,
    anchor: Option<usize>,
    #[serde(default)]
    both_colours: bool,
    #[serde(default)]
    table: Vec<[i64; 5]>,
    #[serde(default)]
    pairs: Vec<[i64; 4]>,
    worths: Option<Vec<f64>>,
    colour: Option<f64>,
    nu: Option<f64>,
    elo: Option<Vec<f64>>,
    se: Option<Vec<f64>>,
    white_elo: Option<f64>,
    white_se: Option<f64>,
}

const TOLERANCE: f64 = 5e-4;

fn reference() -> Reference {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/reference_statistics.toml");
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn close(actual: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((actual - expected).abs() <= tolerance, "{what}: {actual} is not within {tolerance} of {expected}");
}

/// The numbers of a row, from either kind of counts.
struct Statistics {
    score: f64,
    se: f64,
    interval: (f64, f64),
    elo: Option<f64>,
    elo_interval: (Option<f64>, Option<f64>),
    nelo: Option<f64>,
    nelo_interval: Option<(f64, f64)>,
    los: f64,
    games: u64,
}

fn statistics(counts: &[u64]) -> Statistics {
    if let Ok(counts) = <[u64; 3]>::try_from(counts) {
        let t = Trinomial(counts);
        Statistics {
            score: t.score(),
            se: t.standard_error(),
            interval: t.score_interval(),
            elo: t.elo(),
            elo_interval: t.elo_interval(),
            nelo: t.normalised_elo(),
            nelo_interval: t.normalised_elo_interval(),
            los: t.los(),
            games: t.games(),
        }
    } else {
        let p = Pentanomial(counts.try_into().unwrap());
        Statistics {
            score: p.score(),
            se: p.standard_error(),
            interval: p.score_interval(),
            elo: p.elo(),
            elo_interval: p.elo_interval(),
            nelo: p.normalised_elo(),
            nelo_interval: p.normalised_elo_interval(),
            los: p.los(),
            games: 2 * p.pairs(),
        }
    }
}

#[test]
fn elo_and_its_errors_agree() {
    for row in reference().counts {
        let counts: Vec<u64> =
            row["counts"].as_array().unwrap().iter().map(|n| n.as_integer().unwrap() as u64).collect();
        let tolerance = row.get("tolerance").map_or(TOLERANCE, |t| t.as_float().unwrap());
        let s = statistics(&counts);
        let mut checked = 0;
        for (key, value) in &row {
            let actual = match key.as_str() {
                "source" | "counts" | "tolerance" => continue,
                "score" => s.score,
                "se" => s.se,
                "score_low" => s.interval.0,
                "score_high" => s.interval.1,
                "elo" => s.elo.unwrap(),
                "elo_low" => s.elo_interval.0.unwrap(),
                "elo_high" => s.elo_interval.1.unwrap(),
                // Other programs print half the width of the plain interval.
                "elo_error" => (elo(s.score + Z95 * s.se).unwrap() - elo(s.score - Z95 * s.se).unwrap()) / 2.0,
                "nelo" => s.nelo.unwrap(),
                "nelo_low" => s.nelo_interval.unwrap().0,
                "nelo_high" => s.nelo_interval.unwrap().1,
                "nelo_error" => Z95 / (s.games as f64).sqrt() * arena::stats::NORMALISED_ELO,
                "los" => s.los,
                "los_plain" => normal_cdf((s.score - 0.5) / s.se),
                other => panic!("unknown column {other}"),
            };
            let value = value.as_float().unwrap_or_else(|| value.as_integer().unwrap() as f64);
            close(actual, value, tolerance, &format!("{counts:?} {key} ({})", row["source"]));
            checked += 1;
        }
        assert!(checked > 0);
    }
}

#[test]
fn log_likelihood_ratios_agree() {
    for row in reference().llr {
        let bounds = SprtBounds { elo0: row.elo0, elo1: row.elo1, alpha: 0.05, beta: 0.05, model: row.model };
        let test = Sprt::try_from(bounds).unwrap();
        let llr = match <[u64; 3]>::try_from(row.counts.as_slice()) {
            Ok(games) => test.llr_of_games(&Trinomial(games)),
            Err(_) => test.llr(&Pentanomial(row.counts.as_slice().try_into().unwrap())),
        };
        close(
            llr,
            row.llr,
            row.tolerance.unwrap_or(TOLERANCE),
            &format!("{:?} {:?} ({})", row.model, row.counts, row.source),
        );
    }
}

fn games(row: &Ratings) -> Vec<RatedGame> {
    let mut games = Vec::new();
    for (cluster, [a, b, first, second]) in (0..).zip(&row.pairs) {
        let (a, b) = (*a as usize, *b as usize);
        games.push(RatedGame { white: a, black: b, result: *first as i32, cluster });
        games.push(RatedGame { white: b, black: a, result: -*second as i32, cluster });
    }
    for [white, black, wins, draws, losses] in &row.table {
        let (white, black) = (*white as usize, *black as usize);
        for (result, count) in [(1, wins), (0, draws), (-1, losses)] {
            for _ in 0..*count {
                games.push(RatedGame { white, black, result, cluster: games.len() as u64 });
                if row.both_colours {
                    games.push(RatedGame { white: black, black: white, result: -result, cluster: games.len() as u64 });
                }
            }
        }
    }
    games
}

#[test]
fn ratings_agree() {
    for row in reference().ratings {
        let games = games(&row);
        let players = 1 + games.iter().map(|g| g.white.max(g.black)).max().unwrap();
        let anchor = row.anchor.map_or(Anchor::Mean(0.0), |player| Anchor::Player(player, 0.0));
        let list = RatingList::new(players, &games, anchor).unwrap();
        assert_eq!(list.prior, None);
        let what = format!("{} ({})", row.name, row.source);
        let tolerance = row.tolerance.unwrap_or(TOLERANCE);
        let unit = 400.0 / std::f64::consts::LN_10 * list.scale;
        if let Some(expected) = &row.worths {
            let mut worths: Vec<f64> = (0..players).map(|p| (list.players[p].rating.elo / unit).exp()).collect();
            let sum: f64 = worths.iter().sum();
            worths.sort_by(f64::total_cmp);
            for (worth, expected) in worths.iter().zip(expected) {
                close(worth / sum, *expected, tolerance, &what);
            }
        }
        if let Some(colour) = row.colour {
            close(list.white_advantage.elo / unit, colour, tolerance, &what);
        }
        if let Some(nu) = row.nu {
            close(list.draw_parameter, nu, tolerance, &what);
        }
        for (rating, expected) in list.players.iter().zip(row.elo.iter().flatten()) {
            close(rating.rating.elo, *expected, 2e-3, &what);
        }
        for (rating, expected) in list.players.iter().zip(row.se.iter().flatten()) {
            close(rating.rating.se, *expected, 2e-3, &what);
        }
        for (actual, expected) in [(list.white_advantage.elo, row.white_elo), (list.white_advantage.se, row.white_se)] {
            if let Some(expected) = expected {
                close(actual, expected, 2e-3, &what);
            }
        }
    }
}
