//! Matches on every board: large ones, with men in hand, and with moves that build walls.

use std::sync::Arc;

use arena::{
    BookMaker, MatchConfig, Opening, PgnReader, PgnTags, PlayerSpec, RandomOpenings, Round, Termination, pgn,
    resume_match,
};
use rayon::prelude::*;
use rules::{Catalog, Rules, Word, with_rules};

const PLIES: usize = 40;

/// The rounds of a match of two games for each opening, cut at [`PLIES`].
fn rounds<W: Word>(
    catalog: &Catalog,
    rules: &Arc<Rules<W>>,
    players: [&str; 2],
    openings: Vec<Opening>,
) -> Vec<Round<W>> {
    let prepare = |text: &str| text.parse::<PlayerSpec>().unwrap().prepare(catalog, rules).unwrap();
    let [first, second] = players.map(prepare);
    let config = MatchConfig { max_plies: PLIES, seed: 1, ..MatchConfig::new(Arc::clone(rules), openings) };
    let mut rounds = Vec::new();
    let mut keep = |round: &Round<W>, _: &_| {
        rounds.push(round.clone());
        std::ops::ControlFlow::Continue(())
    };
    resume_match(&config, &[], &|| first.player(), &|| second.player(), &mut keep).unwrap();
    rounds
}

#[test]
fn every_variant_is_played() {
    let catalog = Catalog::builtin();
    let names: Vec<&str> = catalog.names().collect();
    names.par_iter().for_each(|name| {
        with_rules!(catalog.compiled(name).unwrap(), rules => {
            let rounds = rounds(&catalog, &rules, ["rollout@playouts=4", "random"], vec![Opening::default()]);
            assert_eq!(rounds.len(), 1, "{name}");
            for game in &rounds[0].games {
                assert!(game.forfeit().is_none() && game.plies() <= PLIES, "{name}: {:?}", game.termination);
                assert!(game.termination == Termination::Rules || game.plies() == PLIES, "{name}: {:?}", game.termination);
            }
        });
    });
}

#[test]
fn openings_books_and_records_of_every_board() {
    let catalog = Catalog::builtin();
    for name in ["xiangqi", "shogi", "capablanca", "seirawan", "crazyhouse", "duck", "omicron"] {
        with_rules!(catalog.any(name).unwrap(), rules => {
            let openings = RandomOpenings::new(1, 4..=4).generate(&rules, 2).unwrap();
            let rounds = rounds(&catalog, &rules, ["random", "random"], openings);
            // What is written is read back as the same game.
            for game in rounds.iter().flat_map(|round| &round.games) {
                let text = pgn(game, &PgnTags::default());
                let read = PgnReader::new(&text, 512).next().unwrap().unwrap();
                assert_eq!(read.moves.len(), game.plies(), "{name}\n{text}");
            }
            let maker = BookMaker { seed: 2, plies: 3, balance: None };
            for line in maker.make(&rules, 3, &mut |_| ()).unwrap() {
                let position = rules.parse_fen(&line.fen).unwrap();
                assert_eq!(rules.fen(&position), line.fen, "{name}");
            }
        });
    }
}

#[test]
fn a_player_may_believe_in_other_rules_on_a_large_board() {
    let mut catalog = Catalog::builtin();
    catalog.load_text("test", "[stalled:xiangqi]\nstalemateValue = win\n").unwrap();
    with_rules!(catalog.any("xiangqi").unwrap(), rules => {
        let rounds =
            rounds(&catalog, &rules, ["zero@playouts=8,search_rules=stalled", "random"], vec![Opening::default()]);
        assert_eq!(rounds[0].games.iter().map(|game| game.illegal(rules::Color::White)).sum::<u32>(), 0);
        let refused = |spec: &str| spec.parse::<PlayerSpec>().unwrap().prepare(&catalog, &rules).unwrap_err().to_string();
        let error = refused("zero@playouts=8,search_rules=chess");
        assert!(error.contains("search_rules=chess has a board of 8x8, the game one of 9x10"), "{error}");
    });
    // Rules on one board, of which one has so many kinds of men that it needs the large word.
    let kinds: String =
        "acdefghijlm".chars().enumerate().map(|(i, c)| format!("customPiece{} = {c}:W\n", i + 1)).collect();
    assert_eq!(catalog.load_text("test", &format!("[manykinds:chess]\n{kinds}")).unwrap().refused, []);
    let spec: PlayerSpec = "zero@playouts=8,search_rules=manykinds".parse().unwrap();
    let error = spec.prepare(&catalog, &catalog.rules("chess").unwrap()).unwrap_err().to_string();
    assert!(error.contains("has 17 kinds of men, the game 6"), "{error}");
}
