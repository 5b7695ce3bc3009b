//! Search under payoffs: it goes for what endings are worth, and what it proves is what looking at every move finds.

use std::sync::Arc;

use evaluator::{Evaluator, Uniform};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rules::{Catalog, EndingKind, Game, History, Move, MoveList, Payoff, Position, Rules};
use search::{Limit, MateSearch, Params, RootPolicy, RootReport, Search};

fn priced(variant: &str, worths: &[(EndingKind, f32)]) -> Arc<Rules> {
    let mut payoff = Payoff::default();
    worths.iter().for_each(|(kind, worth)| payoff.set(*kind, *worth).unwrap());
    Arc::new(Catalog::builtin().rules(variant).unwrap().with_payoff(payoff))
}

fn game(rules: &Arc<Rules>, fen: &str) -> Game {
    Game::from_position(Arc::clone(rules), rules.parse_fen(fen).unwrap())
}

fn search(game: &Game, playouts: u32, params: Params) -> RootReport {
    Search::new(params).unwrap().run(game, &mut Uniform::new(game.rules()), Limit::Playouts(playouts))
}

fn best(game: &Game, report: &RootReport) -> String {
    game.rules().uci(game.position(), report.best().unwrap())
}

/// What ends the game after a move of the root.
fn ending_after(game: &Game, mv: Move) -> Option<EndingKind> {
    let mut played = game.clone();
    played.play(mv);
    played.ending().map(|ending| ending.kind)
}

#[test]
fn a_stalemate_of_worth_is_taken_until_a_longer_mate_is_found() {
    // Rb7 stalemates, Kc7 mates in two.
    let fen = "k7/8/2K5/8/8/8/8/1R6 w - - 0 1";
    let default = game(&Catalog::builtin().rules("chess").unwrap(), fen);
    let priced = game(&priced("chess", &[(EndingKind::Stalemate, 0.9)]), fen);
    assert_ne!(best(&default, &search(&default, 100, Params::default())), "b1b7");
    let early = search(&priced, 100, Params::default());
    assert_eq!(best(&priced, &early), "b1b7");
    assert_eq!(early.moves[0].proven, Some(0.9), "the worth of the ending, to the bit");
    assert_eq!(early.moves[0].plies_to_end, None, "it is neither a win nor a loss");
    assert_eq!(early.proven, None, "another move may be worth more");
    let late = search(&priced, 100_000, Params::default());
    assert_eq!((best(&priced, &late).as_str(), late.proven, late.plies_to_end), ("c6c7", Some(1.0), Some(3)));
}

#[test]
fn the_ending_that_is_worth_most_is_played() {
    // The queen can mate at once, or stalemate.
    let fen = "7k/8/5KQ1/8/8/8/8/8 w - - 0 1";
    for (stalemate, mate, wanted) in [
        (0.9, 1.0, EndingKind::Checkmate),
        (0.9, 0.5, EndingKind::Stalemate),
        (0.0, 0.5, EndingKind::Checkmate),
        (1.0, -1.0, EndingKind::Stalemate),
    ] {
        let game = game(&priced("chess", &[(EndingKind::Stalemate, stalemate), (EndingKind::Checkmate, mate)]), fen);
        let report = search(&game, 20_000, Params::default());
        assert_eq!(ending_after(&game, report.best().unwrap()), Some(wanted), "{stalemate} {mate}");
        assert_eq!(report.moves[0].proven, Some(f32::max(stalemate, mate)));
        assert!((report.value - f32::max(stalemate, mate)).abs() < 0.05, "{}", report.value);
    }
}

#[test]
fn a_goal_that_is_worth_a_loss_is_shunned() {
    let fen = "7k/8/8/8/8/4K3/8/R7 w - - 0 1";
    let hill = game(&Catalog::builtin().rules("kingofthehill").unwrap(), fen);
    let report = search(&hill, 500, Params::default());
    assert_eq!(report.proven, Some(1.0));
    assert!(["e3d4", "e3e4"].contains(&best(&hill, &report).as_str()));
    let shunned = game(&priced("kingofthehill", &[(EndingKind::Flag, -1.0)]), fen);
    assert_eq!(shunned.legal(), hill.legal(), "the moves are the same");
    let report = search(&shunned, 2000, Params::default());
    for m in &report.moves {
        let to_the_hill = ["e3d4", "e3e4"].contains(&shunned.rules().uci(shunned.position(), m.mv).as_str());
        assert_eq!(m.proven == Some(-1.0) && m.plies_to_end == Some(1), to_the_hill);
    }
    assert_eq!(MateSearch::new(&hill, Vec::new()).run(10_000, 3).map(|mate| (mate.won, mate.plies)), Some((true, 1)));
    let mut mates = MateSearch::new(&shunned, Vec::new());
    assert_eq!((mates.run(10_000, 1).cloned(), mates.ruled_out()), (None, 1));
}

