//! Carries out commands one after the other.

use std::io::Write;

use rules::{Catalog, Word};
use search::{AlphaBeta, MateSearch, Search};

use super::inbox::{Inbox, Input, Order};
use super::limits::Go;
use super::options::{self, Name, Options, Setting};
use super::setup::Setup;

/// The longest error that is written, in characters.
const MAX_ERROR: usize = 400;

/// A session on the word that its variant needs.
pub(super) enum AnySession {
    /// A variant of at most 64 squares and 16 piece types.
    Small(Box<Session<u64>>),
    /// A larger one.
    Large(Box<Session<u128>>),
}

impl AnySession {
    /// A session that plays chess.
    pub(super) fn new(catalog: Catalog) -> AnySession {
        AnySession::Small(Box::new(Session::new(Setup::new(catalog), Options::default())))
    }

    /// Serves until `quit` or the end of the input.
    pub(super) fn run(mut self, inbox: &mut Inbox, out: &mut impl Write) -> anyhow::Result<()> {
        while let Some(order) = inbox.next() {
            let next = match &mut self {
                AnySession::Small(session) => session.carry_out(order, inbox, out)?,
                AnySession::Large(session) => session.carry_out(order, inbox, out)?,
            };
            self = match self {
                AnySession::Small(session) if session.setup.is_elsewhere() => {
                    AnySession::Large(Box::new(session.moved(out)?))
                }
                AnySession::Large(session) if session.setup.is_elsewhere() => {
                    AnySession::Small(Box::new(session.moved(out)?))
                }
                session => session,
            };
            out.flush()?;
            if next == Next::Quit {
                break;
            }
        }
        Ok(())
    }
}

/// The state of a session.
pub(super) struct Session<W: Word = u64> {
    pub(super) setup: Setup<W>,
    pub(super) options: Options,
    pub(super) search: Search<W>,
    pub(super) alphabeta: AlphaBeta<W>,
    /// The memory of the search for mates, once there was such a search.
    pub(super) mates: Option<MateSearch<W>>,
}

/// Whether the session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    GoOn,
    Quit,
}

impl<W: Word> Session<W> {
    fn new(setup: Setup<W>, options: Options) -> Session<W> {
        let mut search = Search::default();
        search.set_memory((options.hash as usize) << 20);
        search.search_past_claims(true);
        let mut alphabeta = AlphaBeta::default();
        alphabeta.set_memory((options.hash as usize) << 20);
        alphabeta.search_past_claims(true);
        Session { setup, options, search, alphabeta, mates: None }
    }

    /// This session on the other word, on which its variant is played.
    fn moved<V: Word>(self, out: &mut impl Write) -> anyhow::Result<Session<V>> {
        let (setup, taken) = self.setup.moved();
        if let Err(error) = taken {
            report(&crate::with_causes(&error), out)?;
        }
        Ok(Session::new(setup, self.options))
    }

    fn carry_out(&mut self, order: Order, inbox: &mut Inbox, out: &mut impl Write) -> anyhow::Result<Next> {
        let Input::Line(line) = &order.input else {
            answer(&self.setup, &order.input, out)?;
            return Ok(Next::GoOn);
        };
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let done = match word {
            "quit" => return Ok(Next::Quit),
            "setoption" => self.set_option(rest, out),
            "position" => self.setup.set_position(rest),
            "ucinewgame" => {
                self.forget();
                self.setup.new_game();
                Ok(())
            }
            "go" => {
                let go = Go::read(rest);
                let mut running = go.running();
                running.stopped = order.stopped;
                running.ponder &= !order.hit;
                self.go(go, running, inbox, out)?;
                Ok(())
            }
            "isready" => {
                if let Err(reason) = self.setup.take_up_judges() {
                    report(&reason, out)?;
                }
                answer(&self.setup, &order.input, out)?;
                Ok(())
            }
            "stop" | "ponderhit" => Ok(()),
            _ => {
                answer(&self.setup, &order.input, out)?;
                Ok(())
            }
        };
        if let Err(error) = done {
            report(&crate::with_causes(&error), out)?;
        }
        Ok(Next::GoOn)
    }

    /// Forgets what earlier searches found.
    fn forget(&mut self) {
        self.search.clear();
        self.alphabeta.clear();
    }

    fn set_option(&mut self, text: &str, out: &mut impl Write) -> anyhow::Result<()> {
        match options::read(text)? {
            Setting::Text(Name::Variant, name) => {
                self.forget();
                let description = self.setup.set_variant(&name)?;
                writeln!(out, "info string {description}")?;
            }
            Setting::Check(Name::Chess960, on) => {
                self.forget();
                self.setup.set_chess960(on)?;
            }
            Setting::Text(Name::VariantPath, path) => {
                if let Some(warning) = self.setup.load_rules(&path)? {
                    writeln!(out, "info string WARNING: {warning}")?;
                }
            }
            Setting::Text(Name::EvalFile, name) => {
                self.forget();
                self.setup.set_weights(&name)?;
            }
            Setting::Text(Name::SyzygyPath, path) if !path.is_empty() => {
                writeln!(out, "info string SyzygyPath: this engine reads no tablebases")?;
            }
            Setting::Button(Name::ClearHash) => self.forget(),
            Setting::Spin(Name::Hash, size) => {
                self.options.hash = size;
                self.search.set_memory((size as usize) << 20);
                self.alphabeta.set_memory((size as usize) << 20);
            }
            Setting::Spin(Name::Threads, threads) => self.options.threads = threads,
            Setting::Spin(Name::Batch, batch) => self.options.batch = batch,
            Setting::Spin(Name::MultiPv, lines) => self.options.lines = lines as usize,
            Setting::Spin(Name::MoveOverhead, overhead) => self.options.overhead = overhead,
            Setting::Spin(Name::SkillLevel, level) => self.options.skill = level,
            Setting::Check(Name::AnalyseMode, on) => self.options.analyse = on,
            Setting::Check(Name::ShowWdl, on) => self.options.show_wdl = on,
            Setting::Search(kind) => self.options.search = kind,
            // Whether the client ponders makes no difference to a search. Other options that come here are only listed.
            _ => {}
        }
        Ok(())
    }
}

/// Answers a question, which changes nothing.
pub(super) fn answer<W: Word>(setup: &Setup<W>, question: &Input, out: &mut impl Write) -> anyhow::Result<()> {
    match (question, question.word()) {
        (Input::TooLong { limit }, _) => report(&format!("a line of more than {limit} bytes was not read"), out)?,
        (_, "isready") => writeln!(out, "readyok")?,
        (_, "uci") => {
            writeln!(out, "id name Interregnum {}", env!("CARGO_PKG_VERSION"))?;
            writeln!(out, "id author the Interregnum developers")?;
            options::list(&setup.variants(), out)?;
            writeln!(out, "uciok")?;
        }
        (_, "d") => match setup.game() {
            Ok(game) => writeln!(out, "info string {}", game.rules().fen(game.position()))?,
            Err(reason) => report(reason, out)?,
        },
        (_, "" | "debug" | "register") => {}
        (_, other) => writeln!(out, "info string unknown command `{}`", files::excerpt(other, 40))?,
    }
    Ok(out.flush()?)
}

/// Tells the client that something cannot be done.
pub(super) fn report(reason: &str, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "info string ERROR: {}", files::excerpt(reason, MAX_ERROR))
}
