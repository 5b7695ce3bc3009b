//! The exact null: on a mirrored board, players with relabelled evaluators play the mirrored match, move by move.

use std::sync::Arc;

use arena::{MatchConfig, Player, RandomOpenings, Round, SearchPlayer, run_match};
use evaluator::{Evaluator, Relabel, Rollout, Uniform};
use rules::{Catalog, Move, Rules, Square};
use search::Searcher;

fn rounds(rules: &Arc<Rules>, relabel: Option<&Relabel>) -> Vec<Round> {
    let openings = RandomOpenings { relabel, ..RandomOpenings::new(5, 4..=4) }.generate(rules, 8).unwrap();
    let config = MatchConfig { max_plies: 60, ..MatchConfig::new(Arc::clone(rules), openings) };
    let player = |evaluator: Box<dyn Evaluator>| -> Box<dyn Player> {
        Box::new(SearchPlayer::new(Searcher::playouts(12), evaluator))
    };
    let mut rounds = Vec::new();
    run_match(
        &config,
        &|| player(Box::new(Uniform::relabelled(rules, relabel.cloned()))),
        &|| player(Box::new(Rollout::relabelled(rules, relabel.cloned()))),
        &mut |round, _| rounds.push(round.clone()),
    )
    .unwrap();
    rounds
}

#[test]
fn a_mirrored_match_is_the_same_match() {
    let edit = [("startFen".to_owned(), "kqbnr/ppppp/5/PPPPP/KQBNR w - - 0 1".to_owned())];
    let mirrored = Catalog::builtin().edit("test", "gardner", "mirrored", &edit).unwrap();
    let original = Catalog::builtin().rules("gardner").unwrap();
    let relabel = Relabel::mirror_files(5, 5);
    let address = |from: Square, to: Square, mv: Move| (from, to, mv.promotion());
    for (a, b) in rounds(&original, None).iter().zip(&rounds(&mirrored, Some(&relabel))) {
        for (game, image) in a.games.iter().zip(&b.games) {
            let moves: Vec<_> = game.moves.iter().map(|mv| address(mv.from(), mv.to(), *mv)).collect();
            let seen = image.moves.iter().map(|mv| address(relabel.square(mv.from()), relabel.square(mv.to()), *mv));
            assert_eq!(moves, seen.collect::<Vec<_>>());
            assert_eq!(game.outcome, image.outcome);
            let estimates =
                |choices: &[arena::Choice]| choices.iter().map(|c| (c.estimate, c.root)).collect::<Vec<_>>();
            assert_eq!(estimates(&game.choices), estimates(&image.choices));
        }
    }
}
