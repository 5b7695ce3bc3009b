//! Matches do not depend on threads, stop where the test says, and count what they should.

use std::sync::Arc;

use arena::stats::{Hypothesis, Sprt};
use arena::{
    Choice, Failure, MatchConfig, MatchResult, Opening, PgnTags, Player, RandomOpenings, RandomPlayer, Round,
    SearchPlayer, pgn, run_match,
};
use evaluator::Uniform;
use rules::{Catalog, Color, Game, Move, Outcome, Rules};
use search::Searcher;

fn gardner() -> Arc<Rules> {
    Catalog::builtin().rules("gardner").unwrap()
}

fn config(rounds: u32) -> MatchConfig {
    let rules = gardner();
    let openings = RandomOpenings::new(7, 4..=4).generate(&rules, rounds).unwrap();
    MatchConfig { seed: 11, ..MatchConfig::new(rules, openings) }
}

fn random() -> Box<dyn Player> {
    Box::new(RandomPlayer::new())
}

fn searcher(playouts: u32) -> Box<dyn Player> {
    Box::new(SearchPlayer::new(Searcher::playouts(playouts), Box::new(Uniform::new(&gardner()))))
}

/// Gives mate if it can, else captures the best man that it can, else moves at random.
struct Greedy(RandomPlayer);

impl Player for Greedy {
    fn choose(&mut self, game: &Game) -> Result<Choice, Failure> {
        let random = self.0.choose(game)?;
        let gain = |mv: &Move| {
            let mut after = game.clone();
            after.play(*mv);
            let wins = after.outcome().is_some_and(|outcome| outcome.for_color(game.position().turn()) > 0);
            let letter =
                game.position().piece_on(mv.to()).map(|(_, piece)| game.rules().pieces()[piece.index()].letter);
            let man = letter.map_or(0, |letter| 1 + "pnbrq".find(letter).unwrap_or(0));
            (wins, man, *mv == random.mv)
        };
        let best = game.legal().iter().max_by_key(|mv| gain(mv)).unwrap();
        Ok(Choice { mv: *best, ..random })
    }

    fn new_game(&mut self, seed: u64) {
        Player::<u64>::new_game(&mut self.0, seed);
    }
}

fn greedy() -> Box<dyn Player> {
    Box::new(Greedy(RandomPlayer::new()))
}

type Make = fn() -> Box<dyn Player>;

fn play(config: &MatchConfig, threads: usize, first: Make, second: Make) -> (MatchResult, Vec<Round>) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let mut rounds = Vec::new();
    let result =
        pool.install(|| run_match(config, &first, &second, &mut |round, _| rounds.push(round.clone())).unwrap());
    (result, rounds)
}

fn lines(rounds: &[Round]) -> Vec<[Vec<Move>; 2]> {
    rounds.iter().map(|round| round.games.each_ref().map(|game| game.moves.clone())).collect()
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let config = config(24);
    let (one, one_rounds) = play(&config, 1, random, || searcher(16));
    for threads in [2, 5] {
        let (many, many_rounds) = play(&config, threads, random, || searcher(16));
        assert_eq!(many, one);
        assert_eq!(lines(&many_rounds), lines(&one_rounds));
    }
    assert!(one_rounds.iter().zip(0..).all(|(round, index)| round.index == index));
}

#[test]
fn a_stronger_player_is_found_stronger_and_the_test_stops_the_match() {
    let sprt = Sprt::from_settings(&["elo0=0 elo1=100"]).unwrap();
    let config = MatchConfig { sprt: Some(sprt), ..config(200) };
    let (result, rounds) = play(&config, 2, greedy, random);
    let summary = result.summary();
    assert_eq!(summary.accepted, Some(Hypothesis::H1));
    assert!(summary.llr.unwrap() >= summary.llr_high.unwrap() && summary.score > 0.7, "{summary:?}");
    assert!(rounds.len() < 200 && summary.games == 2 * rounds.len() as u64);
    let (again, _) = play(&config, 1, greedy, random);
    assert_eq!(again, result);

    let (reverse, _) = play(&config, 2, random, greedy);
    assert_eq!(reverse.summary().accepted, Some(Hypothesis::H0));
}

