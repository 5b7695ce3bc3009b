//! Makes the tactical positions of `tests/data/tactics.epd`, or counts how many of them each search solves:
//!
//! `cargo run --release -p search --example tactics -- make > tests/data/tactics.epd`
//! `cargo run --release -p search --example tactics -- solve [NODES]`
//!
//! A position has one move that wins by force within so many plies, and no other that wins within two plies more: both are proven by looking at
//! every move. Positions come from games of random moves.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::sync::Arc;

use evaluator::{Evaluator, NetworkEvaluator, Paths, Uniform, WeightSource as _};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rules::{Catalog, Game, Move, Rules};
use search::{AlphaBeta, Limit, MateSearch, Search};

/// Variants with how many positions each gives, and the plies of the shortest and the longest win.
const WANTED: [(&str, usize, [u32; 2]); 7] = [
    ("gardner", 40, [3, 7]),
    ("losalamos", 40, [3, 7]),
    ("minishogi", 30, [3, 5]),
    ("antichess", 20, [3, 7]),
    ("atomic", 20, [3, 5]),
    ("kingofthehill", 20, [3, 5]),
    ("chess", 40, [3, 5]),
];
/// Positions that the proof of one position may look at.
const BUDGET: u64 = 3_000_000;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("make") => make(),
        Some("solve") => solve(args.get(1).and_then(|n| n.parse().ok()).unwrap_or(10_000)),
        _ => eprintln!("usage: tactics make | solve [NODES]"),
    }
}

fn make() {
    println!("# Positions with one move that wins by force within so many plies: variant; FEN; move; plies.");
    println!("# Proven by a search that looks at every move; no other move wins within two plies more.");
    for (name, wanted, [shortest, longest]) in WANTED {
        let rules = Catalog::builtin().rules(name).expect("a built-in variant");
        let (mut found, mut seed) = (0, 0);
        while found < wanted {
            seed += 1;
            let (mut game, mut rng) = (Game::new(Arc::clone(&rules)), ChaCha8Rng::seed_from_u64(seed));
            // At most one position of a game.
            for _ in 0..120 {
                if game.outcome().is_some() {
                    break;
                }
                if game.ply() > 6
                    && let Some((mv, plies)) = only_win(&game, shortest, longest)
                {
                    let (rules, position) = (game.rules(), game.position());
                    println!("{name}; {}; {}; {plies}", rules.fen(position), rules.uci(position, mv));
                    eprintln!("{name} {found}");
                    found += 1;
                    break;
                }
                game.play(game.legal()[rng.random_range(0..game.legal().len())]);
            }
        }
    }
}

/// The only move that wins within `longest` plies, and in how many.
fn only_win(game: &Game, shortest: u32, longest: u32) -> Option<(Move, u32)> {
    // The position is looked at without its past, which a FEN does not tell.
    let game = Game::from_position(Arc::clone(game.rules()), *game.position());
    let mate = MateSearch::new(&game, Vec::new()).run(BUDGET, longest).cloned()?;
    if !mate.won || mate.plies < shortest {
        return None;
    }
    let others: Vec<Move> = game.legal().iter().copied().filter(|mv| *mv != mate.line[0]).collect();
    let mut search = MateSearch::new(&game, others);
    let other = search.run(BUDGET, mate.plies + 2).cloned();
    (other.is_none_or(|m| !m.won) && search.is_done(mate.plies + 2)).then_some((mate.line[0], mate.plies))
}

fn solve(nodes: u32) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let text = std::fs::read_to_string(format!("{root}/tests/data/tactics.epd")).expect("the positions");
    let mut solved: BTreeMap<&str, [u32; 3]> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let [name, fen, best, _] = line.split("; ").collect::<Vec<_>>()[..] else { panic!("{line}") };
        let rules = Catalog::builtin().rules(name).expect("a built-in variant");
        let game = Game::from_position(Arc::clone(&rules), rules.parse_fen(fen).expect("a legal position"));
        let mut evaluator = evaluator(name, root, &rules);
        let is_best = |mv: Option<Move>| mv.is_some_and(|mv| rules.uci(game.position(), mv) == best);
        let tree = Search::default().run(&game, evaluator.as_mut(), Limit::Playouts(nodes));
        let alphabeta = AlphaBeta::new().run(&game, evaluator.as_mut(), nodes.into());
        let counts = solved.entry(name).or_default();
        counts[0] += 1;
        counts[1] += u32::from(is_best(tree.best()));
        counts[2] += u32::from(is_best(alphabeta.best()));
    }
    println!("| variant | positions | tree search | alpha-beta |\n| --- | ---: | ---: | ---: |");
    for (name, [all, tree, alphabeta]) in &solved {
        println!("| {name} | {all} | {tree} | {alphabeta} |");
    }
    let sum = |i: usize| solved.values().map(|counts| counts[i]).sum::<u32>();
    println!("| all | {} | {} | {} |", sum(0), sum(1), sum(2));
}

/// The evaluator that ships for a variant, or one that knows nothing.
fn evaluator(name: &str, root: &str, rules: &Rules) -> Box<dyn Evaluator> {
    let file = match name {
        "gardner" => "gardner-strong-1",
        "losalamos" => "losalamos-1",
        "chess" => "chess-1",
        _ => return Box::new(Uniform::new(rules)),
    };
    let network = Paths.load(&format!("{root}/models/{file}.safetensors")).expect("a shipped file").network;
    Box::new(NetworkEvaluator::new(Arc::new(network), rules).expect("a network for the variant"))
}
