//! Adjudication ends games when all who must agree do, and says so.

use std::sync::Arc;

use arena::{
    Adjudication, Choice, Conditions, DrawRule, EngineInfo, Failure, Player, RandomPlayer, ResignRule, Score,
    Termination, play_game_under,
};
use rules::{Catalog, Game, Outcome, Rules};

/// Plays at random, and scores its moves by the list, in order; after the end of the list it gives no score.
struct Scripted(RandomPlayer, Vec<Option<i32>>, usize);

impl Player for Scripted {
    fn choose(&mut self, game: &Game) -> Result<Choice, Failure> {
        let score = self.1.get(self.2).copied().flatten().map(Score::Centipawns);
        self.2 += 1;
        Ok(Choice { engine: Some(EngineInfo { score, ..EngineInfo::default() }), ..self.0.choose(game)? })
    }

    fn new_game(&mut self, _seed: u64) {}
}

fn chess() -> Arc<Rules> {
    Catalog::builtin().rules("chess").unwrap()
}

fn play(rules: Adjudication, white: &[Option<i32>], black: &[Option<i32>]) -> (usize, Outcome, Termination) {
    let player = |scores: &[Option<i32>]| Scripted(RandomPlayer::new(), scores.to_vec(), 0);
    let conditions = Conditions { max_plies: 20, adjudication: rules };
    let game = play_game_under(Game::new(chess()), &mut player(white), &mut player(black), &conditions);
    (game.plies(), game.outcome, game.termination)
}

fn scores(scores: &[i32]) -> Vec<Option<i32>> {
    scores.iter().copied().map(Some).collect()
}

#[test]
fn a_player_resigns_by_its_own_scores_in_a_row() {
    let rules = Adjudication { resign: Some("movecount=3 score=500".parse().unwrap()), draw: None };
    let resigned = |plies, outcome| (plies, outcome, Termination::Adjudicated);
    assert_eq!(play(rules, &scores(&[-500, -501, -900]), &[]), resigned(5, Outcome::BlackWins));
    assert_eq!(play(rules, &[], &scores(&[0, -500, -501, -900])), resigned(8, Outcome::WhiteWins));
    let broken = [scores(&[-500, -501, -499, -500, -500]), vec![Some(-500), Some(-500), None, Some(-500), Some(-500)]];
    for scores in broken {
        assert_eq!(play(rules, &scores, &[]), (20, Outcome::Draw, Termination::MaxPlies));
    }
}

#[test]
fn a_draw_needs_both_players_and_enough_moves() {
    let rules = Adjudication { resign: None, draw: Some("movenumber=4 movecount=2 score=10".parse().unwrap()) };
    let level = scores(&[10, -10, 0, 3, 5, 5]);
    assert_eq!(play(rules, &level, &level), (8, Outcome::Draw, Termination::Adjudicated));
    assert_eq!(play(rules, &level, &scores(&[11; 9])), (20, Outcome::Draw, Termination::MaxPlies));
    let off = Adjudication::default();
    assert_eq!(play(off, &level, &level), (20, Outcome::Draw, Termination::MaxPlies));
}

#[test]
fn settings_are_read_stated_or_refused() {
    let resign: ResignRule = "score=600 movecount=3".parse().unwrap();
    let draw: DrawRule = "movenumber=40 movecount=8 score=10".parse().unwrap();
    let all = Adjudication { resign: Some(resign), draw: Some(draw) };
    assert_eq!(all.to_string(), "resign movecount=3 score=600; draw movenumber=40 movecount=8 score=10");
    assert_eq!(Adjudication::default().to_string(), "");
    for text in [
        "",
        "score=600",
        "score=600 movecount=0",
        "score=0 movecount=1",
        "score=6 score=6 movecount=1",
        "score=-1",
        "x",
    ] {
        assert!(text.parse::<ResignRule>().unwrap_err().to_string().contains("expected movecount=N"), "{text}");
    }
    for text in ["movecount=8 score=10", "movenumber=1 movecount=0 score=1", "movenumber=1 movecount=2 score=x"] {
        assert!(text.parse::<DrawRule>().unwrap_err().to_string().contains("expected movenumber=N"), "{text}");
    }
}
