//! What a page can ask for.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use regime::Suite;
use regime::suite::BoundBy;
use rules::Catalog;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::evaluators::Evaluators;
use super::http::{Answer, Request};
use super::jobs::{Refused, Searches};
use super::live::Watched;
use super::minds::Asked;
use super::players::{Agents, PlayerSpec, Prepared, search_word, without_evaluator};
use super::record::Record;
use super::rules::{RuleBook, RulesSpec, board_of};
use super::shifts::Change;
use super::{choose, confident, minds, notation, page, show};

/// Everything that answers are made from.
pub(super) struct App {
    pub(super) book: RuleBook,
    pub(super) evaluators: Evaluators,
    pub(super) agents: Agents,
    pub(super) suites: Vec<Suite>,
    pub(super) changes: Vec<Change>,
    /// The rules that the page begins with, and those before the change if it begins with one.
    pub(super) start: (RulesSpec, Option<RulesSpec>),
    pub(super) searches: Searches,
    pub(super) watched: Vec<Watched>,
    /// The positions of the shipped run, once they were asked for.
    pub(super) confident: OnceLock<Result<Value, String>>,
}

/// The suite that the shipped run played.
const SHIPPED_RUN: &str = "standard";
/// What is asked about texts that users type.
const QUESTIONS: [&str; 4] = ["check", "edit", "find", "read-pgn"];
/// The longest text of an edit, in bytes.
const MAX_EDIT: usize = 8 << 10;

/// An answer, or the status and the reason of a refusal.
type Reply<T> = Result<T, (u16, String)>;

/// A game alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfGame {
    record: Record,
}

/// A text about a game.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfText {
    record: Record,
    text: String,
}

/// A PGN text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfPgn {
    text: String,
}

/// A game and the names of its players.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfPlayers {
    record: Record,
    white: String,
    black: String,
}

/// An edit of rules, as a user has typed it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfEdit {
    rules: RulesSpec,
    text: String,
}

/// A move of an opponent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfOpponent {
    session: String,
    record: Record,
    player: PlayerSpec,
    seed: u32,
}

/// What minds think.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfMinds {
    session: String,
    record: Record,
    asked: Asked,
}

/// How a search stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfSearch {
    session: String,
    purpose: String,
    #[serde(default)]
    seen: u64,
    #[serde(default)]
    stop: bool,
}

/// A watched run.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfRun {
    run: usize,
}

fn parsed<T: DeserializeOwned>(request: &Request) -> Reply<T> {
    serde_json::from_slice(&request.body)
        .map_err(|e| (400, format!("the request makes no sense: {}", files::excerpt(&e.to_string(), 200))))
}

/// What is wrong with a game or an edit is the user's affair: 422, with the reason.
fn wrong(why: String) -> (u16, String) {
    (422, why)
}

fn refused(refused: Refused) -> (u16, String) {
    match refused {
        Refused::Wrong(why) => wrong(why),
        Refused::Busy => (429, "too many searches are running; close a page and try again".to_owned()),
    }
}

impl App {
    /// Answers a request that was let in; `below` is its path behind the token.
    pub(super) fn answer(&self, request: &Request, below: &str) -> Answer {
        let Some(what) = below.strip_prefix("api/") else {
            let found = if request.method == "GET" { page::file(below) } else { None };
            return found.unwrap_or_else(|| Answer::error(404, "there is nothing here"));
        };
        if request.method != "POST" {
            return Answer::error(405, "this is asked for with POST");
        }
        // A page of another site cannot send this type without asking first, and is not allowed to.
        if request.content_type.split(';').next().map(str::trim) != Some("application/json") {
            return Answer::error(415, "the body must be application/json");
        }
        match self.ask(what, request) {
            Ok(value) => Answer::json(200, &value),
            // What a user has typed may be wrong: the question is answered, and browsers note no failed request.
            Err((422, why)) if QUESTIONS.contains(&what) => Answer::error(200, &files::excerpt(&why, 600)),
            Err((status, why)) => Answer::error(status, &files::excerpt(&why, 600)),
        }
    }

    fn ask(&self, what: &str, request: &Request) -> Reply<Value> {
        match what {
            "world" => Ok(self.world()),
            "game" => {
                let OfGame { record } = parsed(request)?;
                Ok(show::game(&record, &record.play(&self.book).map_err(wrong)?))
            }
            "check" => {
                let OfGame { record } = parsed(request)?;
                record.play(&self.book).map(|_| json!({})).map_err(wrong)
            }
            "find" => {
                let OfText { record, text } = parsed(request)?;
                let played = record.play(&self.book).map_err(wrong)?;
                Ok(json!({ "uci": notation::find_move(&played, &text).map_err(wrong)? }))
            }
            "edit" => self.edit(&parsed(request)?),
            "pgn" => {
                let OfPlayers { record, white, black } = parsed(request)?;
                let played = record.play(&self.book).map_err(wrong)?;
                Ok(json!({ "pgn": notation::write(&record, &played, &white, &black) }))
            }
            "read-pgn" => {
                let OfPgn { text } = parsed(request)?;
                Ok(json!({ "record": notation::read(&text, &self.book).map_err(wrong)? }))
            }
            "move" => self.choose(&parsed(request)?),
            "minds" => self.think(parsed(request)?),
            "search" => self.search(&parsed(request)?),
            "confident" => self.confident(),
            "run" => {
                let OfRun { run } = parsed(request)?;
                let watched = self.watched.get(run).ok_or((404, "no such run is watched".to_owned()))?;
                Ok(watched.look(&self.book))
            }
            _ => Err((404, "there is nothing here".to_owned())),
        }
    }

