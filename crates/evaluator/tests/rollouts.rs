//! Rollouts are worth what the end of the random game is worth.

use evaluator::{Rollout, look};
use rules::{Catalog, Game, Payoff};

#[test]
fn a_rollout_is_worth_what_its_end_is() {
    let gardner = Catalog::builtin().rules("gardner").unwrap();
    let value = |payoff: &str, fen: &str| {
        let payoff: Payoff = payoff.parse().unwrap();
        let rules = std::sync::Arc::new(gardner.with_payoff(payoff));
        let start = rules.parse_fen(fen).unwrap();
        look(&mut Rollout::new(&rules), &Game::from_position(rules, start)).0
    };
    // The men are counted after one move, which takes none.
    let [ahead, behind] = ["3k1/5/5/5/KR3 w - - 0 1", "3k1/5/5/5/KR3 b - - 0 1"];
    assert_eq!(value("count-at-ply=1", ahead), 1.0);
    assert_eq!(value("count=0.25,count-at-ply=1", ahead), 0.25);
    assert_eq!(value("count=0.25,count-at-ply=2", behind), -0.25);
    assert_eq!(value("count=-1,count-at-ply=1", ahead), -1.0);
    assert_eq!(value("count=0,count-at-ply=2", behind).to_bits(), 0.0f32.to_bits());
}
