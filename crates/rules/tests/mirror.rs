//! Rules that are found to treat left and right alike: the mirror image of every position has the mirror images of its moves.

use std::sync::Arc;

use rules::{Catalog, Game, Rules, Word, with_rules};

/// The FEN with every row of the board written backwards.
fn mirrored_fen(fen: &str) -> String {
    let (board, rest) = fen.split_once(' ').unwrap();
    let (rows, hand) = board.split_once('[').map_or((board, ""), |(rows, hand)| (rows, hand));
    let rows: Vec<String> = rows
        .split('/')
        .map(|row| {
            // A row is made of words: an optional `+`, a letter or a number, an optional `~`.
            let mut words: Vec<String> = Vec::new();
            for c in row.chars() {
                match words.last_mut() {
                    Some(last) if c == '~' || last == "+" => last.push(c),
                    Some(last) if c.is_ascii_digit() && last.chars().all(|d| d.is_ascii_digit()) => last.push(c),
                    _ => words.push(c.to_string()),
                }
            }
            words.reverse();
            words.concat()
        })
        .collect();
    let hand = if hand.is_empty() { String::new() } else { format!("[{hand}") };
    format!("{}{hand} {rest}", rows.join("/"))
}

/// The mirror image of a move in UCI notation.
fn mirrored_move(files: usize, uci: &str) -> String {
    let last = b'a' + files as u8 - 1;
    let (drop, squares) = uci.split_once('@').map_or((None, uci), |(piece, square)| (Some(piece), square));
    // A letter before a digit is a file; one at the end is what a pawn promotes to.
    let bytes = squares.as_bytes();
    let image: String = (0..bytes.len())
        .map(|i| match (bytes[i], bytes.get(i + 1)) {
            (c, Some(next)) if c.is_ascii_lowercase() && next.is_ascii_digit() => (last - (c - b'a')) as char,
            (c, _) => c as char,
        })
        .collect();
    drop.map_or(image.clone(), |piece| format!("{piece}@{image}"))
}

fn sorted_moves<W: Word>(rules: &Rules<W>, game: &Game<W>) -> Vec<String> {
    let mut moves: Vec<String> = game.legal().iter().map(|mv| rules.uci(game.position(), *mv)).collect();
    moves.sort();
    moves
}

/// Compares the moves of positions of a game with those of their mirror images.
fn check_images<W: Word>(rules: &Arc<Rules<W>>) {
    let mut game = Game::new(Arc::clone(rules));
    for step in 0..60usize {
        if game.outcome().is_some() {
            game = Game::new(Arc::clone(rules));
        }
        let fen = mirrored_fen(&rules.fen(game.position()));
        // Positions with an en passant square are left out, for `mirrored_fen` does not mirror that field.
        if fen.split(' ').nth(3) == Some("-") {
            let image = Game::from_position(Arc::clone(rules), rules.parse_fen(&fen).unwrap());
            let mut expected: Vec<String> =
                sorted_moves(rules, &game).iter().map(|mv| mirrored_move(rules.files(), mv)).collect();
            expected.sort();
            assert_eq!(sorted_moves(rules, &image), expected, "{}: {fen}", rules.name());
        }
        let moves = game.legal();
        // The moves vary as random ones would, and equally in every build.
        let mv = moves[(step * step * 7919 + 13) % moves.len()];
        game.play(mv);
    }
}

#[test]
fn mirror_images_have_mirrored_moves() {
    let catalog = Catalog::builtin();
    let mut symmetric = Vec::new();
    for name in catalog.names() {
        with_rules!(catalog.compiled(name).unwrap(), rules => {
            if rules.is_mirror_symmetric() {
                symmetric.push(name);
                check_images(&rules);
            }
        });
    }
    for name in ["gardner", "losalamos", "shatranj", "breakthrough", "minishogi", "xiangqi", "shogi"] {
        assert!(symmetric.contains(&name), "{name}");
    }
}

#[test]
fn rules_that_know_left_from_right_are_found() {
    let mut catalog = Catalog::builtin();
    let edits = [
        ("flagPiece = k\nflagRegion = c3\n", true),
        ("flagPiece = k\nflagRegion = b3\n", false),
        ("customPiece1 = n:lN\nknight = -\npromotionPieceTypes = qrb\n", false),
        ("customPiece1 = n:CW\nknight = -\npromotionPieceTypes = qrb\n", true),
        ("mobilityRegionWhiteRook = a* b* c*\n", false),
        ("promotionRegionWhite = a5 e5\n", true),
        ("promotionRegionWhite = a5\n", false),
    ];
    for (number, (edit, symmetric)) in edits.iter().enumerate() {
        catalog.load_text("test", &format!("[edited{number}:gardner]\n{edit}")).unwrap();
        let rules = catalog.rules(&format!("edited{number}")).unwrap();
        assert_eq!(rules.is_mirror_symmetric(), *symmetric, "{edit}");
    }
    assert!(!catalog.rules("chess").unwrap().is_mirror_symmetric());
}

#[test]
fn attributes_tell_regimes_apart() {
    let mut catalog = Catalog::builtin();
    let base = catalog.rules("gardner").unwrap().attributes();
    for (number, edit) in [
        "king = -\ncommoner = k\npromotionPieceTypes = nbrqk\nmustCapture = true\nextinctionValue = win\nextinctionPieceTypes = *\n",
        "checkCounting = true\nstartFen = rnbqk/ppppp/5/PPPPP/RNBQK w - - 1+1 0 1\n",
        "flagPiece = k\nflagRegion = c3\n",
        "extinctionValue = loss\nextinctionPieceTypes = q\n",
        "knight = -\ncustomPiece1 = n:CW\npromotionPieceTypes = nbrq\n",
        "stalemateValue = win\n",
    ]
    .iter()
    .enumerate()
    {
        catalog.load_text("test", &format!("[edited{number}:gardner]\n{edit}")).unwrap();
        let found = catalog.rules(&format!("edited{number}")).unwrap().attributes();
        assert_ne!(found, base, "{edit}");
    }
    // Another start position does not change the attributes.
    catalog.load_text("test", "[mirrored:gardner]\nstartFen = kqbnr/ppppp/5/PPPPP/KQBNR w - - 0 1\n").unwrap();
    assert_eq!(catalog.rules("mirrored").unwrap().attributes(), base);
}
