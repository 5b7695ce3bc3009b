//! Opening books: what is read from files, what is refused and where, and what is made.

use std::collections::BTreeSet;
use std::sync::Arc;

use arena::{
    Balance, Book, BookFormat, BookMaker, BookOrder, MatchConfig, Opening, OpeningError, PgnReader, PgnTags,
    PlayerSpec, RandomPlayer, epd, pgn, run_match,
};
use proptest::prelude::*;
use rules::{Catalog, Rules};

fn rules(name: &str) -> Arc<Rules> {
    Catalog::builtin().rules(name).unwrap()
}

fn openings(variant: &str, name: &str, text: &str, plies: Option<u32>) -> Result<Vec<Opening>, String> {
    let book = Book::parse(name, text, BookFormat::of(name, text), plies).map_err(|e| e.to_string())?;
    book.openings(&rules(variant), BookOrder::Sequential, 0, usize::MAX).map_err(|e| e.to_string())
}

/// The positions after the openings.
fn positions(variant: &str, name: &str, text: &str, plies: Option<u32>) -> Vec<String> {
    let rules = rules(variant);
    let openings = openings(variant, name, text, plies).unwrap();
    openings.iter().map(|o| rules.fen(o.game(&rules).unwrap().position())).collect()
}

fn refused(variant: &str, name: &str, text: &str, fragments: &[&str]) {
    let message = openings(variant, name, text, None).unwrap_err();
    for fragment in fragments.iter().chain([&name]) {
        assert!(message.contains(fragment), "`{fragment}` is missing in: {message}");
    }
}

#[test]
fn epd_is_read_with_and_without_counters_and_operations() {
    let text = "rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq -\n\
                # a comment, and an empty line\n\n\
                rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq - bm e5; id \"one; two\"; hmvc 3; fmvn 7;\n\
                rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq - 4 9\n\
                rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq - 5 8;\r\n";
    let board = "rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq -";
    let expected: Vec<String> = ["0 1", "3 7", "4 9", "5 8"].iter().map(|c| format!("{board} {c}")).collect();
    assert_eq!(positions("chess", "book.epd", text, None), expected);
    assert_eq!(positions("chess", "book", text, None), expected);

    let house = "rnbqkbnr/ppp2ppp/8/8/8/8/PPP2PPP/RNBQKBNR[Pp] w KQkq -";
    assert_eq!(positions("crazyhouse", "x.epd", house, None), [format!("{house} 0 1")]);
    let checks = "rnbqkbnr/pppp1ppp/8/4p3/4P3/8/PPPP1PPP/RNBQKBNR w KQkq - 3+3";
    assert_eq!(positions("3check", "x.epd", checks, None), [format!("{checks} 0 1")]);
    assert_eq!(positions("3check", "x.epd", &format!("{checks} hmvc 2; fmvn 5;"), None), [format!("{checks} 2 5")]);
}