    /// Everything that does not depend on a game.
    fn world(&self) -> Value {
        let names: Vec<&str> = self.book.catalog().names().collect();
        let built_in = Catalog::families();
        let known: Vec<&String> = built_in.iter().flat_map(|(_, names)| names).collect();
        let own: Vec<&&str> = names.iter().filter(|name| !known.iter().any(|known| known == *name)).collect();
        let mut families: Vec<Value> = Vec::new();
        if !own.is_empty() {
            families.push(json!({ "about": "From your rule files", "names": own }));
        }
        families.extend(built_in.iter().map(|(about, names)| json!({ "about": about, "names": names })));
        let defaults: BTreeMap<&str, &str> =
            names.iter().filter_map(|name| Some((*name, self.evaluators.default_of(name)?))).collect();
        let agents = self.agents.all().iter().map(|agent| {
            let mut roles: Vec<&str> = agent.roles().collect();
            roles.dedup();
            json!({ "name": agent.name, "about": agent.about, "roles": roles, "search": search_word(agent), "believes": agent.believes })
        });
        let kind = |bound| self.agents.first_of(bound).map(|(agent, role)| json!({ "agent": agent, "role": role }));
        json!({
            "families": families,
            "inherited": kind(BoundBy::Base),
            "reselected": kind(BoundBy::Shift),
            "uninformed": without_evaluator(&self.agents),
            "evaluators": self.evaluators.names(),
            "defaults": defaults,
            "agents": agents.collect::<Vec<_>>(),
            "changes": self.changes,
            "runs": self.watched.iter().map(Watched::name).collect::<Vec<_>>(),
            "start": { "rules": self.start.0, "before": self.start.1 },
        })
    }

    fn edit(&self, asked: &OfEdit) -> Reply<Value> {
        if asked.text.len() > MAX_EDIT {
            return Err((413, format!("an edit of up to {MAX_EDIT} bytes was expected")));
        }
        let rules = self.book.read_edit(&asked.rules, &asked.text).map_err(wrong)?;
        let before = self.book.compile(&asked.rules).map_err(wrong)?;
        let after = self.book.compile(&rules).map_err(wrong)?;
        Ok(json!({
            "rules": rules,
            "changes": RuleBook::changes(&asked.rules, &rules),
            "same": before.hash() == after.hash(),
            "board": board_of(&after),
        }))
    }

    fn choose(&self, asked: &OfOpponent) -> Reply<Value> {
        let played = asked.record.play(&self.book).map_err(wrong)?;
        let task = self.searches.begin(&asked.session, "move", |cancel| {
            let prepared = Prepared::new(&asked.player, &self.agents, &self.evaluators)?;
            choose::job(&prepared, &asked.player, &played, asked.seed.into(), cancel)
        });
        Ok(task.map_err(refused)?.answer(0, Duration::from_millis(400), true))
    }

    fn think(&self, asked: OfMinds) -> Reply<Value> {
        let played = asked.record.play(&self.book).map_err(wrong)?;
        let task = self.searches.begin(&asked.session, "minds", |cancel| {
            minds::job(&asked.asked, &self.agents, &self.evaluators, played, cancel)
        });
        Ok(task.map_err(refused)?.answer(0, Duration::from_millis(100), false))
    }

    fn search(&self, asked: &OfSearch) -> Reply<Value> {
        if asked.stop {
            self.searches.stop(&asked.session, &asked.purpose);
            return Ok(json!({ "done": true }));
        }
        let task = self.searches.task(&asked.session, &asked.purpose);
        let task = task.ok_or((404, "no such search is running".to_owned()))?;
        Ok(task.answer(asked.seen, Duration::from_millis(400), false))
    }

    fn confident(&self) -> Reply<Value> {
        let found = self.confident.get_or_init(|| {
            let suite = self.suites.iter().find(|suite| suite.name == SHIPPED_RUN);
            suite.map_or_else(
                || Err("no run is shipped".to_owned()),
                |suite| confident::positions(suite, &self.book, &self.evaluators),
            )
        });
        found.clone().map(|positions| json!({ "positions": positions })).map_err(wrong)
    }
}
