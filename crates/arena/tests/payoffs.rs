//! Matches under payoffs: what games are worth, how that is counted, and what is refused.

use std::sync::Arc;

use arena::stats::{PairMeans, PairScores, Pentanomial, Sprt};
use arena::{
    Choice, Failure, FailureKind, GameRecord, MatchConfig, MatchError, MatchResult, Opening, PgnTags, Player, Round,
    RoundTally, SearchPlayer, Termination, pgn, play_game, run_match,
};
use evaluator::Uniform;
use rules::{Catalog, Color, EndingKind, Game, Rules};
use search::Searcher;

/// Qf7 stalemates, Qg7 mates.
const TWO_ENDS: &str = "7k/8/5KQ1/8/8/8/8/8 w - - 0 1";
const TWO_ENDS_OF_BLACK: &str = "8/8/8/8/8/5kq1/8/7K b - - 0 1";
/// Nothing ends here within a few moves of the rook.
const ROOK: &str = "k7/8/8/8/8/8/8/K6R w - - 0 1";
/// The king may step onto the hill.
const BESIDE_THE_HILL: &str = "7k/8/8/8/8/4K3/8/8 w - - 0 1";

fn priced(variant: &str, payoff: &str) -> Arc<Rules> {
    Arc::new(Catalog::builtin().rules(variant).unwrap().with_payoff(payoff.parse().unwrap()))
}

/// Plays the first of these moves that is legal, fails where it is told to, and else makes the first legal move.
struct Scripted(&'static [&'static str], &'static str);

impl Player for Scripted {
    fn choose(&mut self, game: &Game) -> Result<Choice, Failure> {
        let rules = game.rules();
        if rules.fen(game.position()) == self.1 {
            return Err(Failure {
                kind: FailureKind::Crash,
                reason: "has had enough".to_owned(),
                stderr: String::new(),
            });
        }
        let mut wanted = self.0.iter().filter_map(|uci| rules.find_uci(game.position(), game.legal(), uci).ok());
        let mv = wanted.next().unwrap_or(game.legal()[0]);
        Ok(Choice { mv, estimate: None, illegal: false, root: None, engine: None })
    }

    fn new_game(&mut self, _seed: u64) {}
}

/// Stalemates and goes to the hill.
fn stalemater() -> Box<dyn Player> {
    Box::new(Scripted(&["g6f7", "g3f2", "e3e4", "h1h2", "h2h1", "a8b8", "b8a8"], ""))
}

/// Mates, and gives up beside the hill.
fn mater() -> Box<dyn Player> {
    Box::new(Scripted(&["g6g7", "g3g2", "h1h2", "h2h1", "a8b8", "b8a8"], BESIDE_THE_HILL))
}

fn config(rules: &Arc<Rules>, starts: &[&str]) -> MatchConfig {
    let opening = |fen: &&str| Opening { start: Some((*fen).to_owned()), moves: Vec::new() };
    let openings = starts.iter().map(opening).collect();
    MatchConfig { max_plies: 6, insufficient_material: true, ..MatchConfig::new(Arc::clone(rules), openings) }
}

fn play(rules: &Arc<Rules>, starts: &[&str]) -> (MatchResult, Vec<Round>) {
    let mut rounds = Vec::new();
    let config = config(rules, starts);
    let result = run_match(&config, &stalemater, &mater, &mut |round, _| rounds.push(round.clone())).unwrap();
    (result, rounds)
}

const STARTS: [&str; 4] = [TWO_ENDS, TWO_ENDS_OF_BLACK, ROOK, BESIDE_THE_HILL];

#[test]
fn a_match_of_fractions_scores_means_with_their_own_spread() {
    let rules = priced("kingofthehill", "stalemate=0.5,flag=-0.75");
    let (result, rounds) = play(&rules, &STARTS);
    let worths: Vec<[f32; 2]> = rounds.iter().map(|round| round.tally().worths()).collect();
    // Stalemates with either colour against mates; the length; the hill, and a failure.
    assert_eq!(worths, [[0.5, -1.0], [-1.0, 0.5], [0.0, 0.0], [-0.75, 1.0]]);
    let summary = result.summary();
    // Scores of the pairs: 3/8, 3/8, 1/2 and 9/16.
    let mean = (0.375 + 0.375 + 0.5 + 0.5625) / 4.0;
    assert_eq!(summary.score, mean);
    assert!((summary.se - 0.046_875).abs() < 1e-12, "{}", summary.se);
    // With 0 and 1 added: six numbers, Student's quantile for five degrees of freedom.
    let sample = [0.375, 0.375, 0.5, 0.5625, 0.0, 1.0];
    let center = sample.iter().sum::<f64>() / 6.0;
    let variance = sample.iter().map(|x| (x - center).powi(2)).sum::<f64>() / 5.0;
    let margin = 2.570_581_836 * (variance / 6.0).sqrt();
    assert!((summary.score_low - (center - margin)).abs() < 1e-8, "{summary:?}");
    assert!((summary.score_high - (center + margin)).abs() < 1e-8, "{summary:?}");
    assert_eq!(summary.elo, arena::stats::elo(mean), "the Elo of the mean");
    assert_eq!((summary.wins, summary.draws, summary.losses), (3, 2, 3));
    assert_eq!((summary.score_as_white, summary.score_as_black), (Some(0.343_75), Some(0.5625)));
    assert_eq!(summary.white_score, 0.390_625);
    assert!(summary.los < 0.5);
    let json = serde_json::to_value(summary).unwrap();
    for key in ["pentanomial", "normalised_elo", "draw_rate", "as_white", "as_black", "llr"] {
        assert!(json[key].is_null(), "{key} is made of three outcomes: {}", json[key]);
    }
    assert!(matches!(result.pairs, PairScores::Measured(means) if means.pairs() == 4));
}

