//! Intervals of ratings cover the truth as often as they claim, and ratings say where the data determine nothing.

use arena::rating::{Anchor, RatedGame, RatingError, RatingList};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn pair(a: usize, b: usize, results: [i32; 2], cluster: u64) -> [RatedGame; 2] {
    [
        RatedGame { white: a, black: b, result: results[0], cluster },
        RatedGame { white: b, black: a, result: -results[1], cluster },
    ]
}

/// Simulates tournaments under Davidson's model: strengths in natural units, the draw parameter, and how much openings favour one
/// colour, which makes the games of a pair dependent.
struct World {
    strengths: &'static [f64],
    bias: f64,
    nu: f64,
}

impl World {
    fn play(&self, pairs: usize, rng: &mut ChaCha8Rng) -> RatingList {
        let mut games = Vec::new();
        for a in 0..self.strengths.len() {
            for b in a + 1..self.strengths.len() {
                for _ in 0..pairs {
                    let uniform: f64 = (0..3).map(|_| rng.random::<f64>() - 0.5).sum();
                    let cluster = games.len() as u64;
                    for (white, black) in [(a, b), (b, a)] {
                        let x = self.strengths[white] - self.strengths[black] + 0.2 + self.bias * uniform;
                        let (win, loss) = ((x / 2.0).exp(), (-x / 2.0).exp());
                        let drawn = rng.random::<f64>() * (win + loss + self.nu);
                        let result = i32::from(drawn < win) - i32::from(drawn >= win && drawn < win + loss);
                        games.push(RatedGame { white, black, result, cluster });
                    }
                }
            }
        }
        RatingList::new(self.strengths.len(), &games, Anchor::Mean(0.0)).unwrap()
    }
}

/// Nominal coverage is 95%. Few pairs, lopsided pairings and rare decisive games must not push it far below, and the pairs that are
/// added for small samples must not make large ones vague.
#[test]
fn intervals_cover_the_truth() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for world in [
        World { strengths: &[0.6, 0.1, -0.1, -0.6], bias: 2.0, nu: 0.8 },
        World { strengths: &[0.6, 0.1, -0.1, -0.6], bias: 5.0, nu: 0.8 },
        World { strengths: &[4.0, 0.0, -0.3], bias: 0.0, nu: 0.5 },
        World { strengths: &[0.3, 0.0, -0.3], bias: 0.0, nu: 20.0 },
        World { strengths: &[0.0, 0.0], bias: 0.0, nu: 0.0 },
    ] {
        // The bias of openings makes differences smaller than the strengths are, so the true differences are taken from a very
        // large sample.
        let truth = world.play(60_000, &mut rng);
        for (pairs, most) in [(5, 1.0), (60, 0.98)] {
            let (mut covered, mut total) = (0, 0);
            for _ in 0..300 {
                let list = world.play(pairs, &mut rng);
                for (player, expected) in list.players.iter().zip(&truth.players) {
                    total += 1;
                    covered += u32::from((player.rating.low..=player.rating.high).contains(&expected.rating.elo));
                }
            }
            let coverage = f64::from(covered) / f64::from(total);
            assert!((0.92..=most).contains(&coverage), "{pairs} pairs of {:?}: {coverage}", world.strengths);
        }
    }
}

/// The two games of a pair that always end alike for one colour say less than two games that are independent. Repeated games say
/// nothing new.
#[test]
fn dependence_shows_in_the_error() {
    let mut games = Vec::new();
    for round in 0..400 {
        games.extend(pair(0, 1, if round % 2 == 0 { [1, 1] } else { [-1, -1] }, round));
    }
    let error = |games: &[RatedGame]| RatingList::new(2, games, Anchor::Mean(0.0)).unwrap().difference(0, 1).se;
    let together = error(&games);
    let apart: Vec<RatedGame> = games.iter().zip(0..).map(|(g, cluster)| RatedGame { cluster, ..*g }).collect();
    let ratio = together / error(&apart);
    assert!((1.35..1.5).contains(&ratio), "{ratio}");
    let thrice: Vec<RatedGame> = games.iter().chain(&games).chain(&games).copied().collect();
    assert!((error(&thrice) / together - 1.0).abs() < 0.02);
}