#[test]
fn equal_players_are_found_equal() {
    let (result, rounds) = play(&config(300), 2, random, random);
    let summary = result.summary();
    assert_eq!((summary.games, summary.wins + summary.draws + summary.losses), (600, 600));
    assert!(summary.score_low < 0.5 && summary.score_high > 0.5, "{summary:?}");
    assert!(summary.elo_low.unwrap() < 0.0 && summary.elo_high.unwrap() > 0.0);
    assert_eq!(summary.illegal, [0, 0]);
    for round in &rounds {
        let [first, second] = &round.games;
        let opening = first.opening_plies;
        assert_eq!(first.moves[..opening], second.moves[..opening]);
        assert_ne!(first.moves, second.moves, "both games of a round used the same random stream");
    }
}

#[test]
fn records_say_who_did_what() {
    let config = MatchConfig { max_plies: 30, ..config(20) };
    let (result, rounds) = play(&config, 2, || searcher(8), random);
    let mut capped = 0;
    for game in rounds.iter().flat_map(|round| &round.games) {
        assert!(game.plies() <= 30 && game.plies() == game.opening_plies + game.choices.len());
        capped += u64::from(game.capped());
        if game.capped() {
            assert_eq!((game.plies(), game.outcome), (30, Outcome::Draw));
        }
    }
    assert!(capped > 0 && result.capped == capped);
    for round in &rounds {
        for (number, game) in round.games.iter().enumerate() {
            let (searcher, random) = (Round::color(0, number), Round::color(1, number));
            assert_eq!(searcher, if number == 0 { Color::White } else { Color::Black });
            assert!(game.choices_of(searcher).all(|c| c.root.is_some_and(|r| r.playouts == 8) && c.estimate.is_some()));
            assert!(game.choices_of(random).all(|c| c.root.is_none() && c.estimate.is_none()));
        }
    }
}

#[test]
fn a_match_needs_openings() {
    let config = MatchConfig::new(gardner(), Vec::new());
    assert!(run_match(&config, &random, &random, &mut |_, _| {}).is_err());
    let mut config = self::config(1);
    config.openings[0].moves.push("a1a9".to_owned());
    assert!(run_match(&config, &random, &random, &mut |_, _| {}).is_err());
}

#[test]
fn summaries_are_json_without_infinities() {
    let (result, _) = play(&MatchConfig { rounds: 0, ..config(1) }, 1, random, random);
    let json = serde_json::to_value(result.summary()).unwrap();
    assert_eq!(json["games"], 0);
    assert!(json["score"].is_null() && json["elo"].is_null() && json["llr"].is_null());
    assert_eq!(json["pentanomial"], serde_json::json!([0, 0, 0, 0, 0]));
}

#[test]
fn games_end_where_nobody_can_win_any_more_if_that_is_asked_for() {
    let rules = Catalog::builtin().rules("chess").unwrap();
    // White can do nothing but take the queen.
    let opening = Opening { start: Some("k7/8/8/8/8/8/1q6/K7 w - - 0 1".to_owned()), moves: Vec::new() };
    for (insufficient_material, plies) in [(true, 1), (false, 20)] {
        let config = MatchConfig {
            insufficient_material,
            max_plies: 20,
            ..MatchConfig::new(Arc::clone(&rules), vec![opening.clone()])
        };
        let result = run_match(&config, &random, &random, &mut |round, _| {
            for game in &round.games {
                assert_eq!((game.plies(), game.outcome), (plies, Outcome::Draw));
                let text = pgn(game, &PgnTags::default());
                let said = text.contains("{drawn by insufficient material} 1/2-1/2") && text.contains("\"normal\"");
                assert_eq!(said, insufficient_material, "{text}");
            }
        });
        assert_eq!(result.unwrap().draws, 2);
    }
}
