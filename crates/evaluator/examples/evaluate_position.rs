//! Loads a weight file and prints what it says of a position: its value for the side to move, and the five moves with the best priors.
//!
//! ```text
//! cargo run -p evaluator --example evaluate_position -- models/gardner-1.safetensors gardner
//! cargo run -p evaluator --example evaluate_position -- models/chess-1.safetensors chess FEN
//! ```

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use evaluator::{Network, NetworkEvaluator, look};
use rules::{Catalog, Game};

pub(crate) fn run(file: &Path, variant: &str, fen: Option<&str>, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let rules = Catalog::builtin().rules(variant)?;
    let position = match fen {
        Some(fen) => rules.parse_fen(fen)?,
        None => rules.start(),
    };
    let game = Game::from_position(Arc::clone(&rules), position);

    // The card says under which rules the network was selected. It can be asked about others, on a board of the same size.
    let (network, card) = Network::load(file)?;
    let own = if card.rules == rules.hash() { "these rules" } else { "other rules" };
    writeln!(out, "weights {}, selected under {own} ({})", card.weights, card.variant)?;

    let mut evaluator = NetworkEvaluator::new(Arc::new(network), &rules)?;
    let (value, priors) = look(&mut evaluator, &game);
    writeln!(out, "{}\nvalue {value:+.3} for the side to move, -1 to 1", rules.fen(game.position()))?;
    let mut moves: Vec<_> = game.legal().iter().zip(priors).collect();
    moves.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    for (mv, prior) in moves.into_iter().take(5) {
        writeln!(out, "{:<8} {:5.1}%", rules.san(game.position(), *mv), 100.0 * prior)?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [file, variant, fen @ ..] = &words[..] else { return Err("WEIGHTS VARIANT [FEN] were expected".into()) };
    let fen = (!fen.is_empty()).then(|| fen.join(" "));
    run(Path::new(file), variant, fen.as_deref(), &mut std::io::stdout().lock())
}