/// What best play is worth to the side to move, by every move to the end of every game.
fn negamax(rules: &Rules, position: &Position, history: &mut History) -> f32 {
    let mut moves = MoveList::new();
    rules.legal_moves(position, &mut moves);
    if let Some(ending) = rules.ending(position, &moves, history) {
        return rules.worth(ending, position.turn());
    }
    let depth = history.len();
    history.push(rules, position);
    let worths = moves.iter().map(|mv| {
        let mut next = *position;
        rules.play(&mut next, *mv);
        0.0 - negamax(rules, &next, history)
    });
    let best = worths.fold(-1.0, f32::max);
    history.truncate(depth);
    best
}

fn worth_of(game: &Game, mv: Move) -> f32 {
    let (mut next, mut history) = (*game.position(), game.history().clone());
    history.push(game.rules(), game.position());
    game.rules().play(&mut next, mv);
    0.0 - negamax(game.rules(), &next, &mut history)
}

/// Games with few men that end by a count of men within `plies`, if not before, under payoffs of all sorts.
fn small_games(plies: u32, count: usize, worths: &[f32], rng: &mut ChaCha8Rng) -> Vec<Game> {
    let starts = [
        "k4/5/1K3/5/3R1 w - - 0 1",
        "k4/2P2/1K3/5/5 w - - 0 1",
        "k4/p4/K4/P4/4b w - - 0 1",
        "2k2/5/K1P2/5/5 b - - 0 1",
        "4k/4p/2K2/3N1/5 w - - 0 1",
        "k4/5/KQ3/5/5 b - - 0 1",
        "k4/r4/2K2/5/5 w - - 97 1",
    ];
    let hill = "[hill:gardner]\nflagPiece = k\nflagRegion = c3\n";
    let mut catalog = Catalog::builtin();
    catalog.load_text("test", hill).unwrap();
    let bases = ["gardner", "hill"].map(|name| catalog.rules(name).unwrap());
    let kinds = [
        EndingKind::Checkmate,
        EndingKind::Stalemate,
        EndingKind::Flag,
        EndingKind::MoveRule,
        EndingKind::Repetition,
        EndingKind::Count,
    ];
    (0..count)
        .map(|number| {
            let base = &bases[number % bases.len()];
            let start = base.parse_fen(starts[rng.random_range(0..starts.len())]).unwrap();
            let mut payoff = Payoff::default();
            payoff.count_men_at(start.ply() + plies).unwrap();
            for kind in kinds {
                if rng.random() {
                    payoff.set(kind, worths[rng.random_range(0..worths.len())]).unwrap();
                }
            }
            Game::from_position(Arc::new(base.with_payoff(payoff)), start)
        })
        .filter(|game| game.ending().is_none())
        .collect()
}

const WORTHS: [f32; 8] = [-1.0, -0.7, -0.5, 0.0, 0.1, 0.3, 0.9, 1.0];

#[test]
fn what_is_proven_is_what_looking_at_every_move_finds() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (mut fractions, mut whole) = (0, 0);
    for game in small_games(4, 200, &WORTHS, &mut rng) {
        let place = format!("{} {:?}", game.rules().fen(game.position()), game.rules().payoff());
        let exact = negamax(game.rules(), game.position(), &mut game.history().clone());
        for root in [RootPolicy::Puct, RootPolicy::Halving { considered: 4 }] {
            // So much exploration that every move is looked at.
            let report = search(&game, 60_000, Params { root, cpuct: 50.0, ..Params::default() });
            if root == RootPolicy::Puct {
                assert_eq!(report.proven, Some(exact), "{place}");
            }
            for m in &report.moves {
                if let Some(proven) = m.proven {
                    assert_eq!(proven, worth_of(&game, m.mv), "{place} {:?}", m.mv);
                    assert_eq!(m.value, proven, "{place}");
                    assert_eq!(m.plies_to_end.is_some(), proven.abs() == 1.0, "{place}");
                }
            }
            if let Some(proven) = report.proven {
                assert_eq!((report.value, proven), (exact, exact), "{place}");
                assert_eq!(report.moves[0].proven, Some(exact), "{place}: the best move comes first");
                let mut played = game.clone();
                report.pv.iter().for_each(|mv| played.play(*mv));
                let ending = played.ending().unwrap_or_else(|| panic!("{place}: the line is the whole proof"));
                assert_eq!(game.rules().worth(ending, game.position().turn()), exact, "{place}");
            }
        }
        if exact.fract() == 0.0 { whole += 1 } else { fractions += 1 }
    }
    assert!(fractions > 10 && whole > 5, "{fractions} {whole}");
}