#[test]
fn pgn_is_read_as_strangers_write_it() {
    let text = "\u{feff}% escaped [Event \"no\"]\n\
        [Event \"a \\\"quoted\\\" \\\\ name\"]\n[Site \"?\"]\n\n\
        {a comment with [brackets] and (brackets)} 1. e4 $1 e5!? (1... c5 2. Nf3 (2. c3 {deep ) } d5) d6) ; to the end )\n\
        2.Nf3 Nc6 3. Bb5 a6 4... 1/2-1/2\n\n\
        [Event \"uci\"]\n1. e2e4 {book} 1... e7e5 {+0.1/40} 2. g1f3\n\n\
        [SetUp \"1\"]\n[FEN \"4k3/P7/8/8/8/8/8/4K2R w K - 0 1\"]\n1. O-O Kd7 2. a8Q *\n\
        1. Ng1f3 d7-d5 2. Nf3-d4 *";
    let games: Vec<_> = PgnReader::new(text, 100).map(Result::unwrap).collect();
    assert_eq!(games.len(), 4);
    assert_eq!(games[0].tag("Event"), Some("a \"quoted\" \\ name"));
    assert_eq!(games[0].result.as_deref(), Some("1/2-1/2"));
    assert_eq!((games[1].result.as_ref(), games[1].line), (None, 8));
    let moves = |opening: &Opening| opening.moves.join(" ");
    let read = openings("chess", "x.pgn", text, None).unwrap();
    assert_eq!(moves(&read[0]), "e2e4 e7e5 g1f3 b8c6 f1b5 a7a6");
    assert_eq!(moves(&read[1]), "e2e4 e7e5 g1f3");
    assert_eq!(
        (moves(&read[2]).as_str(), read[2].start.as_deref()),
        ("e1g1 e8d7 a7a8q", Some("4k3/P7/8/8/8/8/8/4K2R w K - 0 1"))
    );
    assert_eq!(moves(&read[3]), "g1f3 d7d5 f3d4");
    let drops = openings("crazyhouse", "x.pgn", "1. e4 d5 2. exd5 Qxd5 3. Nc3 Qe5+ 4. @e4 P@d4", None).unwrap();
    assert_eq!(moves(&drops[0]), "e2e4 d7d5 e4d5 d8d5 b1c3 d5e5 P@e4 P@d4");
    let short = openings("chess", "x", text, Some(2)).unwrap();
    assert_eq!(short.iter().map(|o| o.moves.len()).collect::<Vec<_>>(), [2, 2, 2, 2]);
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    refused("chess", "x.epd", "# a\nrnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq\n", &["line 2", "3 fields"]);
    refused("chess", "x.epd", "\nrnbqkbnr/ppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1\n", &["line 2", "rank 7"]);
    refused("chess", "x.epd", "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - hmvc x;", &["line 1", "hmvc"]);
    refused("chess", "x.epd", "7k/5KQ1/8/8/8/8/8/8 b - - 0 1", &["line 1", "over"]);
    refused("chess", "x.epd", &"x".repeat(5000), &["line 1", "5000 bytes"]);
    refused("gardner", "x.txt", "b2b3\nb2b3 b2b4", &["line 2", "b2b4"]);
    refused("gardner", "x.txt", "", &["no opening"]);
    refused("chess", "x.pgn", "[Event \"x\"]\n1. e4\ne6 2. Ke3", &["line 3", "Ke3"]);
    refused("chess", "x.pgn", "1. f3 e5\n2. g4 Qh4# 0-1", &["line 2", "over"]);
    refused("chess", "x.pgn", "1. e4 {never\nclosed", &["line 1", "comment"]);
    refused("chess", "x.pgn", "1. e4\n(1. d4 (1. c4)\n", &["line 2", "variation"]);
    refused("chess", "x.pgn", "1. e4\n) e5", &["line 2", "`)`"]);
    refused("chess", "x.pgn", "[Event \"x]\n1. e4", &["line 1", "Event"]);
    refused("chess", "x.pgn", "[Event x]\n1. e4", &["line 1", "tag"]);
    refused("chess", "x.pgn", "[SetUp \"1\"]\n1. e4", &["line 1", "FEN"]);
    refused("chess", "x.pgn", &format!("1. {}", "e".repeat(100)), &["line 1", "too long"]);
    refused("chess", "x.pgn", &"[A \"b\"]\n".repeat(300), &["line 201", "tags"]);
    refused("chess", "x.pgn", "[FEN \"8/8 w\"]\n*", &["line 1", "FEN"]);
}

