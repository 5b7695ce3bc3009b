//! What a suite says of its own size, held against what is played.

mod common;

use common::{prepare, quick, root, small, tiny};
use regime::Suite;

#[test]
fn the_pairs_that_a_suite_plans_are_those_that_are_played() {
    let standard = std::fs::read_to_string(root().join("crates/interregnum/suites/standard.toml")).unwrap();
    for text in [tiny(), small(), quick(), standard] {
        let suite = Suite::from_toml("test.toml", &text).unwrap();
        let planned: u64 = suite.planned().iter().map(|planned| planned.pairs).sum();
        let stress = prepare(&text).unwrap();
        let played: u64 = (0..stress.units()).map(|unit| stress.unit_size(unit).0 as u64).sum();
        assert!(planned > 0 && planned == played, "{}: {planned} planned, {played} played", suite.name);
    }
}
