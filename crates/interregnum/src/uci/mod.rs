//! The engine as a UCI server.
//!
//! One thread reads lines ([`input`]). The main thread carries them out one after the other ([`session`]) and searches in slices
//! ([`think`]); between two slices it looks at what has come in meanwhile ([`inbox`]):
//!
//! - Every `go` gets exactly one `bestmove`, in the order in which they came.
//! - `stop` ends all searches that were asked for before it: the one that runs, and those that wait behind it, which then answer after a
//!   short look. `ponderhit` is meant for the last of them. `isready` is answered at once. After `quit` nothing more is read; what came
//!   before it is answered first, shortly.
//! - What asks without changing anything (`uci`, `d`, unknown words) is answered at once, unless something waits before it.
//! - Everything else waits for the `bestmove` and is then carried out in order. A search that would not end by itself (`infinite`, and
//!   `ponder` before `ponderhit`) ends when something waits for it, or when the input ends.
//! - A search without an end of its own answers only when it is ended, even if there is nothing more to find out.
//!
//! A variant, position or evaluator that cannot be used is named in a line `info string ERROR: …`, and `go` answers with that line and
//! `bestmove (none)` until another is set: nothing else is played in its place. Where a game is over by mate, stalemate or a goal of
//! the variant, `bestmove (none)` stands alone; where a draw could only be claimed, a move is searched.

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
use session::Session;

/// Serves one session on standard input and output.
pub(crate) fn serve(catalog: Catalog) -> anyhow::Result<()> {
    let lines = input::listen();
    Session::new(catalog).run(&mut Inbox::new(&lines), &mut std::io::stdout())
}
