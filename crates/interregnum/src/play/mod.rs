//! The local page: a board on which anybody meets an evaluator under its own rules, changes the rules, and watches what it believes.
//!
//! [`server`] reads requests within limits ([`http`]) from browsers on this machine alone ([`guard`]) and answers with the files of the page
//! ([`page`]) or with JSON ([`api`]). The server remembers no game: a page sends it whole ([`record`]), with the rules of each part
//! ([`rules`]), and gets back what it shows ([`show`]). Only searches ([`jobs`]) live longer than a request: those of opponents ([`choose`])
//! and those of the minds that are looked into ([`minds`]). Training and stress runs are followed by reading what they write ([`live`]).
//!
//! No request names a file: weight files ([`evaluators`]), suites ([`shifts`]) and watched directories are listed when the server starts.

mod api;
mod choose;
mod confident;
mod evaluators;
mod guard;
mod http;
mod jobs;
mod live;
mod minds;
mod notation;
mod page;
mod players;
mod record;
mod rules;
mod server;
mod shifts;
mod show;

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use ::rules::Catalog;
use anyhow::Context as _;
use regime::Suite;

use api::App;
use evaluators::Evaluators;
use guard::Guard;
use http::Request;
use jobs::Searches;
use players::Agents;
use rules::{RuleBook, RulesSpec};

/// What the page begins with, and what it may ask for.
pub(crate) struct Options {
    /// The variants.
    pub(crate) catalog: Catalog,
    /// Name of the variant to begin with.
    pub(crate) variant: Option<String>,
    /// Suite and shift to begin with.
    pub(crate) shift: Option<(String, String)>,
    /// Weight files besides the shipped ones.
    pub(crate) evaluators: Vec<PathBuf>,
    /// Directories of runs.
    pub(crate) watch: Vec<PathBuf>,
    /// Port; 0 for any free one.
    pub(crate) port: u16,
}

/// The suites whose changes are offered.
const SUITES: [&str; 2] = ["quick", "standard"];
/// The variant to begin with if none is named.
const DEFAULT_VARIANT: &str = "gardner";

/// Serves the page until the process ends. Prints its address.
///
/// # Errors
/// If the port cannot be used, a file cannot be read, or there is no such variant, suite, shift or directory.
pub(crate) fn run(options: Options) -> anyhow::Result<()> {
    let listener = server::listen(options.port).with_context(|| format!("port {} cannot be used", options.port))?;
    let guard = Guard::new(listener.local_addr()?.port())?;
    let app = app(options)?;
    let mut out = crate::commands::stdout();
    writeln!(out, "{}", guard.address())?;
    out.flush()?;
    drop(out);
    crate::say("the page is served to this machine alone, at the address above; Ctrl-C ends it");
    let handler = move |request: &Request| match guard.admit(request) {
        Ok(below) => app.answer(request, below),
        Err(refused) => refused,
    };
    let handler: Arc<server::Handler> = Arc::new(handler);
    server::serve(&listener, &handler)
}

fn app(options: Options) -> anyhow::Result<App> {
    let mut suites = Vec::new();
    let named = options.shift.iter().map(|(suite, _)| suite.as_str());
    for name in named.chain(SUITES) {
        let (source, text) = crate::commands::suite_text(name)?;
        let suite = Suite::from_toml(&source, &text)?;
        if !suites.iter().any(|known: &Suite| known.name == suite.name) {
            suites.push(suite);
        }
    }
    let evaluators = Evaluators::new(&options.evaluators)?;
    let book = RuleBook::new(options.catalog);
    let changes = shifts::changes(&suites, &evaluators);
    let (rules, before) = match &options.shift {
        Some((_, name)) => {
            let shift = suites[0].shift(name).with_context(|| {
                let names: Vec<&str> = suites[0].shifts.iter().map(|shift| shift.name.as_str()).collect();
                format!(
                    "suite {} has no shift `{}`, but {}",
                    suites[0].name,
                    files::excerpt(name, 60),
                    names.join(", ")
                )
            })?;
            (shifts::shift_rules(&suites[0], shift), Some(shifts::base_rules(&suites[0], shift)))
        }
        None => {
            let variant = options.variant.as_deref().unwrap_or(DEFAULT_VARIANT).to_owned();
            (RulesSpec { variant, ..RulesSpec::default() }, None)
        }
    };
    book.compile(&rules).map_err(anyhow::Error::msg)?;
    let watched = options.watch.iter().map(|path| live::Watched::new(path)).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(App {
        agents: Agents::new(&suites),
        book,
        evaluators,
        suites,
        changes,
        start: (rules, before),
        searches: Searches::start().context("no thread for searches")?,
        watched,
        confident: OnceLock::new(),
    })
}