#[test]
fn a_search_that_is_cut_short_proves_nothing_false() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let (mut open, mut known) = (0, 0);
    for game in small_games(5, 40, &WORTHS, &mut rng) {
        for playouts in [30, 300, 3000] {
            let report = search(&game, playouts, Params::default());
            for m in &report.moves {
                match m.proven {
                    Some(proven) => {
                        assert_eq!(proven, worth_of(&game, m.mv), "{}", game.rules().fen(game.position()));
                        known += 1;
                    }
                    None => open += 1,
                }
            }
        }
    }
    assert!(open > 100 && known > 100, "{open} {known}");
}

#[test]
fn batches_prove_the_same_for_any_number_of_threads() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let (mut split, mut open, mut fractions) = (0, 0, 0);
    for game in small_games(6, 40, &WORTHS[1..7], &mut rng) {
        let reports = [1, 2, 5].map(|threads| {
            let mut evaluators: Vec<Box<dyn Evaluator>> =
                (0..threads).map(|_| Box::new(Uniform::new(game.rules())) as Box<dyn Evaluator>).collect();
            let mut search = Search::new(Params { batch: 64, cpuct: 50.0, ..Params::default() }).unwrap();
            search.run_on(&game, &mut evaluators, Limit::Playouts(400_000))
        });
        assert_eq!(reports[0], reports[1]);
        assert_eq!(reports[0], reports[2]);
        split += u32::from(reports[0].playouts > 8192);
        let exact = negamax(game.rules(), game.position(), &mut game.history().clone());
        match reports[0].proven {
            Some(proven) => {
                assert_eq!(proven, exact, "{:?}", game.rules().payoff());
                fractions += u32::from(proven.fract() != 0.0);
            }
            None => open += 1,
        }
    }
    assert!(
        split > 5 && open < split / 2 && fractions > 2,
        "{split} were split, {open} proved nothing, {fractions} a fraction"
    );
}

#[test]
fn forced_ends_are_wins_and_losses_of_worth_1() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let (mut decided, mut undecided) = (0, 0);
    for game in small_games(5, 60, &[-1.0, -0.9, 0.9, 1.0], &mut rng) {
        let exact = negamax(game.rules(), game.position(), &mut game.history().clone());
        let found = MateSearch::new(&game, Vec::new()).run(u64::MAX, 6).cloned();
        let expected = (exact.abs() == 1.0).then_some(exact == 1.0);
        let place = format!("{} {:?}", game.rules().fen(game.position()), game.rules().payoff());
        assert_eq!(found.as_ref().map(|mate| mate.won), expected, "{place}");
        let Some(mate) = found else {
            undecided += 1;
            continue;
        };
        decided += 1;
        let mut played = game.clone();
        mate.line.iter().for_each(|mv| played.play(*mv));
        let ending = played.ending().unwrap_or_else(|| panic!("{place}: the line ends the game"));
        assert_eq!(game.rules().worth(ending, game.position().turn()), exact, "{place}");
    }
    assert!(decided > 10 && undecided > 10, "{decided} {undecided}");
}

#[test]
fn another_payoff_starts_another_tree() {
    let fen = "7k/8/5KQ1/8/8/8/8/8 w - - 0 1";
    let rules = [0.9, -0.9].map(|worth| {
        priced("chess", &[(EndingKind::Stalemate, worth), (EndingKind::Checkmate, 0.5), (EndingKind::Repetition, 0.0)])
    });
    let mut search = Search::default();
    let values = rules.each_ref().map(|rules| {
        let game = game(rules, fen);
        search.run(&game, &mut Uniform::new(rules), Limit::Playouts(3000)).value
    });
    assert!(values[0] > 0.8 && values[1] < 0.6, "{values:?}");
}