#[test]
fn a_payoff_of_whole_worths_is_counted_as_ever() {
    let (result, rounds) = play(&priced("kingofthehill", "stalemate=1,flag=-1"), &STARTS);
    let results: Vec<[i32; 2]> = rounds.iter().map(|round| round.tally().results()).collect();
    assert_eq!(results, [[1, -1], [-1, 1], [0, 0], [-1, 1]]);
    assert_eq!(result.pairs, PairScores::Counted(Pentanomial([0, 0, 4, 0, 0])));
    let text = serde_json::to_string(&rounds[0].tally()).unwrap();
    assert!(!text.contains("worth"), "{text}");

    let (result, rounds) = play(&Catalog::builtin().rules("kingofthehill").unwrap(), &STARTS);
    let results: Vec<[i32; 2]> = rounds.iter().map(|round| round.tally().results()).collect();
    assert_eq!(results, [[0, -1], [-1, 0], [0, 0], [1, 1]]);
    let json = serde_json::to_value(result.summary()).unwrap();
    assert!(json.get("score_as_white").is_none() && json["pentanomial"].is_array());
}

#[test]
fn games_are_worth_their_endings_or_their_verdicts() {
    let rules = priced("kingofthehill", "stalemate=0.5,flag=-0.75,checkmate=0.25");
    let (_, rounds) = play(&rules, &STARTS);
    let ends: Vec<_> = rounds.iter().flat_map(|round| &round.games).map(|g| g.ending.map(|e| e.kind)).collect();
    use EndingKind::{Checkmate, Flag, Stalemate};
    let [stalemate, mate, hill] = [Stalemate, Checkmate, Flag].map(Some);
    assert_eq!(ends, [stalemate, mate, mate, stalemate, None, None, hill, None]);
    let games: Vec<&GameRecord> = rounds.iter().flat_map(|round| &round.games).collect();
    let of_white: Vec<f32> = games.iter().map(|game| game.worth(Color::White)).collect();
    assert_eq!(of_white, [0.5, 0.25, -0.25, -0.5, 0.0, 0.0, -0.75, -1.0]);
    for game in &games {
        assert_eq!(game.worth(Color::Black), 0.0 - game.worth(Color::White));
        assert_eq!(game.ending.is_some(), game.termination == Termination::Rules);
    }
    assert!(games[4].capped() && games[7].forfeit().is_some());
}

#[test]
fn tallies_of_fractions_are_read_as_they_were_written() {
    let rules = priced("kingofthehill", "stalemate=0.1,flag=-0.7");
    let (_, rounds) = play(&rules, &STARTS);
    for round in &rounds {
        let tally = round.tally();
        let text = serde_json::to_string(&tally).unwrap();
        assert_eq!(serde_json::from_str::<RoundTally>(&text).unwrap(), tally, "{text}");
    }
    let text = serde_json::to_string(&rounds[0].tally()).unwrap();
    assert!(text.contains("\"worth\":0.1"), "{text}");
    for wrong in ["1.5", "-2", "\"x\"", "1e999"] {
        let text = text.replace("\"worth\":0.1", &format!("\"worth\":{wrong}"));
        assert!(serde_json::from_str::<RoundTally>(&text).is_err(), "{text}");
    }
}

