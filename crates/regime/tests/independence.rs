//! What counts as a unit: shifts whose games all go alike are one change, whatever they are called.

mod common;

use common::{play, root};

#[test]
fn a_shift_that_repeats_the_games_of_another_is_left_out() {
    let path = root().join("crates/regime/tests/data/claim_that_stands.toml");
    let text = std::fs::read_to_string(path).unwrap();
    // Two limits that no game of a few playouts comes near: other rules, the same games.
    let changed = text
        .replace("edit = { flagPiece = \"b\", flagRegion = \"c3\" }", "edit = { nMoveRule = \"400\" }")
        .replace("edit = { flagPiece = \"n\", flagRegion = \"c3\" }", "edit = { nMoveRule = \"401\" }")
        .replace("pairs = 4", "pairs = 2");
    let folder = tempfile::tempdir().unwrap();
    let summary = play(&changed, folder.path());
    let finding = summary.findings.iter().find(|finding| finding.name == "over shifts").unwrap();
    assert_eq!(finding.over, [("evaluators".to_owned(), 6), ("shifts".to_owned(), 5)]);
    assert!(finding.note.contains("left out: e, whose games went as those of d"), "{}", finding.note);
    // Five shifts reach no verdict.
    assert!(finding.verdict.contains("5 shifts: no verdict"), "{}", finding.verdict);
}
