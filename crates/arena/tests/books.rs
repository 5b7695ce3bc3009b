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
    refused("chess", "x.epd", "8/8/4k3/8/8/4K3/8/8 w - - 0 1", &["line 1", "a draw by insufficient material"]);
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
    // A game that was written is read back, move by move.
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
        // The positions are read back from the file.
        let read = positions(variant, "x.epd", &epd(&book), None);
        assert_eq!(read, book.iter().map(|line| line.fen.clone()).collect::<Vec<_>>());
        // The moves of a line lead to its position.
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

/// A position in which Black's pawn can pass the square that White's pawn attacks, or move to it: it can be captured in passing or
/// as usual.
const PASSING: &str = "4k3/3p4/8/4P3/8/8/8/4K3 b - - 0 1";

fn game_moves(name: &str, text: &str) -> Result<String, String> {
    openings("chess", name, text, None).map(|read| read[0].moves.join(" "))
}

#[test]
fn a_capture_in_passing_is_read_however_it_is_marked() {
    for mark in [
        "",
        "e.p.",
        "ep",
        "e.p",
        "/ep",
        "/e.p.",
        "e.p.+",
        "ep+",
        "+ep",
        "+e.p.",
        "ep#",
        "e.p.!",
        "ep!?",
        "E.P.",
        "EP",
        "/ep+!",
        " e.p.",
        " ep",
        " e.p.+",
        " e.p. !?",
        " ep $5",
        "(ep)",
        " (e.p.)",
        "_ep",
        " {in passing} ep",
    ] {
        for capture in ["exd6", "ed6", "e5xd6", "e5d6", "e:d6"] {
            let text = format!("[FEN \"{PASSING}\"]\n1... d5 2. {capture}{mark} Kd7 *");
            assert_eq!(game_moves("x.pgn", &text).as_deref(), Ok("d7d5 e5d6 e8d7"), "{capture}{mark}");
        }
    }
    let game = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ep-suffix.pgn")).unwrap();
    assert_eq!(game_moves("x.pgn", &game).as_deref(), Ok("d7d5 e5d6 e8d7 a1b3"));
    // `e.p.` after a move that captures nothing in passing makes it another move than the one that can be made.
    let fen = "4k3/8/3p4/4P3/8/8/8/4K3 w - - 0 1";
    refused("chess", "x.pgn", &format!("[FEN \"{fen}\"]\n1. exd6e.p. *"), &["line 2", "exd6e.p."]);
    refused("chess", "x.pgn", "1. e4 e5 2. Nf3ep *", &["line 1", "Nf3ep"]);
}

#[test]
fn draws_are_read_however_they_are_written() {
    for draw in ["1/2-1/2", "1/2", "½-½", "½", "1/2–1/2"] {
        let text = format!("[Event \"a\"]\n1. e4 e5 {draw}\n[Event \"b\"]\n1. d4 {draw}\n");
        let games: Vec<_> = PgnReader::new(&text, 10).map(Result::unwrap).collect();
        assert_eq!(games.len(), 2, "{draw}");
        assert!(games.iter().all(|game| game.result.as_deref() == Some("1/2-1/2")), "{draw}: {games:?}");
        assert_eq!(games[0].moves.len(), 2);
    }
}

#[test]
fn byte_order_marks_are_passed_over_wherever_files_were_put_together() {
    let game = "\u{feff}[Event \"x\"]\n\n1. e4 e5 1-0";
    for between in ["", "\n", "\r\n\r\n", " "] {
        let text = [game; 3].join(between);
        let read = openings("chess", "x.pgn", &text, None).unwrap();
        assert!(read.len() == 3 && read.iter().all(|o| o.moves == ["e2e4", "e7e5"]), "{between:?}: {read:?}");
    }
    let line = "\u{feff}rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq - 0 1\r\n";
    assert_eq!(positions("chess", "x", &line.repeat(3), None).len(), 3);
    let moves = "\u{feff}# a comment\n\u{feff}b2b3\n\u{feff}\u{feff}c2c3\n";
    assert_eq!(openings("gardner", "x", moves, None).unwrap().len(), 2);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.pgn");
    let load = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        Book::load(&path, None).map(|book| book.len()).map_err(|e| e.to_string())
    };
    assert_eq!(load("\u{feff}[Event \"größer\"]\n1. e4 *".as_bytes()), Ok(1));
    // Latin-1 text after the byte order mark of another file.
    assert_eq!(load(b"\xef\xbb\xbf[Event \"gr\xf6\xdfer\"]\n1. e4 *\n\xef\xbb\xbf1. d4 *"), Ok(2));
    let wide: Vec<u8> = "\u{feff}1. e4 *".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(load(&wide).unwrap_err().contains("x.pgn: is UTF-16"));
}

