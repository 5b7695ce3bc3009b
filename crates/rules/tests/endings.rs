//! How games end, and what a payoff makes of it.

use std::sync::Arc;

use rules::{Catalog, Color, EndingKind, Game, Payoff, Rules};

fn game(variant: &str, fen: &str, moves: &[&str]) -> Game {
    let rules = Catalog::builtin().rules(variant).unwrap();
    let start = rules.parse_fen(fen).unwrap();
    let mut game = Game::from_position(Arc::clone(&rules), start);
    for text in moves {
        let mv = rules.parse_uci(game.position(), text).unwrap();
        game.play(mv);
    }
    game
}

#[test]
fn every_ending_tells_its_kind_and_whom_it_favours() {
    use EndingKind::{Checkmate, Checks, Extinction, Flag, MoveRule, Repetition, Stalemate};
    let white = Some(Color::White);
    let cases = [
        ("chess", "7k/8/6K1/8/8/8/8/R7 w - - 0 1", &["a1a8"][..], Checkmate, white, "1-0"),
        ("chess", "7k/8/5K2/8/8/8/8/6Q1 w - - 0 1", &["g1g6"], Stalemate, white, "1/2-1/2"),
        ("chess", "7k/8/5K2/8/8/8/8/6Q1 w - - 99 80", &["g1g3"], MoveRule, white, "1/2-1/2"),
        ("kingofthehill", "7k/8/8/8/8/4K3/8/8 w - - 0 1", &["e3e4"], Flag, white, "1-0"),
        ("3check", "7k/8/8/8/8/8/8/R6K w - - 1+3 0 1", &["a1a8"], Checks, white, "1-0"),
        ("antichess", "8/8/8/8/8/1p6/P7/8 w - - 0 1", &["a2b3"], Extinction, white, "0-1"),
        (
            "chess",
            "7k/8/8/8/8/8/8/R6K w - - 0 1",
            &["a1a2", "h8g8", "a2a1", "g8h8", "a1a2", "h8g8", "a2a1", "g8h8"],
            Repetition,
            Some(Color::Black),
            "1/2-1/2",
        ),
    ];
    for (variant, fen, moves, kind, favours, outcome) in cases {
        let ending = game(variant, fen, moves).ending().unwrap_or_else(|| panic!("{variant} {fen} goes on"));
        assert_eq!(
            (ending.kind, ending.favours, ending.outcome.to_string().as_str()),
            (kind, favours, outcome),
            "{fen}"
        );
        assert_eq!(EndingKind::from_name(kind.name()), Some(kind));
    }
}

fn priced(rules: &Rules, kind: EndingKind, worth: f32) -> Rules {
    let mut payoff = Payoff::default();
    payoff.set(kind, worth).unwrap();
    rules.with_payoff(payoff)
}

#[test]
fn a_payoff_prices_one_ending_and_leaves_the_others() {
    let mate = game("chess", "7k/8/6K1/8/8/8/8/R7 w - - 0 1", &["a1a8"]);
    let stalemate = game("chess", "7k/8/5K2/8/8/8/8/6Q1 w - - 0 1", &["g1g6"]).ending().unwrap();
    let rules = priced(mate.rules(), EndingKind::Stalemate, 0.75);
    let mate = mate.ending().unwrap();
    assert_eq!([Color::White, Color::Black].map(|side| rules.worth(mate, side)), [1.0, -1.0]);
    assert_eq!([Color::White, Color::Black].map(|side| rules.worth(stalemate, side)), [0.75, -0.75]);
    let turned = priced(&rules, EndingKind::Checkmate, -1.0);
    assert_eq!([Color::White, Color::Black].map(|side| turned.worth(mate, side)), [-1.0, 1.0]);
    assert!(Payoff::default().set(EndingKind::Checkmate, f32::NAN).is_err());
    assert!(Payoff::default().set(EndingKind::Checkmate, 1.01).is_err());
}

#[test]
fn the_hash_tells_payoffs_apart_and_does_not_know_the_default() {
    let rules = Catalog::builtin().rules("gardner").unwrap();
    assert_eq!(rules.with_payoff(Payoff::default()).hash(), rules.hash());
    let [half, whole] = [0.5, 1.0].map(|worth| priced(&rules, EndingKind::Flag, worth));
    assert_ne!(half.hash(), rules.hash());
    assert_ne!(half.hash(), whole.hash());
    assert_eq!(half.with_payoff(Payoff::default()).hash(), rules.hash());
}