#[test]
fn nesting_of_any_depth_is_passed_over() {
    let depth = 200_000;
    let text = format!("1. e4 {}{} e5 *", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(openings("chess", "x.pgn", &text, None).unwrap()[0].moves, ["e2e4", "e7e5"]);
    refused("chess", "x.pgn", &format!("1. e4 {}", "(".repeat(depth)), &["line 1", "variation"]);
}

#[test]
fn an_order_is_a_permutation_that_the_seed_decides() {
    let text: String = ["a2a3", "b2b3", "c2c3", "d2d3", "e2e3"].join("\n");
    let rules = rules("gardner");
    let book = Book::parse("x", &text, BookFormat::Moves, None).unwrap();
    let all = |order, seed, count| book.openings(&rules, order, seed, count).unwrap();
    let sequential = all(BookOrder::Sequential, 1, 100);
    assert_eq!((sequential.len(), book.len()), (5, 5));
    let orders: BTreeSet<Vec<String>> =
        (0..20).map(|seed| all(BookOrder::Random, seed, 100).iter().map(|o| o.moves.join(" ")).collect()).collect();
    assert!(orders.len() > 10);
    for order in &orders {
        let sorted: BTreeSet<&String> = order.iter().collect();
        assert_eq!(sorted.len(), 5);
    }
    assert_eq!(all(BookOrder::Random, 7, 3), all(BookOrder::Random, 7, 5)[..3]);
}

#[test]
fn a_match_from_a_book_sets_its_games_up() {
    let fen = "rnbqk/ppppp/5/PPPPP/RNBQK b - - 3 9";
    let book = Book::parse("x.epd", fen, BookFormat::Epd, None).unwrap();
    let rules = rules("gardner");
    let openings = book.openings(&rules, BookOrder::Sequential, 0, 1).unwrap();
    let mut text = String::new();
    let player = || -> Box<dyn arena::Player> { Box::new(RandomPlayer::new()) };
    run_match(&MatchConfig::new(Arc::clone(&rules), openings), &player, &player, &mut |round, _| {
        for game in &round.games {
            assert_eq!((game.opening_plies, game.rules.fen(&game.start).as_str()), (0, fen));
            text += &pgn(game, &PgnTags::default());
        }
    })
    .unwrap();
    assert!(text.contains(&format!("[SetUp \"1\"]\n[FEN \"{fen}\"]")) && text.contains("\n\n9... "), "{text}");
    // What is written is read again, to the move.
    let read = Book::parse("x.pgn", &text, BookFormat::Pgn, Some(10)).unwrap();
    let read = read.openings(&rules, BookOrder::Sequential, 0, 2).unwrap();
    assert!(read.iter().all(|o| o.moves.len() == 10 && o.start.as_deref() == Some(fen)));
    let other = Opening { start: Some("8/8/8 w".to_owned()), moves: Vec::new() };
    assert!(matches!(other.game(&rules), Err(OpeningError::Start(_))) && !other.legal_in(&rules));
}

#[test]
fn made_books_are_distinct_balanced_and_the_same_on_any_number_of_threads() {
    for variant in ["gardner", "crazyhouse", "3check", "shatranj"] {
        let rules = rules(variant);
        let judge: PlayerSpec = "rollout@playouts=40".parse().unwrap();
        let judge = judge.prepare(&Catalog::builtin(), &rules).unwrap();
        let maker = BookMaker { seed: 5, plies: 6, balance: Some(Balance { limit: 0.25, judge: &judge }) };
        let make = |threads: usize, count: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| maker.make(&rules, count, &mut |_| {}).unwrap())
        };
        let book = make(1, 20);
        assert_eq!(book, make(3, 20));
        assert_eq!(book[..7], make(2, 7));
        assert!(book.iter().all(|line| line.value.unwrap().abs() <= 0.25 && line.opening.moves.len() == 6));
        assert_eq!(book.iter().map(|line| &line.fen).collect::<BTreeSet<_>>().len(), 20);
        assert_ne!(BookMaker { seed: 6, ..maker }.make(&rules, 20, &mut |_| {}).unwrap(), book);
        // The same positions come out of the file.
        let read = positions(variant, "x.epd", &epd(&book), None);
        assert_eq!(read, book.iter().map(|line| line.fen.clone()).collect::<Vec<_>>());
        // And out of the moves.
        for line in &book {
            assert_eq!(rules.fen(line.opening.game(&rules).unwrap().position()), line.fen);
        }
    }
}

#[test]
fn books_that_cannot_be_made_are_refused() {
    let gardner = rules("gardner");
    let maker = BookMaker { seed: 1, plies: 1, balance: None };
    assert!(matches!(maker.make(&gardner, 100, &mut |_| {}), Err(OpeningError::Exhausted { found: 7, .. })));
    let many = BookMaker { plies: 1000, ..maker };
    assert!(matches!(many.make(&gardner, 1, &mut |_| {}), Err(OpeningError::Plies(_))));
    let random = "random".parse::<PlayerSpec>().unwrap().prepare(&Catalog::builtin(), &gardner).unwrap();
    let judged = BookMaker { balance: Some(Balance { limit: 0.1, judge: &random }), ..maker };
    assert!(matches!(judged.make(&gardner, 1, &mut |_| {}), Err(OpeningError::Judge(_))));
}

proptest! {
    #[test]
    fn any_bytes_give_a_book_or_an_error(
        text in prop_oneof![
            any::<String>(),
            "[\\[\\]{}();$%\"\\\\ \n.a-h1-8xKQN=+#0-9/*wbkq-]{0,200}",
            "(\\[[A-Z][a-z]* \"[^\"]{0,5}\"\\]\n|[1-9]\\. [a-h][1-8] |\\{[^}]*\\}|\\(|\\)){0,40}",
        ],
    ) {
        for name in ["x", "x.epd", "x.pgn"] {
            let _ = openings("gardner", name, &text, Some(10));
        }
    }
}
