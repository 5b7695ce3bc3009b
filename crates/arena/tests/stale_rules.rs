//! Players that believe in other rules than those of the game.

use std::sync::Arc;

use arena::{GameRecord, Player, PolicyPlayer, RandomOpenings, RandomPlayer, SearchPlayer, play_game};
use evaluator::Uniform;
use rules::{Catalog, Color, Game, Rules};
use search::Searcher;

const PLAYOUTS: u32 = 24;

fn gardner() -> Arc<Rules> {
    Catalog::builtin().rules("gardner").unwrap()
}

fn edited(edit: &[(&str, &str)]) -> Arc<Rules> {
    let edit: Vec<_> = edit.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Catalog::builtin().edit("test", "gardner", "edited", &edit).unwrap()
}

fn uniform(rules: &Rules) -> Box<Uniform> {
    Box::new(Uniform::new(rules))
}

fn true_player(rules: &Rules) -> SearchPlayer {
    SearchPlayer::new(Searcher::playouts(PLAYOUTS), uniform(rules))
}

/// A player that searches under `stale` while the game is played under `rules`.
fn stale_player(stale: &Arc<Rules>, rules: &Rules) -> SearchPlayer {
    SearchPlayer::with_stale_rules(Searcher::playouts(PLAYOUTS), uniform(stale), Arc::clone(stale), uniform(rules))
}

/// Games of `white` against random moves under `rules`.
fn games(rules: &Arc<Rules>, white: &mut dyn Player) -> Vec<GameRecord> {
    let openings = RandomOpenings::new(2, 4..=4).generate(rules, 12).unwrap();
    let mut black = RandomPlayer::new();
    (openings.iter().zip(0..))
        .map(|(opening, index)| {
            white.new_game(index);
            Player::<u64>::new_game(&mut black, index);
            play_game(opening.game(rules).unwrap(), white, &mut black, 200)
        })
        .collect()
}

fn illegal(games: &[GameRecord]) -> u32 {
    assert!(games.iter().all(|game| game.illegal(Color::Black) == 0));
    games.iter().map(|game| game.illegal(Color::White)).sum()
}

#[test]
fn rules_that_still_hold_change_nothing() {
    let rules = gardner();
    let fresh = games(&rules, &mut true_player(&rules));
    let stale = games(&rules, &mut stale_player(&rules, &rules));
    for (a, b) in fresh.iter().zip(&stale) {
        assert_eq!((&a.moves, &a.choices, a.outcome), (&b.moves, &b.choices, b.outcome));
    }
    assert_eq!(illegal(&stale), 0);
}

#[test]
fn moves_of_the_old_rules_are_replaced_and_counted() {
    let camel = edited(&[("knight", "-"), ("customPiece1", "n:CW"), ("promotionPieceTypes", "nbrq")]);
    let games = games(&camel, &mut stale_player(&gardner(), &camel));
    assert!(illegal(&games) > 0);
    // Where the player does not want to move a knight as before, its choice is legal.
    assert!(games.iter().any(|game| game.choices_of(Color::White).any(|choice| !choice.illegal)));
    for choice in games.iter().flat_map(|game| game.choices_of(Color::White)) {
        assert!(choice.estimate.is_some());
    }
}

#[test]
fn a_game_that_the_old_rules_consider_over_goes_on() {
    let first_check = edited(&[("checkCounting", "true"), ("startFen", "rnbqk/ppppp/5/PPPPP/RNBQK w - - 1+1 0 1")]);
    let games = games(&gardner(), &mut stale_player(&first_check, &gardner()));
    assert!(illegal(&games) > 0);
    let convinced = |game: &GameRecord| {
        game.choices_of(Color::White)
            .any(|choice| choice.illegal && choice.root.is_none() && choice.estimate == Some(-1.0))
    };
    assert!(games.iter().any(convinced));
}

#[test]
fn positions_that_the_old_rules_cannot_express_leave_only_the_policy() {
    let wazir = edited(&[("customPiece1", "w:W"), ("startFen", "wnbqk/ppppp/5/PPPPP/WNBQK w - - 0 1")]);
    let stale = games(&wazir, &mut stale_player(&gardner(), &wazir));
    let policy = games(&wazir, &mut PolicyPlayer::new(uniform(&wazir)));
    for (a, b) in stale.iter().zip(&policy) {
        assert_eq!(a.moves[..a.opening_plies + 1], b.moves[..b.opening_plies + 1]);
        assert!(a.choices_of(Color::White).next().unwrap().illegal);
    }
}

#[test]
fn the_view_survives_a_change_of_game_without_notice() {
    let rules = gardner();
    let mut player = stale_player(&rules, &rules);
    let openings = RandomOpenings::new(4, 6..=6).generate(&rules, 10).unwrap();
    for opening in &openings {
        let game = opening.game(&rules).unwrap();
        assert!(!player.choose(&game).unwrap().illegal);
        let restarted = Game::from_position(Arc::clone(&rules), *game.position());
        assert!(!player.choose(&restarted).unwrap().illegal);
    }
}