#[test]
fn only_regular_files_are_books() {
    for path in ["/dev/zero", "/dev/null", "/", "/no/such/book"] {
        let error = Book::load(path.as_ref(), None).unwrap_err().to_string();
        assert!(error.starts_with(path), "{error}");
    }
}

#[test]
fn headers_in_any_order_case_and_state_are_read_or_named() {
    let fen = "4k3/P7/8/8/8/8/8/4K2R w K - 0 1";
    let start = |text: &str| openings("chess", "x.pgn", text, None).map(|read| read[0].start.clone());
    for text in [
        format!("[FEN \"{fen}\"]\n[SetUp \"1\"]\n[Event \"x\"]\n\n1. O-O *"),
        format!("[SetUp \"1\"]\n\n[Event \"x\"]\n\n\n[FEN \"{fen}\"]\n1. O-O *"),
        format!("[fen \"{fen}\"] [setup \"1\"]\n1. 0-0+ *").replace("0-0+", "0-0"),
        format!("[Fen \"{fen}\" ]\n1. o-o *"),
        format!("{{first a comment}}\n[FEN \"{fen}\"]\n1. 0-0 *"),
        format!("[FEN \"{fen}\"]\n[FEN \"{fen}\"]\n1. O-O *"),
        format!("[Event \"the \"best\" game\"]\n[White-Elo \"1\"]\n[FEN \"{fen}\"]\r\n1. O-O *"),
    ] {
        assert_eq!(start(&text).unwrap().as_deref(), Some(fen), "{text}");
    }
    assert_eq!(start("[FEN \"\"]\n1. e4 *"), Ok(None));
    let other = fen.replace("0 1", "0 2");
    let twice = format!("[FEN \"{fen}\"]\n[FEN \"{other}\"]\n1. O-O *");
    refused("chess", "x.pgn", &twice, &["line 1", "tag FEN is given twice"]);
    refused("chess", "x.pgn", "[Event \"x\n[Site \"y\"]\n1. e4 *", &["line 1", "Event", "never closed"]);
    refused("chess", "x.pgn", "[Site \"y\"]\n[Event \"x\"\n1. e4 *", &["line 2", "Event", "never closed"]);
    refused("chess", "x.pgn", "[Event\n\"x\"]\n1. e4 *", &["line 1", "tag"]);
    // Games without moves or results: the tags of one game must not be taken for those of the next.
    let text = format!("[Event \"a\"]\n[FEN \"{fen}\"]\n\n[Event \"b\"]\n[FEN \"{other}\"]\n\n");
    let starts: Vec<_> =
        openings("chess", "x.pgn", &text, None).unwrap().into_iter().map(|o| o.start.unwrap()).collect();
    assert_eq!(starts, [fen, &other]);
}

#[test]
fn comments_and_variations_nest_as_the_standard_has_it() {
    let expected = Ok("e2e4 e7e5 g1f3".to_owned());
    for text in [
        "1. e4 {a (b) ; c [d] } e5 2. Nf3 *",
        "1. e4 (1. d4 {)} d5 (1... Nf6 ; ) } (\n 2. c4) 2. c4) e5 2. Nf3 *",
        "1. e4 ; {never closed (\n1... e5 2. Nf3 *",
        "1. e4 {over\nlines % ; } e5\n% { escaped (\n2. Nf3 *",
        "1. e4 (1. -- d5 2. Z0 {null moves in a variation are not played}) e5 2. Nf3 *",
        "{a}{b}1.{c}e4{d}(1. d4)(1. c4){e}1...{f}e5{g}2.{h}Nf3{i}*",
        "1. e4 <reserved ( > e5 2. Nf3 *",
        "1. e4 ((((1. d4)))) e5 2. Nf3 *",
    ] {
        assert_eq!(game_moves("x.pgn", text), expected, "{text}");
    }
    refused("chess", "x.pgn", "1. e4 {a {b} c} e5 *", &["line 1", "comments in braces do not nest"]);
    refused("chess", "x.pgn", "1. e4\ne5 } *", &["line 2", "comments in braces do not nest"]);
}

