//! What the page of a training run promises before there is anything to show.

mod fixture;

use report::{FirstMove, Training, training_html};

const ATTACK: &str = "<script>alert('x')</script>";

#[test]
fn a_run_that_has_only_begun_has_a_page_and_text_in_it_is_escaped() {
    let mut game = fixture::summary(1).games.remove(0);
    (game.white, game.black) = ("champion".into(), ATTACK.into());
    let run = Training {
        variant: format!("gardner{ATTACK}"),
        config: format!("{{\"seed\": 1, \"note\": \"{ATTACK}\"}}"),
        wanted: 24,
        generations: vec![],
        times: vec![],
        openings: vec![
            FirstMove { mv: "a2a3".into(), games: 30, score: 0.55 },
            FirstMove { mv: ATTACK.into(), games: 10, score: 0.4 },
        ],
        games: vec![game],
    };
    let page = training_html(&run);
    assert!(page.contains("Generation 0 of 24.") && page.contains("No generation is over yet."));
    assert!(page.contains("75.0%") && page.contains("55.0%"), "shares of first moves");
    assert!(page.contains("data-game=\"0\"") && page.contains("id=\"summary-json\""));
    // The data and the program.
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page, training_html(&run));
}
