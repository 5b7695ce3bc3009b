//! One module per subcommand.

pub(crate) mod legal;
pub(crate) mod perft;
pub(crate) mod variants;

use std::io::{StdoutLock, Write as _};

use rules::{Catalog, Game, Position, Rules};

/// Standard output, locked; a closed pipe ends the program quietly.
pub(crate) fn stdout() -> StdoutLock<'static> {
    std::io::stdout().lock()
}

/// Prints one JSON value on a line.
pub(crate) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut out = stdout();
    serde_json::to_writer(&mut out, value)?;
    writeln!(out)?;
    Ok(())
}

/// The position that `--fen` names, or the start position.
pub(crate) fn position(rules: &Rules, fen: Option<&str>) -> anyhow::Result<Position> {
    Ok(fen.map_or_else(|| Ok(rules.start()), |fen| rules.parse_fen(fen))?)
}

/// A game of `variant` from a FEN, or the start, through moves in UCI notation.
pub(crate) fn game(catalog: &Catalog, variant: &str, fen: Option<&str>, moves: &[String]) -> anyhow::Result<Game> {
    let rules = catalog.rules(variant)?;
    let start = position(&rules, fen)?;
    let mut game = Game::from_position(rules, start);
    for text in moves {
        let mv = game.rules().parse_uci(game.position(), text)?;
        game.play(mv);
    }
    Ok(game)
}
