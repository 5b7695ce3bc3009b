//! The engine as a UCI server.
//!
//! One thread reads lines ([`input`]). The main thread carries them out one after the other ([`session`]). It searches in slices
//! ([`think`]), and between two slices it looks at the commands that have come in meanwhile ([`inbox`]):
//!
//! - Every `go` gets exactly one `bestmove`, in the order in which they came.
//! - `stop` ends all searches that were asked for before it: the one that runs, and those that wait, which answer after a short search
//!   when their turn comes. `ponderhit` applies to the last search that was asked for. `isready` is answered at once. After `quit`
//!   nothing more is read; searches that were asked for before it still answer, after a short search.
//! - A command that asks without changing anything (`uci`, `d`, unknown words) is answered at once, unless a command waits before it.
//! - All other commands wait for the `bestmove` and are then carried out in order. A search that would not end by itself (`infinite`,
//!   and `ponder` before `ponderhit`) ends when such a command waits, or when the input ends.
//! - A search that does not end by itself answers only when a command or the end of the input ends it, even if there is nothing more
//!   to find.
//!
//! If a variant, position or evaluator cannot be used, a line `info string ERROR: …` says why, and every `go` answers with that line
//! and `bestmove (none)` until another one is set: nothing else is played in its place. If a game is over by mate, by stalemate or by a
//! goal of the variant, `go` answers with `bestmove (none)` alone. If a draw could only be claimed, a move is searched.

mod alphabeta;
mod inbox;
mod info;
mod input;
mod limits;
mod mates;
mod options;
mod session;
mod setup;
mod skill;
#[cfg(test)]
mod tests;
mod think;

use rules::Catalog;

use inbox::Inbox;
use session::AnySession;

/// Serves one session on standard input and output.
pub(crate) fn serve(catalog: Catalog) -> anyhow::Result<()> {
    let lines = input::listen();
    AnySession::new(catalog).run(&mut Inbox::new(&lines), &mut std::io::stdout())
}