#[test]
fn two_players_agree_with_the_score_of_their_match() {
    let mut games = Vec::new();
    for round in 0..300 {
        games.extend(pair(0, 1, [[1, 0], [0, 0], [1, -1], [-1, 0], [1, 1]][round as usize % 5], round));
    }
    let list = RatingList::new(2, &games, Anchor::Player(1, 2000.0)).unwrap();
    let score = list.players[0].results.score();
    let expected = 400.0 * (score / (1.0 - score)).log10();
    let rating = list.players[0].rating;
    assert!((rating.elo - 2000.0 - expected).abs() < 5.0, "{rating:?} {expected}");
    assert_eq!((list.players[1].rating.elo, list.players[1].rating.se), (2000.0, 0.0));
    assert!(rating.low < rating.elo && rating.elo < rating.high && list.los(0, 1) > 0.99);
    assert!((list.los(0, 1) + list.los(1, 0) - 1.0).abs() < 1e-12);
}

#[test]
fn winners_of_everything_and_strangers_get_bounded_ratings_and_are_marked() {
    // 0 beats everyone always; 1 and 2 are even; 3 and 4 have never met the others.
    let mut games = Vec::new();
    for round in 0..20 {
        games.extend(pair(0, 1, [1, 1], 4 * round));
        games.extend(pair(0, 2, [1, 1], 4 * round + 1));
        games.extend(pair(1, 2, if round % 2 == 0 { [1, -1] } else { [0, 0] }, 4 * round + 2));
        games.extend(pair(3, 4, if round % 2 == 0 { [1, 0] } else { [0, -1] }, 4 * round + 3));
    }
    let list = RatingList::new(5, &games, Anchor::Mean(0.0)).unwrap();
    assert_eq!(list.prior, Some(1000.0));
    let one_sided: Vec<bool> = list.players.iter().map(|p| p.one_sided).collect();
    assert_eq!(one_sided, [true, false, false, false, false]);
    assert_eq!(list.players.iter().map(|p| p.group).collect::<Vec<_>>(), [0, 0, 0, 1, 1]);
    assert!(list.players.iter().all(|p| p.rating.elo.is_finite() && p.rating.se.is_finite()));
    let known = list.difference(1, 2);
    assert!(known.elo.abs() < 1e-6 && known.se < 80.0, "{known:?}");
    assert!(list.difference(0, 1).elo > 200.0);
    let strangers = list.difference(1, 3);
    assert!(strangers.se > 300.0, "{strangers:?}");
}

#[test]
fn results_at_the_edge_are_rated() {
    let rate = |results: &[[i32; 2]]| {
        let games: Vec<RatedGame> = results.iter().zip(0..).flat_map(|(r, cluster)| pair(0, 1, *r, cluster)).collect();
        RatingList::new(2, &games, Anchor::Mean(0.0)).unwrap()
    };
    for results in [vec![[1, 1]], vec![[0, 0]; 10], vec![[1, -1]; 10], vec![[-1, 1]; 3], vec![[-1, -1]; 50]] {
        let list = rate(&results);
        let d = list.difference(0, 1);
        assert!(d.elo.is_finite() && d.se.is_finite() && d.se > 0.0, "{results:?}: {d:?}");
        assert!(results.iter().flatten().sum::<i32>() != 0 || d.elo.abs() < 1e-6, "{results:?}: {d:?}");
    }
    // White always wins, so the players are equal, and only the prior bounds White's advantage.
    assert!(rate(&[[1, -1]; 10]).white_advantage.elo > 100.0);
    assert!(matches!(RatingList::new(2, &[], Anchor::Mean(0.0)), Err(RatingError::Size { .. })));
    let odd = RatedGame { white: 1, black: 1, result: 0, cluster: 0 };
    assert!(matches!(RatingList::new(2, &[odd], Anchor::Mean(0.0)), Err(RatingError::Game(0))));
    let game = RatedGame { white: 0, black: 1, result: 0, cluster: 0 };
    assert!(matches!(RatingList::new(2, &[game], Anchor::Player(2, 0.0)), Err(RatingError::Anchor(2, 2))));
}