#[test]
fn men_are_counted_at_the_stated_ply() {
    let rules = Catalog::builtin().rules("gardner").unwrap();
    let mut payoff = Payoff::default();
    payoff.count_men_at(6).unwrap();
    let counted = Arc::new(rules.with_payoff(payoff));
    let mut game = Game::new(Arc::clone(&counted));
    let mut plies = 0;
    while game.ending().is_none() {
        let captures = |mv: &&rules::Move| game.position().piece_on(mv.to()).is_some();
        let mv = *game.legal().iter().find(captures).unwrap_or(&game.legal()[0]);
        game.play(mv);
        plies += 1;
    }
    let ending = game.ending().unwrap();
    assert_eq!((plies, ending.kind), (6, EndingKind::Count));
    let men = |color| game.position().color(color).count_ones();
    let favours = match men(Color::White).cmp(&men(Color::Black)) {
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(Color::White),
        std::cmp::Ordering::Less => Some(Color::Black),
    };
    assert_eq!(ending.favours, favours);
    assert_ne!(counted.hash(), rules.hash());
}

#[test]
fn rules_say_what_endings_are_usually_worth() {
    use EndingKind::{Checkmate, Checks, Count, Extinction, Flag, MoveRule, Stalemate};
    let worth = |variant: &str, kind| Catalog::builtin().rules(variant).unwrap().usual_worth(kind);
    assert_eq!([Checkmate, Stalemate, MoveRule].map(|kind| worth("chess", kind)), [Some(1.0), Some(0.0), Some(0.0)]);
    assert_eq!([Flag, Checks, Extinction, Count].map(|kind| worth("chess", kind)), [None; 4]);
    assert_eq!([Flag, Checks].map(|kind| worth("kingofthehill", kind)), [Some(1.0), None]);
    // The side that has no men left wins: the ending is bad for the one that it favours, who still has some.
    assert_eq!([Extinction, Stalemate].map(|kind| worth("antichess", kind)), [Some(-1.0), Some(-1.0)]);
    let rules = priced(&Catalog::builtin().rules("chess").unwrap(), Stalemate, 0.25);
    assert_eq!(rules.usual_worth(Stalemate), Some(0.25));
}

#[test]
fn payoffs_are_read_from_entries() {
    let payoff: Payoff = "flag=-1,stalemate=0.1,count-at-ply=40,count=-0".parse().unwrap();
    assert_eq!(payoff.worth(EndingKind::Stalemate), Some(0.1));
    assert_eq!(payoff.to_string(), "stalemate=0.1,flag=-1,count=0,count-at-ply=40");
    assert_eq!(payoff.count_at_ply(), Some(40));
    assert!(!payoff.is_ternary() && !payoff.is_default());
    let again = Payoff::from_entries(payoff.to_entries().map(|(name, worth)| (name.to_owned(), f64::from(worth))));
    assert_eq!(again, Ok(payoff));
    assert!(Payoff::from_entries([]).unwrap().is_default());
    for (text, part) in [
        ("", "ENDING=WORTH was expected"),
        ("stalemate", "`stalemate`: ENDING=WORTH"),
        ("stalemate=x", "`stalemate=x`: ENDING=WORTH"),
        ("stalemates=1", "`stalemates` is no ending; checkmate, stalemate, extinction, flag"),
        ("stalemate=1.5", "stalemate = 1.5: a worth from -1 to 1 was expected"),
        ("stalemate=NaN", "stalemate = NaN: a worth from -1 to 1"),
        ("flag=1,flag=1", "flag is given twice"),
        ("count-at-ply=2.5", "count-at-ply = 2.5: a whole number from 1 to 1000"),
        ("count-at-ply=0", "count-at-ply = 0: a whole number"),
        ("count=1", "count = 1 has no effect without count-at-ply"),
    ] {
        let error = text.parse::<Payoff>().unwrap_err();
        assert!(error.contains(part), "{text}: {error}");
    }
}
