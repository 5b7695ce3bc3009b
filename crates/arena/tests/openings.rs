//! Openings are legal, distinct, reproducible, and mirrored where the rules are.

use std::collections::BTreeSet;
use std::sync::Arc;

use arena::{Opening, OpeningError, RandomOpenings};
use evaluator::Relabel;
use proptest::prelude::*;
use rules::{Catalog, Rules};

fn rules(name: &str) -> Arc<Rules> {
    Catalog::builtin().rules(name).unwrap()
}

fn gardner_with(edit: &[(&str, &str)]) -> Arc<Rules> {
    let edit: Vec<_> = edit.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Catalog::builtin().edit("test", "gardner", "edited", &edit).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn openings_are_legal_and_distinct_and_depend_on_the_seed_alone(
        variant in prop::sample::select(vec!["gardner", "losalamos", "chess"]),
        seed: u64,
        shortest in 2..8u32,
        range in 0..4u32,
    ) {
        let rules = rules(variant);
        let source = RandomOpenings::new(seed, shortest..=shortest + range);
        let openings = source.generate(&rules, 40).unwrap();
        let mut positions = BTreeSet::new();
        for opening in &openings {
            let game = opening.game(&rules).unwrap();
            prop_assert!(positions.insert(game.position().key()));
            prop_assert!(game.ply() >= shortest as usize);
        }
        prop_assert_eq!(&source.generate(&rules, 40).unwrap(), &openings);
        prop_assert_eq!(&source.generate(&rules, 15).unwrap(), &openings[..15]);
        let other = RandomOpenings::new(seed ^ 1, shortest..=shortest + range);
        prop_assert_ne!(&other.generate(&rules, 40).unwrap(), &openings);
    }

    #[test]
    fn a_mirrored_game_gets_the_mirrored_openings(seed: u64, plies in 1..12u32) {
        let mirrored = gardner_with(&[("startFen", "kqbnr/ppppp/5/PPPPP/KQBNR w - - 0 1")]);
        let relabel = Relabel::mirror_files(5, 5);
        let source = RandomOpenings::new(seed, plies..=plies);
        let originals = source.generate(&rules("gardner"), 30).unwrap();
        let images = RandomOpenings { relabel: Some(&relabel), ..source }.generate(&mirrored, 30).unwrap();
        let mirror = |text: &String| -> String {
            text.char_indices().map(|(at, c)| if at < 4 && c.is_alphabetic() { (b'a' + b'e' - c as u8) as char } else { c }).collect()
        };
        for (original, image) in originals.iter().zip(&images) {
            prop_assert_eq!(original.moves.iter().map(mirror).collect::<Vec<_>>(), image.moves.clone());
        }
    }
}

#[test]
fn a_large_set_takes_longer_openings_before_it_gives_up() {
    let gardner = rules("gardner");
    let openings = RandomOpenings::new(1, 1..=1).generate(&gardner, 30).unwrap();
    assert!(openings.iter().any(|o| o.moves.len() > 1));

    // Two bare kings, whose game is drawn at the sixth ply.
    let two_kings = gardner_with(&[("startFen", "k4/5/5/5/4K w - - 0 1"), ("nMoveRule", "3")]);
    let count = RandomOpenings::new(1, 4..=4).generate(&two_kings, 700).map(|openings| openings.len());
    let error = count.unwrap_err();
    let OpeningError::Exhausted { found, wanted: 700, .. } = error else { panic!("{error}") };
    assert!(found > 100, "{found}");
}

#[test]
fn openings_can_be_required_to_be_legal_under_other_rules() {
    let other = gardner_with(&[("knight", "-"), ("customPiece1", "n:CW"), ("promotionPieceTypes", "nbrq")]);
    let both = [Arc::clone(&other)];
    let source = RandomOpenings { also_legal_in: &both, ..RandomOpenings::new(3, 4..=4) };
    let openings = source.generate(&rules("gardner"), 50).unwrap();
    assert!(openings.iter().all(|o| o.legal_in(&other) && o.legal_in(&rules("gardner"))));
    let unconditional = RandomOpenings::new(3, 4..=4).generate(&rules("gardner"), 50).unwrap();
    assert!(unconditional.iter().any(|o| !o.legal_in(&other)));
}

#[test]
fn bad_openings_are_refused_with_their_place() {
    let gardner = rules("gardner");
    let opening = Opening { start: None, moves: ["b2b3", "b4b2"].map(str::to_owned).to_vec() };
    let error = opening.game(&gardner).unwrap_err();
    assert!(matches!(error, OpeningError::Move { ply: 2, .. }) && error.to_string().contains("b4b2"), "{error}");
    #[expect(clippy::reversed_empty_ranges, reason = "the point of the test")]
    let empty = RandomOpenings::new(1, 5..=4).generate(&gardner, 1);
    assert!(matches!(empty, Err(OpeningError::Plies(_))));
    assert!(RandomOpenings::new(1, 0..=u32::MAX).generate(&gardner, 1).is_err());
}
