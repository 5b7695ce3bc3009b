//! Plays random legal moves of a variant with an edit of its rules, and prints every move and how the game ended.
//!
//! ```text
//! cargo run -p rules --example play_variant                                      # king of the hill on Gardner's board
//! cargo run -p rules --example play_variant -- chess checkCounting=true 7        # VARIANT, edits KEY=VALUE, seed
//! ```

use std::error::Error;
use std::io::Write;

use rand::SeedableRng as _;
use rand::seq::IndexedRandom as _;
use rand_chacha::ChaCha8Rng;
use rules::{Catalog, Game};

/// What the program was asked for.
pub(crate) struct Asked {
    pub(crate) variant: String,
    /// Keys of `variants.ini` with their values.
    pub(crate) edit: Vec<(String, String)>,
    pub(crate) seed: u64,
}

pub(crate) fn run(asked: &Asked, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    // An edit is read and checked like a section of a rule file; what makes no game is refused with its reason.
    let mut catalog = Catalog::builtin();
    let rules = catalog.edit("example", &asked.variant, "edited", &asked.edit)?;
    writeln!(out, "rules {} (hash {}), start {}", rules.name(), rules.hash(), rules.start_fen())?;
    let mut rng = ChaCha8Rng::seed_from_u64(asked.seed);
    let mut game = Game::new(rules);
    while game.ending().is_none() && game.ply() < 300 {
        let Some(mv) = game.legal().choose(&mut rng).copied() else { break };
        let (san, uci) = (game.rules().san(game.position(), mv), game.rules().uci(game.position(), mv));
        game.play(mv);
        writeln!(out, "{:>3} {san:<8} {uci:<6} {}", game.ply(), game.rules().fen(game.position()))?;
    }
    match game.ending() {
        Some(ending) => writeln!(out, "{}: {}", ending.kind.name(), ending.outcome)?,
        None => writeln!(out, "no end after {} plies", game.ply())?,
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let pair = |word: &String| word.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
    let mut asked = Asked {
        variant: words.first().cloned().unwrap_or_else(|| "gardner".to_owned()),
        edit: words.iter().filter_map(pair).collect(),
        seed: words.last().and_then(|word| word.parse().ok()).unwrap_or(1),
    };
    if words.is_empty() {
        asked.edit = vec![("flagPiece".to_owned(), "k".to_owned()), ("flagRegion".to_owned(), "c3".to_owned())];
    }
    run(&asked, &mut std::io::stdout().lock())
}