#[test]
fn a_sequential_test_of_fractions_is_refused_before_anything_is_played() {
    let sprt = Some(Sprt::from_settings(&["elo0=0 elo1=10"]).unwrap());
    let nobody = || -> Box<dyn Player> { panic!("nobody is asked to play") };
    let fractions = MatchConfig { sprt, ..config(&priced("chess", "stalemate=0.5"), &[TWO_ENDS]) };
    let error = run_match(&fractions, &nobody, &nobody, &mut |_, _| ()).unwrap_err();
    assert!(matches!(error, MatchError::SprtOfFractions(_)));
    assert!(error.to_string().contains("under the payoff stalemate=0.5 games may be worth fractions"), "{error}");
    let whole = MatchConfig { sprt, ..config(&priced("chess", "stalemate=-1"), &[TWO_ENDS]) };
    let result = run_match(&whole, &stalemater, &mater, &mut |_, _| ()).unwrap();
    assert_eq!(result.summary().losses, 2, "a stalemate is a loss, and so is a mate of the other side");
    assert!(result.summary().llr.is_some());
}

#[test]
fn records_tell_the_payoff_the_ending_and_the_worth() {
    let tags = PgnTags::default();
    let (_, rounds) = play(&priced("kingofthehill", "flag=-1,stalemate=0.5"), &STARTS);
    let texts: Vec<String> = rounds.iter().flat_map(|round| &round.games).map(|game| pgn(game, &tags)).collect();
    assert!(texts[0].contains("[Result \"1/2-1/2\"]"), "the result is the variant's own: {}", texts[0]);
    let told = "[Payoff \"stalemate=0.5,flag=-1\"]\n[Ending \"stalemate\"]\n[WhiteWorth \"0.5\"]\n";
    assert!(texts[0].contains(told), "{}", texts[0]);
    assert!(texts[6].contains("[Result \"1-0\"]") && texts[6].contains("[Ending \"flag\"]\n[WhiteWorth \"-1\"]\n"));
    assert!(!texts[4].contains("[Ending") && texts[4].contains("[WhiteWorth \"0\"]"), "{}", texts[4]);
    let (_, rounds) = play(&Catalog::builtin().rules("kingofthehill").unwrap(), &STARTS);
    for game in rounds.iter().flat_map(|round| &round.games) {
        let text = pgn(game, &tags);
        assert!(!text.contains("Payoff") && !text.contains("Ending") && !text.contains("Worth"), "{text}");
    }
}

#[test]
fn games_in_which_nobody_can_win_go_on_under_a_payoff() {
    let bare = "7k/8/8/8/8/8/8/K7 w - - 0 1";
    let plies = |rules: &Arc<Rules>| play(rules, &[bare]).1[0].games[0].plies();
    assert_eq!(plies(&Catalog::builtin().rules("chess").unwrap()), 0);
    assert_eq!(plies(&priced("chess", "count=0.5,count-at-ply=4")), 4);
}

#[test]
fn players_may_believe_in_another_payoff() {
    let (true_rules, believed) =
        (Catalog::builtin().rules("kingofthehill").unwrap(), priced("kingofthehill", "flag=-1"));
    let first_move = |mut player: SearchPlayer| {
        let start = true_rules.parse_fen(BESIDE_THE_HILL).unwrap();
        let choice = player.choose(&Game::from_position(Arc::clone(&true_rules), start)).unwrap();
        assert!(!choice.illegal);
        (true_rules.uci(&start, choice.mv), choice.estimate.unwrap())
    };
    let uniform = |rules: &Rules| Box::new(Uniform::new(rules));
    let search = || Searcher::playouts(400);
    let (mv, estimate) = first_move(SearchPlayer::new(search(), uniform(&true_rules)));
    assert!(["e3d4", "e3e4"].contains(&mv.as_str()) && estimate == 1.0, "{mv} {estimate}");
    let (mv, _) = first_move(SearchPlayer::with_stale_rules(
        search(),
        uniform(&believed),
        Arc::clone(&believed),
        uniform(&true_rules),
    ));
    assert!(!["e3d4", "e3e4"].contains(&mv.as_str()), "{mv}");

    // A player that believes that the game is over expects what that is worth to it.
    let counted = priced("chess", "count=0.25,count-at-ply=2");
    let chess = Catalog::builtin().rules("chess").unwrap();
    let start = chess.parse_fen("7k/8/8/8/8/8/8/K4R2 w - - 0 2").unwrap();
    let mut player = SearchPlayer::with_stale_rules(search(), uniform(&counted), counted.clone(), uniform(&chess));
    let choice = player.choose(&Game::from_position(chess, start)).unwrap();
    assert_eq!((choice.illegal, choice.estimate), (true, Some(0.25)));
}

#[test]
fn both_sides_of_a_game_are_scored_by_one_payoff() {
    let rules = priced("chess", "stalemate=0.5");
    let start = rules.parse_fen(TWO_ENDS).unwrap();
    let game = Game::from_position(Arc::clone(&rules), start);
    let record = play_game(game, stalemater().as_mut(), mater().as_mut(), 10);
    assert_eq!((record.worth(Color::White), record.worth(Color::Black)), (0.5, -0.5));
    assert_eq!(record.outcome, rules::Outcome::Draw);
}