#[test]
fn numbers_and_annotation_of_any_form_are_passed_over() {
    let expected = Ok("e2e4 e7e5 g1f3 b8c6".to_owned());
    for text in [
        "e4 e5 Nf3 Nc6 *",
        "1.e4 e5 2.Nf3 Nc6 *",
        "1 e4 e5 2 Nf3 Nc6 *",
        "1. e4 1... e5 2. Nf3 2... Nc6 *",
        "1. e4 1. ... e5 2. Nf3 2. ... Nc6 *",
        "1.e4 1...e5 2.Nf3 2…Nc6 *",
        "1 . e4 1 ... e5 2 . Nf3 .. Nc6 *",
        "7. e4 $1 $14 e5$2 2. Nf3!? Nc6?? *",
        "1. e4! !? e5 ?? 2. Nf3 +- Nc6 = *",
        "1. e4 ± e5 ∞ 2. Nf3 += Nc6 +/- *",
        "1. e4\re5\r2. Nf3 ; a comment of one line\rNc6\r*\r",
        "1. e4\r\ne5\r\n2. Nf3 ; a comment of one line\r\nNc6\r\n*\r\n",
        "[Event \"x\"]\r\r% escaped {\r1. e4 e5 2. Nf3 Nc6 *",
        "1. e2–e4 e7-e5 2. Ng1–f3 Nb8c6 *",
    ] {
        assert_eq!(game_moves("x.pgn", text), expected, "{text:?}");
    }
    refused("chess", "x.pgn", "1. e4\re5\r2. Ke3\r", &["line 3", "Ke3"]);
    refused("chess", "x.pgn", "1. e4\r\ne5\r\n2. Ke3\r\n", &["line 3", "Ke3"]);
    refused("gardner", "x.txt", "b2b3\rb2b3 b2b4\r", &["line 2", "b2b4"]);
    let castling = "[FEN \"r3k2r/pppppppp/8/8/8/8/PPPPPPPP/R3K2R w KQkq - 0 1\"]\n1. ";
    for (text, moves) in [
        ("0-0 0-0-0", "e1g1 e8c8"),
        ("O-O-O o-o", "e1c1 e8g8"),
        ("0-0-0! O-O-O?!", "e1c1 e8c8"),
        ("o-o o-o-o", "e1g1 e8c8"),
        ("O–O O—O", "e1g1 e8g8"),
    ] {
        assert_eq!(game_moves("x.pgn", &format!("{castling}{text} *")).as_deref(), Ok(moves));
    }
    let checks = "[FEN \"4k3/8/8/8/8/5k2/8/R3K2R w KQ - 0 1\"]\n1. ".replace("4k3/8", "8/8");
    for castles in ["O-O+", "0-0+!", "0-0", "O-O#"] {
        assert_eq!(game_moves("x.pgn", &format!("{checks}{castles} *")).as_deref(), Ok("e1g1"), "{castles}");
    }
}

#[test]
fn null_moves_are_refused_by_name() {
    for null in ["--", "Z0", "@@@@", "<>", "z0", "0000", "null"] {
        let text = format!("1. e4 e5\n2. {null} d5 *");
        refused("chess", "x.pgn", &text, &["line 2", &format!("`{null}` is a null move")]);
        refused("chess", "x.txt", &format!("e2e4\ne2e4 e7e5 {null}"), &["line 2", "is a null move"]);
    }
    refused("crazyhouse", "x.pgn", "1. e4 @@@@ *", &["`@@@@` is a null move"]);
}

#[test]
fn operations_of_epd_are_found_between_those_that_are_not_used() {
    let board = "rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq -";
    for (operations, counters) in [
        ("id \"a; hmvc 9; fmvn 9; b\"; hmvc 3; fmvn 7;", "3 7"),
        ("fmvn 7; bm e5 c5; c0 \"; ; \"; hmvc 3", "3 7"),
        ("bm e5;hmvc 3;fmvn 7;id \"x\";", "3 7"),
        ("c9 \"hmvc 4\";", "0 1"),
        ("D0 \"x\"; ce 12; acd 3; pv e5 Nf3;", "0 1"),
    ] {
        let found = positions("chess", "x.epd", &format!("{board} {operations}\n"), None);
        assert_eq!(found, [format!("{board} {counters}")], "{operations}");
    }
    refused("chess", "x.epd", &format!("{board} id \"x\"; fmvn -1;"), &["line 1", "fmvn"]);
    refused("chess", "x.epd", &format!("{board} hmvc;"), &["line 1", "hmvc"]);
}

#[test]
fn what_books_hold_is_shown_without_what_a_terminal_acts_on() {
    for (name, text) in [
        ("x.pgn", "1. \u{1b}[31mred *"),
        ("x.pgn", "[FEN \"\u{1b}]0;x\u{7}\"]\n1. e4 *"),
        ("x.pgn", &format!("1. {}\u{1b}{} *", "e".repeat(30), "e".repeat(100))),
        ("x.epd", "\u{1b}[2J/8 w - -"),
        ("x.epd", "8/8/8/8/8/8/8/8 w - - hmvc \u{9b}1m;"),
        ("x.txt", "b2b3 \u{1b}c2c3"),
        ("x.txt", "b2b3 \u{202e}3c2c"),
    ] {
        let error = openings("gardner", name, text, None).unwrap_err();
        assert!(!error.contains(|c: char| c.is_control() || c == '\u{202e}') && error.len() <= 400, "{error:?}");
    }
}
