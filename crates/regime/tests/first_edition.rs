//! The standard suite in the form of tables of agents, roles and claims plays the games of its first edition: a seeded share of its cells has
//! the scores that were published, to the last bit. `scripts/compare_editions.py` compares a whole run.

mod common;

use common::{Models, root};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use regime::rows::PairRow;
use regime::{Origin, Stress};
use rules::Catalog;

/// Cells that are played.
const SHARE: usize = 12;
/// The most pairs and playouts of a cell of the share, for time.
const MOST: (usize, u32) = (40, 100);

fn place(row: &PairRow) -> String {
    let numbers = [row.playouts, row.opponent_playouts, row.point].map(|n| n.to_string()).join(",");
    [&row.experiment, &row.shift, &row.agent, &row.opponent].map(String::as_str).join(",") + "," + &numbers + ","
}

#[test]
fn a_seeded_share_of_cells_has_the_published_scores() {
    let text = std::fs::read_to_string(root().join("crates/interregnum/suites/standard.toml")).unwrap();
    let origin = Origin { source: "standard", text: &text, signature: "s", version: "0", command: "" };
    let stress = Stress::prepare(origin, &Catalog::builtin(), &Models(None)).unwrap();
    let published = std::fs::read_to_string(root().join("crates/regime/tests/data/first_edition.csv")).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(17);
    let mut compared = 0;
    while compared < SHARE {
        let unit = rng.random_range(0..stress.units() as u32) as usize;
        let (pairs, playouts) = stress.unit_size(unit);
        if pairs > MOST.0 || playouts > MOST.1 {
            continue;
        }
        let rows = stress.play_unit(unit).unwrap();
        // Evaluators of the first edition took walls for men.
        if ["wall", "walls"].contains(&rows[0].shift.as_str()) {
            continue;
        }
        // The rival of `passage` in the first edition had been selected under other rules, and was replaced.
        if rows[0].shift == "passage"
            && [&rows[0].agent, &rows[0].opponent].iter().any(|name| name.contains("reselected"))
        {
            continue;
        }
        let score = rows.iter().map(|row| row.score).sum::<f64>() / rows.len() as f64;
        let place = place(&rows[0]);
        let line =
            published.lines().find_map(|line| line.strip_prefix(&place)).unwrap_or_else(|| panic!("{place} is new"));
        let scores: Vec<f64> = line.split(',').map(|score| score.parse().unwrap()).collect();
        assert_eq!(score, scores[rows[0].evaluator as usize], "{place} evaluator {}", rows[0].evaluator);
        compared += 1;
    }
}