/// Probability that the interval holds the true mean, by enumeration of all samples of `pairs` from these scores of pairs.
fn coverage(pairs: u64, worths: [[f32; 2]; 4], truth: [f64; 4]) -> f64 {
    let score = |pair: [f32; 2]| (2.0 + f64::from(pair[0]) + f64::from(pair[1])) / 4.0;
    let mean: f64 = worths.iter().zip(truth).map(|(pair, p)| p * score(*pair)).sum();
    let mut covered = 0.0;
    for a in 0..=pairs {
        for b in 0..=pairs - a {
            for c in 0..=pairs - a - b {
                let counts = [a, b, c, pairs - a - b - c];
                let (mut sample, mut probability, mut drawn) = (PairMeans::default(), 1.0, 0.0);
                for ((count, pair), p) in counts.into_iter().zip(worths).zip(truth) {
                    for k in 1..=count {
                        sample.add(pair[0], pair[1]);
                        drawn += 1.0;
                        probability *= p * drawn / k as f64;
                    }
                }
                let (low, high) = sample.score_interval();
                if low - 1e-12 <= mean && mean <= high + 1e-12 {
                    covered += probability;
                }
            }
        }
    }
    covered
}

#[test]
fn the_interval_of_means_covers_the_truth() {
    let halves = [[0.5, -1.0], [0.5, 0.5], [1.0, 0.5], [-1.0, -1.0]];
    let small = [[0.1, 0.1], [-0.1, 0.1], [0.1, 0.3], [-0.3, -0.3]];
    let mixed = [[1.0, 1.0], [0.7, -0.7], [-1.0, 0.7], [-1.0, -1.0]];
    for worths in [halves, small, mixed] {
        for truth in [
            [0.25, 0.25, 0.25, 0.25],
            [0.1, 0.6, 0.2, 0.1],
            [0.05, 0.05, 0.05, 0.85],
            [0.9, 0.0, 0.0, 0.1],
            [0.0, 0.02, 0.98, 0.0],
            [1.0, 0.0, 0.0, 0.0],
        ] {
            for pairs in [1, 2, 3, 5, 10, 20] {
                let covered = coverage(pairs, worths, truth);
                assert!(covered >= 0.94, "{pairs} pairs of {worths:?} by {truth:?}: {covered}");
            }
        }
    }
}

#[test]
fn samples_of_means_are_joined_and_few_pairs_say_little() {
    let mut all = PairMeans::default();
    let mut parts = [PairMeans::default(); 3];
    for (number, pair) in [[0.3, 0.1], [-1.0, 0.3], [0.0, 0.0], [0.9, 0.9], [0.1, -0.3]].into_iter().enumerate() {
        all.add(pair[0], pair[1]);
        parts[number % 2].add(pair[0], pair[1]);
    }
    let joined = parts[0].merged(&parts[1]).merged(&parts[2]);
    assert_eq!(joined.pairs(), 5);
    assert!((joined.score() - all.score()).abs() < 1e-12);
    assert!((joined.standard_error() - all.standard_error()).abs() < 1e-12);
    let text = serde_json::to_string(&PairScores::Measured(all)).unwrap();
    assert_eq!(serde_json::from_str::<PairScores>(&text).unwrap(), PairScores::Measured(all));
    let counted = PairScores::Counted(Pentanomial([1, 2, 3, 4, 5]));
    assert_eq!(serde_json::to_string(&counted).unwrap(), "[1,2,3,4,5]");
    assert_eq!(serde_json::from_str::<PairScores>("[1,2,3,4,5]").unwrap(), counted);
    assert_eq!(counted.merged(&counted), PairScores::Counted(Pentanomial([2, 4, 6, 8, 10])));
    let mixed = counted.merged(&PairScores::Measured(all));
    assert_eq!((mixed.pairs(), mixed.pentanomial()), (20, None));
    assert!((mixed.score() - (15.0 * counted.score() + 5.0 * all.score()) / 20.0).abs() < 1e-12);

    let nothing = PairMeans::default();
    assert_eq!((nothing.score_interval(), nothing.los(), nothing.elo()), ((0.0, 1.0), 0.5, None));
    assert!(nothing.score().is_nan() && nothing.standard_error().is_nan());
    let mut alike = PairMeans::default();
    (0..10).for_each(|_| alike.add(0.7, 0.7));
    assert!(alike.standard_error() < 1e-12);
    let (low, high) = alike.score_interval();
    assert!(low < 0.7 && high > 0.9, "{low} {high}");
}
